"""`urllib.parse` and the modules about text; the declaring modules.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
from urllib.parse import (
    urlparse, urlsplit, parse_qs, parse_qsl, urlencode, quote, quote_plus, unquote, unquote_plus, urljoin,
    urlunparse, urldefrag,
)
u = urlparse("https://user:pw@example.com:8080/a/b;p?x=1&y=2#frag")
a = (
    u.scheme, u.netloc, u.path, u.params, u.query, u.fragment, u.hostname, u.port, u.username, u.password,
    u.geturl(), u[1], len(u),
)
b = (
    parse_qs("a=1&a=2&b="), parse_qsl("a=1&b=2"), parse_qs("a=&b", keep_blank_values=True),
    urlencode({"a": 1, "b": "x y"}), urlencode([("a", "1"), ("a", "2")]), urlencode({"a": [1,2]}, doseq=True),
    quote("a b/ü"), quote("a/b", safe=""), quote_plus("a b"), unquote("a%20b"), unquote_plus("a+b"),
    urljoin("http://a/b/c", "../d"), urlunparse(u), urlunparse(("http","a","/b","","","")),
    urldefrag("http://a#b"),
)
s = urlsplit("http://a/b?c")
d = s.path, s.geturl(), urlunparse(u._replace(query="")), u._replace(scheme="http").geturl(), [p for p in u]
import urllib.parse
e = urllib.parse.urlparse("http://x").netloc
scheme, netloc, *rest = u
""",
    r"""
import string, textwrap, html, base64, calendar, unicodedata, copy
a = (
    string.ascii_letters, string.digits, string.punctuation, string.whitespace, string.capwords("hello world"),
    string.hexdigits, string.ascii_lowercase, string.ascii_uppercase, string.printable,
)
b = (
    textwrap.wrap("the quick brown fox", 10), textwrap.fill("the quick brown fox", width=10),
    textwrap.shorten("hello world foo", width=11), textwrap.dedent("  a\n  b"), textwrap.indent("a\nb", "> "),
    textwrap.fill("abc def", initial_indent="* ", subsequent_indent="  ", width=8),
    textwrap.shorten("hello world foo", 12, placeholder=".."),
)
c = (
    html.escape("<a&'\">"), html.unescape("&lt;&amp;"), base64.b64encode(b"hi"), base64.b64decode("aGk="),
    base64.b64encode("ü".encode()).decode(), base64.urlsafe_b64encode(b"\xff\xfe"),
    base64.b64decode(b"aGk=").decode("utf-8"),
)
d = (
    calendar.monthrange(2026,2), list(calendar.day_name), list(calendar.month_name), calendar.isleap(2024),
    calendar.weekday(2026,11,21), calendar.month_abbr[3], calendar.day_abbr[0], calendar.monthcalendar(2026,2),
    calendar.MONDAY, calendar.leapdays(2000,2026),
)
e = (
    unicodedata.normalize("NFKD", "é"), unicodedata.category("a"), unicodedata.name("a"),
    "".join(ch for ch in unicodedata.normalize("NFD", "Crème") if not unicodedata.combining(ch)),
)
x = [1,[2]]
y = copy.copy(x)
z = copy.deepcopy(x)
x[1].append(3)
x.append(4)
""",
    r"""
from typing import List, Dict, Optional, Any, Tuple, Union, NamedTuple, Literal, cast
from enum import Enum, auto, IntEnum
from dataclasses import dataclass, asdict, field, replace, astuple
class Color(Enum):
    RED = 1
    GREEN = 2
@dataclass
class P:
    x: int
    y: List[int] = field(default_factory=list)
def f(a: int, b: Optional[str] = None, **kw: Any) -> Dict[str, int]:
    return {"a": a}
p = P(1, [2])
a = (
    asdict(p), replace(p, x=3).x, astuple(p), f(1), Color.RED.name, Color(2).value, [c.name for c in Color],
    Color["RED"].value, cast(int, 5),
)
class N(NamedTuple):
    a: int
    b: str = "x"
n = N(1)
q, r = n
b = n.a, n[1], n._asdict()
""",
    r"""
from enum import Enum, StrEnum, IntEnum, auto
class C(StrEnum):
    A = auto()
    B = "bee"
class N(IntEnum):
    ONE = 1
import json
a = (
    C.A == "a", str(C.B), f"{C.B}", json.dumps({"c": C.B, "n": N.ONE}), N.ONE + 1, [c.value for c in C],
    C("bee").name, json.dumps({C.A: 1}),
)
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
