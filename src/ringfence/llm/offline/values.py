"""Numbers, dates, yes or no, and choices, chosen from what a text holds.

Its one rule: a value is one that stands in the text, or for yes/no and choices follows from its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from ringfence.core.plain import Plain
from ringfence.llm.offline import finding
from ringfence.llm.offline.cues import MISSING, Cue, Filled, near
from ringfence.llm.offline.dates import number as number_word
from ringfence.llm.offline.dates import parse_duration
from ringfence.llm.offline.finding import Spot
from ringfence.llm.offline.summary import stem, words
from ringfence.schema import Scalar


def scalar(schema: Scalar, cue: Cue, texts: Sequence[str]) -> Filled:
    text = "\n\n".join(texts)
    match schema.name:
        case "None":
            return None
        case "bool":
            return _yes_or_no(cue, text)
        case "int":
            return _whole(schema, cue, text)
        case "float" | "Decimal":
            amount = _amount(schema, cue, text)
            return MISSING if amount is None else amount if schema.name == "Decimal" else float(amount)
        case "date":
            return near(finding.dates(text), cue, text)
        case "datetime":
            return near(finding.datetimes(text), cue, text)
        case "time":
            return near(finding.times(text), cue, text)
        case "timedelta":
            return _duration(text)
        case _:
            return MISSING


_TOTALS: Final = (
    ("grand total", 5), ("total due", 5), ("amount due", 5), ("total to pay", 5), ("balance due", 5), ("to pay", 4),
    ("total amount", 4), ("invoice total", 4), ("total", 3), ("amount", 2), ("sum", 2),
)  # fmt: skip


def _amount(schema: Scalar, cue: Cue, text: str) -> Decimal | None:
    money = _money(cue, text)
    inside = [spot for spot in money if _inside(schema, spot.value.number)]
    if inside:
        return best_amount(inside, cue, text).number
    if money or cue.speaks_of("price", "cost", "total", "amount", "fee", "sum"):
        return _labelled_number(schema, cue, text)
    bare = [spot for spot in finding.numbers(text) if _inside(schema, spot.value)]
    nearest = near(bare, cue, text)
    return nearest if isinstance(nearest, Decimal) else None


def _money(cue: Cue, text: str) -> list[Spot[finding.Amount]]:
    del cue
    return finding.amounts(text)


def best_amount(money: Sequence[Spot[finding.Amount]], cue: Cue, text: str) -> finding.Amount:
    """For a total, the one after the strongest word for totals (the last of equals); else the nearest to the cue."""
    if not cue.speaks_of("total", "amount", "sum", "due", "pay", "balance"):
        nearest = near(money, cue, text)
        return nearest if isinstance(nearest, finding.Amount) else money[0].value
    return max(money, key=lambda spot: (_total_support(spot, text), spot.start)).value


def _total_support(spot: Spot[finding.Amount], text: str) -> int:
    start = text.rfind("\n", 0, spot.start) + 1
    before = text[max(start, spot.start - 80) : spot.start].lower()
    if re.search(r"\bsub-?\s?total\b|\bnet\b|\bvat\b|\btax\b", before) and "incl" not in before:
        return 1
    return max((weight for words_, weight in _TOTALS if words_ in before), default=0)


_TOTAL_NAMES: Final = ("total", "amount", "sum", "price", "cost", "value")


def _labelled_number(schema: Scalar, cue: Cue, text: str) -> Decimal | None:
    last = cue.own[-1:]
    for label in (last, *([name] for name in _TOTAL_NAMES if last and last[0] in _TOTAL_NAMES)):
        for spot in finding.labelled(text, label) if label else ():
            for number in finding.numbers(spot.value):
                if _inside(schema, number.value):
                    return number.value
    return None


def _inside(schema: Scalar, number: Decimal) -> bool:
    return (schema.minimum is None or number >= Decimal(str(schema.minimum))) and (
        schema.maximum is None or number <= Decimal(str(schema.maximum))
    )


_COUNTED: Final = re.compile(
    r"(?<![\w.,])(?P<count>\d{1,9}|[a-z]{3,9})\s+(?:[\w-]{1,30}\s+){0,2}?(?P<noun>[A-Za-z]{3,30})", re.IGNORECASE
)


def _whole(schema: Scalar, cue: Cue, text: str) -> Filled:
    """A labelled number; one in front of the thing that is counted ("12 participants"); else the nearest number."""
    wanted = cue.all - set(words("many number count how"))
    found = _labelled_number(schema, cue, text) if cue.own else None
    if found is not None and found == found.to_integral_value():
        return int(found)
    for match in re.finditer(r"(?<![\w.,])(\d{1,9}|[A-Za-z]{3,7})((?:\s+[A-Za-z-]{2,30}){1,3})", text):
        count = number_word(match.group(1))
        if count is not None and count > 1 and wanted & set(words(match.group(2))) and _inside(schema, Decimal(count)):
            return count
    whole = [
        spot
        for spot in finding.numbers(text)
        if spot.value == spot.value.to_integral_value() and _inside(schema, spot.value)
    ]
    nearest = near(whole, cue, text)
    return int(nearest) if isinstance(nearest, Decimal) else MISSING


def _duration(text: str) -> Filled:
    for match in re.finditer(
        r"\b(?:\d{1,3}(?:\.\d)?|an?|half an)[\s-](?:hours?|hrs?|minutes?|mins?)\b", text, re.IGNORECASE
    ):
        length = parse_duration(match.group())
        if isinstance(length, timedelta):
            return length
    return MISSING


_YES: Final = re.compile(r"(?:yes|true|y|ja|oui|confirmed|accepted)\b", re.IGNORECASE)
_NO: Final = re.compile(r"(?:no|false|n|nein|non|declined|not)\b", re.IGNORECASE)
_NEGATION: Final = re.compile(
    r"\b(?:not|no|never|without|isn't|aren't|n't|cannot|can't|neither|don't|doesn't)\b[^.!?,;:\n]{0,30}$", re.IGNORECASE
)
AUXILIARY: Final = frozenset(
    words("is has does mail email message text page document contain mention say ask answer whether true false "
          "question give "
          "number total amount currency tell read following there any")
)  # fmt: skip


def _yes_or_no(cue: Cue, text: str) -> Filled:
    """What a label says; else whether the cue's words occur without a negation in front. Without them: no."""
    label = [word for word in cue.own if word not in ("is", "has", "are", "was", "can")]
    stems = cue.all - AUXILIARY
    for spot in finding.labelled(text, label) if label else finding.labelled_among(text, stems):
        if _YES.match(spot.value):
            return True
        if _NO.match(spot.value):
            return False
    if not stems or not text.strip():
        return MISSING
    seen = set()
    for match in re.finditer(r"[^\W_]{2,40}", text):
        word = stem(match.group().lower())
        if word in stems and not _NEGATION.search(text[max(0, match.start() - 40) : match.start()]):
            seen.add(word)
    return 2 * len(seen) >= len(stems) and bool(seen)


def choice(options: Sequence[tuple[str, Plain]], cue: Cue, texts: Sequence[str]) -> Filled:
    """The option that a label names, else the one whose words occur most often without a negation in front."""
    text = "\n\n".join(texts)
    names = [(re.findall(r"[^\W_]{1,40}", name.lower()), value) for name, value in options]
    named = finding.labelled(text, cue.own) if cue.own else finding.labelled_among(text, set(words(cue.instruction)))
    for spot in named:
        first = set(re.findall(r"[^\W_]{1,40}", spot.value.lower())[:6])
        for parts, value in names:
            if parts and first & set(parts):
                return value
    counted = dict.fromkeys(range(len(names)), 0)
    stems = [{stem(part) for part in parts} for parts, _ in names]
    for match in re.finditer(r"[^\W_]{1,40}", text):
        word = stem(match.group().lower())
        for index, wanted in enumerate(stems):
            if word in wanted and not _NEGATION.search(text[max(0, match.start() - 40) : match.start()]):
                counted[index] += 1
    best = max(counted, key=lambda index: (counted[index], -index), default=None)
    return MISSING if best is None or counted[best] == 0 else names[best][1]
