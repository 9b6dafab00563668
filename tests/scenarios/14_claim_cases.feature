Feature: Cases that real users bring, about claims

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario: 1: a bounced notice, and silence does not confirm
    Source: domain.md §14, 1

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2021-03-02 reviewer: consent.bounce claim=C-1 comment="Mailbox unknown."
    Then claim C-1 is approved with consent=needed
    And claim C-1 has no deadline
    When the clock runs on 2021-04-01
    Then nothing was recorded
    When contoso-admin: consent.confirm claim=C-1
    Then claim C-1 is approved with consent=confirmed

  Scenario: 1: a contact at the partner's own domain, and silence does not confirm
    Source: domain.md §14, 1

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved:
      | customer_contact | {"name": "Jana Nova", "title": "IT manager", "email": "jana@partner-100.example"} |
    Then claim C-1 is approved with consent=needed
    And claim C-1 has no deadline

  Scenario: 3: several engagements on one customer have outcomes of their own
    Source: domain.md §14, 3

    Given 2020-12-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365
    And 2021-03-01 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    And claim C-2 of 101 on contoso subscription S-1 for pre_sales is rejected
    And claim C-3 of 201 on contoso exchange is approved
    Then holder of cpor:bizapps:S-1:usage on 2021-03-02 is 101
    And holder of cpor:bizapps:S-1:pre_sales on 2021-03-02 is nobody
    And holder of cpor:m365:contoso:exchange on 2021-03-02 is 201

  Scenario: 5: a reviewer of the own organisation, or of a rival's, does not judge
    Source: domain.md §14, 5

    Given 2021-03-01 operator: role.grant grantee=rene role=reviewer organisation=200
    And claim C-1 of 101 on contoso exchange is submitted
    And claim C-2 of 201 on contoso exchange is submitted
    When rene: claim.start_review claim=C-2
    Then refused own_interest
    When rene: claim.start_review claim=C-1
    Then refused own_interest
    When rene: claim.comment claim=C-1 comment="Weak."
    Then refused own_interest

  Scenario: 5: a partner's own tenant is no customer
    Source: domain.md §14, 5

    Given 2021-03-01 operator: customer.register tenant=00000000-0000-4000-8000-0000000000aa name=Own domains=[partner-100.example]
    When incentives-101: claim.submit claim=C-1 location=101 tenant=00000000-0000-4000-8000-0000000000aa domain=partner-100.example workloads=[exchange]
    Then refused partner_is_customer

  Scenario: 10: what deal registration reports as a subscription can't be claimed
    Source: domain.md §14, 10

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[00000000-0000-0000-0000-000000000000] activity=usage
    Then refused zero_subscription
    When operator: subscription.start subscription=00000000-0000-0000-0000-000000000000 tenant=contoso
    Then refused zero_subscription

  Scenario: 11: an objection one hour late is recorded, without effect, and visible to audit
    Source: domain.md §14, 11

    Given 2021-03-01 09:00 claim C-1 of 101 on contoso exchange is approved
    When 2021-03-09 01:00 contoso-admin: consent.decline claim=C-1 comment="We did not know."
    Then accepted consent.objection_recorded with window_closed=2021-03-09
    And claim C-1 is approved with consent=passed
    And holder of cpor:m365:contoso:exchange on 2021-03-10 is 101
    When `attribution claim history C-1`
    Then the answer says "objected after the window closed"

  Scenario: 12: a back-dated approval may not overlap an older holder
    Source: domain.md §14, 12

    Given 2023-11-06 claim C-1 of 101 on contoso exchange is approved
    And 2023-11-20 incentives-101: claim.disassociate claim=C-1 reason=no_longer_working
    And 2023-12-01 claim C-2 of 201 on contoso exchange is under review
    When reviewer: claim.approve claim=C-2 effective_at="2023-11-19 23:59" back_dated_because="Work began then."
    Then refused slot_was_held saying "C-1"
    When reviewer: claim.approve claim=C-2 effective_at=2023-11-20 back_dated_because="Work began then."
    Then accepted claim.approved
    And holder of cpor:m365:contoso:exchange on 2023-11-19 is 101
    And holder of cpor:m365:contoso:exchange on 2023-11-20 is 201

  Scenario: 13: a claim returned under one policy keeps it when the next comes into force
    Source: domain.md §14, 13

    Given 2023-09-28 09:00 claim C-1 of 101 on contoso exchange is partner action required
    Then deadline answer of claim C-1 is 2023-10-06
    When 2023-10-05 incentives-101: claim.resubmit claim=C-1
    Then claim C-1 is submitted with policy=P2020
    Given reviewer: claim.start_review claim=C-1
    And reviewer: claim.approve claim=C-1
    Then claim C-1 is approved with consent=window
    When 2023-10-09 incentives-101: claim.disassociate claim=C-1
    Then refused not_self_service saying "P2020"

  Scenario: 14: the time between the two documented policies follows P2020, and answers say so
    Source: domain.md §14, 14 [P]

    Given 2022-05-02 09:00 claim C-1 of 101 on contoso exchange is submitted
    When `attribution claim show C-1`
    Then the answer has policy=P2020
    And the answer says "documented only until 2021-08-01"
    When `attribution info`
    Then the answer has policy_in_force=P2020
    And the answer says "followed for want of another"
    Given 2023-11-06 09:00 claim C-2 of 101 on contoso teams is submitted
    When `attribution claim show C-2`
    Then the answer has policy=P2023 policy_note=nothing

  Scenario: 14: a policy of one's own fills the gap
    Source: domain.md §14, 14

    Given 2021-09-01 policy EXPLICIT in force from 2021-09-01
    And 2022-05-02 09:00 claim C-1 of 101 on contoso exchange is submitted
    When `attribution claim show C-1`
    Then the answer has policy=EXPLICIT policy_note=nothing
