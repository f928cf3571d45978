"""One POST: to the certificate's host, within its time, and nothing kept of the answer but a line."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.notifications import transport
from tests.notifications.receiver import Receiver, listening


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trusted certificate for hooks.test and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.test")])
    names = [x509.DNSName("hooks.test"), x509.IPAddress(ip_address("127.0.0.1"))]
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    signed = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def asked_for() -> list[str | None]:
    """The names that clients asked the encrypted receiver for (SNI)."""
    return []


@pytest.fixture
def encrypted(private: None, certificate: Path, asked_for: list[str | None]) -> Iterator[Receiver]:
    """A receiver behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    with listening(Receiver(), context) as found:
        yield found


def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name lead to loopback."""
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "")]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, **_: [(*each, ("127.0.0.1", port)) for each in answer]
    )


def test_the_host_of_the_url_is_asked_for_and_verified(
    encrypted: Receiver, asked_for: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch)
    assert transport.post(f"https://hooks.test:{encrypted.port}/hook", b"{}", {}).status == 204
    assert asked_for == ["hooks.test"]
    assert encrypted.messages[0].headers["host"] == f"hooks.test:{encrypted.port}"


def test_a_certificate_of_another_host_is_refused(encrypted: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch)
    outcome = transport.post(f"https://other.test:{encrypted.port}/hook", b"{}", {})
    assert (outcome.status, encrypted.messages) == (None, [])
    assert "CertificateError" in outcome.error or "SSL" in outcome.error


def test_an_unknown_authority_is_refused(encrypted: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    outcome = transport.post(f"https://127.0.0.1:{encrypted.port}/hook", b"{}", {})
    assert (outcome.status, encrypted.messages) == (None, [])
    assert "SSL" in outcome.error


@pytest.mark.parametrize(("status", "delivered"), [(200, True), (202, True), (204, True), (304, False), (400, False)])
def test_only_2xx_is_success(receiver: Receiver, status: int, delivered: bool) -> None:
    receiver.answer(status)
    assert transport.post(receiver.url, b"{}", {}).delivered is delivered


def test_a_request_carries_body_headers_and_query(receiver: Receiver) -> None:
    transport.post(receiver.url, b'{"a":1}', {"webhook-id": "msg_1"})
    message = receiver.messages[0]
    assert (message.path, message.body, message.id) == ("/hook?key=k", b'{"a":1}', "msg_1")
    assert message.headers["user-agent"] == transport.USER_AGENT


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), ("0", 0), (None, None), ("soon", None), ("-5", None), ("9" * 40, None)]
)
def test_retry_after_is_read_in_seconds(receiver: Receiver, value: str | None, seconds: int | None) -> None:
    receiver.answer((429, {"Retry-After": value} if value else {}))
    found = transport.post(receiver.url, b"{}", {}).retry_after
    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_is_read_as_a_date_and_only_where_it_means_something(receiver: Receiver) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    receiver.answer((503, {"Retry-After": date}), (500, {"Retry-After": "60"}))
    found = transport.post(receiver.url, b"{}", {}).retry_after
    assert found is not None
    assert timedelta(minutes=59) < found <= timedelta(hours=1)
    assert transport.post(receiver.url, b"{}", {}).retry_after is None


def test_of_an_answer_only_a_clean_line_is_kept(receiver: Receiver) -> None:
    receiver.answer((500, {}, b"<b>\x00\x1b[31m no\r\n\xff" + b"x" * 5000), (200, {}, b"secret"))
    outcome = transport.post(receiver.url, b"{}", {})
    assert outcome.excerpt.startswith("<b> [31m no x")
    assert len(outcome.excerpt) <= 200
    assert outcome.excerpt.isprintable()
    assert transport.post(receiver.url, b"{}", {}).excerpt == ""


def test_a_receiver_that_never_answers_times_out(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "SECONDS", 0.5)
    receiver.before = lambda handler: time.sleep(2)
    outcome = transport.post(receiver.url, b"{}", {})
    assert (outcome.status, outcome.error) == (None, "Timeout")
    assert outcome.milliseconds < 1500


def test_a_receiver_that_drips_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(30):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.1)

    monkeypatch.setattr(transport, "SECONDS", 0.6)
    receiver.before = drip
    outcome = transport.post(receiver.url, b"{}", {})
    assert outcome.status is None
    assert outcome.milliseconds < 1800


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"HTTP/1.1 99999 x\r\n\r\n", b"", b"HTTP/1.1 200\xff"])
def test_what_is_no_http_is_a_failure(receiver: Receiver, raw: bytes) -> None:
    def speak(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.connection.shutdown(socket.SHUT_RDWR)

    receiver.before = speak
    outcome = transport.post(receiver.url, b"{}", {})
    assert not outcome.delivered
    assert outcome.problem


def test_nobody_there_is_a_failure(private: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert transport.post(f"http://127.0.0.1:{port}/", b"{}", {}).error == "ConnectionRefusedError"
