Feature: Granular delegated administration

  Background:
    Given the market
    And 2023-08-01 admin-100: gdap.request relationship=G-1 tenant=contoso location=101 roles=["Service Support Administrator"] duration_days=120

  Scenario: The customer approves, nobody else
    Source: domain.md §6.3

    When 2023-08-02 admin-100: gdap.approve relationship=G-1
    Then refused not_permitted
    When 2023-08-02 fabrikam-admin: gdap.approve relationship=G-1
    Then refused not_permitted
    When 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    Then accepted gdap.approved with until=2023-11-30
    And holder of gdap:G-1 on 2023-08-02 is 101
    And holder of gdap:G-1 on 2023-11-30 is nobody

  Scenario: A request lapses after 90 days and never was a relationship
    Source: domain.md §6.3

    When 2023-10-30 contoso-admin: gdap.approve relationship=G-1
    Then refused gdap_state
    When the clock runs on 2023-10-31
    Then gdap.request_lapsed was recorded
    And holder of gdap:G-1 on 2023-09-01 is nobody

  Scenario: The day before, the customer still may
    Source: domain.md §6.3

    When 2023-10-29 23:59:59 contoso-admin: gdap.approve relationship=G-1
    Then accepted gdap.approved

  Scenario: Duration is one day to two years
    Source: domain.md §6.3 [P]

    When 2023-08-01 admin-100: gdap.request relationship=G-2 tenant=contoso location=101 roles=["Global Reader"] duration_days=0
    Then refused gdap_duration
    When 2023-08-01 admin-100: gdap.request relationship=G-2 tenant=contoso location=101 roles=["Global Reader"] duration_days=731
    Then refused gdap_duration
    When 2023-08-01 admin-100: gdap.request relationship=G-2 tenant=contoso location=101 roles=["Global Reader"] duration_days=730
    Then accepted gdap.requested
    When 2023-08-01 admin-100: gdap.request relationship=G-3 tenant=contoso location=101 roles=["Global Reader"] duration_days=1
    Then accepted gdap.requested

  Scenario: Notices come 30, 7 and 1 days before the end, then it ends
    Source: domain.md §6.3

    Given 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    When `attribution deadlines --name gdap_notice`
    Then the answer has relationship=G-1 due=2023-10-31
    When the clock runs on 2023-10-31
    Then gdap.expiry_notified was recorded
    When the clock runs on 2023-11-23
    Then gdap.expiry_notified was recorded
    When the clock runs on 2023-11-29
    Then gdap.expiry_notified was recorded
    When `attribution deadlines`
    Then the answer has name=gdap_end due=2023-11-30
    When the clock runs on 2023-11-30
    Then gdap.expired was recorded
    When `attribution gdap list`
    Then the answer has relationship=G-1 state=expired

  Scenario: A clock that ran late records the same, each at its own instant
    Source: DESIGN §5

    Given 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    When the clock runs on 2024-01-15
    Then gdap.expiry_notified, gdap.expiry_notified, gdap.expiry_notified, gdap.expired were recorded

  Scenario: From 30 October 2023 on it can extend itself by six months
    Source: domain.md §6.3; domain.md §13, 14

    Given 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    When 2023-10-29 admin-100: gdap.set_auto_extend relationship=G-1 auto_extend=true
    Then refused gdap_no_auto_extend
    When 2023-10-30 admin-100: gdap.set_auto_extend relationship=G-1 auto_extend=true
    Then accepted gdap.auto_extend_set
    And holder of gdap:G-1 on 2023-12-01 is nobody
    When the clock runs on 2023-12-15
    Then holder of gdap:G-1 on 2023-12-01 is 101
    And holder of gdap:G-1 on 2024-05-29 is 101
    And holder of gdap:G-1 on 2024-05-30 is nobody

  Scenario: There is no other renewal: after the end it is requested anew
    Source: domain.md §6.3

    Given 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    When 2023-12-01 contoso-admin: gdap.approve relationship=G-1
    Then refused gdap_state
    When 2023-12-01 admin-100: gdap.request relationship=G-2 tenant=contoso location=101 roles=["Global Reader"] duration_days=30
    Then accepted gdap.requested

  Scenario: Ending it by either side leaves the reseller relationship
    Source: domain.md §6.3

    Given 2023-08-02 operator: subscription.start subscription=S-1 tenant=contoso product=azure offer=Azure channel=csp_direct transacting_partner=101
    And 2023-08-02 contoso-admin: gdap.approve relationship=G-1
    When 2023-09-01 admin-100: gdap.terminate relationship=G-1 by=partner
    Then accepted gdap.terminated
    And holder of gdap:G-1 on 2023-08-31 is 101
    And holder of gdap:G-1 on 2023-09-01 is nobody
    And holder of csp:S-1 on 2023-09-02 is 101

  Scenario: One partner may have several relationships with a customer, and a request is not yet one
    Source: domain.md §6.3 [P]

    Given 2023-08-02 admin-100: gdap.request relationship=G-2 tenant=contoso location=101 roles=["Global Reader"] duration_days=30
    And 2023-08-03 contoso-admin: gdap.approve relationship=G-2
    Then holders with kind=DAP tenant=contoso on 2023-08-04 are:
      | slot     | partner | role |
      | gdap:G-2 | 101     | GDAP |
    And holder of gdap:G-1 on 2023-08-04 is nobody

  Scenario: A delegation recorded with its end stands among the deadlines until it ends, by itself or before
    Source: domain.md §6.3

    Given 2023-08-02 contoso-admin: delegated_admin.grant tenant=contoso location=201 kind=GDAP roles=["Global Reader"] until="2024-08-01T00:00:00Z"
    When `attribution deadlines --name delegation_end`
    Then the answer has due="2024-08-01T00:00:00Z" about=GDAP tenant=contoso partner=201 effect=true
    When the clock runs on 2023-12-01
    Then gdap.request_lapsed was recorded
    When the clock runs on 2024-08-02
    Then delegated_admin.expired was recorded
    Given 2024-08-03 contoso-admin: delegated_admin.grant tenant=contoso location=201 kind=GDAP roles=["Global Reader"] until="2025-08-01T00:00:00Z"
    And 2024-09-01 contoso-admin: delegated_admin.end tenant=contoso location=201
    When `attribution deadlines --name delegation_end`
    Then the answer has 0 rows
