"""The tools of a recruiter's assistant: the list of applicants, their résumés, a shortlist and invitations by mail."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from pydantic import EmailStr

from ringfence import Tool, labels, tool
from ringfence.connectors import smtp
from ringfence.connectors.files.settings import file_settings
from ringfence.connectors.files.tools import file_tools
from ringfence.connectors.servers import DemoServers
from ringfence.connectors.workspace import Workspace

RECRUITER = "jobs@firm.example"


@dataclass(frozen=True)
class Applicant:
    """Who applied, as the firm's own form has it. `resume` is a path for `read_file`."""

    id: str
    name: str
    email: EmailStr
    resume: str


@dataclass(frozen=True)
class Row:
    """A line of the shortlist."""

    applicant: str
    points: int
    remark: str


@contextmanager
def tools(folder: Path) -> Iterator[list[Tool]]:
    """The tools over the folder; the mail server runs as long as they are in use."""
    office = Workspace(folder, RECRUITER, "Recruiting", UTC, "firm.example")
    resumes = file_tools(folder / "resumes", file_settings({"write": False, "types": ["*.pdf", "*.txt"]}))
    with DemoServers(office):
        yield [_applicants(folder), *resumes, *_writing(folder, office)]


def _applicants(folder: Path) -> Tool:
    @tool(effect="read", returns=labels(sources="firm", own=False))
    def list_applicants() -> list[Applicant]:
        """Everybody who applied."""
        with (folder / "applicants.csv").open(encoding="utf-8", newline="") as file:
            return [Applicant(**row) for row in csv.DictReader(file)]

    return list_applicants


def _writing(folder: Path, office: Workspace) -> list[Tool]:
    @tool(effect="write")
    def add_to_shortlist(rows: list[Row]) -> None:
        """Add lines to the shortlist for the recruiter."""
        with (folder / "shortlist.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((row.applicant, row.points, row.remark) for row in rows)

    @tool(effect="write")
    def invite(to: list[EmailStr], text: str) -> None:
        """Invite applicants to an interview: each gets a mail of their own."""
        for address in to:
            smtp.send(office.endpoints.smtp, RECRUITER, [address], "Your application", text)

    return [add_to_shortlist, invite]
