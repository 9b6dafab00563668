Feature: What users suffer from, and the ledger's answer

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario: A proof rejected for its missing disclosure is approved later with the original date
    Source: domain.md §10, 6; domain.md §3.4

    Given 2021-03-01 09:00 claim C-1 of 101 on northwind exchange is under review
    When reviewer: claim.approve claim=C-1
    Then refused proof_incomplete saying "public_sector_disclosure"
    Given reviewer: claim.request_action claim=C-1 comment="The public sector disclosure is missing."
    And 2021-03-05 incentives-101: claim.resubmit claim=C-1:
      | proof | {"documents": [{"title": "With disclosure", "sha256": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}], "elements": ["identities", "customer_acknowledgement", "activities", "workloads", "public_sector_disclosure"], "acknowledged_on": "2021-03-04"} |
    And reviewer: claim.start_review claim=C-1
    When 2021-03-08 reviewer: claim.approve claim=C-1 effective_at=2021-03-01
    Then refused reason_needed
    When reviewer: claim.approve claim=C-1 effective_at=2021-03-01 back_dated_because="Disclosure only was missing; the work began then."
    Then accepted claim.approved
    And holder of cpor:m365:northwind:exchange on 2021-03-01 is 101
    And holder of cpor:m365:northwind:exchange on 2021-03-01, as known before is nobody

  Scenario: A wrong location is mended while the policy lets it, without claiming anew
    Source: domain.md §10, 13; domain.md §4.2, Editing

    Given 2021-03-01 admin-100: role.grant grantee=incentives-101 role=incentive_admin location=102
    And 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is submitted
    When incentives-101: claim.amend claim=C-1 location=102 comment="Our office 102 does the work."
    Then accepted claim.amended with moved_from=101
    And claim C-1 is submitted with partner=102
    Given reviewer: claim.start_review claim=C-1
    And reviewer: claim.approve claim=C-1
    Then holder of cpor:m365:contoso:exchange on 2021-03-02 is 102

  Scenario: A location of another partner is no correction
    Source: domain.md §10, 13 [P]

    Given 2021-03-01 admin-200: role.grant grantee=incentives-101 role=incentive_admin location=201
    And 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is submitted
    When incentives-101: claim.amend claim=C-1 location=201
    Then refused not_your_location

  Scenario: Once something is held, a wrong location or activity means ending and claiming anew
    Source: domain.md §10, 13; domain.md §4.2, 12

    Given 2023-11-06 claim C-1 of 101 on contoso exchange is approved
    And 2023-12-04 incentives-101: claim.disassociate claim=C-1 reason=wrong_location
    And 2023-12-04 10:00 claim C-2 of 102 on contoso exchange is approved
    Then holder of cpor:m365:contoso:exchange on 2023-12-03 is 101
    And holder of cpor:m365:contoso:exchange on 2023-12-05 is 102
