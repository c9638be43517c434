"""Any request gives a plan that the checker accepts, or E112; and soon."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.test_offline_planner import GROUPS
from llm.toolset import TODAY, TOOLS, USER
from ringfence import lang
from ringfence.core.errors import PlannerOutputError
from ringfence.llm.offline.planner import OfflinePlanner
from ringfence.llm.planner import Task, extract_plan

SIGNATURES = {tool.name: tool for tool in TOOLS}
WORDS = sorted({word for texts in GROUPS.values() for text in texts for word in text.split()})


def checked_or_refused(request: str) -> None:
    try:
        plan = OfflinePlanner().write(Task(request, TOOLS, TODAY, USER), "")
    except PlannerOutputError as error:
        if error.code != "E112":
            raise
        return
    lang.check(lang.parse(plan), SIGNATURES)


@pytest.mark.parametrize("text", [texts[0] for texts in GROUPS.values()])
def test_the_checker_accepts_every_kind(text: str) -> None:
    plan = OfflinePlanner().write(Task(text, TOOLS, TODAY, USER), "")
    lang.compile(lang.check(lang.parse(plan), SIGNATURES))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
def test_shuffled_wordings(words: list[str]) -> None:
    checked_or_refused(" ".join(words))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([text for texts in GROUPS.values() for text in texts]), st.text(max_size=20), st.integers(0, 200)
)
def test_wordings_with_strange_characters_in_them(text: str, strange: str, place: int) -> None:
    place = min(place, len(text))
    checked_or_refused(text[:place] + strange + text[place:])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_answer_of_a_model(answer: str) -> None:
    with contextlib.suppress(PlannerOutputError):
        assert extract_plan(answer).strip()


LONG = {
    "letters": "a " * 1990,
    "to": "send " + "a to " * 790,
    "about": "show mails from " + "about x from " * 280,
    "mine": "summarise " + "my mail about " * 280,
    "event": "create " + "meeting with a on b at c for " * 130,
    "quotes": '"' * 3990,
    "urls": "compare " + "https://a.b/c " * 280,
    "path": "show " + "a/" * 1900 + "b.txt",
    "names": "send today's schedule to " + "Ann Lee and " * 330,
    "total": "what is the total of the invoices from " + "x in " * 770,
    "polite": "please " * 570,
    "possessive": "'s " * 1300,
    "saying": "reply to " + "x about y saying " * 230,
    "spaces": " " * 3990,
    "times": "am i free at 3 " * 260,
}


@pytest.mark.parametrize("name", LONG)
def test_long_requests_end_soon(name: str) -> None:
    begin = time.process_time()
    checked_or_refused(LONG[name][:4000])
    assert time.process_time() - begin < 5
