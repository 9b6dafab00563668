Feature: S2, when a consent window closes

  Background:
    Given the market

  Scenario Outline: Five business days in Prague, with the holidays of Easter 2021
    Source: domain.md §15, S2; domain.md §4.3

    Given 2019-01-02 operator: calendar.adopt builtin=CZ zone=Europe/Prague first_year=2019 last_year=2025
    And policy P2020
    And a file FIVE.json:
      """
      {"policy": "FIVE", "title": "Five business days", "calendar": "default",
       "areas": {"microsoft_365": {"activities": ["usage"], "occupied": "arbitration", "domain": "optional", "technical_contact": "optional"}},
       "review": {"take_up": "5 business days", "decide": "5 business days", "answer": "5 business days", "back_dating": true},
       "consent": {"mode": "opt_out_window", "window": "5 business days", "starts": "approval", "late_no": "recorded", "no_before_approval": false, "yes_before_approval": false},
       "dispute": {"within": "30 days", "most": 1, "answer": "5 business days"},
       "proof": {"elements": [], "usage_elements": [], "disclosure_countries": [], "acknowledged_within_months": 12, "added_in": []}}
      """
    And 2021-01-04 operator: policy.adopt file=FIVE.json
    And 2021-03-26 23:30 claim C-1 of 101 on contoso exchange is approved
    Then deadline consent of claim C-1 is 2021-04-06 22:00
    When <said> contoso-admin: consent.decline claim=C-1
    Then <outcome>

    Examples: the local start is Saturday 27 March; 29, 30, 31 March, 1 and 6 April count
      | said                | outcome                              |
      | 2021-04-06 21:59:59 | accepted consent.declined            |
      | 2021-04-06 22:00:00 | accepted consent.objection_recorded  |

  Scenario: Seven whole days are local days
    Source: domain.md §15, S2; domain.md §4.3

    Given 2019-01-02 operator: calendar.adopt builtin=CZ zone=Europe/Prague first_year=2019 last_year=2025
    And policy P2020
    And 2021-03-26 23:30 claim C-1 of 101 on contoso exchange is approved
    Then deadline consent of claim C-1 is 2021-04-03 22:00
