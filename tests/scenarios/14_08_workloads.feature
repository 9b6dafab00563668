Feature: Workloads are split and renamed over the years

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01

  Scenario: A claim on Teams does not hold Teams Phone
    Source: domain.md §14, 8 [P]

    Given 2020-11-02 claim C-1 of 101 on contoso teams is approved
    When 2023-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=["Teams Phone"]
    Then accepted claim.submitted with contested=[]

  Scenario: A claim under the new name of a workload contests the slot held under the old one
    Source: domain.md §14, 8 [P]

    Given 2020-11-02 claim C-1 of 101 on contoso yammer is approved
    When 2023-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=["Viva Engage"]
    Then accepted claim.submitted with contested.holder_claim=[C-1]
    And holder of cpor:m365:contoso:yammer on 2023-11-07 is 101

  Scenario: A name that is not in use yet names nothing, and the refusal says what it will mean
    Source: domain.md §14, 8 [P]

    When 2020-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=["Viva Engage"]
    Then refused workload_of_another_time saying "it means yammer"

  Scenario: Which workload a name meant on a date can be asked
    Source: domain.md §14, 8

    When `attribution workloads "Viva Engage" --on 2024-01-01`
    Then the answer is:
      | workload |
      | yammer   |
    When `attribution workloads "Viva Engage" --on 2020-01-01`
    Then the answer has 0 rows
