Feature: What a claim says, and what is checked when it is entered

  Background:
    Given the market
    And policy P2020
    And policy P2023
    And policy EXPLICIT in force from 2025-01-01
    And 2020-12-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365

  Scenario Outline: Each policy asks for its own fields
    Source: domain.md §3.1

    When <when> incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange] <fields>
    Then <outcome>

    Examples:
      | when       | fields               | outcome                                              |
      | 2021-03-01 | domain=-             | refused domain_needed                                |
      | 2023-11-06 | domain=-             | accepted claim.submitted                             |
      | 2025-03-03 | domain=-             | refused domain_needed                                |
      | 2021-03-01 | acknowledged=-       | accepted claim.submitted                             |
      | 2023-11-06 | acknowledged=-       | refused acknowledgement_needed                       |
      | 2023-11-06 | acknowledged=false   | refused acknowledgement_needed                       |
      | 2021-03-01 | payment_opt_out=true | refused opt_out_not_offered saying "Policy P2020"    |
      | 2023-11-06 | payment_opt_out=true | accepted claim.submitted with payment_opt_out=true   |
      | 2025-03-03 | payment_opt_out=true | refused opt_out_not_offered saying "Policy EXPLICIT" |
      | 2021-03-01 | title=-              | refused claim_incomplete saying "lacks title"        |
      | 2021-03-01 | proof=-              | refused claim_incomplete saying "lacks proof"        |
      | 2021-03-01 | activity=pre_sales   | refused activity_not_offered                         |

  Scenario: A contact at the customer has a name, a title and an e-mail
    Source: domain.md §3.1; domain.md §4.2, 2

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[exchange]:
      | customer_contact | {"name": "Jana Nova", "email": "jana@contoso.example"} |
    Then unreadable bad_value saying "needs a title"

  Scenario Outline: Business Applications ask for a technical contact in 2020 only, and take no opt-out of payment
    Source: domain.md §3.1

    When <when> incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] activity=usage <fields>
    Then <outcome>

    Examples:
      | when       | fields                       | outcome                          |
      | 2021-03-01 | customer_technical_contact=- | refused technical_contact_needed |
      | 2023-11-06 | customer_technical_contact=- | accepted claim.submitted         |
      | 2023-11-06 | payment_opt_out=true         | refused opt_out_not_offered      |

  Scenario: A revenue association names its Dynamics solution seller, the customer and the ISV's product
    Source: domain.md §3.1

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] activity=revenue
    Then refused field_needed saying "solution_seller, customer_name, isv_product"
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1] activity=revenue:
      | solution_seller | {"name": "Sam Seller", "email": "sam@microsoft.example"} |
      | customer_name   | Contoso                                                  |
      | isv_product     | "Field Service Plus"                                     |
    Then accepted claim.submitted with customer_name=Contoso isv_product="Field Service Plus"
    When `attribution claim show C-1`
    Then the answer has activity_name="Revenue association" recognition_only=true

  Scenario Outline: An activity is called and earns as its policy says
    Source: domain.md §3.1; domain.md §3.2

    Given <when> claim C-1 of 101 on contoso subscription S-1 for <activity> is submitted
    When `attribution claim show C-1`
    Then the answer has activity_name="<name>" recognition_only=<recognition only>

    Examples:
      | when       | activity  | name                                | recognition only |
      | 2021-03-01 | usage     | Usage                               | false            |
      | 2021-03-01 | pre_sales | Pre-sales                           | false            |
      | 2023-11-06 | usage     | Usage recognition - Non-Incentivized | true             |
      | 2023-11-06 | pre_sales | Build intent - Advisor              | false            |

  Scenario Outline: Entry names what is wrong with a subscription
    Source: domain.md §3.3

    Given 2020-12-01 operator: subscription.start subscription=S-M365 tenant=contoso product=m365 channel=web_direct
    And operator: subscription.start subscription=S-CSP tenant=contoso product=dynamics365 channel=csp_direct transacting_partner=201
    And operator: subscription.start subscription=S-F tenant=fabrikam product=dynamics365
    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[<subscription>] activity=usage
    Then refused <code>

    Examples:
      | subscription                         | code               |
      | S-M365                               | not_dynamics       |
      | S-CSP                                | csp_channel        |
      | S-F                                  | other_tenant       |
      | contoso                              | not_a_subscription |
      | 00000000-0000-0000-0000-000000000000 | zero_subscription  |

  Scenario: A second claim on a subscription is an entry error in 2020, and arbitrated in 2023
    Source: domain.md §3.3; domain.md §5, 5

    Given 2021-03-01 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    When 2021-04-01 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso subscriptions=[S-1] activity=usage
    Then refused already_claimed saying "policy P2020"
    When 2023-11-06 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso subscriptions=[S-1] activity=usage
    Then accepted claim.submitted with contested.holder_claim=[C-1]

  Scenario: Pre-sales and usage of one subscription are two slots
    Source: domain.md §3.2

    Given 2021-03-01 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    When 2021-04-01 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso subscriptions=[S-1] activity=pre_sales
    Then accepted claim.submitted with contested=[] slots.slot=[cpor:bizapps:S-1:pre_sales]

  Scenario: In 2020 a product is enough where the customer has one subscription of it
    Source: domain.md §3.1; domain.md §13, 3

    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[dynamics365] solution_area=business_applications activity=usage:
      | customer_technical_contact | {"name": "Eva Mala", "title": "Administrator", "email": "eva@contoso.example"} |
    Then accepted claim.submitted with slots.subscription=[S-1]

  Scenario: Where the customer has several, and always in 2023, the subscription is named
    Source: domain.md §3.1; domain.md §13, 3

    Given 2020-12-01 operator: subscription.start subscription=S-2 tenant=contoso product=dynamics365
    When 2021-03-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[dynamics365] solution_area=business_applications activity=usage:
      | customer_technical_contact | {"name": "Eva Mala", "title": "Administrator", "email": "eva@contoso.example"} |
    Then refused subscription_needed saying "S-1, S-2"
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[power_platform] solution_area=business_applications activity=usage:
      | customer_technical_contact | {"name": "Eva Mala", "title": "Administrator", "email": "eva@contoso.example"} |
    Then refused product_not_on_tenant
    When 2023-11-06 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[dynamics365] solution_area=business_applications activity=usage
    Then refused wrong_grain

  Scenario: In 2023 a new subscription can be claimed after seven days
    Source: domain.md §3.3 [P]

    Given 2023-11-06 09:00 operator: subscription.start subscription=S-9 tenant=contoso product=dynamics365
    When 2023-11-13 08:59 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-9] activity=usage
    Then refused not_yet_claimable
    When 2023-11-13 09:00 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-9] activity=usage
    Then accepted claim.submitted

  Scenario: An ended subscription is no entry error, but nothing begins on it
    Source: domain.md §13, 2; domain.md §4.4

    Given 2021-02-01 operator: subscription.end subscription=S-1
    And 2021-03-01 claim C-1 of 101 on contoso subscription S-1 for usage is under review
    When reviewer: claim.approve claim=C-1
    Then refused subscription_ended

  Scenario: The proof's documents are kept by hash, and an answer takes their place
    Source: domain.md §3.4; domain.md §4.2, 5

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is partner action required
    And 2021-03-02 incentives-101: claim.resubmit claim=C-1
    When `attribution claim show C-1`
    Then the answer has proof.document=[Statement of work, Statement of work] proof.counts=[false, true] proof.acknowledged_on=[2021-01-30, 2021-02-20]

  Scenario Outline: The acknowledgement is at most twelve months old when the claim is submitted
    Source: domain.md §3.4

    Given <when> claim C-1 of 101 on contoso exchange is under review:
      | proof | {"documents": [{"title": "Statement", "sha256": "abababababababababababababababababababababababababababababababab"}], "elements": ["identities", "customer_acknowledgement", "activities", "workloads"], "acknowledged_on": "2020-03-01"} |
    When reviewer: claim.approve claim=C-1
    Then <outcome>

    Examples:
      | when       | outcome                 |
      | 2021-03-01 | accepted claim.approved |
      | 2021-03-02 | refused proof_too_old   |
