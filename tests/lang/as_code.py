"""Plans of which nothing is performed without code, for tests that compare the two ways to run one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ringfence.lang.direct import statements


@contextmanager
def all_as_code() -> Iterator[None]:
    """Each statement at the top of a plan that is compiled here becomes a unit of generated code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "EXPRESSIONS", {})
        patch.setattr(statements, "_RULES", {})
        yield
