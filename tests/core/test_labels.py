"""The lattice: its laws, and that labels are interned, immutable and cheap."""

import copy
import gc
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Label, join_all

PRINCIPALS = ["user", "developer", "tool:mail", "email:bob@x", "alice"]

principals = st.frozensets(st.sampled_from(PRINCIPALS))
labels = st.builds(Label, principals, st.just(EVERYONE) | principals)


@given(labels, labels, labels)
def test_join_is_associative(a: Label, b: Label, c: Label) -> None:
    assert a.join(b).join(c) is a.join(b.join(c))


@given(labels, labels)
def test_join_is_commutative(a: Label, b: Label) -> None:
    assert a.join(b) is b.join(a)


@given(labels)
def test_join_is_idempotent_and_has_an_identity(a: Label) -> None:
    assert a.join(a) is a
    assert a.join(TRUSTED_PUBLIC) is a
    assert TRUSTED_PUBLIC.join(a) is a


@given(labels, labels)
def test_join_is_the_least_upper_bound(a: Label, b: Label) -> None:
    top = a.join(b)
    assert top.sources == a.sources | b.sources
    assert all((name in top.readers) == (name in a.readers and name in b.readers) for name in PRINCIPALS)
    assert a.flows_to(top)
    assert b.flows_to(top)


@given(labels, labels, labels)
def test_flows_to_is_the_order_of_the_lattice(a: Label, b: Label, c: Label) -> None:
    assert a.flows_to(b) == (a.join(b) is b)
    assert not (a.flows_to(b) and b.flows_to(a)) or a is b
    assert not (a.flows_to(b) and b.flows_to(c)) or a.flows_to(c)
    assert a.join(c).flows_to(b.join(c)) or not a.flows_to(b)  # joining is monotone


@given(labels, labels, principals)
def test_a_join_never_makes_anything_more_trusted_or_more_readable(a: Label, b: Label, names: frozenset[str]) -> None:
    top = a.join(b)
    assert not top.trusted(names) or (a.trusted(names) and b.trusted(names))
    assert not top.public or (a.public and b.public)
    assert not top.readable_by(names) or (a.readable_by(names) and b.readable_by(names))


@given(st.lists(labels))
def test_join_all_is_the_join_of_all(several: list[Label]) -> None:
    top = join_all(several)
    assert top.sources == frozenset().union(*(label.sources for label in several))
    assert all(label.flows_to(top) for label in several)


@pytest.mark.parametrize("public", [False, True])
def test_many_labels_are_joined_at_once(public: bool) -> None:
    """Of twenty thousand principals, in time that does not grow with the square: the test's time-out is the limit."""
    everybody = {f"p{number}" for number in range(50)}
    many = [
        Label({f"email:{number}@x"}, EVERYONE if public else everybody - {f"p{number % 40}"})
        for number in range(20_000)
    ]
    joined = join_all(many)
    assert joined is join_all(reversed(many))
    assert joined.sources == {f"email:{number}@x" for number in range(20_000)}
    assert joined.readers == (EVERYONE if public else {f"p{number}" for number in range(40, 50)})


@given(labels)
def test_the_same_content_is_the_same_object(a: Label) -> None:
    assert Label(list(a.sources), a.readers) is a
    assert pickle.loads(pickle.dumps(a)) is a
    assert copy.copy(a) is a
    assert copy.deepcopy(a) is a
    assert copy.deepcopy([a])[0] is a


def test_everyone_survives_copies() -> None:
    assert pickle.loads(pickle.dumps(EVERYONE)) is EVERYONE
    assert copy.deepcopy(EVERYONE) is EVERYONE


def test_a_label_cannot_be_changed() -> None:
    label = Label({"a"}, {"b"})
    for name in ("sources", "readers", "_joins", "other"):
        with pytest.raises(AttributeError):
            setattr(label, name, frozenset())
        with pytest.raises(AttributeError):
            delattr(label, name)
    assert label.sources == {"a"}
    assert label.readers == {"b"}


def test_no_sources_are_trusted_and_no_readers_are_nobody() -> None:
    assert TRUSTED_PUBLIC.trusted(frozenset())
    nobody = Label((), ())
    assert not nobody.public
    assert not nobody.readable_by(["alice"])
    assert nobody.readable_by([])
    assert nobody is not TRUSTED_PUBLIC


@pytest.mark.parametrize("names", ["user", [""], [1], [None], [b"user"]])
def test_what_is_no_set_of_names_is_refused(names: object) -> None:
    with pytest.raises(TypeError):
        Label(names)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Label((), names)  # type: ignore[arg-type]


def test_a_joined_label_is_found_again_without_computing_it() -> None:
    one, two = Label({"a"}, {"x", "y"}), Label({"b"}, {"y"})
    top = one.join(two)
    assert one._joins[two] is top
    assert two._joins[one] is top


def test_the_memory_of_joins_is_bounded() -> None:
    base = Label({"base"})
    others = [Label({f"source {number}"}) for number in range(5000)]
    for other in others:
        assert base.join(other).sources == {"base", *other.sources}
    assert len(base._joins) <= 4096


def test_labels_that_nobody_holds_are_forgotten() -> None:
    from ringfence.core import labels as module

    before = len(module._INTERNED)
    made = [Label({f"short-lived {number}"}) for number in range(1000)]
    assert len(module._INTERNED) >= before + 1000
    del made
    gc.collect()
    assert len(module._INTERNED) <= before + 10


def test_the_text_of_a_label_is_the_same_each_time() -> None:
    assert repr(Label({"b", "a"}, {"y", "x"})) == "Label(sources={a, b}, readers={x, y})"
    assert repr(TRUSTED_PUBLIC) == "Label(sources={}, readers=everyone)"
