Feature: Partner admin links

  Background:
    Given the market
    And 2023-01-02 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-01-02 operator: identity.register identity=dev-2 kind=user location=201
    And 2023-01-02 operator: identity.register identity=app-1 kind=service_principal location=101 home_tenant=00000000-0000-4000-8000-0000000000a1

  Scenario: An identity has one link in each customer tenant
    Source: domain.md §6.2

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    When 2023-01-04 dev-1: pal.link identity=dev-1 tenant=contoso location=102
    Then refused pal_already_linked
    When 2023-01-04 dev-1: pal.link identity=dev-1 tenant=fabrikam location=101
    Then accepted pal.linked

  Scenario: A service principal links as a user does
    Source: domain.md §6.2

    When 2023-01-03 app-1: pal.link identity=app-1 tenant=contoso location=101
    Then accepted pal.linked with location=101

  Scenario: Who works through Lighthouse links once, in its own tenant, and counts in every delegated one
    Source: domain.md §6.2

    Given 2023-01-03 app-1: pal.link identity=app-1 tenant=00000000-0000-4000-8000-0000000000a1 location=101
    And 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=app-1 tenant=contoso role=Contributor scope=/subscriptions/S-1 through=lighthouse
    And 2023-01-04 fabrikam-admin: azure_role.assign assignment=A-2 identity=app-1 tenant=fabrikam role=Reader scope=/subscriptions/S-2 through=lighthouse
    Then holders with kind=PAL tenant=contoso on 2023-01-05 are:
      | partner | role        | scope             |
      | 101     | Contributor | /subscriptions/S-1 |
    And holders with kind=PAL tenant=fabrikam on 2023-01-05 are:
      | partner | role   | scope             |
      | 101     | Reader | /subscriptions/S-2 |

  Scenario: A role given to a guest in the customer's directory is not measured by the link at home
    Source: domain.md §6.2

    Given 2023-01-03 app-1: pal.link identity=app-1 tenant=00000000-0000-4000-8000-0000000000a1 location=101
    And 2023-01-04 contoso-admin: azure_role.assign assignment=A-1 identity=app-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    When `attribution pal why app-1 contoso`
    Then the answer has code=not_delegated

  Scenario: A group's role counts for all its members, from joining to leaving
    Source: domain.md §6.2

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 dev-2: pal.link identity=dev-2 tenant=contoso location=201
    And 2023-01-03 contoso-admin: group.register group=operators tenant=contoso name=Operators
    And 2023-01-04 contoso-admin: group.add_member group=operators identity=dev-1
    And 2023-01-04 contoso-admin: group.add_member group=operators identity=dev-2
    And 2023-01-05 contoso-admin: azure_role.assign assignment=A-1 group=operators tenant=contoso role=Contributor scope=/subscriptions/S-1
    When 2023-01-08 contoso-admin: group.remove_member group=operators identity=dev-2
    Then holders with kind=PAL tenant=contoso on 2023-01-07 are:
      | partner | role        |
      | 101     | Contributor |
      | 201     | Contributor |
    And holders with kind=PAL tenant=contoso on 2023-01-08 are:
      | partner | role        |
      | 101     | Contributor |
      | 201     |             |

  Scenario: Only the linking identity changes or deletes the link, neither the customer nor another partner
    Source: domain.md §6.2

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    When 2023-01-04 contoso-admin: pal.unlink identity=dev-1 tenant=contoso
    Then refused not_permitted saying "that identity itself"
    When 2023-01-04 dev-2: pal.unlink identity=dev-1 tenant=contoso
    Then refused not_permitted
    When 2023-01-04 admin-200: pal.link identity=dev-1 tenant=fabrikam location=201
    Then refused not_permitted
    When 2023-01-04 dev-1: pal.unlink identity=dev-1 tenant=contoso
    Then accepted pal.unlinked

  Scenario: A disabled identity stops attribution, and enabling it resumes
    Source: domain.md §6.2

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-02-01 admin-100: identity.disable identity=dev-1
    When 2023-03-01 admin-100: identity.enable identity=dev-1
    Then holder of pal:dev-1:contoso on 2023-01-31 is 101
    And holder of pal:dev-1:contoso on 2023-02-01 is nobody
    And holder of pal:dev-1:contoso on 2023-02-28 is nobody
    And holder of pal:dev-1:contoso on 2023-03-01 is 101

  Scenario: A deleted identity stops attribution for good
    Source: domain.md §6.2 [P]

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-02-01 admin-100: identity.delete identity=dev-1
    When 2023-03-01 admin-100: identity.enable identity=dev-1
    Then refused identity_state
    And holder of pal:dev-1:contoso on 2023-01-31 is 101
    And holder of pal:dev-1:contoso on 2023-02-02 is nobody

  Scenario: A lost role stops what it measured; the link stays and measures nothing
    Source: domain.md §6

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    When 2023-02-01 contoso-admin: azure_role.remove assignment=A-1
    Then holders with kind=PAL tenant=contoso on 2023-02-01 are:
      | partner | role | scope |
      | 101     |      |       |
    When `attribution pal why dev-1 contoso`
    Then the answer has code=no_role

  Scenario: Any role can be linked; which one counts, a programme decides
    Source: domain.md §6.2; domain.md §10, 8

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Reader scope=/subscriptions/S-1
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-2 identity=dev-1 tenant=contoso role="Support Request Contributor" scope=/subscriptions/S-1
    When `attribution pal list`
    Then the answer is:
      | identity | role                        | counts_for |
      | dev-1    | Reader                      | nothing    |
      | dev-1    | Support Request Contributor | PEC        |

  Scenario: Several partners linked on one subscription all hold, beside its DPOR
    Source: domain.md §6.2

    Given 2023-01-02 operator: subscription.start subscription=S-1 tenant=contoso product=azure offer=Azure channel=ea
    And 2023-01-03 contoso-admin: dpor.set subscription=S-1 location=301
    And 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 dev-2: pal.link identity=dev-2 tenant=contoso location=201
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-2 identity=dev-2 tenant=contoso role=Owner scope=/subscriptions/S-1
    Then holders with subscription=S-1 on 2023-01-04 are:
      | kind | partner |
      | DPOR | 301     |
      | PAL  | 101     |
      | PAL  | 201     |

  Scenario: Only the id of a location works
    Source: domain.md §6.2

    When 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=100
    Then refused no_partner_record saying "no record for this partner id"
    When 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=999
    Then refused no_partner_record

  Scenario: Access at a management group rolls down to what lies in it that day
    Source: domain.md §6; domain.md §6.3

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/providers/Microsoft.Management/managementGroups/production
    And 2023-02-01 contoso-admin: scope.place tenant=contoso subscription=S-1 parent=production
    And 2023-03-01 contoso-admin: scope.place tenant=contoso subscription=S-1 parent=retired
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1/resourceGroups/shop --effective 2023-02-15`
    Then the answer is:
      | identity | role  |
      | dev-1    | Owner |
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1/resourceGroups/shop --effective 2023-03-15`
    Then the answer has 0 rows

  Scenario: A partner sees where its links apply and nobody else's
    Source: domain.md §10, 7; domain.md §14, 2

    Given 2023-01-03 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-01-03 dev-2: pal.link identity=dev-2 tenant=contoso location=201
    When `attribution pal list --as admin-100`
    Then the answer is:
      | identity | partner |
      | dev-1    | 101     |
    When `attribution pal list --as contoso-admin`
    Then the answer has 2 rows
