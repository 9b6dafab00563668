Feature: Customer usage attribution

  Background:
    Given the market
    And 2020-02-01 admin-100: tracking_id.register tracking_id=pid-EB7927C8-dd66-43e1-b0cf-c346a4220633 location=101 kind=cua description="Shop in a box"

  Scenario: What is deployed with a tracking id is its publisher's, with or without the prefix
    Source: domain.md §6.4

    Given 2020-03-01 operator: deployment.report deployment=D-1 tracking_id=pid-eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1/resourceGroups/shop
    And 2020-03-02 operator: deployment.report deployment=D-2 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1/resourceGroups/web
    Then holders with kind=CUA tenant=contoso on 2020-03-03 are:
      | partner | scope                                  |
      | 101     | /subscriptions/S-1/resourceGroups/shop |
      | 101     | /subscriptions/S-1/resourceGroups/web  |
    When `attribution cua ids`
    Then the answer has partner=101 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 standing=2

  Scenario: An id is registered by one publisher, for its own locations
    Source: domain.md §6.4

    When 2020-02-02 admin-200: tracking_id.register tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 location=201 kind=cua description=Copy
    Then refused already_exists
    When 2020-02-02 admin-200: tracking_id.register tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220634 location=101 kind=cua description=Copy
    Then refused not_permitted

  Scenario: Only new deployments are tracked
    Source: domain.md §6.4

    When 2020-03-01 operator: deployment.report deployment=D-1 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1 effective_at=2020-01-31T00:00:00Z
    Then refused effective_too_early

  Scenario: Removing the id is not retroactive
    Source: domain.md §6

    Given 2020-03-01 operator: deployment.report deployment=D-1 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1
    And 2020-04-01 admin-100: tracking_id.remove tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633
    When 2020-05-01 operator: deployment.report deployment=D-2 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1
    Then refused tracking_id_removed
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2020-05-01 is 101

  Scenario: Many publishers share a subscription
    Source: domain.md §6

    Given 2020-02-01 admin-200: tracking_id.register tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220634 location=201 kind=tracked_template description=Other
    And 2020-03-01 operator: deployment.report deployment=D-1 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1
    And 2020-03-01 operator: deployment.report deployment=D-2 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220634 tenant=contoso subscription=S-1 scope=/subscriptions/S-1
    Then holders with subscription=S-1 on 2020-03-02 are:
      | kind         | partner |
      | CUA          | 101     |
      | ARM_TEMPLATE | 201     |

  Scenario: Marketplace apps are tracked by themselves since January 2021, back to March 2020
    Source: domain.md §6.4

    Given 2020-04-01 admin-200: tracking_id.register tracking_id=pid-partner-shop-partnercenter location=201 kind=marketplace description=Shop
    When 2020-12-31 operator: deployment.report deployment=D-1 tracking_id=partner-shop-partnercenter tenant=contoso subscription=S-1 scope=/subscriptions/S-1 automatic=true effective_at=2020-06-01T00:00:00Z
    Then refused tracking_not_automatic
    When 2021-01-01 operator: deployment.report deployment=D-1 tracking_id=partner-shop-partnercenter tenant=contoso subscription=S-1 scope=/subscriptions/S-1 automatic=true effective_at=2020-03-01T00:00:00Z
    Then accepted deployment.reported
    And holders with kind=MARKETPLACE tenant=contoso on 2020-03-02 are:
      | partner |
      | 201     |
    When 2021-01-02 operator: deployment.report deployment=D-2 tracking_id=partner-shop-partnercenter tenant=contoso subscription=S-1 scope=/subscriptions/S-1 automatic=true effective_at=2020-02-29T00:00:00Z
    Then refused effective_too_early

  Scenario: AKS and VM scale sets are shown as under-reported
    Source: domain.md §6.4

    Given 2020-03-01 operator: deployment.report deployment=D-1 tracking_id=eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1/resourceGroups/shop/providers/Microsoft.ContainerService/managedClusters/one
    When `attribution cua list`
    Then the answer has deployment=D-1 under_reported=true
