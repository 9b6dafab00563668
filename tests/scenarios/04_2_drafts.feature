Feature: Drafts, changes and comments

  Background:
    Given the market
    And policy P2020
    And policy P2023

  Scenario: A draft has what it has, asks for nothing, and is submitted when it is whole
    Source: domain.md §4.2, 1-2

    When 2021-03-01 incentives-101: claim.draft claim=C-1 location=101 title="Contoso: Exchange" workloads=[exchange]
    Then accepted claim.drafted
    And claim C-1 is draft with state_name=Editing
    And holder of cpor:m365:contoso:exchange on 2021-03-02 is nobody
    When 2021-03-02 incentives-101: claim.submit claim=C-1
    Then refused claim_incomplete saying "tenant, solution_area, activity, customer_contact, partner_contact, proof"
    When incentives-101: claim.edit claim=C-1 tenant=contoso domain=contoso.example solution_area=microsoft_365 activity=usage:
      | customer_contact | {"name": "Jana Nova", "title": "IT manager", "email": "jana@contoso.example"} |
      | partner_contact  | {"name": "Petr Maly", "email": "petr@partner.example"}                         |
      | proof            | {"documents": [{"title": "Statement", "sha256": "abababababababababababababababababababababababababababababababab"}], "elements": ["identities", "customer_acknowledgement", "activities", "workloads"], "acknowledged_on": "2021-02-01"} |
    Then accepted claim.draft_edited with content.customer_contact.box=*
    When 2021-03-03 incentives-101: claim.submit claim=C-1 title="Contoso: mail"
    Then accepted claim.submitted with title="Contoso: mail" drafted=true slots.workload=[exchange]
    And claim C-1 is submitted
    And the history of claim C-1 is:
      | type                  | state     |
      | claim.drafted.v1      | draft     |
      | claim.draft_edited.v1 | draft     |
      | claim.submitted.v1    | submitted |

  Scenario: A draft blocks nobody
    Source: domain.md §4.2, 1

    Given 2021-03-01 incentives-101: claim.draft claim=C-1 location=101 tenant=contoso workloads=[exchange]
    And 2021-03-02 claim C-2 of 201 on contoso exchange is approved
    Then holder of cpor:m365:contoso:exchange on 2021-03-03 is 201
    And claim C-2 has contested=0

  Scenario: Only the incentive roles of its location learn of a draft
    Source: domain.md §2; domain.md §14, 2 [P]

    Given 2021-03-01 incentives-101: claim.draft claim=C-1 location=101 tenant=contoso
    When user-101: claim.edit claim=C-1 title="Contoso"
    Then accepted claim.draft_edited
    When incentives-201: claim.edit claim=C-1 title="Ours"
    Then refused unknown_reference
    When reviewer: claim.comment claim=C-1 comment="Hello"
    Then refused unknown_reference
    When incentives-201: claim.submit claim=C-1 location=201 tenant=contoso workloads=[exchange]
    Then refused already_exists
    When incentives-101: claim.dispute claim=C-1
    Then refused wrong_state saying "is draft"
    When `attribution claim list --as user-101`
    Then the answer is:
      | claim | state |
      | C-1   | draft |
    When `attribution claim list --as reviewer`
    Then the answer has 0 rows
    When `attribution claim show C-1 --as contoso-admin`
    Then the answer says "not_visible"
    When `attribution claim history C-1 --as incentives-201`
    Then the answer says "not_visible"
    When `attribution log --as reviewer`
    Then the answer never says "claim.draft"

  Scenario: A field may be emptied, the location changed, and a draft given up for good
    Source: domain.md §4.2, Editing

    Given 2023-11-06 incentives-101: claim.draft claim=C-1 location=101 tenant=contoso title="Contoso"
    And admin-100: role.grant grantee=incentives-101 role=incentive_admin location=102
    When incentives-101: claim.edit claim=C-1 location=102 empty=[title]
    Then accepted claim.draft_edited with moved_from=101 emptied=[title]
    And claim C-1 is draft with state_name=Draft partner=102 title=nothing
    When incentives-101: claim.edit claim=C-1
    Then refused nothing_changes
    When incentives-102: claim.discard claim=C-1
    Then accepted claim.discarded
    And claim C-1 is discarded
    When incentives-102: claim.submit claim=C-1
    Then refused wrong_state saying "is discarded"

  Scenario Outline: The policy says in which states location, products and contacts may change
    Source: domain.md §4.2, Editing

    Given <when> admin-100: role.grant grantee=incentives-101 role=incentive_admin location=102
    And claim C-1 of 101 on contoso exchange is <state>
    When incentives-101: claim.amend claim=C-1 <field>
    Then <outcome>

    Examples: P2020: Submitted or Partner action required
      | when       | state                   | field               | outcome                |
      | 2021-03-01 | submitted               | location=102        | accepted claim.amended |
      | 2021-03-01 | submitted               | workloads=[teams]   | accepted claim.amended |
      | 2021-03-01 | partner action required | workloads=[teams]   | accepted claim.amended |
      | 2021-03-01 | under review            | workloads=[teams]   | refused wrong_state    |
      | 2021-03-01 | approved                | location=102        | refused wrong_state    |

    Examples: P2023: only in Partner action required
      | when       | state                   | field               | outcome                |
      | 2023-11-06 | submitted               | location=102        | refused wrong_state    |
      | 2023-11-06 | submitted               | workloads=[teams]   | refused wrong_state    |
      | 2023-11-06 | partner action required | location=102        | accepted claim.amended |
      | 2023-11-06 | partner action required | workloads=[teams]   | accepted claim.amended |

  Scenario: The slots a claim asks for move with its products
    Source: domain.md §4.2, Editing; domain.md §5, 1

    Given 2021-02-01 claim C-9 of 201 on contoso teams is approved
    And 2021-03-01 claim C-1 of 101 on contoso exchange, sharepoint is submitted
    When 2021-03-02 incentives-101: claim.amend claim=C-1 workloads=[exchange, teams]
    Then accepted claim.amended with withdrawn=[cpor:m365:contoso:sharepoint] contested.holder_claim=[C-9]
    And claim C-1 is submitted with contested=1
    And claim C-1 has slots.outcome=[asked, withdrawn, asked]
    Given 2021-03-03 claim C-2 of 102 on contoso sharepoint is approved
    Then claim C-2 has contested=0
    When 2021-03-03 incentives-101: claim.amend claim=C-1 workloads=[exchange]
    Then accepted claim.amended
    And claim C-1 has slots.outcome=[asked, withdrawn, withdrawn]

  Scenario: What was decided already stays, and keeps the claim where it is
    Source: domain.md §4.2, Editing [P]

    Given 2021-03-01 admin-100: role.grant grantee=incentives-101 role=incentive_admin location=102
    And claim C-1 of 101 on contoso exchange, teams, sharepoint is under review
    And reviewer: claim.approve claim=C-1 slots=[cpor:m365:contoso:exchange]
    And reviewer: claim.reject claim=C-1 slots=[cpor:m365:contoso:teams]
    And reviewer: claim.request_action claim=C-1
    When incentives-101: claim.amend claim=C-1 workloads=[teams]
    Then refused slot_decided saying "it is rejected"
    When incentives-101: claim.amend claim=C-1 location=102
    Then refused partly_held
    When incentives-101: claim.amend claim=C-1 workloads=[sharepoint, yammer]
    Then accepted claim.amended
    And claim C-1 has slots.outcome=[held, rejected, asked, asked]

  Scenario: Comments of partner and reviewer stand in the history
    Source: domain.md §4.2, History

    Given 2021-03-01 claim C-1 of 101 on contoso exchange is partner action required
    And reviewer: claim.comment claim=C-1 comment="Which page shows the signature?"
    And user-101: claim.comment claim=C-1 comment="Page two."
    Then the history of claim C-1 is:
      | type                      | actor          | what                          |
      | claim.submitted.v1        | incentives-101 | *                             |
      | claim.review_started.v1   | reviewer       | *                             |
      | claim.action_requested.v1 | reviewer       | *                             |
      | claim.commented.v1        | reviewer       | The reviewer commented. |
      | claim.commented.v1        | user-101       | The partner commented. |
