"""The only door to django-guardian: who holds what on which team or registered model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, Value
from guardian.utils import get_user_obj_perms_model

from apps.accounts.roles import BUNDLES, InstanceRole, Permission, roles_held

if TYPE_CHECKING:
    from apps.accounts.models import User

_grantable: dict[str, tuple[type[models.Model], str]] = {}
KNOWN = "_permissions_known"
Known = dict[tuple[str, Any], set[str]]
READS_EVERYTHING = frozenset({InstanceRole.AUDITOR, InstanceRole.COMPLIANCE_OFFICER})


def register(scope: str, model: type[models.Model], named_by: str = "name") -> None:
    """Declare a table whose objects take grants; `scope` prefixes its audit scope, as in `model:7`."""
    _grantable[scope] = (model, named_by)


def grantable() -> list[type[models.Model]]:
    """Return the tables whose objects take grants."""
    return [model for model, _ in _grantable.values()]


def visible(model: type[models.Model], user: User) -> set[int]:
    """Return the ids of the teams or registered models a user may see."""
    found = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
    return set(found.values_list("pk", flat=True))


def find(scope: str, name: str, user: User) -> models.Model | None:
    """Return the team or registered model of that name if the user may see it."""
    model, named_by = _grantable[scope]
    visible = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
    found: models.Model | None = visible.filter(**{named_by: name}).first()
    return found


def give(role: str, user: User, target: models.Model) -> None:
    """Add a role's permissions on a team or registered model; called by actions only."""
    table, permissions = _table(type(target)), _permissions(BUNDLES[role], type(target))
    rows = [table(user=user, permission=permission, content_object=target) for permission in permissions]
    table.objects.bulk_create(rows, ignore_conflicts=True)


def take(role: str, user: User, target: models.Model) -> None:
    """Remove a role's permissions, leaving those that another role held there needs."""
    others = [held for held in given_roles(user, target) if held != role]
    kept: frozenset[str] = frozenset().union(*(BUNDLES[held] for held in others))
    rows = _table(type(target)).objects.filter(user=user, content_object=target)
    rows.filter(permission__codename__in=BUNDLES[role] - kept).delete()


def permissions_on(user: User, target: models.Model) -> set[str]:
    """Return the permissions granted to a user on exactly this object; none for inactive users."""
    return _given(user, target) if user.is_active else set()


def roles_on(user: User, target: models.Model) -> list[str]:
    """Return the roles a user holds on exactly this object."""
    return roles_held(permissions_on(user, target))


def given_roles(user: User, target: models.Model) -> list[str]:
    """Return the roles a user was given on exactly this object, even while inactive."""
    return roles_held(_given(user, target))


def holds(user: User, permission: str, targets: Iterable[models.Model]) -> bool:
    """Tell whether an active user has a permission on any of the objects, superusers like anybody else; one query."""
    targets = list(targets)
    known: Known | None = vars(user).get(KNOWN)
    if known is not None and all(_key(target) in known for target in targets):
        return any(permission in known[_key(target)] for target in targets)
    rows = [
        _table(type(target)).objects.filter(user=user, content_object=target, permission__codename=permission)
        for target in targets
    ]
    if not (rows and user.is_active):
        return False
    first, *others = (found.order_by().values("pk") for found in rows)
    return bool(first.union(*others, all=True).exists())


@contextmanager
def read_once(user: User, targets: Iterable[models.Model]) -> Iterator[None]:
    """Let `holds` answer for these objects from one query, while a page asks for many verdicts; not for actions."""
    targets = list(targets)
    known: Known = {_key(target): set() for target in targets}
    rows = [
        _table(type(target))
        .objects.filter(user=user, content_object=target)
        .order_by()
        .annotate(kind=Value(type(target).__name__, models.TextField()))
        .values_list("kind", "content_object_id", "permission__codename")
        for target in targets
    ]
    if rows and user.is_active:
        for kind, pk, codename in rows[0].union(*rows[1:], all=True):
            known[kind, pk].add(codename)
    vars(user)[KNOWN] = known
    try:
        yield
    finally:
        vars(user).pop(KNOWN, None)


def reads_everything(user: User) -> bool:
    """Tell whether a user sees every object: auditors and compliance officers."""
    return bool(user.is_active and user.instance_roles() & READS_EVERYTHING)


def ids_with(user: User, permission: str, model: type[models.Model]) -> models.QuerySet[Any]:
    """Return a subquery of the ids of objects on which an active user has a permission."""
    rows: models.QuerySet[Any, Any] = _table(model).objects.filter(user=user, permission__codename=permission)
    return (rows if user.is_active else rows.none()).values("content_object_id")


def holders_seen_by(user: User) -> Q:
    """Return the condition that somebody has a grant on a team or model that the user sees."""
    condition = Q(pk__in=[])
    for model, _ in _grantable.values():
        visible_there = model._default_manager.visible_to(user).order_by()  # type: ignore[attr-defined]
        rows = _table(model).objects.filter(content_object__in=visible_there.values("pk"))
        condition |= Q(pk__in=rows.values("user_id"))
    return condition


def ids_held_by(users: models.QuerySet[User], permission: str, model: type[models.Model]) -> models.QuerySet[Any]:
    """Return a subquery of the ids of objects on which any of the users, whoever they are, has a permission."""
    rows: models.QuerySet[Any, Any] = _table(model).objects.filter(user__in=users, permission__codename=permission)
    return rows.values("content_object_id")


def holders(permission: str, targets: Iterable[models.Model]) -> models.QuerySet[User]:
    """Return active people who have a permission on any of the objects."""
    condition = Q(pk__in=[])
    for target in targets:
        rows = _table(type(target)).objects.filter(content_object=target, permission__codename=permission)
        condition |= Q(pk__in=rows.values("user_id"))
    found: models.QuerySet[User] = get_user_model().objects.filter(condition, is_active=True, owner__isnull=True)
    return found


def held(permission: str, model: type[models.Model], ids: Collection[int]) -> set[tuple[int, int]]:
    """Return who has a permission on which of the teams or models, as (user id, object id); one query."""
    rows = _table(model).objects.filter(content_object__in=ids, permission__codename=permission)
    return set(rows.values_list("user_id", "content_object_id"))


def scopes_of(user: User) -> Collection[str] | None:
    """Return the audit scopes a user may read; None for readers of everything."""
    if reads_everything(user):
        return None
    rows = [
        _table(model)
        .objects.filter(user=user, permission__codename=Permission.VIEW)
        .values_list(Value(scope, models.TextField()), "content_object_id")
        for scope, (model, _) in _grantable.items()
    ]
    granted = rows[0].union(*rows[1:], all=True) if user.is_active else ()
    return {f"user:{user.pk}", "organisation", *(f"{scope}:{pk}" for scope, pk in granted)}


def grants_on(target: models.Model) -> list[tuple[User, list[str]]]:
    """Return every user with a grant on exactly this object, and the roles it amounts to."""
    return members([target])[target.pk]


def members(targets: Sequence[models.Model]) -> dict[Any, list[tuple[User, list[str]]]]:
    """Return, by id of team or model, every user with a grant there and their roles; one query."""
    held: dict[Any, dict[User, set[str]]] = {target.pk: {} for target in targets}
    if targets:
        rows = _table(type(targets[0])).objects.filter(content_object__in=targets)
        for row in rows.select_related("user", "permission").order_by("user__username"):
            held[row.content_object_id].setdefault(row.user, set()).add(row.permission.codename)
    return {pk: [(user, roles_held(permissions)) for user, permissions in users.items()] for pk, users in held.items()}


def held_by(user: User, model: type[models.Model]) -> list[tuple[Any, list[str]]]:
    """Return the teams or models on which an active user has roles of their own; one query."""
    return given_to(user, model) if user.is_active else []


def given_to(user: User, model: type[models.Model]) -> list[tuple[Any, list[str]]]:
    """Return the teams or models on which a user was given roles, even while inactive; one query."""
    held: dict[Any, set[str]] = {}
    rows = _table(model).objects.filter(user=user).select_related("content_object", "permission")
    for row in rows.order_by("content_object"):
        held.setdefault(row.content_object, set()).add(row.permission.codename)
    return [(target, roles_held(permissions)) for target, permissions in held.items()]


def everything_held_by(user: User) -> list[tuple[str, Any, list[str]]]:
    """Return kind, object and roles of every team and model on which an active user has roles of their own."""
    return [
        (scope, target, roles) for scope, (model, _) in _grantable.items() for target, roles in held_by(user, model)
    ]


def _permissions(codenames: frozenset[str], model: type[models.Model]) -> list[DjangoPermission]:
    """Return the permissions of a table; raises RuntimeError where the migrations did not make them all."""
    kind = ContentType.objects.get_for_model(model)
    found = list(DjangoPermission.objects.filter(content_type=kind, codename__in=codenames))
    if len(found) < len(codenames):
        raise RuntimeError(f"{model.__name__} lacks permissions of {sorted(codenames)}; run `manage.py migrate`")
    return found


def _given(user: User, target: models.Model) -> set[str]:
    rows = _table(type(target)).objects.filter(user=user, content_object=target)
    return set(rows.values_list("permission__codename", flat=True))


def _key(target: models.Model) -> tuple[str, Any]:
    return type(target).__name__, target.pk


def _table(model: type[models.Model]) -> Any:
    return get_user_obj_perms_model(model)  # type: ignore[arg-type]
