"""Events about an organisation's competencies (§8.1) and its partner agreements (§8.4 IVDMPA)."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
from schemas.values import Comment, Id, Instant, Slug


class CompetencyEvent(Event):
    """What every event of a competency says: whose it is, and which."""

    organisation: Id
    competency: Slug

    def tags(self) -> tuple[str, ...]:
        """The competency of the organisation, and the organisation."""
        return distinct(
            f"competency:{self.organisation}:{self.competency}",
            f"organisation:{self.organisation}",
        )

    def anniversary_timer(self, due: Instant | None) -> tuple[Timer, ...]:
        """The competency lasts until its anniversary; no more with None."""
        key = f"anniversary:{self.organisation}:{self.competency}"
        return (Timer(key, "anniversary", to_us(due)) if due else Timer(key, "", None),)


class CompetencyStarted(CompetencyEvent):
    """The organisation began to work towards a competency."""

    TYPE: ClassVar[str] = "competency.started.v1"


class CompetencyQualified(CompetencyEvent):
    """The requirements of a level are met; the competency is not attained yet."""

    TYPE: ClassVar[str] = "competency.qualified.v1"
    level: Slug


class CompetencyAttained(CompetencyEvent):
    """The competency is active at a level from the effective instant to its anniversary."""

    TYPE: ClassVar[str] = "competency.attained.v1"
    level: Slug
    anniversary: Instant

    def timers(self) -> tuple[Timer, ...]:
        """It lasts until the anniversary."""
        return self.anniversary_timer(self.anniversary)


class CompetencyRenewed(CompetencyEvent):
    """The organisation qualified again: the next year follows the anniversary without a gap."""

    TYPE: ClassVar[str] = "competency.renewed.v1"
    level: Slug
    anniversary: Instant

    def timers(self) -> tuple[Timer, ...]:
        """It lasts until the next anniversary."""
        return self.anniversary_timer(self.anniversary)


class CompetencyAtRisk(CompetencyEvent):
    """The requirements are no longer met; the competency lasts to its anniversary all the same."""

    TYPE: ClassVar[str] = "competency.at_risk.v1"
    reason: Comment


class CompetencyExpired(CompetencyEvent):
    """The anniversary came and nobody had renewed."""

    TYPE: ClassVar[str] = "competency.expired.v1"
    due: Instant

    def timers(self) -> tuple[Timer, ...]:
        """Nothing runs any more."""
        return self.anniversary_timer(None)


Agreement = Literal["MPN", "MPA"]
"""The Microsoft Partner Network agreement and the Microsoft Partner Agreement."""


class PartnerAgreementSigned(Event):
    """A partner organisation signed its own agreement with Microsoft (no customer's licence)."""

    TYPE: ClassVar[str] = "partner_agreement.signed.v1"
    organisation: Id
    agreement: Agreement

    def tags(self) -> tuple[str, ...]:
        """The organisation's agreement, and the organisation."""
        key = f"{self.organisation}:{self.agreement}"
        return (f"partneragreement:{key}", f"organisation:{self.organisation}")


class PartnerAgreementEnded(Event):
    """A partner organisation's own agreement with Microsoft ended."""

    TYPE: ClassVar[str] = "partner_agreement.ended.v1"
    organisation: Id
    agreement: Agreement
    reason: Comment | None = None

    def tags(self) -> tuple[str, ...]:
        """The organisation's agreement, and the organisation."""
        key = f"{self.organisation}:{self.agreement}"
        return (f"partneragreement:{key}", f"organisation:{self.organisation}")
