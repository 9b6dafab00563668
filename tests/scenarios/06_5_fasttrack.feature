Feature: FastTrack Ready Partners

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01
    And 2023-01-01 operator: location.register location=109 organisation=100 kind=frp
    And 2023-01-01 admin-100: role.grant grantee=incentives-109 role=incentive_admin location=109

  Scenario: A claim under the id of a FastTrack Ready Partner is CPOR-FRP, and is shown as such
    Source: domain.md §6.5; domain.md §10, 13

    Given 2023-11-01 09:00 claim C-1 of 109 on contoso teams is approved
    And 2023-11-01 09:00 claim C-2 of 101 on contoso exchange is approved
    When `attribution holders --tenant 00000000-0000-4000-8000-0000000000c1`
    Then the answer is:
      | label     | kind | partner | claim |
      | CPOR_FRP  | CPOR | 109     | C-1   |
      | CPOR_M365 | CPOR | 101     | C-2   |
    When `attribution associations --kind CPOR-FRP`
    Then the answer has 1 rows
    And the answer has partner=109 earns="FastTrack incentive for an approved claim"

  Scenario: It takes the slot as any claim does: it is the same flow
    Source: domain.md §6.5

    Given 2023-11-01 09:00 claim C-1 of 109 on contoso teams is approved
    When 2023-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=[teams]
    Then accepted claim.submitted with contested.holder_claim=[C-1]

  Scenario: Work that ended is disassociated, so that requests no longer go there
    Source: domain.md §6.5

    Given 2023-11-01 09:00 claim C-1 of 109 on contoso teams is approved
    When 2023-12-01 incentives-109: claim.disassociate claim=C-1
    Then holder of cpor:m365:contoso:teams on 2023-11-30 is 109
    And holder of cpor:m365:contoso:teams on 2023-12-01 is nobody

  Scenario: One referral is split over several partners, and earns nothing by itself
    Source: domain.md §6.5

    Given 2023-02-01 operator: association.record kind=FastTrack tenant=contoso location=109 reference=teams source="Referral 88"
    When 2023-02-01 operator: association.record kind=FastTrack tenant=contoso location=301 reference=exchange source="Referral 88"
    Then accepted association.recorded with kind=fasttrack
    When `attribution associations --kind FastTrack`
    Then the answer is:
      | kind      | partner | earns   |
      | FASTTRACK | 109     | nothing |
      | FASTTRACK | 301     | nothing |

  Scenario: A referral may go to another partner than the one that holds the claim, and takes no slot
    Source: domain.md §5, 7

    Given 2023-11-01 claim C-1 of 101 on contoso teams is approved
    When 2023-11-05 operator: association.record kind=FastTrack location=201 tenant=contoso source="Referral list"
    Then holder of cpor:m365:contoso:teams on 2023-11-05 is 101
    # Whom matching prefers is asked of the ledger: who already holds a claim on the workload.
    When `attribution holders --tenant contoso --effective 2023-11-06`
    Then the answer is:
      | kind      | partner | workload |
      | CPOR      | 101     | teams    |
      | FASTTRACK | 201     | nothing  |
