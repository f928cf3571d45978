"""A large, believable population straight into the tables of a prepared, empty portal: for measuring, never for use.

    PORTAL_HOME=var/bench-home .venv/bin/python manage.py prepare
    PORTAL_HOME=var/bench-home .venv/bin/python -m benchmarks.population --models 10000 --versions 5 --events 200000

or, beside a portal that runs already (`portal` is a RunningPortal of tests.e2e.conftest):

    population = populate(Cluster(portal.home).url("owner"), models=10_000)

It takes about two minutes for 10,000 models with 50,000 versions. Everything is a function of the row's number, so two
runs of the same size make the same rows (times are counted back from now). What comes with it:

- teams of about 250 models, each with an owner, two contributors, two reviewers and a program; `compliance` and
  `auditor` see everything. `owner-1`, `contributor-1`, `reviewer-1`, `second-1`, `bot-1` belong to team 1, and so on.
  All have the same password, `Population.password`;
- models `card-fraud-00001`…, of which a third is visible to everybody, with `versions` sealed versions each: metrics,
  parameters, metadata, lineage, two artifacts without bytes, stages over time, an alias;
- an executed promotion for each version that was in production, with the evidence of its round, checks and two signed
  decisions; open, rejected and expired ones for up to 500 of the newest versions, and notices of all of them;
- `events` audit events with leaves and outbox entries, as the acts would have recorded them;
- three programs of each contributor, three tokens of everybody, three saved searches of each person, three webhooks
  of each team: one with a delivery for each sealed version and each act on a promotion, nothing of which is ever sent;
- a resolved thread on every second promotion, evidence attached to versions that nobody asks for, three metadata
  standards for each tier, an e-mail for each notice, personal data of every twentieth event.

`Population` names a model, a version and promotions that a page benchmark can ask for; they have the same shape
whatever the size. Triggers are off while rows are written, so only the owner of the tables can run it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from string import Template

import psycopg
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from apps.models import entries

STEPS = tuple(Path(__file__).with_name(f"{name}.sql") for name in ("population", "self_service", "discussion"))
PASSWORD = "a population needs a password"
TEAM_SIZE = 250
# A tenth of a second of PBKDF2 would be spent for each benchmark's sign-in; these are nobody's accounts.
ITERATIONS = 1_000
PER_TEAM = ("owner", "contributor", "coder", "reviewer", "second", "bot")


@dataclass(frozen=True)
class Population:
    """How much there is, and objects of the usual shape to ask for."""

    models: int
    versions: int
    promotions: int
    events: int
    member: str = "reviewer-1"
    compliance: str = "compliance"
    auditor: str = "auditor"
    password: str = PASSWORD
    model: str = ""
    version: str = ""
    open_promotion: int = 0
    executed_promotion: int = 0


def populate(url: str, *, models: int, versions: int = 5, events: int | None = None) -> Population:
    """Fill the empty tables of the database that the owner's URL names; raises RuntimeError where there are models.

    `versions` is the number of versions of each model, at least 2. `events` defaults to twenty for each model; there
    are never fewer than two for each version.
    """
    from benchmarks import evidence  # its models are there once Django is set up

    teams = max(4, models // TEAM_SIZE)
    numbers = {"models": models, "versions": max(versions, 2), "teams": teams, "people": len(PER_TEAM)}
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT EXISTS (SELECT FROM models_registeredmodel)").fetchone() == (True,):
            raise RuntimeError("There are models already; a population starts from an empty portal.")
        tables = [row[0] for row in connection.execute(TABLES).fetchall()]
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        given = connection.execute(WITHOUT_DEFAULT).fetchall()
        for table, column, neutral in given:
            connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {neutral}")
        steps = "".join(path.read_text() for path in STEPS)
        filled = Template(steps).substitute(numbers, events=events or 20 * models, password=_hashed())
        for step in filled.split("-- step: ")[1:]:
            begun, (name, _, statements) = time.monotonic(), step.partition("\n")
            if name == "promotions":
                evidence.write(connection)
            connection.execute(statements.encode())
            print(f"population: {name}, {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, column, _ in given:
            connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
        for (table,) in connection.execute(IDENTITIES).fetchall():
            connection.execute(SEQUENCE.format(table=table))
        connection.execute("ANALYZE")
        ids = [row[0] for row in connection.execute("SELECT id FROM models_registeredmodel").fetchall()]
        for statement in entries.STATEMENTS:
            connection.execute(statement, {**entries.PARAMETERS, "models": ids})
        found = connection.execute(SUMMARY).fetchone()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return Population(**dict(zip(ANSWERS, found or (), strict=True)))


def _hashed() -> str:
    return PBKDF2PasswordHasher().encode(PASSWORD, "population", ITERATIONS)


TABLES = """
    SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename ~ '^(accounts|models|lineage|approvals|audit|notifications)_'
    ORDER BY 1
"""
# What the statements do not name stays empty, so that a new column does not break them.
WITHOUT_DEFAULT = """
    SELECT quote_ident(table_name), quote_ident(column_name), CASE data_type
        WHEN 'jsonb' THEN '''{}''' WHEN 'ARRAY' THEN '''{}''' WHEN 'boolean' THEN 'false'
        WHEN 'integer' THEN '0' WHEN 'smallint' THEN '0' ELSE '''''' END
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name ~ '^(accounts|models|lineage|approvals|audit|notifications)_'
        AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'
        AND data_type IN ('jsonb', 'ARRAY', 'boolean', 'integer', 'smallint', 'text', 'character varying')
"""
IDENTITIES = """
    SELECT quote_ident(table_name) FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES'
"""
SEQUENCE = """
    SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))
    WHERE EXISTS (SELECT FROM {table})
"""
ANSWERS = ("models", "versions", "promotions", "events", "model", "version", "open_promotion", "executed_promotion")
SUMMARY = """
    SELECT (SELECT count(*) FROM models_registeredmodel), (SELECT count(*) FROM models_modelversion),
        (SELECT count(*) FROM approvals_promotion), (SELECT count(*) FROM audit_event),
        model.name, version.version,
        (SELECT max(promotion.id) FROM approvals_promotion AS promotion
         WHERE promotion.registered_model_id = model.id AND promotion.state = 'open'),
        (SELECT max(promotion.id) FROM approvals_promotion AS promotion
         WHERE promotion.registered_model_id = model.id AND promotion.state = 'executed')
    FROM models_registeredmodel AS model JOIN models_modelversion AS version ON version.registered_model_id = model.id
    WHERE model.id = (SELECT min(id) FROM models_registeredmodel)
    ORDER BY version.number DESC LIMIT 1
"""


def main() -> None:
    """Fill the portal of PORTAL_HOME, or of DATABASE_URL."""
    parser = argparse.ArgumentParser(description="Fill a prepared, empty portal with a large population.")
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=5, help="of each model")
    parser.add_argument("--events", type=int, default=None)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    import django

    django.setup()
    from django.conf import settings

    from registry_portal import commands, databases

    with commands.database():
        url = databases.owner_url(settings.PORTAL_HOME)
        print(populate(url, models=given.models, versions=given.versions, events=given.events))


if __name__ == "__main__":
    main()
