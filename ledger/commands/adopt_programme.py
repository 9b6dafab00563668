"""Adopting a programme."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.programme import PROGRAMME
from ledger.refusal import Refused
from ledger.rules.content import digest
from ledger.rules.programmes import files
from ledger.rules.roles import permit
from schemas.governance import ProgrammeAdopted
from schemas.values import Content, Id


class AdoptProgramme(Command):
    """Adopt a programme (metrics, thresholds, levels): a shipped one by name, or your own content.

    ``programme`` is the name it is asked for by, where that is not the content's own id.
    """

    NAME: ClassVar[str] = "programme.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {"builtin": "modern_work_2023"}
    builtin: str | None = None
    content: Content | None = None
    programme: Id | None = None

    _content: dict[str, Any] = PrivateAttr()
    _name: str = PrivateAttr()

    @model_validator(mode="after")
    def _says_a_programme(self) -> Self:
        if (self.builtin is None) == (self.content is None):
            raise ValueError("give either builtin, the name of a shipped programme, or content")
        content = files.builtin(self.builtin) if self.builtin else dict(self.content or {})
        own = self._id(content)
        self._name = self.programme or own
        self._content = content
        return self

    @staticmethod
    def _id(content: dict[str, Any]) -> str:
        """The content's own id; a content that scores partners is checked whole.

        What says earnings is checked where it is read (``projections.incentives``).
        """
        name = content.get("id")
        if content.get("sort") == "incentive" and isinstance(name, str) and name:
            return name
        return files.parse(content).id

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, its content embedded; the same twice in a row is refused (DESIGN §7)."""
        permit(facts, context, self.NAME)
        sha256 = digest(self._content)
        adopted = facts(PROGRAMME, self._name)
        if adopted and adopted.sha256 == sha256:
            raise Refused(
                "programme_already_adopted", programme=self._name, position=adopted.position
            )
        event = ProgrammeAdopted(programme=self._name, content=self._content, sha256=sha256)
        return Decision(event, context.now_us)
