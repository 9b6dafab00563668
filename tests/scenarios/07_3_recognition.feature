Feature: For whose score an association counts

  Background:
    Given the market

  Scenario: Modern Work accepts CPOR for both classes, DPOR for Enterprise alone
    Source: domain.md §7.3

    Given policy P2023
    And 2023-11-01 09:00 operator: subscription.start subscription=S-1 tenant=contoso product=m365 offer=E3 channel=web_direct dpor=201
    And 2023-11-01 10:00 claim C-1 of 101 on contoso teams is approved
    When `attribution recognition --tenant contoso --effective 2023-11-05`
    Then the answer is:
      | kind | partner | area                   | reason                 |
      | DPOR | 201     | modern_work_enterprise | counts                 |
      | DPOR | 201     | modern_work_smb        | kind_not_accepted      |
      | DPOR | 201     | security_microsoft_365 | kind_not_accepted      |
      | CPOR | 101     | modern_work_enterprise | counts                 |
      | CPOR | 101     | modern_work_smb        | counts                 |
      | CPOR | 101     | security_microsoft_365 | workload_not_concerned |

  Scenario: In the competency of 2020-21 a usage claim takes deployments and users, and beats the DPOR beside it
    Source: domain.md §7.2

    Given policy P2020
    And 2021-02-01 09:00 operator: subscription.start subscription=S-2 tenant=contoso channel=web_direct dpor=201
    And 2021-03-01 09:00 claim C-5 of 101 on contoso subscription S-2 for usage is approved
    When `attribution recognition --tenant contoso --effective 2021-03-20`
    Then the answer is:
      | kind | partner | area                              | reason                      |
      | DPOR | 201     | cloud_business_applications_sales | beaten_on_same_subscription |
      | DPOR | 201     | cloud_business_applications_usage | beaten_on_same_subscription |
      | CPOR | 101     | cloud_business_applications_sales | activity_not_accepted       |
      | CPOR | 101     | cloud_business_applications_usage | counts                      |

  Scenario: A pre-sales claim gives nothing in the competency of 2020-21
    Source: domain.md §7.2

    Given policy P2020
    And 2021-02-01 09:00 operator: subscription.start subscription=S-2 tenant=contoso channel=web_direct
    And 2021-03-01 09:00 claim C-5 of 101 on contoso subscription S-2 for pre_sales is approved
    When `attribution recognition --tenant contoso --effective 2021-03-20`
    Then the answer is:
      | kind | partner | area                              | reason                |
      | CPOR | 101     | cloud_business_applications_sales | activity_not_accepted |
      | CPOR | 101     | cloud_business_applications_usage | activity_not_accepted |
