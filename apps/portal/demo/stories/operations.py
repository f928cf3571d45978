"""Operations Analytics: a nightly training registers, people decide."""

from __future__ import annotations

from collections.abc import Iterator

from apps.approvals.states import Verdict
from apps.models import actions as registry
from apps.models.states import Stage
from apps.portal.demo.organisation import Organisation


def digit_reader(office: Organisation) -> Iterator[None]:
    """A new version disappoints in production, the one before comes back, and its successor needs one more vote."""
    model = office.register_model("digit-reader", by="train-bot", tags=("vision", "forms"))
    office.register(model, "1.0.0", by="train-bot")
    yield
    steady = office.register(model, "1.1.0", by="train-bot")
    office.move(
        steady,
        "First reader for the form archive: accuracy 0.970.",
        by="train-bot",
        leo="The worst class gains most over 1.0.0.",
        yuki="Same size, four times the images.",
    )
    office.point("champion", steady, by="priya")
    yield
    weaker = office.ask(office.register(model, "1.1.1", by="train-bot"), "Stronger regularisation.", by="train-bot")
    office.decide(weaker, Verdict.REJECT, leo="Accuracy falls to 0.965 and log loss doubles; nothing speaks for it.")
    yield
    network = office.register(model, "2.0.0", by="train-bot")
    office.move(
        network,
        "Neural network, accuracy 0.974.",
        by="train-bot",
        yuki="Small gain, still tiny.",
        chidi="Agreed, but watch its confidence: log loss is worse than 1.1.0.",
    )
    office.attach(
        network,
        "monitoring_report",
        "Misread forms after the change",
        "Clerks correct more confident answers than before; log loss on the holdout had risen from 0.114 to 0.159.",
        by="ada",
    )
    reason = "Confident misreadings reached the archive; back to 1.1.0 until it is understood."
    office.demote(network, Stage.STAGING, reason, by="priya")
    office.move(steady, "Roll back to the version before.", by="priya", chidi="Known and approved before.")
    yield
    heir = office.register(model, "2.1.0", by="train-bot")
    office.point("challenger", heir, by="priya")
    again = office.ask(heir, "More units and weight decay: log loss 0.088, best so far.", by="train-bot")
    yield
    office.approve(again, chidi="This answers what went wrong with 2.0.0.")


def alcohol_estimate(office: Organisation) -> Iterator[None]:
    """The simplest version is still the best; one training never finished."""
    model = office.register_model("alcohol-estimate", by="train-bot", tags=("regression", "laboratory"))
    office.move(
        office.register(model, "1.0.0", by="train-bot"),
        "Spot check for laboratory typing errors.",
        by="train-bot",
        leo="Half a per cent off on average is enough for a spot check.",
        yuki="Two inputs, nothing to go wrong.",
    )
    yield
    full = office.register(model, "1.1.0", by="train-bot")
    office.move(full, "Compare beside 1.0.0.", by="ada", stage=Stage.STAGING, leo="Worse on paper; fine to compare.")
    yield
    lasso = office.ask(office.register(model, "1.2.0", by="train-bot"), "Lasso.", by="ada")
    office.withdraw(lasso, "Asked for by mistake: 1.0.0 has the lower error.", by="ada")
    yield
    trees = office.register(model, "2.0.0", by="train-bot")
    yield
    office.register(model, "2.1.0-rc.1", by="train-bot")
    broken = registry.register_version(model, version="2.1.0-rc.2", actor=office.users["train-bot"])
    reason = "The training ran out of memory before the model was exported."
    registry.fail_version(broken, reason=reason, actor=office.users["train-bot"])
    yield
    office.ask(trees, "Trees for the comparison.", by="ada", stage=Stage.STAGING)
