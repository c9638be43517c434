"""Names to addresses: asked once for each request, checked, and then connected to as they are.

Its one rule: the addresses that come out of here are the ones that are connected to. No one asks a name server
again between the check and the connection, so a second, different answer (DNS rebinding) has nobody to fool.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from typing import Final, Protocol

from ringfence.connectors.errors import NotAllowed, NotDone
from ringfence.connectors.web.addresses import Address, parse_address, why_refused
from ringfence.connectors.web.urls import Target

_MOST: Final = 4


class Resolver(Protocol):
    """Asks for the addresses of a name. OSError if there are none, TimeoutError after `seconds`."""

    def __call__(self, host: str, seconds: float) -> Sequence[str]: ...


def system_resolver(host: str, seconds: float) -> Sequence[str]:
    """The system's own. It knows no time limit, so it is asked in a thread that is left behind if it is too slow."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            for *_, place in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
                found.append(str(place[0]))
        except OSError as problem:
            failed.append(problem)
        except UnicodeError:
            failed.append(OSError())

    thread = threading.Thread(target=ask, name="ringfence-resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]
    return tuple(dict.fromkeys(found))


def addresses_for(target: Target, resolve: Resolver, seconds: float) -> list[Address]:
    """The addresses to connect to, a few at most. NotAllowed if none of them is public, NotDone if there are none.

    Of a host that has public and other addresses, only the public ones are used: the connection goes nowhere else.
    """
    literal = parse_address(target.host)
    known = [literal] if literal is not None else _asked(target.host, resolve, seconds)
    refused = [why_refused(one, private=target.private) for one in known]
    fine = [one for one, why in zip(known, refused, strict=True) if why is None]
    if not fine:
        raise NotAllowed(f"that host is at {refused[0]}, not on the public internet; nothing was fetched")
    return fine[:_MOST]


def _asked(host: str, resolve: Resolver, seconds: float) -> list[Address]:
    try:
        answers = resolve(host, seconds)
    except TimeoutError:
        raise NotDone("the name server took too long; nothing was fetched") from None
    except OSError:
        raise NotDone("there is no such host, or no name server can be reached; nothing was fetched") from None
    known = [address for one in answers if (address := parse_address(one)) is not None]
    if not known:
        raise NotDone("that host has no address; nothing was fetched")
    return known
