"""Text values: addresses, references, titles, names, summaries, answers, and what stands after a label.

Its one rule: every word is a word of the text, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from ringfence.llm.offline import finding
from ringfence.llm.offline.cues import MISSING, Cue, Filled, near
from ringfence.llm.offline.dates import number as number_word
from ringfence.llm.offline.finding import Spot
from ringfence.llm.offline.summary import answering, sentences, summarise, words
from ringfence.llm.offline.values import AUXILIARY, best_amount
from ringfence.schema import Scalar, SchemaMismatch, Type, UnionType, validate


def passage(schema: Scalar, cue: Cue, texts: Sequence[str]) -> Filled:
    found = _text_of(schema, cue, texts)
    if isinstance(found, str) and schema.max_length is not None:
        found = found[: schema.max_length]
    if not isinstance(found, str) or not found.strip():
        return MISSING
    try:
        return validate(schema, found)
    except SchemaMismatch:
        return MISSING


def _text_of(schema: Scalar, cue: Cue, texts: Sequence[str]) -> Filled:
    text = "\n\n".join(texts)
    if schema.format == "email" or cue.speaks_of("e-?mail", "mail address"):
        return near(finding.emails(text), cue, text)
    if schema.format == "url" or cue.speaks_of("url", "link", "website", "homepage", "web address"):
        return near(finding.urls(text), cue, text)
    for hints, reader in _TEXT_READERS:
        if cue.speaks_of(*hints):
            return reader(cue, texts)
    if not cue.name:
        return _free_text(cue, texts)
    return _after_label(cue, text)


def _free_text(cue: Cue, texts: Sequence[str]) -> Filled:
    """An answer to an instruction: a summary, the sentences that answer, or what stands after a label."""
    instruction = cue.instruction
    question = re.search(r"question[^:]{0,80}:\s*(.{1,400})", instruction, re.IGNORECASE | re.DOTALL)
    if question is not None or "?" in instruction:
        return answering("\n\n".join(texts), question.group(1) if question is not None else instruction)
    labelled = _after_label(cue, "\n\n".join(texts))
    return labelled if isinstance(labelled, str) else answering("\n\n".join(texts), instruction)


_LENGTH: Final = re.compile(r"\b(\w{1,9}) (?:short )?(?:sentences?|lines?|bullet points?|points)\b", re.IGNORECASE)


def _summary(cue: Cue, texts: Sequence[str]) -> Filled:
    """At most as many sentences as the instruction says, else three."""
    found = _LENGTH.search(cue.description) or _LENGTH.search(cue.instruction)
    count = None if found is None else number_word(found.group(1))
    limit = 3 if count is None else max(1, min(count, 30))
    made = summarise(texts, limit)
    return made if made else " ".join(sentences("\n".join(texts))[:limit])


def _title(cue: Cue, texts: Sequence[str]) -> Filled:
    """What a label says, else the first line that is not empty."""
    text = "\n".join(texts)
    labelled = next(iter(finding.labelled(text, cue.own)), None) if cue.own else None
    if labelled is not None:
        return labelled.value
    return next((line.strip(" #*=-\t")[:200] for line in text.split("\n") if line.strip(" #*=-\t")), MISSING)


def _currency(cue: Cue, texts: Sequence[str]) -> Filled:
    """The currency of the amount that a sibling field takes."""
    text = "\n\n".join(texts)
    money = finding.amounts(text)
    sibling = next((field for field in cue.siblings if _is_money(field.type)), None)
    if money:
        other = cue if sibling is None else Cue(sibling.name, sibling.description, cue.instruction)
        code = best_amount(money, other, text).currency
        return MISSING if code is None else code
    code_alone = re.search(r"\b(?:" + "|".join(sorted(finding.CODES)) + r")\b", text)
    return MISSING if code_alone is None else code_alone.group()


def _is_money(type: Type) -> bool:
    if isinstance(type, UnionType):
        return any(_is_money(option) for option in type.options)
    return isinstance(type, Scalar) and type.name in ("Decimal", "float")


_NUMBER_AFTER: Final = (
    r"{noun}\s{{0,3}}(?:no|nr|num|number|id|ref|reference|#|№)?\.?\s{{0,3}}[:#=]?\s{{0,3}}"
    r"(?P<value>[A-Z0-9][A-Za-z0-9/_-]{{0,39}}\d[A-Za-z0-9/_-]{{0,20}}|\d{{2,20}})"
)
_LOOKS_NUMBERED: Final = re.compile(r"\b[A-Z]{2,6}(?:[-/#]\d{1,12}|\d{2,12})(?:[-/]\d{1,8})?\b")


_NUMBERED: Final = ("invoice", "order", "booking", "ticket", "customer", "contract", "case", "reference", "ref", "no")


def _reference(cue: Cue, texts: Sequence[str]) -> Filled:
    """A number of a document: after "invoice no:", after "#", or one that looks like it (INV-2041)."""
    text = "\n".join(texts)
    labelled = next(iter(finding.labelled(text, cue.own)), None) if cue.own else None
    if labelled is not None and len(labelled.value) <= 40 and any(map(str.isdigit, labelled.value)):
        return labelled.value
    own = [word for word in cue.own if word not in ("number", "no", "id", "ref", "reference", "code")]
    asked = [noun for noun in _NUMBERED if noun in f"{cue.description} {cue.instruction}".lower()]
    for noun in dict.fromkeys([*own, *asked, *_NUMBERED]):
        found = re.search(_NUMBER_AFTER.format(noun=rf"\b{re.escape(noun)}"), text, re.IGNORECASE)
        if found is not None and any(character.isdigit() for character in found.group("value")):
            return found.group("value")
    looks = _LOOKS_NUMBERED.search(text)
    return MISSING if looks is None else looks.group()


def _phone(cue: Cue, texts: Sequence[str]) -> Filled:
    text = "\n".join(texts)
    return near(finding.phones(text), cue, text)


def _date_text(cue: Cue, texts: Sequence[str]) -> Filled:
    text = "\n".join(texts)
    spots = [Spot(spot.value.isoformat(), spot.start, spot.end) for spot in finding.dates(text)]
    return near(spots, cue, text)


def _after_label(cue: Cue, text: str) -> Filled:
    """What stands after a label with the words of the name, or its last, or its first: at most 300 characters."""
    own = cue.own if cue.own else [word for word in words(cue.instruction) if len(word) > 2][-2:]
    for wanted in ([*own], own[-1:], own[:1]):
        if not wanted or wanted[0] in AUXILIARY:
            continue
        found = next(iter(finding.labelled(text, wanted)), None)
        if found is not None:
            return found.value[:300]
    if cue.name and cue.speaks_of("name", "person", "author", "sender", "contact", "who"):
        return _person(text)
    return MISSING


def _person(text: str) -> Filled:
    """Two or three capitalised words after a greeting's end, "from" or "by"."""
    found = re.search(
        r"(?:regards|sincerely|cheers|yours|from|by|signed|contact)[,:]?\s{1,5}(?P<name>[A-ZÀ-Þ][\w'’-]{1,30}(?: "
        r"[A-ZÀ-Þ][\w'’.-]{0,30}){1,2})",
        text,
    )
    return MISSING if found is None else found.group("name")


_TEXT_READERS: Final[tuple[tuple[tuple[str, ...], Callable[[Cue, Sequence[str]], Filled]], ...]] = (
    (("summar", "sum up", "overview", "gist", "digest", "abstract", "main points", "key points", "in short"), _summary),
    (("currency", "iso code"), _currency),
    (("phone", "telephone", "mobile", "fax"), _phone),
    (("number", "no\\b", "id\\b", "ref\\b", "reference", "code\\b"), _reference),
    (("date\\b", "deadline", "day\\b"), _date_text),
    (("title", "subject", "headline", "heading", "product", "topic"), _title),
    (("description", "content"), _summary),
)
