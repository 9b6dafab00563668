Feature: CSP orders, transfers and reservations

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01
    And 2023-03-01 operator: subscription.start subscription=S-7 tenant=contoso product=azure offer="Azure plan" channel=csp_direct transacting_partner=101

  Scenario: A direct order makes its partner tier 1
    Source: domain.md §6.3

    When it is 2023-03-02
    Then holders with kind=CSP_T1 tenant=contoso on 2023-03-02 are:
      | subscription | partner | role   |
      | S-7          | 101     | direct |

  Scenario: An indirect order makes provider and reseller tier 2, the reseller as partner of record on the order
    Source: domain.md §6.3

    When 2023-03-02 operator: subscription.start subscription=S-8 tenant=contoso product=m365 channel=csp_indirect transacting_partner=201 indirect_reseller=301
    Then holders with kind=CSP_T2 tenant=contoso on 2023-03-02 are:
      | subscription | partner | role              |
      | S-8          | 201     | indirect_provider |
      | S-8          | 301     | indirect_reseller |

  Scenario: A customer buys from several CSP partners, one chain a subscription
    Source: domain.md §6

    When 2023-03-02 operator: subscription.start subscription=S-8 tenant=contoso product=m365 channel=csp_direct transacting_partner=201
    Then holder of csp:S-7 on 2023-03-02 is 101
    And holder of csp:S-8 on 2023-03-02 is 201

  Scenario: An Azure subscription is transferred to another CSP, by self-service
    Source: domain.md §6.3

    When 2023-06-05 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201 effective_at=2023-06-01
    Then accepted subscription.transferred with previous_partner=101 transacting_partner=201
    And subscription.transferred was recorded
    And holder of csp:S-7 on 2023-05-31 is 101
    And holder of csp:S-7 on 2023-06-01 is 201
    And holder of csp:S-7 on 2023-06-02, as known before is 101

  Scenario Outline: Others have no self-service transfer; support moved them, and the event says so
    Source: domain.md §6.3

    Given 2023-03-02 operator: subscription.start subscription=S-8 tenant=contoso product=<product> channel=csp_direct transacting_partner=101
    When 2023-06-05 operator: subscription.transfer subscription=S-8 channel=csp_direct transacting_partner=201
    Then refused no_self_service
    When 2023-06-05 operator: subscription.transfer subscription=S-8 channel=csp_direct transacting_partner=201 support_reason="Case 4711"
    Then accepted subscription.transferred with support_reason="Case 4711"
    And holder of csp:S-8 on 2023-06-06 is 201

    Examples:
      | product     |
      | m365        |
      | ems         |
      | dynamics365 |

  Scenario: A transfer leaves roles and admin links alone
    Source: domain.md §6.3

    Given 2023-03-02 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-03-02 contoso-admin: azure_role.assign assignment=RA-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-7
    And 2023-03-02 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    When 2023-06-05 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201
    Then holders with kind=PAL tenant=contoso on 2023-06-06 are:
      | partner | role  | scope              |
      | 101     | Owner | /subscriptions/S-7 |
    And holder of csp:S-7 on 2023-06-06 is 201

  Scenario: A transfer leaves the customer's partner of record alone
    Source: domain.md §6.1; domain.md §6.3 [P]

    Given 2023-03-15 contoso-admin: dpor.set subscription=S-7 location=301
    When 2023-06-05 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201
    Then holder of dpor:S-7 on 2023-06-06 is 301

  Scenario: The partner of an Azure reservation stays who sold it
    Source: domain.md §6.3

    Given 2023-03-02 operator: subscription.start subscription=R-1 tenant=contoso product=azure_reservation channel=csp_indirect transacting_partner=201 indirect_reseller=301
    When 2023-06-05 operator: subscription.transfer subscription=R-1 channel=csp_indirect transacting_partner=201 indirect_reseller=101
    Then refused partner_fixed saying "can't be changed after purchase"
    And holder of csp:R-1 on 2023-06-06 are 201, 301

  Scenario: A CSP association ends with the subscription
    Source: domain.md §6

    Given 2023-06-30 operator: subscription.end subscription=S-7 reason=cancelled
    When 2023-07-01 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201
    Then refused already_ended
    And holder of csp:S-7 on 2023-06-29 is 101
    And holder of csp:S-7 on 2023-06-30 is nobody
