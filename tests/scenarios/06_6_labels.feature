Feature: Labels of which the sources tell little more than the name

  Background:
    Given the market
    And 2020-07-01 operator: subscription.start subscription=S-1 tenant=contoso product=m365 channel=web_direct

  Scenario Outline: A label that is not documented is recorded and queried, and earns nothing
    Source: domain.md §6.6

    When 2021-01-01 operator: association.record kind="<label>" tenant=contoso location=101 source="Usage report of December"
    Then accepted association.recorded with source="Usage report of December"
    When `attribution associations --kind "<label>"`
    Then the answer is:
      | label  | partner | earns                    |
      | <kind> | 101     | nothing (not documented) |

    Examples:
      | label             | kind            |
      | CPOR - Competency | CPOR_COMPETENCY |
      | MPN Pipe          | MPN_PIPE        |
      | DPOR/CSP          | DPOR_CSP        |
      | Dual Credit       | DUAL_CREDIT     |
      | Syndication       | SYNDICATION     |
      | PEAT              | PEAT            |

  Scenario: A kind with commands of its own is not recorded by hand
    Source: domain.md §6 [P]

    When 2021-01-01 operator: association.record kind=POR subscription=S-1 location=101 source="A list"
    Then refused kind_has_command saying "dpor.set"
    When 2021-01-01 operator: association.record kind="CPOR OSA" subscription=S-1 location=101 source="A list"
    Then refused kind_has_command saying "claim.submit"

  Scenario: A kind that takes one partner is held by one at a time
    Source: domain.md §6.6 [P]

    Given 2021-01-01 operator: association.record kind="Subscription Advisor" subscription=S-1 location=101 source="OPEN order"
    When 2021-02-01 operator: association.record kind="Subscription Advisor" subscription=S-1 location=201 source="OPEN order"
    Then refused association_held
    Given 2021-02-01 operator: association.end kind="Subscription Advisor" subscription=S-1 location=101
    When 2021-02-01 operator: association.record kind="Subscription Advisor" subscription=S-1 location=201 source="OPEN order"
    Then holder of association:subscription_advisor:subscription:S-1 on 2021-01-31 is 101
    And holder of association:subscription_advisor:subscription:S-1 on 2021-02-01 is 201

  Scenario: It ends with what it stands on
    Source: domain.md §4.4; domain.md §6.6 [P]

    Given 2021-01-01 operator: association.record kind=Pipe subscription=S-1 location=101 source="A list"
    And 2021-01-01 operator: association.record kind=Pipe tenant=contoso location=101 source="A list"
    When 2021-06-30 operator: subscription.end subscription=S-1
    Then holder of association:pipe:subscription:S-1:101 on 2021-06-29 is 101
    And holder of association:pipe:subscription:S-1:101 on 2021-06-30 is nobody
    And holder of association:pipe:tenant:contoso:101 on 2021-06-30 is 101

  Scenario: A deal registration has a zero subscription id: it stands on the tenant, and is never summed
    Source: domain.md §14, 10; domain.md §7.1

    When 2021-01-01 operator: association.record kind="Deal registration" subscription=00000000-0000-0000-0000-000000000000 location=101 source="Report"
    Then refused zero_subscription saying "tenant"
    When 2021-01-01 operator: association.record kind="Deal registration" tenant=contoso reference=DR-1 location=101 source="Report" effective_at=2020-12-01
    Then accepted association.recorded with reference=DR-1
    When `attribution kinds "Deal registration"`
    Then the answer has left_out_of_sums=true earns=nothing

  Scenario: A mistyped kind is answered with what was meant
    Source: DESIGN §5

    When 2021-01-01 operator: association.record kind="Hosting Partnr" tenant=contoso location=101 source="A list"
    Then refused unknown_kind saying "HOSTING_PARTNER"
