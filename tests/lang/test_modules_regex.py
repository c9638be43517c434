"""`re`: Python's results, in linear time.

Its one rule: CPython is the oracle; each plan runs under both, and every variable must agree.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import agree

PLANS = (
    r"""
import re
a = (
    re.findall(r"\b\w+@\w+\.\w+\b", "me@x.com, you@y.org"), re.findall(r"(\w)(\d)", "a1 b2"),
    re.findall(r"(a)|b", "ab"),
)
m = re.match(r"(?P<y>\d{4})-(?P<m>\d\d)", "2026-11-21")
b = (
    m.group(), m.group(1), m.group("m"), m.groups(), m.groupdict(), m.start(), m.end("m"), m.span(2), m[0],
    m["y"], m.string, m.lastindex, m.lastgroup, m.pos, m.endpos,
)
c = (
    re.sub(r"\s+", " ", "a  b\t c"), re.sub("(a)(b)", r"\2\1", "abab"),
    re.sub("x", lambda q: q.group().upper(), "axbx"), re.sub("a", "b", "aaa", count=2), re.subn("a", "b", "aaa"),
    re.sub(r"(?P<n>\d)", r"<\g<n>\g<1>>", "a1"),
)
d = re.split(r"[,;]\s*", "a, b;c"), re.split(r"(,)", "a,b,c", maxsplit=1), re.split(r"\s", "a b c", 1)
e = (
    [x.group() for x in re.finditer(r"\d+", "1 22 333")], re.fullmatch("a+", "aaa") is not None,
    re.fullmatch("a", "ab"), re.search("z", "abc"),
)
p = re.compile(r"hello", re.I | re.M)
f = (
    p.pattern, p.flags, p.groups, p.findall("Hello hello"), p.sub("x", "HELLO"), p.search("a Hello").start(),
    p.split("1hello2"), p.fullmatch("hello") is None, bool(p.match("x")), p.groupindex == {},
)
g = (
    re.escape("a.b*c"), re.findall("^a", "a\na", re.M), re.findall("a.b", "a\nb", re.S),
    re.findall(r'a  # x', "ab", re.X),
)
h = (
    re.sub(r"(?<=[.!?])\s+", "|", "One. Two! Three?  Four"), re.split(r"(?<=[.!?])\s+", "One. Two! Three"),
    re.findall(r"\w+(?=,)", "a, b, c"), re.findall(r"\bÜber\b", "Über über"), re.findall(r"\d+$", "12\n"),
)
if re.search("a", "cat"):
    i = 1
if (mm := re.search(r"(\d+)", "abc 42")):
    j = int(mm.group(1))
k = p.search("hello", 2), str(m), repr(p)
l = (
    re.sub(r"\W+", "_", "Hällo, Wörld!"), re.sub(r"[^\w\s]", "", "a.b c!"),
    re.findall(r"[A-ZÄÖÜ]\w*", "Äpfel und Birnen"),
)
o = re.sub("", "-", "abc"), re.split("x*", "axbc"), re.findall("x*", "axb"), re.sub("x*", "-", "abxd")
q = m.expand(r"\1/\2")
r = (
    tuple(m.groups("")), re.match("(a)?(b)", "b").groups(), re.match("(a)?(b)", "b").groups("z"),
    re.match("(a)?b", "b").start(1),
)
""",
    r"""
import re
errs = []
for pat in ["(", "[a", "a**", "(?P<1>a)", "*a", "(?<=a+)b", "a{2,1}", "\\"]:
    try:
        re.compile(pat)
    except re.error as e:
        errs.append(str(e))
""",
    r"""
import re
text = "Invoice #123: total $1,234.56 due 2026-11-30. Contact: Jane Doe <jane@ex.co>"
a = (
    re.search(r"\$([\d,]+\.\d{2})", text).group(1).replace(",", ""),
    re.search(r"(\d{4})-(\d{2})-(\d{2})", text).groups(), re.findall(r"[\w.]+@[\w.]+", text),
    bool(re.search(r"total", text, flags=re.IGNORECASE)),
)
b = (
    re.sub(r"(?i)INVOICE", "Bill", text), re.compile(r"#(?P<num>\d+)").search(text)["num"],
    re.match(r"\s*", "").span(),
)
c = (
    [m.start() for m in re.finditer("a", "banana")],
    [(m.group(0), m.span()) for m in re.finditer(r"(\w)(\w)", "abcd")],
    re.sub(r"[aeiou]", lambda m: str(len(m.group())), "hello"), re.sub("(a)|b", r"[\1]", "ab"),
)
for m in re.finditer(r"(\w+)=(\w+)", "a=1 b=2"):
    k, v = m.groups()
d = k, v
e = [re.sub(r"^\s+|\s+$", "", s) for s in [" a ", "b "]], re.split("", "ab"), re.split(r"\b", "a b")
f = {m.group("k"): m.group("v") for m in re.finditer(r"(?P<k>\w+):(?P<v>\w+)", "a:1,b:2")}
x = re.compile("a") == re.compile("a"), re.match("a", "ab").end(), re.match("a|b", "b").group()
""",
)


@pytest.mark.parametrize("plan", PLANS)
def test_agrees_with_python(plan: str) -> None:
    agree(plan)
