"""The demonstration's files and web pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

_NOTES: Final = """\
# Notes from the launch meeting, {yesterday}

Present: Alex, Priya, Tom, John

- The launch of the new checkout moves to {launch}.
- Tom fixes the payment timeouts first; Mia tests on real devices.
- Priya prepares three drafts. Decision in the design review.
- The budget for the launch campaign is 12,500 EUR.
- Open: who writes the release notes?
"""

_REPORT: Final = """\
# Quarterly report: online shop

## Summary
Revenue grew by 8 % to 412,000 EUR. The share of orders that are abandoned at the checkout is 61 %, three points more
than in the quarter before. Most customers who leave do so at the address form.

## Customers
14,200 active customers, 1,130 of them new. Larkin Foods and Brightmill are the two largest partners.

## Problems
Payments timed out for 2.3 % of the orders between Monday and Thursday of the last week. Support answered 318 mails,
half of them about delivery dates.

## Plan
The new checkout replaces the address form by a single field. A guest checkout follows in the next quarter.
"""

_INVOICES: Final = """\
number,supplier,date,amount,currency,paid
SL-318,Stone Legal,{d12},630.00,EUR,no
2210,Green Office,{d6},89.90,EUR,no
CB-77120,Cloudbase,{d3},1249.50,EUR,yes
INV-1042,Printworks,{yesterday},480.00,EUR,no
"""

_FAQ: Final = """\
# Questions customers ask

Q: How long does delivery take?
A: Two to four working days within the country, up to eight abroad.

Q: Can I return an item?
A: Yes, within 30 days, unused, in its packaging. The refund arrives within 10 days.

Q: Which payment methods are there?
A: Card, bank transfer and two wallets. Invoices are for companies only.

Q: How do I change my address?
A: In the account settings, until the parcel has been handed to the carrier.
"""

_TODO: Final = """\
[ ] send invoices to Hannah before 17:00
[ ] answer Daniel about weekend support
[ ] checkout report: numbers for the last week
[x] book flights to Lisbon
"""

_PRODUCTS: Final = (
    ("laptop-aero", "Aero 13", "1,299.00", "1.1 kg", "15 hours", "13.3 inch", "16 GB",
     "The lightest of the three. The screen is bright, the keyboard flat; it stays silent under normal work."),
    ("laptop-terra", "Terra 15", "999.00", "1.8 kg", "10 hours", "15.6 inch", "16 GB",
     "A large screen and many ports at a fair price. Memory and disk can be replaced by the owner."),
    ("laptop-nimbus", "Nimbus Pro", "1,849.00", "1.5 kg", "18 hours", "14.5 inch", "32 GB",
     "The fastest of the three, with the longest battery life. Its fan can be heard when it compiles."),
)  # fmt: skip

_ARTICLE: Final = (
    ("", "For twenty years online shops have asked for an address in nine fields. A study of 340 shops, published "
         "this "
         "month, says that a single field does the job better: customers who type their address in one line finish "
         "their "
         "order 12 % more often, and make fewer mistakes."),
    ("What was measured", "The authors compared shops before and after the change, over 90 days each, with 2.1 "
                          "million "
         "orders in total. The share of abandoned orders fell from 64 % to 57 %. Wrong deliveries fell by a third, "
         "because "
         "the line is checked against an address register while the customer types."),
    ("Who gains most", "Small screens gain most. On phones the time to complete the form fell from 71 to 28 seconds. "
         "Customers over 60 reported that they felt safer, since they could see the whole address at once."),
    ("The limits", "The study covers six countries with good address registers. Where registers are poor, the "
                   "single field "
         "helped less, and shops had to keep the old form as a way out. The authors also warn that companies with "
         "several "
         "delivery sites need a second line."),
)  # fmt: skip


def files(today: date) -> dict[str, str]:
    """The files by name."""
    days = {f"d{n}": (today - timedelta(days=n)).isoformat() for n in (3, 6, 12)}
    days |= {"yesterday": (today - timedelta(days=1)).isoformat(), "launch": (today + timedelta(days=21)).isoformat()}
    return {
        "notes/launch-meeting.md": _NOTES.format(**days),
        "report.md": _REPORT,
        "invoices.csv": _INVOICES.format(**days),
        "faq.md": _FAQ,
        "todo.txt": _TODO,
    }


def pages(today: date) -> dict[str, str]:
    """The web pages by name."""
    shop = "".join(f'<li><a href="/{slug}.html">{name}</a>: {price} EUR</li>' for slug, name, price, *_ in _PRODUCTS)
    index = f'<h1>Laptops</h1>\n<ul>{shop}</ul>\n<p><a href="/article.html">Article: One field is enough</a></p>'
    article = (
        f"<h1>One field is enough</h1>\n<p>Published {(today - timedelta(days=2)).isoformat()} by Nora Field</p>\n"
    )
    for heading, text in _ARTICLE:
        article += (f"<h2>{heading}</h2>\n" if heading else "") + f"<p>{text}</p>\n"
    found = {"index.html": _page("Laptops", index), "article.html": _page("One field is enough", article)}
    return found | {f"{slug}.html": _page(name, _product(name, *rest)) for slug, name, *rest in _PRODUCTS}


def _product(name: str, price: str, weight: str, battery: str, screen: str, memory: str, text: str) -> str:
    rows = (
        ("Price", f"{price} EUR"),
        ("Weight", weight),
        ("Battery life", battery),
        ("Screen", screen),
        ("Memory", memory),
    )
    table = "".join(f"<tr><th>{key}</th><td>{value}</td></tr>\n" for key, value in rows)
    return f"<h1>{name}</h1>\n<p>{text}</p>\n<table>\n{table}</table>"


def _page(title: str, content: str) -> str:
    return (
        "<!doctype html>\n<html lang='en'>\n<head><meta charset='utf-8'>"
        f"<title>{title}</title><style>body{{font:16px sans-serif}}</style>"
        "<script>window.visits = (window.visits || 0) + 1</script></head>\n"
        f"<body>\n<nav><a href='/index.html'>Home</a></nav>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
    )
