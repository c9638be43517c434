"""Finding things in text: amounts, dates, times, addresses, numbers, and what stands after a label.

Its one rule: every pattern has bounded repetitions and no nested ones, so that the work is linear in the text,
whoever wrote it. It must not judge what it finds; choosing is `reading`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, Generic, TypeVar, final

from ringfence.llm.offline.dates import MONTHS, parse_time
from ringfence.llm.offline.summary import words

T = TypeVar("T", covariant=True)
MAX_FOUND: Final = 1_000


@final
@dataclass(frozen=True, slots=True)
class Spot(Generic[T]):
    """Something found, and where."""

    value: T
    start: int
    end: int


@final
@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money; `currency` is an ISO code, or None for a bare number."""

    number: Decimal
    currency: str | None


SIGNS: Final = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "US$": "USD"}
CODES: Final = frozenset(
    ["EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "CAD", "AUD", "NZD", "INR", "CNY"]
)
_WORDS: Final = {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "pounds": "GBP", "francs": "CHF"}
_UNIT: Final = (
    r"US\$|[€$£¥₹]|\b(?:" + "|".join(sorted(CODES)) + r")\b|\b(?:[Ee]uros?|[Dd]ollars?|[Pp]ounds|[Ff]rancs)\b"
)
_NUMBER: Final = r"\d{1,12}(?:[.,'\u00a0\u202f ]\d{3}(?!\d)){0,5}(?:[.,]\d{1,4})?(?!\d)"
_MONEY: Final = re.compile(
    rf"(?:(?P<before>{_UNIT})\s?(?P<first>{_NUMBER}))|(?:(?<![\d.,])(?P<second>{_NUMBER})\s?(?P<after>{_UNIT}))"
)
_BARE: Final = re.compile(rf"(?<![\w.,/:-])(?P<number>-?{_NUMBER})(?![\w/:-]|[.,]\d)")
_EMAIL: Final = re.compile(r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_URL: Final = re.compile(r"https?://[^\s<>\"'`]{1,2000}")
_PHONE: Final = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[ ./-]?)?(?:\(\d{1,5}\)[ ./-]?)?\d{2,9}(?:[ ./-]\d{2,9}){1,5}(?![\w/-])|"
    r"(?<![\w.])\+\d{7,15}(?!\d)"
)
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES: Final = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)? (?P<month>{_MONTH})\.?,?(?: (?P<year>\d{{4}}))?\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?(?!\d)", re.IGNORECASE
    ),
    re.compile(r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)"),
    re.compile(r"(?<![\d/])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?!\d)"),
)
_TIME: Final = re.compile(
    r"(?<![\d:.])(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?)(?![\d:])", re.IGNORECASE
)


def amounts(text: str) -> list[Spot[Amount]]:
    """All amounts with a currency, in the order of the text."""
    found = []
    for match in _limited(_MONEY.finditer(text)):
        unit = match.group("before") or match.group("after")
        number = to_decimal(match.group("first") or match.group("second"))
        if number is not None:
            code = SIGNS.get(unit) or (unit if unit in CODES else _WORDS.get(unit.lower()))
            found.append(Spot(Amount(number, code), match.start(), match.end()))
    return found


def numbers(text: str) -> list[Spot[Decimal]]:
    """All bare numbers that are no part of a word, a date or a time."""
    taken = [spot for spots in (dates(text), times(text)) for spot in spots]
    spans = sorted((spot.start, spot.end) for spot in taken)
    found = []
    position = 0
    for match in _limited(_BARE.finditer(text)):
        while position < len(spans) and spans[position][1] <= match.start():
            position += 1
        if position < len(spans) and spans[position][0] < match.end():
            continue
        number = to_decimal(match.group("number"))
        if number is not None:
            found.append(Spot(number, match.start(), match.end()))
    return found


def to_decimal(text: str) -> Decimal | None:
    """ "1,234.56", "1.234,56" or "12.50" as a number: the last mark is the decimal one unless three digits follow."""
    bare = re.sub(r"['\u00a0\u202f ]", "", text)
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0:
        mark, whole, part = bare[last], bare[:last], bare[last + 1 :]
        thousands = (
            len(part) == 3
            and (mark == "," or whole.count(mark) > 0)
            and len(whole.lstrip("-")) <= 3 + 4 * whole.count(mark)
        )
        bare = re.sub(r"[.,]", "", whole) + ("" if thousands else ".") + part
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def emails(text: str) -> list[Spot[str]]:
    return [Spot(match.group(), match.start(), match.end()) for match in _limited(_EMAIL.finditer(text))]


def urls(text: str) -> list[Spot[str]]:
    return [
        Spot(match.group().rstrip(".,;:!?)]}"), match.start(), match.end()) for match in _limited(_URL.finditer(text))
    ]


def phones(text: str) -> list[Spot[str]]:
    """Telephone numbers: at least seven digits, and no date."""
    days = {spot.start for spot in dates(text)}
    return [
        Spot(match.group().strip(), match.start(), match.end())
        for match in _limited(_PHONE.finditer(text))
        if 7 <= sum(character.isdigit() for character in match.group()) <= 15 and match.start() not in days
    ]


def dates(text: str) -> list[Spot[date]]:
    """All dates that name their year, or a year that stands elsewhere in the text; numeric ones are day first."""
    years = [int(match.group()) for match in _limited(re.finditer(r"(?<!\d)20\d{2}(?!\d)", text))]
    found: dict[int, Spot[date]] = {}
    for pattern in _DATES:
        for match in _limited(pattern.finditer(text)):
            day = _date_of(match, years)
            if day is not None:
                found.setdefault(match.start(), Spot(day, match.start(), match.end()))
    return [found[start] for start in sorted(found)]


def _date_of(match: re.Match[str], years: list[int]) -> date | None:
    year = match.group("year")
    if year is None and not years:
        return None
    month = match.group("month")
    number = int(month) if month.isdigit() else MONTHS[month.lower()]
    try:
        return date(int(year) if year is not None else years[0], number, int(match.group("day")))
    except ValueError:
        return None


def times(text: str) -> list[Spot[time]]:
    found = []
    for match in _limited(_TIME.finditer(text)):
        moment = parse_time(re.sub(r"(\d:\d{2}):\d{2}", r"\1", match.group()))
        if moment is not None:
            found.append(Spot(moment, match.start(), match.end()))
    return found


def datetimes(text: str) -> list[Spot[datetime]]:
    """A date with the time that stands within 20 characters after it."""
    clock = times(text)
    found = []
    for day in dates(text):
        near = next((moment for moment in clock if 0 <= moment.start - day.end <= 20), None)
        if near is not None:
            found.append(Spot(datetime.combine(day.value, near.value), day.start, near.end))
    return found


def labelled(text: str, wanted: Iterable[str]) -> Iterator[Spot[str]]:
    """What stands after "WORDS:" (or "WORDS =") on a line, for lines whose label has all the words."""
    needed = [word.lower() for word in wanted]
    return (spot for label, spot in labels(text) if all(word in label for word in needed))


def labelled_among(text: str, stems: set[str]) -> Iterator[Spot[str]]:
    """What stands after a label that consists of some of the words, given as stems."""
    return (spot for label, spot in labels(text) if words(label) and stems.issuperset(words(label)))


def labels(text: str) -> Iterator[tuple[str, Spot[str]]]:
    """All labels in lower case, and what stands after them."""
    position = 0
    for line in text.split("\n"):
        found = _LABEL.match(line)
        if found is not None:
            value = Spot(found.group("value").strip(), position + found.start("value"), position + len(line))
            yield found.group("label").lower(), value
        position += len(line) + 1


_LABEL: Final = re.compile(r"[\s*>#|-]{0,10}(?P<label>[^\W\d_][^:=\n]{0,50}?)\s{0,3}[:=]\s{0,10}(?P<value>\S.{0,500})")


def _limited(found: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    for _, match in zip(range(MAX_FOUND), found, strict=False):
        yield match
