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
    When 2023-11-20 10:00 reviewer: arbitration.decide claim=C2 outcome=challenger_wins
    Then accepted arbitration.decided with dispute_until="2023-12-20 10:00"
    And arbitration.decided was recorded
    And holder of cpor:m365:contoso:teams on 2023-11-20 09:59:59.999999 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-20 10:00 is 201
    And holder of cpor:m365:contoso:teams on 2023-12-01, as known before is 101
    And claim C1 is replaced with dispute_until="2023-12-20 10:00"
    And claim C2 is approved with slots.outcome=[held]
    And deadline dispute of claim C1 is 2023-12-20 10:00
    And claim C2 has no deadline
