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
