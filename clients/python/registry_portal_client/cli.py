"""The command line `registry-portal`: results on standard output, everything else on standard error."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from registry_portal_client import origin, settings, words
from registry_portal_client.errors import FAILED, WRONG_USE, RegistryError, WrongUse
from registry_portal_client.options import parse
from registry_portal_client.progress import Progress, chosen, size
from registry_portal_client.registry import Registry
from registry_portal_client.shapes import Dataset, Lineage, NewModel, Parent, Promotion
from registry_portal_client.transport import checked_token, checked_url

INTERRUPTED = 130
PARTS = ("version", "description", "metrics", "parameters", "metadata", "lineage")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = parse(arguments)
    progress = chosen(quiet=options.quiet)
    try:
        return COMMANDS[options.command](options, progress) or 0
    except RegistryError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.advice:
            print(f"next: {error.advice}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG_USE if error.filename else FAILED


def register(options: argparse.Namespace, progress: Progress) -> None:
    """Register a version with its artifacts."""
    content = _content(options)
    registry = _registry(options, progress)
    if options.create_model:
        _create_model(registry, options, progress)
    done = registry.register(
        options.model, _artifacts(options.artifact), bump=options.bump, seal=not options.no_seal, **content
    )
    name = done.version["version"]
    if done.was_there:
        progress.say(f"{options.model} {name} is registered already, with exactly these files")
    else:
        total = size(sum(file["size"] for file in done.version["artifacts"]))
        counts = f"{len(done.sent)} sent, {len(done.linked)} known to the registry, {len(done.kept)} there already"
        state = "sealed" if done.version["state"] == "ready" else "open"
        progress.say(f"{options.model} {name} is {state}: {total} in {len(done.version['artifacts'])} files, {counts}")
    _answer(options, name, done.version)
    if done.version["state"] == "ready":
        _next(progress, words.command("request", options.model, name, "--to", "staging", "--reason", "TEXT"))
    else:
        _next(progress, "add artifacts with the same command and more files; without --no-seal it closes the version")


def request(options: argparse.Namespace, progress: Progress) -> int | None:
    """Ask for a stage."""
    registry = _registry(options, progress)
    found = registry.request(options.model, options.version, options.to, options.reason, anew=options.anew)
    progress.say(words.summary(found))
    _answer(options, str(found["id"]), found)
    if options.wait is None:
        _next(progress, words.next_step(found))
        return None
    return _waited(registry, found["id"], options, progress)


def wait(options: argparse.Namespace, progress: Progress) -> int | None:
    """Wait for a promotion."""
    registry = _registry(options, progress)
    options.wait = options.timeout
    return _waited(registry, options.promotion, options, progress)


def promote_status(options: argparse.Namespace, progress: Progress) -> None:
    """Say how a promotion stands."""
    registry = _registry(options, progress)
    found = registry.promotion(_promotion(registry, options))
    _answer(options, words.whole(found), found)
    _next(progress, words.next_step(found))


def report_check(options: argparse.Namespace, progress: Progress) -> None:
    """Report the result of an external check."""
    registry = _registry(options, progress)
    found = registry.report_check(options.promotion, options.name, options.status, options.summary, options.link)
    _answer(options, words.summary(found), found)
    _next(progress, words.next_step(found))


def fetch(options: argparse.Namespace, progress: Progress) -> None:
    """Bring a version's artifacts into a folder."""
    registry = _registry(options, progress)
    version = f"@{options.alias.removeprefix('@')}" if options.alias else options.version
    done = registry.fetch(options.model, options.into, version=version, at=options.at, cache=options.cache)
    name, stage = done.version["version"], done.version["stage"]
    if done.was_there:
        progress.say(f"{done.folder} holds {options.model} {name} already, byte for byte")
    else:
        counts = f"{len(done.received)} received, {len(done.cached)} from the cache"
        progress.say(f"{options.model} {name} ({stage}) is in {done.folder}, verified: {counts}")
    _answer(options, name, {**done.version, "folder": str(done.folder)})
    if stage != "production":
        progress.say(f"note: {name} is in the stage {stage}, not in production")
    _next(progress, f"deploy what is in {done.folder}; its manifest is {done.version['manifest_digest']}")


def whoami(options: argparse.Namespace, progress: Progress) -> None:
    """Say who the token belongs to."""
    me = _registry(options, progress).me()
    kind = f"a service account of {me['owner']}" if me["service_account"] else "a person"
    teams = "; ".join(f"{team['slug']}: {', '.join(team['roles'])}" for team in me["teams"]) or "no team"
    _answer(
        options,
        f"{me['username']} ({me['name']}), {kind}\nteams   {teams}\nscopes  {', '.join(me['scopes'] or ())}",
        me,
    )


def login(options: argparse.Namespace, progress: Progress) -> None:
    """Keep a token, after it has worked once."""
    url = options.url or os.environ.get("REGISTRY_URL", "")
    if not url:
        raise WrongUse("which registry?", advice="registry-portal login --url https://registry.example.org")
    address = checked_url(url, allow_http=options.allow_http)
    typed = getpass.getpass(f"API token for {address}: ") if sys.stdin.isatty() else sys.stdin.readline()
    token = checked_token(typed)
    me = Registry(address, token, progress=progress, allow_http=options.allow_http).me()
    progress.say(f"{me['username']}'s token is kept in {settings.keep(address, token)}, readable by you alone")
    _next(progress, words.command("whoami"))


def logout(options: argparse.Namespace, progress: Progress) -> None:
    """Forget a kept token."""
    found = settings.found(options.url, allow_http=options.allow_http)
    if not settings.forget(found.url):
        raise WrongUse(f"no token is kept for {found.url}")
    progress.say(f"the token for {found.url} is forgotten here; revoke it in the portal if it is not needed")


def _registry(options: argparse.Namespace, progress: Progress) -> Registry:
    found = settings.found(options.url, allow_http=options.allow_http)
    return Registry(found.url, found.token, progress=progress, allow_http=found.allow_http)


def _create_model(registry: Registry, options: argparse.Namespace, progress: Progress) -> None:
    """Create the model where it is not there; raises WrongUse for what that needs."""
    if not options.team or not options.risk_tier:
        raise WrongUse("--create-model needs the owning --team and the --risk-tier")
    about: NewModel = {"name": options.model, "team": options.team, "risk_tier": options.risk_tier}
    if options.model_description:
        about["description"] = options.model_description
    if registry.ensure_model(about):
        progress.say(f"created the model {options.model} for {options.team}")


def _waited(registry: Registry, promotion: int, options: argparse.Namespace, progress: Progress) -> int | None:
    def tell(found: Promotion) -> None:
        progress.say(words.summary(found))
        if found["state"] == "changes_requested":
            progress.say(words.whole(found))

    try:
        found = registry.wait(promotion, options.wait, execute=options.execute, interval=options.interval, tell=tell)
    except RegistryError as error:
        if not error.advice:
            error.advice = words.next_step(registry.promotion(promotion))
        raise
    if options.command == "wait":
        _answer(options, found["version"], found)
    _next(progress, words.next_step(found))
    return None


def _promotion(registry: Registry, options: argparse.Namespace) -> int:
    """Return the id that is given, or of the newest promotion of a model's version."""
    if options.version is None and options.subject.isdigit():
        return int(options.subject)
    found = registry.promotions(options.subject, options.version or "", options.to or "")
    if not found:
        name = f"{options.subject} {options.version or ''}".strip()
        raise WrongUse(
            f"nobody asked for {name} yet, as far as this token may see",
            advice=words.command("request", options.subject, options.version or "VERSION", "--to", "staging"),
        )
    return found[0]["id"]


def _content(options: argparse.Namespace) -> dict[str, Any]:
    """Return what shall be said of the version: a file first, single options over it."""
    body = _object(options.content) if options.content else {}
    if surplus := sorted(set(body) - set(PARTS)):
        raise WrongUse(f"{options.content}: unknown {', '.join(surplus)}; known are {', '.join(PARTS)}")
    content = {**body, **({"version": options.version} if options.version else {})}
    if options.bump:
        content.pop("version", None)
    if options.description:
        content["description"] = options.description
    for name in ("metrics", "parameters", "metadata"):
        content[name] = {**content.get(name, {}), **_pairs(getattr(options, name), name)}
    content["lineage"] = _lineage(options, content.get("lineage", {}))
    if not content.get("version") and not options.bump:
        raise WrongUse("which version? give --version 1.4.0, or --bump major, minor or patch")
    return content


def _lineage(options: argparse.Namespace, given: Lineage) -> Lineage:
    lineage: Lineage = {**given}
    if options.dataset:
        lineage["datasets"] = [*lineage.get("datasets", []), *map(_dataset, options.dataset)]
    if options.parent:
        lineage["parents"] = [*lineage.get("parents", []), *map(_parent, options.parent)]
    if not options.no_code and not lineage.get("code"):
        code, warning = origin.code(options.repository, options.commit)
        if code:
            lineage["code"] = code
        if warning:
            print(f"note: {warning}", file=sys.stderr)
    if options.run_id:
        lineage["run"] = {"id": options.run_id, "system": options.run_system or "pipeline"}
    elif not lineage.get("run") and (run := origin.run()):
        lineage["run"] = run
    return lineage


def _dataset(text: str) -> Dataset:
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    if (
        not fields.get("name")
        or set(fields) - {"name", "namespace", "version", "digest", "uri"}
        or "" in fields.values()
    ):
        raise WrongUse(f"--dataset {text}: write name=cards,namespace=warehouse,version=2026-10,digest=…,uri=…")
    return cast(Dataset, fields)


def _parent(text: str) -> Parent:
    model, _, version = text.partition("@")
    if not model or not version:
        raise WrongUse(f"--parent {text}: write MODEL@VERSION, such as card-fraud@1.3.0")
    return {"model": model, "version": version}


def _pairs(given: Sequence[str], what: str) -> dict[str, Any]:
    """Return NAME=VALUE pairs and the objects of JSON files, the later over the earlier."""
    found: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if sign and name and not Path(text).is_file():
            found[name] = _value(value)
        elif Path(text).is_file():
            found |= _object(Path(text))
        else:
            raise WrongUse(f"--{what} {text}: write NAME=VALUE, or name a JSON file that is there")
    return found


def _value(text: str) -> Any:
    """Return what JSON makes of a value; text where it is none."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except ValueError:
        return text


def _no_number(name: str) -> None:
    raise ValueError(name)


def _object(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"{place} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongUse(f"{place} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise WrongUse(f"{place} does not hold a JSON object")
    return found


def _artifacts(given: Sequence[str]) -> Iterator[str | tuple[str, str]]:
    """Yield files and folders, with a name where one is written NAME=PATH."""
    for text in given:
        name, sign, place = text.partition("=")
        yield (name, place) if sign and not Path(text).exists() else text


def _answer(options: argparse.Namespace, text: str, data: Any) -> None:
    """Print the result: one text for people and shells, everything with --json."""
    print(json.dumps(data, indent=2, ensure_ascii=False) if options.json else text, flush=True)


def _next(progress: Progress, step: str) -> None:
    progress.say(f"next: {step}")


COMMANDS: dict[str, Callable[[argparse.Namespace, Progress], int | None]] = {
    "login": login,
    "logout": logout,
    "whoami": whoami,
    "register": register,
    "request": request,
    "wait": wait,
    "promote-status": promote_status,
    "report-check": report_check,
    "fetch": fetch,
}
