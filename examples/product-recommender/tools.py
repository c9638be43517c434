"""The tools of a shopping assistant: a shop's catalogue, its pages with what buyers wrote, a basket and a mailbox."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Annotated

from pydantic import EmailStr

from ringfence import EVERYONE, Label, ReadersOf, Tool, Trusted, labels, tool
from ringfence.connectors import smtp
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web, web_tools
from ringfence.connectors.workspace import Workspace

USER = "ann@home.example"
SHOP = "shop.example"


@dataclass(frozen=True)
class Product:
    """An article of the shop."""

    id: str
    name: str
    url: str


@dataclass(frozen=True)
class Review:
    """What a buyer wrote."""

    author: str
    text: str


@dataclass(frozen=True)
class Profile:
    """The user's own data."""

    address: str
    card: str
    budget: int


@contextmanager
def tools(folder: Path) -> Iterator[list[Tool]]:
    """The tools over the folder; the shop's web server and the mail server run as long as they are in use."""
    home = Workspace(folder, USER, "Ann", UTC, SHOP)
    web = Web(WebSettings(allow=(SHOP,)), pins=lambda: home.endpoints.web)
    with DemoServers(home):
        yield [*_shop(folder, web), *web_tools(web), *_own(folder, home)]


def _shop(folder: Path, web: Web) -> list[Tool]:
    # Each review is its author's word; how many there are, and in which order, whoever writes reviews decides.
    reviews = labels(
        sources=lambda review: f"review:{review.author}", readers=EVERYONE, shape=Label({"tool:read_reviews"}, EVERYONE)
    )

    @tool(effect="read", returns=labels(sources="shop", readers=EVERYONE, own=False))
    def list_products() -> list[Product]:
        """The headphones in the shop's catalogue."""
        with (folder / "catalogue.csv").open(encoding="utf-8", newline="") as file:
            return [Product(**row) for row in csv.DictReader(file)]

    @tool(effect="read", egress=("url",), returns=reviews)
    def read_reviews(url: str) -> list[Review]:
        """The reviews on a product's page."""
        return [Review(one.heading, one.text) for one in web.fetch(url).sections if one.level == 3]

    return [list_products, read_reviews]


def _own(folder: Path, home: Workspace) -> list[Tool]:
    @tool(effect="read", returns=labels(sources="user", own=False))
    def my_profile() -> Profile:
        """The user's address, card and budget."""
        return Profile(**json.loads((folder / "profile.json").read_text("utf-8")))

    @tool(effect="write")
    def add_to_basket(product: str, count: int) -> None:
        """Put an article of the shop into the user's basket."""
        with (folder / "basket.jsonl").open("a", encoding="utf-8") as basket:
            basket.write(json.dumps([product, count]) + "\n")

    @tool(effect="write")
    def ask_seller(seller: Annotated[EmailStr, Trusted | ReadersOf("question")], question: str) -> None:
        """Ask a seller something by mail."""
        smtp.send(home.endpoints.smtp, USER, [seller], "A question", question)

    return [my_profile, add_to_basket, ask_seller]
