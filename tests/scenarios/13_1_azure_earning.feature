Feature: Who earns on Azure consumption

  Background:
    Given the market
    And 2023-01-02 operator: agreement.sign agreement=EA-1 tenant=contoso partners=[{"location": "101", "role": "reseller"}]
    And 2023-01-02 operator: agreement.sign agreement=EA-2 tenant=contoso partners=[{"location": "201", "role": "reseller"}]
    And 2023-01-02 operator: subscription.start subscription=S-0 tenant=contoso product=azure offer=Azure channel=web_direct
    And 2023-01-02 operator: subscription.start subscription=S-A tenant=contoso product=azure offer=Azure channel=ea agreement=EA-1
    And 2023-01-02 operator: subscription.start subscription=S-B tenant=contoso product=azure offer=Azure channel=ea agreement=EA-2
    And 2023-01-02 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101

  Scenario: PAL as Owner earns in MCI, not in Enterprise
    Source: domain.md §13, 1

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-0
    When `attribution pal earning S-0`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | PAL         | true  |
      | Enterprise | 100          | PAL         | false |

  Scenario: PAL as Contributor earns in MCI, not in Enterprise
    Source: domain.md §13, 1

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Contributor scope=/subscriptions/S-0
    When `attribution pal earning S-0`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | PAL         | true  |
      | Enterprise | 100          | PAL         | false |

  Scenario: PAL as Reader earns in neither
    Source: domain.md §13, 1

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Reader scope=/subscriptions/S-0
    When `attribution pal earning S-0`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | PAL         | false |
      | Enterprise | 100          | PAL         | false |

  Scenario: TPOR alone earns in Enterprise, not in MCI
    Source: domain.md §13, 1

    When `attribution pal earning S-A`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | TPOR        | false |
      | Enterprise | 100          | TPOR        | true  |

  Scenario: The same partner as PAL and TPOR earns in MCI, not in Enterprise
    Source: domain.md §13, 1

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Contributor scope=/subscriptions/S-A
    When `attribution pal earning S-A`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | PAL         | true  |
      | MCI        | 100          | TPOR        | false |
      | Enterprise | 100          | PAL         | false |
      | Enterprise | 100          | TPOR        | false |

  Scenario: Partner A as PAL and partner B as TPOR: A in MCI, B in Enterprise
    Source: domain.md §13, 1

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-B
    When `attribution pal earning S-B`
    Then the answer is:
      | programme  | organisation | attached_by | earns |
      | MCI        | 100          | PAL         | true  |
      | MCI        | 200          | TPOR        | false |
      | Enterprise | 100          | PAL         | false |
      | Enterprise | 200          | TPOR        | true  |

  Scenario: An Owner is reported as PAL.Contributor in the months of the transaction history
    Source: domain.md §14, 15

    Given 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-0
    When `attribution pal list`
    Then the answer has role=Owner reported=PAL.Contributor
