Feature: Competencies of an organisation, and what programmes ask of a partner

  Background:
    Given the market

  Scenario: A competency is started, qualified, active to its anniversary, and expires in silence
    Source: domain.md §8.1

    When 2019-05-01 admin-100: competency.start organisation=100 competency=cloud_productivity
    And 2019-06-01 operator: competency.qualify organisation=100 competency=cloud_productivity level=silver
    And 2019-07-03 operator: competency.attain organisation=100 competency=cloud_productivity level=silver
    Then accepted competency.attained with anniversary="2020-07-03T00:00:00Z"
    When `attribution competencies --effective 2019-05-01`
    Then the answer has state=started
    When `attribution competencies --effective 2019-06-01`
    Then the answer has state=qualified level=silver
    When `attribution competencies --effective 2020-07-02`
    Then the answer has state=active attained="2019-07-03T00:00:00Z" anniversary="2020-07-03T00:00:00Z"
    When `attribution competencies --effective 2020-07-03`
    Then the answer has state=expired
    When the clock runs on 2020-08-01
    Then competency.expired was recorded
    When `attribution competencies`
    Then the answer has state=expired since="2020-07-03T00:00:00Z"

  Scenario: Who qualifies again before the anniversary keeps the competency one more year
    Source: domain.md §8.1

    Given 2019-07-03 operator: competency.attain organisation=100 competency=cloud_productivity level=silver
    When 2020-05-10 operator: competency.renew organisation=100 competency=cloud_productivity level=gold
    Then accepted competency.renewed with anniversary="2021-07-03T00:00:00Z"
    When the clock runs on 2020-08-01
    Then nothing was recorded

  Scenario: A competency at risk lasts to its anniversary whatever the score
    Source: domain.md §8.1; domain.md §13, 7

    Given 2019-07-03 operator: competency.attain organisation=100 competency=cloud_productivity level=silver
    And 2020-01-10 operator: competency.risk organisation=100 competency=cloud_productivity reason="A person left."
    When `attribution prerequisites 101 --programme OSU --on 2020-07-02`
    Then the answer is:
      | need       | asked                                    | met   | found                             | reason  |
      | enrolment  | enrolled in OSU                          | false | never invited                     | IVDMPN  |
      | competency | cloud_productivity, silver or higher     | true  | cloud_productivity silver at risk | nothing |
      | competency | devices_and_deployment, silver or higher | false | none                              | IVDCOMP |
      | agreement  | MPA or MPN                               | false | unsigned                          | IVDMPA  |
    When operator: competency.risk organisation=100 competency=cloud_productivity reason="Again."
    Then refused competency_state saying "is at risk"

  Scenario: Legacy competencies ended on 30 September 2022
    Source: domain.md §13, 7

    When 2022-03-01 operator: competency.attain organisation=100 competency=cloud_productivity level=gold
    Then accepted competency.attained with anniversary="2022-10-01T00:00:00Z"
    When 2022-10-01 operator: competency.attain organisation=200 competency=cloud_productivity level=gold
    Then refused competency_ended saying "2022-09-30"
    When operator: competency.attain organisation=200 competency=modern_work level=designation
    Then accepted competency.attained with anniversary="2023-10-01T00:00:00Z"

  Scenario: A level that the competency has not is refused
    Source: domain.md §8.1

    When operator: competency.attain organisation=100 competency=modern_work level=gold
    Then refused unknown_level saying "designation"

  Scenario: Each prerequisite is met or not met, with the reason code
    Source: domain.md §8.4; domain.md §2

    Given 2023-11-01 operator: partner_agreement.sign organisation=100 agreement=MPA
    When `attribution prerequisites 101 --programme MCI`
    Then the answer is:
      | need      | asked           | met     | found         | reason  |
      | enrolment | enrolled in MCI | false   | never invited | IVDMPN  |
      | agreement | MPA             | true    | MPA signed    | nothing |
      | country   | not published   | nothing | CZ            | nothing |
    When operator: partner_agreement.sign organisation=100 agreement=MPA
    Then refused agreement_in_force
    When 2023-12-01 operator: partner_agreement.end organisation=100 agreement=MPA
    And `attribution prerequisites 101 --programme MCI`
    Then the answer says "IVDMPA"

  Scenario: A programme of the user's own goes before the shipped one of its name
    Source: domain.md §8.4 [P]; domain.md §13, 12

    Given the file mci.toml:
      """
      title = "MCI as we read it"
      claims = ["microsoft_365 usage"]
      invited = true
      validation_hours = 24
      term_starts = "07-01"
      zone = "Europe/Prague"
      source = "own guide"
      [[needs]]
      what = "country"
      countries = ["US"]
      reason = "IVDGEO"
      source = "own guide, page 4"
      """
    And 2023-11-01 operator: incentive.adopt programme=MCI file=mci.toml
    When `attribution prerequisites 101 --programme MCI`
    Then the answer has met=false reason=IVDGEO asked=US found=CZ
    When incentives-101: enrolment.start programme=MCI location=101
    Then refused not_invited
    When operator: incentive.adopt programme=MCI file=mci.toml
    Then refused incentive_already_adopted
