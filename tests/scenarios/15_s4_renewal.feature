Feature: S4, a renewal under a new id

  Scenario: Claim and partner of record end with the old id; both places of the new one are empty
    Source: domain.md §15, S4; domain.md §4.4; domain.md §6.1

    Given the market
    And policy P2020 in force from 2019-10-01
    And 2020-07-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 channel=web_direct
    And 2020-08-01 contoso-admin: dpor.set subscription=S-1 location=101
    And 2020-09-01 09:00 claim C-5 of 101 on contoso subscription S-1 for usage is approved
    And 2021-06-30 operator: subscription.end subscription=S-1 reason=renewed
    When 2021-07-01 operator: subscription.start subscription=S-2 tenant=contoso product=dynamics365 channel=web_direct succeeds=S-1
    Then holder of cpor:bizapps:S-1:usage on 2021-06-29 is 101
    And holder of dpor:S-1 on 2021-06-29 is 101
    And holder of cpor:bizapps:S-1:usage on 2021-06-30 is nobody
    And holder of dpor:S-1 on 2021-06-30 is nobody
    And holder of cpor:bizapps:S-2:usage on 2021-07-01 is nobody
    And holder of dpor:S-2 on 2021-07-01 is nobody
    And claim C-5 has slots.outcome=[ended]
    Given 2021-07-20 09:00 claim C-6 of 101 on contoso subscription S-2 for usage is approved
    When `attribution subscription S-1 --effective 2021-07-20`
    Then the answer has state=ended end_reason=renewed successors=[S-2]
    And holder of cpor:bizapps:S-2:usage on 2021-07-21 is 101
    And holder of dpor:S-2 on 2021-08-31 is nobody
