"""The tools of a pharmacy's chat: it quotes leaflets, word for word, and orders what was prescribed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import EmailStr

from ringfence import EVERYONE, Tool, labels, tool
from ringfence.connectors import smtp
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.workspace import Workspace

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
Medicine = Literal["ibuprofen", "paracetamol", "loratadine"]
PHARMACY = "chat@pharmacy.example"


@dataclass(frozen=True)
class Leaflet:
    """A leaflet, sentence by sentence. `approved`: these are the bytes that the authority published."""

    medicine: str
    sentences: list[str]
    approved: bool


@dataclass(frozen=True)
class Patient:
    """What the pharmacy knows of the patient in the chat."""

    name: str
    born: date
    prescribed: str


@contextmanager
def tools(folder: Path) -> Iterator[list[Tool]]:
    """The tools over the pharmacy's folder; the mail server runs as long as they are in use."""
    office = Workspace(folder, PHARMACY, "Pharmacy", UTC, "pharmacy.example")
    with DemoServers(office):
        yield [*_reading(folder), *_writing(folder, office)]


def _reading(folder: Path) -> list[Tool]:
    def author(leaflet: Leaflet) -> str:
        return "authority" if leaflet.approved else "unknown leaflet"

    @tool(effect="read", returns=labels(sources="patient", own=False))
    def read_question() -> str:
        """What the patient wrote in the chat."""
        return (folder / "question.txt").read_text("utf-8")

    @tool(effect="read", returns=labels(sources=author, readers=EVERYONE, own=False))
    def read_leaflet(medicine: Medicine) -> Leaflet:
        """The leaflet of a medicine."""
        data = (folder / "leaflets" / f"{medicine}.txt").read_bytes()
        published = (folder / "leaflets" / "SHA256SUMS").read_text("utf-8")
        approved = f"{sha256(data).hexdigest()}  {medicine}.txt" in published.splitlines()
        return Leaflet(medicine, data.decode("utf-8").splitlines(), approved)

    @tool(effect="read", returns=labels(sources="pharmacy", own=False))
    def patient_file() -> Patient:
        """The file of the patient in the chat."""
        found = json.loads((folder / "patient.json").read_text("utf-8"))
        return Patient(found["name"], date.fromisoformat(found["born"]), found["prescribed"])

    return [read_question, read_leaflet, patient_file]


def _writing(folder: Path, office: Workspace) -> list[Tool]:
    @tool(effect="write")
    def reply(sentences: list[str], leaflet: str) -> None:
        """Answer the patient with sentences of a leaflet."""
        _append(folder / "replies.jsonl", {"sentences": sentences, "leaflet": leaflet})

    @tool(effect="write")
    def order(medicine: str, packs: int, pickup: Day) -> None:
        """Order packs of a medicine, to be picked up by the patient."""
        _append(folder / "orders.jsonl", {"medicine": medicine, "packs": packs, "pickup": pickup})

    @tool(effect="write")
    def report_side_effect(to: EmailStr, text: str) -> None:
        """Report a side effect to the authority by mail."""
        smtp.send(office.endpoints.smtp, PHARMACY, [to], "A side effect", text)

    return [reply, order, report_side_effect]


def _append(path: Path, entry: dict[str, object]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
