Feature: Who may see what, and how a person is erased

  Background:
    Given the market
    And policy P2023
    And 2023-11-01 claim C-1 of 101 on contoso teams is approved
    And 2023-11-06 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=[teams]

  Scenario: A claimant sees that another holds, not who or why
    Source: domain.md §14, 2

    When `attribution holders --tenant contoso --as incentives-201`
    Then the answer has slot=cpor:m365:contoso:teams partner="another partner" claim=nothing because=nothing
    And the answer never says "101"

  Scenario: Who asks for nothing there sees nothing
    Source: domain.md §14, 2

    When `attribution holders --tenant contoso --as incentives-301`
    Then the answer has 0 rows
    When `attribution holders --tenant contoso --as fabrikam-admin`
    Then the answer has 0 rows

  Scenario: Rivals do not read each other's claims
    Source: domain.md §14, 2

    When `attribution claim list --as incentives-201`
    Then the answer has claim=C-2
    When `attribution claim list --as incentives-101`
    Then the answer has claim=C-1
    When `attribution claim show C-1 --as incentives-201`
    Then the answer says "not_visible"

  Scenario: The holder learns that it is challenged, not by whom
    Source: domain.md §14, 2

    When `attribution claim history C-1 --as incentives-101`
    Then the answer says "Another claim asks for teams"
    And the answer never says "C-2"
    And the answer never says "incentives-201"

  Scenario: A customer sees its own tenant, auditors and reviewers see all
    Source: domain.md §14, 2

    When `attribution claim list --as contoso-admin`
    Then the answer has 2 rows
    When `attribution claim list --as fabrikam-admin`
    Then the answer has 0 rows
    When `attribution claim list --as auditor`
    Then the answer has 2 rows
    When `attribution claim list --as reviewer`
    Then the answer has 2 rows

  Scenario: A reviewer whom a rival employs does not read what competes with its employer
    Source: domain.md §14, 5

    Given operator: role.grant grantee=employed role=reviewer organisation=200
    When `attribution claim list --as employed`
    Then the answer has claim=C-2

  Scenario: A reviewer does not judge a claim of the own organisation or of its challenger
    Source: domain.md §14, 5

    Given operator: role.grant grantee=of-holder role=reviewer organisation=100
    And operator: role.grant grantee=of-challenger role=reviewer organisation=200
    When of-holder: claim.start_review claim=C-2
    Then refused own_interest
    When of-challenger: claim.start_review claim=C-2
    Then refused own_interest
    When reviewer: claim.start_review claim=C-2
    Then accepted claim.review_started

  Scenario: A partner's own tenant is no customer
    Source: domain.md §14, 5

    Given operator: customer.register tenant=00000000-0000-4000-8000-00000000009a name="Partner 100 itself" domains=[partner-100.example]
    When incentives-101: claim.submit claim=C-3 location=101 tenant=00000000-0000-4000-8000-00000000009a domain=partner-100.example workloads=[exchange]
    Then refused partner_is_customer

  Scenario: Revenue is for executive roles only
    Source: domain.md §14, 2

    When `attribution growth --metric azure.acr --as incentives-101`
    Then the answer says "not_visible"
    Given admin-100: role.grant grantee=executive-100 role=executive organisation=100
    When `attribution growth --metric azure.acr --as executive-100`
    Then the answer has 0 rows

  Scenario: A command that nobody allowed shows others nothing
    Source: DESIGN §8 [P]

    When `attribution rebuild --only views --as auditor`
    Then the answer says "not_visible"

  Scenario: A contact is shown to those who may see it, and to nobody once it is erased
    Source: DESIGN §8; domain.md §14, 2

    When `attribution claim show C-1 --as reviewer`
    Then the answer never says "jana@contoso.example"
    When `attribution person erase --contact jana@contoso.example --at 2023-11-07T00:00:00Z`
    Then the answer says "sealed boxes in the log"
    When `attribution log --type claim.submitted`
    Then the answer says "'customer_contact': 'erased'"
    And the answer says "'partner_contact': 'sealed'"
    When `attribution person erase --contact jana@contoso.example --at 2023-11-07T00:00:00Z`
    Then the answer says "There is no person with that address"
