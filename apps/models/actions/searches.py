"""A person's own bookmarks of the catalogue: like preferences no governed data, so nothing is recorded of them."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import Conflict, Invalid, NotFound
from apps.models.models import SavedSearch
from apps.models.words import refuse, text_errors

MOST = 50
LONGEST_NAME = 80
LONGEST_QUERY = 1000


@transaction.atomic
def save_search(name: str, query: str, *, actor: User) -> SavedSearch:
    """Keep a search under a name; raises Invalid, and Conflict (`search_exists`) for a name the actor uses."""
    name = _checked(name)
    if len(query) > LONGEST_QUERY:
        raise Invalid("This search is too long to be kept; leave some of its filters out.", code="too_long")
    if SavedSearch.objects.visible_to(actor).count() >= MOST:
        raise Invalid(f"You keep {MOST} searches already; delete one that you no longer need.", code="too_many")
    search = SavedSearch(user=actor, name=name, query=query, created_at=clock.now())
    return _kept(search)


@transaction.atomic
def rename_search(search: SavedSearch, name: str, *, actor: User) -> SavedSearch:
    """Give an own search another name; raises Invalid, NotFound, and Conflict (`search_exists`)."""
    search = _own(search, actor)
    search.name = _checked(name)
    return _kept(search)


@transaction.atomic
def delete_search(search: SavedSearch, *, actor: User) -> None:
    """Forget an own search; raises NotFound."""
    _own(search, actor).delete()


def _own(search: SavedSearch, actor: User) -> SavedSearch:
    found = SavedSearch.objects.visible_to(actor).select_for_update().filter(pk=search.pk).first()
    if found is None:
        raise NotFound("You keep no such search.")
    return found


def _checked(name: str) -> str:
    name = name.strip()
    refuse(text_errors("name", name, longest=LONGEST_NAME, required=True))
    return name


def _kept(search: SavedSearch) -> SavedSearch:
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError as error:
        message = f"You keep a search called “{search.name}” already; give this one another name."
        raise Conflict(message, code="search_exists", field="name") from error
    return search
