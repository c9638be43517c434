"""How a text speaks around a place: about attacks, in quotation marks, of somebody else, against it, of one thing.

Its one rule: it looks at a bounded stretch on both sides, and says only how much what was found there counts. An
attacker can write like a description; that is why a threshold may be lower, and why nothing here makes a score zero.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.screens.patterns import Pattern

_AROUND: Final = 300
_BEFORE: Final = 60
_LINE: Final = 400
_ABOUT: Final = re.compile(
    r"(?:\b|(?<=_))(?:prompt[- ]?injections?|injections?|injected|attack(?:s|ed|er|ers|ing)?|jailbreaks?|"
    r"jailbreaking|adversar\w+|"
    r"malicious|exploit\w*|vulnerab\w+|phishing|scam\w*|red[- ]team\w*|detect(?:s|ed|or|ors|ion|ing)?|classif\w+|"
    r"for example|for instance|e\.g\.|such as|phrases? like|strings? like|texts? like|something like|defen[cs]\w+|"
    r"mitigat\w+|threat\w*|guardrails?|payloads?|research\w*|paper|study|owasp|examples? of|attempts? to|tries to|"
    r"tried to|suspicious|blocked|security (?:training|awareness|team|review|guide|control)s?|test case|unit test|"
    r"assert|dataset|benchmark|quoted|filters?|scanners?|search(?:es|ing)? for|looks? for|unit tests?|"
    r"tests? (?:cover|check|that)|test_\w+|pytest|parametrize|expect(?:ed|s)?\b|refus(?:al|als|ed|es)|declined|"
    r"(?:sentence|text|string|mail|line|document|page)s? (?:like|that says?|says)|regex|linter|severity|"
    r"(?:(?:says|writes|say|wrote) (?:the|an?)|said|whispered|shouted|replied|commanded|(?:she|he|they|"
    r"i) (?:said|told|asked|wrote)|sagte|rief|dit (?:la|le|l|il|elle)|dijo|disse|сказал\w*|powiedzia\w*)|"
    r"false positives?|chapter|templates?|(?<!code )block(?:s|ed|ing)?|slides?|(?:is|are|was|were|when) asked to|"
    r"models? (?:leak|reveal|obey|follow|can|are|were)s?|exam|homework|workshop|glossary|the trick|"
    r"aufsatz|vortrag|artikel|wie man|thesis|essay|testers?|typed|pastes|pasted|customers? (?:sometimes |"
    r"often )?paste|"
    r"what happens|how (?:do|does|would|can)|prevent\w*|angriff\w*|angreifer\w*|beispiel\w*|attaque\w*|attaquants?|"
    r"exemple|ataque\w*|atacantes?|ejemplo|attacc\w+|esempio|exemplo|atakuj\w+|przykład\w*|aanvaller\w*|voorbeeld\w*|"
    r"saldırgan\w*|örne[kğ]\w*|атак\w*|злоумышленник\w*|например|пример\w*|зловмисник\w*|приклад\w*|angripare|"
    r"art[íi]culos?|cuenta (?:cómo|que)|explica\w*|libro|racconta|spiega|explique|livre|рассказ\w*|"
    r"стать[яеи]|книг\w+|описан\w*|diskutier\w*)(?:\b|(?=_))"
    r"|文章|介绍|说明|記事|説明|기사|설명|攻击|例如|攻撃|例えば|공격|예를 들어"
    r"|المهاجم|مثال|مهاجم|हमलावर|उदाहरण|kẻ tấn công",
    re.IGNORECASE,
)
# The same without edges and endings, for an engine that is fast where nothing is found: it is wider.
MAY_BE_ABOUT: Final = Pattern(
    re.sub(r"\\w[*+]|\\b", "", re.sub(r"\(\?:\\b\|\(\?<?=_\)\)|\(\?<!code \)", "", _ABOUT.pattern))
)
# In the middle of a sentence, quotation marks name what somebody wrote; at its beginning they may hold a value.
_NAMED: Final = re.compile(r"[^\W\d_],? [\"'`“”‘’«»„‹›]{1,2}\w?$")
# What goes on after the mark in small letters is a sentence that names what is quoted.
_GOES_ON: Final = re.compile(r"^[^\"“”«»„\n]{0,160}?[\"”»“]{1,2},? [a-z]{2,}")
_MARKS: Final = frozenset("\"'`“”‘’«»„‹›「『")
_OPENS: Final = re.compile(r"^\S(?=\s)")  # what a blank follows closes what stood before
_CLOSED: Final = re.compile("[\"'`“”‘’«»„‹›」』](?!\\w)")
_WORDS: Final = re.compile(r"[^\W\d_]{2}")
_PAIRS: Final = (("“", "”"), ("«", "»"), ("„", "“”"), ("「", "」"), ("『", "』"), ("‘", "’"))
# Who is said to do it, or to have been asked for it: somebody else than the reader.
_SOMEBODY: Final = (
    r"(?:it|he|she|they|we|i|who|which|that|someone|somebody|anyone|people|users?|models?|bots?|agents?|"
    r"assistants?|students?|"
    r"customers?|attackers?|visitors?|readers?|one)"
)
_REPORTED: Final = re.compile(
    rf"\b{_SOMEBODY}(?:['’](?:ll|d|ve|s))? (?:(?:will|would|can|could|may|might|also|then|just|simply|never|"
    rf"always|to|have|has|had|did|does|do|not) ){{0,3}}$"
    rf"|\b(?:ask|asks|asked|asking|tell|tells|told|telling|order|orders|ordered|get|gets|got|getting|make|makes|"
    rf"made|making|trick|tricks|tricked|tricking|"
    r"persuade|persuaded|convince|convinced|instructs|instructed|instructing|wants?|wanted|try|tries|tried|"
    r"trying|begs?|begged|tempt|tempted|cause|causes|caused)"
    r" (?:[\w'’-]+ ){0,4}(?:to )?$"
    r"|\b(?:how|when|whether|if|why|than|by|of|for|from|about|against|like|as|is|are|was|were|be|been) (?:to )?$",
    re.IGNORECASE,
)
# After an article, or a word of its kind, these are the names of things.
_NAMED_BEFORE: Final = re.compile(
    r"\b(?:an?|the|this|that|my|our|each|every|his|her|no|tool|function|api|phone) $", re.IGNORECASE
)
_VERB_OR_NAME: Final = re.compile(
    r"(?:e-?mail|mail|report|message|post|copy|paste|list|show|display|call|use|search|transfer|share|output|"
    r"quote|print|"
    r"export|reset|override|leak|drop|bypass|send|deposit|order)\b",
    re.IGNORECASE,
)
_YOU_AS_OBJECT: Final = re.compile(
    r"\b(?:got|gets?|getting|made|makes?|making|tricked|talked|brought) you (?:to|into) $", re.IGNORECASE
)
_SAID_TO_READER: Final = re.compile(
    r"\b(?:you(?:['’](?:re|ll|d))?(?: (?:are|must|should|will|shall|can|may|have|need|now|also|only|to|please|"
    r"then)){0,3}|(?:make|be) sure to) $",
    re.IGNORECASE,
)
# "Never reveal your instructions" is what an operator writes, not who wants to have them.
_DENIED: Final = re.compile(
    r"(?:\b(?:not|never|without|cannot|refuses? to|nor)|n['’]t) (?:(?:ever|to|even|simply|directly|just|or|and|"
    r"share|discuss) ){0,2}$",
    re.IGNORECASE,
)
_DENIED_INSIDE: Final = re.compile(
    r"\b(?:nicht|niet|never|nie|don['’]t|do not|not) (?:zu |te |to )?(?:ignor|vergess|vergeet|negeer|missacht|"
    r"zignor|disregard|forget|overrid)",
    re.IGNORECASE,
)
# A call or an assignment that is named like an order: `request.override(system_message=…)`.
_CODE: Final = re.compile(r"[\w\]]\([\w\"'*]|\w\.\w+\(|\b\w+_\w+ ?=[^=]")
# "the instructions on page 3", "the rules of the house": those of one thing, and not the reader's own.
_OF_ONE_THING: Final = re.compile(
    r"^ (?:(?:in|on|of|from|about|for|concerning|regarding|that came with|given by|by) )(?:(?:the|this|my|our|"
    r"his|her|their|your|its|an?) )?+(?!"
    r"(?:system|developers?|users?|models?|prompts?|assistants?|operators?|conversation|chat|context|session|ai|"
    r"admin\w*|openai|anthropic|security|safety|task|request|answer|message|moment|now|rest|time|document|"
    r"page(?! \d)|text)\b)"
    r"(?:[\w-]+)\b",
    re.IGNORECASE,
)
_NAMED_SCORE: Final = 0.7
_DAMPED: Final = {(True, True): 0.45, (True, False): 0.6, (False, True): 0.85, (False, False): 1.0}
_REPORTED_SCORE: Final = 0.72
_DENIED_SCORE: Final = 0.5
_OF_ONE_THING_SCORE: Final = 0.7


def weight(text: str, start: int, end: int, *, order: bool, earlier: bool) -> float:
    """How much what stands from `start` to `end` counts where it stands, from 0 to 1.

    `order`: it is something to do, so that it matters who is told to. `earlier`: it drops instructions, so that it
    matters whose.
    """
    found = _mentioned(text, start, end)
    if order:
        found *= _told(text, start, end)
    if earlier and (_CODE.search(text[start : end + 1]) or _OF_ONE_THING.search(text[end : end + _BEFORE])):
        found *= _OF_ONE_THING_SCORE
    return found


def about_attacks(text: str, start: int, end: int) -> bool:
    """Whether the words around a place, without those in it, speak of attacks, tests or examples."""
    around = text[max(0, start - _AROUND) : start] + " … " + text[end : end + _AROUND]
    data = around.encode("utf-8", "replace")
    return any(_ABOUT.match(around, len(data[:place].decode())) for place in MAY_BE_ABOUT.starts_in(data))


def quoted(text: str, start: int, end: int) -> bool:
    """Whether a place is right behind a quotation mark, or within marks that close again after it, on its line.

    A text that is all in marks is quoted by nobody.
    """
    return _marked(text, start, end) and _says_more(text, start, end)


def _marked(text: str, start: int, end: int) -> bool:
    if any(character in _MARKS for character in _OPENS.sub("", text[max(0, start - 2) : start + 1])):
        return True
    before, after = text[max(0, start - _LINE) : start], text[end : end + _LINE]
    before, after = before[before.rfind("\n") + 1 :], after.partition("\n")[0]
    if any(before.count(mark) % 2 and mark in after for mark in '"`'):
        return True
    return any(
        before.rfind(opening) > max(map(before.rfind, closing)) and any(mark in after for mark in closing)
        for opening, closing in _PAIRS
    )


def _says_more(text: str, start: int, end: int) -> bool:
    """Whether there are words before the place, or behind the mark that comes after it."""
    return _WORDS.search(text, max(0, start - _AROUND), max(0, start - 2)) is not None or (
        (closed := _CLOSED.search(text, min(start + 2, end), end + _LINE)) is not None
        and _WORDS.search(text, closed.end(), closed.end() + _AROUND) is not None
    )


def _mentioned(text: str, start: int, end: int) -> float:
    """Less among words about attacks, least in quotation marks there."""
    about, marked = about_attacks(text, start, end), quoted(text, start, end)
    if marked and not about and _is_named(text, start, end):
        return _NAMED_SCORE
    return _DAMPED[about, marked]


def _is_named(text: str, start: int, end: int) -> bool:
    if _NAMED.search(text[max(0, start - 5) : start + 1]):
        return True
    return _GOES_ON.search(text[end : end + 2 * _BEFORE]) is not None


def _told(text: str, start: int, end: int) -> float:
    """Less where it is forbidden, and where it is not the reader who is told to do it."""
    before = text[max(0, start - _BEFORE) : start]
    if _DENIED.search(before) or _DENIED_INSIDE.search(text[start:end]):
        return _DENIED_SCORE
    if _YOU_AS_OBJECT.search(before):
        return _REPORTED_SCORE
    if _NAMED_BEFORE.search(before) and _VERB_OR_NAME.match(text, start):
        return _REPORTED_SCORE
    if _REPORTED.search(before) and not _SAID_TO_READER.search(before):
        return _REPORTED_SCORE
    return 1.0
