# The market that every scenario begins with, told as lines of commands: two partners with their offices
# (101 and 102 of 100, 201 of 200), a third (301 of 300), three customers, and their people.
Feature: The market

  Scenario: The market
    Given it is 2019-01-01
    And operator: organisation.register organisation=100 name="Partner 100" domains=[partner-100.example]
    And operator: organisation.register organisation=200 name="Partner 200" domains=[partner-200.example]
    And operator: organisation.register organisation=300 name="Partner 300" domains=[partner-300.example]
    And operator: location.register location=101 organisation=100
    And operator: location.register location=102 organisation=100
    And operator: location.register location=201 organisation=200
    And operator: location.register location=301 organisation=300
    # Northwind is a public body in the United States.
    And operator: customer.register tenant=contoso name=Contoso domains=[contoso.example]
    And operator: customer.register tenant=fabrikam name=Fabrikam domains=[fabrikam.example]
    And operator: customer.register tenant=northwind name=Northwind domains=[northwind.example] country=US public_sector=true
    # Who administers the partners: they grant the roles below.
    And operator: role.grant grantee=admin-100 role=global_admin organisation=100
    And operator: role.grant grantee=admin-200 role=global_admin organisation=200
    And operator: role.grant grantee=admin-300 role=global_admin organisation=300
    And admin-100: role.grant grantee=incentives-101 role=incentive_admin location=101
    And admin-100: role.grant grantee=incentives-102 role=incentive_admin location=102
    And admin-200: role.grant grantee=incentives-201 role=incentive_admin location=201
    And admin-300: role.grant grantee=incentives-301 role=incentive_admin location=301
    And admin-100: role.grant grantee=user-101 role=incentive_user location=101
    And admin-200: role.grant grantee=user-201 role=incentive_user location=201
    # The customers' own administrators, and who judges.
    And operator: role.grant grantee=contoso-admin role=customer_admin tenant=contoso
    And operator: role.grant grantee=fabrikam-admin role=customer_admin tenant=fabrikam
    And operator: role.grant grantee=northwind-admin role=customer_admin tenant=northwind
    And operator: role.grant grantee=reviewer role=reviewer
    And operator: role.grant grantee=auditor role=auditor
