"""Plans at random from a file of rules, for the kinds of plans that `rich_plans.py` and `nested_plans.py` make.

A section `== n` of the file says what may stand for `@n`; a line is a rule, or several lines with `; ` between them and
`>` before what is further in. `@x` is a variable, `@!` on a line of its own any statement, `@j` a jump that is allowed
at its place, `#` the number of the rule, for names that no other has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

_HOLE = re.compile(r"@([a-z!])")


def rules(name: str) -> dict[str, list[str]]:
    """The rules of a file beside this one, by their sections."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    sections = [section.partition("\n") for section in re.split(r"^== ", text, flags=re.M)[1:]]
    return {name: [line for line in lines.splitlines() if line] for name, _, lines in sections}


@dataclass(frozen=True)
class Place:
    """Where a statement stands: how deep, and what it may leave."""

    level: int = 0
    loop: bool = False
    function: bool = False

    def inside(self, heads: list[str]) -> Place:
        """What stands below these heads of blocks."""
        loop, function = self.loop, self.function
        for head in heads:
            if head.startswith("def "):
                loop, function = False, True
            loop = loop or head.startswith(("for ", "while "))
        return Place(self.level + 1, loop, function)


class Writer:
    """One plan. `careful`: how often what may fail is put in a `try` of its own; `nesting`: how often a statement at
    each level has others in it."""

    def __init__(
        self,
        random: Random,
        rules: dict[str, list[str]],
        careful: float = 0.8,
        nesting: tuple[float, ...] = (0.75, 0.2),
    ) -> None:
        self.random = random
        self.rules = rules
        self.careful = careful
        self.nesting = nesting
        self.made = 0

    def filled(self, rule: str, place: Place) -> str:
        """The rule with something in each of its places."""
        return _HOLE.sub(lambda found: self._hole(found[1], place), rule)

    def _hole(self, kind: str, place: Place) -> str:
        if kind == "x":
            return self.random.choice("xyz")
        found = self.rules[kind]
        if kind == "j":
            found = found + ["break", "continue"] * (2 * place.loop) + ["return @n", "return @x"] * (2 * place.function)
        return self.filled(self.random.choice(found), place)

    def lines(self, rule: str, place: Place) -> list[str]:
        """The lines of a rule."""
        made: list[str] = []
        heads: list[str] = []
        self.made += 1
        for line in rule.replace("#", str(self.made)).split(";"):
            line = line.strip()
            depth = len(line) - len(line.lstrip(">"))
            body = line[depth:]
            heads[depth:] = [body]
            there = place.inside(heads[:depth])
            inner = self.statement(there) if body == "@!" else [self.filled(body, there)]
            made += ["    " * depth + one for one in inner]
        return made

    def statement(self, place: Place = Place()) -> list[str]:
        """A statement: deep inside a simple one."""
        level = place.level
        if level < len(self.nesting) and self.random.random() < self.nesting[level]:
            made = self.lines(self.random.choice(self.rules["block"]), place)
        else:
            made = self.lines(self.random.choice(self.rules["simple"]), place)
        if level == 0 and self.random.random() < self.careful:
            return ["try:", *("    " + line for line in made), "except Exception:", "    log.append(0)"]
        return made

    def body(self, count: int) -> list[str]:
        """The lines of so many statements."""
        return [line for _ in range(count) for line in self.statement()]

    def looks(self, count: int, guarded: float) -> list[str]:
        """Lines that look at what is left, some in public; so many of them where nothing ends the plan."""
        lines: list[str] = []
        for number, look in enumerate(self.random.sample(self.rules["look"], count)):
            line = f"publish({look})" if self.random.random() < 0.05 else f"seen{number} = {look}"
            safe = self.random.random() < guarded
            lines += ["try:", f"    {line}", "except Exception:", "    pass"] if safe else [line]
        return lines
