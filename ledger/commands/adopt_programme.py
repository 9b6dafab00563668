"""Adopting a programme."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.programme import PROGRAMME
from ledger.refusal import Refused
from ledger.rules.content import digest
from ledger.rules.roles import permit
from schemas.governance import ProgrammeAdopted
from schemas.values import Content, Id


class AdoptProgramme(Command):
    """Adopt a programme file (metrics, formulas, thresholds), its whole content embedded."""

    NAME: ClassVar[str] = "programme.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "programme": "modern_work_2023",
        "content": {"title": "Solutions Partner for Modern Work", "metrics": []},
    }
    programme: Id
    content: Content

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption; the same content twice in a row is refused (DESIGN §7)."""
        permit(facts, context, self.NAME)
        sha256 = digest(self.content)
        adopted = facts(PROGRAMME, self.programme)
        if adopted and adopted.sha256 == sha256:
            raise Refused(
                "programme_already_adopted",
                programme=self.programme,
                position=adopted.position,
            )
        event = ProgrammeAdopted(programme=self.programme, content=self.content, sha256=sha256)
        return Decision(event, context.now_us)
