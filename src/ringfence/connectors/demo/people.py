"""The people of the demonstration: the user, colleagues, customers, family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

USER: Final = "alex.morgan@harbour.example"
USER_NAME: Final = "Alex Morgan"


@dataclass(frozen=True, slots=True)
class Person:
    """One card of the address book."""

    given: str
    family: str
    email: str
    phone: str
    role: str = ""
    title: str = ""
    company: str = "Harbour Studio"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


PEOPLE: Final = (
    Person("John", "Doe", "john.doe@harbour.example", "020 7946 0101", role="boss", title="Head of Product"),
    Person("Priya", "Nair", "priya.nair@harbour.example", "020 7946 0102", title="Lead Designer"),
    Person("Tom", "Becker", "tom.becker@harbour.example", "020 7946 0103", title="Backend Engineer"),
    Person("Mia", "Rossi", "mia.rossi@harbour.example", "020 7946 0104", title="QA Engineer"),
    Person("Hannah", "Schmidt", "hannah.schmidt@harbour.example", "020 7946 0105", role="accountant", title="Finance"),
    Person("Omar", "Haddad", "omar.haddad@harbour.example", "020 7946 0106", role="assistant", title="Office Manager"),
    Person("Grace", "Lin", "grace.lin@harbour.example", "020 7946 0107", title="HR Partner"),
    Person("Sofia", "Larkin", "sofia@larkinfoods.example", "020 7946 0150", role="customer", company="Larkin Foods"),
    Person("Daniel", "Okafor", "daniel@brightmill.example", "020 7946 0151", role="client", company="Brightmill"),
    Person("Emily", "Stone", "emily.stone@stonelegal.example", "020 7946 0152", role="lawyer", company="Stone Legal"),
    Person("Lucas", "Morgan", "lucas@morgan.example", "+44 7700 900111", role="brother", company=""),
    Person("Clara", "Weiss", "clara@praxis-weiss.example", "020 7946 0153", role="dentist", company="Praxis Weiss"),
    Person("John", "Smith", "john.smith@printworks.example", "020 7946 0154", role="supplier", company="Printworks"),
)  # fmt: skip


def vcards() -> dict[str, bytes]:
    """A vCard 3.0 file for each person, by file name."""
    return {f"{person.given}-{person.family}.vcf".lower(): _vcard(person) for person in PEOPLE}


def _vcard(person: Person) -> bytes:
    import vobject

    card = vobject.vCard()
    card.add("n").value = vobject.vcard.Name(family=person.family, given=person.given)
    card.add("fn").value = person.name
    for key, text in (("email", person.email), ("tel", person.phone), ("role", person.role), ("title", person.title)):
        if text:
            card.add(key).value = text
    if person.company:
        card.add("org").value = [person.company]
    serialized: str = card.serialize()
    return serialized.encode()
