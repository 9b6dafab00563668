Feature: A customer's users move to another tenant

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01
    And 2023-11-01 09:00 claim C-1 of 101 on contoso teams, exchange is approved

  Scenario: When all users move, the claim goes on at the new tenant and ends at the old one, at one instant
    Source: domain.md §14, 9

    When 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam effective_at=2023-11-20
    Then accepted customer.migrated with followed.claim=[C-1, C-1] left=[]
    And customer.migrated was recorded
    And holder of cpor:m365:contoso:teams on 2023-11-19 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-20 is nobody
    And holder of cpor:m365:fabrikam:teams on 2023-11-19 is nobody
    And holder of cpor:m365:fabrikam:teams on 2023-11-20 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-20, as known before is 101
    And claim C-1 is approved with slots.outcome=[moved, moved, held, held]

  Scenario: When some users move, the claim holds at both tenants
    Source: domain.md §14, 9

    When 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam users=900
    Then accepted customer.migrated with users=900
    And holder of cpor:m365:contoso:teams on 2023-12-02 is 101
    And holder of cpor:m365:fabrikam:teams on 2023-12-02 is 101
    When 2023-12-05 operator: customer.migrate tenant=contoso to=fabrikam
    Then holder of cpor:m365:contoso:teams on 2023-12-06 is nobody
    And holder of cpor:m365:fabrikam:teams on 2023-12-06 is 101

  Scenario: Where another partner holds the workload at the new tenant, the claim stays behind and may be filed there
    Source: domain.md §14, 9 [P]; domain.md §5, 1

    Given 2023-11-05 claim C-2 of 201 on fabrikam teams is approved
    When 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam
    Then accepted customer.migrated with followed.claim=[C-1] left=[cpor:m365:fabrikam:teams]
    And holder of cpor:m365:fabrikam:teams on 2023-12-02 is 201
    And holder of cpor:m365:fabrikam:exchange on 2023-12-02 is 101
    And holder of cpor:m365:contoso:teams on 2023-12-02 is 101
    When 2023-12-05 incentives-101: claim.submit claim=C-3 location=101 tenant=fabrikam workloads=[teams]
    Then accepted claim.submitted with contested.holder_claim=[C-2]

  Scenario: A claim that followed is given back, challenged and found like any other
    Source: domain.md §14, 9; domain.md §4.2, 12

    Given 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam
    When 2023-12-05 incentives-101: claim.submit claim=C-3 location=101 tenant=fabrikam workloads=[teams]
    Then refused claimed_by_you
    When 2023-12-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=fabrikam workloads=[teams]
    Then accepted claim.submitted with contested.holder_claim=[C-1]
    When 2023-12-07 09:00 incentives-101: claim.disassociate claim=C-1 reason=no_longer_working
    Then holder of cpor:m365:fabrikam:teams on 2023-12-08 is nobody
    And holder of cpor:m365:fabrikam:exchange on 2023-12-08 is nobody

  Scenario: A tenant that all users left migrates no more
    Source: domain.md §14, 9 [P]

    Given 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam
    When 2023-12-02 operator: customer.migrate tenant=contoso to=northwind
    Then refused tenant_left
    When 2023-12-02 operator: customer.migrate tenant=fabrikam to=contoso
    Then refused tenant_left

  Scenario: A migration is not dated before the claim it moves began
    Source: DESIGN §6

    When 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam effective_at=2023-10-01
    Then refused effective_too_early

  Scenario: A claim that moved is found by the tenant it was filed for and by the one where it holds
    Source: domain.md §14, 9

    Given 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam effective_at=2023-11-20
    When `attribution claim list --tenant fabrikam`
    Then the answer has claim=C-1 tenant=contoso migrated_to=[fabrikam]
    When `attribution claim list --tenant contoso`
    Then the answer has claim=C-1
    When `attribution claim list --tenant fabrikam --known 2023-11-30`
    Then the answer has 0 rows
    When `attribution holders --tenant contoso --effective 2023-12-01`
    Then the answer is:
      | slot                       | tenant   | partner |
      | cpor:m365:fabrikam:teams    | fabrikam | 101     |
      | cpor:m365:fabrikam:exchange | fabrikam | 101     |
    When `attribution holders --tenant fabrikam --effective 2023-12-01`
    Then the answer has 2 rows
    When `attribution associations --tenant fabrikam`
    Then the answer has 4 rows
    When `attribution associations --tenant contoso`
    Then the answer has 4 rows
    When `attribution claim list --as fabrikam-admin`
    Then the answer has claim=C-1
    When `attribution claim show C-1 --as fabrikam-admin`
    Then the answer has claim=C-1
    When `attribution claim list --as northwind-admin`
    Then the answer has 0 rows

  Scenario: Each customer says no to what a claim holds at its own tenant
    Source: domain.md §14, 9; domain.md §4.2, 7

    Given 2023-12-01 operator: customer.migrate tenant=contoso to=fabrikam users=900
    When 2023-12-05 fabrikam-admin: consent.decline claim=C-1 slots=[cpor:m365:contoso:teams]
    Then refused not_permitted
    When 2023-12-05 fabrikam-admin: consent.decline claim=C-1 slots=[cpor:m365:fabrikam:teams]
    Then accepted consent.declined
    And holder of cpor:m365:fabrikam:teams on 2023-12-06 is nobody
    And holder of cpor:m365:contoso:teams on 2023-12-06 is 101
    And holder of cpor:m365:fabrikam:exchange on 2023-12-06 is 101
    When 2023-12-07 contoso-admin: consent.decline claim=C-1
    Then accepted consent.declined with slots=[cpor:m365:contoso:teams, cpor:m365:contoso:exchange]
    And holder of cpor:m365:contoso:teams on 2023-12-08 is nobody
    And holder of cpor:m365:contoso:exchange on 2023-12-08 is nobody
    And holder of cpor:m365:fabrikam:exchange on 2023-12-08 is 101
    When 2023-12-09 contoso-admin: consent.decline claim=C-1
    Then refused not_deniable
