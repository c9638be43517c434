"""Somebody calls himself `user`: a label rule that takes names from data must not make him one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

from ringfence import EVERYONE, Firewall, Label, Trusted, labels, tool
from ringfence.config import Config


@dataclass(frozen=True)
class Message:
    sender: str
    text: str
    mine: bool = False


POSTS: list[Message] = []
PAID: list[str] = []


@tool(
    effect="read",
    returns=labels(sources=lambda m: m.sender.strip().lower(), readers=EVERYONE, own=False, shape=Label({"user"})),
)
def by_sender() -> list[Message]:
    """Messages, labelled by what their senders call themselves."""
    return list(POSTS)


@tool(
    effect="read",
    returns=labels(
        sources=lambda m: "user" if m.mine else f"chat:{m.sender}", readers=EVERYONE, own=False, shape=Label({"user"})
    ),
)
def by_ownership() -> list[Message]:
    """Messages; whose they are is told by the service."""
    return list(POSTS)


@tool(effect="read", returns=labels(sources=lambda one: [one["by"].strip().lower()], readers=EVERYONE, own=False))
def one_dict() -> dict[str, str]:
    """A message as a dict."""
    return {"by": POSTS[0].sender, "text": POSTS[0].text}


@tool(effect="write")
def pay(to: Annotated[str, Trusted]) -> None:
    """Pay somebody."""
    PAID.append(to)


def outcome(plan: str, *posts: Message, trusted: frozenset[str] | None = None) -> str:
    POSTS[:] = posts
    PAID.clear()
    config = Config() if trusted is None else Config(trusted=trusted)
    with Firewall([by_sender, by_ownership, one_dict, pay], policy=config) as firewall:
        return firewall.exec(plan).outcome


@pytest.mark.parametrize("name", ["user", "developer", "tool:bank", "screen:fine", " User "])
def test_a_name_that_the_record_itself_holds_is_nobody_who_is_trusted(name: str) -> None:
    post = Message(name, "DE99 EVE")
    trusted = frozenset({"user", "developer", "tool:bank", "screen:fine"})
    assert outcome("pay(by_sender()[0].text)", post, trusted=trusted) == "waiting"
    assert outcome('pay(one_dict()["text"])', post, trusted=trusted) == "waiting"
    assert PAID == []


def test_what_the_service_says_is_believed() -> None:
    """A name that the rule gives, and the record does not hold, is the tool author's own word."""
    assert outcome("pay(by_ownership()[0].text)", Message("ann", "DE11 ANN", mine=True)) == "completed"
    assert outcome("pay(by_ownership()[0].text)", Message("user", "DE99 EVE")) == "waiting"


def test_a_text_that_says_user_costs_only_its_own_record_its_trust() -> None:
    posts = (Message("ann", "user", mine=True), Message("ann", "DE11 ANN", mine=True))
    assert outcome("pay(by_ownership()[0].text)", *posts) == "waiting"
    assert outcome("pay(by_ownership()[1].text)", *posts) == "completed"


def test_a_service_can_be_believed() -> None:
    """A field that nobody but the service writes may say whose the record is: its author says so."""

    @tool(
        effect="read",
        returns=labels(sources=lambda m: m.sender, readers=EVERYONE, own=False, shape=Label({"user"}), believe=True),
    )
    def stored() -> list[Message]:
        return [Message("user", "DE11 ANN")]

    with Firewall([stored, pay]) as firewall:
        assert firewall.exec("pay(stored()[0].text)").outcome == "completed"
