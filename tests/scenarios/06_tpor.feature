Feature: Transacting partner of record

  Background:
    Given the market
    And 2020-07-01 operator: agreement.sign agreement=EA-1 kind=EA tenant=contoso
      | partners | [{"location": "101", "role": "distributor"}, {"location": "201", "role": "reseller"}, {"location": "201", "role": "software_advisor"}] |

  Scenario: Each partner on the agreement is TPOR in its role, several at once, and nobody claims it
    Source: domain.md §6

    When it is 2020-07-02
    Then holders with kind=TPOR tenant=contoso on 2020-07-02 are:
      | partner | role             |
      | 101     | distributor      |
      | 201     | reseller         |
      | 201     | software_advisor |

  Scenario: An amendment replaces a partner in one event
    Source: domain.md §6

    When 2021-07-01 operator: agreement.amend agreement=EA-1
      | add    | [{"location": "301", "role": "reseller"}] |
      | remove | [{"location": "201", "role": "reseller"}] |
    Then agreement.amended was recorded
    And holder of tpor:EA-1:reseller:201 on 2021-06-30 is 201
    And holder of tpor:EA-1:reseller:201 on 2021-07-01 is nobody
    And holder of tpor:EA-1:reseller:301 on 2021-07-01 is 301
    And holder of tpor:EA-1:software_advisor:201 on 2021-07-01 is 201

  Scenario: An amendment that is told late changes what was held, and what was known stays known
    Source: domain.md §6; DESIGN §5

    When 2021-09-01 operator: agreement.amend agreement=EA-1 effective_at=2021-07-01
      | remove | [{"location": "201", "role": "reseller"}] |
    Then holder of tpor:EA-1:reseller:201 on 2021-08-01 is nobody
    And holder of tpor:EA-1:reseller:201 on 2021-08-01, as known before is 201

  Scenario: It ends with the agreement, amended partners too
    Source: domain.md §6

    Given 2021-07-01 operator: agreement.amend agreement=EA-1
      | add | [{"location": "301", "role": "reseller"}] |
    When 2023-06-30 operator: agreement.end agreement=EA-1
    Then holders with kind=TPOR tenant=contoso on 2023-06-29 are:
      | partner | role             |
      | 101     | distributor      |
      | 201     | reseller         |
      | 201     | software_advisor |
      | 301     | reseller         |
    And holder of tpor:EA-1:reseller:301 on 2023-06-30 is nobody
    And holder of tpor:EA-1:distributor:101 on 2023-06-30 is nobody
    When 2023-07-01 operator: agreement.amend agreement=EA-1
      | add | [{"location": "102", "role": "reseller"}] |
    Then refused already_ended
