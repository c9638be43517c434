"""Requests about mail."""

from __future__ import annotations

import re
from typing import Final

from ringfence.llm.offline.shapes import SHOW, Found, body_text, shape, short_title
from ringfence.llm.offline.sources import Mails, mail_lines, parse_mails
from ringfence.llm.offline.writing import EMAIL, NotUnderstoodError, Person, PlanWriting, in_fstring, quoted_list

_MAIL: Final = r"(?:e-?mails?|mails?|messages?|notes?)"
_MANY: Final = 1000


def _mails_of(found: Found) -> Mails:
    groups = found.groupdict()
    if groups.get("source") is not None:
        mails = parse_mails(groups["source"])
    else:
        parts = ["mails"]
        parts += [
            f"{word} {groups[name]}" for word, name in (("from", "sender"), ("about", "topic")) if groups.get(name)
        ]
        mails = parse_mails(" ".join(parts))
    if mails is None:
        raise NotUnderstoodError
    return mails


def _list(found: Found, plan: PlanWriting) -> None:
    lines = plan.assign("lines", mail_lines(_mails_of(found).mails(plan)))
    plan.answer(f'"\\n".join({lines}) if {lines} else "There is no such mail."')


def _read(found: Found, plan: PlanWriting) -> None:
    mails = _mails_of(found).mails(plan)
    texts = plan.assign(
        "texts",
        f'[f"From {{m.sender}}, {{m.date:%d %B %Y, %H:%M}}: {{m.subject}}\\n\\n{{m.body}}" for m in {mails}[:3]]',
    )
    plan.answer(f'"\\n\\n".join({texts}) if {texts} else "There is no such mail."')


def _count(found: Found, plan: PlanWriting) -> None:
    mails = _mails_of(found)
    counted = Mails(mails.sender, mails.topic, _MANY).mails(plan)
    plan.answer(f'f"There are {{len({counted})}} mails' + f'{mails.title.removeprefix("the mail")}."')


def people_email(people: list[Person]) -> str:
    return quoted_list(person.email for person in people)


def people_shown(people: list[Person]) -> str:
    return ", ".join(person.shown for person in people)


def send(plan: PlanWriting, people: list[Person], subject: str, body: str, done: str) -> None:
    """Write the sending and the answer; `subject` and `body` are expressions, `done` the inside of an f-string."""
    if not people:
        raise NotUnderstoodError("who shall get it: a name, a role or an e-mail address")
    plan.line(plan.tool("send_mail", to=people_email(people), subject=subject, body=body))
    plan.answer(f'f"{done} was sent to {people_shown(people)}."')


_PLURAL: Final = re.compile(r"\b(?:all|(?:e-?)?mails|messages)\b", re.IGNORECASE)
_FORWARDED: Final = 'f"Forwarded mail from {mail.sender}, {mail.date:%d %B %Y, %H:%M}:\\n\\n{mail.body}"'


def _forward(found: Found, plan: PlanWriting) -> None:
    """The newest mail that fits, or all that fit, to somebody named in the request."""
    mails = _mails_of(found)
    people = plan.people(found.group("person"))
    if mails.limit != 1 and _PLURAL.search(found.group("source")) is not None:
        plan.line(f"texts = [{_FORWARDED} for mail in {mails.mails(plan)}]")
        body = plan.assign("body", '"\\n\\n".join(texts)')
        return send(plan, people, plan.literal("Forwarded mails"), body, "{len(texts)} mails: a copy")
    plan.line(f"mail = {Mails(mails.sender, mails.topic).mails(plan)}[0]")
    return send(plan, people, 'f"Fwd: {mail.subject}"', plan.assign("body", _FORWARDED), "The mail")


def _reply(found: Found, plan: PlanWriting) -> None:
    """To the person that the request names, at the address from the request or the contacts: not to a header's."""
    topic = found.groupdict().get("topic")
    phrase = found.group("person")
    person = plan.person(phrase)
    literal = re.fullmatch(EMAIL, phrase.strip()) is not None
    query = {} if topic is None else {"query": plan.literal(topic.strip(" \"'“”"))}
    mails = plan.assign(
        "mails", plan.tool("search_mail", sender=plan.literal(phrase) if literal else person.email, **query)
    )
    subject = plan.assign("subject", f'f"Re: {{{mails}[0].subject}}" if {mails} else "Your mail"')
    send(plan, [person], subject, plan.literal(body_text(found.group("body"))), "The reply")


def _send_text(found: Found, plan: PlanWriting) -> None:
    groups = found.groupdict()
    body = body_text(groups["body"])
    wish = groups.get("subject") or groups.get("topic")
    subject = short_title(body) if wish is None else short_title(wish.strip(" \"'“”"))
    subject = subject[:1].upper() + subject[1:]
    send(
        plan,
        plan.people(groups["person"]),
        plan.literal(subject),
        plan.literal(body),
        f"The mail “{in_fstring(subject)}”",
    )


_SAYING: Final = (
    r"(?:,? (?:saying(?: that)?|that says|which says|telling (?:him|her|them) that|with (?:the )?"
    r"(?:text|body|message|words)|and (?:say|tell (?:him|her|them))(?: that)?)|:),? ?"
)
_OPTIONS: Final = (
    r"(?:,? with (?:the )?subject (?P<subject>\"[^\"]*\"|“[^”]*”|\S+))?(?: and (?:the )?(?:text|body))?"
    r"(?: (?:about|regarding) (?P<topic>.{1,80}?))?"
)

SHAPES: Final = (
    shape(
        "mail-reply", _reply, 'Reply to John Doe saying "I will be there"',
        rf"(?:reply|respond|answer|write back) to (?P<person>.{{2,60}}?)(?:'s? (?:latest |last )?{_MAIL})?(?: "
        rf"(?:about|on|regarding) (?P<topic>.{{1,80}}?))?"
        rf"(?:{_SAYING}| with | that )(?P<body>.{{1,1500}})",
        rf"answer (?P<person>.{{2,60}}?)'s? (?:latest |last )?{_MAIL}(?: (?:about|on|regarding) "
        rf"(?P<topic>.{{1,80}}?))?(?:{_SAYING}| with )(?P<body>.{{1,1500}})",
    ),
    shape(
        "mail-forward", _forward, "Forward the mail about the budget to John Doe",
        r"(?:forward|pass on|pass|send on) (?P<source>.{2,160}) to (?P<person>.{2,80})",
        r"forward (?P<person>.{2,60}?) (?P<source>(?:the|my|all) .{2,160})",
        r"send (?P<source>(?:the|that) (?:latest |last )?(?:e-?mail|mail|message) (?:from|about|regarding) .{2,160}) "
        r"to (?P<person>.{2,80})",
    ),
    shape(
        "mail-send", _send_text, 'Send a mail to John Doe saying "The report is ready"',
        rf"(?:send|write|compose|draft and send) (?:an? |another )?{_MAIL} to "
        rf"(?P<person>.{{2,100}}?){_OPTIONS}{_SAYING}(?P<body>.{{1,1500}})",
        rf"(?:send|write) (?P<person>.{{2,100}}?) (?:an? ){_MAIL}{_OPTIONS}{_SAYING}(?P<body>.{{1,1500}})",
        rf"(?:e-?mail|mail|message|write(?: to)?) (?P<person>.{{2,100}}?){_OPTIONS}{_SAYING}(?P<body>.{{1,1500}})",
        r"(?:e-?mail|mail|write(?: to)?|message) (?P<person>.{2,60}?) that (?P<body>.{1,1500})",
        r"tell (?!me\b)(?P<person>.{2,60}?)(?: by (?:e-?mail|mail))? that (?P<body>.{1,1500})",
        r"let (?P<person>.{2,60}?) know(?: by (?:e-?mail|mail))? that (?P<body>.{1,1500})",
    ),
    shape(
        "mail-count", _count, "How many mails did I get from John Doe?",
        r"how many (?:e-?mails?|mails?|messages?) (?:do i have|did i get|did i receive|have i (?:got|received)|are "
        r"there|came|are in my inbox)"
        r"(?: in my (?:inbox|mailbox))?(?: from (?P<sender>.{1,60}?))?(?: (?:about|on|regarding|mentioning) "
        r"(?P<topic>.{1,80}))?",
        r"how many (?:e-?mails?|mails?|messages?) from (?P<sender>.{1,60}?) (?:are there|do i have|did i get)"
        r"(?P<topic>)??",
        r"how many (?:times did|(?:e-?mails?|mails?|messages?) did) (?P<sender>.{1,60}?) (?:write|send|mail|email)"
        r"(?: to)?(?: me)?"
        r"(?: (?:about|on|regarding) (?P<topic>.{1,80}))?",
        r"count (?:all |the |my )?(?:e-?mails?|mails?|messages?)(?: from (?P<sender>.{1,60}?))?(?: (?:about|on|"
        r"regarding|mentioning) (?P<topic>.{1,80}))?",
    ),
    shape(
        "mail-read", _read, "Read the latest mail from John Doe",
        r"(?:read|open)(?: me| out)? (?P<source>.{2,160})",
        r"what (?:did|does) (?P<sender>.{1,60}?) (?:write|say|want|mail|email|send)(?: to)?(?: me)?(?: (?:about|on|"
        r"regarding) (?P<topic>.{1,80}))?",
        r"what (?:does|did|do) (?P<source>(?:the|my) .{2,160}?) say",
    ),
    shape(
        "mail-list", _list, "Show the mails from John Doe about the budget",
        rf"{SHOW} (?:me )?(?P<source>.{{2,160}})",
        r"(?:find|search(?: for)?|look for|look up|any|is there(?: an?| any)?|are there(?: any)?|do i have(?: an?| "
        r"any)?|have i (?:got|received)(?: an?| any)?|did i (?:get|receive)(?: an?| any)?) (?P<source>.{2,160})",
        r"search (?:my )?(?:e-?mails?|mails?|inbox|mailbox|messages?) for (?P<topic>.{1,80})(?P<sender>)??",
        r"(?:did|has) (?P<sender>.{1,60}?) (?:write|written|mail(?:ed)?|email(?:ed)?|send|sent|reply|replied|answer"
        r"(?:ed)?)(?: to)?(?: me)?(?: anything)?(?: (?:about|on|regarding) (?P<topic>.{1,80}))?",
        r"(?:which|what) (?:e-?mails?|mails?|messages?) (?:do i have|did i get|are there|mention|are)(?: from "
        r"(?P<sender>.{1,60}?))?(?: ?(?:about|on|regarding)? (?P<topic>.{1,80}))?",
        r"who (?:wrote|mailed|emailed)(?: to)?(?: me)?(?: about (?P<topic>.{1,80}))?(?P<sender>)??",
    ),
)  # fmt: skip
