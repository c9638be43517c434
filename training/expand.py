"""From templates to texts: slots are filled, attacks put into carriers, descriptions put around attacks.

Its one rule: everything is drawn from one seeded generator in a fixed order, so that the same files give the same
texts. A text keeps the number of its template: whoever splits the texts splits by template, never by text.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ringfence.screens.sentences import sentences

PAIR = 400
HARMLESS, ATTEMPT = 4.0, 3.0
DATA = Path(__file__).parent / "data"
_SLOT = re.compile(r"\{(\w+)\}")
DESCRIPTIONS = (
    'Attackers write "{}" into a page.',
    'For example, "{}" is such a text.',
    "The filter blocks “{}” in e-mails.",
    'A typical injection says: "{}"',
    "We tested the model with `{}`.",
    'The mail contained the sentence "{}", which our scanner reported.',
    'assert is_attack("{}")',
    'What should an assistant do when a document says "{}"?',
    "Payload 7: '{}' (blocked)",
    "In the study, the hidden text was “{}”.",
    "Somebody had written “{}” into the footnote of a report.",
    'It began with "{}" and ended with a smiley.',
    'A page that says "{}" should not be obeyed.',
    'Phrases like "{}" are no secret any more, the author writes.',
    'He typed "{}" into the chat, and the bot declined.',
    'Whoever puts "{}" into an invitation hopes that an agent reads it.',
    'Question 4: is "{}" a direct or an indirect injection?',
    "def test_it_is_refused():\n    reply = bot({!r})\n    assert reply.refused",
    'CASES = ["what time is it?", "{}", "hello"]',
    '@pytest.mark.parametrize("text", ["{}"])',
    '{{"text": "{}", "label": 1, "source": "red team"}}',
    '- input: "{}"\n  expected: refusal',
    'expect(guard.check("{}")).toBe("blocked")',
    '10:22:17 WARN guard: input blocked (rule 7, score 0.97): "{}"',
    "alert: screen flagged message 4 (`{}`), action quarantine",
    "Angreifer schreiben „{}“ in eine Seite.",
    "Der Satz „{}“ stand unsichtbar in der Bewerbung.",
    "L’attaquant écrit « {} » dans la page.",
    "El atacante escribe «{}» en la página.",
    "L'esempio nel testo era «{}».",
    "O artigo cita a frase “{}”.",
    "Autor podaje przykład: „{}”.",
    "В статье приводится пример: «{}».",
    "攻击者在网页里写“{}”。",
    "攻撃者はページに「{}」と書きます。",
)


@dataclass(frozen=True)
class Example:
    """A text, whether it is an attack, its kind (technique or category), and the number of its template."""

    text: str
    attack: bool
    kind: str
    family: str
    weight: float = 1.0


def rows(path: Path) -> list[tuple[str, str]]:
    """The lines of a file of two columns; `\\n` in the second is a line break."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, text = line.partition("\t")
        found.append((kind, text.replace("\\n", "\n")))
    return found


def slots(path: Path) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name, text in rows(path):
        made.setdefault(name, []).append(text)
    return made


def filled(text: str, choices: dict[str, list[str]], draw: random.Random) -> str:
    """A template with its slots filled, also those inside what was filled in."""
    for _ in range(5):
        made = _SLOT.sub(lambda found: draw.choice(choices[found[1]]) if found[1] in choices else found[0], text)
        if made == text:
            break
        text = made
    return text


def attacks(folder: Path, draw: random.Random) -> list[Example]:
    choices = slots(folder / "slots.tsv")
    carriers = choices.pop("carrier")
    made = []
    for number, (kind, template) in enumerate(rows(folder / "attacks.tsv")):
        texts = {filled(template, choices, draw) for _ in range(2 + 6 * min(5, template.count("{")))}
        for text in sorted(texts):
            made.append(Example(_capital(text), True, kind, f"attack-{number}"))
            if draw.random() < 0.25:
                carried = draw.choice(carriers).replace("{attack}", text)
                made.append(Example(_capital(carried), True, kind, f"attack-{number}"))
    return made


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def benign(folder: Path, draw: random.Random) -> list[Example]:
    single = [
        Example(text, False, kind, f"benign-{number}", 3.0 if kind == "about-attacks" else 2.0)
        for number, (kind, text) in enumerate(rows(folder / "benign.tsv"))
    ]
    pairs = [
        Example(f"{one.text} {other.text}", False, one.kind, one.family)
        for one, other in zip(single, draw.sample(single, len(single)), strict=True)
    ]
    return single + pairs


def requests(folder: Path, draw: random.Random) -> list[Example]:
    """What people ask each other and their assistants for, and what is written about assistants."""
    choices = slots(folder / "negative_slots.tsv")
    made = []
    for number, (kind, template) in enumerate(rows(folder / "negatives.tsv")):
        texts = {filled(template, choices, draw) for _ in range(2 + 10 * min(4, template.count("{")))}
        made += [Example(_capital(text), False, kind, f"request-{number}") for text in sorted(texts)]
    return made


def singles(folder: Path) -> list[Example]:
    """Texts that are no templates: harmless ones as they are looked at, by sentence, and attempts as a whole."""
    made = []
    for path in sorted(folder.glob("harmless-*.tsv")):
        for number, (kind, text) in enumerate(rows(path)):
            made += [Example(one, False, kind, f"{path.stem}-{number}", HARMLESS) for one in read_as(text)]
    for path in sorted(folder.glob("attempts-*.tsv")):
        for number, (kind, text) in enumerate(rows(path)):
            made.append(Example(text, True, kind, f"{path.stem}-{number}", ATTEMPT))
    return made


def read_as(text: str) -> list[str]:
    """The sentences of a text, and each with the one that follows."""
    places = list(sentences(text))
    alone = [text[start:end] for start, end in places]
    return alone + [text[first:end] for (first, _), (_, end) in pairwise(places) if end - first <= PAIR]


def described(found: list[Example], count: int, draw: random.Random) -> list[Example]:
    """Descriptions of attacks: what is quoted there is talked about."""
    chosen = draw.sample([one for one in found if len(one.text) < 160 and "\n" not in one.text], count)
    return [Example(draw.choice(DESCRIPTIONS).format(one.text), False, "about-attacks", one.family) for one in chosen]


def prose(path: Path) -> list[Example]:
    """Sentences of a file with one a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        Example(line, False, "documentation", f"{path.stem}-{number // 20}", 0.5) for number, line in enumerate(lines)
    ]


def code(path: Path) -> list[Example]:
    """Paragraphs of source code, as they are looked at."""
    return [
        Example(one, False, kind, f"{path.stem}-{number}", 0.5)
        for number, (kind, text) in enumerate(rows(path))
        for one in read_as(text)
    ]
