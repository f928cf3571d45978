"""Loading the demonstration organisation: by the same actions as everything else, with the clock put back.

Months pass chapter by chapter; what is recorded says that it was told, and the last chapter ends at the present.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from apps.accounts.models import User
from apps.core import jobs
from apps.models.models import RegisteredModel
from apps.portal.demo import calendar
from apps.portal.demo.bundle import Bundle
from apps.portal.demo.calendar import Calendar
from apps.portal.demo.organisation import Organisation
from apps.portal.demo.receiver import receiving
from apps.portal.demo.stories import PRESENT, STORIES, rules


def is_empty() -> bool:
    """Tell whether the portal holds neither users nor models."""
    return not (User.objects.exists() or RegisteredModel.objects.exists())


def load(password: str) -> Organisation:
    """Found the organisation and let it work for months; `password` is the one that its people share.

    All but the last chapter is one transaction: where an action raises, such as Conflict for a name that is taken,
    nothing is loaded. What is sent meanwhile waits for nobody: the receiver is this process, and the other addresses
    are names below `.invalid`, which are never looked up.
    """
    # A running worker would carry out each step once more behind ours.
    with jobs.quiet(), calendar.told() as time:
        organisation = Organisation(Bundle(), password, time)
        with transaction.atomic(), receiving() as receiver:
            organisation.found()
            rules.set_rules(organisation)
            mirror = rules.add_webhooks(organisation, receiver)
            stories = [story(organisation) for story in STORIES]
            for chapter in range(PRESENT):
                stories = take_turns(stories, time, chapter)
                if chapter == PRESENT - 2:
                    organisation.read_notices()
            calendar.settle()
            organisation.end_webhook(mirror, "The pilot of the mirror is over.", by="priya")
        with transaction.atomic():
            organisation.want_mail(True)
            take_turns(stories, time, PRESENT)
    return organisation


def take_turns(stories: list[Iterator[None]], time: Calendar, chapter: int) -> list[Iterator[None]]:
    """Let each story go on by one chapter; return the stories that are not told to their end."""
    ended = object()
    time.turn_to(chapter)
    return [story for story in stories if next(story, ended) is not ended]
