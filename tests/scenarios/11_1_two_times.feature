Feature: When it was true, and when the ledger learned it

  Background:
    Given the market
    And policy P2023 in force from 2023-10-01
    And 2023-10-02 operator: subscription.start subscription=S-1 tenant=contoso product=m365 offer=E3 channel=web_direct
    And 2023-10-05 contoso-admin: dpor.set subscription=S-1 location=101

  Scenario: A fact that is recorded late is known for its date from then on, and not before
    Source: domain.md §11.1; DESIGN §5

    When 2023-12-01 contoso-admin: dpor.set subscription=S-1 location=201 effective_at=2023-11-01T00:00:00Z
    Then accepted dpor.set
    And holder of dpor:S-1 on 2023-11-15 is 201
    And holder of dpor:S-1 on 2023-11-15, as known before is 101

  Scenario: A decision is not set right as if it were a fact
    Source: DESIGN §5 [P]

    When 2023-12-02 operator: fact.retract position=1 reason="It was never made."
    Then refused not_correctable
