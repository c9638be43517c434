"""Holes that random plans found and that are still open; docs/limitations/language.md names both.

Each is an expected failure: whoever closes it takes the mark away.
"""

from __future__ import annotations

from random import Random

import pytest

from test_rich_plans import run
from test_wide_plans import differences, exceeding

LABELLED_KEYWORDS = """\
hits = [1]
problem = ValueError("first", 2)
try:
    try:
        z = hits[s]
    except Exception:
        def work(*n, **m):
            raise problem
        y = work(*hits, **({"p": 1} if s else {}))
except Exception:
    pass
"""
CAUSED = """\
from collections import defaultdict
class Lost(Exception):
    pass
log = []
try:
    try:
        raise Lost(s)
    except Lost as problem:
        x = problem.args[0]
except Exception:
    log.append(0)
try:
    raise Lost(1) from ValueError(web(2))
except Exception:
    log.append(0)
"""


@pytest.mark.xfail(strict=True, reason="the exception that the function raises is marked only where it was called")
def test_keywords_whose_names_are_secret_mark_what_the_function_raises() -> None:
    assert differences(*(run(LABELLED_KEYWORDS, {"s": secret, "t": 1}, 0) for secret in (0, 3))) == []


@pytest.mark.xfail(strict=True, reason="the forecast does not know that the new exception may be marked")
def test_the_cause_of_an_exception_is_computed_where_the_forecast_says() -> None:
    assert exceeding(CAUSED, Random(1)) == []
