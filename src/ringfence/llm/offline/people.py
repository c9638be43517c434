"""Requests about contacts."""

from __future__ import annotations

from typing import Final

from ringfence.llm.offline.shapes import SHOW, Found, shape
from ringfence.llm.offline.writing import NotUnderstoodError, PlanWriting, person_name

_FIELDS: Final = {
    "phone": "phone",
    "mobile": "phone",
    "telephone": "phone",
    "number": "phone",
    "cell": "phone",
    "call": "phone",
}
_FIELDS_EMAIL: Final = ("email", "e-mail", "mail", "address", "write")


def _lookup(found: Found, plan: PlanWriting) -> None:
    name = person_name(found.group("person"))
    if name is None:
        raise NotUnderstoodError("the name or the role of one person")
    what = (found.groupdict().get("field") or "").lower()
    contact = plan.assign("contact", plan.tool("find_contact", plan.literal(name)))
    if any(word in what for word in _FIELDS):
        shown = f"{{{contact}.phone}}"
    elif any(word in what for word in _FIELDS_EMAIL):
        shown = f"{{{contact}.email}}"
    else:
        shown = f"{{{contact}.email}}, {{{contact}.phone}}, {{{contact}.role}}"
    plan.answer(f'f"{{{contact}.name}}: {shown}"')


def _all(found: Found, plan: PlanWriting) -> None:
    del found
    contacts = plan.assign("contacts", plan.tool("list_contacts"))
    lines = plan.assign("lines", f'[f"{{c.name}} <{{c.email}}>, {{c.phone}}, {{c.role}}" for c in {contacts}]')
    plan.answer(f'"\\n".join({lines}) if {lines} else "There are no contacts."')


_FIELD: Final = (
    r"(?P<field>(?:tele)?phone(?: number)?|mobile(?: number)?|cell(?:phone)?(?: number)?|number|e-?mail(?: address)?|"
    r"mail address|address|contact(?: details| info(?:rmation)?| data)?|details)"
)

SHAPES: Final = (
    shape(
        "contact-find", _lookup, "What is John Doe's phone number?",
        rf"(?:{SHOW}|find|look up|i need|search for)? ?(?:me )?(?P<person>.{{2,60}}?)'s? {_FIELD}",
        rf"(?:{SHOW}|find|look up|i need|search for)? ?(?:me )?(?:the |an? )?{_FIELD} (?:of|for) (?P<person>.{{2,60}})",
        r"how (?:can|do|could) i (?P<field>reach|contact|call|phone|e-?mail|write to|mail|get hold of) "
        r"(?P<person>.{2,60})",
        r"(?:who(?:'s| is)) (?P<person>.{2,60})",
        r"(?:look up|find) (?:the )?contact (?:of |for |named )?(?P<person>.{2,60})",
        r"look up (?P<person>.{2,60})",
    ),
    shape(
        "contact-list", _all, "List my contacts",
        rf"(?:{SHOW} )?(?:me )?(?:all )?(?:of )?(?:my |the )?(?:contacts?|address ?book|contact list|people in my "
        rf"address ?book)(?: list)?",
        r"(?:who|which people|what contacts|which contacts)(?:'s| is| are| do i have)?(?: in| on)?(?: my)?(?: "
        r"address ?book| contacts?| contact list)?",
    ),
)  # fmt: skip
