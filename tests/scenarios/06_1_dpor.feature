Feature: Digital partner of record

  Background:
    Given the market
    And 2020-07-01 operator: agreement.sign agreement=EA-1 kind=EA tenant=contoso
      | partners | [{"location": "201", "role": "reseller"}] |
    And 2020-07-01 operator: subscription.start subscription=S-1 tenant=contoso product=azure offer="Azure plan" channel=ea agreement=EA-1

  Scenario Outline: Only the customer's own administrator names the partner
    Source: domain.md §6.1

    When 2021-01-15 <who>: dpor.set subscription=S-1 location=101
    Then refused not_permitted
    And holder of dpor:S-1 on 2021-01-15 is nobody

    Examples:
      | who            |
      | operator       |
      | admin-100      |
      | incentives-101 |
      | reviewer       |
      | fabrikam-admin |

  Scenario: The customer changes and removes the partner any number of times
    Source: domain.md §6.1; domain.md §6

    Given 2021-01-15 contoso-admin: dpor.set subscription=S-1 location=101
    And 2021-02-15 contoso-admin: dpor.set subscription=S-1 location=201
    And 2021-03-15 contoso-admin: dpor.remove subscription=S-1
    And 2021-04-15 contoso-admin: dpor.set subscription=S-1 location=101
    When 2021-05-15 contoso-admin: dpor.set subscription=S-1 location=301
    Then accepted dpor.set with previous=101
    And holder of dpor:S-1 on 2021-01-14 is nobody
    And holder of dpor:S-1 on 2021-02-14 is 101
    And holder of dpor:S-1 on 2021-02-15 is 201
    And holder of dpor:S-1 on 2021-03-20 is nobody
    And holder of dpor:S-1 on 2021-05-14 is 101
    And holder of dpor:S-1 on 2021-05-16 is 301

  Scenario: A partner entered at purchase holds from the start
    Source: domain.md §6.1

    When 2021-01-01 operator: subscription.start subscription=S-2 tenant=contoso product=m365 channel=web_direct dpor=101
    Then accepted subscription.started with dpor=101
    And holder of dpor:S-2 on 2021-01-01 is 101

  Scenario: A new subscription starts empty, a renewal too
    Source: domain.md §6.1; domain.md §4.4

    Given 2021-01-15 contoso-admin: dpor.set subscription=S-1 location=101
    And 2021-06-30 operator: subscription.end subscription=S-1 reason=renewed
    When 2021-07-01 operator: subscription.start subscription=S-2 tenant=contoso product=azure channel=ea agreement=EA-1 succeeds=S-1
    Then holder of dpor:S-1 on 2021-06-29 is 101
    And holder of dpor:S-1 on 2021-07-01 is nobody
    And holder of dpor:S-2 on 2021-07-02 is nobody
    When 2021-07-10 contoso-admin: dpor.set subscription=S-2 location=101
    Then holder of dpor:S-2 on 2021-07-11 is 101

  Scenario: Moved from the EA to the modern commerce platform, the new id has no partner of record
    Source: domain.md §6.1

    Given 2021-01-15 contoso-admin: dpor.set subscription=S-1 location=101
    When 2021-09-01 operator: subscription.move subscription=S-1 becomes=S-1M channel=csp_direct transacting_partner=301
    Then accepted subscription.moved with previous_dpor=101 becomes=S-1M
    And subscription.moved was recorded
    And holder of dpor:S-1 on 2021-08-31 is 101
    And holder of dpor:S-1 on 2021-09-01 is nobody
    And holder of dpor:S-1M on 2021-09-01 is nobody
    And holder of csp:S-1M on 2021-09-01 is 301
    When 2021-09-02 contoso-admin: dpor.set subscription=S-1 location=101
    Then refused already_ended

  Scenario: Moved under the same id, the place is empty until the customer names a partner again
    Source: domain.md §6.1 [P]

    Given 2021-01-15 contoso-admin: dpor.set subscription=S-1 location=101
    And 2021-09-01 operator: subscription.move subscription=S-1 channel=web_direct
    And 2021-10-01 contoso-admin: dpor.set subscription=S-1 location=101
    When it is 2021-10-02
    Then holder of dpor:S-1 on 2021-08-31 is 101
    And holder of dpor:S-1 on 2021-09-15 is nobody
    And holder of dpor:S-1 on 2021-10-01 is 101

  Scenario: Links on Dynamics stayed valid until the subscription expired, when incentives had long moved to CPOR
    Source: domain.md §4.4; domain.md §6.1

    Given 2020-07-02 operator: subscription.start subscription=S-3 tenant=contoso product=dynamics365 channel=web_direct effective_at=2019-02-01
    And 2020-07-02 contoso-admin: dpor.set subscription=S-3 location=101 effective_at=2019-02-02
    And 2021-01-31 operator: subscription.end subscription=S-3 reason=expired
    When it is 2021-02-01
    Then holder of dpor:S-3 on 2019-09-30 is 101
    And holder of dpor:S-3 on 2019-10-01 is 101
    And holder of dpor:S-3 on 2021-01-30 is 101
    And holder of dpor:S-3 on 2021-01-31 is nobody

  Scenario: The ledger says since when a partner of record no longer earns, and refuses no history for it
    Source: domain.md §6.1

    Given 2021-11-01 contoso-admin: dpor.set subscription=S-1 location=101
    When `attribution kinds POR`
    Then the answer has kind=DPOR
    And the answer says "2021-10-01: DPOR no longer incentivised for Azure"
    And the answer says "2019-10-01: Microsoft 365 and Dynamics 365 incentives moved to CPOR; Power BI stayed"
    And the answer says "2019-03-01: OSA Sell stopped accepting DPOR"
    And holder of dpor:S-1 on 2021-11-02 is 101
    When `attribution associations --kind DPOR`
    Then the answer has partner=101 earns="competency, score"

  Scenario: Before that day it could earn an incentive
    Source: domain.md §6.1

    Given 2021-01-15 contoso-admin: dpor.set subscription=S-1 location=101
    When `attribution associations --kind DPOR --effective 2021-09-30`
    Then the answer has earns="competency, score, usage incentive"
    When `attribution associations --kind DPOR --effective 2021-10-01`
    Then the answer has earns="competency, score"

  Scenario: A file does not put a partner of record where the ledger knows one
    Source: domain.md §6.1 [P]

    Given 2021-01-01 operator: subscription.start subscription=S-31 tenant=contoso dpor=101
    When 2021-07-05 operator: dpor.import subscription=S-31 location=201 effective_at=2021-01-15 imported={"source":"Dynamics365_Usage.tsv","sha256":"abababababababababababababababababababababababababababababababab","line":2,"as_of":"2021-06-30"}
    Then refused dpor_taken
    And holder of dpor:S-31 on 2021-07-05 is 101
