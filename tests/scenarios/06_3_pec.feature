Feature: Partner earned credit

  Background:
    Given the market
    And 2023-06-01 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-06-01 operator: identity.register identity=dev-2 kind=user location=201
    And 2023-06-01 operator: identity.register identity=dev-3 kind=user location=301
    And 2023-06-01 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-06-01 dev-2: pal.link identity=dev-2 tenant=contoso location=201
    And 2023-06-01 dev-3: pal.link identity=dev-3 tenant=contoso location=301
    And 2023-06-01 operator: subscription.start subscription=S-1 tenant=contoso product=azure offer=Azure channel=csp_direct transacting_partner=101
    And 2023-06-01 operator: subscription.start subscription=S-2 tenant=contoso product=azure offer=Azure channel=csp_indirect transacting_partner=101 indirect_reseller=201

  Scenario: A day earns only when an eligible role was held all of it
    Source: domain.md §6.3 [P]

    Given 2023-07-01 12:00 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-07-03 23:59 contoso-admin: azure_role.remove assignment=A-1
    And it is 2023-08-01
    When `attribution pal pec S-1 --day 2023-07-01`
    Then the answer has earns=false with_access=[]
    When `attribution pal pec S-1 --day 2023-07-02`
    Then the answer has earns=true partner=101
    When `attribution pal pec S-1 --day 2023-07-03`
    Then the answer has earns=false
    When `attribution pal pec S-1 --month 2023-07`
    Then the answer has 31 rows

  Scenario: A reader earns nothing
    Source: domain.md §6.2

    Given 2023-07-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Reader scope=/subscriptions/S-1
    And it is 2023-08-01
    When `attribution pal pec S-1 --day 2023-07-02`
    Then the answer has earns=false

  Scenario: Access at a higher scope rolls down, and a role on one resource group reaches no other
    Source: domain.md §6.3

    Given 2023-07-01 contoso-admin: scope.place tenant=contoso subscription=S-1 parent=production
    And 2023-07-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Contributor scope=/providers/Microsoft.Management/managementGroups/production
    And it is 2023-08-01
    When `attribution pal pec S-1 --day 2023-07-02 --scope /subscriptions/S-1/resourceGroups/shop`
    Then the answer has earns=true partner=101
    Given 2023-08-01 contoso-admin: azure_role.remove assignment=A-1
    And 2023-08-01 contoso-admin: azure_role.assign assignment=A-2 identity=dev-1 tenant=contoso role=Contributor scope=/subscriptions/S-1/resourceGroups/shop
    And it is 2023-09-01
    When `attribution pal pec S-1 --day 2023-08-02 --scope /subscriptions/S-1/resourceGroups/shop`
    Then the answer has earns=true
    When `attribution pal pec S-1 --day 2023-08-02 --scope /subscriptions/S-1/resourceGroups/other`
    Then the answer has earns=false

  Scenario: The indirect provider earns when its reseller has access
    Source: domain.md §6.3

    Given 2023-07-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-2 tenant=contoso role=Owner scope=/subscriptions/S-2
    And it is 2023-08-01
    When `attribution pal pec S-2 --day 2023-07-02`
    Then the answer has earns=true partner=101 with_access=[201]

  Scenario: A third CSP's Owner role earns nothing and harms nothing
    Source: domain.md §13, 17

    Given 2023-07-01 contoso-admin: azure_role.assign assignment=A-3 identity=dev-3 tenant=contoso role=Owner scope=/subscriptions/S-2
    And it is 2023-08-01
    When `attribution pal pec S-2 --day 2023-07-02`
    Then the answer has earns=false with_access=[301]
    Given 2023-08-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-2
    And it is 2023-09-01
    When `attribution pal pec S-2 --day 2023-08-02`
    Then the answer has earns=true partner=101 with_access=[101, 301]

  Scenario: Reservations, savings plans and spot earn no credit, nor third parties and the marketplace
    Source: domain.md §13, 17; domain.md §6.3

    Given 2023-07-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And it is 2023-08-01
    When `attribution pal pec S-1 --day 2023-07-02 --charge reservation`
    Then the answer has earns=false
    When `attribution pal pec S-1 --day 2023-07-02 --charge savings_plan`
    Then the answer has earns=false
    When `attribution pal pec S-1 --day 2023-07-02 --charge spot`
    Then the answer has earns=false
    When `attribution pal pec S-1 --day 2023-07-02 --charge third_party`
    Then the answer has earns=false
    When `attribution pal pec S-1 --day 2023-07-02 --charge marketplace`
    Then the answer has earns=false
    When `attribution pal pec S-1 --day 2023-07-02`
    Then the answer has earns=true

  Scenario: Ending GDAP loses no credit; only the Azure role going does
    Source: domain.md §6.3

    Given 2023-07-01 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-07-01 admin-100: gdap.request relationship=G-1 tenant=contoso location=101 roles=["Directory Readers"] duration_days=365
    And 2023-07-01 contoso-admin: gdap.approve relationship=G-1
    And 2023-07-10 contoso-admin: gdap.terminate relationship=G-1 by=customer
    And 2023-07-20 contoso-admin: azure_role.remove assignment=A-1
    When `attribution pal pec S-1 --day 2023-07-12`
    Then the answer has earns=true partner=101
    When `attribution pal pec S-1 --day 2023-07-21`
    Then the answer has earns=false
