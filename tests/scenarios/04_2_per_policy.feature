Feature: Each numbered transition of a claim, under each policy where they differ

  Background:
    Given the market
    And policy P2020
    And policy P2023
    And policy EXPLICIT in force from 2025-01-01
    And 2020-12-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365

  Scenario Outline: The reviewer takes a claim up and decides within the policy's days
    Source: domain.md §4.2, 3-4

    Given <when> claim C-1 of 101 on contoso exchange is submitted
    Then deadline review of claim C-1 is <taken up by>
    When <when> reviewer: claim.start_review claim=C-1
    Then accepted claim.review_started with decision_due=<decided by>

    Examples: 5 business days each, P2023 decides within 14
      | when       | taken up by | decided by |
      | 2021-03-01 | 2021-03-09  | 2021-03-09 |
      | 2023-11-06 | 2023-11-14  | 2023-11-25 |
      | 2025-03-03 | 2025-03-11  | 2025-03-11 |

  Scenario Outline: The partner answers in time, else the clock rejects
    Source: domain.md §4.2, 5-6

    Given <when> claim C-1 of 101 on contoso exchange is partner action required
    When <last moment> incentives-101: claim.resubmit claim=C-1
    Then claim C-1 is submitted
    Given <again> reviewer: claim.start_review claim=C-1
    And reviewer: claim.request_action claim=C-1
    When the clock runs on <much later>
    Then claim.lapsed was recorded
    And claim C-1 is rejected with slots.outcome=[lapsed]

    Examples: 5 business days under P2020 and EXPLICIT, 14 under P2023
      | when       | last moment         | again      | much later |
      | 2021-03-01 | 2021-03-08 23:59:59 | 2021-03-09 | 2021-03-17 |
      | 2023-11-06 | 2023-11-24 23:59:59 | 2023-11-27 | 2023-12-16 |
      | 2025-03-03 | 2025-03-10 23:59:59 | 2025-03-11 | 2025-03-19 |

  Scenario: 7 in 2020: the customer's no within seven days undoes the association
    Source: domain.md §4.2, 7; DESIGN §6

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2021-03-08 23:59:59 contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with from_the_beginning=true
    And claim C-1 is rejected with slots.outcome=[declined]
    And holder of cpor:m365:contoso:exchange on 2021-03-05 is nobody
    And holder of cpor:m365:contoso:exchange on 2021-03-05, as known before is 101

  Scenario: 7 in 2023: the customer may decline at any time, from then on
    Source: domain.md §4.2, 7; domain.md §4.3

    Given 2023-11-06 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2024-06-03 contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with from_the_beginning=false
    And holder of cpor:m365:contoso:exchange on 2024-06-02 is 101
    And holder of cpor:m365:contoso:exchange on 2024-06-03 is nobody

  Scenario: 7 in 2023: a no that is keyed in late ends what was approved again meanwhile
    Source: domain.md §4.2, 7; DESIGN §3

    Given 2023-11-06 09:00 claim C-1 of 101 on contoso exchange is approved
    And 2024-01-24 contoso-admin: consent.decline claim=C-1
    And incentives-101: claim.dispute claim=C-1
    And 2024-01-25 reviewer: claim.approve claim=C-1
    When 2024-01-26 operator: consent.decline claim=C-1 received_at=2024-01-05 comment="Letter of 5 January."
    Then holder of cpor:m365:contoso:exchange on 2024-01-04 is 101
    And holder of cpor:m365:contoso:exchange on 2024-01-10 is nobody
    And holder of cpor:m365:contoso:exchange on 2024-01-10, as known before is 101
    When 2024-01-27 claim C-2 of 201 on contoso exchange is under review
    And reviewer: claim.approve claim=C-2 effective_at=2024-01-06 back_dated_because="The work began then."
    Then accepted claim.approved with location=201
    And holder of cpor:m365:contoso:exchange on 2024-01-10 is 201

  Scenario: 7 in 2023: also before the claim is approved
    Source: domain.md §4.3; domain.md §13, 4

    Given 2023-11-06 09:00 claim C-1 of 101 on contoso exchange is under review
    When contoso-admin: consent.decline claim=C-1
    Then claim C-1 is rejected

  Scenario: 8 in 2020: silence confirms when the window closes
    Source: domain.md §4.2, 8

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    Then claim C-1 is approved with consent=window
    And deadline consent of claim C-1 is 2021-03-09
    When the clock runs on 2021-03-09
    Then consent.passed was recorded
    And claim C-1 is approved with consent=passed

  Scenario: 8 in 2023: approval is the consent that silence gives
    Source: domain.md §4.2, 8; DESIGN §6

    Given 2023-11-06 09:00 claim C-1 of 101 on contoso exchange is approved
    Then claim C-1 is approved with consent=standing
    And claim C-1 has no deadline

  Scenario: 7 and 8 under EXPLICIT: nothing is held before the customer's own yes
    Source: domain.md §4.3; DESIGN §6; domain.md §13, 16

    Given 2025-03-03 09:00 claim C-1 of 101 on contoso exchange is approved
    Then holder of cpor:m365:contoso:exchange on 2025-03-04 is nobody
    And claim C-1 is approved with consent=needed slots.outcome=[awaiting_consent]
    When 2025-03-10 contoso-admin: consent.confirm claim=C-1
    Then holder of cpor:m365:contoso:exchange on 2025-03-09 is nobody
    And holder of cpor:m365:contoso:exchange on 2025-03-10 is 101

  Scenario: Under EXPLICIT a challenger that wins can't hold from before its customer's yes
    Source: domain.md §4.3; DESIGN §6

    Given 2025-03-03 09:00 claim C-1 of 101 on contoso exchange is approved
    And 2025-03-04 contoso-admin: consent.confirm claim=C-1
    And 2025-04-01 claim C-2 of 201 on contoso exchange is under review
    And reviewer: arbitration.open claim=C-2
    And 2025-04-10 contoso-admin: consent.confirm claim=C-2
    When 2025-04-14 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins effective_at=2025-04-09
    Then refused effective_too_early saying "which is the customer's yes"
    When reviewer: arbitration.decide claim=C-2 outcome=challenger_wins effective_at=2025-04-10
    Then holder of cpor:m365:contoso:exchange on 2025-04-09 is 101
    And holder of cpor:m365:contoso:exchange on 2025-04-10 is 201

  Scenario: 7 under EXPLICIT: a no takes back the yes to the whole claim, also to what was not held yet
    Source: domain.md §4.3; DESIGN §6

    Given 2025-03-03 09:00 claim C-1 of 101 on contoso exchange, intune is under review
    And contoso-admin: consent.confirm claim=C-1
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:intune]
    And reviewer: claim.reject claim=C-1 slots=[cpor:m365:contoso:exchange]
    And 2025-03-04 contoso-admin: consent.decline claim=C-1
    And incentives-101: claim.dispute claim=C-1
    When 2025-03-05 reviewer: claim.approve claim=C-1
    Then accepted claim.approved with awaits_yes=true
    And claim C-1 is approved with consent=needed slots.outcome=[awaiting_consent, awaiting_consent]
    And holder of cpor:m365:contoso:exchange on 2025-03-06 is nobody
    When 2025-03-07 contoso-admin: consent.confirm claim=C-1
    Then holder of cpor:m365:contoso:exchange on 2025-03-07 is 101
    And holder of cpor:m365:contoso:intune on 2025-03-07 is 101

  Scenario: Under EXPLICIT the yes may come first and the proof last
    Source: domain.md §13, 16

    Given 2025-03-03 09:00 claim C-1 of 101 on contoso exchange is under review
    And contoso-admin: consent.confirm claim=C-1 how=in_person
    And 2025-03-04 incentives-101: claim.add_proof claim=C-1
    When 2025-03-05 reviewer: claim.approve claim=C-1
    Then claim C-1 is approved with consent=confirmed
    And holder of cpor:m365:contoso:exchange on 2025-03-05 is 101

  Scenario Outline: 9 and 10: a rejection is disputed within thirty days, once; a second loss is final
    Source: domain.md §4.2, 9-10; domain.md §4.1

    Given <when> 09:00 claim C-1 of 101 on contoso exchange is rejected
    Then deadline dispute of claim C-1 is <until>
    When <in time> incentives-101: claim.dispute claim=C-1
    Then claim C-1 is dispute with state_name="<called>"
    When reviewer: claim.reject claim=C-1
    Then accepted claim.rejected
    And claim C-1 is rejected final with state_name="<final>"
    When incentives-101: claim.dispute claim=C-1
    Then refused loss_is_final

    Examples:
      | when       | until            | in time             | called       | final          |
      | 2021-03-01 | 2021-03-31 09:00 | 2021-03-31 08:59:59 | Under review | Rejected       |
      | 2023-11-06 | 2023-12-06 09:00 | 2023-12-06 08:59:59 | Dispute      | Rejected final |

  Scenario: 10: a dispute that is won holds
    Source: domain.md §4.2, 10

    Given 2023-11-06 claim C-1 of 101 on contoso exchange is rejected
    And 2023-11-20 incentives-101: claim.dispute claim=C-1
    When 2023-11-24 reviewer: claim.approve claim=C-1
    Then claim C-1 is approved with disputes=1
    And holder of cpor:m365:contoso:exchange on 2023-11-24 is 101

  Scenario: 11: after thirty days only a new claim helps
    Source: domain.md §4.2, 11

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is rejected
    When 2021-03-31 09:00 incentives-101: claim.dispute claim=C-1
    Then refused dispute_late saying "Submit a new claim with an updated proof"
    When incentives-101: claim.submit claim=C-2 location=101 tenant=contoso workloads=[exchange]
    Then accepted claim.submitted

  Scenario: 12 in 2020: the partner asks, and the reviewer rejects
    Source: domain.md §4.2, 12

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2021-05-03 incentives-101: claim.disassociate claim=C-1
    Then refused not_self_service saying "partner_request"
    When reviewer: claim.reject claim=C-1 reason=partner_request comment="Wrong location, as the partner wrote."
    Then accepted claim.rejected with held=true reason=partner_request
    And claim C-1 is rejected final with state_name=Rejected slots.outcome=[given_back]
    And holder of cpor:m365:contoso:exchange on 2021-05-02 is 101
    And holder of cpor:m365:contoso:exchange on 2021-05-03 is nobody
    And claim C-1 has no deadline

  Scenario: 12 in 2023: the partner disassociates by itself, with a reason
    Source: domain.md §4.2, 12

    Given 2023-11-06 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2024-01-08 incentives-101: claim.disassociate claim=C-1 reason=-
    Then unreadable missing_field
    When incentives-101: claim.disassociate claim=C-1 reason=no_longer_working
    Then claim C-1 is rejected final with state_name="Rejected final"
    And holder of cpor:m365:contoso:exchange on 2024-01-08 is nobody
    When reviewer: claim.reject claim=C-1 reason=partner_request
    Then refused wrong_state

  Scenario: 13: another partner wins, and the loser is replaced
    Source: domain.md §4.2, 13; domain.md §5

    Given 2023-11-06 claim C-1 of 101 on contoso exchange is approved
    And 2023-11-20 claim C-2 of 201 on contoso exchange is under review
    And reviewer: arbitration.open claim=C-2
    When 2023-12-04 10:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then claim C-1 is replaced
    And claim C-2 is approved

  Scenario Outline: 14: the association ends with its subscription, and the new id needs a new claim
    Source: domain.md §4.2, 14; domain.md §4.4

    Given <when> claim C-1 of 101 on contoso subscription S-1 for usage is approved
    And <end> operator: subscription.end subscription=S-1
    Then claim C-1 is ended with slots.outcome=[ended]
    And claim C-1 has no deadline
    When the clock runs on 2026-01-01
    Then nothing was recorded
    When reviewer: claim.approve claim=C-1
    Then refused wrong_state saying "is ended"
    When contoso-admin: consent.decline claim=C-1
    Then refused wrong_state
    When incentives-201: claim.submit claim=C-2 location=201 tenant=contoso subscriptions=[S-1] activity=usage
    Then accepted claim.submitted with contested=[]

    Examples:
      | when       | end        |
      | 2021-03-01 | 2021-03-04 |
      | 2023-11-06 | 2023-12-04 |
      | 2025-03-03 | 2025-03-05 |

  Scenario: Slots of one claim may fare differently
    Source: domain.md §4.2, 4; DESIGN §6

    Given 2021-03-01 claim C-1 of 101 on contoso exchange, teams, sharepoint is under review
    When reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    Then claim C-1 is under review with slots.outcome=[held, asked, asked]
    When reviewer: claim.reject claim=C-1 slots=[cpor:m365:contoso:teams] deficiencies=[product_missing]
    Then accepted claim.rejected with deficiencies=[product_missing]
    And claim C-1 is under review with slots.outcome=[held, rejected, asked]
    When reviewer: claim.request_action claim=C-1
    Then claim C-1 is partner action required
    And holder of cpor:m365:contoso:exchange on 2021-03-02 is 101
    When 2021-03-03 incentives-101: claim.resubmit claim=C-1
    Then claim C-1 is submitted
    Given reviewer: claim.start_review claim=C-1
    When reviewer: claim.approve claim=C-1
    Then claim C-1 is approved with slots.outcome=[held, rejected, held]
    When reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:teams]
    Then refused wrong_state

  Scenario: Slots approved later have a consent of their own
    Source: domain.md §4.2, 7-8; DESIGN §6 [P]

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange, teams is under review
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    And the clock runs on 2021-03-10
    And 2021-03-15 09:00 reviewer: claim.approve claim=C-1
    Then claim C-1 is approved with consent=window slots.outcome=[held, held]
    When 2021-03-16 contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with slots=[cpor:m365:contoso:teams]
    And claim C-1 is approved with slots.outcome=[held, declined] consent=passed
    And holder of cpor:m365:contoso:exchange on 2021-03-16 is 101

  Scenario: A slot that waits for no decision can't be decided
    Source: domain.md §4.2, 4

    Given 2021-03-01 claim C-1 of 101 on contoso exchange, teams is under review
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    When reviewer: claim.reject claim=C-1 slots=[cpor:m365:contoso:exchange]
    Then refused not_waiting saying "It waits for: cpor:m365"
