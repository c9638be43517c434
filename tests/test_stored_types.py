"""Types as text: the same type comes back, and what was not written so is refused."""

from __future__ import annotations

import pytest

from ringfence.core.encoding import EncodingError
from ringfence.schema import (
    AnyType,
    DictType,
    EnumType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Scalar,
    TupleType,
    UnionType,
)
from ringfence.schema.stored import type_from, type_text

COLOUR = EnumType("Colour", (("RED", "red"), ("BLUE", 2), ("NONE", None)), mixed=True)
BILL = RecordType("Bill", (Field("total", Scalar("int", minimum=0)), Field("kind", COLOUR, False, None, "which")))


@pytest.mark.parametrize(
    "kind",
    [
        AnyType(),
        Scalar("str", format="quote", max_length=3),
        Scalar("Decimal"),
        ListType(Scalar("date"), "set", 1, 9),
        TupleType((Scalar("int"), BILL)),
        TupleType(()),
        DictType(Scalar("str"), COLOUR),
        UnionType((Scalar("int"), Scalar("None"))),
        LiteralType(("a", 1, True, None)),
        BILL,
        RecordType("", (Field("x", ListType(BILL)),), mapping=True),
    ],
)
def test_the_same_type_comes_back(kind):
    again = type_from(type_text(kind))
    assert again == kind
    assert type_text(again) == type_text(kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "str",
        "null",
        "[]",
        '{"is":"Scalar"}',
        '{"is":"os"}',
        '{"is":"Field","name":{"plain":"x"},"type":{"is":"AnyType"}}',
        '{"is":"AnyType","more":{"plain":1}}',
        '{ "is": "AnyType" }',
        '{"plain":1}',
        '{"is":"UnionType","options":' + "[" * 100 + "]" * 100 + "}",
    ],
)
def test_what_is_no_type_is_refused(text):
    with pytest.raises(EncodingError):
        type_from(text)
