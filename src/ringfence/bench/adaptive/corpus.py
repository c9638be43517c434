"""What a search leaves behind: the attacks worth going on from, and the violations that it found.

Its one rule: a folder belongs to searches of one version of the attack's form; what cannot be read is an error and
nothing is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final, cast, final

from ringfence.bench.adaptive.genome import Genome, genome_from_json
from ringfence.bench.adaptive.scenarios import BY_NAME
from ringfence.bench.adaptive.search import Found
from ringfence.bench.adaptive.world import SECRETS
from ringfence.core.errors import ConfigError

KEPT: Final = "corpus.jsonl"
FOUND: Final = "found"
_HINT: Final = "name another folder, or remove what is there"


@final
class Corpus:
    """A folder. ConfigError C512 for what another program, or another version, has left there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigError(f"the folder of --out cannot be made ({type(problem).__name__})", code="C512") from None

    def read(self) -> list[tuple[str, Genome]]:
        """What earlier searches kept: scenario and attack. Scenarios that are gone are left out."""
        path = self._folder / KEPT
        if not path.exists():
            return []
        try:
            rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
            pairs = [(str(row["scenario"]), genome_from_json(row["attack"])) for row in rows]
        except (OSError, ValueError, KeyError, TypeError):
            raise ConfigError(f"{KEPT} in the folder of --out cannot be read", code="C512", hint=_HINT) from None
        return [(name, genome) for name, genome in pairs if name in BY_NAME]

    def write(self, kept: Iterable[tuple[str, Genome]]) -> None:
        """Put these in the place of what was kept, at once or not at all."""
        rows = (json.dumps({"scenario": name, "attack": genome.to_json()}) for name, genome in kept)
        self._replace(KEPT, "".join(f"{row}\n" for row in rows))

    def add(self, found: Found) -> Path:
        """Write a violation down, for `--replay`."""
        (self._folder / FOUND).mkdir(exist_ok=True)
        name = f"{FOUND}/{found.violation.goal}-{found.scenario}-{found.genome.key}.json"
        self._replace(name, json.dumps(found.to_json(), indent=1) + "\n")
        return self._folder / name

    def _replace(self, name: str, text: str) -> None:
        unfinished = self._folder / f"{name}.new"
        try:
            unfinished.write_text(text, "utf-8")
            unfinished.replace(self._folder / name)
        except OSError as problem:
            raise ConfigError(
                f"the folder of --out cannot be written ({type(problem).__name__})", code="C512"
            ) from None


def stored(path: Path) -> tuple[str, Genome, str]:
    """Scenario, attack and secret of a violation that `add` wrote. ConfigError C512."""
    try:
        obj = cast("dict[str, object]", json.loads(path.read_text("utf-8")))
        name, genome, secret = str(obj["scenario"]), genome_from_json(obj["attack"]), str(obj["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(
            "the file of --replay is no violation that was found", code="C512", hint="they are in DIR/found"
        ) from None
    if name not in BY_NAME or secret not in SECRETS:
        raise ConfigError("the file of --replay is for another version", code="C512", hint="search again")
    return name, genome, secret
