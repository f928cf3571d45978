"""R16: a decision is signed with a fresh password; printed name, time and meaning are bound to the digest."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals.models import Decision, Promotion, Signature
from apps.core import clock
from apps.core.errors import Forbidden, Invalid
from tests.approvals.acts import decide
from tests.assertions import assert_unchanged


def test_signature_says_who_when_and_what(promotion: Promotion, reviewer: User, second_reviewer: User):
    signature = decide(promotion, reviewer, meaning="Validated independently").signature
    assert signature.printed_name == "Reviewer"
    assert signature.meaning == "Validated independently"
    assert signature.authenticated_at <= signature.signed_at <= clock.now()
    assert signature.subject_digest == promotion.rounds.get(number=1).evidence_digest


def test_meaning_left_out_says_what_the_verdict_means(promotion: Promotion, reviewer: User, second_reviewer: User):
    assert decide(promotion, reviewer).signature.meaning == "Reviewed and approved for production"


@pytest.mark.parametrize("password", ["wrong", "", "correct horse battery staple "])
def test_wrong_password_signs_nothing(promotion: Promotion, reviewer: User, second_reviewer: User, password: str):
    with assert_unchanged(promotion, Decision, Signature), pytest.raises(Forbidden) as refusal:
        decide(promotion, reviewer, password=password)
    assert refusal.value.code == "signature_refused"


def test_password_of_somebody_else_signs_nothing(promotion: Promotion, reviewer: User, second_reviewer: User):
    second_reviewer.set_password("another one entirely")
    second_reviewer.save()
    with assert_unchanged(promotion, Decision, Signature), pytest.raises(Forbidden):
        decide(promotion, reviewer, password="another one entirely")


def test_overlong_meaning_is_refused(promotion: Promotion, reviewer: User, second_reviewer: User):
    with assert_unchanged(promotion, Decision), pytest.raises(Invalid) as refusal:
        decide(promotion, reviewer, meaning="x" * 301)
    assert refusal.value.errors[0].field == "signature.meaning"


def test_renaming_the_person_later_leaves_the_printed_name(promotion: Promotion, reviewer: User, second_reviewer: User):
    signature = decide(promotion, reviewer).signature
    User.objects.filter(pk=reviewer.pk).update(name="Somebody Else")
    signature.refresh_from_db()
    assert signature.printed_name == "Reviewer"
