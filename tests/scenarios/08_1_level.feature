Feature: The level of a competency

  Background:
    Given the market
    And policy P2020 in force from 2019-10-01

  Scenario: Thresholds that are not published leave the level open, and the figure is told
    Source: domain.md §8.1

    Given 2020-07-10 09:00 claim C-1 of 101 on contoso teams is approved
    And the file usage.tsv:
      """
      CustomerTenantId	WorkloadName	MonthlyActiveUsers	PaidAvailableUnits	ClaimId	MpnId	DateAssociated	PartnerAttributionType	Date
      00000000-0000-4000-8000-0000000000c1	Teams	100	300	C-1	101	2020-07-10	CPOR	2020-08-01
      00000000-0000-4000-8000-0000000000c1	Teams	150	300	C-1	101	2020-07-10	CPOR	2020-09-01
      00000000-0000-4000-8000-0000000000c1	Teams	170	300	C-1	101	2020-07-10	CPOR	2020-10-01
      """
    And 2020-11-16 operator: usage.load file=usage.tsv kind=cpor_m365 exported=2020-11-16
    When `attribution level 100 --programme mpn_cloud_productivity_2020 --month 2020-10`
    Then the answer has:
      | level          | nothing |
      | possible_level | gold    |
      | qualified      | nothing |
      | classes.0.metrics.0.parts.amount | [70] |
    # From the first attainment on, the anniversary year is what counts.
    Given 2020-11-20 operator: competency.attain organisation=100 competency=cloud_productivity level=silver effective_at=2020-10-02
    When `attribution level 100 --programme mpn_cloud_productivity_2020 --month 2020-10`
    Then the answer has:
      | classes.0.metrics.0.parts.amount | [20]       |
      | enrolment.level                  | silver     |
      | enrolment.anniversary            | 2021-10-02 |

  Scenario: A file of one's own says the thresholds, and then the level is told
    Source: domain.md §8.1

    Given 2020-07-10 09:00 claim C-1 of 101 on contoso teams is approved
    And the file mine.toml:
      """
      id = "cloud_productivity_ours"
      title = "Cloud Productivity, from our guide"
      era = "2020-21"
      valid_from = 2020-07-01
      competency = "cloud_productivity"
      source = "our guide"
      [credit]
      rule = "slot_holder_on_date"
      openings = false
      source = "our guide"
      [qualify]
      source = "our guide"
      [[qualify.level]]
      id = "silver"
      title = "Silver"
      needs = { usage_growth = 50 }
      source = "our guide, page 1"
      [[qualify.level]]
      id = "gold"
      title = "Gold"
      needs = { usage_growth = 250 }
      source = "our guide, page 1"
      [workloads]
      eligible = ["teams"]
      source = "our guide"
      [[tenant_class]]
      id = "all"
      title = "All customers"
      source = "our guide"
      [[type]]
      id = "CPOR"
      kinds = ["CPOR"]
      source = "our guide"
      [[metric]]
      id = "usage_growth"
      title = "Active users gained"
      formula = "none"
      measure = "active users"
      by = [{ function = "credited_growth", metric = "m365.mau", window = "anniversary_year" }]
      types = ["CPOR"]
      source = "our guide, page 2"
      """
    And the file usage.tsv:
      """
      CustomerTenantId	WorkloadName	MonthlyActiveUsers	PaidAvailableUnits	ClaimId	MpnId	DateAssociated	PartnerAttributionType	Date
      00000000-0000-4000-8000-0000000000c1	Teams	100	300	C-1	101	2020-07-10	CPOR	2020-08-01
      00000000-0000-4000-8000-0000000000c1	Teams	150	300	C-1	101	2020-07-10	CPOR	2020-09-01
      """
    And 2020-11-16 operator: usage.load file=usage.tsv kind=cpor_m365 exported=2020-11-16
    And 2020-11-16 operator: programme.adopt file=mine.toml
    When `attribution level 100 --programme cloud_productivity_ours --month 2020-09`
    Then the answer has:
      | level           | silver |
      | qualified       | yes    |
      | next.level      | gold   |
      | next.steps.more | [200]  |
