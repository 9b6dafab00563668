Feature: S5, a CSP transfer: who held is history, who is credited is the present owner

  Background:
    Given the market
    And 2023-03-01 operator: subscription.start subscription=S-7 tenant=contoso product=azure offer="Azure plan" channel=csp_direct transacting_partner=101
    And 2023-03-01 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-03-01 contoso-admin: azure_role.assign assignment=RA-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-7
    And 2023-03-01 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-06-05 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201 effective_at=2023-06-01

  Scenario: Before the transfer is known, the seller is owner and credited from the start
    Source: domain.md §15, S5

    When `attribution subscription S-7 --effective 2023-05-01 --known 2023-05-31`
    Then the answer has credited.partner=[101] credited.takes_history_from=[2023-03-01T00:00:00Z]
    And the answer has sold_by.partner=[101]

  Scenario: Once it is known, the new owner takes the whole history, and who held in May does not change
    Source: domain.md §15, S5; domain.md §6.3

    When `attribution subscription S-7 --effective 2023-05-01 --known 2023-06-05`
    Then the answer has credited.partner=[201] credited.holds_since=[2023-06-01T00:00:00Z]
    And the answer has credited.takes_history_from=[2023-03-01T00:00:00Z]
    And the answer has sold_by.partner=[101, 201]
    And the answer has holders.partner=[101, 101]
    And holder of csp:S-7 on 2023-05-01 is 101

  Scenario: What the old seller holds by its admin link stays its own
    Source: domain.md §15, S5

    When it is 2023-06-10
    Then holders with kind=PAL tenant=contoso on 2023-06-10 are:
      | partner | role  |
      | 101     | Owner |
