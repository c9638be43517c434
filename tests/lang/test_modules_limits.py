"""Bombs through the modules: each ends at a limit, or costs no more than a moment."""

from __future__ import annotations

import time

import pytest

from lang.module_oracle import run
from ringfence.lang import Limits

BOMBS = (
    ("import math\nx = math.factorial(10**9)", "size"),
    ("import math\nx = math.comb(10**6, 5 * 10**5)", "size"),
    ("import math\nx = math.perm(10**6)", "size"),
    ("import math\nx = math.prod([10**1000] * 100000)", "size"),
    ("import math\nx = math.lcm(*[10**300 + i for i in range(2000)])", "size"),
    ("from decimal import Decimal\nx = Decimal('1e999999999')", "size"),
    ("from decimal import Decimal\nx = Decimal('1.5').scaleb(999999)", "size"),
    ("from decimal import Decimal\nx = Decimal('1e99999').as_integer_ratio()", "size"),
    ("from decimal import Decimal\nx = Decimal('1' * 1000000)", "size"),
    ("import statistics\nfrom decimal import Decimal\nx = statistics.mean([Decimal('1e99999')])", "size"),
    ("import statistics\nx = statistics.quantiles([1, 2], n=10**9)", "size"),
    ("import itertools\nx = list(itertools.product(range(1000), repeat=10))", "steps"),
    ("import itertools\nx = list(itertools.product(range(10), repeat=10**9))", "size"),
    ("import itertools\nx = list(itertools.permutations(range(20)))", "steps"),
    ("import itertools\nx = list(itertools.count())", "steps"),
    ("import itertools\nx = sum(itertools.repeat(1))", "steps"),
    ("import itertools\nx = list(itertools.cycle([1]))", "steps"),
    ("import itertools\nx = list(itertools.islice(itertools.count(), 10**12, None))", "steps"),
    ("import itertools\nx = list(itertools.filterfalse(lambda v: True, itertools.count()))", "steps"),
    ("import itertools\nx = list(itertools.chain.from_iterable(itertools.repeat([])))", "steps"),
    ("import itertools\nx = list(itertools.accumulate(itertools.repeat(3), lambda a, b: a * a))", "size"),
    ("from collections import Counter\nx = list(Counter({'a': 10**12}).elements())", "steps"),
    ("from collections import deque\nx = deque(range(10**9))", "steps"),
    ("from functools import reduce\nx = reduce(lambda a, b: a * a, range(100), 10)", "size"),
    ("from functools import reduce\nx = reduce(lambda a, b: a + a, range(100), 'ab')", "size"),
    ("import json\nx = json.loads('[' * 100000)", "depth"),
    ("import json\nx = json.loads('{\"a\":' * 5000 + '1' + '}' * 5000)", "depth"),
    ("import json\nx = json.loads('[' + '[],' * 1000000 + '1]')", "size"),
    ("import json\na = ['x' * 1000] * 1000\nb = [a] * 1000\nx = json.dumps([b] * 1000)", "size"),
    ("import json\na = [[]] * 1000\nb = [a] * 1000\nx = json.dumps([b] * 1000)", "steps"),
    ("import json\nx = json.dumps([1], indent=10**9)", "size"),
    ("import json\nx = json.dumps([[[1] * 80000]], indent=100)", "size"),
    ("import re\nx = re.search(r'(?=(a+)+$)b', 'a' * 3000 + 'c')", "steps"),
    ("import re\nx = re.sub('a', 'b' * 100000, 'a' * 100000)", "size"),
    ("import textwrap\nx = textwrap.indent('\\n' * 1000000, 'x' * 1000)", "size"),
    ("import textwrap\nx = textwrap.wrap('a ' * 400000, width=1)", "size"),
    ("import unicodedata\nx = unicodedata.normalize('NFKD', '\\ufdfa' * 1000000)", "size"),
    ("import html\nx = html.escape('<' * 5000000)", "size"),
    ("import operator\nx = operator.mul('a', 10**10)", "size"),
    ("import operator\nx = operator.pow(10, 10**8)", "size"),
    ("from datetime import datetime\nx = datetime(2026, 1, 1).strftime('%Y' * 100000)", "size"),
)


@pytest.mark.parametrize(("plan", "limit"), BOMBS)
def test_it_ends_at_a_limit(plan: str, limit: str) -> None:
    began = time.process_time()
    result = run(plan, limits=Limits(steps=300_000, seconds=120))
    assert (result.outcome, getattr(result.error, "limit", None)) == ("limit", limit)
    assert time.process_time() - began < 15


CHEAP = (
    "import re\nx = re.search(r'(a+)+$', 'a' * 100000 + 'b')",
    "import re\nx = re.match(r'(?:a?){500}a{500}', 'a' * 400)",
    "import re\nx = re.fullmatch(r'(\\w+\\s?)*!', 'word ' * 5000)",
    "from decimal import Decimal\nx = int(Decimal('1e99999'))",
    "from collections import deque\nd = deque(range(1000))\nd.rotate(10**18)\nx = 1",
    "from datetime import datetime\ntry:\n"
    "    datetime.strptime('1' * 900, '%Y%m%d%H%M%S%j%U%W%y%I')\nexcept ValueError:\n    x = 1",
    "import calendar\nx = calendar.isleap(10**100000)",
    "import copy\na = []\na.append(a)\nb = copy.deepcopy(a)\nx = b[0] is b",
)


@pytest.mark.parametrize("plan", CHEAP)
def test_it_costs_no_more_than_a_moment(plan: str) -> None:
    began = time.process_time()
    result = run(plan)
    assert result.outcome == "completed", result.error
    assert time.process_time() - began < 10
