"""Every command a user can name and where its file is; a file is read when it is used."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module

from ledger.decision import Command
from ledger.errors import BadInputError

COMMANDS: dict[str, str] = {
    # Roles.
    "role.grant": "ledger.commands.grant_role:GrantRole",
    "role.revoke": "ledger.commands.revoke_role:RevokeRole",
    "roles.adopt": "ledger.commands.adopt_roles:AdoptRoles",
    # Persons.
    "person.erase": "ledger.commands.erase_person:ErasePerson",
    # Facts of the market.
    "organisation.register": "ledger.commands.register_organisation:RegisterOrganisation",
    "location.register": "ledger.commands.register_location:RegisterLocation",
    "organisation.merge": "ledger.commands.merge_organisation:MergeOrganisation",
    "location.move": "ledger.commands.move_location:MoveLocation",
    "location.repoint": "ledger.commands.repoint_location:RepointLocation",
    "location.delete": "ledger.commands.delete_location:DeleteLocation",
    "customer.register": "ledger.commands.register_customer:RegisterCustomer",
    "customer.migrate": "ledger.commands.migrate_customer:MigrateCustomer",
    "identity.register": "ledger.commands.register_identity:RegisterIdentity",
    "subscription.start": "ledger.commands.start_subscription:StartSubscription",
    "subscription.change_state": (
        "ledger.commands.change_subscription_state:ChangeSubscriptionState"
    ),
    "subscription.change_seats": "ledger.commands.change_seats:ChangeSeats",
    "subscription.transfer": "ledger.commands.transfer_subscription:TransferSubscription",
    "subscription.move": "ledger.commands.move_subscription:MoveSubscription",
    "subscription.end": "ledger.commands.end_subscription:EndSubscription",
    "agreement.sign": "ledger.commands.sign_agreement:SignAgreement",
    "agreement.amend": "ledger.commands.amend_agreement:AmendAgreement",
    "agreement.end": "ledger.commands.end_agreement:EndAgreement",
    # What a partner needs before it earns.
    "enrolment.invite": "ledger.commands.invite_enrolment:InviteEnrolment",
    "enrolment.start": "ledger.commands.start_enrolment:StartEnrolment",
    "enrolment.submit_profiles": "ledger.commands.submit_profiles:SubmitProfiles",
    "enrolment.validate_profiles": "ledger.commands.validate_profiles:ValidateProfiles",
    "enrolment.reject_profiles": "ledger.commands.reject_profiles:RejectProfiles",
    "enrolment.make_ineligible": "ledger.commands.make_ineligible:MakeIneligible",
    "enrolment.leave": "ledger.commands.leave_enrolment:LeaveEnrolment",
    "enrolment.discontinue": "ledger.commands.discontinue_enrolment:DiscontinueEnrolment",
    "competency.start": "ledger.commands.start_competency:StartCompetency",
    "competency.qualify": "ledger.commands.qualify_competency:QualifyCompetency",
    "competency.attain": "ledger.commands.attain_competency:AttainCompetency",
    "competency.renew": "ledger.commands.renew_competency:RenewCompetency",
    "competency.risk": "ledger.commands.risk_competency:RiskCompetency",
    "partner_agreement.sign": "ledger.commands.sign_partner_agreement:SignPartnerAgreement",
    "partner_agreement.end": "ledger.commands.end_partner_agreement:EndPartnerAgreement",
    "incentive.adopt": "ledger.commands.adopt_incentive:AdoptIncentive",
    # Associations nobody claims.
    "dpor.set": "ledger.commands.set_dpor:SetDpor",
    "dpor.remove": "ledger.commands.remove_dpor:RemoveDpor",
    "pal.link": "ledger.commands.link_pal:LinkPal",
    "pal.unlink": "ledger.commands.unlink_pal:UnlinkPal",
    "azure_role.assign": "ledger.commands.assign_azure_role:AssignAzureRole",
    "azure_role.remove": "ledger.commands.remove_azure_role:RemoveAzureRole",
    "identity.disable": "ledger.commands.disable_identity:DisableIdentity",
    "identity.enable": "ledger.commands.enable_identity:EnableIdentity",
    "identity.delete": "ledger.commands.delete_identity:DeleteIdentity",
    "group.register": "ledger.commands.register_group:RegisterGroup",
    "group.add_member": "ledger.commands.add_group_member:AddGroupMember",
    "group.remove_member": "ledger.commands.remove_group_member:RemoveGroupMember",
    "scope.place": "ledger.commands.place_scope:PlaceScope",
    "gdap.request": "ledger.commands.request_gdap:RequestGdap",
    "gdap.approve": "ledger.commands.approve_gdap:ApproveGdap",
    "gdap.set_auto_extend": "ledger.commands.set_gdap_auto_extend:SetGdapAutoExtend",
    "gdap.terminate": "ledger.commands.terminate_gdap:TerminateGdap",
    "tracking_id.register": "ledger.commands.register_tracking_id:RegisterTrackingId",
    "tracking_id.remove": "ledger.commands.remove_tracking_id:RemoveTrackingId",
    "deployment.report": "ledger.commands.report_deployment:ReportDeployment",
    "deployment.end": "ledger.commands.end_deployment:EndDeployment",
    "delegated_admin.grant": "ledger.commands.grant_delegated_admin:GrantDelegatedAdmin",
    "delegated_admin.end": "ledger.commands.end_delegated_admin:EndDelegatedAdmin",
    "association.record": "ledger.commands.record_association:RecordAssociation",
    "association.end": "ledger.commands.end_association:EndAssociation",
    # What was recorded wrongly.
    "fact.correct": "ledger.commands.correct_fact:CorrectFact",
    "fact.retract": "ledger.commands.retract_fact:RetractFact",
    # An estate that was there before.
    "claim.import": "ledger.commands.import_claim:ImportClaim",
    "dpor.import": "ledger.commands.import_dpor:ImportDpor",
    # Rules.
    "policy.adopt": "ledger.commands.adopt_policy:AdoptPolicy",
    "calendar.adopt": "ledger.commands.adopt_calendar:AdoptCalendar",
    "programme.adopt": "ledger.commands.adopt_programme:AdoptProgramme",
    # Figures that usage does not say.
    "metric.record": "ledger.commands.record_metric:RecordMetric",
    "metric.withdraw": "ledger.commands.withdraw_metric:WithdrawMetric",
    "rates.adopt": "ledger.commands.adopt_rates:AdoptRates",
    # Claims (partner side).
    "claim.draft": "ledger.commands.draft_claim:DraftClaim",
    "claim.edit": "ledger.commands.edit_draft:EditDraft",
    "claim.discard": "ledger.commands.discard_draft:DiscardDraft",
    "claim.submit": "ledger.commands.submit_claim:SubmitClaim",
    "claim.amend": "ledger.commands.amend_claim:AmendClaim",
    "claim.comment": "ledger.commands.comment_claim:CommentClaim",
    "claim.resubmit": "ledger.commands.resubmit_claim:ResubmitClaim",
    "claim.add_proof": "ledger.commands.add_proof:AddProof",
    "claim.dispute": "ledger.commands.dispute_claim:DisputeClaim",
    "arbitration.answer": "ledger.commands.answer_arbitration:AnswerArbitration",
    "claim.disassociate": "ledger.commands.disassociate_claim:DisassociateClaim",
    # Claims (reviewer's side).
    "claim.start_review": "ledger.commands.start_review:StartReview",
    "claim.request_action": "ledger.commands.request_action:RequestAction",
    "claim.approve": "ledger.commands.approve_claim:ApproveClaim",
    "claim.reject": "ledger.commands.reject_claim:RejectClaim",
    "arbitration.open": "ledger.commands.open_arbitration:OpenArbitration",
    "arbitration.decide": "ledger.commands.decide_arbitration:DecideArbitration",
    # Consent (customer's side).
    "consent.confirm": "ledger.commands.confirm_consent:ConfirmConsent",
    "consent.decline": "ledger.commands.decline_consent:DeclineConsent",
    "consent.bounce": "ledger.commands.record_bounce:RecordBounce",
}
"""What a user types, and the class that decides it."""

INTERNAL: dict[str, str] = {
    "clock.lapse": "ledger.commands.record_lapse:RecordLapse",
    "clock.gdap": "ledger.commands.record_gdap_lapse:RecordGdapLapse",
    "clock.silence": "ledger.commands.record_silence:RecordSilence",
    "clock.enrolment_term": "ledger.commands.end_enrolment_term:EndEnrolmentTerm",
    "clock.anniversary": "ledger.commands.expire_competency:ExpireCompetency",
    "clock.role_end": "ledger.commands.lapse_role:LapseRole",
    "clock.delegation_end": "ledger.commands.expire_delegated_admin:ExpireDelegatedAdmin",
    "usage.load": "ledger.commands.load_usage:LoadUsage",
    "usage.withdraw": "ledger.commands.withdraw_usage:WithdrawUsage",
    "usage.reserve": "ledger.commands.reserve_usage_turn:ReserveUsageTurn",
    "statement.issue": "ledger.commands.issue_statement:IssueStatement",
}
"""What is not typed as a command: the ledger's own clock, and the last step of what is computed
first: a usage load, a statement."""

LAPSES: dict[str, tuple[str, str]] = {
    "answer": ("clock.lapse", "claim"),
    "consent": ("clock.lapse", "claim"),
    "gdap_request": ("clock.gdap", "relationship"),
    "gdap_notice": ("clock.gdap", "relationship"),
    "gdap_end": ("clock.gdap", "relationship"),
    "incumbent": ("clock.silence", "claim"),
    "enrolment_term": ("clock.enrolment_term", "enrolment"),
    "anniversary": ("clock.anniversary", "competency"),
    "role_end": ("clock.role_end", "grant"),
    "delegation_end": ("clock.delegation_end", "delegation"),
}
"""For each name of a timer, the command that records that it ran out, and its field for what waits.

The command also takes the timer's name as ``name``; the timer's key is ``name:what-waits``.
"""


@cache
def load(name: str) -> type[Command]:
    """The class of the command ``name``; ``BadInputError`` names near ones for an unknown."""
    where = COMMANDS.get(name) or INTERNAL.get(name)
    if where is None:
        raise _unknown(name)
    module, _, attribute = where.partition(":")
    command: type[Command] = getattr(import_module(module), attribute)
    return command


def names() -> tuple[str, ...]:
    """The names of the commands that users type, in the order of the table."""
    return tuple(COMMANDS)


def _unknown(name: str) -> BadInputError:
    near = get_close_matches(name, COMMANDS, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`attribution commands` lists them."
    return BadInputError(f"There is no command {name!r}.", hint=hint, code="unknown_command")
