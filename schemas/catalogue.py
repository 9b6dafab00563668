"""Every type name the ledger ever released, the model that reads it, and how old becomes new.

A type name (``claim.submitted.v1``) is the contract; Python paths never reach the log. A newer
version of an event adds an upcaster here, a pure function of the old data, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter
from pydantic_core import to_json

from schemas import (
    access,
    agreements,
    associations,
    claims,
    competencies,
    consent,
    corrections,
    directory,
    disputes,
    drafts,
    enrolment,
    figures,
    gdap,
    governance,
    migrations,
    parties,
    persons,
    statements,
    subscriptions,
    tracking,
    usage,
)
from schemas.event import Event

Data = dict[str, Any]
Upcaster = Callable[[Data], Data]

EVENTS: tuple[type[Event], ...] = (
    governance.LedgerCreated,
    governance.PolicyAdopted,
    governance.ProgrammeAdopted,
    governance.CalendarAdopted,
    figures.MetricRecorded,
    figures.MetricWithdrawn,
    parties.OrganisationRegistered,
    parties.LocationRegistered,
    parties.OrganisationMerged,
    parties.LocationMoved,
    parties.LocationRepointed,
    parties.LocationDeleted,
    parties.CustomerRegistered,
    migrations.CustomerMigrated,
    parties.IdentityRegistered,
    subscriptions.SubscriptionStarted,
    subscriptions.SubscriptionEnded,
    subscriptions.SubscriptionTransferred,
    subscriptions.SubscriptionMoved,
    subscriptions.SubscriptionStateChanged,
    subscriptions.SubscriptionSeatsChanged,
    agreements.AgreementSigned,
    agreements.AgreementAmended,
    agreements.AgreementEnded,
    access.RoleGranted,
    access.RoleRevoked,
    access.RoleLapsed,
    access.RolesAdopted,
    persons.PersonErased,
    enrolment.IncentiveAdopted,
    enrolment.EnrolmentInvited,
    enrolment.EnrolmentStarted,
    enrolment.ProfilesSubmitted,
    enrolment.ProfilesValidated,
    enrolment.ProfilesRejected,
    enrolment.EnrolmentIneligible,
    enrolment.EnrolmentLeft,
    enrolment.EnrolmentDiscontinued,
    enrolment.EnrolmentRolledForward,
    enrolment.EnrolmentLapsed,
    competencies.CompetencyStarted,
    competencies.CompetencyQualified,
    competencies.CompetencyAttained,
    competencies.CompetencyRenewed,
    competencies.CompetencyAtRisk,
    competencies.CompetencyExpired,
    competencies.PartnerAgreementSigned,
    competencies.PartnerAgreementEnded,
    associations.DporSet,
    associations.DporRemoved,
    associations.PalLinked,
    associations.PalUnlinked,
    associations.AzureRoleAssigned,
    associations.AzureRoleRemoved,
    associations.AzureRoleAssignedToGroup,
    associations.AzureRoleRemovedFromGroup,
    directory.IdentityDisabled,
    directory.IdentityEnabled,
    directory.IdentityDeleted,
    directory.GroupRegistered,
    directory.GroupMemberAdded,
    directory.GroupMemberRemoved,
    directory.ScopePlaced,
    associations.DelegatedAdminGranted,
    associations.DelegatedAdminEnded,
    associations.DelegatedAdminExpired,
    gdap.GdapRequested,
    gdap.GdapApproved,
    gdap.GdapAutoExtendSet,
    gdap.GdapExtended,
    gdap.GdapExpiryNotified,
    gdap.GdapRequestLapsed,
    gdap.GdapExpired,
    gdap.GdapTerminated,
    tracking.TrackingIdRegistered,
    tracking.TrackingIdRemoved,
    tracking.DeploymentReported,
    tracking.DeploymentEnded,
    associations.AssociationRecorded,
    associations.AssociationEnded,
    drafts.ClaimDrafted,
    drafts.ClaimDraftEdited,
    drafts.ClaimDiscarded,
    claims.ClaimSubmitted,
    claims.ClaimImported,
    claims.ClaimAmended,
    claims.ClaimCommented,
    claims.ClaimReviewStarted,
    claims.ClaimActionRequested,
    claims.ClaimResubmitted,
    claims.ClaimProofAdded,
    claims.ClaimApproved,
    claims.ClaimRejected,
    claims.ClaimLapsed,
    claims.ClaimDisassociated,
    consent.ConsentConfirmed,
    consent.ConsentPassed,
    consent.ConsentDeclined,
    consent.ObjectionRecorded,
    consent.NoticeBounced,
    disputes.ClaimDisputed,
    disputes.ArbitrationOpened,
    disputes.ArbitrationAnswered,
    disputes.ArbitrationUnanswered,
    disputes.ArbitrationDecided,
    corrections.FactCorrected,
    corrections.FactRetracted,
    usage.UsageReportLoaded,
    usage.UsageReportWithdrawn,
    usage.UsageTurnReserved,
    statements.RatesAdopted,
    statements.StatementIssued,
)


class Upcast(NamedTuple):
    """One step from a released version to a later one.

    ``change`` takes any JSON object without an error; what it makes of nonsense is for the newer
    model to refuse.
    """

    to: str
    change: Upcaster


def _one_domain_becomes_a_list(data: Data) -> Data:
    rest = {name: value for name, value in data.items() if name != "domain"}
    return {**rest, "domains": [data["domain"]] if "domain" in data else []}


UPCASTS: dict[str, Upcast] = {
    "customer.registered.v1": Upcast("customer.registered.v2", _one_domain_becomes_a_list),
}

_OBJECT: TypeAdapter[Data] = TypeAdapter(Data)

MODELS: dict[str, type[Event]] = {event.TYPE: event for event in EVENTS}


class UnknownTypeError(KeyError):
    """A type name this code does not know; the log may be from a newer version."""

    def __init__(self, type_name: str) -> None:
        super().__init__(type_name)
        self.type_name = type_name


def known(type_name: str) -> bool:
    """Whether this code can read events of the type, directly or through upcasters."""
    return type_name in MODELS or type_name in UPCASTS


def current(type_name: str) -> str:
    """The newest type name that events of ``type_name`` are read as."""
    while type_name in UPCASTS:
        type_name = UPCASTS[type_name].to
    if type_name not in MODELS:
        raise UnknownTypeError(type_name)
    return type_name


def versions(type_name: str) -> tuple[str, ...]:
    """Every released type name that is read as ``type_name``, itself included."""
    older = tuple(old for old, step in UPCASTS.items() if step.to == type_name)
    return (type_name, *(name for old in older for name in versions(old)))


def upcast(type_name: str, data: Data) -> tuple[str, Data]:
    """The newest type name and data of an event as it was written."""
    while type_name in UPCASTS:
        step = UPCASTS[type_name]
        type_name, data = step.to, step.change(data)
    return type_name, data


def decode(type_name: str, data: bytes) -> Event:
    """The event that ``data`` holds, read as its newest version.

    Raises ``UnknownTypeError`` for a name not in the catalogue and pydantic's ``ValidationError``
    for any bytes that do not hold an event of that type; nothing else, whatever the bytes.
    """
    model = MODELS.get(type_name)
    if model is not None:
        return model.model_validate_json(data)
    newest = MODELS[current(type_name)]
    _, changed = upcast(type_name, _OBJECT.validate_json(data))
    return newest.model_validate_json(to_json(changed))


def decode_plain(type_name: str, data: bytes) -> tuple[str, Data]:
    """The newest type name and the data as plain JSON values, unchecked: for folds in bulk.

    For data that ``encode`` wrote; raises ``orjson.JSONDecodeError`` for what is not JSON.
    """
    plain = orjson.loads(data)
    return (type_name, plain) if type_name in MODELS else upcast(type_name, plain)


def encode(event: Event) -> bytes:
    """The bytes of an event as the log keeps them: JSON, fields in order, None left out."""
    return to_json(event, exclude_none=True)
