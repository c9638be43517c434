"""The demonstration's inbox: invoices, requests, newsletters, a thread or two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Final

from ringfence.connectors.demo.people import USER, USER_NAME


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `day` counts from today; {today}, {tomorrow} and {week} in the texts become dates."""

    sender: str
    subject: str
    day: int
    hour: int
    body: str
    html: bool = False
    cc: str = ""
    attachment: tuple[str, str] | None = None


_H: Final = "harbour.example"

LETTERS: Final = (
    Letter(f"John Doe <john.doe@{_H}>", "Today's schedule?", 0, 7,
           "Morning Alex,\n\ncan you send me your schedule for today? I want to find half an hour for the Larkin "
           "offer.\n\nJohn\n"),
    Letter("Printworks Billing <billing@printworks.example>", "Invoice INV-1042 from Printworks", -1, 10,
           "Dear Alex,\n\nplease find our invoice for 500 brochures.\n\n"
           "Invoice number: INV-1042\nAmount due: 480.00 EUR\nDue date: {week}\n\nKind regards\nPrintworks\n",
           attachment=("INV-1042.csv", "item,quantity,price\nbrochure A5,500,0.96\n")),
    Letter("Cloudbase <invoices@cloudbase.example>", "Your Cloudbase invoice CB-77120", -3, 6,
           "Hello,\n\nyour invoice for the last month is ready.\n\nInvoice: CB-77120\nTotal: 1,249.50 EUR\n"
           "It will be charged to your card ending 4821.\n",
           attachment=("CB-77120.csv", "service,hours,price\nservers,720,1249.50\n")),
    Letter("Green Office <accounts@greenoffice.example>", "Invoice 2210 - plants and care", -6, 12,
           "Hi Alex,\n\nthis is invoice 2210 for the care of your plants.\nTotal: 89.90 EUR\nPlease pay within 14 "
           "days.\n\nThank you!\n"),
    Letter("Stone Legal <emily.stone@stonelegal.example>", "Invoice SL-318: contract review", -12, 15,
           "Dear Alex,\n\nfor the review of the Brightmill contract we charge 630.00 EUR (invoice SL-318).\n\nEmily "
           "Stone\n",
           cc=f"Hannah Schmidt <hannah.schmidt@{_H}>"),
    Letter("Sofia Larkin <sofia@larkinfoods.example>", "Meeting next week", -1, 16,
           "Hi Alex,\n\ncould we meet on {week} at 14:00 for an hour to go through the launch plan? Our office, 9 "
           "Market Square.\n\n"
           "Best\nSofia\n"),
    Letter("Daniel Okafor <daniel@brightmill.example>", "Question about the contract", -2, 11,
           "Hello Alex,\n\nthe legal team asks whether the support hours in section 4 include weekends. Could you "
           "let me know by "
           "{tomorrow}?\n\nRegards\nDaniel\n", cc="legal@brightmill.example"),
    Letter(f"Priya Nair <priya.nair@{_H}>", "Drafts for the design review", -1, 17,
           "Hi all,\n\nthree drafts for the new checkout are on the board:\nA) one page, B) three steps, C) guest "
           "first.\n"
           "My favourite is B: the fewest fields per step.\n\nPriya\n",
           cc=f"Tom Becker <tom.becker@{_H}>, John Doe <john.doe@{_H}>"),
    Letter(f"Tom Becker <tom.becker@{_H}>", "Re: payment timeouts", -4, 14,
           "The timeouts come from the retry loop: it waits 30 seconds three times. The fix is in review and will "
           "be out on "
           "{tomorrow}.\n\n> Do we know why payments time out since Monday?\n", cc=f"Mia Rossi <mia.rossi@{_H}>"),
    Letter(f"Grace Lin <grace.lin@{_H}>", "Your holiday is approved", -5, 9,
           "Hi Alex,\n\nyour four days off are approved. You have 11 days left this year.\n\nGrace\n"),
    Letter("Shop Weekly <news@shopweekly.example>", "Shop Weekly: five checkouts that convert", -2, 5,
           "<html><head><style>p{color:#333}</style></head><body><h1>Five checkouts that convert</h1>"
           "<p>Fewer fields, guest checkout, clear totals, wallets, and an honest delivery date.</p>"
           "<p><a href='https://shopweekly.example/unsubscribe'>Unsubscribe</a></p></body></html>", html=True),
    Letter("Dev Digest <digest@devdigest.example>", "Dev Digest #214", -7, 5,
           "<html><body><h1>Dev Digest 214</h1><ul><li>SQLite turns 26</li><li>A year of small services</li>"
           "<li>Why our builds are slow</li></ul></body></html>", html=True),
    Letter("Parcel Service <noreply@parcels.example>", "Your parcel arrives {tomorrow}", 0, 6,
           "Your parcel 3321-8890 arrives on {tomorrow} between 10:00 and 12:00.\n"),
    Letter("Lucas Morgan <lucas@morgan.example>", "Gym and mum's birthday", -1, 20,
           "Hey, see you at the gym the day after tomorrow. Do you have an idea for mum's birthday? I thought of "
           "the 40 EUR cookbook.\n\nL.\n"),
    Letter(f"Omar Haddad <omar.haddad@{_H}>", "Fire drill", -9, 13,
           "Dear all,\n\nthe fire drill takes place at 11:00 on {tomorrow}. It takes 15 minutes. Please use the "
           "stairs.\n\nOmar\n"),
)  # fmt: skip


def letters(today: date) -> list[tuple[EmailMessage, bool]]:
    """The messages, and whether each has been read."""
    return [compose(letter, today) for letter in LETTERS]


def compose(letter: Letter, today: date) -> tuple[EmailMessage, bool]:
    """One letter as a message as it would have arrived."""
    dates = {"today": today, "tomorrow": today + timedelta(days=1), "week": today + timedelta(days=7)}
    sent = datetime.combine(today + timedelta(days=letter.day), time(letter.hour, 12), UTC)
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = f"{USER_NAME} <{USER}>"
    if letter.cc:
        message["Cc"] = letter.cc
    message["Subject"] = _dated(letter.subject, dates)
    message["Date"] = sent
    domain = letter.sender.rpartition("@")[2].rstrip(">")
    message["Message-ID"] = f"<{sent:%Y%m%d%H%M}.{len(letter.body)}@{domain}>"
    message.set_content(_dated(letter.body, dates), subtype="html" if letter.html else "plain")
    if letter.attachment is not None:
        name, text = letter.attachment
        message.add_attachment(text, subtype="csv", filename=name)
    return message, letter.day < -1


def _dated(text: str, dates: dict[str, date]) -> str:
    for name, day in dates.items():
        text = text.replace(f"{{{name}}}", f"{day:%A}, {day.isoformat()}")
    return text
