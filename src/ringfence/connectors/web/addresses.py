"""Which addresses are the public internet.

Its one rule: an address is public if it stands in no list here *and* Python says that it is global. Forms that carry an
IPv4 address inside of an IPv6 one are refused whatever they carry: where they lead is decided by somebody's gateway.
Source of the lists: the special-purpose registries of IANA (RFC 6890 and its updates).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
_Network: TypeAlias = IPv4Network | IPv6Network

# What an explicit exception of the settings (host:port) may open.
_PRIVATE: Final[tuple[tuple[str, _Network], ...]] = (
    ("a loopback address", IPv4Network("127.0.0.0/8")),
    ("a private address", IPv4Network("10.0.0.0/8")),
    ("a private address", IPv4Network("172.16.0.0/12")),
    ("a private address", IPv4Network("192.168.0.0/16")),
    ("an address inside of a provider's network", IPv4Network("100.64.0.0/10")),
    ("a loopback address", IPv6Network("::1/128")),
    ("a private address", IPv6Network("fc00::/7")),
)
# What nothing opens.
_NEVER: Final[tuple[tuple[str, _Network], ...]] = (
    ("an address that a cloud's machines ask for their secrets", IPv4Network("168.63.129.16/32")),
    ("an address that a cloud's machines ask for their secrets", IPv4Network("100.100.100.200/32")),
    ("an address that a cloud's machines ask for their secrets", IPv6Network("fd00:ec2::/32")),
    ("an address of this network", IPv4Network("0.0.0.0/8")),
    ("a link-local address", IPv4Network("169.254.0.0/16")),
    ("a reserved address", IPv4Network("192.0.0.0/24")),
    ("an address for documentation", IPv4Network("192.0.2.0/24")),
    ("an address of a 6to4 relay", IPv4Network("192.88.99.0/24")),
    ("an address for benchmarks", IPv4Network("198.18.0.0/15")),
    ("an address for documentation", IPv4Network("198.51.100.0/24")),
    ("an address for documentation", IPv4Network("203.0.113.0/24")),
    ("a multicast address", IPv4Network("224.0.0.0/4")),
    ("a reserved address", IPv4Network("240.0.0.0/4")),
    ("an IPv4 address inside of an IPv6 one", IPv6Network("::ffff:0:0/96")),
    ("an IPv4 address inside of an IPv6 one", IPv6Network("::ffff:0:0:0/96")),
    ("an IPv4 address inside of an IPv6 one", IPv6Network("64:ff9b::/96")),
    ("an IPv4 address inside of an IPv6 one", IPv6Network("64:ff9b:1::/48")),
    ("an IPv4 address inside of an IPv6 one", IPv6Network("2002::/16")),
    ("a reserved address", IPv6Network("2001::/23")),  # Teredo, ORCHID, benchmarks
    ("an address for documentation", IPv6Network("2001:db8::/32")),
    ("an address for documentation", IPv6Network("3fff::/20")),
    ("a link-local address", IPv6Network("fe80::/10")),
    ("a multicast address", IPv6Network("ff00::/8")),
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


def why_refused(address: Address, *, private: bool = False) -> str | None:
    """What the address is that nothing is fetched from, None if it may be. `private`: an explicit exception holds."""
    for what, network in _NEVER:
        if address in network:
            return what
    for what, network in _PRIVATE:
        if address in network:
            return None if private else what
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL_UNICAST:
            return "a reserved address"
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return "an IPv4 address inside of an IPv6 one"
    return None if address.is_global else "a reserved address"


def parse_address(text: str) -> Address | None:
    """The address that a text is in its one usual spelling, None for anything else. Zones are no part of it."""
    if "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None
