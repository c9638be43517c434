"""A replayed run reads what the first one read, in the same order."""

from __future__ import annotations

from ringfence.core.encoding import labelled_from_json, loads
from ringfence.core.labels import Label
from ringfence.core.values import unsafe_plain, wrap
from ringfence.guard.journal import result_text
from ringfence.lang import check, compile, parse, run
from ringfence.lang.host import Bounds, HostCall, Site

MAIL = Label({"tool:mail"})


class NoHost:
    def call(self, call: HostCall) -> object:
        raise AssertionError("nothing is called")

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        raise AssertionError("nothing is called")


def test_a_stored_result_keeps_the_order_of_its_keys() -> None:
    text = result_text(wrap({"sender": "a", "body": "b", "amount": 1}, MAIL))
    again = unsafe_plain(labelled_from_json(loads(text)))
    assert isinstance(again, dict)
    assert list(again) == ["sender", "body", "amount"]


def test_a_set_has_one_order_live_and_stored() -> None:
    live = wrap({"pear", "apple", "fig", 3, 10, 2.5, "é"}, MAIL)
    stored = labelled_from_json(loads(result_text(wrap({"pear", "apple", "fig", 3, 10, 2.5, "é"}, MAIL))))
    program = compile(check(parse("order = [x for x in s]"), {}, given={"s": Bounds()}))
    orders = [run(program, NoHost(), {"s": value}).variables["order"] for value in (live, stored)]
    assert unsafe_plain(orders[0]) == unsafe_plain(orders[1])
