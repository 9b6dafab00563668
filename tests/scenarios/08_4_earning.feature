Feature: What a claim earns, and why it does not

  # Partner 101 has everything that MCI asks for, since September 2023.
  Background:
    Given the market
    And policy P2023 in force from 2023-01-01
    And 2023-09-01 incentives-101: enrolment.start programme=MCI location=101
    And incentives-101: enrolment.submit_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: enrolment.validate_profiles programme=MCI location=101 profiles=[tax, payout]
    And operator: partner_agreement.sign organisation=100 agreement=MPA

  Scenario: Only usage after the approval counts, from the next first of a month on
    Source: domain.md §8.4; domain.md §15, S12 [P]

    Given 2023-09-20 claim C-1 of 101 on contoso teams is under review
    And 2023-10-15 reviewer: claim.approve claim=C-1
    And 2023-12-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
      | 2023-10 | contoso  | teams    | 620   | 560   |
      | 2023-11 | contoso  | teams    | 650   | 640   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=IVDPOE units=0 found="approved as of 2023-10-15"
    When `attribution earning 101 --month 2023-11 --programme mci_usage_2023`
    Then the answer has status=credited hwm=620 units=30

  Scenario: A claim that waits for approval is told, not silent
    Source: domain.md §8.4; domain.md §10, 14

    Given 2023-09-20 claim C-1 of 101 on contoso teams is submitted
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has claim=C-1 reason=IVDPOE found="waits since 2023-09-20"

  Scenario: Nobody enrolled earns nothing, and nothing for months before all was complete
    Source: domain.md §8.4; domain.md §2

    Given 2023-09-20 claim C-2 of 201 on contoso exchange is approved
    And 2023-12-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | exchange | 500   | 480   |
      | 2023-10 | contoso  | exchange | 620   | 560   |
      | 2023-11 | contoso  | exchange | 650   | 640   |
    When `attribution earning 201 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=IVDMPN reasons.code=[IVDMPN, IVDMPA]
    Given 2023-12-20 incentives-201: enrolment.start programme=MCI location=201 effective_at=2023-11-02
    And incentives-201: enrolment.submit_profiles programme=MCI location=201 profiles=[tax, payout] effective_at=2023-11-03
    And operator: enrolment.validate_profiles programme=MCI location=201 profiles=[tax, payout] effective_at=2023-11-20
    And operator: partner_agreement.sign organisation=200 agreement=MPA effective_at=2023-01-01
    When `attribution earning 201 --month 2023-11 --programme mci_usage_2023`
    Then the answer has status=credited units=30 hwm=620
    When `attribution earning 201 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=IVDMPN units=0

  Scenario: The agreement's end ends what is earned
    Source: domain.md §8.4

    Given 2023-09-20 claim C-1 of 101 on contoso teams is approved
    And 2023-11-10 operator: partner_agreement.end organisation=100 agreement=MPA
    When `attribution earning 101 --month 2023-11 --programme mci_usage_2023`
    Then the answer has reasons.code=[NOREPORT, IVDMPA]
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reasons.code=[NOREPORT]

  Scenario: Who gave up payment is recognised only
    Source: domain.md §3.1; domain.md §8.4

    Given 2023-09-20 claim C-1 of 101 on contoso teams is approved with payment_opt_out=true
    And 2023-11-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
      | 2023-10 | contoso  | teams    | 620   | 560   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=OPTOUT units=0 hwm_after=620

  Scenario: A public-sector customer needs the disclosure in the proof
    Source: domain.md §8.4; domain.md §3.4; domain.md §13, 11

    Given the file claims.csv:
      """
      CustomerTenantId,CustomerName,WorkloadName,MonthlyActiveUsers,PaidAvailableUnits,ClaimId,MpnId,DateAssociated,PartnerAttributionType,Date
      00000000-0000-4000-8000-0000000000a1,Northwind,Teams,480,500,OLD-1,101,2023-09-01,CPOR,2023-09-01
      """
    And it is 2023-10-01
    And `attribution import claims.csv --kind cpor_m365 --as-of 2023-10-01 --at 2023-10-01T00:00:00Z`
    And 2023-11-16 usage is reported:
      | month   | customer  | workload | seats | users |
      | 2023-09 | northwind | teams    | 500   | 480   |
      | 2023-10 | northwind | teams    | 620   | 560   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=CUSPUBSEC found=US

  Scenario: A first level is an opening, too few seats earn nothing, active users must pass the mark
    Source: domain.md §8.4; domain.md §15, S4

    Given 2023-09-20 claim C-1 of 101 on contoso teams, exchange, sharepoint is approved
    And 2023-11-16 usage is reported:
      | month   | customer | workload   | seats | users |
      | 2023-10 | contoso  | teams      | 620   | 560   |
      | 2023-09 | contoso  | exchange   | 100   | 90    |
      | 2023-10 | contoso  | exchange   | 299   | 290   |
      | 2023-09 | contoso  | sharepoint | 500   | 300   |
      | 2023-10 | contoso  | sharepoint | 620   | 500   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer is:
      | workload   | quantity | hwm     | units | reason    |
      | teams      | 620      | nothing | 0     | OPENING   |
      | exchange   | 299      | 100     | 0     | MINTHNTMT |
      | sharepoint | 620      | 500     | 0     | MAULWPHWM |

  Scenario: A month that no report tells says so
    Source: domain.md §8.4 [P]

    Given 2023-09-20 claim C-1 of 101 on contoso teams is approved
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has reason=NOREPORT quantity=nothing units=0 status=refused


  Scenario: The programme's numbers are a user's to say; a wrong file names line, key, value and what is allowed
    Source: domain.md §8.4; domain.md §11

    Given the file own.toml:
      """
      rates = "own"
      title = "Our own rates"
      currency = "EUR"
      source = "our guide"

      [[rate]]
      programme = "mci_usage_2023"
      workload = "teamz"
      per_unit = "2.50"
      first = 2023-07-01
      source = "page 4"
      """
    And 2023-09-20 claim C-1 of 101 on contoso teams is approved
    When `attribution earning 101 --month 2023-10 --rates own.toml`
    Then the answer says "own.toml, line 8: rate.0.workload is 'teamz': is none of exchange"

  Scenario: Amounts come with a rate file of the user's own, and are seen by who may see revenue
    Source: domain.md §11; domain.md §14, 2

    Given the file own.toml:
      """
      rates = "own"
      title = "Our own rates"
      currency = "EUR"
      source = "our guide"

      [[rate]]
      programme = "mci_usage_2023"
      workload = "teams"
      per_unit = "2.50"
      first = 2023-07-01
      source = "page 4"
      """
    And admin-100: role.grant grantee=boss-100 role=executive organisation=100
    And 2023-09-20 claim C-1 of 101 on contoso teams is approved
    And 2023-11-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
      | 2023-10 | contoso  | teams    | 620   | 560   |
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has units=120 amount=nothing
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023 --rates own.toml`
    Then the answer has amount=300 currency=EUR
    Given operator: rates.adopt rates=own file=own.toml
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023 --as boss-100`
    Then the answer has amount=300 currency=EUR
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023 --as incentives-101`
    Then the answer has units=120 amount=nothing rate=nothing
    When `attribution earning 101 --month 2023-10 --as incentives-201`
    Then the answer says "not_visible"
    When operator: rates.adopt rates=own file=own.toml
    Then refused rates_already_adopted

  Scenario: A statement waits for the end of its month
    Source: domain.md §8.4 [P]

    Given 2023-09-20 claim C-1 of 101 on contoso teams is approved
    When `attribution statement issue 101 2023-10 --at 2023-10-31T23:59:59Z`
    Then the answer says "month_not_over"
    When `attribution statement issue 101 2023-10 --at 2023-11-01T00:00:00Z`
    Then the answer has statement=101-2023-10-1 lines=1 credited=0

  Scenario: A programme of the user's own is adopted, and what was issued before stays as it was
    Source: domain.md §8.4; domain.md §11

    Given the file mci.toml:
      """
      id = "mci_usage_2023"
      sort = "incentive"
      title = "MCI usage, as our guide tells it"
      era = "own"
      lever = "Microsoft 365 usage"
      valid_from = 2022-10-01
      incentive = "MCI"
      source = "our guide"

      [associations]
      kinds = ["CPOR"]
      activities = ["usage"]
      per = "workload"
      source = "our guide"

      [formula]
      name = "high_water_mark"
      pays = "m365.pau"
      beside = "m365.mau"
      above_mark = ["m365.pau"]
      mark_moves = "every_level"
      source = "our guide"

      [[cap]]
      id = "customer"
      per = ["customer"]
      period = "fiscal_year"
      unit = "units"
      most = 100
      source = "our guide"
      """
    And 2023-09-20 claim C-1 of 101 on contoso teams is approved
    And 2023-11-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
      | 2023-10 | contoso  | teams    | 620   | 560   |
      | 2023-11 | contoso  | teams    | 630   | 560   |
    And `attribution statement issue 101 2023-10 --id OCT --at 2023-11-20T00:00:00Z`
    And 2023-11-21 operator: programme.adopt programme=mci_usage_2023 file=mci.toml
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer has units=100 uncapped=120 caps.left=[0] caps.cut=[20]
    When `attribution earning 101 --month 2023-11 --programme mci_usage_2023`
    Then the answer has reason=CAPREACHED
    When `attribution statement verify OCT`
    Then the answer has verified=true
    When `attribution statement diff OCT`
    Then the answer says "programme.adopted.v1"
    And the answer says "'difference': '-20'"

  Scenario: The earnings and the ineligible-usage file
    Source: domain.md §9; domain.md §8.4

    Given 2023-09-20 claim C-1 of 101 on contoso teams, exchange is approved
    And 2023-11-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 480   |
      | 2023-10 | contoso  | teams    | 620   | 560   |
    When `attribution export earnings 101 --month 2023-10`
    Then the answer is:
      | claimId | customerTenantId | workload | quantity | quantityType | baseline | baselineType | compensableUnits | partnerAssociation | earningDate |
      | C-1     | contoso          | teams    | 620      | PAU          | 500      | HWM          | 120              | CPOR               | 2023-10-31  |
    When `attribution export ineligible-usage 101 --month 2023-10`
    Then the answer is:
      | engagementName | partnerId | workload | compensableUnits | reason   |
      | mci_usage_2023 | 101       | exchange | 0                | NOREPORT |

  Scenario: By another programme file: what would change, with nothing recorded
    Source: domain.md §8.4; DESIGN §7

    Given the file mci.toml:
      """
      id = "mci_usage_2023"
      sort = "incentive"
      title = "MCI usage without the users' part, 600 seats at least"
      era = "own"
      lever = "Microsoft 365 usage"
      valid_from = 2022-10-01
      incentive = "MCI"
      source = "our guide"

      [associations]
      kinds = ["CPOR"]
      activities = ["usage"]
      per = "workload"
      source = "our guide"

      [formula]
      name = "high_water_mark"
      pays = "m365.pau"
      beside = "m365.mau"
      above_mark = ["m365.pau"]
      mark_moves = "every_level"
      source = "our guide"

      [minimum]
      metric = "m365.pau"
      units = 600
      reason = "MINTHNTMT"
      source = "our guide"
      """
    And the file own.toml:
      """
      rates = "own"
      title = "Our own rates"
      currency = "EUR"
      source = "our guide"

      [[rate]]
      programme = "mci_usage_2023"
      per_unit = "2.50"
      first = 2023-07-01
      source = "page 4"
      """
    And 2023-09-20 claim C-1 of 101 on contoso teams, exchange is approved
    And 2023-11-16 usage is reported:
      | month   | customer | workload | seats | users |
      | 2023-09 | contoso  | teams    | 500   | 400   |
      | 2023-10 | contoso  | teams    | 620   | 450   |
      | 2023-09 | contoso  | exchange | 500   | 480   |
      | 2023-10 | contoso  | exchange | 590   | 560   |
    When `attribution what-if 101 --month 2023-10 --programme mci.toml`
    Then the answer says "'workload': 'teams', 'subscription': None, 'partner': '101', 'claim': 'C-1', 'milestone': None, 'what': 'units', 'before': '0', 'after': '120', 'difference': '120'"
    And the answer says "'workload': 'exchange', 'subscription': None, 'partner': '101', 'claim': 'C-1', 'milestone': None, 'what': 'units', 'before': '90', 'after': '0', 'difference': '-90'"
    When `attribution what-if 101 --month 2023-10 --rates own.toml`
    Then the answer says "'what': 'amount', 'before': None, 'after': '225', 'difference': '225'"
    When `attribution what-if 101 --month 2023-10 --policy EXPLICIT --rates own.toml`
    Then the answer says "'what': 'units', 'before': '90', 'after': None, 'difference': '-90'"
    And the answer says "'what': 'amount', 'before': '225', 'after': None, 'difference': '-225'"
    And the answer says "'change': 'lost', 'kind': 'CPOR'"
    When `attribution earning 101 --month 2023-10 --programme mci_usage_2023`
    Then the answer is:
      | workload | units | amount  |
      | exchange | 90    | nothing |
      | teams    | 0     | nothing |
    When `attribution what-if 101 --month 2023-10`
    Then the answer says "It is not said what would be otherwise."
