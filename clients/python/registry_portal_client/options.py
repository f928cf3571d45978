"""The options of the command line, and what `--help` says of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from registry_portal_client.errors import EXIT_CODES
from registry_portal_client.settings import VARIABLES

STAGES = ("staging", "production", "archived")
TIERS = ("low", "medium", "high")
RAW = argparse.RawDescriptionHelpFormatter


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; ends the process with code 2 for those that make no sense."""
    return parser().parse_args(arguments)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    found = argparse.ArgumentParser(
        "registry-portal",
        description="Register model versions, ask for promotion, wait for the decision, fetch what is approved.",
        epilog=f"{_table('environment', VARIABLES)}\n\n{_table('exit codes', EXIT_CODES)}",
        formatter_class=RAW,
    )
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_login, _logout, _whoami, _register, _request, _wait, _promote_status, _report_check, _fetch):
        _common(add(commands))
    return found


def _login(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    about = "keep a token for this user; it is typed, or read from standard input, never given as an option"
    return commands.add_parser("login", help="keep a token for this user", description=about)


def _logout(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    return commands.add_parser("logout", help="forget a kept token")


def _whoami(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    return commands.add_parser("whoami", help="say whose token it is, with its teams and scopes")


def _register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    add = commands.add_parser(
        "register",
        help="register a version with its artifacts and seal it",
        description="Register a version, send the bytes that the registry lacks, and seal it. Prints the version. "
        "The same command again continues where it was cut, and changes nothing once it is done.",
        epilog="registry-portal register card-fraud --bump minor --artifact out/ --metrics auc=0.95 out/scores.json",
        formatter_class=RAW,
    )
    add.add_argument("model", metavar="MODEL", help="name of the registered model")
    which = add.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="X.Y.Z", help="semantic version")
    which.add_argument("--bump", choices=("major", "minor", "patch"), help="let the registry count from the highest")
    add.add_argument(
        *("--artifact", "--artifacts"),
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="files and folders; NAME=PATH gives a file another path in the version, a folder one to lie in",
    )
    for name in ("metrics", "parameters", "metadata"):
        add.add_argument(
            f"--{name}", nargs="+", action="extend", default=[], metavar="NAME=VALUE", help="or a JSON file"
        )
    add.add_argument("--description", default="", help="what is new in this version")
    add.add_argument(
        "--content", type=Path, metavar="FILE", help="JSON file with version, metrics, parameters, metadata, lineage"
    )
    add.add_argument("--no-seal", action="store_true", help="leave the version open for more artifacts")
    came = add.add_argument_group("lineage")
    came.add_argument(
        *("--dataset", "--datasets"),
        nargs="+",
        action="extend",
        default=[],
        metavar="name=N,version=V",
        help="a dataset version: name, namespace, version, digest, uri",
    )
    came.add_argument("--parent", nargs="+", action="extend", default=[], metavar="MODEL@VERSION", help="made from it")
    came.add_argument("--repository", default="", help="default: git's origin, or what the CI system says")
    came.add_argument("--commit", default="", help="default: git's HEAD, or what the CI system says")
    came.add_argument("--no-code", action="store_true", help="record no commit")
    came.add_argument("--run-id", default="", help="training run; default: the job of GitHub Actions or GitLab CI")
    came.add_argument("--run-system", default="", metavar="NAME", help="what ran it, such as airflow")
    new = add.add_argument_group("a new model")
    new.add_argument("--create-model", action="store_true", help="register the model unless it is there")
    new.add_argument("--team", default="", metavar="SLUG", help="owning team")
    new.add_argument("--risk-tier", choices=TIERS)
    new.add_argument("--model-description", default="", metavar="TEXT", help="what the model is for")
    return add


def _request(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    add = commands.add_parser(
        "request",
        help="ask for a promotion",
        description="Ask for a stage. Prints the promotion's id. The same request again finds the first one.",
    )
    add.add_argument("model", metavar="MODEL")
    add.add_argument("version", metavar="VERSION", help="1.4.0, a number or @alias")
    add.add_argument("--to", choices=STAGES, required=True, metavar="STAGE", help=", ".join(STAGES))
    add.add_argument("--reason", default="", metavar="TEXT", help="what reviewers read first")
    add.add_argument("--anew", action="store_true", help="ask again although the same request ended")
    add.add_argument("--wait", type=_seconds, metavar="TIME", help="wait for the decision, such as 30m")
    _waiting(add)
    return add


def _wait(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    add = commands.add_parser(
        "wait",
        help="wait until a promotion is executed",
        description="Exit code 0 once the version has moved, 3 when the promotion ended otherwise, 4 when the time is "
        "over. --timeout 0 asks once. Prints the version.",
    )
    add.add_argument("promotion", type=int, metavar="PROMOTION", help="its id, which `request` printed")
    add.add_argument(
        "--timeout", type=_seconds, default=3600.0, metavar="TIME", help="such as 90s, 30m, 6h; default 1h"
    )
    _waiting(add)
    return add


def _waiting(add: argparse.ArgumentParser) -> None:
    add.add_argument("--interval", type=_seconds, default=15.0, metavar="TIME", help="at most between two questions")
    add.add_argument("--execute", action="store_true", help="trigger it where the policy leaves that to the pipeline")


def _promote_status(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    about = "say how a promotion stands: rules and who may fill them, checks, requests for changes, decisions"
    add = commands.add_parser("promote-status", help="say how a promotion stands", description=about)
    add.add_argument("subject", metavar="PROMOTION|MODEL", help="its id, or a model with a version")
    add.add_argument("version", nargs="?", metavar="VERSION", help="semantic version")
    add.add_argument("--to", choices=STAGES, metavar="STAGE", help="only promotions to this stage")
    return add


def _report_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    add = commands.add_parser("report-check", help="report an external check that a policy asks for")
    add.add_argument("promotion", type=int, metavar="PROMOTION")
    add.add_argument("name", metavar="CHECK", help="as the policy calls it")
    add.add_argument("status", choices=("passed", "failed", "error"))
    add.add_argument("--summary", default="", metavar="TEXT")
    add.add_argument("--link", default="", metavar="URL", help="where the result is read")
    return add


def _fetch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    add = commands.add_parser(
        "fetch",
        help="fetch artifacts, verified",
        description="Bring the artifacts of the version in production into a folder that is there complete and "
        "verified, or not at all. Prints the version. A broken transfer goes on where it stopped.",
    )
    add.add_argument("model", metavar="MODEL")
    add.add_argument("--into", type=Path, required=True, metavar="DIR", help="folder that does not exist yet")
    which = add.add_mutually_exclusive_group()
    which.add_argument("--version", default="", help="1.4.0 or a number, instead of the one in production")
    which.add_argument("--alias", default="", help="such as champion")
    which.add_argument("--at", default="", metavar="TIME", help="what was in production then: 2026-03-01T12:00:00Z")
    add.add_argument("--cache", type=Path, metavar="DIR", help="where bytes are kept by digest")
    return add


def _common(add: argparse.ArgumentParser) -> None:
    add.add_argument("--url", default="", help="the registry's address (default: REGISTRY_URL)")
    add.add_argument("--json", action="store_true", help="print the result as JSON")
    add.add_argument("--quiet", action="store_true", help="say nothing but the result and errors")
    add.add_argument("--allow-http", action="store_true", help="send the token unencrypted to another machine")


def _seconds(text: str) -> float:
    """Return seconds of a time such as 90, 90s, 30m or 6h."""
    factor = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    try:
        seconds = float(text[:-1]) * factor if factor else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no time: write 90s, 30m or 6h")
    return seconds


def _table(title: str, rows: dict[str, str] | dict[int, str]) -> str:
    width = max(len(str(name)) for name in rows)
    return "\n".join([f"{title}:", *(f"  {name!s:<{width}}  {text}" for name, text in rows.items())])
