Feature: Transitions of a claim that meet each other

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario: A dispute that was won leaves no second one, not even against an arbitration
    Source: domain.md §4.2, 9-10; domain.md §5, ledger consequences (d)

    Given 2023-11-01 claim C-1 of 101 on contoso teams is rejected
    And 2023-11-02 incentives-101: claim.dispute claim=C-1
    And 2023-11-03 reviewer: claim.approve claim=C-1
    And 2023-11-10 claim C-2 of 201 on contoso teams is under review
    And reviewer: arbitration.open claim=C-2
    And 2023-12-20 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    When 2023-12-21 incentives-101: claim.dispute claim=C-1
    Then refused loss_is_final
    And holder of cpor:m365:contoso:teams on 2023-12-21 is 201

  Scenario: A second dispute is refused under P2023 within the 30 days too
    Source: domain.md §4.2, 9

    Given 2023-11-01 claim C-1 of 101 on contoso teams is rejected
    And 2023-11-02 incentives-101: claim.dispute claim=C-1
    And 2023-11-03 reviewer: claim.reject claim=C-1
    When 2023-11-04 incentives-101: claim.dispute claim=C-1
    Then refused loss_is_final
    And claim C-1 is rejected final with disputes=1

  Scenario: After 30 days the partner files anew, and may at once
    Source: domain.md §4.2, 11

    Given 2023-11-01 claim C-1 of 101 on contoso teams is rejected
    When 2023-12-01 00:00 incentives-101: claim.dispute claim=C-1
    Then refused dispute_late
    When incentives-101: claim.submit claim=C-2 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted with contested=[]

  Scenario: The last moment of the 30 days still counts
    Source: domain.md §4.2, 9

    Given 2023-11-01 claim C-1 of 101 on contoso teams is rejected
    When 2023-11-30 23:59:59 incentives-101: claim.dispute claim=C-1
    Then accepted claim.disputed

  Scenario: An association that was given back is claimed again by the same partner
    Source: domain.md §8.4; domain.md §4.2, 12

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-12-01 incentives-101: claim.disassociate claim=C-1
    When 2023-12-01 incentives-101: claim.submit claim=C-2 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted with contested=[]

  Scenario: A reviewer whose only tie to a partner is another role judges none of its claims, nor its rivals'
    Source: domain.md §14, 5

    Given 2023-11-01 operator: role.grant grantee=rolf role=reviewer
    And admin-100: role.grant grantee=rolf role=incentive_user location=101
    And claim C-1 of 102 on contoso teams is submitted
    And claim C-2 of 201 on contoso teams is submitted
    When rolf: claim.start_review claim=C-1
    Then refused own_interest
    When rolf: claim.start_review claim=C-2
    Then refused own_interest

  Scenario: A reviewer of an organisation that merged with the partner's judges its claims no more
    Source: domain.md §14, 5; domain.md §7.5

    Given 2023-11-01 operator: role.grant grantee=rolf role=reviewer organisation=300
    And claim C-1 of 101 on contoso teams is submitted
    And rolf: claim.start_review claim=C-1
    And 2023-11-02 operator: organisation.merge organisation=300 into=100
    When 2023-11-03 rolf: claim.approve claim=C-1
    Then refused own_interest

  Scenario: A reviewer may not judge a claim of the customer it administers
    Source: domain.md §14, 5 [P]

    Given 2023-11-01 claim C-1 of 101 on contoso teams is under review
    When contoso-admin: claim.approve claim=C-1
    Then refused not_permitted

  Scenario: Another customer's administrator declines nothing
    Source: domain.md §4.3

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    When 2021-03-02 fabrikam-admin: consent.decline claim=C-1
    Then refused not_permitted
    When contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with from_the_beginning=true

  Scenario: A no that reached the operator inside the window counts though it is keyed in after the lapse
    Source: DESIGN §3; domain.md §4.2, 7-8

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    And the clock runs on 2021-03-12
    Then claim C-1 is approved with consent=passed
    When 2021-03-15 reviewer: consent.decline claim=C-1 received_at=2021-03-05 comment="Letter of 5 March"
    Then accepted consent.declined with from_the_beginning=true
    And holder of cpor:m365:contoso:teams on 2021-03-03 is nobody
    And holder of cpor:m365:contoso:teams on 2021-03-03, as known before is 101

  Scenario Outline: When an act was received is neither in the future nor before there was anything to answer
    Source: DESIGN §3

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    When 2021-03-04 reviewer: consent.decline claim=C-1 received_at=<received> comment="A letter"
    Then refused <code>

    Examples:
      | received   | code                |
      | 2021-03-05 | effective_in_future |
      | 2021-02-01 | effective_too_early |

  Scenario: A notice that bounces after silence has confirmed takes nothing back
    Source: domain.md §14, 1; domain.md §4.2, 8

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    And the clock runs on 2021-03-12
    When 2021-03-13 operator: consent.bounce claim=C-1
    Then refused consent_settled
    And holder of cpor:m365:contoso:teams on 2021-03-13 is 101

  Scenario: The winner's customer declines inside the window, and the holder before holds the interval again
    Source: DESIGN §6; domain.md §4.2, 7

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    And the clock runs on 2021-03-12
    And 2021-04-01 claim C-2 of 201 on contoso teams is under review
    And reviewer: arbitration.open claim=C-2
    And 2021-05-10 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    When 2021-05-12 contoso-admin: consent.decline claim=C-2
    Then accepted consent.declined with restored.claim=[C-1]
    And holder of cpor:m365:contoso:teams on 2021-05-11 is 101
    And holder of cpor:m365:contoso:teams on 2021-05-11, as known before is 201
    And claim C-1 is approved

  Scenario: Nobody is restored whose own customer said no in the same window, though it disputes that
    Source: DESIGN §6; domain.md §4.2, 7 and 9

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    And 2021-03-02 claim C-2 of 201 on contoso teams is under review
    And reviewer: arbitration.open claim=C-2
    And incentives-101: arbitration.answer claim=C-1 statement="We still run it."
    And 2021-03-03 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    And 2021-03-04 contoso-admin: consent.decline claim=C-1
    And incentives-101: claim.dispute claim=C-1
    When 2021-03-05 contoso-admin: consent.decline claim=C-2
    Then accepted consent.declined with restored=[]
    And holder of cpor:m365:contoso:teams on 2021-03-02 is nobody
    And holder of cpor:m365:contoso:teams on 2021-03-05 is nobody

  Scenario: Nobody is restored whose location is gone
    Source: DESIGN §6; domain.md §7.5

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    And the clock runs on 2021-03-12
    And 2021-04-01 claim C-2 of 201 on contoso teams is under review
    And reviewer: arbitration.open claim=C-2
    And 2021-05-10 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins
    And 2021-05-11 operator: location.delete location=101
    When 2021-05-12 contoso-admin: consent.decline claim=C-2
    Then accepted consent.declined with restored=[]
    And holder of cpor:m365:contoso:teams on 2021-05-12 is nobody

  Scenario: A slot that is free is approved plainly while its sister waits for arbitration
    Source: domain.md §5, 1; DESIGN §6

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 claim C-2 of 201 on contoso teams, exchange is under review
    When 2023-11-07 reviewer: claim.approve claim=C-2
    Then refused contested
    When reviewer: claim.approve claim=C-2 slots=[cpor:m365:contoso:exchange]
    Then holder of cpor:m365:contoso:exchange on 2023-11-07 is 201
    And claim C-2 is under review

  Scenario: A back-dated approval needs a reason, and reaches back to before the submission
    Source: domain.md §10, 6; DESIGN §6

    Given 2023-11-10 claim C-1 of 101 on contoso teams is under review
    When 2023-11-20 reviewer: claim.approve claim=C-1 effective_at=2023-11-01
    Then refused reason_needed
    When reviewer: claim.approve claim=C-1 effective_at=2023-11-01 back_dated_because="Full proof came later."
    Then holder of cpor:m365:contoso:teams on 2023-11-02 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-02, as known before is nobody

  Scenario: A winner that begins before the holder did is refused, and so is one at the same instant
    Source: DESIGN §6; domain.md §14, 12

    Given 2023-11-10 claim C-1 of 101 on contoso teams is approved
    And 2023-11-15 claim C-2 of 201 on contoso teams is under review
    And reviewer: arbitration.open claim=C-2
    When 2023-12-20 reviewer: arbitration.decide claim=C-2 outcome=challenger_wins effective_at=2023-11-09
    Then refused slot_was_held
    When reviewer: arbitration.decide claim=C-2 outcome=challenger_wins effective_at=2023-11-10
    Then refused slot_was_held
    When reviewer: arbitration.decide claim=C-2 outcome=challenger_wins effective_at=2023-11-12
    Then holder of cpor:m365:contoso:teams on 2023-11-11 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-12 is 201

  Scenario: What ended with the subscription is not given back, declined or disputed any more
    Source: domain.md §4.2, 14

    Given 2023-10-01 operator: subscription.start subscription=S-1 tenant=contoso
    And 2023-11-01 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    And 2023-12-01 operator: subscription.end subscription=S-1
    Then claim C-1 is ended
    When 2023-12-02 incentives-101: claim.disassociate claim=C-1
    Then refused not_held
    When 2023-12-02 contoso-admin: consent.decline claim=C-1
    Then refused wrong_state
    When 2023-12-02 incentives-101: claim.dispute claim=C-1
    Then refused wrong_state

  Scenario: A lost role counts no more though the claim is its own
    Source: domain.md §2

    Given 2023-11-01 claim C-1 of 101 on contoso teams is partner action required
    And 2023-11-02 admin-100: role.revoke grantee=incentives-101 role=incentive_admin location=101
    When 2023-11-03 incentives-101: claim.resubmit claim=C-1
    Then refused not_permitted

  Scenario: Nobody but the clock says that time passed
    Source: domain.md §4.2, 8; DESIGN §5

    Given 2021-03-01 claim C-1 of 101 on contoso teams is approved
    When 2021-03-02 clock: consent.confirm claim=C-1
    Then refused not_permitted
    When operator: clock.lapse claim=C-1 name=consent
    Then unreadable unknown_command
