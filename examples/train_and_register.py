"""Train small models from scikit-learn's bundled data and register them as a team's pipeline would.

    python examples/train_and_register.py --output trained
    REGISTRY_TOKEN=... python examples/train_and_register.py --register https://registry.example.org

Exit codes: 0 done, 2 wrong use, 3 refused by the registry, 4 promotion ended without moving the version,
5 waited too long, 6 registry unreachable, 7 a file does not match its digest, 8 training or export failed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_training.bundle import Bundle, BundleError
from demo_training.origin import Origin, OriginUnknown, head_commit, origin_of
from demo_training.recipe import ModelRecipe, TrainingError, VersionRecipe
from demo_training.recipes import MODELS, TEAMS
from registry_client import PromotionClosed, Refused, Registry, Unreachable, WaitedTooLong

if TYPE_CHECKING:
    from demo_training.training import TrainedVersion

EXIT_CODES: dict[type[Exception], int] = {
    Refused: 3,
    PromotionClosed: 4,
    WaitedTooLong: 5,
    Unreachable: 6,
    BundleError: 7,
    TrainingError: 8,
    OriginUnknown: 2,
}
# Fields of a bundle's model that the registry takes when it is created.
MODEL_FIELDS = ("name", "team", "risk_tier", "description")
VERSION_FIELDS = ("version", "metrics", "parameters", "metadata", "lineage")


def say(message: str) -> None:
    """Progress goes to standard error, so that standard output stays free for results."""
    print(message, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is asked for, write or register it, and answer the process's exit code."""
    options = parse(argv)
    try:
        if options.output:
            train_into(options.output, options)
        if options.register:
            register_all(options)
    except tuple(EXIT_CODES) as error:
        say(f"error: {error}")
        return EXIT_CODES[type(error)]
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Command line options; a wrong combination ends the process with code 2."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="write a bundle; versions already there stay as they are"
    )
    parser.add_argument(
        "--register", metavar="URL", help="register with the portal at URL (after training into --output)"
    )
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="register this bundle instead of training")
    parser.add_argument(
        "--only",
        action="append",
        metavar="MODEL[@VERSION]",
        help="limit to a model or a version; may be repeated",
    )
    parser.add_argument(
        "--token-env", default="REGISTRY_TOKEN", metavar="NAME", help="variable that holds the API token"
    )
    parser.add_argument("--team", metavar="SLUG", help="own new models by this team instead of the bundle's")
    parser.add_argument("--bump", choices=("major", "minor", "patch"), help="let the registry derive the version")
    parser.add_argument(
        "--repository",
        default="registry-portal",
        help="repository recorded as lineage (default: %(default)s)",
    )
    parser.add_argument("--commit", help="commit recorded as lineage (default: git rev-parse HEAD)")
    parser.add_argument(
        "--promote",
        choices=("staging", "production"),
        metavar="STAGE",
        help="ask for this stage after sealing",
    )
    parser.add_argument("--reason", default="", help="reason of the promotion request")
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="wait for each decision (default: do not)"
    )
    options = parser.parse_args(argv)
    check(parser, options)
    return options


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse combinations that make no sense before any work is done."""
    if not options.output and not options.register:
        parser.error("say where the versions go: --output DIR, --register URL or both")
    if options.bundle and (options.output or not options.register):
        parser.error("--bundle registers what was trained before: use it with --register and without --output")
    if options.register and not os.environ.get(options.token_env):
        parser.error(f"--register needs an API token in the environment variable {options.token_env}")
    if options.register and not options.register.startswith(("http://", "https://")):
        parser.error(f"--register {options.register}: give an address that begins with http:// or https://")
    if options.promote and not (options.register and options.reason):
        parser.error("--promote needs --register and a --reason")
    known = {model.name: {recipe.version for recipe in model.versions} for model in MODELS}
    for wanted in options.only or () if not options.bundle else ():
        name, _, version = wanted.partition("@")
        if name not in known or (version and version not in known[name]):
            parser.error(f"--only {wanted}: there is no such model or version; models are {', '.join(known)}")


def chosen(name: str, version: str, only: Sequence[str] | None) -> bool:
    """Whether --only lets a version through."""
    return not only or name in only or f"{name}@{version}" in only


def train_into(folder: Path, options: argparse.Namespace) -> None:
    """Train the versions that the bundle in a folder does not have yet. Raises TrainingError, BundleError."""
    train = trainer()
    bundle = Bundle.open_or_start(folder, TEAMS)
    commit = options.commit or head_commit()
    for model, recipe in recipes(options.only):
        if bundle.has(model.name, recipe.version):
            continue
        origin = origin_of(f"{model.name}-{recipe.version}", options.repository, commit)
        trained = train(model, recipe, origin)
        bundle.add(model_fields(model), trained.description, trained.files)
        say(f"trained {model.name} {recipe.version}: {summary(trained.description['metrics'])}")
    bundle.save()
    say(f"{folder}: {sum(1 for _ in bundle.versions())} versions")


def trainer() -> "Callable[[ModelRecipe, VersionRecipe, Origin], TrainedVersion]":
    """The training function, imported only here: registering a bundle needs the standard library alone.

    Raises TrainingError when the libraries that train are not installed.
    """
    try:
        from demo_training.training import train
    except ImportError as error:
        raise TrainingError(
            f"{error}; training needs: pip install --require-hashes -r requirements/examples.txt"
        ) from error
    return train


def recipes(only: Sequence[str] | None) -> Iterator[tuple[ModelRecipe, VersionRecipe]]:
    """The models and versions that --only lets through."""
    for model in MODELS:
        for recipe in model.versions:
            if chosen(model.name, recipe.version, only):
                yield model, recipe


def model_fields(model: ModelRecipe) -> dict[str, Any]:
    """A bundle's entry for a model, without its versions."""
    return {
        "name": model.name,
        "team": model.team,
        "risk_tier": model.risk_tier,
        "visibility": model.visibility,
        "description": model.description,
    }


def summary(metrics: dict[str, float]) -> str:
    """The first three metrics in words."""
    return ", ".join(f"{name} {value:g}" for name, value in list(metrics.items())[:3])


def register_all(options: argparse.Namespace) -> None:
    """Register every chosen version of the bundle. Raises the errors in EXIT_CODES."""
    registry = Registry(options.register, os.environ[options.token_env])
    if options.bundle or options.output:
        register_bundle(registry, Bundle.open(options.bundle or options.output), options)
        return
    with tempfile.TemporaryDirectory() as folder:
        train_into(Path(folder), options)
        register_bundle(registry, Bundle.open(Path(folder)), options)


def register_bundle(registry: Registry, bundle: Bundle, options: argparse.Namespace) -> None:
    """Register the chosen versions one after another, oldest first."""
    for model, version in bundle.versions():
        if chosen(model["name"], version["version"], options.only):
            number = register(registry, bundle, model, version, options)
            if options.promote:
                promote(registry, model["name"], number, options)


def register(
    registry: Registry,
    bundle: Bundle,
    model: dict[str, Any],
    version: dict[str, Any],
    options: argparse.Namespace,
) -> str:
    """Register one version, upload its files and seal it; the version as the registry calls it."""
    name = model["name"]
    body = {field: model[field] for field in MODEL_FIELDS}
    if registry.ensure_model({**body, "team": options.team or model["team"]}):
        say(f"created model {name}")
    if not options.bump and sealed(registry.find_version(name, version["version"])):
        say(f"{name} {version['version']} is registered already")
        return str(version["version"])
    number = open_version(registry, name, version, options.bump)
    for artifact in version["artifacts"]:
        registry.upload(name, number, artifact["path"], bundle.file(artifact))
    registry.seal(name, number)
    say(f"registered {name} {number} with {len(version['artifacts'])} artifacts")
    return number


def sealed(version: dict[str, Any] | None) -> bool:
    """Whether a version is closed; a pending one left by an interrupted run is continued."""
    return version is not None and version.get("state") == "ready"


def open_version(registry: Registry, name: str, version: dict[str, Any], bump: str | None) -> str:
    """Open a pending version and answer its semantic version."""
    body = {field: version[field] for field in VERSION_FIELDS}
    if bump:
        del body["version"]
        body["bump"] = bump
    return str(registry.create_version(name, body)["version"])


def promote(registry: Registry, name: str, version: str, options: argparse.Namespace) -> None:
    """Ask for a stage and, when told so, wait for the decision."""
    promotion = registry.request_promotion(name, version, options.promote, options.reason)
    say(f"asked to promote {name} {version} to {options.promote}: promotion {promotion['id']}")
    if options.wait:
        registry.wait(promotion, options.wait, say)


if __name__ == "__main__":
    sys.exit(main())
