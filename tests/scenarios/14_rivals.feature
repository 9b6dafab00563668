Feature: Rivals that are none, and what rivals may know

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01
    And 2023-11-01 claim C-1 of 101 on contoso teams is approved

  Scenario: Two locations of one organisation are no rivals: the association moves inside it
    Source: domain.md §14, 6

    Given 2023-11-06 09:00 claim C-2 of 102 on contoso teams is under review
    When 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    Then refused rivals_of_one_organisation
    When 2023-11-07 10:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then accepted arbitration.decided with same_organisation=true
    And holder of cpor:m365:contoso:teams on 2023-11-07 09:59 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-07 10:00 is 102
    When 2023-11-08 09:00 incentives-101: claim.dispute claim=C-1 justification="It was ours."
    Then refused loss_is_final

  Scenario: Rivals that merge during their arbitration need not wait for each other
    Source: domain.md §14, 6

    Given 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    And 2023-11-08 operator: organisation.merge organisation=100 into=200
    When 2023-11-08 09:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    Then accepted arbitration.decided with same_organisation=true
    And holder of cpor:m365:contoso:teams on 2023-11-09 is 201
    And claim C-1 has no deadline incumbent_answer

  Scenario: A partner is told that a place is taken, never by whom or with which claim
    Source: domain.md §14, 2

    Given 2023-12-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 offer=Sales channel=ea
    And 2023-12-12 claim C-5 of 101 on contoso subscription S-1 for usage is approved
    When 2023-12-13 operator: policy.adopt builtin=P2020 in_force_from=2023-12-13
    And 2023-12-14 incentives-201: claim.submit claim=C-6 location=201 tenant=contoso solution_area=business_applications activity=usage subscriptions=[S-1]
    Then refused already_claimed saying "already claimed by another partner"

  Scenario: In an arbitration neither side reads the other's claim, partner, answer or proof
    Source: domain.md §14, 2

    Given 2023-11-06 09:00 claim C-2 of 201 on contoso teams is under review
    And 2023-11-07 09:00 reviewer: arbitration.open claim=C-2
    And 2023-11-08 09:00 incentives-101: arbitration.answer claim=C-1 statement="Ask Jana, she signed."
    And 2023-11-09 09:00 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins reason="The newer work."
    When `attribution log --as incentives-201`
    Then the answer never says "C-1"
    And the answer never says "partner:101"
    And the answer never says "Ask Jana"
    And the answer never says "newest"
    When `attribution log --as incentives-101`
    Then the answer never says "C-2"
    And the answer never says "partner:201"
    And the answer never says "The newer work"
    When `attribution claim history C-1 --as incentives-101`
    Then the answer never says "C-2"
    And the answer never says "201"
    When `attribution deadlines --as incentives-101`
    Then the answer never says "C-2"
