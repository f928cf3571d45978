"""Webhooks never lead inside: not by number, name, second look-up, mixed records, nor redirect."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.notifications import addresses, transport
from tests.notifications.receiver import Receiver, listening

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "100.100.100.200",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::7f00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
SPELLINGS = [
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://0/",
    "http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/", "http://127.0.0.1.:80/", "https://127.0.0.1/", "https://2852039166/",
]  # fmt: skip
Resolver = Callable[..., list[tuple[Any, ...]]]


def resolving(*rounds: list[str]) -> Resolver:
    """Return a resolver that answers these addresses, one list for each look-up."""
    left = list(rounds)

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        found = left.pop(0) if len(left) > 1 else left[0]
        families = [socket.AF_INET6 if ":" in text else socket.AF_INET for text in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (text, port) if family == socket.AF_INET else (text, port, 0, 0))
            for family, text in zip(families, found, strict=True)
        ]

    return resolve


@pytest.mark.parametrize("text", INSIDE)
def test_special_addresses_are_not_public(text: str) -> None:
    assert not addresses.is_public(ip_address(text))
    with pytest.raises(addresses.Refused):
        addresses.check(text, 443, encrypted=True)


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_are_reached_encrypted_and_at_the_listed_ports_only(settings: Settings, text: str) -> None:
    assert addresses.check(text, 443, encrypted=True) == ip_address(text)
    for port, encrypted in ((80, True), (443, False), (22, True)):
        with pytest.raises(addresses.Refused):
            addresses.check(text, port, encrypted=encrypted)
    settings.WEBHOOK_PORTS = [443, 8443]
    assert addresses.check(text, 8443, encrypted=True)


@given(st.ip_addresses(v=4))
def test_nothing_that_python_calls_private_is_public(address: Any) -> None:
    if not address.is_global or address.is_multicast:
        assert not addresses.is_public(address)
        assert not addresses.is_public(ip_address(f"::ffff:{address}"))


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_an_inside_address_is_connected_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    def connect(*_: Any) -> None:
        pytest.fail("connected")

    monkeypatch.setattr(socket.socket, "connect", connect)
    outcome = transport.post(url, b"{}", {})
    assert outcome.status is None
    assert outcome.error in {"Refused", "gaierror", "LocationParseError"}


def test_a_name_with_one_inside_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.215.14", "10.0.0.1"]))
    with pytest.raises(addresses.Refused):
        addresses.resolve("mixed.example", 443, encrypted=True)


@pytest.mark.parametrize("host", ["invalid", "deploy.payments.invalid", "DEPLOY.Invalid."])
def test_a_name_that_nobody_has_is_not_looked_up(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a resolver was asked"))
    with pytest.raises(socket.gaierror):
        addresses.resolve(host, 443, encrypted=True)


def test_a_name_that_only_looks_like_nobodys_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.215.14"]))
    assert addresses.resolve("notinvalid", 443, encrypted=True)
    assert addresses.resolve("invalid.example", 443, encrypted=True)


def test_a_name_that_resolves_differently_the_second_time_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def connect(self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.215.14"], ["127.0.0.1"]))
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert transport.post("https://rebind.example/", b"{}", {}).error == "ConnectionRefusedError"
    assert tried == [("93.184.215.14", 443)]
    assert transport.post("https://rebind.example/", b"{}", {}).error == "Refused"
    assert len(tried) == 1


def test_a_connection_that_ends_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(["93.184.215.14"]))
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: None)
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: ("10.0.0.1", 443))
    with pytest.raises(addresses.Refused, match="elsewhere"):
        addresses.connect("moved.example", 443, encrypted=True, timeout=1)


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: Any) -> None:
        if address[0] == "1.1.1.1":
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolving(["1.1.1.1", "8.8.8.8"]))
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: ("8.8.8.8", 443))
    addresses.connect("two.example", 443, encrypted=True, timeout=1).close()


def test_a_redirect_inside_is_not_followed(receiver: Receiver) -> None:
    with listening(Receiver()) as inside:
        receiver.answer((302, {"Location": inside.url}), (307, {"Location": inside.url}), (301, {"Location": "/x"}))
        for status in (302, 307, 301):
            outcome = transport.post(receiver.url, b"{}", {})
            assert (outcome.status, outcome.delivered, outcome.problem) == (status, False, f"HTTP {status}")
    assert inside.messages == []
    assert len(receiver.messages) == 3


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert transport.post(receiver.url, b"{}", {}).status == 204


def test_the_setting_opens_private_networks_but_never_credentials_of_clouds(settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    for text in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fc00::1"):
        assert addresses.check(text, 8080, encrypted=False)
    for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "fe80::1"):
        with pytest.raises(addresses.Refused):
            addresses.check(text, 443, encrypted=True)
    with pytest.raises(addresses.Refused):
        addresses.check("8.8.8.8", 443, encrypted=False)


def test_an_allowed_network_opens_itself_only(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["10.1.0.0/16"]
    assert addresses.check("10.1.2.3", 8080, encrypted=False)
    for text in ("10.2.0.1", "127.0.0.1", "::ffff:10.1.2.3"):
        with pytest.raises(addresses.Refused):
            addresses.check(text, 443, encrypted=True)
