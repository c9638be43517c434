"""The sections of a policy: patterns, servers, principals, dialects, denials, places in the file."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ringfence.config import load
from ringfence.core.errors import ConfigError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value, wrap
from ringfence.guard.decision import Decision
from ringfence.guard.policy import Policy
from ringfence.guard.sections import Sections
from ringfence.guard.tools import Trusted, tool
from ringfence.guard.views import view_of
from ringfence.lang.host import Bounds

PLAIN = Bounds(TRUSTED_PUBLIC, TRUSTED_PUBLIC)
WEB = Label({"tool:web"})


@tool
def mail_send(to: list[str], body: str = "") -> None: ...


@tool
def mail_delete(id: int) -> None: ...


@tool(effect="read")
def mail_list() -> list[str]: ...  # type: ignore[empty-body]


@tool
def pay(to: str, amount: float) -> None: ...


TOOLS = [mail_send, mail_delete, mail_list, pay]
ROOMS = [replace(one, server="rooms") for one in TOOLS]


def policy(text: str, *, tools: Any = None, mode: Any = "enforce", **who: str) -> Policy:
    table = tomllib.loads(text)
    sections = Sections(**{key: tuple(found) if key == "packs" else found for key, found in table.items()})
    return Policy.load(TOOLS if tools is None else tools, mode=mode, sections=sections, **who)


def decide(found: Policy, name: str, pc: Bounds = PLAIN, **values: Value) -> Decision:
    return found.decide(name, {key: view_of(value) for key, value in values.items()}, pc)


def verdict(text: str, name: str, *, tools: Any = None, mode: Any = "enforce", who: Any = None, **values: Value) -> str:
    return decide(policy(text, tools=tools, mode=mode, **({} if who is None else who)), name, **values).verdict


def refused(text: str, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        policy(text, **options)
    return caught.value


# Patterns and servers


def test_the_most_specific_entry_wins() -> None:
    text = """
    [tools."*"]
    allow = "False"
    ask = "False"
    [tools."mail_*"]
    allow = "literal(to)"
    [tools.mail_delete]
    allow = "True"
    [tools.mail_list]
    allow = "True"
    """.replace('"literal(to)"', '"True"')
    assert verdict(text, "pay", to="x", amount=1.0) == "deny"
    assert verdict(text, "mail_send", to=["x"]) == "allow"
    assert decide(policy(text), "mail_delete", id=wrap(1, WEB)).rules == ("mail_delete.allow",)
    assert decide(policy(text), "mail_send", to=["x"]).rules == ("mail_*.allow",)


def test_allow_and_ask_come_from_one_entry() -> None:
    text = '[tools."*"]\nask = "True"\n[tools.pay]\nallow = "False"'
    assert verdict(text, "pay", to="x", amount=1.0) == "ask"
    assert verdict(text, "pay", mode="strict", to="x", amount=1.0) == "deny"
    assert policy(text).explain("pay") == (("pay.allow", "False", None),)


def test_each_denial_counts_wherever_it_stands() -> None:
    text = '[tools."*"]\ndeny = "not pc_public()"\n[tools.pay]\nallow = "True"\ndeny = "amount > 100"'
    assert verdict(text, "pay", to=wrap("x", WEB), amount=100.0) == "allow"
    assert decide(policy(text), "pay", to="x", amount=100.5).rules == ("pay.deny",)
    secret = Bounds(Label((), {"user"}), Label((), {"user"}))
    denied = decide(policy(text), "pay", secret, to="x", amount=1.0)
    assert (denied.verdict, denied.rules) == ("deny", ("*.deny",))


def test_a_denial_that_fails_denies() -> None:
    found = decide(policy('[tools.pay]\nallow = "True"\ndeny = "to > 100"'), "pay", to="x", amount=1.0)
    assert (found.verdict, found.code, found.kind) == ("deny", "P404", "structural")


def test_a_pattern_gives_effects_and_sinks() -> None:
    found = policy('[tools."mail_[sd]*"]\neffect = "read"'.replace("[sd]", "?e"))
    assert found.tools["mail_delete"].effect == "read"
    assert found.tools["mail_send"].effect == "read"
    assert found.tools["pay"].effect == "write"


def test_rules_for_all_tools_of_a_server() -> None:
    text = '[servers.rooms]\nallow = "pc_trusted()"\nask = "False"\n[tools.pay]\nallow = "trusted(to)"'
    found = policy(text, tools=ROOMS)
    doubtful = Bounds(WEB, WEB)
    assert decide(found, "mail_delete", id=wrap(1, WEB)).verdict == "allow"
    assert decide(found, "mail_delete", doubtful, id=1).rules == ("server rooms.allow",)
    assert decide(found, "pay", doubtful, to="x", amount=1.0).verdict == "allow"


def test_a_rule_of_a_pattern_speaks_of_parameters_that_all_its_tools_have() -> None:
    problem = refused('[tools."mail_*"]\nallow = "trusted(to)"')
    assert "unknown parameter: to" in problem.message


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('[tools."male_*"]\nallow = "True"', "C503", "[tools.male_*] names no tool"),
        ('[tools."mail_[a]"]\nallow = "True"', "C503", "[tools.mail_[a]] names no tool"),
        ('[tools."mail(*"]\nallow = "True"', "C503", "[tools.mail(*] is no pattern of tool names"),
        ('[servers.room]\nallow = "True"', "C503", "[servers.room] names no server that a tool comes from"),
        ('[servers]\nrooms = 1', "C503", "[servers.rooms] is no table"),
        ('[dialects.dual]\nonly = ["*"]', "C503", "[dialects.dual] is no dialect"),
        ('[principals."*"]\nallow = "True"', "C503", "[principals.*] has an unknown key: allow"),
        ('[principals."*"]\nonly = ["mail"]', "C503", "[principals.*.only] names no tool: mail"),
        ('[principals."*"]\nonly = "mail"', "C503", "[principals.*.only] is no list of tools"),
        ('[principals."*".tools.pay]\neffect = "read"', "C503", "[principals.*.tools.pay] has an unknown key: effect"),
        ('[principals."*".tools.pays]\nallow = "True"', "C503", "[principals.*.tools.pays] names no tool"),
        ('[tools.pay]\nallow = "within(amount, 10, 1)"', "C503", "nothing can lie within these bounds"),
        ('[tools.pay]\nallow = "trusted(to)"\ndeny = "trusted(to)"', "C520", "denies exactly what it allows"),
        ('[tools."mail_?end"]\nallow = "True"\n[tools."mail_s?nd"]\nallow = "False"', "C520", "contradicts"),
        ('[tools.pay]\nendorse = {amount = ["float"]}', "C503", "names neither a kind nor a set: float"),
        ('[tools.pay]\nendorse = {amounts = ["int"]}', "C503", "names an unknown parameter"),
        ('[tools.mail_list]\nlabels = {}', "C503", "says nothing"),
        ('[tools.mail_list]\nlabels = {sources = ".from", own = false}', "C503", "takes the tool away"),
        ('[tools.mail_list]\nlabels = {readers = ["everyone", "x"]}', "C503", 'holds "everyone" beside others'),
        ('[tools.mail_list]\nlabels = {sauces = "x"}', "C503", "has an unknown key: sauces"),
        ('[tools.mail_list]\nlabels = {failing = "x"}', "C503", "has a value that does not exist"),
        ('[tools.mail_list]\nlabels = {readers = ".to", shape = true}', "C503", "has a value that does not exist"),
        ('[sets.mine]\nvalues = []', "C521", "is empty"),
        ('[sets.mine]\ntool = "mail_lst"', "C503", "names no tool"),
        ('[sets.mine]\ntool = "pay"', "C503", "names a tool that does more than read"),
        ('[sets.mine]\nfield = "x"', "C503", "has a field or arguments and no tool"),
        ('[sets.mine]\nown_domain = true', "C503", "needs a user with a mail address"),
        ('[sets.mine]\ndomains = ["@x"]', "C503", "holds what is no domain"),
        ('[sets."my own"]\nvalues = ["a"]', "C503", "is no name that a rule can refer to"),
        ('[sets.to]\nvalues = ["a"]\n[tools.pay]\nallow = "one_of(to, to)"', "C503", "to is a set and a parameter"),
        ("[sets.s]\nvalues = ['a']\n[tools.pay]\nallow = 'len(s) > 1'", "C503", "s is a set, which stands in one_of"),
        ('[groups]\na = ["group:b"]\nb = ["group:a"]', "C522", "is a group that holds itself"),
        ('[groups]\na = ["group:a"]', "C522", "is a group that holds itself"),
        ('[groups]\na = ["group:b"]', "C522", "names a group that does not exist"),
        ('[groups]\na = ["x*@b"]', "C503", "names nobody"),
        ('[groups]\na = "x"', "C503", "is no list of principals"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_when_it_is_loaded(text: str, code: str, message: str) -> None:
    problem = refused(text, tools=ROOMS)
    assert (problem.code, message in problem.message) == (code, True), problem.render()


def test_equally_specific_patterns_may_agree() -> None:
    assert (
        verdict('[tools."p?y"]\neffect = "read"\n[tools."pa?"]\neffect = "read"', "pay", to="x", amount=1.0) == "allow"
    )


# Principals and dialects


def test_a_principal_can_only_be_given_less() -> None:
    text = """
    [tools.pay]
    allow = "trusted(to)"
    [principals."*@guests.example"]
    only = ["mail_*", "pay"]
    [principals."*@guests.example".tools.pay]
    allow = "amount <= 10"
    ask = "False"
    [principals."ann@corp.example".tools.pay]
    allow = "True"
    """
    guest, ann = {"user": "Eve@guests.example"}, {"user": "ann@corp.example"}
    assert verdict(text, "pay", who=guest, to="x", amount=5.0) == "allow"
    assert verdict(text, "pay", who=guest, to="x", amount=50.0) == "deny"
    assert verdict(text, "pay", who=ann, to="x", amount=50.0) == "allow"
    assert verdict(text, "pay", who=ann, to=wrap("x", WEB), amount=50.0) == "ask"
    assert decide(policy(text, **guest), "pay", to="x", amount=50.0).rules == ("*@guests.example:pay.allow",)


def test_only_some_tools_for_a_principal() -> None:
    text = '[principals."*@guests.example"]\nonly = ["mail_*"]'
    denied = decide(policy(text, user="eve@guests.example"), "pay", to="x", amount=1.0)
    assert (denied.verdict, denied.rules, denied.kind) == ("deny", ("*@guests.example.only",), "structural")
    assert denied.scope == "tool"
    assert verdict(text, "pay", who={"user": "ann@corp.example"}, to="x", amount=1.0) == "allow"
    assert verdict(text, "mail_list", who={"user": "eve@guests.example"}) == "allow"


def test_a_rule_can_ask_who_runs_the_plan() -> None:
    text = '[groups]\nclerks = ["ann@corp.example"]\n[tools.pay]\nallow = "principal(\'group:clerks\')"\nask = "False"'
    assert verdict(text, "pay", who={"user": "Ann@corp.example"}, to="x", amount=1.0) == "allow"
    assert verdict(text, "pay", who={"user": "eve@corp.example"}, to="x", amount=1.0) == "deny"
    assert "takes names in quotes" in refused('[tools.pay]\nallow = "principal(to)"').message


def test_rules_of_a_dialect() -> None:
    text = (
        '[dialects.action-selector]\nonly = ["mail_list"]\n[tools.pay]\nallow = "dialect(\'dual-llm\')"\nask = "False"'
    )
    assert verdict(text, "mail_delete", who={"dialect": "action-selector"}, id=1) == "deny"
    assert verdict(text, "mail_delete", who={"dialect": "dual-llm"}, id=1) == "allow"
    assert verdict(text, "pay", who={"dialect": "dual-llm"}, to="x", amount=1.0) == "allow"
    assert verdict(text, "pay", who={"dialect": "map-reduce"}, to="x", amount=1.0) == "deny"


def test_a_section_that_does_not_count_now_is_checked_all_the_same() -> None:
    assert refused('[principals."x@y.example".tools.pay]\nallow = "trusted(two)"').code == "C503"


# Groups and domains


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("bob@corp.example", "allow"),
        ("Bob@Corp.Example", "allow"),
        ("ann@else.example", "allow"),
        ("team@lists.example", "allow"),
        ("all@lists.example", "ask"),
        ("eve@attacker.example", "ask"),
        ("eve@attacker.example,x@corp.example", "ask"),
        ("eve@attacker.example, bob@corp.example", "ask"),
        ("Bob <bob@corp.example>", "ask"),
        ("eve@attacker.example\nbob@corp.example", "ask"),
        ("bob@corp.example\n", "ask"),
        ("bob@corp.example.attacker.example", "ask"),
        ("bob@sub.corp.example", "ask"),
        ("bob@\u0441orp.example", "ask"),
        ('"eve@attacker.example"@corp.example', "ask"),
        ("@corp.example", "ask"),
        ("corp.example", "ask"),
    ],
)
def test_readers_by_domain_and_group(to: str, expected: str) -> None:
    text = """
    [tools.mail_send]
    allow = "readable(body, by=to)"
    [groups]
    friends = ["ann@else.example"]
    "team@lists.example" = ["ann@else.example", "bob@corp.example"]
    "all@lists.example" = ["ann@else.example", "eve@attacker.example"]
    """
    body = wrap("b", Label({"tool:drive"}, {"user", "email:*@corp.example", "group:friends"}))
    assert verdict(text, "mail_send", to=wrap([to], WEB), body=body) == expected


# Endorsing and labels


def test_values_of_few_choices_may_be_taken_at_their_word() -> None:
    from datetime import date
    from typing import Annotated, Literal

    @tool
    def book(
        room: Annotated[Literal["a", "b"], Trusted], day: Annotated[date, Trusted], note: Annotated[str, Trusted]
    ) -> None: ...

    text = '[tools.book]\nendorse = {room = ["enum"], day = ["date"], note = ["bool", "date"]}'
    found = policy(text, tools=[book])
    values: dict[str, Value] = {"room": wrap("a", WEB), "day": wrap(date(2026, 1, 1), WEB)}
    assert decide(found, "book", note="x", **values).verdict == "allow"
    assert decide(found, "book", note=wrap("x", WEB), **values).argument == "note"
    assert decide(policy("", tools=[book]), "book", note="x", **values).verdict == "ask"


def test_a_member_of_a_set_is_taken_at_its_word_and_readers_stay() -> None:
    text = """
    [sets.known]
    values = ["bob@x.example"]
    [tools.mail_send]
    endorse = {to = ["known"]}
    allow = "trusted(to) and readable(body, by=to)"
    """
    private = wrap("b", Label((), {"user"}))
    assert verdict(text, "mail_send", to=wrap(["BOB@x.example"], WEB), body="b") == "allow"
    assert verdict(text, "mail_send", to=wrap(["bob@x.example"], WEB), body=private) == "ask"
    assert verdict(text, "mail_send", to=wrap(["bob@x.example", "eve@x.example"], WEB), body="b") == "ask"


def test_labels_of_results_for_tools_of_others() -> None:
    text = '[tools.mail_list]\nlabels = {sources = [".sender"], readers = [".sender", ".to"], shape = "public"}'
    rule = policy(text).tools["mail_list"].label_rule
    from ringfence.core.values import Origin, deep

    record = {"sender": "Eve@Attacker.example", "to": ["user", "ann@x.example"], "text": "t"}
    value, good = rule.apply("mail_list", "ann", [record], [record], TRUSTED_PUBLIC, Origin(0))
    label = deep(value)
    assert good
    assert label.sources == {"tool:mail_list", "email:eve@attacker.example"}
    assert label.readers == {"ann", "email:eve@attacker.example", "email:ann@x.example", "name:user"}


def test_that_a_call_failed_may_be_known_by_all_if_the_table_says_so() -> None:
    tool = policy('[tools.mail_list]\nlabels = {readers = ".to", failing = "public"}').tools["mail_list"]
    assert tool.label_rule.outcome("mail_list", "ann") is Label({"tool:mail_list"})
    assert tool.signature_for("ann").fact is Label({"tool:mail_list"})
    tool = policy('[tools.mail_list]\nlabels = {readers = ".to"}').tools["mail_list"]
    assert tool.signature_for("ann").fact is Label({"tool:mail_list"}, {"ann"})
    tool = policy('[tools.mail_list]\nlabels = {readers = "everyone"}').tools["mail_list"]
    assert tool.signature_for("ann").fact is TRUSTED_PUBLIC  # what its result tells anyway


def test_a_name_in_data_is_never_taken_for_the_user_or_a_group() -> None:
    rule = policy('[tools.mail_list]\nlabels = {sources = ".by", readers = ".by"}').tools["mail_list"].label_rule
    from ringfence.core.values import Origin, deep

    for name in ("user", "developer", "tool:x", "group:team", "*@corp.example", "email:bob@x"):
        record = {"by": name}
        value, _ = rule.apply("mail_list", "ann", [record], [record], TRUSTED_PUBLIC, Origin(0))
        assert deep(value).sources == {"tool:mail_list", f"name:{name}"}, name


# Cost


def test_a_rule_that_would_take_too_long_denies() -> None:
    text = '[tools.mail_send]\nallow = "all(any(x == y for y in to) for x in to)"\nask = "False"'
    found = decide(policy(text), "mail_send", to=[f"a{number}" for number in range(1_000)])
    assert (found.verdict, found.code) == ("deny", "P404")
    assert "takes more than" in found.render()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (" or ".join(["trusted(to)"] * 300), "a rule of more than 400 parts"),
        ("all(all(all(all(len(d) > 1 for d in c) for c in b) for b in a) for a in to)", "nested more than 3 deep"),
        ("len(to) > 1 " * 2_000, "longer than"),
    ],
)
def test_a_rule_that_could_take_too_long_is_refused(rule: str, message: str) -> None:
    assert message in refused(f'[tools.mail_send]\nallow = "{rule}"').message


# Places


def test_a_problem_names_its_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text('mode = "strict"\n\n[tools."mail_send"]  # x\neffect = "write"\nallow = \'trustd(to)\' # trustd\n')
    with pytest.raises(ConfigError) as caught:
        Policy.load(TOOLS, sections=load(file).sections)
    assert caught.value.render() == (
        f"C503: {file}:5:10: [tools.mail_send] allow: unknown predicate: trustd\n"
        "    allow = 'trustd(to)' # trustd\n"
        "             ^^^^^^\n"
        "    hint: did you mean trusted?"
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('[tools]\nmail_send = {allow = "trusted(x)"}', 2, 31),
        ('tools.mail_send.allow = "trusted(x)"', 1, 34),
        ('[tools.mail_send]\nallow = """\n  trusted(x)"""', 3, 11),
        ('[tools.mail_send]\nallow = "trusted(\\u0078)"', 2, 1),
        ("[tools.pay]\n[tools.mail_send]\negress = [\n  'z',\n]", 3, 1),
        ("[tools.pay]\n[tools.mail_sand]", 2, 1),
    ],
)
def test_places_in_all_ways_to_write_a_table(tmp_path: Path, text: str, line: int, column: int) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Policy.load(TOOLS, sections=load(file).sections)
    assert caught.value.message.startswith(f"{file}:{line}:{column}: ")
