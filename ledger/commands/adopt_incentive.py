"""Adopting an incentive programme."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.incentives import INCENTIVES
from ledger.refusal import Refused
from ledger.rules import incentives as rules
from ledger.rules.content import digest
from ledger.rules.roles import permit
from schemas.enrolment import IncentiveAdopted
from schemas.values import Content, Id


class AdoptIncentive(Command):
    """Adopt an incentive programme of your own: what it is about, its terms, what it asks for.

    It goes before a shipped one of the same name.
    """

    NAME: ClassVar[str] = "incentive.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "OSU-CZ",
        "content": {
            "title": "Online Services Usage, Czech Republic",
            "claims": ["microsoft_365 usage"],
            "invited": True,
            "validation_hours": 48,
            "term_starts": "10-01",
            "zone": "Europe/Prague",
            "needs": [
                {"what": "enrolment", "reason": "IVDMPN", "source": "own guide, page 3"},
                {
                    "what": "country",
                    "countries": ["CZ"],
                    "reason": "IVDGEO",
                    "source": "own guide, page 4",
                },
            ],
            "source": "own guide",
        },
    }
    programme: Id
    content: Content

    @model_validator(mode="after")
    def _states_a_programme(self) -> Self:
        rules.parse(self.content)
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, the whole content embedded (DESIGN §5)."""
        permit(facts, context, self.NAME)
        adopted = facts(INCENTIVES, "all").get(self.programme)
        if adopted == rules.parse(self.content):
            raise Refused("incentive_already_adopted", programme=self.programme)
        event = IncentiveAdopted(
            programme=self.programme, content=self.content, sha256=digest(self.content)
        )
        return Decision(event, context.now_us)
