"""Clinical AI: a team that registers by hand and reviews one another's work."""

from __future__ import annotations

from collections.abc import Iterator

from apps.approvals.states import Verdict
from apps.models.states import Stage
from apps.portal.demo.organisation import Organisation


def tumour_malignancy(clinic: Organisation) -> Iterator[None]:
    """A better model takes over, a forest is rejected, and the newest has a question to answer."""
    model = clinic.register_model("tumour-malignancy", by="joao", tags=("pathology", "second reading"))
    clinic.move(
        clinic.register(model, "1.0.0", by="joao"),
        "First version for the method study.",
        by="joao",
        mina="A plain baseline that says openly what it was trained on.",
        tariq="Coefficients point the way the literature does.",
        sam="Intended use and limitations are stated; only for the study.",
    )
    yield
    better = clinic.register(model, "1.1.0", by="joao")
    clinic.move(
        better, "Compare on the study's own slides.", by="joao", stage=Stage.STAGING, leyla="Fine for a comparison."
    )
    yield
    best = clinic.register(model, "1.2.0", by="joao")
    clinic.move(
        best,
        "All 30 measurements: recall rises from 0.891 to 0.938.",
        by="joao",
        tariq="Three more malignant masses of 64 are found, and fewer false alarms.",
        leyla="Stronger regularisation keeps the correlated measurements in check.",
        iris="Evidence is complete.",
    )
    clinic.point("champion", best, by="henrik")
    yield
    forest = clinic.ask(clinic.register(model, "2.0.0", by="joao"), "Forest of 40 trees.", by="joao")
    clinic.approve(forest, mina="Recall is a little higher; I can live with the rest.")
    clinic.decide(
        forest, Verdict.REJECT, sam="Log loss nearly doubles: its probabilities cannot be shown to a pathologist."
    )
    yield
    newest = clinic.register(model, "2.1.0", by="joao")
    clinic.attach(
        newest,
        "evaluation_report",
        "Holdout evaluation of 2.1.0",
        "171 aspirates nobody trained on. No false alarm; 5 of 64 malignant masses are missed, one more than by 1.2.0.",
        by="joao",
        rows=171,
        missed=5,
        false_alarms=0,
    )
    waiting = clinic.ask(newest, "Calibrated probabilities, no false alarm on the holdout.", by="joao")
    clinic.approve(waiting, tariq="The calibration curve is what we asked for.")
    yield
    clinic.decide(
        waiting, Verdict.REQUEST_CHANGES, mina="One more malignant mass is missed. Show recall at the cut-off of 1.2.0."
    )


def tumour_triage_sensitive(clinic: Organisation) -> Iterator[None]:
    """Descends from tumour-malignancy, and waits for a compliance officer."""
    yield  # tumour-malignancy 1.1.0 must be there first
    model = clinic.register_model("tumour-triage-sensitive", by="joao", tags=("pathology", "triage"))
    clinic.register(model, "1.0.0", by="joao")
    yield
    clinic.move(
        clinic.register(model, "1.1.0", by="joao"),
        "Weights of tumour-malignancy 1.2.0: as sensitive as 1.0.0, with half its false alarms.",
        by="joao",
        mina="Missing 2 of 64 is what the cut-off promises.",
        leyla="The parent is in production; only the cut-off is new.",
        sam="It orders a reading list and decides nothing.",
    )
    yield
    lower = clinic.register(model, "1.1.1", by="joao")
    clinic.move(
        lower,
        "Try the lower cut-off beside production.",
        by="joao",
        stage=Stage.STAGING,
        tariq="Recall does not move on the holdout; try it on more.",
    )
    clinic.point("challenger", lower, by="henrik")
    yield
    network = clinic.ask(clinic.register(model, "2.0.0", by="joao"), "Small neural network.", by="joao")
    clinic.approve(
        network,
        mina="One more of 64 is missed than by 1.1.0; its ranking is as good.",
        tariq="I checked the cut-off on my own split.",
    )
    yield
    clinic.register(model, "2.1.0-rc.1", by="leyla")


def diabetes_progression(clinic: Organisation) -> Iterator[None]:
    """A request is withdrawn, and a policy asks for more reviewers than there are."""
    model = clinic.register_model("diabetes-progression", by="joao", tags=("regression", "research"))
    clinic.register(model, "1.0.0", by="joao")
    yield
    clinic.move(
        clinic.register(model, "1.1.0", by="joao"),
        "All ten measurements and all patients.",
        by="joao",
        mina="RMSE falls from 58.1 to 53.0 points.",
        tariq="The coefficients are stable over folds.",
    )
    yield
    ridge = clinic.ask(clinic.register(model, "1.2.0", by="joao"), "Ridge penalty.", by="joao")
    clinic.withdraw(ridge, "RMSE is 0.13 points worse than 1.1.0; not worth a reviewer's time.", by="joao")
    yield
    clinic.register(model, "2.0.0", by="joao")
    yield
    note = "Leaving out a protected attribute is a decision about people: three reviewers."
    three = {"rules": [{"name": "reviewers", "group": "reviewer", "min_approvals": 3}]}
    clinic.set_policy(three, note, by="iris", registered_model=model)
    # The third reviewer registers it herself, so only two are left.
    unsexed = clinic.register(model, "2.1.0", by="leyla")
    yield
    clinic.ask(unsexed, "The research group wants the model without the sex column.", by="leyla")
