"""Customer Insight: approved versions wait until the pipeline takes them."""

from __future__ import annotations

from collections.abc import Iterator

from apps.approvals.states import Verdict
from apps.portal.demo.organisation import Organisation


def cultivar_classifier(cellar: Organisation) -> Iterator[None]:
    """The newest version is approved and waits for somebody to execute it."""
    model = cellar.register_model("cultivar-classifier", by="joao", tags=("tabular", "laboratory"))
    cellar.register(model, "1.0.0", by="joao")
    yield
    cellar.move(
        cellar.register(model, "1.1.0", by="joao"),
        "All training wines: accuracy 0.907.",
        by="joao",
        yuki="Enough for the catalogue.",
        tariq="Balanced over the three cultivars.",
    )
    yield
    full = cellar.register(model, "1.2.0", by="joao")
    cellar.move(
        full,
        "All 13 measurements: one wine of 54 is wrong.",
        by="joao",
        tariq="Hard to better on this sample.",
        chidi="Agreed.",
    )
    cellar.point("champion", full, by="henrik")
    yield
    manual = {"execution": "manual"}
    cellar.set_policy(manual, "The pipeline switches at night, when nobody reads.", by="iris", registered_model=model)
    forest = cellar.ask(cellar.register(model, "2.0.0", by="joao"), "Forest of 25 trees.", by="joao")
    cellar.decide(forest, Verdict.REQUEST_CHANGES, chidi="25 times as large and one wine worse: what do we gain?")
    yield
    lean = cellar.register(model, "2.1.0", by="joao")
    approved = cellar.ask(lean, "As accurate as the forest and far smaller.", by="joao")
    cellar.approve(approved, yuki="The size is right.")
    yield
    cellar.approve(approved, tariq="Fine; the forest can go.")
