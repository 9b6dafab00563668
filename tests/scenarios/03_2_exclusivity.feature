Feature: How far exclusivity reaches on a subscription

  Background:
    Given the market
    And 2023-10-01 policy P2023
    And 2023-10-01 operator: subscription.start subscription=S-1 tenant=contoso product=dynamics365 offer=Sales channel=ea

  Scenario: By default each activity of a subscription may have a partner of its own
    Source: domain.md §3.2, last paragraph [P]; DESIGN §6

    Given 2023-11-01 claim C-1 of 101 on contoso subscription S-1 for usage is approved
    When 2023-11-06 09:00 incentives-201: claim.submit claim=C-2 location=201 tenant=contoso solution_area=business_applications activity=pre_sales subscriptions=[S-1]
    Then accepted claim.submitted with contested=[]
