"""Adopting a rate card."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.rates import RATES
from ledger.errors import BadInputError
from ledger.refusal import Refused
from ledger.rules import data_file
from ledger.rules import rates as rules
from ledger.rules.content import digest
from ledger.rules.roles import permit
from schemas.statements import RatesAdopted
from schemas.values import Content, Id


class AdoptRates(Command):
    """Adopt a rate card of your own: what a unit of each programme is worth, from when to when.

    It goes before a card of the same id; of several cards, the one adopted last that has a rate.
    """

    NAME: ClassVar[str] = "rates.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "rates": "own-fy24",
        "content": {
            "rates": "own-fy24",
            "title": "Our rates, fiscal year 2024",
            "currency": "EUR",
            "source": "our own guide, page 3",
            "rate": [
                {
                    "programme": "mci_usage_2023",
                    "workload": "teams",
                    "per_unit": "2.50",
                    "first": "2023-07-01",
                    "until": "2024-07-01",
                    "source": "page 4",
                }
            ],
        },
    }
    rates: Id
    content: Content

    @model_validator(mode="after")
    def _states_a_card(self) -> Self:
        try:
            card = rules.parse(self.content)
        except ValidationError as error:
            said = data_file.wrong_value(error.errors(include_url=False)[0])
            raise BadInputError(
                f"In the rate card, {said}",
                hint="`attribution commands rates.adopt` shows one that is right.",
                code="bad_rates",
            ) from error
        if card.rates != self.rates:
            raise ValueError(f"the content is of rate card {card.rates!r}, not of {self.rates!r}")
        return self

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, the whole content embedded (DESIGN §7)."""
        permit(facts, context, self.NAME)
        sha256 = digest(self.content)
        adopted = facts(RATES, self.rates)
        if adopted and adopted.sha256 == sha256:
            raise Refused("rates_already_adopted", rates=self.rates, position=adopted.position)
        event = RatesAdopted(rates=self.rates, content=self.content, sha256=sha256)
        return Decision(event, context.now_us)
