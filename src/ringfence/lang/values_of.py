"""The value of an expression that is written out in the plan.

Its one rule: only what needs no evaluation counts: constants, signed numbers, and lists, tuples and dicts of these.
"""

from __future__ import annotations

from ringfence.core.plain import Plain
from ringfence.lang import ir


def literal(node: ir.Expr) -> tuple[Plain] | None:
    """(value,) of a literal expression, else None."""
    match node:
        case ir.Constant(value=value):
            return (value,)
        case ir.Unary(op="-", operand=ir.Constant(value=int() | float() as number)) if not isinstance(number, bool):
            return (-number,)
        case ir.FString(parts=parts) if all(isinstance(part, ir.Constant) for part in parts):
            return ("".join(str(part.value) for part in parts if isinstance(part, ir.Constant)),)
        case ir.Sequence(kind="list" | "tuple" as kind, items=items):
            found = [literal(item) for item in items]
            if any(one is None for one in found):
                return None
            values = [one[0] for one in found if one is not None]
            return (values,) if kind == "list" else (tuple(values),)
        case ir.DictDisplay(keys=keys, values=items):
            pairs: dict[Plain, Plain] = {}
            for key, item in zip(keys, items, strict=True):
                name = None if key is None else literal(key)
                held = literal(item)
                if name is None or held is None or not isinstance(name[0], (str, int, float, bool, type(None))):
                    return None
                pairs[name[0]] = held[0]
            return (pairs,)
        case _:
            return None
