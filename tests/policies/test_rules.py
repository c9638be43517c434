"""Rule cases: the packs over tools as common servers and benchmarks have them, and what their reader refuses."""

from pathlib import Path

import pytest

from ringfence.config import Config
from ringfence.core.errors import ConfigError
from ringfence.guard.packs import BENCHMARKS, PACKS, fitting, load_pack, packed
from ringfence.guard.parameters import Trusted
from ringfence.guard.policy import Policy
from ringfence.guard.sections import Sections
from ringfence.guard.tools import tool
from ringfence.session.rulecases import Checked, check_cases, read_file, read_text

from .suites import SUITES

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.rules"))
CHECKED = [
    pytest.param(one, id=f"{file.stem}:{one.case.line}")
    for file in FILES
    for one in check_cases(read_file(file), SUITES[file.stem](), Config())
]


@pytest.mark.parametrize("checked", CHECKED)
def test_the_policy_says_what_the_case_says(checked: Checked) -> None:
    assert checked.problem is None, checked.decision.render()


def test_each_suite_has_cases() -> None:
    assert {file.stem for file in FILES} == set(SUITES)


def problems(text: str, tools: list | None = None) -> list[str | None]:
    found = check_cases(read_text(text, "x.rules"), SUITES["banking"]() if tools is None else tools, Config())
    return [one.problem for one in found]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("get_iban() -> deny", "expected deny, and it is allow"),
        ("update_password(password=untrusted('x')) -> ask P401", "expected P401, and it is P410"),
        ("get_iban() -> allow by default.read", "expected the rules default.read, and it is default.write"),
        (
            "update_password(password=secret('x')) -> ask because trusted(x)",
            "expected because trusted(x), and it is because trusted(password)",
        ),
        (
            "under private: update_password(password=secret('x')) -> ask because trusted(password)",
            None,
        ),
    ],
)
def test_a_case_that_does_not_hold_is_told(text: str, problem: str | None) -> None:
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.rules:1: there is no case in the file"),
        ("## only a comment", "x.rules:1: there is no case in the file"),
        ("get_iban()", "x.rules:1: no case"),
        ("get_iban() -> maybe", "x.rules:1: no case"),
        ("\nget_iban() -> allow maybe", "x.rules:2: no case"),
        ("get_iban( -> allow", "x.rules:1: the call cannot be read"),
        ("1 + 1 -> allow", "x.rules:1: a case is the call of a tool with named arguments"),
        ("update_password('x') -> allow", "x.rules:1: a case is the call of a tool with named arguments"),
        ("x.get_iban() -> allow", "x.rules:1: a case is the call of a tool with named arguments"),
        ("get_ibann() -> allow", "x.rules:1: no tool has the name get_ibann"),
        ("get_iban(x=1) -> allow", "x.rules:1: get_iban has no parameter x"),
        ("update_password() -> allow", "x.rules:1: update_password needs an argument for password"),
        ("update_password(password=trusted('x')) -> allow", "x.rules:1: a value that is none"),
        ("update_password(password=open('x')) -> allow", "x.rules:1: a value that is none"),
        ("update_password(password=labelled('x', source=['a'])) -> allow", "x.rules:1: labelled() takes"),
        ("update_password(password=labelled('x', readers='bob')) -> allow", "x.rules:1: labelled() takes"),
        ("under water: get_iban() -> allow", "x.rules:1: an unknown place"),
        ("# moode: strict\nget_iban() -> allow", "x.rules:1: an unknown directive"),
        ("#comment\nget_iban() -> allow", "x.rules:1: an unknown directive"),
        ("# mode: lenient\nget_iban() -> allow", "x.rules:1: mode has a value that does not exist"),
        ("# dialect: x\nget_iban() -> allow", "x.rules:1: dialect has a value that does not exist"),
        ("# set x: 5\nget_iban() -> allow", "x.rules:1: the members of a set are a JSON list"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        problems(text)
    assert caught.value.code == "C525"
    assert caught.value.message.startswith(message)


def test_sets_of_tools_have_the_members_that_the_case_says() -> None:
    text = """
# policy:
#   [sets.own]
#   tool = "get_iban"
#   [tools.get_iban]
#   effect = "read"
#   labels = {sources = "user", own = false}
#   [tools.update_password]
#   allow = "one_of(password, own)"
update_password(password=untrusted("DE1")) -> deny P432
# set own: ["DE1"]
update_password(password=untrusted("DE1")) -> allow
update_password(password=untrusted("DE2")) -> ask because one_of(password)
"""
    assert problems(text) == [None, None, None]


# Packs


def test_every_pack_loads_and_says_what_it_is_about() -> None:
    for name in (*PACKS, *BENCHMARKS):
        pack = load_pack(name)
        assert pack.about
        assert len(pack.text.splitlines()) < 60


def test_every_pack_has_a_rule_for_some_suite() -> None:
    tools = [one for make in SUITES.values() for one in make()]
    assert set(fitting(tools)) == set(PACKS)


def test_a_pack_for_a_benchmark_is_taken_by_name_and_never_proposed() -> None:
    """Its rules rest on labels that only the benchmark's tools have."""
    tools = {one.name: one for make in SUITES.values() for one in make()}
    assert not set(fitting(tools.values())) & set(BENCHMARKS)
    assert all(packed([name], tools) for name in BENCHMARKS)


def test_every_parameter_of_a_write_is_in_a_rule_of_its_pack() -> None:
    """No parameter slips through a pack because it has an unusual name."""

    def send_email(to: str, subject: str, body: str, on_behalf_of: str, x: int = 0) -> None: ...

    entry = packed(["mail"], {"send_email": tool(send_email)})["send_email"]
    assert str(entry.table["allow"]).endswith("and trusted(on_behalf_of) and trusted(x)")


def test_a_pack_does_not_speak_about_a_tool_that_lacks_its_roles() -> None:
    def send_email(address: str, letter: str) -> None: ...

    assert packed(["mail"], {"send_email": tool(send_email)}) == {}


def test_a_pack_does_not_replace_the_rules_of_an_author() -> None:
    from typing import Annotated

    @tool
    def send_email(to: Annotated[str, Trusted], subject: str, body: Annotated[str, Trusted]) -> None: ...

    policy = Policy.load([send_email], sections=Sections(packs=("mail",)))
    assert [rule.id for rule in policy.rules["send_email"]] == ["send_email.to: Trusted", "send_email.body: Trusted"]


def test_the_policy_stands_above_a_pack() -> None:
    tools = SUITES["workspace"]()
    sections = Sections(packs=("mail",), tools={"send_*": {"allow": "literal(recipients)"}})
    policy = Policy.load(tools, sections=sections)
    assert [rule.id for rule in policy.rules["send_email"]] == ["send_*.allow"]
    assert policy.tools["send_email"].audience == ("recipients", "cc", "bcc")


def test_names_with_a_prefix_are_meant_and_single_words_are_not() -> None:
    def gmail_send_email(to: str, subject: str, body: str) -> None: ...
    def corp_fetch(url: str) -> None: ...
    def unread_file(path: str) -> None: ...

    tools = {one.__name__: tool(one) for one in (gmail_send_email, corp_fetch, unread_file)}
    assert set(packed(PACKS, tools)) == {"gmail_send_email"}


def test_a_pack_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Policy.load([], sections=Sections(packs=("male",)))
    assert (caught.value.code, caught.value.hint) == ("C524", "did you mean mail?")
