"""Signatures are those of Standard Webhooks, checked by its own library; secrets rest encrypted."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from standardwebhooks import Webhook, WebhookVerificationError

from apps.notifications import sealing, signing

NOW = int(datetime.now(UTC).timestamp())


def now() -> int:
    """Return the present second: what is verified must be fresh, however long the suite has run."""
    return int(datetime.now(UTC).timestamp())


@given(body=st.text().filter(lambda text: text.strip()), name=st.from_regex(r"msg_[a-z0-9]{1,30}", fullmatch=True))
def test_a_signature_is_what_the_reference_library_signs(body: str, name: str) -> None:
    secret = signing.new_secret()
    reference = Webhook(secret).sign(name, datetime.fromtimestamp(NOW, UTC), body)
    assert signing.signature(secret, name, NOW, body.encode()) == reference


def test_each_active_secret_adds_a_signature_that_verifies() -> None:
    old, new, other = (signing.new_secret() for _ in range(3))
    headers = signing.headers([new, old], "msg_1", now(), b'{"a":1}')
    for secret in (old, new):
        assert Webhook(secret).verify(b'{"a":1}', headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(b'{"a":1}', headers)


@pytest.mark.parametrize(
    ("name", "body", "late"), [("msg_2", b'{"a":1}', 0), ("msg_1", b'{"a":2}', 0), ("msg_1", b'{"a":1}', 1)]
)
def test_id_time_and_body_are_all_signed(name: str, body: bytes, late: int) -> None:
    secret = signing.new_secret()
    moment = now()
    headers = signing.headers([secret], "msg_1", moment, b'{"a":1}')
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, {**headers, "webhook-id": name, "webhook-timestamp": str(moment - late)})


def test_secrets_are_long_prefixed_and_never_the_same() -> None:
    secrets = {signing.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)


def test_a_sealed_secret_opens_under_the_same_key_only(settings: Settings) -> None:
    sealed = sealing.seal("whsec_abc")
    assert "abc" not in sealed
    assert sealing.unseal(sealed) == "whsec_abc"
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    assert sealing.unseal(sealed) == "whsec_abc"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed)


def test_a_tampered_seal_is_refused() -> None:
    sealed = sealing.seal("whsec_abc")
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed[:-4] + "AAA=")
