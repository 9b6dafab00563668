Feature: CSP versus CPOR

  Background:
    Given the market
    And policy P2023 in force from 2019-10-01

  Scenario: Dynamics sold in CSP is not claimed: the transacting partner is the only one associated
    Source: domain.md §7.4; domain.md §3.2

    Given 2023-03-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 channel=csp_direct transacting_partner=201
    When 2023-04-01 incentives-101: claim.submit claim=C-1 location=101 tenant=contoso subscriptions=[S-1]
    Then refused csp_channel
    And holder of csp:S-1 on 2023-04-02 is 201
    And holder of cpor:bizapps:S-1:usage on 2023-04-02 is nobody

  Scenario: Microsoft 365 is claimed whatever the licences were sold through
    Source: domain.md §7.4

    Given 2023-03-01 operator: subscription.start subscription=S-1 tenant=contoso product=m365 channel=csp_direct transacting_partner=201
    And 2023-11-01 09:00 claim C-1 of 101 on contoso teams is approved
    When it is 2023-11-02
    Then holder of cpor:m365:contoso:teams on 2023-11-02 is 101
    And holder of csp:S-1 on 2023-11-02 is 201
