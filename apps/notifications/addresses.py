"""Where webhooks may connect to: decided at connect time, on the very address that is connected to.

A name is resolved once; where any of its addresses is not allowed, none is used. So neither a name that resolves
differently the next time nor one with mixed records leads inside.
"""

from __future__ import annotations

import socket
import time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA special-purpose registries (RFC 6890), with what translates or tunnels to IPv4 (RFC 4291, 6052, 8215, 3056,
# 4380): an address in here is inside, or may lead there.
SPECIAL: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
UNICAST = IPv6Network("2000::/3")
# What WEBHOOK_ALLOW_PRIVATE opens; never the addresses at which clouds hand out credentials.
PRIVATE: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
    )
)  # fmt: skip
METADATA = {ip_address("100.100.100.200"), ip_address("fd00:ec2::254")}


class Refused(OSError):
    """Webhooks do not go to this address; says nothing of what is there."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet's."""
    if any(address in block for block in SPECIAL if block.version == address.version):
        return False
    return address.is_global and (address.version == 4 or address in UNICAST)


def opened(address: Address) -> bool:
    """Tell whether the settings open an address that is not public, with any port and without TLS."""
    if address in METADATA:
        return False
    networks = [ip_network(block) for block in settings.WEBHOOK_ALLOWED_NETWORKS]
    networks += PRIVATE if settings.WEBHOOK_ALLOW_PRIVATE else ()
    return any(address in block for block in networks if block.version == address.version)


def opens_any() -> bool:
    """Tell whether the settings open any address that is not public."""
    return bool(settings.WEBHOOK_ALLOW_PRIVATE or settings.WEBHOOK_ALLOWED_NETWORKS)


def check(text: str, port: int, *, encrypted: bool) -> Address:
    """Return the address; raises Refused where webhooks may not go there, at this port, or without TLS."""
    address = ip_address(text)
    if opened(address) or (is_public(address) and encrypted and port in settings.WEBHOOK_PORTS):
        return address
    raise Refused(f"Webhooks are not sent to {text} port {port}.")


def resolve(host: str, port: int, *, encrypted: bool) -> list[tuple[int, Any]]:
    """Return family and socket address of each address of a host, all of them checked; raises Refused or OSError.

    Names below `.invalid` are known to be nobody's (RFC 6761, section 6.4) and not asked for.
    """
    if f".{host.lower().rstrip('.')}".endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Nobody has this name.")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        check(str(address[0]), port, encrypted=encrypted)
    return [(family, address) for family, _, _, _, address in found]


def connect(host: str, port: int, *, encrypted: bool, timeout: float) -> socket.socket:
    """Return a socket connected to a checked address of the host; raises Refused or OSError."""
    end, failure = time.monotonic() + timeout, OSError(f"{host} has no address")
    for family, address in resolve(host, port, encrypted=encrypted):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(max(end - time.monotonic(), 0.1))
            connection.connect(address)
            if ip_address(connection.getpeername()[0]) != ip_address(address[0]):
                raise Refused("The connection leads elsewhere than to the address that was checked.")
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure
