"""A growth question is narrowed to what the one who asks may see; revenue for few (§14.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from interfaces.cli import main
from interfaces.visible_growth import NotVisibleGrowthError, narrowed
from interfaces.workspace import Workspace
from ledger.usage.metrics import METRICS
from projections.growth.growth import Wanted
from projections.visibility import Sight
from tests.interfaces import rivals_story
from tests.interfaces.rivals_story import CONTOSO

REVENUE = {name for name, metric in METRICS.items() if metric.is_revenue}
USAGE = set(METRICS) - REVENUE

Of = Callable[[str], Sight]


@pytest.fixture(scope="module")
def sight_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Of]:
    """What an actor of the rivals' ledger may see."""
    folder = tmp_path_factory.mktemp("rivals")
    story = rivals_story.write(folder / "files")
    ledger = folder / "ledger"
    words = ("init", str(ledger), "--clock", "told", "--at", rivals_story.BIRTH, "--json")
    assert main.run(words) == 0
    assert main.run(["submit", str(story), "--ledger", str(ledger), "--quiet", "--json"]) == 0
    with Workspace(ledger) as workspace:
        yield lambda actor: Sight(workspace.views, actor, workspace.now_us())


def test_there_is_revenue_and_usage_to_tell_apart() -> None:
    """The table of metrics has both."""
    assert REVENUE
    assert USAGE


def test_a_partner_sees_its_own_usage_and_no_revenue(sight_of: Of) -> None:
    """Asked for all: its locations, the metrics that are not money."""
    found = narrowed(sight_of("bob.beta"), Wanted())
    assert (found.partners, set(found.metrics)) == (("beta-one",), USAGE)


def test_an_organisations_executive_sees_its_revenue(sight_of: Of) -> None:
    """Of the own organisation alone."""
    found = narrowed(sight_of("eva.alpha"), Wanted())
    assert (found.organisations, set(found.metrics)) == (("alpha-org",), set(METRICS))


def test_a_customer_sees_all_of_its_tenant(sight_of: Of) -> None:
    """Usage and consumption of its own, by whomever."""
    found = narrowed(sight_of("contoso.admin"), Wanted())
    assert (found.tenants, set(found.metrics)) == ((CONTOSO,), set(METRICS))


def test_an_analyst_sees_usage_of_everybody_and_an_auditor_revenue_too(sight_of: Of) -> None:
    """Neither is limited to a partner."""
    for actor, metrics in (("hana", USAGE), ("otto", set(METRICS))):
        found = narrowed(sight_of(actor), Wanted())
        assert (found.partners, found.organisations, found.tenants) == ((), (), ())
        assert set(found.metrics) == metrics


@pytest.mark.parametrize(
    "actor, wanted",
    [
        ("bob.beta", Wanted(partners=("alpha-one",))),
        ("bob.beta", Wanted(metrics=("azure.acr",))),
        ("hana", Wanted(metrics=("azure.acr",))),
        ("eva.alpha", Wanted(organisations=("beta-org",))),
        ("fabrikam.admin", Wanted(tenants=(CONTOSO,))),
        ("nobody", Wanted()),
    ],
)
def test_what_is_not_covered_is_refused_not_answered_with_less(
    sight_of: Of, actor: str, wanted: Wanted
) -> None:
    """Asked for by name, another's growth and revenue are refused."""
    with pytest.raises(NotVisibleGrowthError):
        narrowed(sight_of(actor), wanted)


def test_what_is_covered_may_be_asked_for_by_name(sight_of: Of) -> None:
    """The own partner, the own tenant, an organisation's location by its executive."""
    assert narrowed(sight_of("bob.beta"), Wanted(partners=("beta-one",))).partners == ("beta-one",)
    named = Wanted(partners=("alpha-one",), metrics=("azure.acr",))
    assert narrowed(sight_of("eva.alpha"), named) == named
    own = Wanted(tenants=(CONTOSO,), metrics=("azure.acr",))
    assert narrowed(sight_of("contoso.admin"), own) == own
