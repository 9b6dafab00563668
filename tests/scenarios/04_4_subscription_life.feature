Feature: The life of a subscription, and what lives on it

  Background:
    Given the market
    And policy P2020 in force from 2019-10-01
    And 2020-07-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 channel=web_direct seats=40
    And 2020-08-01 contoso-admin: dpor.set subscription=S-1 location=201
    And 2020-09-01 09:00 claim C-5 of 101 on contoso subscription S-1 for usage is approved

  Scenario: Grace and suspension end nothing
    Source: domain.md §3.3; domain.md §13, 2

    Given 2021-06-30 operator: subscription.change_state subscription=S-1 state=in_grace
    And 2021-07-30 operator: subscription.change_state subscription=S-1 state=suspended
    When `attribution subscription S-1 --effective 2021-07-01`
    Then the answer has state=in_grace
    And holder of cpor:bizapps:S-1:usage on 2021-08-01 is 101
    And holder of dpor:S-1 on 2021-08-01 is 201
    When `attribution subscription S-1 --effective 2021-08-01`
    Then the answer has state=suspended

  Scenario: Seats are those of the date, as known then
    Source: DESIGN §6; DESIGN §5

    Given 2021-03-01 operator: subscription.change_seats subscription=S-1 seats=60 effective_at=2021-02-01
    When `attribution subscription S-1 --effective 2021-02-15`
    Then the answer has seats=60
    When `attribution subscription S-1 --effective 2021-01-31`
    Then the answer has seats=40
    When `attribution subscription S-1 --effective 2021-02-15 --known 2021-02-20`
    Then the answer has seats=40

  Scenario: Everything on a subscription ends with it, at one instant
    Source: domain.md §4.4

    Given the clock runs on 2021-07-01
    When 2021-07-05 operator: subscription.end subscription=S-1 reason=expired effective_at=2021-06-30
    Then subscription.ended was recorded
    And holder of cpor:bizapps:S-1:usage on 2021-06-29 is 101
    And holder of cpor:bizapps:S-1:usage on 2021-06-30 is nobody
    And holder of dpor:S-1 on 2021-06-30 is nobody
    And holder of cpor:bizapps:S-1:usage on 2021-07-01, as known before is 101
    And claim C-5 has slots.outcome=[ended]

  Scenario: Moved to the modern platform under a new id, claims end as with any new id
    Source: domain.md §4.4; domain.md §6.1

    Given 2020-09-10 operator: agreement.sign agreement=EA-1 kind=EA tenant=contoso
      | partners | [{"location": "201", "role": "reseller"}] |
    And 2020-09-10 operator: subscription.start subscription=S-2 tenant=contoso product=dynamics365 channel=ea agreement=EA-1
    And 2020-09-12 09:00 claim C-6 of 101 on contoso subscription S-2 for usage is approved
    When 2021-01-01 operator: subscription.move subscription=S-2 becomes=S-2M channel=web_direct
    Then accepted subscription.moved with slots=[cpor:bizapps:S-2:usage, cpor:bizapps:S-2:pre_sales, cpor:bizapps:S-2:revenue]
    And holder of cpor:bizapps:S-2:usage on 2020-12-31 is 101
    And holder of cpor:bizapps:S-2:usage on 2021-01-01 is nobody
    And holder of cpor:bizapps:S-2M:usage on 2021-01-01 is nobody
    And claim C-6 has slots.outcome=[ended]
