"""The tools of a clinic's intake: patients write, a doctor reads a form, and nobody's words are taken for orders."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import EmailStr, Field

from ringfence import Tool, labels, tool

Symptom = Literal["headache", "fever", "stiff neck", "light hurts", "cough", "rash", "tired"]
Condition = Literal["migraine", "meningitis", "influenza", "unclear"]
Severity = Literal["mild", "moderate", "severe"]
Days = Annotated[int, Field(ge=0, le=365)]


@dataclass(frozen=True)
class Letter:
    """What the patient wrote or handed in."""

    name: str
    text: str


@dataclass(frozen=True)
class Guidance:
    """One line of the clinic's guidance: a condition and a sign of it."""

    condition: str
    symptom: str
    urgent: bool


def tools(folder: Path) -> list[Tool]:
    """The tools over the intake's folder and the clinic's database."""
    clinic = folder / "clinic.db"

    @tool(effect="read", returns=labels(sources="patient"))
    def read_letters() -> list[Letter]:
        """What the patient wrote and handed in, by file name."""
        return [Letter(path.name, path.read_text("utf-8")) for path in sorted((folder / "letters").glob("*.txt"))]

    @tool(effect="read", returns=labels(sources="clinic", own=False))
    def look_up(symptoms: list[Symptom]) -> list[Guidance]:
        """The lines of the clinic's guidance about these symptoms."""
        marks = ", ".join("?" * len(symptoms))
        lines = f"SELECT condition, symptom, urgent FROM guidance WHERE symptom IN ({marks})"  # noqa: S608 - marks only
        with _open(clinic) as database:
            return [Guidance(one, sign, bool(urgent)) for one, sign, urgent in database.execute(lines, symptoms)]

    @tool(effect="read", returns=labels(sources="clinic", own=False))
    def on_duty() -> EmailStr:
        """The address of the doctor on duty."""
        with _open(clinic) as database:
            return str(database.execute("SELECT address FROM duty").fetchone()[0])

    @tool(effect="read", returns=labels(sources="clinic", own=False))
    def list_patients() -> list[str]:
        """The register: every patient with the last diagnosis."""
        with _open(clinic) as database:
            return [f"{name}: {diagnosis}" for name, diagnosis in database.execute("SELECT * FROM patients")]

    @tool(effect="write")
    def file_case(
        symptoms: list[Symptom], days: Days, severity: Severity, condition: Condition, doctor: EmailStr, note: str = ""
    ) -> None:
        """Put the case into a doctor's list. `note` is the clinic's own remark."""
        row = (json.dumps(symptoms), days, severity, condition, doctor, note)
        with _open(clinic) as database:
            database.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?)", row)

    @tool(effect="write")
    def reply(text: str) -> None:
        """Answer the patient in the chat."""
        with (folder / "replies.txt").open("a", encoding="utf-8") as chat:
            chat.write(text + "\n")

    @tool(effect="write")
    def prescribe(drug: str, tablets: int) -> None:
        """Write a prescription for the patient."""
        with _open(clinic) as database:
            database.execute("INSERT INTO prescriptions VALUES (?, ?)", (drug, tablets))

    return [read_letters, look_up, on_duty, list_patients, file_case, reply, prescribe]


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as database, database:
        yield database
