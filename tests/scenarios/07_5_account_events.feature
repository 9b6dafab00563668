Feature: Account events that move credit

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01
    And 2023-11-01 09:00 claim C-1 of 101 on contoso teams is approved

  Scenario: What a deleted location held ends when it is deleted, its DPOR and its place in a CSP chain with it
    Source: domain.md §7.5

    Given 2023-11-02 operator: subscription.start subscription=S-1 tenant=contoso product=m365 offer=E3 channel=csp_direct transacting_partner=101 dpor=101
    When 2023-11-20 10:00 admin-100: location.delete location=101
    Then accepted location.deleted with organisation=100
    And location.deleted was recorded
    And holder of cpor:m365:contoso:teams on 2023-11-20 09:59 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-20 10:00 is nobody
    And holder of dpor:S-1 on 2023-11-21 is nobody
    And holder of csp:S-1 on 2023-11-21 is nobody
    And holder of dpor:S-1 on 2023-11-21, as known before is 101
    And claim C-1 is ended with slots.outcome=[ended]
    And claim C-1 has no deadline

  Scenario: A deletion that is told late ends what was held as of its own date
    Source: domain.md §7.5; DESIGN §5

    When 2023-11-20 10:00 operator: location.delete location=101 effective_at=2023-11-10
    Then holder of cpor:m365:contoso:teams on 2023-11-15 is nobody
    And holder of cpor:m365:contoso:teams on 2023-11-15, as known before is 101

  Scenario: What was re-pointed before the deletion is kept at the sister location
    Source: domain.md §7.5

    Given 2023-11-02 operator: subscription.start subscription=S-1 tenant=contoso product=m365 offer=E3 channel=web_direct dpor=101
    And 2023-11-10 admin-100: location.repoint location=101 to=102
    When 2023-11-20 admin-100: location.delete location=101
    Then holder of cpor:m365:contoso:teams on 2023-11-09 is 101
    And holder of cpor:m365:contoso:teams on 2023-11-21 is 102
    And holder of dpor:S-1 on 2023-11-21 is 102
    And claim C-1 is approved with partner=102
    And the history of claim C-1 is:
      | what                                                                      |
      | Partner 101 claimed teams under P2023.                                    |
      | *                                                                         |
      | *                                                                         |
      | Goes on at location 102, to which 101 was re-pointed.                     |

  Scenario: What a deleted location was enrolled in ends with it, and no term rolls on
    Source: domain.md §7.5; domain.md §2 [P]

    Given 2023-11-02 incentives-101: enrolment.start programme=MCI location=101
    And 2023-11-02 incentives-101: enrolment.submit_profiles programme=MCI location=101 profiles=[payout, tax]
    And 2023-11-03 operator: enrolment.validate_profiles programme=MCI location=101 profiles=[payout, tax]
    When 2023-11-20 admin-100: location.delete location=101
    Then accepted location.deleted with enrolments=[MCI]
    When `attribution enrolments --partner 101`
    Then the answer has state=discontinued reason="The location was deleted."
    When `attribution enrolments --partner 101 --effective 2023-11-19`
    Then the answer has state=enrolled
    When `attribution deadlines --name enrolment_term`
    Then the answer has 0 rows
    When the clock runs on 2024-08-01
    Then nothing was recorded

  Scenario: The roles of a deleted location no longer count
    Source: domain.md §7.5 [P]

    Given 2023-11-10 operator: location.delete location=101
    When 2023-11-11 incentives-101: claim.dispute claim=C-1 justification="We are still here."
    Then refused claimant_deleted
    When 2023-11-11 incentives-101: claim.submit claim=C-9 location=102 tenant=contoso workloads=[yammer]
    Then refused not_permitted

  Scenario: A slot that a deletion emptied is claimed without arbitration
    Source: domain.md §7.5; domain.md §5, 1

    Given 2023-11-10 operator: location.delete location=101
    When 2023-11-11 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso workloads=[teams]
    Then accepted claim.submitted with contested=[]

  Scenario: After a merger all associations are kept, and stand under the new organisation
    Source: domain.md §7.5

    Given 2023-11-02 operator: subscription.start subscription=S-1 tenant=contoso product=m365 offer=E3 channel=web_direct dpor=102
    When 2023-11-20 operator: organisation.merge organisation=100 into=200
    Then accepted organisation.merged with locations=[101, 102]
    And holders with tenant=contoso on 2023-11-19 are:
      | kind | partner | organisation |
      | CPOR | 101     | 100          |
      | DPOR | 102     | 100          |
    And holders with tenant=contoso on 2023-11-20 are:
      | kind | partner | organisation |
      | CPOR | 101     | 200          |
      | DPOR | 102     | 200          |
    And claim C-1 is approved with organisation=200

  Scenario: An organisation merges once, and never into itself or in a circle
    Source: domain.md §7.5 [P]

    Given 2023-11-10 operator: organisation.merge organisation=100 into=200
    When operator: organisation.merge organisation=200 into=100
    Then refused already_ended
    When operator: organisation.merge organisation=100 into=300
    Then refused already_ended
    When operator: organisation.merge organisation=300 into=300
    Then unreadable bad_command saying "can't merge into itself"

  Scenario: A location can go over to another organisation and keeps what it holds
    Source: domain.md §7.5 [P]

    When 2023-11-20 operator: location.move location=101 organisation=300
    Then holders with partner=101 on 2023-11-19 are:
      | kind | organisation |
      | CPOR | 100          |
    And holders with partner=101 on 2023-11-21 are:
      | kind | organisation |
      | CPOR | 300          |

  Scenario: Re-pointing stays inside one organisation
    Source: domain.md §7.5 [P]

    When 2023-11-20 operator: location.repoint location=101 to=201
    Then refused repointed_elsewhere

  Scenario: A location that was deleted before it took another's place holds nothing of the other's
    Source: domain.md §7.5; DESIGN §5

    Given 2023-11-02 operator: subscription.start subscription=S-9 tenant=contoso product=m365 dpor=101
    And 2023-11-10 admin-100: location.repoint location=101 to=102
    When 2023-11-20 operator: location.delete location=102 effective_at=2023-11-05
    Then holder of dpor:S-9 on 2023-11-09 is 101
    And holder of dpor:S-9 on 2023-11-12 is nobody
    And holder of dpor:S-9 on 2023-11-12, as known before is 102
