Feature: What would be lost in silence is told before

  # Partner 101 has what OSU asks for; sizes and milestones are those of its own guide.
  Background:
    Given the market
    And policy P2020 in force from 2019-10-01
    And the file osu.toml:
      """
      id = "osu_m365_2020"
      sort = "incentive"
      title = "OSU, as our guide tells it"
      era = "own"
      lever = "Microsoft 365 usage milestones"
      valid_from = 2019-10-01
      valid_until = 2022-10-01
      incentive = "OSU"
      source = "our guide"

      [associations]
      kinds = ["CPOR"]
      activities = ["usage"]
      per = "workload"
      source = "our guide"

      [formula]
      name = "milestones"
      active = "m365.mau"
      seats = "m365.pau"
      source = "our guide"

      [[formula.bucket]]
      id = "XXS"
      seats_from = 0
      share_at_claim_below = 20
      milestones = [40, 60]
      source = "our guide"

      [minimum]
      metric = "m365.pau"
      units = 150
      reason = "MINTHNTMT"
      source = "our guide"
      """
    And 2020-01-02 operator: programme.adopt programme=osu_m365_2020 file=osu.toml
    And operator: enrolment.invite programme=OSU location=101
    And incentives-101: enrolment.start programme=OSU location=101
    And incentives-101: enrolment.submit_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=OSU location=101 profiles=[tax, payout]
    And operator: partner_agreement.sign organisation=100 agreement=MPN
    And operator: competency.attain organisation=100 competency=cloud_productivity level=silver effective_at=2019-06-01

  Scenario: A small pilot spoils a roll-out, and the way out is told
    Source: domain.md §10, 5; domain.md §8.4

    Given 2020-02-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-01 | contoso  | teams    | 10    | 10    |
    And 2020-02-15 claim C-1 of 101 on contoso teams is approved
    And 2020-04-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-03 | contoso  | teams    | 1000  | 500   |
    When `attribution earning 101 --month 2020-03 --programme osu_m365_2020`
    Then the answer has reason=SHAREHIGH found="100.0 %, allowed below 20 %; 50.0 % of none left"
    When `attribution outlook 101`
    Then the answer says "'kind': 'share_spoiled'"
    And the answer says "disassociating and claiming again when the share has fallen is an accepted way out"

  Scenario: Claimed again at a low share, the same roll-out is paid, each milestone once
    Source: domain.md §8.4

    Given 2020-02-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-01 | contoso  | teams    | 1000  | 80    |
    And 2020-02-15 claim C-1 of 101 on contoso teams is approved
    And 2020-05-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-03 | contoso  | teams    | 1000  | 450   |
      | 2020-04 | contoso  | teams    | 1000  | 650   |
    When `attribution earning 101 --month 2020-03 --programme osu_m365_2020`
    Then the answer is:
      | milestone | milestone_share | bucket | units | status   |
      | 1         | 40              | XXS    | 1     | credited |
    When `attribution earning 101 --month 2020-04 --programme osu_m365_2020`
    Then the answer is:
      | milestone | milestone_share | units | status   |
      | 2         | 60              | 1     | credited |

  Scenario: While the customer may still decline, nothing is assessed
    Source: domain.md §4.2, 8

    Given 2020-02-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-01 | contoso  | teams    | 1000  | 80    |
    And 2020-02-25 claim C-1 of 101 on contoso teams is approved
    And 2020-02-28 operator: customer.register tenant=00000000-0000-4000-8000-0000000000b1 name=Other domains=[other.example]
    When `attribution earning 101 --month 2020-03 --programme osu_m365_2020`
    Then the answer has reasons.code=[NOREPORT, CONSENT]
    Given the clock runs on 2020-04-01
    Then consent.passed was recorded
    When `attribution earning 101 --month 2020-03 --programme osu_m365_2020`
    Then the answer has reasons.code=[NOREPORT]

  Scenario: Seats under the minimum, and how many are missing
    Source: domain.md §10, 5; domain.md §8.4

    Given 2020-02-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-01 | contoso  | teams    | 120   | 10    |
      | 2020-01 | contoso  | exchange | 160   | 10    |
    And 2020-02-15 claim C-1 of 101 on contoso teams, exchange is approved
    And 2020-04-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-03 | contoso  | teams    | 130   | 20    |
      | 2020-03 | contoso  | exchange | 160   | 20    |
    When `attribution outlook 101`
    Then the answer says "20 seats are missing to the least of 150, now 130"
    And the answer says "10 seats above the least of 150"
    And the answer says "12.5 % of 40 %"

  Scenario: What was never filed earns nothing: growing usage that nobody claims
    Source: domain.md §10, 14

    Given 2020-02-15 claim C-1 of 101 on contoso exchange is approved
    And 2020-04-10 usage is reported:
      | month   | customer | workload | seats | users |
      | 2020-01 | contoso  | teams    | 1000  | 100   |
      | 2020-03 | contoso  | teams    | 1000  | 180   |
      | 2020-03 | contoso  | exchange | 1000  | 180   |
    When `attribution outlook 101`
    Then the answer says "180 users are active in 2020-03, 180 more than three months before, and nobody claims it"
    And the answer never says "'kind': 'unclaimed', 'says': '180 users are active in 2020-03, 180 more than three months before, and nobody claims it', 'programme': None, 'tenant': 'contoso', 'workload': 'exchange'"

  Scenario: A claim about to lapse, and a competency about to end
    Source: domain.md §10, 14; domain.md §4.2, 6

    Given 2020-05-20 claim C-1 of 101 on contoso teams is partner action required
    When `attribution outlook 101`
    Then the answer says "answer is due on 2020-05-28"
    And the answer says "IVDCOMP"
    And the answer says "the claim waits for approval since 2020-05-20"

  Scenario: From when a new association counts, and when its earnings show
    Source: domain.md §10, 9; domain.md §8.4

    Given 2020-02-15 claim C-1 of 101 on contoso teams is approved
    When `attribution outlook 101`
    Then the answer says "associated since 2020-02-15, it counts from 2020-03 on, and its earnings show by 2020-04-16"
    And the answer says "no rate is adopted for osu_m365_2020"
