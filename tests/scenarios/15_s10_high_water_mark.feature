Feature: S10, the high-water mark

  # Paid seats / active users: October 620/560, November 600/595, December 700/650, after a mark of 500.
  Background:
    Given the market
    And policy P2023 in force from 2023-09-01
    And 2023-09-01 incentives-101: enrolment.start programme=MCI location=101
    And incentives-101: enrolment.submit_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: partner_agreement.sign organisation=100 agreement=MPA
    And 2023-09-20 claim C-1 of 101 on contoso teams is under review
    And 2023-10-01 reviewer: claim.approve claim=C-1
    And 2023-10-16 usage is reported as SEP:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
    And 2024-01-16 usage is reported as Q4:
      | month   | customer | workload | seats | users |
      | 2023-10 | contoso  | teams    | 620   | 560   |
      | 2023-11 | contoso  | teams    | 600   | 595   |
      | 2023-12 | contoso  | teams    | 700   | 650   |

  Scenario: Units are what lies above the mark, and the mark moves up alone
    Source: domain.md §15, S10; domain.md §8.4

    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer is:
      | claim | quantity | beside | hwm  | units | hwm_after | status   | reason  |
      | C-1   | 620      | 560    | 500  | 120   | 620        | credited | nothing |
    When `attribution earning 101 --month 2023-11 --programme mci_usage_2023`
    Then the answer is:
      | claim | quantity | hwm  | units | hwm_after | status  | reason    |
      | C-1   | 600      | 620  | 0     | 620        | refused | PAULWPHWM |
    When `attribution earning 101 --month 2023-12 --programme mci_usage_2023`
    Then the answer is:
      | claim | quantity | hwm  | units | hwm_after | status   |
      | C-1   | 700      | 620  | 80    | 700        | credited |

  Scenario: A restated month changes what followed; the statement stays and its difference is explained
    Source: domain.md §15, S10; domain.md §9

    Given `attribution statement issue 101 2023-10 --id OCT --at 2024-01-17T00:00:00Z`
    And `attribution statement issue 101 2023-11 --id NOV --at 2024-01-17T00:00:00Z`
    And `attribution statement issue 101 2023-12 --id DEC --at 2024-01-17T00:00:00Z`
    And 2024-01-20 usage is reported as OCT-AGAIN:
      | month   | customer | workload | seats | users |
      | 2023-10 | contoso  | teams    | 590   | 560   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has units=90 hwm=500 hwm_after=590
    When `attribution earning 101 --month 2023-11 --programme mci_usage_2023`
    Then the answer has units=10 hwm=590 hwm_after=600 status=credited
    When `attribution earning 101 --month 2023-12 --programme mci_usage_2023`
    Then the answer has units=100 hwm=600 hwm_after=700
    When `attribution statement verify`
    Then the answer is:
      | statement | verified |
      | OCT       | true     |
      | NOV       | true     |
      | DEC       | true     |
    When `attribution statement show OCT`
    Then the answer has lines.units=[120] position=*
    When `attribution statement diff OCT`
    Then the answer is:
      | what       | before | after | difference | report    | type                   |
      | quantity   | 620    | 590   | nothing    | OCT-AGAIN | usage.report.loaded.v1 |
      | hwm_after | 620    | 590   | nothing    | OCT-AGAIN | usage.report.loaded.v1 |
      | units      | 120    | 90    | -30        | OCT-AGAIN | usage.report.loaded.v1 |
      | uncapped   | 120    | 90    | nothing    | OCT-AGAIN | usage.report.loaded.v1 |
      | reports    | *      | *     | nothing    | OCT-AGAIN | usage.report.loaded.v1 |

  Scenario: The adjustments of November and December come from October's report, too
    Source: domain.md §15, S10; domain.md §9

    Given `attribution statement issue 101 2023-11 --id NOV --at 2024-01-17T00:00:00Z`
    And `attribution statement issue 101 2023-12 --id DEC --at 2024-01-17T00:00:00Z`
    And 2024-01-20 usage is reported as OCT-AGAIN:
      | month   | customer | workload | seats | users |
      | 2023-10 | contoso  | teams    | 590   | 560   |
    When `attribution statement diff NOV`
    Then the answer says "'difference': '10'"
    And the answer says "OCT-AGAIN"
    When `attribution statement diff DEC`
    Then the answer says "'difference': '20'"
    And the answer never says "'difference': '-"

  Scenario: Who comes after inherits the mark
    Source: domain.md §15, S10; domain.md §1

    Given 2024-01-20 incentives-101: claim.disassociate claim=C-1
    And 2024-01-20 incentives-201: enrolment.start programme=MCI location=201
    And incentives-201: enrolment.submit_profiles programme=MCI location=201 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=MCI location=201 profiles=[tax, payout]
    And operator: partner_agreement.sign organisation=200 agreement=MPA
    And 2024-01-21 claim C-2 of 201 on contoso teams is approved
    And 2024-03-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2024-01 | contoso  | teams    | 720   | 710   |
      | 2024-02 | contoso  | teams    | 750   | 740   |
    When `attribution earning 201 --month 2024-02 --programme mci_usage_2023`
    Then the answer is:
      | claim | hwm  | units | status   |
      | C-2   | 720  | 30    | credited |
    When `attribution earning 201 --month 2024-01 --programme mci_usage_2023`
    Then the answer is:
      | claim | units | status  | reason |
      | C-2   | 0     | refused | IVDPOE |
    When `attribution earning 101 --month 2024-02 --programme mci_usage_2023`
    Then the answer has 0 rows
