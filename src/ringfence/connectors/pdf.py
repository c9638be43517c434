"""PDF to text, in a process of its own.

Its one rule: the parser sees bytes that somebody wrote to break it, so it runs where it can hurt nobody: a child
without input but the document, with limits for time and memory, that is killed when they are reached. What it
says is read as data.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.connectors.errors import Damaged, NotAllowed, NotDone

SECONDS: Final = 20.0
_CHILD: Final = Path(__file__).with_name("pdf_child.py")
_MAX_SAID: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """The title that a PDF gives itself, and the text of each page."""

    title: str
    pages: tuple[str, ...]


def read_pdf(data: bytes, seconds: float = SECONDS) -> Document:
    """The text of a PDF. Damaged, NotAllowed (locked with a password), NotDone (too slow, or pypdf is missing)."""
    try:
        # -I: nothing of the environment or the working directory is imported.
        done = subprocess.run(  # noqa: S603 - our own program, and the document comes by stdin
            [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
            input=data, capture_output=True, timeout=seconds, env={}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotDone(f"reading the PDF took longer than {seconds:g} seconds; it was given up") from None
    except OSError:
        raise NotDone("no process could be started to read the PDF") from None
    if done.returncode == 3:
        raise NotDone("reading PDFs needs the package pypdf: pip install pypdf")
    if done.returncode == 4:
        raise NotAllowed("the PDF is locked with a password")
    if done.returncode != 0 or len(done.stdout) > _MAX_SAID:
        raise Damaged("the PDF cannot be read: it is damaged, or needs more memory or time than it may take")
    return _document(done.stdout)


def _document(said: bytes) -> Document:
    try:
        found = json.loads(said)
        title, pages = found["title"], found["pages"]
        if not isinstance(title, str) or not all(isinstance(page, str) for page in pages):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise Damaged("the PDF cannot be read") from None
    return Document(title, tuple(pages))
