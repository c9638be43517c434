"""Requests about files and pages, and those that read any source: summarise, send, save, answer a question."""

from __future__ import annotations

import re
from typing import Final

from ringfence.llm.offline.dates import number
from ringfence.llm.offline.mail import send
from ringfence.llm.offline.shapes import LENGTH, SEND, SHOW, SUMMARISE, Found, shape
from ringfence.llm.offline.sources import FILE, URL, File, Mails, Page, Schedule, Source, clean_url, parse_source
from ringfence.llm.offline.writing import NotUnderstoodError, PlanWriting, in_fstring, quoted_list


def _source(phrase: str, plan: PlanWriting) -> Source:
    source = parse_source(phrase, plan.task.today)
    if source is None:
        raise NotUnderstoodError
    return source


def _summary(source: Source, plan: PlanWriting, length: str | None = None) -> str:
    """Write the quarantined summary; returns the variable."""
    count = None if length is None else number(length)
    sentences = 5 if count is None else max(1, min(count, 30))
    instruction = plan.literal(f"Summarise this in at most {sentences} sentences.")
    return plan.assign("summary", f"quarantine({instruction}, {source.raw(plan)}, returns=str)")


def _summarise(found: Found, plan: PlanWriting) -> None:
    plan.answer(_summary(_source(found.group("source"), plan), plan, found.groupdict().get("length")))


def _show(found: Found, plan: PlanWriting) -> None:
    source = _source(found.group("source"), plan)
    if not isinstance(source, File | Page):
        raise NotUnderstoodError
    plan.answer(source.text(plan))


def _subject(source: Source, *, summary: bool) -> str:
    match source:
        case Schedule():
            name = f"schedule for {source.days.short()}"
        case Mails(topic=topic) if topic is not None:
            name = f"mail about {topic}"
        case Mails():
            name = "mail"
        case File():
            name = source.path
        case _:
            name = "web page"
    text = f"Summary: {name}" if summary else name
    return text[:1].upper() + text[1:]


def _send(found: Found, plan: PlanWriting) -> None:
    """The source, or a summary of it, as the body of a mail to people named in the request."""
    source = _source(found.group("source"), plan)
    wants_summary = found.group("summary") is not None
    people = plan.people(found.group("person"))
    body = plan.assign("body", _summary(source, plan) if wants_summary else source.text(plan))
    title = f"A summary of {source.title}" if wants_summary else source.title[:1].upper() + source.title[1:]
    send(plan, people, plan.literal(_subject(source, summary=wants_summary)), body, title)


def _save(found: Found, plan: PlanWriting) -> None:
    source = _source(found.group("source"), plan)
    path = found.group("path")
    wants_summary = found.group("summary") is not None
    text = _summary(source, plan) if wants_summary else source.text(plan)
    plan.line(plan.tool("write_file", plan.literal(path), text))
    what = f"A summary of {source.title}" if wants_summary else source.title[:1].upper() + source.title[1:]
    plan.answer(f'f"{what} was saved to {in_fstring(path)}."')


def _write(found: Found, plan: PlanWriting) -> None:
    path, text = found.group("path"), found.group("text").strip('"“”')
    plan.line(plan.tool("write_file", plan.literal(path), plan.literal(text)))
    plan.answer(f'f"The text was saved to {in_fstring(path)}."')


def _ask(found: Found, plan: PlanWriting) -> None:
    """A question to one file or page, read by the quarantined reader."""
    phrase, question = found.group("source"), found.group("question").strip(" ,:?")
    source = _source(phrase, plan)
    if not isinstance(source, File | Page):
        raise NotUnderstoodError
    if found.groupdict().get("about"):
        question = f"What does it say about {question}"
    raw = source.raw(plan)
    instruction = plan.literal(f"Answer this question from the text, in one or two sentences: {question}?")
    plan.answer(f"quarantine({instruction}, {raw}, returns=str)")


def _files(found: Found, plan: PlanWriting) -> None:
    del found
    files = plan.assign("files", plan.tool("list_files"))
    lines = plan.assign("lines", f'[f"{{f.path}}  ({{f.size}} bytes, {{f.modified:%d %B %Y}})" for f in {files}]')
    plan.answer(f'"\\n".join({lines}) if {lines} else "There are no files."')


_OFFER: Final = """\

class Offer(BaseModel):
    product: str | None
    price: Decimal | None
    currency: str | None
    summary: str | None
"""


# A page that cannot be read is a failure in its place, and no Offer.
_COMPARED: Final = """\
read = [(page, offer) for page, offer in zip(pages, offers) if isinstance(offer, Offer)]
lines = []
for page, offer in read:
    price = f"{offer.price} {offer.currency or ''}" if offer.price is not None else "no price"
    lines.append(f"{page.title} ({page.url}): {price}. {offer.summary or ''}")
if len(read) < len(pages):
    lines.append(f"{len(pages) - len(read)} of {len(pages)} pages could not be read.")"""
_CHEAPEST: Final = """\
priced = sorted((offer.price, page.title) for page, offer in read if offer.price is not None)
lines.append(f"Lowest price: {priced[0][1]}, {priced[0][0]}" if priced else "No page names a price.")"""


def _compare(found: Found, plan: PlanWriting) -> None:
    """Each page is read by itself; the comparison is made from the structured answers."""
    urls = list(dict.fromkeys(clean_url(url) for url in re.findall(URL, found.group())))
    if not 2 <= len(urls) <= 10:
        raise NotUnderstoodError("two to ten addresses of pages")
    plan.needs("decimal", "Decimal")
    plan.line(_OFFER)
    plan.line(f"urls = {quoted_list(plan.literal(url) for url in urls)}")
    plan.line(f"pages = [{plan.tool('fetch_page', 'url')} for url in urls]")
    plan.line(
        'offers = quarantine_each("Which product or topic is this page about, what is its price and in which currency? '
        'Summarise the page in two sentences.", [page.text for page in pages], returns=Offer)'
    )
    plan.line(_COMPARED)
    if re.search(r"\b(?:price|cheap\w*|cost\w*|least expensive|lowest)\b", found.group(), re.IGNORECASE):
        plan.line(_CHEAPEST)
    plan.answer('"\\n".join(lines)')


_INVOICE: Final = """\

class Invoice(BaseModel):
    is_invoice: bool
    number: str | None
    total: Decimal | None
    currency: str | None
"""
_SUM: Final = """\
invoices = [i for i in found if isinstance(i, Invoice) and i.is_invoice and i.total is not None]
totals = {}
for i in invoices:
    totals[i.currency or ""] = totals.get(i.currency or "", Decimal("0")) + i.total
lines = [f"{i.number or 'without a number'}: {i.total} {i.currency or ''}" for i in invoices]
lines += [f"Total: {amount} {currency}" for currency, amount in totals.items()]"""
_ASK_INVOICE: Final = '"Is this an invoice? Give the invoice number, the total amount to pay and its currency."'


def _invoices(found: Found, plan: PlanWriting) -> None:
    """Read invoices one by one, in the mail, in one file or in all files with such a name, and add them up."""
    where = (found.groupdict().get("where") or "my mail").strip()
    plan.needs("decimal", "Decimal")
    file = re.fullmatch(rf"(?:the )?(?:file )?(?P<path>{FILE})", where)
    if file is not None:  # a list of invoices: nothing in it has to be told from other things
        plan.line(_INVOICE.replace("    is_invoice: bool\n", ""))
        text = plan.assign("text", plan.tool("read_file", plan.literal(file.group("path"))))
        plan.line(f'found = quarantine("List all invoices: number, total, currency.", {text}, returns=list[Invoice])')
        plan.line(_SUM.replace("isinstance(i, Invoice) and i.is_invoice and ", ""))
    else:
        plan.line(_INVOICE)
        in_files = re.search(r"\b(?:files?|documents?)\b", where, re.IGNORECASE) is not None
        texts = _invoice_files(plan) if in_files else _invoice_mails(found, plan)
        plan.line(f"found = quarantine_each({_ASK_INVOICE}, {texts}, returns=Invoice)")
        plan.line(_SUM)
    plan.answer('"\\n".join(lines) if invoices else "There are no invoices with a total."')


def _invoice_files(plan: PlanWriting) -> str:
    files = plan.assign("files", plan.tool("list_files"))
    return f'[{plan.tool("read_file", "f.path")} for f in {files} if "invoice" in f.path.lower()]'


def _invoice_mails(found: Found, plan: PlanWriting) -> str:
    sender = found.groupdict().get("sender")
    return f'[m.subject + "\\n" + m.body for m in {Mails(sender, "invoice").mails(plan)}]'


_SUMMARY_OF: Final = r"(?P<summary>(?:an? |the )?(?:short |brief |quick )?summary of )?"
_BILLS: Final = r"(?:(?:unpaid|open|outstanding|latest|recent) )?(?:invoices?|bills?|receipts?)"
_WHERE: Final = (
    r"(?: (?:from|by|of) (?P<sender>(?!my\b|the\b)[^/]{1,60}?))?(?: (?:in|from|inside|within|of) (?P<where>(?:my|the|"
    r"all) (?:\w+ )?\w+|" + FILE + r"))?"
)

SHAPES: Final = (
    shape(
        "page-compare", _compare, "Compare https://one.example/a and https://two.example/b by price",
        rf"(?:compare|contrast|which|what|is|how) .{{0,200}}{URL}.{{1,400}}{URL}.{{0,800}}",
    ),
    shape(
        "invoice-total", _invoices, "What is the total of the invoices in my mail?",
        rf"{SHOW} (?:me )?(?:the )?(?:grand )?(?:total|sum|amount|total amount|overall amount)(?: amount| sum)? "
        rf"(?:of|for|on|in) (?:all )?(?:my |the |of the )?{_BILLS}{_WHERE}",
        rf"(?:the )?(?:total|sum)(?: amount)? of (?:all )?(?:my |the )?{_BILLS}{_WHERE}",
        rf"(?:calculate|compute|work out|find|determine)(?: me)? (?:the )?(?:total|sum|amount)(?: amount| sum)? of "
        rf"(?:all )?(?:my |the )?{_BILLS}{_WHERE}",
        rf"(?:sum|add|total|tot|count)(?: up)? (?:all )?(?:of )?(?:my |the )?{_BILLS}{_WHERE}(?: up)?",
        rf"how much (?:do|are|is|would)(?: all)?(?: of)?(?: my| the)? {_BILLS}{_WHERE}(?: (?:add up|come|amount|sum "
        rf"up)(?: to)?| total| cost| worth| make)?(?: (?:in total|altogether|together))?",
        r"how much (?:money )?do i (?:owe|have to pay)(?: (?:in|for) (?:total|all|invoices))?",
    ),
    shape(
        "file-write", _write, 'Write "Buy milk" to notes/todo.txt',
        rf"(?:write|save|note|put|store) (?P<text>\"[^\"]{{1,4000}}\"|“[^”]{{1,4000}}”) (?:to|in|into|as|down in) "
        rf"(?:the |my |a )?(?:file )?(?P<path>{FILE})",
    ),
    shape(
        "source-save", _save, "Save a summary of report.txt to summary.txt",
        rf"(?:save|write|store|put|export) {_SUMMARY_OF}(?P<source>.{{2,400}}?) (?:to|in|into|as|under) (?:the |my |"
        rf"a )?(?:new )?(?:file )?(?:called |named )?(?P<path>{FILE})",
        rf"(?:summari[sz]e|make a) (?P<summary>)(?P<source>.{{2,400}}?) (?:and (?:save|write|store|put) (?:it|that|"
        rf"the summary) )(?:to|in|into|as|under) (?:the |my |a )?(?:file )?(?P<path>{FILE})",
    ),
    shape(
        "source-send", _send, "Send today's schedule to my boss John Doe",
        rf"{SEND} {_SUMMARY_OF}(?P<source>.{{2,400}}) to (?P<person>.{{2,100}})",
        rf"{SEND} (?P<person>.{{2,60}}?) {_SUMMARY_OF}(?P<source>(?:my|the|today|tomorrow|yesterday|this|next|mon|"
        rf"tues|wednes|thurs|fri|satur|sun|all|https?:|[\w./-]+\.\w).{{1,400}})",
        rf"(?:let|tell) (?P<person>.{{2,60}}?) (?:know )?{_SUMMARY_OF}(?P<source>(?:my|the|today|tomorrow|this|"
        rf"next).{{1,200}})",
        r"summari[sz]e (?P<summary>)(?P<source>.{2,300}?) (?:and|then) (?:send|e-?mail|mail) (?:it|that|the summary) "
        r"to (?P<person>.{2,100})",
    ),
    shape(
        "source-ask", _ask, "According to faq.txt, what are the opening hours?",
        rf"(?:what|how|where|who|does|do|did) (?:does|do|is|did)? ?(?:it say in )?(?P<source>(?:the )?(?:file |page |"
        rf"document )?(?:{URL}|{FILE})) (?:say|mention|tell|state|write|says|mentions|states)s?(?: me)?(?: "
        rf"(?P<about>about|on|regarding))? (?P<question>.{{2,300}})",
        rf"(?:according to|based on|from|using|with|in|per|as per|given) (?P<source>(?:the )?(?:file |page |document "
        rf")?(?:{URL}|{FILE}))[,:]? ?(?P<question>(?:what|which|who|whom|when|where|why|how|is|are|does|do|did|was|"
        rf"were|can|find|tell|give|answer).{{2,300}})",
        rf"(?:look|check|search|read|use|open|go|see)(?: (?:in|into|at|up|to|through|inside))? (?P<source>(?:the )?"
        rf"(?:file |page |document )?(?:{URL}|{FILE}))(?: (?:for|and (?:tell me|answer|find out|find|say|look up|"
        rf"give me))|:|,)(?: the question| this question)?:? (?P<question>.{{2,300}})",
        rf"answer (?:from|using|with|based on) (?P<source>(?:the )?(?:file |page )?(?:{URL}|{FILE})):? "
        rf"(?P<question>.{{2,300}})",
        rf"(?:answer )?(?P<question>(?:what|which|who|when|where|why|how|is|are|does|do|did|was|can|find|"
        rf"tell).{{2,300}}?),? (?:according to|based on|in|from|using|as stated in|as per|per) (?P<source>(?:the )?"
        rf"(?:file |page |document )?(?:{URL}|{FILE}))",
    ),
    shape(
        "source-summarise", _summarise, "Summarise report.txt in three sentences",
        rf"{SUMMARISE} (?P<source>.{{2,600}}?){LENGTH}",
        rf"(?:fetch|open|read|get|visit|load|go to|look at) (?P<source>.{{2,400}}?) and (?:then )?(?:summari[sz]e|"
        rf"sum up|give me a summary of)(?: it| that| them| the page)?{LENGTH}",
        rf"what(?:'s| is| does)(?: on| in| at| it say on)? (?P<source>(?:the )?(?:page |site |file |article )?"
        rf"(?:{URL}|{FILE}))(?: (?:about|say|all about|contain))?(?P<length>)??",
    ),
    shape(
        "file-list", _files, "Which files do I have?",
        rf"(?:{SHOW} )?(?:me )?(?:a list of )?(?:all )?(?:of )?(?:my |the |our )?(?:files|documents)(?: (?:do i have|"
        rf"i have|are there|that i have|are in my (?:workspace|folder)|there are))?",
        r"(?:which|what) (?:files|documents) (?:do i have|are there|have i got|exist|can you see)",
    ),
    shape("source-show", _show, "Show notes/todo.txt", rf"(?:{SHOW}|read|cat|download) (?:me )?(?P<source>.{{2,600}})"),
)  # fmt: skip
