Feature: What a claim says, and what is checked when it is entered

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario: A claim needs every field that is not in its draft
    Source: domain.md §3.1; domain.md §4.2, 2

    When 2023-11-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] customer_contact=- proof=-
    Then refused claim_incomplete saying "customer_contact"

  Scenario: From 2023 on the acknowledgement is ticked
    Source: domain.md §4.2, 2

    When 2023-11-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] acknowledged=false
    Then refused acknowledgement_needed

  Scenario: In 2021 the customer's domain is asked for and has to be the tenant's
    Source: domain.md §3.1; domain.md §4.2, 1

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] domain=-
    Then refused domain_needed
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] domain=fabrikam.example
    Then refused domain_mismatch
    When 2023-11-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] domain=-
    Then accepted claim.submitted

  Scenario: Payment can be declined from 2023 on, in Microsoft 365 alone
    Source: domain.md §3.1, Opt-out of incentive payment

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] payment_opt_out=true
    Then refused opt_out_not_offered
    When 2023-11-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] payment_opt_out=true
    Then accepted claim.submitted with payment_opt_out=true

  Scenario: A technical contact is asked for in Business Applications of 2021
    Source: domain.md §3.1, Customer technical contact

    Given 2021-03-01 operator: subscription.start subscription=S-1 tenant=contoso
    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] customer_technical_contact=-
    Then refused technical_contact_needed

  Scenario: A revenue association of 2021 names the solution seller, the customer and the ISV product
    Source: domain.md §3.1, Dynamics solution seller

    Given 2021-03-01 operator: subscription.start subscription=S-1 tenant=contoso
    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] activity=revenue customer_name=Contoso
    Then refused field_needed saying "solution_seller"

  Scenario: A product that the tenant has not is not claimed
    Source: domain.md §3.3

    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[dynamics365] solution_area=business_applications customer_technical_contact={"name": "Eva", "title": "Admin", "email": "eva@contoso.example"}
    Then refused product_not_on_tenant

  Scenario: Where the customer has several subscriptions of a product, the claim says which
    Source: domain.md §13, 3; domain.md §3.1, Subscription id

    Given 2021-03-01 operator: subscription.start subscription=S-1 tenant=contoso
    And operator: subscription.start subscription=S-2 tenant=contoso
    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[dynamics365] solution_area=business_applications customer_technical_contact={"name": "Eva", "title": "Admin", "email": "eva@contoso.example"}
    Then refused subscription_needed

  Scenario: From 2023 on a subscription is claimable seven days after it started
    Source: domain.md §3.3

    Given 2023-11-01 operator: subscription.start subscription=S-1 tenant=contoso
    When 2023-11-03 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1]
    Then refused not_yet_claimable
    When 2023-11-08 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1]
    Then accepted claim.submitted

  Scenario Outline: A subscription of the reseller channel takes no claim
    Source: domain.md §3.2; domain.md §3.3; domain.md §7.4

    Given <before> operator: subscription.start subscription=S-1 tenant=contoso channel=csp_direct transacting_partner=201
    When <at> incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1]
    Then refused csp_channel

    Examples:
      | before     | at         |
      | 2021-03-01 | 2021-03-20 |
      | 2023-11-01 | 2023-11-20 |

  Scenario: Another customer's subscription is not claimed
    Source: domain.md §3.3

    Given 2021-03-01 operator: subscription.start subscription=S-1 tenant=fabrikam
    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1]
    Then refused other_tenant
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-9]
    Then refused not_a_subscription

  Scenario: A proof is at most twelve months old
    Source: domain.md §3.4

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is under review with proof={"documents":[{"title":"Old","sha256":"abababababababababababababababababababababababababababababababab"}],"elements":["identities","customer_acknowledgement","activities","workloads"],"acknowledged_on":"2020-02-28"}
    When 2021-03-02 reviewer: claim.approve claim=C-1
    Then refused proof_too_old

  Scenario: A proof without the customer's acknowledgement is not accepted
    Source: domain.md §3.4

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is under review with proof={"documents":[{"title":"Short","sha256":"abababababababababababababababababababababababababababababababab"}],"elements":["identities","activities","workloads"]}
    When 2021-03-02 reviewer: claim.approve claim=C-1
    Then refused proof_incomplete saying "customer_acknowledgement"

  Scenario: A public body in the United States needs the disclosure of fees
    Source: domain.md §3.4; domain.md §13, 11

    Given 2021-03-01 claim C-1 of 101 on northwind exchange is under review
    When 2021-03-02 reviewer: claim.approve claim=C-1
    Then refused proof_incomplete saying "disclosure"

  Scenario: A claim in the wrong grain is refused
    Source: domain.md §3.2

    When 2021-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] solution_area=microsoft_365
    Then refused wrong_grain

  Scenario: An amendment has to change something, and stays inside the own organisation
    Source: domain.md §4.2, Editing; domain.md §10, 13

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is submitted
    When incentives-101: claim.amend claim=C-1
    Then refused nothing_changes
    When incentives-201: claim.amend claim=C-1 location=201
    Then refused not_permitted
    When incentives-101: claim.amend claim=C-1 location=102
    Then refused not_permitted

  Scenario: A claim moves to a sister location before it holds anything, and never to another organisation
    Source: domain.md §4.2, Editing; domain.md §10, 13 [P]

    Given 2021-03-01 admin-200: role.grant grantee=incentives-101 role=incentive_admin location=201
    And admin-100: role.grant grantee=incentives-101 role=incentive_admin location=102
    And claim C-1 of 101 on contoso exchange, teams is submitted
    When incentives-101: claim.amend claim=C-1 location=201
    Then refused not_your_location
    When incentives-101: claim.amend claim=C-1 location=102
    Then accepted claim.amended with location=102
    Given reviewer: claim.start_review claim=C-1
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    And reviewer: claim.request_action claim=C-1
    When incentives-101: claim.amend claim=C-1 location=101
    Then refused partly_held

  Scenario: A slot that was decided is amended no more
    Source: domain.md §4.2, Editing [P]

    Given 2021-03-01 claim C-1 of 101 on contoso exchange, teams is under review
    And reviewer: claim.reject claim=C-1 slots=[cpor:m365:contoso:teams]
    When reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:teams]
    Then refused not_waiting
    Given reviewer: claim.request_action claim=C-1
    When incentives-101: claim.amend claim=C-1 workloads=[exchange, teams]
    Then refused slot_decided

  Scenario: In 2021 a partner asks the reviewer for the end of an association, from 2023 on it ends it itself
    Source: domain.md §4.2, 12

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is approved
    When 2021-04-01 incentives-101: claim.disassociate claim=C-1
    Then refused not_self_service
    When 2021-04-02 reviewer: claim.reject claim=C-1 reason=partner_request
    Then claim C-1 has state_name=Rejected
    And holder of cpor:m365:contoso:exchange on 2021-04-01 is 101
    And holder of cpor:m365:contoso:exchange on 2021-04-02 is nobody
    Given 2023-11-01 claim C-2 of 101 on contoso exchange is approved
    When 2023-12-01 incentives-101: claim.disassociate claim=C-2 reason=no_longer_working
    Then claim C-2 has state_name="Rejected final"

  Scenario: Only an incumbent that is asked answers, and only what is contested is arbitrated
    Source: domain.md §5; domain.md §14, 7

    Given 2023-11-01 claim C-1 of 101 on contoso exchange is under review
    When reviewer: arbitration.decide claim=C-1 outcome=challenger_wins
    Then refused not_contested
    Given reviewer: claim.approve claim=C-1
    When incentives-101: arbitration.answer claim=C-1 statement="We still run it."
    Then refused not_challenged
