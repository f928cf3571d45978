"""Who works in the demonstration organisation, as data; a person's roles hold in each of their teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.accounts.roles import InstanceRole, Role


@dataclass(frozen=True)
class Member:
    """A person, or a program with the person who answers for it."""

    username: str
    name: str
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    owner: str = ""

    @property
    def email(self) -> str:
        """Address in a domain that nobody has (RFC 2606)."""
        return "" if self.owner else f"{self.username}@example.org"

    def as_dict(self) -> dict[str, Any]:
        """Return what `manage.py demo --list` prints."""
        return {
            "username": self.username,
            "name": self.name,
            "teams": list(self.teams),
            "roles": list(self.roles),
            "service_account": bool(self.owner),
            "owner": self.owner or None,
        }


PAYMENTS, CLINICAL, OPERATIONS, CUSTOMERS = "payments-ml", "clinical-ai", "operations", "customer-insight"
ADMINISTRATOR = Member("greta", "Greta Sørensen", (InstanceRole.ADMINISTRATOR,))
PEOPLE = (
    Member("ada", "Ada Kim", (Role.CONTRIBUTOR,), (PAYMENTS, OPERATIONS)),
    Member("joao", "João Ferreira", (Role.CONTRIBUTOR,), (CLINICAL, CUSTOMERS)),
    Member("leyla", "Leyla Haddad", (Role.CONTRIBUTOR, Role.REVIEWER), (CLINICAL,)),
    Member("priya", "Priya Raman", (Role.OWNER,), (PAYMENTS, OPERATIONS)),
    Member("henrik", "Henrik Lindqvist", (Role.OWNER,), (CLINICAL, CUSTOMERS)),
    Member("leo", "Leo Brandt", (Role.REVIEWER,), (PAYMENTS, OPERATIONS)),
    Member("mina", "Mina Roth", (Role.REVIEWER,), (PAYMENTS, CLINICAL)),
    Member("yuki", "Yuki Tanaka", (Role.REVIEWER,), (PAYMENTS, OPERATIONS, CUSTOMERS)),
    Member("tariq", "Tariq Mansour", (Role.REVIEWER,), (CLINICAL, CUSTOMERS)),
    Member("chidi", "Chidi Okonkwo", (Role.REVIEWER,), (OPERATIONS, CUSTOMERS)),
    Member("iris", "Iris Papadaki", (InstanceRole.COMPLIANCE_OFFICER,)),
    Member("sam", "Sam O'Neill", (InstanceRole.COMPLIANCE_OFFICER,)),
    Member("noor", "Noor de Vries", (InstanceRole.AUDITOR,)),
)
PROGRAMS = (
    Member("train-bot", "Nightly training", (Role.CONTRIBUTOR,), (PAYMENTS, OPERATIONS), owner="ada"),
    Member("ci-bot", "Integration tests", (Role.CONTRIBUTOR,), (PAYMENTS,), owner="priya"),
    Member("deploy-bot", "Deployment", owner="henrik"),
)


def listing() -> list[dict[str, Any]]:
    """Return everybody as plain data, by user name."""
    everybody = (ADMINISTRATOR, *PEOPLE, *PROGRAMS)
    return [member.as_dict() for member in sorted(everybody, key=lambda member: member.username)]
