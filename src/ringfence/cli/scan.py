"""`ringfence scan PATHS…`: looks for attacks on models in files, folders and stdin.

Its one rule: every file that was named is scanned, or said not to be; exit status 0 means that all was scanned and
nothing was found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, cast

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.sarif import sarif_of
from ringfence.cli.scanned import Scanned, hits_over, place
from ringfence.cli.status import DENIED, DONE, USAGE
from ringfence.core.encoding import Json
from ringfence.core.errors import ConfigError
from ringfence.guard.ruleset import MODES
from ringfence.guard.visible import visible
from ringfence.screens.screen import Screen

MOST_BYTES: Final = 64_000_000
_SHOWN: Final = 60
# What is never scanned in a folder, unless it is named itself.
_SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache"}
)


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATHS... | -")
@click.option("--sarif", is_flag=True, help="Print SARIF 2.1.0, for code scanning.")
@click.option("--mode", type=click.Choice(MODES), help="Whose threshold counts (default: that of the configuration).")
@click.option("--threshold", type=click.FloatRange(0, 1), help="The score from which something is a hit.")
@click.option("--tool", metavar="NAME", help="Scan as results of this tool: with its threshold, if it has one.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="… of records with this source. Can be repeated."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out files whose path or name fits. Can be repeated."
)
@click.option("--rules-only", is_flag=True, help="Look with the rules alone, without the classifier.")
@options.policy
@options.as_json
def command(
    paths: tuple[str, ...],
    sarif: bool,
    mode: str | None,
    threshold: float | None,
    tool: str | None,
    sources: tuple[str, ...],
    exclude: tuple[str, ...],
    rules_only: bool,
    policy: str | None,
    as_json: bool,
) -> int:
    """Look for attacks on models in files, folders, and stdin (-).

    Exit status: 0 nothing found, 1 something found, 2 usage or a file that could not be scanned.
    """
    from ringfence.screens.setting_up import screen_of
    from ringfence.screens.settings import settings

    config = options.configuration(policy)
    made = settings(config.screens if config.screens is not None else {})
    chosen = config.mode if mode is None else mode
    least = made.threshold(chosen, tool, sources) if threshold is None else threshold
    screen = Screen() if rules_only else screen_of(made, config.path)
    scanned = [_scanned(screen, name) for name in _files(paths, exclude)]
    if sarif:
        emit(sarif_of(scanned, least), indent=2)
    elif as_json:
        emit(_json(scanned, least))
    else:
        _show(scanned, least)
    return _status(scanned, least, chosen)


def _status(scanned: list[Scanned], least: float, mode: str) -> int:
    verdicts = [one.verdict for one in scanned if one.verdict is not None]
    if any(one.over(least) or (mode == "strict" and one.unseen) for one in verdicts):
        return DENIED
    return USAGE if any(one.problem for one in scanned) else DONE


def _files(paths: Iterable[str], exclude: tuple[str, ...]) -> Iterator[str]:
    for name in paths:
        path = Path(name)
        if name != "-" and path.is_dir():
            yield from (str(one) for one in _below(path) if not _excluded(one, exclude))
        elif name != "-" and not path.exists():
            raise ConfigError(f"there is no file or folder {visible(name)}", code="C506", hint="check the path")
        elif name == "-" or not _excluded(path, exclude):
            yield name


def _below(folder: Path) -> Iterator[Path]:
    """The files of a folder in order. Links are not followed: they can lead outside and in circles."""
    for one in sorted(folder.iterdir()):
        if one.is_symlink():
            continue
        if one.is_dir() and one.name not in _SKIPPED:
            yield from _below(one)
        elif one.is_file():
            yield one


def _excluded(path: Path, globs: tuple[str, ...]) -> bool:
    return any(fnmatch(str(path), glob) or fnmatch(path.name, glob) for glob in globs)


def _scanned(screen: Screen, name: str) -> Scanned:
    try:
        data = _read(name)
    except OSError as problem:
        return Scanned(name, problem=f"cannot be read ({type(problem).__name__})")
    if len(data) > MOST_BYTES:
        return Scanned(name, problem=f"is larger than {MOST_BYTES:,} bytes")
    readings = [_looked_at(screen, name, text, remark) for text, remark in _readings(data)]
    return max(readings, key=_score, default=Scanned(name, note="binary, not scanned"))


def _readings(data: bytes) -> Iterator[tuple[str, str | None]]:
    """The bytes as text: as two texts where a mark or a zero says one thing and the rest another. None if binary."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield data.decode("utf-16", errors="replace"), None
        yield data[2:].replace(b"\0", b"").decode("utf-8", errors="replace"), "marked as UTF-16, and is not"
        return
    try:
        yield data.replace(b"\0", b"").decode("utf-8-sig"), "zeros left out" if b"\0" in data else None
    except UnicodeDecodeError:
        if b"\0" not in data[:8_192]:
            yield data.decode("utf-8", errors="replace"), "not UTF-8; read with replacements"


def _score(one: Scanned) -> float:
    return 0.0 if one.verdict is None else one.verdict.score


def _looked_at(screen: Screen, name: str, text: str, remark: str | None) -> Scanned:
    return Scanned(name, text, screen.verdict(text), remark)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    with open(name, "rb") as file:
        return file.read(MOST_BYTES + 1)


def _json(scanned: list[Scanned], least: float) -> Json:
    files: list[Json] = []
    for one in scanned:
        about: dict[str, Json] = {"path": one.name, "note": one.note, "problem": one.problem}
        if one.verdict is not None:
            about |= {"hit": one.verdict.over(least), **one.verdict.to_json(most=200)}
            for hit in cast("list[dict[str, Json]]", about["hits"]):
                hit["line"], hit["column"] = place(one.text, cast(int, hit["start"]))
        files.append(about)
    hits = sum(one.verdict is not None and one.verdict.over(least) for one in scanned)
    return {
        "threshold": least,
        "files": files,
        "scanned": sum(one.verdict is not None for one in scanned),
        "hits": hits,
    }


def _show(scanned: list[Scanned], least: float) -> None:
    for one in scanned:
        name = visible(one.name)
        if one.note is not None or one.problem is not None:
            note(f"{name}: {one.note if one.problem is None else one.problem}")
        if one.verdict is None:
            continue
        for limit in one.verdict.unseen:
            note(f"{name}: not all was looked at: {limit}")
        for hit in hits_over(one.verdict, least):
            line, column = place(one.text, hit.start)
            quoted = visible(one.text[hit.start : hit.end][:_SHOWN])
            rule = f", {hit.rule}" if hit.rule else ""
            say(f"{name}:{line}:{column}: {hit.technique} {hit.score:.2f} ({hit.detector}{rule}; {hit.view}): {quoted}")
    hits = sum(one.verdict is not None and one.verdict.over(least) for one in scanned)
    count = sum(one.verdict is not None for one in scanned)
    note(f"{count} scanned, {hits} with hits over {least:g}")
