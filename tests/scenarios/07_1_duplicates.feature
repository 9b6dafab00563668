Feature: One consumption, told for several attributions of one partner organisation

  Background:
    Given the market
    And policy P2023

  Scenario: S7: a consumption of 1,000 counts once at each level, for each organisation
    Source: domain.md §7.1; domain.md §15, S7

    Given 2023-11-01 09:00 operator: location.register location=103 organisation=100 name="Third" country=CZ
    And the file azure.tsv:
      """
      SubscriptionId	Month	ServiceLevel1	ServiceLevel2	ServiceLevel3	ServiceLevel4	ServiceGroup2	ServiceGroup3	ServiceInfluencer	ComputeOS	UsageUnits	CustomerTenantId	PartnerID	PartnerAttributionType	AdminType	ACR_USD
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	101	PAL	Owner	1000
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	102	PAL	Contributor	1000
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	102	Partner of record		1000
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	103	CSP Tier 1		1000
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	201	PAL	Contributor	1000
      AZ-1	2023-09-01	Azure	Compute							Hours	00000000-0000-4000-8000-0000000000c1	101	Deal registration		700
      """
    And 2023-11-02 09:00 operator: usage.load file=azure.tsv kind=azure exported=2023-10-20
    When `attribution export azure --month 2023-09`
    Then the answer is:
      | PGAPartnerID | PartnerID | PartnerAttributionType | AdminType   | IsACRDuplicateAtPGALevel | IsACRDuplicateAtPGAAttachTypeLevel | IsACRDuplicateAtMPNLevel | ACR_USD |
      | 100          | 101       | PAL                    | Owner       | 0                        | 0                                  | 0                        | 1000    |
      | 100          | 102       | DPOR                   |             | 1                        | 0                                  | 1                        | 1000    |
      | 100          | 102       | PAL                    | Contributor | 1                        | 1                                  | 0                        | 1000    |
      | 100          | 103       | CSP_T1                 |             | 1                        | 0                                  | 0                        | 1000    |
      | 200          | 201       | PAL                    | Contributor | 0                        | 0                                  | 0                        | 1000    |
