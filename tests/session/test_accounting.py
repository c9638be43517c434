"""What a run costs is counted by role and bounded; a run over many items stops at its budget with what it has."""

from __future__ import annotations

import json
import threading
from datetime import date

import pytest

from ringfence import ConfigError, Firewall, tool
from ringfence.config import Config, load
from ringfence.core.errors import LimitExceeded, QuarantineError
from ringfence.core.labels import Label
from ringfence.core.values import unsafe_plain
from ringfence.guard.spending import READING, Price, Spending
from ringfence.llm.accounting import Account, Usage
from ringfence.llm.models import Reply
from ringfence.stores import MemoryStore
from ringfence.testing import BrokenModel, ModelServer, ScriptedModel

TODAY = date(2026, 3, 4)
COUNT = 300


@tool(effect="read")
def letters() -> list[str]:
    """Many letters."""
    return [f"letter {number}" for number in range(COUNT)]


@tool(effect="read")
def two() -> list[str]:
    """Two letters."""
    return ["one", "two"]


class Reader:
    """A chat model that reads numbers, costs 10 tokens a question, and knows how many are asked at once."""

    def __init__(self, tokens=(8, 2)):
        self.tokens = tokens
        self.now = self.most = self.count = 0
        self.lock = threading.Lock()

    def complete(self, system, user, schema=None):
        with self.lock:
            self.now += 1
            self.count += 1
            self.most = max(self.most, self.now)
        with self.lock:
            self.now -= 1
        return Reply(json.dumps({"value": 1, "not_enough_information": False}), *self.tokens)


def firewall(plan, reader, spending=None, **more):
    config = Config(spending=Spending() if spending is None else spending)
    return Firewall([letters, two], ScriptedModel([plan]), reader, policy=config, **more)


EACH = 'found = quarantine_each("Which?", letters(), returns=int)\nanswer(sum(found))'
KEPT = 'found = quarantine_each("Which?", letters(), returns=int)\nanswer([x.code if x.failed else x for x in found])'


def test_hundreds_of_items_overlap_within_a_bound_and_are_counted():
    seen = []

    class Watching:
        def planned(self, planned):
            pass

        def called(self, made):
            pass

        def progress(self, ended, begun):
            seen.append((ended, begun))

    reader = Reader()
    result = firewall(EACH, reader, watcher=Watching()).run("Add them up", today=TODAY)
    assert (result.outcome, unsafe_plain(result.answer)) == ("completed", COUNT)
    assert reader.most <= 8
    assert result.usage["quarantine"].questions == COUNT
    assert result.usage["quarantine"].tokens == 10 * COUNT
    assert result.usage["planner"].questions == result.rounds == 1
    assert max(ended for ended, _ in seen) == COUNT
    assert all(ended <= begun for ended, begun in seen)


def test_a_run_stops_at_its_budget_with_what_it_has():
    reader = Reader(tokens=(900, 100))
    result = firewall(KEPT, reader, Spending(tokens=60_000)).run("Add them up", today=TODAY)
    plain = unsafe_plain(result.answer)
    assert result.outcome == "completed"
    assert {one for one in plain if one != 1} == {"E343"}
    assert 20 < plain.count(1) < 60
    assert reader.count == plain.count(1)
    assert result.usage["quarantine"].tokens <= 60_000


def test_readings_are_counted_by_what_their_labels_cover():
    account = Account(Spending(tokens=1_999))
    sources = {"public": (), "a": ("tool:a",), "b": ("tool:b",), "both": ("tool:a", "tool:b")}

    class Costly:
        def complete(self, system, user, schema=None):
            return Reply("x", input_tokens=900, output_tokens=100)

    def ask(name):
        model = account.metered(Costly(), "quarantine")
        before = READING.set(Label(sources[name]))
        try:
            model.complete("s", "u")
        finally:
            READING.reset(before)

    ask("a")
    ask("a")
    with pytest.raises(QuarantineError):  # of its own kind
        ask("a")
    with pytest.raises(QuarantineError):  # covers what was read
        ask("both")
    for name in ("b", "public"):  # is not told that it failed for the others
        with pytest.raises(LimitExceeded) as caught:
            ask(name)
        assert caught.value.code == "E343"
    assert account.total.questions == 2


def test_a_single_reading_over_budget_fails():
    result = firewall('answer(quarantine("?", two()[0], returns=int))', Reader(), Spending(tokens=1_500)).run("x")
    assert (result.outcome, result.error.code) == ("failed", "E343")


def test_the_planner_is_bounded_too():
    model = ScriptedModel(["foo()"] * 5)
    firewall = Firewall([two], model, policy=Config(spending=Spending(tokens=10)))
    result = firewall.run("x")
    assert (result.outcome, result.error.code, len(model.asked)) == ("limit", "E343", 0)


def test_money_needs_prices():
    result = firewall("answer(1)", Reader(), Spending(money=1.0)).run("x")
    assert (result.outcome, result.error.code) == ("limit", "E343")


def test_money_is_counted_and_bounded():
    account = Account(Spending(money=0.02, prices={"test": Price(1.0, 10.0)}))
    model = account.metered(ScriptedModel(["x" * 4000] * 3), "planner", "openai:test@http://127.0.0.1:1/v1")
    model.complete("s" * 4000, "u")
    assert account.total.money == pytest.approx((4001 * 1 + 4000 * 10) / 1e6)
    with pytest.raises(LimitExceeded) as caught:
        model.complete("s", "u")
    assert caught.value.code == "E343"


def test_what_a_provider_does_not_count_is_estimated():
    account = Account(Spending())

    class Silent:
        def complete(self, system, user, schema=None):
            return Reply("x" * 40)

    account.metered(Silent(), "composer").complete("s" * 80, "")
    assert (account.total.input_tokens, account.total.output_tokens) == (20, 10)


def test_failed_questions_are_counted():
    account = Account(Spending())
    with pytest.raises(Exception, match="reached"):
        account.metered(BrokenModel(), "quarantine").complete("s" * 80, "")
    assert (account.total.questions, account.total.failures, account.total.input_tokens) == (1, 1, 20)


def test_a_reading_of_which_nothing_is_known_ends_the_run():
    account = Account(Spending(tokens=1))
    with pytest.raises(LimitExceeded) as caught:
        account.metered(BrokenModel(), "quarantine").complete("s" * 80, "")
    assert caught.value.code == "E343"


def test_usage_is_in_the_audit():
    store = MemoryStore()
    result = firewall("answer(1)", Reader(), store=store).run("x")
    end = next(json.loads(one.data) for one in store.audit().records(result.run_id) if one.kind == "end")
    assert end["rounds"] == 1
    assert end["usage"]["planner"]["questions"] == end["usage"]["total"]["questions"] == 1
    assert Usage().to_json().keys() == end["usage"]["total"].keys()


def test_accounts_of_runs_are_apart():
    fire = Firewall([two], ScriptedModel(["answer(1)"] * 2))
    assert [fire.run("x").usage["planner"].questions for _ in range(2)] == [1, 1]


def test_the_table_of_the_configuration(tmp_path):
    path = tmp_path / "ringfence.toml"
    path.write_text(
        '[spending]\ntokens = 9\nmoney = 0.5\nanswer = 70\n[spending.prices."openai:x"]\ninput = 1\noutput = 2.5\n'
    )
    assert load(path).spending == Spending(9, 0.5, {"openai:x": Price(1.0, 2.5)}, 70)
    assert load(path).spending.price("openai:x@http://h/v1") == Price(1.0, 2.5)
    for wrong in (
        "tokens = 0",
        "answer = 0",
        "money = -1",
        "money = 'x'",
        "prices = 1",
        "prices.x.input = 1",
        "prices.x.in = 1",
    ):
        path.write_text(f"[spending]\n{wrong}\n")
        with pytest.raises(ConfigError):
            load(path)


def test_telemetry_has_names_and_counts_and_no_values():
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="opentelemetry-sdk is not installed")
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    result = firewall('answer(quarantine("CANARY?", two()[0], returns=int))', Reader()).run("CANARY request")
    [span] = spans.get_finished_spans()
    assert span.name == "ringfence.run"
    assert span.attributes["ringfence.run.outcome"] == result.outcome == "completed"
    assert span.attributes["gen_ai.usage.input_tokens"] == sum(one.input_tokens for one in result.usage.values())
    assert {event.attributes["ringfence.role"] for event in span.events} == {"planner", "quarantine"}
    assert "CANARY" not in span.to_json()


@pytest.mark.parametrize(("answer", "told"), [(700, 700), (None, 16_000)])
def test_the_provider_is_told_how_long_an_answer_may_be(answer, told):
    """Of the planner and of the quarantined model alike."""
    plan = "answer(quarantine('How many?', two(), returns=int))"
    with ModelServer([f"```python\n{plan}\n```", '{"value": 2}']) as server:
        config = Config(spending=Spending(answer=answer))
        with Firewall([two], f"openai:test@{server.url}", policy=config) as one:
            assert one.run("x", today=TODAY).outcome == "completed"
        bodies = [request.body for request in server.requests]
    assert [body.get("max_tokens", body.get("max_completion_tokens")) for body in bodies] == [told, told]
