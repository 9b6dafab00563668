Feature: Roles, enrolment and competencies: what a partner needs before it claims and earns

  Background:
    Given the market
    And policy P2020

  Scenario Outline: Incentive roles are granted by the global or account admin of the organisation
    Source: domain.md §2

    Given operator: role.grant grantee=accounts-100 role=account_admin organisation=100
    When <who>: role.grant grantee=new role=incentive_admin location=101
    Then accepted role.granted with organisation=100

    Examples:
      | who          |
      | admin-100    |
      | accounts-100 |

  Scenario Outline: Nobody else grants an incentive role
    Source: domain.md §2

    When <who>: role.grant grantee=new role=incentive_user location=101
    Then refused not_permitted saying "one must be global admin or account admin of organisation 100"

    Examples:
      | who            |
      | operator       |
      | admin-200      |
      | incentives-101 |
      | reviewer       |

  Scenario: A global admin has no incentive role until it assigns it to itself
    Source: domain.md §2

    When 2020-03-02 admin-100: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted
    When admin-100: role.grant grantee=admin-100 role=incentive_admin location=101
    And admin-100: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: A role counts at its own location only
    Source: domain.md §2

    When 2020-03-02 incentives-101: claim.submit claim=C-1 location=102 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "incentives-101 is incentive admin of location 101"

  Scenario: A role that is scoped to a programme counts for what that programme is about
    Source: domain.md §2

    Given 2020-03-02 admin-100: role.grant grantee=osa role=incentive_admin location=101 programme=OSA
    When osa: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "for programme OSA"
    Given admin-100: role.grant grantee=osu role=incentive_admin location=101 programme=OSU
    When osu: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: A role of a programme that nobody knows is refused
    Source: domain.md §2

    When admin-100: role.grant grantee=new role=incentive_user location=101 programme=OSX
    Then refused unknown_incentive saying "MCI, OSA, OSU"

  Scenario: A grant takes a while to propagate where the role table says so
    Source: domain.md §2 [P]

    Given the file slow.toml:
      """
      roles = "slow"
      title = "Grants take two days"

      [rows."role.grant incentive_admin"]
      may = { global_admin = "own_organisation" }
      after_hours = 48
      source = "own observation, page 1"
      """
    And 2020-03-02 operator: roles.adopt file=slow.toml
    And admin-100: role.grant grantee=new role=incentive_admin location=101
    When 2020-03-03 23:59:59 new: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "only from 2020-03-04"
    When 2020-03-04 new: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: A role lapses at its end, and a revoked role counts no longer
    Source: domain.md §2; DESIGN §5

    Given admin-100: role.grant grantee=short role=incentive_admin location=101 until=2020-04-01
    And 2020-03-15 admin-100: role.revoke grantee=user-101 role=incentive_user location=101
    When 2020-03-31 user-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "only until 2020-03-15"
    When 2020-04-01 short: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "only until 2020-04-01"

  Scenario: As shipped an incentive user starts a claim and carries it
    Source: domain.md §2 [P]

    Given 2020-03-02 user-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    And reviewer: claim.start_review claim=C-1
    And reviewer: claim.request_action claim=C-1
    When user-101: claim.resubmit claim=C-1
    Then accepted claim.resubmitted

  Scenario: The create page: only the incentive admin opens claims
    Source: domain.md §2

    Given 2020-03-02 operator: roles.adopt builtin=CREATE_PAGE
    When user-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_permitted saying "one must be incentive admin of location 101"
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: The permissions page: the incentive user starts a claim, the admin manages it
    Source: domain.md §2

    Given 2020-03-02 operator: roles.adopt builtin=PERMISSIONS_PAGE
    And user-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    And reviewer: claim.start_review claim=C-1
    And reviewer: claim.request_action claim=C-1
    When user-101: claim.resubmit claim=C-1
    Then refused not_permitted
    When incentives-101: claim.resubmit claim=C-1
    Then accepted claim.resubmitted

  Scenario: The manage page: billing, global and incentive admin manage a claim
    Source: domain.md §2

    Given 2020-03-02 operator: roles.adopt builtin=MANAGE_PAGE
    And admin-100: role.grant grantee=bills-100 role=billing_admin organisation=100
    And claim C-1 of 101 on contoso teams is rejected
    When user-101: claim.dispute claim=C-1
    Then refused not_permitted
    When bills-100: claim.dispute claim=C-1
    Then accepted claim.disputed

  Scenario: The role table that was in force is in the log, and the shipped one comes back
    Source: DESIGN §5

    Given 2020-03-02 operator: roles.adopt builtin=CREATE_PAGE
    And 2020-03-03 operator: roles.adopt builtin=SHIPPED
    When `attribution permissions claim.submit`
    Then the answer has roles=shipped may=[incentive_admin own_location, incentive_user own_location]
    When `attribution permissions claim.submit --known 2020-03-02`
    Then the answer has roles=create_page may=[incentive_admin own_location]
    When operator: roles.adopt builtin=SHIPPED
    Then refused roles_already_adopted

  Scenario: No role table takes the operator's own way back
    Source: DESIGN §5

    Given the file trap.toml:
      """
      roles = "trap"
      title = "Nobody adopts any more"

      [rows."roles.adopt"]
      may = { auditor = "any" }
      source = "nowhere"
      """
    When operator: roles.adopt file=trap.toml
    Then unreadable bad_role_table saying "a ledger keeps its operator"

  Scenario: A location enrols: invited, enrolling, validating, enrolled
    Source: domain.md §2

    When 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And 2020-03-03 incentives-101: enrolment.start programme=OSU location=101
    And 2020-03-20 incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    Then accepted enrolment.profiles_submitted with validation_due="2020-03-22T00:00:00Z"
    When `attribution enrolments --effective 2020-03-02`
    Then the answer has state=invited
    When `attribution enrolments --effective 2020-03-03`
    Then the answer has state=enrolling missing="payout profile, tax profile"
    When `attribution enrolments`
    Then the answer has state=validating_enrolment
    When 2020-03-21 operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    Then accepted enrolment.profiles_validated with completed.earns_from=2020-03-01 completed.term_ends="2020-10-01T00:00:00Z"
    When `attribution enrolments`
    Then the answer has state=enrolled earns_from=2020-03-01

  Scenario: Enrolment is complete only when payout and tax profile are both validated
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    When 2020-03-30 operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax]
    And `attribution enrolments`
    Then the answer has state=validating_enrolment earns_from=nothing missing="payout profile to validate"
    When 2020-04-02 operator: enrolment.validate_profiles programme=OSU location=101 profiles=[payout]
    Then accepted enrolment.profiles_validated with completed.earns_from=2020-04-01

  Scenario: A rejected profile asks the partner to act
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: enrolment.reject_profiles programme=OSU location=101 profiles=[tax] reason="Not signed."
    When `attribution enrolments`
    Then the answer has state=action_required missing="tax profile to mend, payout profile to validate"

  Scenario: A user does not enrol, and edits no bank or tax data
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    When user-101: enrolment.start programme=OSU location=101
    Then refused not_permitted
    Given incentives-101: enrolment.start programme=OSU location=101
    When user-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax]
    Then refused not_permitted
    When operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax]
    Then refused profile_not_submitted

  Scenario: Some programmes invite, some are open to all
    Source: domain.md §2

    When 2023-11-01 incentives-101: enrolment.start programme=OSU location=101
    Then refused not_invited
    When incentives-101: enrolment.start programme=MCI location=101
    Then accepted enrolment.started

  Scenario: A term ends with the fiscal year and rolls forward by itself, whenever that is recorded
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    And incentives-101: enrolment.start programme=MCI location=101
    And incentives-101: enrolment.submit_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=MCI location=101 profiles=[tax, payout]
    Then accepted enrolment.profiles_validated with completed.term_ends="2020-07-01T00:00:00Z"
    When `attribution enrolments --programme OSU --effective 2020-12-01`
    Then the answer has state=enrolled
    When the clock runs at 2020-12-01
    Then enrolment.rolled_forward, enrolment.rolled_forward were recorded
    When `attribution enrolments --programme OSU`
    Then the answer has state=enrolled since="2020-10-01T00:00:00Z" term_ends="2021-10-01T00:00:00Z" earns_from=2020-03-01
    When `attribution enrolments --programme MCI`
    Then the answer has state=enrolled since="2020-07-01T00:00:00Z" term_ends="2021-07-01T00:00:00Z"

  Scenario: A term that ends while a profile is not in order makes the enrolment inactive
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    And 2020-09-01 operator: enrolment.reject_profiles programme=OSU location=101 profiles=[payout] reason="Account closed."
    When `attribution enrolments --effective 2020-11-01`
    Then the answer has state=inactive since="2020-10-01T00:00:00Z"
    When the clock runs at 2020-12-01
    Then enrolment.lapsed was recorded
    When `attribution enrolments`
    Then the answer has state=inactive since="2020-10-01T00:00:00Z"

  Scenario: Ineligible until invited again, inactive after leaving, discontinued for good
    Source: domain.md §2

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    And 2020-04-01 operator: enrolment.make_ineligible programme=OSU location=101 reason="Under review."
    When incentives-101: enrolment.start programme=OSU location=101
    Then refused enrolment_state saying "is ineligible"
    When 2020-05-20 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    Then accepted enrolment.started with completed.earns_from=2020-05-01
    When 2020-06-01 incentives-101: enrolment.leave programme=OSU location=101
    And `attribution enrolments`
    Then the answer has state=inactive
    When 2020-06-02 operator: enrolment.discontinue programme=OSU location=101 reason="Closed."
    And operator: enrolment.invite programme=OSU location=101
    Then refused enrolment_state saying "is discontinued"

  Scenario: Claiming needs no enrolment where the policy only advises it
    Source: domain.md §4.2, 1

    When 2020-03-02 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: A policy may ask for an enrolment before a claim
    Source: domain.md §4.2, 1 [P]

    Given the file strict.toml:
      """
      policy = "STRICT"
      title = "Claims by enrolled locations only"
      calendar = "default"
      [claiming]
      enrolment = "required"
      [areas.microsoft_365]
      activities = ["usage"]
      occupied = "arbitration"
      domain = "optional"
      technical_contact = "optional"
      [review]
      take_up = "5 business days"
      decide = "5 business days"
      answer = "5 business days"
      back_dating = false
      [consent]
      mode = "decline_any_time"
      starts = "approval"
      late_no = "ends"
      no_before_approval = true
      yes_before_approval = false
      [dispute]
      within = "30 days"
      most = 1
      answer = "5 business days"
      [proof]
      elements = ["identities"]
      usage_elements = []
      disclosure_countries = []
      acknowledged_within_months = 12
      added_in = []
      """
    And 2020-03-02 operator: policy.adopt file=strict.toml
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then refused not_enrolled saying "MCI or OSU"
    Given incentives-101: enrolment.start programme=MCI location=101
    And incentives-101: enrolment.submit_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=MCI location=101 profiles=[tax, payout]
    When incentives-101: claim.submit claim=C-1 location=101 tenant=contoso workloads=[teams]
    Then accepted claim.submitted

  Scenario: What a partner has to watch stands among the deadlines: validation, term, anniversary
    Source: domain.md §2, §8.1

    Given 2020-03-02 operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And 2020-03-20 incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    When `attribution deadlines`
    Then the answer has name=validation due="2020-03-22T00:00:00Z" about=OSU partner=101 effect=false
    Given 2020-03-21 operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: competency.start organisation=100 competency=cloud_productivity
    And operator: competency.qualify organisation=100 competency=cloud_productivity level=silver
    And 2020-04-01 operator: competency.attain organisation=100 competency=cloud_productivity level=silver
    When `attribution deadlines`
    Then the answer is:
      | name           | due                  | about              | effect |
      | enrolment_term | 2020-10-01T00:00:00Z | OSU                | true   |
      | anniversary    | 2021-04-01T00:00:00Z | cloud_productivity | true   |
    When the clock runs on 2020-10-02
    Then enrolment.rolled_forward was recorded
    When `attribution deadlines --name enrolment_term`
    Then the answer has due="2021-10-01T00:00:00Z"

  Scenario: A role that ends by itself stands among the deadlines until it ends, and the clock records the end
    Source: domain.md §2

    Given 2021-01-01 admin-100: role.grant grantee=jan.user role=incentive_user location=101 until="2021-07-01T00:00:00Z"
    When `attribution deadlines`
    Then the answer has name=role_end due="2021-07-01T00:00:00Z" about="incentive_user jan.user" partner=101 effect=true
    When `attribution deadlines --as user-201`
    Then the answer has 0 rows
    When the clock runs on 2021-07-02
    Then role.lapsed was recorded
    When `attribution deadlines --effective 2021-01-01`
    Then the answer has 0 rows

  Scenario: A role that was revoked has no end to wait for
    Source: domain.md §2

    Given 2021-01-01 admin-100: role.grant grantee=jan.user role=incentive_user location=101 until="2021-07-01T00:00:00Z"
    And 2021-02-01 admin-100: role.revoke grantee=jan.user role=incentive_user location=101
    When `attribution deadlines`
    Then the answer has 0 rows
    When the clock runs on 2021-07-02
    Then nothing was recorded
