Feature: Transitions of a claim and their time limits

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario Outline: A partner submits, a reviewer takes up and decides
    Source: domain.md §4.2, 2-4

    When 2023-11-01 09:00 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange]
    Then claim C-1 is submitted
    When 2023-11-02 reviewer: claim.start_review claim=C-1
    Then claim C-1 is under review
    When 2023-11-03 reviewer: <command> claim=C-1
    Then accepted <event>
    And claim C-1 is <state>

    Examples:
      | command              | event                  | state                   |
      | claim.approve        | claim.approved         | approved                |
      | claim.reject         | claim.rejected         | rejected                |
      | claim.request_action | claim.action_requested | partner action required |

  Scenario Outline: Silence after a request for action rejects the claim
    Source: domain.md §4.2, 6

    Given <asked> claim C-1 of 101 on contoso exchange is partner action required
    Then deadline answer of claim C-1 is <due>
    When the clock runs at <due>
    Then claim.lapsed was recorded
    And claim C-1 is rejected
    And claim C-1 has slots.outcome=[lapsed]

    Examples: 5 business days under P2020, 14 under P2023
      | asked            | due        |
      | 2021-03-01 09:00 | 2021-03-09 |
      | 2023-11-06 09:00 | 2023-11-25 |

  Scenario: An answer in time brings the claim back to the reviewer
    Source: domain.md §4.2, 5

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is partner action required
    When 2021-03-08 23:59 incentives-101: claim.resubmit claim=C-1
    Then accepted claim.resubmitted
    And claim C-1 is submitted

  Scenario: An answer after the deadline is refused, whether or not the lapse was recorded
    Source: domain.md §4.2, 6; DESIGN §6

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is partner action required
    When 2021-03-09 incentives-101: claim.resubmit claim=C-1
    Then refused answer_late
    And claim C-1 is partner action required

  Scenario: What is told for C-1 stands in its history and in the answers of the command line
    Source: domain.md §4.2, History

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    Then the history of claim C-1 is:
      | type                    | state        | actor          |
      | claim.submitted.v1      | submitted    | incentives-101 |
      | claim.review_started.v1 | under_review | reviewer       |
      | claim.approved.v1       | approved     | reviewer       |
    When `attribution holders --tenant contoso --effective 2021-03-02`
    Then the answer is:
      | kind | partner | claim | workload |
      | CPOR | 101     | C-1   | exchange |
    When `attribution claim show C-1`
    Then the answer has state=approved policy=P2020
    When `attribution claim show C-9`
    Then the answer says "C-9"
