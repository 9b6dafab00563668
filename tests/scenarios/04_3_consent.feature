Feature: The customer's consent, by each of the statements that disagree

  Background:
    Given the market
    And policy P2020
    And a file WINDOW.toml:
      """
      policy = "WINDOW"
      title = "P2020, but 5 business days to opt out, from submission on"
      calendar = "default"
      [areas.microsoft_365]
      activities = ["usage"]
      occupied = "arbitration"
      domain = "required"
      technical_contact = "optional"
      [review]
      take_up = "5 business days"
      decide = "5 business days"
      answer = "5 business days"
      back_dating = true
      [consent]
      mode = "opt_out_window"
      window = "5 business days"
      starts = "submission"
      late_no = "recorded"
      no_before_approval = true
      yes_before_approval = false
      [dispute]
      within = "30 days"
      most = 1
      answer = "5 business days"
      [proof]
      elements = ["identities"]
      usage_elements = []
      disclosure_countries = []
      acknowledged_within_months = 12
      added_in = ["submitted"]
      """

  Scenario: The window may be counted in business days from the submission, where the notice goes out
    Source: domain.md §4.3; domain.md §13, 4

    Given 2021-02-01 operator: policy.adopt file=WINDOW.toml
    And 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is under review
    When 2021-03-03 reviewer: claim.approve claim=C-1
    Then deadline consent of claim C-1 is 2021-03-09
    When 2021-03-08 23:59:59 contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with from_the_beginning=true

  Scenario: A window that closed before the approval is over at once
    Source: domain.md §4.3; DESIGN §5

    Given 2021-02-01 operator: policy.adopt file=WINDOW.toml
    And 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is under review
    And 2021-03-15 reviewer: claim.approve claim=C-1
    When contoso-admin: consent.decline claim=C-1
    Then accepted consent.objection_recorded
    And consent.passed, consent.objection_recorded were recorded
    And claim C-1 is approved with consent=passed

  Scenario: Whether the close was recorded or not, a late no is late
    Source: domain.md §4.2, 8; DESIGN §3

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    And claim C-2 of 101 on contoso teams is approved
    And the clock runs on 2021-03-09
    When 2021-03-20 contoso-admin: consent.decline claim=C-1
    Then accepted consent.objection_recorded with window_closed=2021-03-09
    And claim C-1 is approved

  Scenario: A no that reached the operator in time but is keyed in late counts
    Source: DESIGN §3; domain.md §4.2, 7

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    And the clock runs on 2021-03-12
    When 2021-03-15 operator: consent.decline claim=C-1 received_at="2021-03-08 17:00"
    Then refused evidence_needed
    When operator: consent.decline claim=C-1 received_at="2021-03-08 17:00" comment="E-mail of 8 March."
    Then accepted consent.declined with from_the_beginning=true
    And holder of cpor:m365:contoso:exchange on 2021-03-10 is nobody

  Scenario: The wrong policy file is refused with its line
    Source: domain.md §11.1, 2

    Given a file BAD.toml:
      """
      policy = "BAD"
      title = "Not whole"
      calendar = "default"
      areas = {}

      [review]
      take_up = "a while"
      """
    When 2021-02-01 operator: policy.adopt file=BAD.toml
    Then unreadable bad_policy saying "BAD.toml, line 7: review.take_up is 'a while'"
    When `attribution policy check BAD.toml`
    Then the answer says "BAD.toml, line 7: review.take_up is 'a while': allowed is a number from 1 to 999"
    And the answer says "line 6: review.decide is missing"
    When `attribution policy check WINDOW.toml`
    Then the answer has policy=WINDOW values=25

  Scenario: A customer may say no to one workload of a claim and keep the partner for the other
    Source: domain.md §4.2, 7

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso teams, exchange is approved
    When 2021-03-03 09:00 contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:teams] comment="Teams is rolled out by another."
    Then accepted consent.declined with slots=[cpor:m365:contoso:teams] from_the_beginning=true consent_closes="2021-03-09T00:00:00Z"
    And holder of cpor:m365:contoso:teams on 2021-03-04 is nobody
    And holder of cpor:m365:contoso:exchange on 2021-03-04 is 101
    And claim C-1 is approved
    And deadline consent of claim C-1 is 2021-03-09
    When `attribution claim show C-1`
    Then the answer says "declined"
    When the clock runs on 2021-03-10
    Then consent.passed was recorded
    When 2021-03-11 09:00 contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:exchange]
    Then accepted consent.objection_recorded with slots=[cpor:m365:contoso:exchange]
    And holder of cpor:m365:contoso:exchange on 2021-03-12 is 101
    When 2021-03-12 incentives-101: claim.dispute claim=C-1 justification="We did the work on Teams."
    Then accepted claim.disputed

  Scenario: Where the customer may decline at any time, one workload ends and the other goes on
    Source: domain.md §4.2, 7

    Given 2023-11-01 policy P2023
    And 2023-11-02 09:00 claim C-2 of 101 on contoso teams, exchange is approved
    When 2024-03-01 09:00 contoso-admin: consent.decline claim=C-2 slots=[cpor:m365:contoso:teams]
    Then accepted consent.declined with from_the_beginning=false
    And holder of cpor:m365:contoso:teams on 2024-02-01 is 101
    And holder of cpor:m365:contoso:teams on 2024-03-02 is nobody
    And holder of cpor:m365:contoso:exchange on 2024-03-02 is 101
    When 2024-04-01 09:00 contoso-admin: consent.decline claim=C-2 slots=[cpor:m365:contoso:exchange]
    Then accepted consent.declined
    And holder of cpor:m365:contoso:exchange on 2024-04-02 is nobody

  Scenario: A slot that the claim does not have, or that stands otherwise, is no part of one no
    Source: domain.md §4.2, 7 [P]

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso teams, exchange is under review
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:teams]
    When 2021-03-02 contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:sharepoint]
    Then refused not_deniable saying "cpor:m365"
    When contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:teams, cpor:m365:contoso:exchange]
    Then refused not_deniable
    When contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:exchange]
    Then refused wrong_state
    When contoso-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:teams]
    Then accepted consent.declined
    And claim C-1 is under review
    And claim C-1 has no deadline consent
    When reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    Then accepted claim.approved
    And deadline consent of claim C-1 is 2021-03-10
