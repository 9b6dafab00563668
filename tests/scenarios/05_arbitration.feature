Feature: Competing claims

  Background:
    Given the market
    And policy P2023 in force from 2023-10-01

  Scenario: A challenger's claim on a held workload waits for arbitration
    Source: domain.md §5, 1

    Given 2023-11-01 09:00 claim C-1 of 101 on contoso teams is approved
    When 2023-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=[teams]
    Then accepted claim.submitted with contested.holder_claim=[C-1]
    And claim C-2 is submitted with contested=1
    And holder of cpor:m365:contoso:teams on 2023-11-06 is 101

  Scenario: The winner holds from the instant at which the loser's holding ends
    Source: domain.md §5, ledger consequences (b); domain.md §15, S1

    Given 2023-11-01 claim C1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C2
    When 2023-11-20 10:00 reviewer: arbitration.decide claim=C2 outcome=challenger_wins
    Then accepted arbitration.decided with dispute_until="2023-12-20 10:00"
    And arbitration.unanswered, arbitration.decided were recorded
    And holder of cpor:m365:contoso:teams on 2023-11-20 09:59:59.999999 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-20 10:00 is 201
    And holder of cpor:m365:contoso:teams on 2023-12-01, as known before is 101
    And claim C1 is replaced with dispute_until="2023-12-20 10:00"
    And claim C2 is approved with slots.outcome=[held]
    And deadline dispute of claim C1 is 2023-12-20 10:00
    And claim C2 has no deadline

  Scenario: A claim on a BizApps subscription that is held is refused at entry under P2020
    Source: domain.md §5, 5; domain.md §15, S1

    Given 2020-01-01 09:00 policy P2020
    And 2020-01-02 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 offer=Sales channel=ea
    And 2020-01-06 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    When 2020-02-03 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso solution_area=business_applications activity=usage subscriptions=[S-1]
    Then refused already_claimed

  Scenario: The newcomer's own proof is checked first
    Source: domain.md §5, 2

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review with proof={"documents": [{"title": "SOW", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}], "elements": ["identities"]}
    When 2023-11-07 09:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then refused proof_incomplete

  Scenario: Both sides may be asked for more
    Source: domain.md §5, 2

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    When 2023-11-07 09:00 reviewer: arbitration.open claim=C-2 comment="Please send your most recent proof."
    Then accepted arbitration.opened with incumbents.claim=[C-1] answer_due="2023-11-15"
    And deadline incumbent_answer of claim C-1 is 2023-11-15
    When 2023-11-08 09:00 reviewer: claim.request_action claim=C-2 deficiencies=[dates_missing_or_old] comment="Date, please."
    Then claim C-2 is partner action required
    And deadline incumbent_answer of claim C-1 is 2023-11-15

  Scenario: The challenger's claim stays under review while the holder is asked, and its history says so
    Source: domain.md §5, 3; domain.md §14, 7

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    When 2023-11-07 09:00 reviewer: arbitration.open claim=C-2 comment="Please send your most recent proof."
    Then claim C-2 is under review
    And the history of claim C-2 is:
      | what                                                                    |
      | *                                                                       |
      | *                                                                       |
      | Who holds teams was told, and may answer until 2023-11-15T00:00:00Z.    |

  Scenario: The holder answers with a fresher proof, and the newest of each side are compared
    Source: domain.md §5, 4; domain.md §5, ledger consequences (c)

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved with proof={"documents": [{"title": "SOW", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}], "elements": ["identities", "customer_acknowledgement", "activities", "workloads"], "acknowledged_on": "2023-05-01"}
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review with proof={"documents": [{"title": "SOW", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}], "elements": ["identities", "customer_acknowledgement", "activities", "workloads"], "acknowledged_on": "2023-10-01"}
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    And 2023-11-09 09:00 incentives-101: arbitration.answer claim=C-1 statement="We still do the work." proof={"documents": [{"title": "SOW", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}], "elements": [], "acknowledged_on": "2023-11-08"}
    When 2023-11-10 09:00 reviewer: arbitration.decide claim=C-2 outcome=incumbent_stays
    Then accepted arbitration.decided with incumbents.acknowledged_on=[2023-11-08] challenger.acknowledged_on=2023-10-01 incumbents.answer=[answered]
    And accepted arbitration.decided with rule="The most recent proofs of both sides are compared (domain.md §5, 4): an incumbent's acknowledgement is the newest."
    And claim C-1 is approved
    And claim C-1 has no deadline incumbent_answer
    And the history of claim C-1 is:
      | what                                                                            |
      | *                                                                               |
      | *                                                                               |
      | *                                                                               |
      | *                                                                               |
      | Told that another claims teams; it may answer until 2023-11-15T00:00:00Z.       |
      | Answered the challenge with a newer proof.                                      |
      | Kept teams in arbitration.                                                      |

  Scenario: The challenger can't win while the holder may still answer
    Source: domain.md §14, 7; DESIGN §6

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    When 2023-11-07 09:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then refused incumbent_not_told
    When 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    Then accepted arbitration.opened
    When 2023-11-14 23:59:59 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then refused incumbent_may_answer
    When 2023-11-15 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then accepted arbitration.decided with incumbents.answer=[silent]

  Scenario: The holder's silence is recorded by the clock and blocks nobody
    Source: domain.md §14, 7

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    When the clock runs on 2023-11-16
    Then arbitration.unanswered was recorded
    And claim C-1 has no deadline incumbent_answer
    And the history of claim C-1 is:
      | what                                                                       |
      | *                                                                          |
      | *                                                                          |
      | *                                                                          |
      | *                                                                          |
      | Told that another claims teams; it may answer until 2023-11-15T00:00:00Z.  |
      | Did not answer the challenge until 2023-11-15T00:00:00Z.                   |
    When 2023-11-16 09:00 incentives-101: arbitration.answer claim=C-1 statement="Sorry, we are late."
    Then refused challenge_answer_late
    When 2023-11-16 10:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then accepted arbitration.decided

  Scenario: An answer that comes late is refused, and a newer proof counts all the same until the decision
    Source: domain.md §5, 4; domain.md §14, 7

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    When 2023-11-15 incentives-101: arbitration.answer claim=C-1 statement="One moment too late."
    Then refused challenge_answer_late
    When 2023-11-15 09:00 incentives-101: claim.add_proof claim=C-1 proof={"documents": [{"title": "SOW", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}], "elements": [], "acknowledged_on": "2023-11-14"}
    Then accepted claim.proof_added
    When 2023-11-15 10:00 reviewer: arbitration.decide claim=C-2 outcome=incumbent_stays
    Then accepted arbitration.decided with incumbents.acknowledged_on=[2023-11-14]

  Scenario: The loser may dispute, which leads to arbitration again with the roles exchanged
    Source: domain.md §5, ledger consequences (d); domain.md §4.2, 9

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    And 2023-11-20 10:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    When 2023-12-20 09:59 incentives-101: claim.dispute claim=C-1 justification="Our proof is newer."
    Then accepted claim.disputed
    When 2023-12-21 09:00 reviewer: claim.approve claim=C-1
    Then refused contested
    When 2023-12-21 09:00 reviewer: arbitration.decide claim=C-1 outcome=challenger_wins
    Then refused incumbent_not_told
    When 2023-12-21 09:00 reviewer: arbitration.open claim=C-1
    Then accepted arbitration.opened with incumbents.claim=[C-2]
    When 2024-01-08 09:00 reviewer: arbitration.decide claim=C-1 outcome=challenger_wins
    Then claim C-1 is approved
    And claim C-2 is replaced

  Scenario: A loser that disputes after 30 days is late
    Source: domain.md §5, ledger consequences (d)

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    And 2023-11-20 10:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    When 2023-12-20 10:00 incentives-101: claim.dispute claim=C-1 justification="Our proof is newer."
    Then refused dispute_late

  Scenario: The customer's levers are a no to the new claim or to the old one, and whose proof it signs last
    Source: domain.md §5, 6

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    When 2023-11-07 09:00 contoso-admin: consent.decline claim=C-2
    Then claim C-2 is rejected
    When 2023-11-08 09:00 contoso-admin: consent.decline claim=C-1
    Then holder of cpor:m365:contoso:teams on 2023-11-09 is nobody

  Scenario: Any number of challengers wait for one slot, and one holds it
    Source: domain.md §5, ledger consequences (a)

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 claim C-2 of 201 on contoso teams is under review
    And 2023-11-06 claim C-3 of 301 on contoso teams is under review
    Then holder of cpor:m365:contoso:teams on 2023-11-07 is 101
    When 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    Then accepted arbitration.opened
    When 2023-11-08 09:00 reviewer: arbitration.open claim=C-3
    Then accepted arbitration.opened
    When 2023-11-09 09:00 incentives-101: arbitration.answer claim=C-1 statement="We answer both at once."
    Then accepted arbitration.answered with challengers=[C-2, C-3] settled=[C-2, C-3]
    When 2023-11-10 09:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then holder of cpor:m365:contoso:teams on 2023-11-10 10:00 is 201
    When 2023-11-10 10:00 reviewer: arbitration.decide claim=C-3 outcome=challenger_wins
    Then refused incumbent_not_told
