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

  Scenario: A transfer between CSP partners gets its right day, then turns out never to have been
    Source: domain.md §6.3, §11.1

    Given 2023-10-06 operator: subscription.start subscription=S-7 tenant=contoso product=azure offer=Azure channel=csp_direct transacting_partner=101
    And 2023-11-20 operator: subscription.transfer subscription=S-7 channel=csp_direct transacting_partner=201 effective_at=2023-11-10T00:00:00Z
    When 2023-11-21 operator: fact.correct position=subscription.transferred effective_at=2023-11-01T00:00:00Z reason="The order says so."
    Then accepted fact.corrected
    And holder of csp:S-7 on 2023-11-05 is 201
    And holder of csp:S-7 on 2023-11-05, as known before is 101
    When 2023-11-22 operator: fact.retract position=subscription.transferred reason="Another customer's."
    Then accepted fact.retracted
    And holder of csp:S-7 on 2023-11-15 is 101
    And holder of csp:S-7 on 2023-11-15, as known before is 201

  Scenario: A subscription's end gets another day, or is taken back, and with it what ended
    Source: domain.md §4.4, §6.1, §11.1

    Given 2023-11-20 operator: subscription.end subscription=S-1 reason=expired effective_at=2023-11-10T00:00:00Z
    When 2023-11-21 operator: fact.correct position=subscription.ended effective_at=2023-11-15T00:00:00Z reason="Grace period."
    Then accepted fact.corrected
    And holder of dpor:S-1 on 2023-11-12 is 101
    And holder of dpor:S-1 on 2023-11-12, as known before is nobody
    And holder of dpor:S-1 on 2023-11-16 is nobody
    When 2023-11-22 operator: fact.retract position=subscription.ended reason="It was renewed in time."
    Then accepted fact.retracted
    And holder of dpor:S-1 on 2023-12-01 is 101
    When `attribution subscription S-1`
    Then the answer has ended=nothing
    When 2023-12-02 contoso-admin: dpor.set subscription=S-1 location=201
    Then accepted dpor.set

  Scenario: An end on which claims rest is left as it is
    Source: domain.md §4.4 [P]

    Given operator: subscription.start subscription=S-2 tenant=contoso product=dynamics365 offer=Sales channel=web_direct
    And 2023-10-20 09:00 claim C-5 of 101 on contoso subscription S-2 for usage is approved
    And 2023-11-20 operator: subscription.end subscription=S-2 reason=expired effective_at=2023-11-10T00:00:00Z
    When operator: fact.correct position=subscription.ended effective_at=2023-11-15T00:00:00Z reason="Grace period."
    Then refused claims_ended_with_it saying "C-5"

  Scenario: A move to the modern commerce platform gets its right day
    Source: domain.md §6.1, §11.1

    Given operator: subscription.start subscription=S-3 tenant=contoso product=m365 offer=E3 channel=volume_licensing
    And contoso-admin: dpor.set subscription=S-3 location=101
    And 2023-11-20 operator: subscription.move subscription=S-3 becomes=S-3M channel=csp_direct transacting_partner=201 effective_at=2023-11-10T00:00:00Z
    When operator: fact.correct position=subscription.moved effective_at=2023-11-15T00:00:00Z reason="The order says so."
    Then accepted fact.corrected
    And holder of dpor:S-3 on 2023-11-12 is 101
    And holder of csp:S-3M on 2023-11-12 is nobody
    And holder of csp:S-3M on 2023-11-16 is 201
    When operator: fact.retract position=subscription.moved reason="Never."
    Then refused not_retractable

  Scenario: Who was put on an agreement by mistake never was on it
    Source: domain.md §6, §11.1

    Given operator: agreement.sign agreement=EA-1 kind=EA tenant=contoso partners=[{"location": "101", "role": "reseller"}]
    And 2023-11-20 operator: agreement.amend agreement=EA-1 add=[{"location": "201", "role": "software_advisor"}] remove=[{"location": "101", "role": "reseller"}]
    When 2023-11-21 operator: fact.retract position=agreement.amended reason="Of another agreement."
    Then accepted fact.retracted
    And holder of tpor:EA-1:reseller:101 on 2023-12-01 is 101
    And holder of tpor:EA-1:software_advisor:201 on 2023-12-01 is nobody
    And holder of tpor:EA-1:software_advisor:201 on 2023-12-01, as known before is 201

  Scenario: Delegated administration begins on another day, or its end is taken back: the end of its term is awaited again
    Source: domain.md §6.3, §11.1

    Given 2023-10-10 contoso-admin: delegated_admin.grant tenant=contoso location=101 kind=GDAP roles=["Global Reader"] until="2024-10-01T00:00:00Z"
    When contoso-admin: fact.correct position=delegated_admin.granted effective_at=2023-10-08T00:00:00Z reason="The customer's log."
    Then accepted fact.corrected
    And holder of dap:contoso:101 on 2023-10-09 is 101
    Given 2023-11-01 contoso-admin: delegated_admin.end tenant=contoso location=101
    When 2023-11-02 contoso-admin: fact.retract position=delegated_admin.ended reason="Of another partner."
    Then accepted fact.retracted
    And holder of dap:contoso:101 on 2023-12-01 is 101
    When `attribution deadlines --name delegation_end`
    Then the answer has due="2024-10-01T00:00:00Z" about=GDAP partner=101
    When contoso-admin: fact.retract position=delegated_admin.granted reason="Never given."
    Then accepted fact.retracted
    And holder of dap:contoso:101 on 2023-12-01 is nobody
    When `attribution deadlines --name delegation_end`
    Then the answer has 0 rows

  Scenario: A GDAP relationship that was ended by mistake goes on to its term
    Source: domain.md §6.3, §11.1

    Given 2023-10-10 admin-100: gdap.request relationship=G-1 tenant=contoso location=101 roles=["Global Reader"] duration_days=120
    And 2023-10-12 contoso-admin: gdap.approve relationship=G-1
    When contoso-admin: fact.correct position=gdap.approved effective_at=2023-10-11T00:00:00Z reason="The portal says so."
    Then accepted fact.corrected
    And holder of gdap:G-1 on 2023-10-11 is 101
    Given 2023-11-01 contoso-admin: gdap.terminate relationship=G-1 by=customer
    When 2023-11-02 admin-100: fact.retract position=gdap.terminated reason="No."
    Then refused not_permitted
    When contoso-admin: fact.retract position=gdap.terminated reason="The wrong relationship."
    Then accepted fact.retracted
    And holder of gdap:G-1 on 2023-12-01 is 101
    And holder of gdap:G-1 on 2023-12-01, as known before is nobody
    When `attribution gdap list`
    Then the answer has state=active ended=nothing
    When `attribution gdap list --effective 2023-11-01 --known 2023-11-01`
    Then the answer has state=terminated
    When `attribution gdap list --effective 2023-11-01`
    Then the answer has state=active
    When `attribution gdap list --effective 2023-10-10T12:00:00Z`
    Then the answer has state=requested
    When `attribution gdap list --effective 2023-10-09`
    Then the answer has 0 rows
    When `attribution gdap list --effective 2024-02-09T00:00:00Z`
    Then the answer has state=expired
    When `attribution deadlines`
    Then the answer is:
      | name        | due                  | relationship |
      | gdap_notice | 2024-01-10T00:00:00Z | G-1          |
      | gdap_end    | 2024-02-09T00:00:00Z | G-1          |
    When the clock runs on 2024-01-09
    Then nothing was recorded

  Scenario: Seats and the state of a subscription are set right, and what was known before stays
    Source: domain.md §3.3, §11.1

    Given 2023-11-01 operator: subscription.change_seats subscription=S-1 seats=50
    And 2023-11-02 operator: subscription.change_state subscription=S-1 state=suspended
    When 2023-11-20 operator: fact.correct position=subscription.seats_changed effective_at=2023-10-20T00:00:00Z reason="The invoice."
    Then accepted fact.corrected
    When `attribution subscription S-1 --effective 2023-10-25`
    Then the answer has seats=50
    When `attribution subscription S-1 --effective 2023-10-25 --known 2023-11-19`
    Then the answer has seats=nothing
    When 2023-11-21 operator: fact.retract position=subscription.state_changed reason="Another one."
    Then accepted fact.retracted
    When `attribution subscription S-1 --effective 2023-11-10`
    Then the answer has state=active
    When `attribution subscription S-1 --effective 2023-11-10 --known 2023-11-20`
    Then the answer has state=suspended

  Scenario: A subscription's first day is set right, and what was known before stays
    Source: domain.md §11.1

    Given 2023-10-08 operator: subscription.start subscription=S-8 tenant=contoso product=m365 offer=E3 channel=web_direct
    When 2023-11-20 operator: fact.correct position=subscription.started effective_at=2023-10-15T00:00:00Z reason="The invoice."
    Then accepted fact.corrected
    When `attribution subscription S-8 --effective 2023-10-10`
    Then the answer has state="not started"
    When `attribution subscription S-8 --effective 2023-10-10 --known 2023-11-19`
    Then the answer has state=active

  Scenario: Who was a member of a group, and who could sign in, is set right with what was measured by it
    Source: domain.md §6.2, §11.1

    Given 2023-10-06 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-10-06 contoso-admin: group.register group=G-1 tenant=contoso name=Managers
    And 2023-10-06 contoso-admin: azure_role.assign assignment=A-1 group=G-1 tenant=contoso role=Owner scope=/subscriptions/S-1
    And 2023-10-06 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-11-10 contoso-admin: group.add_member group=G-1 identity=dev-1
    And 2023-11-15 admin-100: identity.delete identity=dev-1
    When 2023-11-20 fabrikam-admin: fact.correct position=group.member_added effective_at=2023-11-01T00:00:00Z reason="The directory's log."
    Then refused not_permitted
    When 2023-11-20 contoso-admin: fact.correct position=group.member_added effective_at=2023-11-01T00:00:00Z reason="The directory's log."
    Then accepted fact.corrected
    When `attribution pal list --tenant contoso --effective 2023-11-05`
    Then the answer has role=Owner partner=101
    When `attribution pal list --tenant contoso --effective 2023-11-05 --known 2023-11-19`
    Then the answer has role=nothing partner=101
    When 2023-11-21 admin-100: fact.retract position=identity.deleted reason="A namesake."
    Then accepted fact.retracted
    When `attribution pal list --tenant contoso --effective 2023-11-18`
    Then the answer has role=Owner partner=101
    When `attribution pal list --tenant contoso --effective 2023-11-18 --known 2023-11-20`
    Then the answer has 0 rows

  Scenario: Where a subscription lies is set right, and a role above reaches it from then on
    Source: domain.md §6, §6.2, §11.1

    Given 2023-10-06 operator: identity.register identity=dev-1 kind=user location=101
    And 2023-10-06 contoso-admin: azure_role.assign assignment=A-1 identity=dev-1 tenant=contoso role=Owner scope=/providers/Microsoft.Management/managementGroups/production
    And 2023-10-06 dev-1: pal.link identity=dev-1 tenant=contoso location=101
    And 2023-11-10 contoso-admin: scope.place tenant=contoso subscription=S-1 parent=production
    When 2023-11-20 contoso-admin: fact.correct position=scope.placed effective_at=2023-11-01T00:00:00Z reason="The portal's log."
    Then accepted fact.corrected
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1 --effective 2023-11-05`
    Then the answer has partner=101
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1 --effective 2023-11-05 --known 2023-11-19`
    Then the answer has 0 rows
    When 2023-11-21 contoso-admin: fact.retract position=scope.placed reason="Of another tree."
    Then accepted fact.retracted
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1 --effective 2023-11-15`
    Then the answer has 0 rows
    When `attribution pal list --tenant contoso --scope /subscriptions/S-1 --effective 2023-11-15 --known 2023-11-20`
    Then the answer has partner=101

  Scenario: A deployment is set right while its tracking id was registered, or never was
    Source: domain.md §6.4, §11.1

    Given 2023-10-06 admin-100: tracking_id.register tracking_id=pid-eb7927c8-dd66-43e1-b0cf-c346a4220633 location=101 kind=cua description=Shop
    And 2023-11-10 operator: deployment.report deployment=D-1 tracking_id=pid-eb7927c8-dd66-43e1-b0cf-c346a4220633 tenant=contoso subscription=S-1 scope=/subscriptions/S-1/resourceGroups/shop
    And 2023-11-15 operator: deployment.end deployment=D-1
    When operator: fact.correct position=deployment.reported effective_at=2023-10-02T00:00:00Z reason="The activity log."
    Then refused correction_out_of_order
    When 2023-11-20 operator: fact.correct position=deployment.reported effective_at=2023-11-01T00:00:00Z reason="The activity log."
    Then accepted fact.corrected
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2023-11-05 is 101
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2023-11-05, as known before is nobody
    When 2023-11-21 operator: fact.retract position=deployment.ended reason="It runs."
    Then accepted fact.retracted
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2023-11-18 is 101
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2023-11-18, as known before is nobody
    When 2023-11-22 operator: fact.retract position=deployment.reported reason="Of another publisher."
    Then accepted fact.retracted
    And holder of cua:eb7927c8-dd66-43e1-b0cf-c346a4220633:D-1 on 2023-11-18 is nobody
