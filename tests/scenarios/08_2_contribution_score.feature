Feature: The contribution score of Cloud Business Applications

  Background:
    Given the market
    And policy P2020 in force from 2019-10-01
    And 2020-01-02 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 channel=web_direct

  Scenario: Users of a customer are shared by every partner on any of its paid subscriptions
    Source: domain.md §7.2; domain.md §8.2

    Given 2020-02-01 operator: subscription.start subscription=S-2 tenant=contoso product=dynamics365 channel=csp_direct transacting_partner=201
    And 2020-03-01 contoso-admin: dpor.set subscription=S-1 location=101
    And the file pci_small.toml:
      """
      id = "pci_small"
      title = "Three lines of the contribution score"
      era = "2020-21"
      valid_from = 2020-01-01
      source = "domain.md §8.2"
      [credit]
      rule = "slot_holder_on_date"
      openings = false
      source = "domain.md §7.2"
      [qualify]
      source = "domain.md §8.2"
      [[qualify.level]]
      id = "silver"
      title = "Silver"
      points = 60
      source = "domain.md §8.2"
      [[tenant_class]]
      id = "ce"
      title = "Customer Engagement"
      workloads = ["sales"]
      source = "domain.md §8.2"
      [[type]]
      id = "usage"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["usage"] }
      beaten = { DPOR = "CPOR" }
      shared = true
      source = "domain.md §7.2"
      [[type]]
      id = "sales"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["revenue"] }
      beaten = { DPOR = "CPOR" }
      source = "domain.md §7.2"
      [[metric]]
      id = "mau_growth"
      title = "MAU growth"
      max_points = 25
      formula = "percent_growth"
      measure = "active users against the year before"
      by = [{ function = "level_growth", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 25, baseline = 250, source = "domain.md §8.2" }]
      [[metric]]
      id = "new_deployments"
      title = "New deployments"
      max_points = 20
      formula = "linear"
      measure = "instances that crossed 250 users"
      by = [{ function = "crossings", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 5, size = 250, source = "domain.md §8.2" }]
      """
    And the file usage.tsv:
      """
      FiscalMonthName	GlobalPartnerID	CustomerTenantID	SubscriptionID	MetricType	Workload	SkuGroup	PAMAU	MAU
      2020-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		300
      2020-04-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-05-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-06-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-07-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-08-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-09-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-10-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-11-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-12-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-01-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-02-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		345
      """
    And 2021-04-20 operator: programme.adopt file=pci_small.toml
    And 2021-04-20 operator: usage.load file=usage.tsv kind=bizapps_usage exported=2021-04-20
    When `attribution level 100 --programme pci_small --month 2021-03`
    Then the answer has:
      | classes.0.metrics.points         | [15, 0] |
      | classes.0.metrics.0.parts.before | [300]   |
      | classes.0.metrics.0.parts.amount | [345]   |
    When `attribution level 200 --programme pci_small --month 2021-03`
    Then the answer has classes.0.metrics.points=[15, 0]
    When `attribution level 300 --programme pci_small --month 2021-03`
    Then the answer has classes.0.metrics.points=[0, 0]

  Scenario: A claim on the usage goes before the partner of record on the same subscription
    Source: domain.md §7.2

    Given 2020-02-01 contoso-admin: dpor.set subscription=S-1 location=101
    And 2020-02-10 09:00 claim C-1 of 201 on contoso subscription S-1 for usage is approved
    And the file pci_small.toml:
      """
      id = "pci_small"
      title = "Three lines of the contribution score"
      era = "2020-21"
      valid_from = 2020-01-01
      source = "domain.md §8.2"
      [credit]
      rule = "slot_holder_on_date"
      openings = false
      source = "domain.md §7.2"
      [qualify]
      source = "domain.md §8.2"
      [[qualify.level]]
      id = "silver"
      title = "Silver"
      points = 60
      source = "domain.md §8.2"
      [[tenant_class]]
      id = "ce"
      title = "Customer Engagement"
      workloads = ["sales"]
      source = "domain.md §8.2"
      [[type]]
      id = "usage"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["usage"] }
      beaten = { DPOR = "CPOR" }
      shared = true
      source = "domain.md §7.2"
      [[type]]
      id = "sales"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["revenue"] }
      beaten = { DPOR = "CPOR" }
      source = "domain.md §7.2"
      [[metric]]
      id = "mau_growth"
      title = "MAU growth"
      max_points = 25
      formula = "percent_growth"
      measure = "active users against the year before"
      by = [{ function = "level_growth", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 25, baseline = 250, source = "domain.md §8.2" }]
      [[metric]]
      id = "new_deployments"
      title = "New deployments"
      max_points = 20
      formula = "linear"
      measure = "instances that crossed 250 users"
      by = [{ function = "crossings", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 5, size = 250, source = "domain.md §8.2" }]
      """
    And the file usage.tsv:
      """
      FiscalMonthName	GlobalPartnerID	CustomerTenantID	SubscriptionID	MetricType	Workload	SkuGroup	PAMAU	MAU
      2020-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		300
      2020-04-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-05-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-06-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-07-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-08-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-09-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-10-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-11-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2020-12-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-01-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-02-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		310
      2021-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		345
      """
    And 2021-04-20 operator: programme.adopt file=pci_small.toml
    And 2021-04-20 operator: usage.load file=usage.tsv kind=bizapps_usage exported=2021-04-20
    When `attribution level 200 --programme pci_small --month 2021-03`
    Then the answer has classes.0.metrics.0.points=15
    When `attribution level 100 --programme pci_small --month 2021-03`
    Then the answer has classes.0.metrics.0.points=0

  Scenario: Under the baseline growth earns nothing; a place that crosses the size once is a deployment
    Source: domain.md §8.2

    Given 2020-03-01 contoso-admin: dpor.set subscription=S-1 location=101
    And the file pci_small.toml:
      """
      id = "pci_small"
      title = "Three lines of the contribution score"
      era = "2020-21"
      valid_from = 2020-01-01
      source = "domain.md §8.2"
      [credit]
      rule = "slot_holder_on_date"
      openings = false
      source = "domain.md §7.2"
      [qualify]
      source = "domain.md §8.2"
      [[qualify.level]]
      id = "silver"
      title = "Silver"
      points = 60
      source = "domain.md §8.2"
      [[tenant_class]]
      id = "ce"
      title = "Customer Engagement"
      workloads = ["sales"]
      source = "domain.md §8.2"
      [[type]]
      id = "usage"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["usage"] }
      beaten = { DPOR = "CPOR" }
      shared = true
      source = "domain.md §7.2"
      [[type]]
      id = "sales"
      kinds = ["CPOR", "DPOR", "CSP_T1", "CSP_T2"]
      activities = { CPOR = ["revenue"] }
      beaten = { DPOR = "CPOR" }
      source = "domain.md §7.2"
      [[metric]]
      id = "mau_growth"
      title = "MAU growth"
      max_points = 25
      formula = "percent_growth"
      measure = "active users against the year before"
      by = [{ function = "level_growth", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 25, baseline = 250, source = "domain.md §8.2" }]
      [[metric]]
      id = "new_deployments"
      title = "New deployments"
      max_points = 20
      formula = "linear"
      measure = "instances that crossed 250 users"
      by = [{ function = "crossings", metric = "bizapps.mau", months = 12 }]
      types = ["usage"]
      source = "domain.md §8.2"
      threshold = [{ class = "ce", value = 5, size = 250, source = "domain.md §8.2" }]
      """
    And the file usage.tsv:
      """
      FiscalMonthName	GlobalPartnerID	CustomerTenantID	SubscriptionID	MetricType	Workload	SkuGroup	PAMAU	MAU
      2020-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		249
      2020-04-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		249
      2020-05-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		249
      2020-06-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		249
      2020-07-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		250
      2020-08-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2020-09-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2020-10-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2020-11-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2020-12-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2021-01-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2021-02-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      2021-03-01	100	00000000-0000-4000-8000-0000000000c1	S-1	paid	Sales	X		240
      """
    And 2021-04-20 operator: programme.adopt file=pci_small.toml
    And 2021-04-20 operator: usage.load file=usage.tsv kind=bizapps_usage exported=2021-04-20
    When `attribution level 100 --programme pci_small --month 2021-03`
    Then the answer has:
      | classes.0.metrics.points         | [0, 4] |
      | classes.0.metrics.1.parts.amount | [1]    |

  Scenario: Without a list of markets the shipped score is incomplete by market, and says which
    Source: domain.md §8.2

    Given 2021-04-20 operator: metric.record programme=pci_2021 organisation=100 on=2021-03 metric=functional_consultants value=5
    When `attribution level 100 --programme pci_2021 --month 2021-03`
    Then the answer has:
      | classes.2.metrics.2.metric | functional_consultants |
      | classes.2.metrics.2.points | 30 |
      | classes.0.metrics.0.why    | which countries are developed and developing is not published |
      | classes.2.metrics.0.why    | no report for bizapps.revenue in 2020-04, 2020-05, 2020-06 and 9 more months |
