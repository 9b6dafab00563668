Feature: Solutions Partner for Modern Work

  Background:
    Given the market
    And policy P2023 in force from 2022-01-01

  Scenario: S8: both classes are scored, types are never added, the better class counts
    Source: domain.md §15, S8; domain.md §8.3; domain.md §7.3

    Given 2023-10-02 operator: metric.record organisation=100 on=2023-09 metric=intermediate_certs value=4
    And operator: metric.record organisation=100 on=2023-09 metric=advanced_certs value=2
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise metric=net_customer_adds value=3
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=CPOR metric=usage_growth value=450
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=DPOR metric=usage_growth value=2400
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=CPOR metric=deployments value=2
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=DPOR metric=deployments value=5
    And operator: metric.record organisation=100 on=2023-09 tenant_class=smb metric=net_customer_adds value=4
    And operator: metric.record organisation=100 on=2023-09 tenant_class=smb type=CPOR metric=usage_growth value=300
    And operator: metric.record organisation=100 on=2023-09 tenant_class=smb type=CSP metric=usage_growth value=700
    And operator: metric.record organisation=100 on=2023-09 tenant_class=smb type=CPOR metric=deployments value=4
    And operator: metric.record organisation=100 on=2023-09 tenant_class=smb type=CSP metric=deployments value=3
    When `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has:
      | class                    | smb                     |
      | points                   | 71                      |
      | level                    | qualified               |
      | missing                  | []                      |
      | classes.points           | [67.5, 71]              |
      | classes.0.metrics.points | [12, 10, 15, 18, 12.5]  |
      | classes.1.metrics.points | [8, 10, 15, 18, 20]     |
      | classes.0.metrics.best_type | [nothing, nothing, nothing, DPOR, DPOR] |
      | classes.1.metrics.best_type | [nothing, nothing, nothing, CPOR, CPOR] |

  Scenario: The test vectors: the type with most points wins, capped at the metric's points
    Source: domain.md §8.3; domain.md §7.3

    Given 2023-10-02 operator: metric.record organisation=100 on=2023-09 type=DPOR metric=usage_growth value=2000
    And operator: metric.record organisation=100 on=2023-09 type=CPOR metric=usage_growth value=1500
    And operator: metric.record organisation=100 on=2023-09 type=DPOR metric=deployments value=4
    And operator: metric.record organisation=100 on=2023-09 type=CPOR metric=deployments value=3
    When `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has:
      | classes.0.metrics.3.points       | 30       |
      | classes.0.metrics.3.best_type    | CPOR     |
      | classes.0.metrics.3.parts.points | [30, 15] |
      | classes.0.metrics.4.points       | 15       |
      | classes.0.metrics.4.best_type    | CPOR     |
      | classes.0.metrics.4.parts.points | [15, 10] |

  Scenario: What nobody recorded is missing, and what no report says is said to be without report
    Source: domain.md §8.3; DESIGN §7

    When 2023-10-02 operator: metric.record organisation=100 on=2023-09 metric=advanced_certs value=2
    And `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has:
      | level     | nothing   |
      | qualified | nothing   |
      | points    | 15        |
      | missing   | [net_customer_adds, intermediate_certs, usage_growth, deployments] |
      | classes.0.metrics.1.why | no intermediate_certs is recorded; use metric.record |
      | classes.0.metrics.3.why | no report for m365.mau in 2023-09 |

  Scenario: A figure set right, and one withdrawn, as known then and now
    Source: domain.md §8.3; DESIGN §5

    Given 2023-10-02 operator: metric.record organisation=100 on=2023-09 metric=advanced_certs value=2
    And 2023-10-10 operator: metric.record organisation=100 on=2023-09 metric=advanced_certs value=1
    When 2023-10-20 operator: metric.withdraw organisation=100 on=2023-09 metric=advanced_certs
    And `attribution level 100 --programme modern_work_2023 --month 2023-09 --known 2023-10-05`
    Then the answer has classes.0.metrics.2.points=15
    When `attribution level 100 --programme modern_work_2023 --month 2023-09 --known 2023-10-15`
    Then the answer has classes.0.metrics.2.points=7.5
    When `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has classes.0.metrics.2.status=incomplete

  Scenario: One month of the six is enough, and the enrolment stays to its anniversary whatever the score
    Source: domain.md §8.3; domain.md §13, 7

    Given 2023-06-02 operator: metric.record organisation=100 on=2023-05 metric=intermediate_certs value=4
    And operator: metric.record organisation=100 on=2023-05 metric=advanced_certs value=2
    And operator: metric.record organisation=100 on=2023-05 metric=net_customer_adds value=10
    And operator: metric.record organisation=100 on=2023-05 type=CPOR metric=usage_growth value=1000
    And operator: metric.record organisation=100 on=2023-05 type=DPOR metric=usage_growth value=0
    And operator: metric.record organisation=100 on=2023-05 type=CSP metric=usage_growth value=0
    And operator: metric.record organisation=100 on=2023-05 type=CPOR metric=deployments value=5
    And operator: metric.record organisation=100 on=2023-05 type=DPOR metric=deployments value=0
    And operator: metric.record organisation=100 on=2023-05 type=CSP metric=deployments value=0
    And 2023-06-10 operator: competency.attain organisation=100 competency=modern_work level=designation
    And 2023-11-02 operator: metric.record organisation=100 on=2023-10 metric=net_customer_adds value=0
    When `attribution level 100 --programme modern_work_2023 --month 2023-10`
    Then the answer has:
      | level                  | nothing    |
      | qualified              | no         |
      | attained_in            | 2023-05    |
      | window.month           | [2023-05, 2023-06, 2023-07, 2023-08, 2023-09, 2023-10] |
      | window.level           | [qualified, nothing, nothing, nothing, nothing, nothing] |
      | enrolment.state        | active     |
      | enrolment.anniversary  | 2024-06-10 |
      | enrolment.renewal_from | 2023-12-01 |
    When `attribution level 100 --programme modern_work_2023 --month 2023-11`
    Then the answer has attained_in=nothing enrolment.state=active

  Scenario: S12: only what grew after the association counts, and a restatement changes the new answer alone
    Source: domain.md §15, S12; domain.md §7.3

    Given 2023-08-10 00:00 claim C-1 of 101 on contoso teams is approved
    And the file usage.tsv:
      """
      CustomerTenantId	WorkloadName	MonthlyActiveUsers	PaidAvailableUnits	ClaimId	MpnId	DateAssociated	PartnerAttributionType	Date
      00000000-0000-4000-8000-0000000000c1	Teams	100	300	C-1	101	2023-08-10	CPOR	2023-07-01
      00000000-0000-4000-8000-0000000000c1	Teams	120	300	C-1	101	2023-08-10	CPOR	2023-08-01
      00000000-0000-4000-8000-0000000000c1	Teams	220	300	C-1	101	2023-08-10	CPOR	2023-09-01
      """
    And the file restated.tsv:
      """
      CustomerTenantId	WorkloadName	MonthlyActiveUsers	PaidAvailableUnits	ClaimId	MpnId	DateAssociated	PartnerAttributionType	Date
      00000000-0000-4000-8000-0000000000c1	Teams	150	300	C-1	101	2023-08-10	CPOR	2023-08-01
      """
    And 2023-10-16 operator: usage.load file=usage.tsv kind=cpor_m365 exported=2023-10-16
    And 2023-11-16 operator: usage.load file=restated.tsv kind=cpor_m365 exported=2023-11-16
    When `attribution level 100 --programme modern_work_2023 --month 2023-09 --known 2023-10-31`
    Then the answer has classes.1.metrics.3.points=6 classes.1.metrics.3.parts.amount=[100, 0]
    When `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has:
      | classes.1.metrics.3.points       | 4.2     |
      | classes.1.metrics.3.parts.amount | [70, 0] |
      | tenants.class                    | [smb]   |

  Scenario: A deployment that was active already when it was claimed is left out for twelve months
    Source: domain.md §7.3; domain.md §8.3

    Given 2022-08-15 claim C-1 of 101 on contoso teams is approved
    And 2023-06-15 claim C-2 of 101 on fabrikam teams is approved
    And the file usage.tsv:
      """
      CustomerTenantId	WorkloadName	MonthlyActiveUsers	PaidAvailableUnits	ClaimId	MpnId	DateAssociated	PartnerAttributionType	Date
      00000000-0000-4000-8000-0000000000c1	Teams	39	100	C-1	101	2022-08-15	CPOR	2022-09-01
      00000000-0000-4000-8000-0000000000c1	Teams	40	100	C-1	101	2022-08-15	CPOR	2023-09-01
      00000000-0000-4000-8000-0000000000f1	Teams	90	100	C-2	101	2023-06-15	CPOR	2022-09-01
      00000000-0000-4000-8000-0000000000f1	Teams	90	100	C-2	101	2023-06-15	CPOR	2023-05-01
      00000000-0000-4000-8000-0000000000f1	Teams	95	100	C-2	101	2023-06-15	CPOR	2023-09-01
      """
    And 2023-10-16 operator: usage.load file=usage.tsv kind=cpor_m365 exported=2023-10-16
    When `attribution level 100 --programme modern_work_2023 --month 2023-09`
    Then the answer has:
      | classes.1.metrics.4.parts.0.part    | CPOR |
      | classes.1.metrics.4.parts.0.amount  | 1    |
      | classes.1.metrics.0.parts.amount    | [1]  |
      | next.level                          | qualified |

  Scenario: A programme of one's own needs no code, and changes no older answer
    Source: DESIGN §7

    Given the file mine.toml:
      """
      id = "certified"
      title = "Certified"
      era = "ours"
      valid_from = 2023-01-01
      source = "our guide"
      [credit]
      rule = "slot_holder_on_date"
      openings = false
      source = "our guide"
      [qualify]
      source = "our guide"
      [[qualify.level]]
      id = "bronze"
      title = "Bronze"
      points = 5
      source = "our guide, page 1"
      [[qualify.level]]
      id = "silver"
      title = "Silver"
      points = 8
      source = "our guide, page 1"
      [[tenant_class]]
      id = "all"
      title = "All"
      source = "our guide"
      [[metric]]
      id = "people"
      title = "People"
      max_points = 10
      formula = "linear"
      measure = "people with a certificate"
      by = [{ function = "recorded" }]
      source = "our guide, page 2"
      threshold = [{ class = "all", value = 20, source = "our guide, page 2" }]
      """
    And 2023-10-01 operator: programme.adopt file=mine.toml
    And 2023-10-02 operator: metric.record programme=certified location=101 on=2023-09 metric=people value=9
    And 2023-10-02 operator: metric.record programme=certified location=102 on=2023-09 metric=people value=3
    When `attribution level 100 --programme certified --month 2023-09`
    Then the answer has:
      | points            | 6        |
      | level             | bronze   |
      | next.level        | silver   |
      | next.points       | 2        |
      | next.steps.more   | [4]      |
      | adopted_at        | *        |
    When `attribution level 102 --programme certified --month 2023-09`
    Then the answer has points=1.5 scope=location level=nothing
    When `attribution level --all --programme certified --month 2023-09`
    Then the answer is:
      | rank | partner | level  | points |
      | 1    | 100     | bronze | 6      |

  Scenario: A figure no programme asks for is refused, and so is who may not record it
    Source: domain.md §8 [P]

    When 2023-10-02 operator: metric.record organisation=100 on=2023-09 metric=luck value=4
    Then refused unknown_figure saying "advanced_certs"
    When incentives-101: metric.record organisation=100 on=2023-09 metric=advanced_certs value=4
    Then refused not_permitted
    When admin-200: metric.record organisation=100 on=2023-09 metric=advanced_certs value=4
    Then refused not_permitted
    When admin-100: metric.record organisation=100 on=2023-09 metric=advanced_certs value=4
    Then accepted metric.recorded with value=4 on=2023-09-30

  Scenario: Customers near a threshold are told before, with the rule of the programme's file
    Source: domain.md §8.3; domain.md §10, 15; domain.md §10, 14 [P]

    Given 2023-08-15 claim C-1 of 101 on contoso teams, exchange is approved
    And claim C-2 of 101 on fabrikam teams is approved
    And 2023-10-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 400   | 150   |
      | 2023-09 | contoso  | exchange | 400   | 165   |
      | 2023-09 | fabrikam | teams    | 400   | 100   |
    When `attribution outlook 101`
    Then the answer says "150 of m365.mau in 2023-09, 10 short of the 160 that count for Deployments (Enterprise)"
    And the answer says "165 of m365.mau in 2023-09, 5 above the least of 160 that counts for Deployments (Enterprise)"
    And the answer says "domain.md §8.3, Deployments (25); §7.3: already above 40 %"
    And the answer never says "100 of m365.mau"
    And the answer never says "points are missing"

  Scenario: A level that few points are missing to is told with what would bring them
    Source: domain.md §8.3; domain.md §10, 15 [P]

    Given 2023-10-02 operator: metric.record organisation=100 on=2023-09 metric=intermediate_certs value=4
    And operator: metric.record organisation=100 on=2023-09 metric=advanced_certs value=2
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise metric=net_customer_adds value=3
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=CPOR metric=usage_growth value=450
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=DPOR metric=usage_growth value=2400
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=CPOR metric=deployments value=2
    And operator: metric.record organisation=100 on=2023-09 tenant_class=enterprise type=DPOR metric=deployments value=5
    When `attribution outlook 100`
    Then the answer says "2.5 points are missing to Qualified, as of 2023-09: 0.63 more of net_customer_adds or 233.34 more of usage_growth by CPOR or"
