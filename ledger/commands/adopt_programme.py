"""Adopting a programme."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.programme import PROGRAMME
from ledger.refusal import Refused
from ledger.rules.content import digest
from ledger.rules.incentive_programmes import files as incentive_files
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
        content = self._builtin(self.builtin) if self.builtin else dict(self.content or {})
        own = self._id(content)
        self._name = self.programme or own
        self._content = content
        return self

    @staticmethod
    def _builtin(name: str) -> dict[str, Any]:
        earning = incentive_files.shipped()
        return dict(earning[name]) if name in earning else files.builtin(name)

    @staticmethod
    def _id(content: dict[str, Any]) -> str:
        """The id of a content that is right, of either sort: a score, or what is earned."""
        if incentive_files.is_one(content):
            return incentive_files.stated(content).id
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
