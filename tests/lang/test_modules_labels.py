"""Labels through the modules: what went in is on what comes out, and elements keep their own."""

from __future__ import annotations

import pytest

from lang.module_oracle import SECRET, secret, variables
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.values import Labeled, List, deep

EVERYTHING = (
    "import json\nx = json.dumps([s])",
    "import json\nx = json.dumps({s: 1})",
    "import json\nx = json.loads('[' + s + ']')[0]",
    "import json\nx = len(json.loads('[' + s + ']'))",
    "import json\nx = json.dumps({1}, default=lambda o: s)",
    "import json\nx = json.dumps([1, 2], separators=(s, ':'))",
    "import re\nx = re.search('1', s) is None",
    "import re\nx = bool(re.search('nothing', s))",
    "import re\nx = re.search('1', s).group()",
    "import re\nx = re.search('1', s).start()",
    "import re\nx = re.search('1', s)[0]",
    "import re\nx = re.search('1', s).string",
    "import re\nx = re.findall('1', s)",
    "import re\nx = len(re.findall('1', s))",
    "import re\nx = [m.group() for m in re.finditer('1', s)]",
    "import re\nx = len(list(re.finditer('none', s)))",
    "import re\nx = re.sub('1', 'b', s)",
    "import re\nx = re.sub('a', s, 'cat')",
    "import re\nx = re.sub(s, 'b', 'cat')",
    "import re\nx = re.sub('a', lambda m: s, 'cat')",
    "import re\nx = re.sub('1', lambda m: 'b', s)",
    "import re\nx = re.subn('a', 'b', 'cat', count=int(s))[1]",
    "import re\nx = re.split('1', s)",
    "import re\nx = re.compile(s).pattern",
    "import re\nx = re.escape(s)",
    "from datetime import date\nx = date(2026, 1, int(s))",
    "from datetime import date\nx = date(2026, 1, int(s)).year",
    "from datetime import date\nx = date(2026, 1, 1).replace(day=int(s))",
    "from datetime import datetime\nx = datetime.strptime(s, '%d')",
    "from datetime import datetime\nx = datetime(2026, 1, 1).strftime(s)",
    "from datetime import timedelta\nx = timedelta(days=int(s)).total_seconds()",
    "from datetime import date\nx = date(2026, 1, int(s)).isocalendar().week",
    "from zoneinfo import ZoneInfo\nx = ZoneInfo('Etc/GMT-' + s).key",
    "from collections import Counter\nx = Counter(s)['zz']",
    "from collections import Counter\nx = Counter([s, 'b'])['b']",
    "from collections import Counter\nx = Counter({'a': int(s), 'b': 1}).most_common()[0][0]",
    "from collections import Counter\nx = Counter({'a': int(s), 'b': 1}).total()",
    "from collections import Counter\nx = len(list(Counter({'a': int(s)}).elements()))",
    "from collections import Counter\nc = Counter('ab')\nc.update([s])\nx = len(c)",
    "from collections import defaultdict\nd = defaultdict(int)\nd[s] += 1\nx = len(d)",
    "from collections import deque\nx = len(deque([1, 2, 3], maxlen=int(s)))",
    "from collections import deque\nd = deque([1, 2, 3])\nd.rotate(int(s))\nx = d[0]",
    "from collections import deque\nd = deque([1])\nd.extendleft(s)\nx = d[-1]",
    "from collections import OrderedDict\nd = OrderedDict(a=1)\nd[s] = 2\nd.move_to_end(s)\nx = list(d)[0]",
    "from itertools import islice\nit = iter([1, 2, 3])\nu = list(islice(it, int(s)))\nx = next(it)",
    "from itertools import islice\nx = len(list(islice([1, 2, 3], int(s))))",
    "from itertools import takewhile\nit = iter([1, 2, 3])\nu = list(takewhile(lambda v: v < int(s), it))"
    "\nx = next(it)",
    "from itertools import dropwhile\nx = len(list(dropwhile(lambda v: v < int(s), [1, 2])))",
    "from itertools import filterfalse\nx = list(filterfalse(lambda v: v < int(s), [1, 2]))",
    "from itertools import accumulate\nx = list(accumulate([int(s), 1]))[1]",
    "from itertools import groupby\nx = len([k for k, g in groupby(['1', s])])",
    "from itertools import groupby\nx = [len(list(g)) for k, g in groupby([1, 2], key=lambda v: v < int(s))][0]",
    "from itertools import compress\nx = len(list(compress([1, 2], [1, int(s)])))",
    "from itertools import product\nx = len(list(product([1], s)))",
    "from itertools import product\nx = len(list(product([1, 2], repeat=int(s))))",
    "from itertools import repeat\nx = len(list(repeat(7, int(s))))",
    "from itertools import zip_longest\nx = len(list(zip_longest([1], s)))",
    "from itertools import starmap\nx = list(starmap(lambda a: 0, [s]))[0]",
    "from itertools import chain\nx = len(list(chain([1], s)))",
    "from itertools import chain\nx = len(list(chain.from_iterable([[1], s])))",
    "from itertools import tee\na, b = tee(s)\nx = len(list(a))",
    "from functools import reduce\nx = reduce(lambda a, b: a + b, [int(s), 1])",
    "from functools import reduce\nx = reduce(lambda a, b: 0, s, 0)",
    "from functools import partial\nx = partial(lambda a, b: a, s)(2)",
    "from operator import itemgetter\nx = itemgetter(int(s))([1, 2, 3])",
    "import operator\nx = operator.add(int(s), 1)",
    "import operator\nx = operator.contains([1], int(s))",
    "import operator\nx = operator.methodcaller('strip', s)('1')",
    "import math\nx = math.sqrt(int(s))",
    "import math\nx = math.prod([1, int(s)])",
    "import statistics\nx = statistics.mean([1, int(s)])",
    "import statistics\nx = statistics.mode(['b', 'b', s])",
    "from decimal import Decimal\nx = Decimal(s).quantize(Decimal('1.0'))",
    "from decimal import Decimal\nx = Decimal(s).as_tuple().sign",
    "from urllib.parse import urlparse\nx = urlparse('http://a/' + s).hostname",
    "from urllib.parse import urlparse\nx = urlparse('http://a/' + s).netloc",
    "from urllib.parse import urlparse\nscheme, *rest = urlparse('http://a/' + s)\nx = scheme",
    "from urllib.parse import urlparse\nx = urlparse('http://a')._replace(path=s).geturl()",
    "from urllib.parse import urlparse\nx = urlparse('http://a')._replace(netloc=s).hostname",
    "from urllib.parse import urlencode\nx = urlencode({'a': s})",
    "from urllib.parse import parse_qs\nx = parse_qs('a=' + s)['a'][0]",
    "import textwrap\nx = textwrap.fill(s)",
    "import html\nx = html.escape(s)",
    "import base64\nx = base64.b64encode(s.encode())",
    "import unicodedata\nx = unicodedata.category(s)",
    "import calendar\nx = calendar.monthrange(2026, int(s))[1]",
    "import copy\nx = copy.deepcopy([s])[0]",
    "import copy\nx = copy.copy({'a': s})['a']",
    "from dataclasses import dataclass, replace\n@dataclass\nclass P:\n    a: str\nx = replace(P('b'), a=s).a",
)


@pytest.mark.parametrize("plan", EVERYTHING)
def test_the_label_is_on_the_result(plan: str) -> None:
    assert deep(variables(plan, {"s": secret("1")})["x"]) is SECRET


APART = (
    "from collections import defaultdict\nd = defaultdict(list)\nd['k'].append(s)\nd['p'].append(1)\nx = d['p'][0]",
    "from collections import deque\nd = deque([1, s])\nx = d[0]",
    "from collections import deque\nd = deque([1, s])\nx = (len(d), d.popleft())",
    "from collections import namedtuple\nP = namedtuple('P', 'a b')\nx = P(s, 1).b",
    "from collections import namedtuple\nP = namedtuple('P', 'a b')\nu, v = P(s, 1)\nx = v",
    "from collections import Counter\nc = Counter({'a': int(s), 'b': 1})\nx = c['b']",
    "from itertools import chain\nx = list(chain([1], [s]))[0]",
    "from itertools import chain\nx = len(list(chain([1], [s])))",
    "from itertools import accumulate\nx = list(accumulate([1, int(s)]))[0]",
    "from itertools import product\nx = list(product([1, s], [2]))[0]",
    "from itertools import islice\nx = list(islice([1, s], 2))[0]",
    "from itertools import zip_longest\nx = list(zip_longest([1, s], [2]))[0]",
    "from itertools import pairwise\nx = list(pairwise([1, 2, s]))[0]",
    "from itertools import groupby\nx = [k for k, g in groupby([{'a': 1, 'b': s}], key=lambda d: d['a'])]",
    "from functools import partial\nx = partial(lambda a, b: b, s)(2)",
    "from operator import itemgetter\nx = itemgetter(0)([1, s])",
    "from operator import itemgetter\nx = sorted([{'a': 2, 'b': s}, {'a': 1, 'b': s}], key=itemgetter('a'))[0]['a']",
    "import copy\nx = copy.deepcopy([1, s])[0]",
    "from dataclasses import dataclass, replace\n@dataclass\nclass P:\n    a: str\n    b: int\n"
    "x = replace(P('b', 1), a=s).b",
)


@pytest.mark.parametrize("plan", APART)
def test_what_has_nothing_to_do_with_it_stays_public(plan: str) -> None:
    assert deep(variables(plan, {"s": secret("1")})["x"]) is TRUSTED_PUBLIC


@pytest.mark.parametrize(
    "make",
    [
        "from itertools import chain\nit = chain([1], s)",
        "from itertools import cycle\nit = cycle([s])",
        "from functools import partial\nit = partial(len, s)",
        "from operator import itemgetter\nit = itemgetter(s)",
        "import re\nit = re.compile(s)",
        "import re\nit = re.search('1', s)",
    ],
)
def test_what_is_not_used_up_yet_holds_its_labels(make: str) -> None:
    from lang.module_oracle import run

    assert deep(run(make, {"s": secret("1")}).variables["it"]) is SECRET


def test_an_iterator_over_private_elements_tells_how_many() -> None:
    private = Labeled(List([1, 2], SECRET), SECRET)
    made = variables(
        "from itertools import chain\nx = len(list(chain([1], L)))\ny = len(list(chain([1], [2])))", {"L": private}
    )
    assert (deep(made["x"]), deep(made["y"])) == (SECRET, TRUSTED_PUBLIC)


def test_what_a_called_function_changes_carries_why_it_was_called() -> None:
    plan = "import re\nlog = []\ndef f(m):\n    log.append(1)\n    return ''\ny = re.sub('1', f, s)\nn = len(log)"
    assert deep(variables(plan, {"s": secret("11")})["n"]) is SECRET


CALLERS = (
    "import re\ny = re.sub('1', one, s)",
    "from functools import reduce\ny = reduce(two, L, 0)",
    "from functools import reduce as fold\ny = fold(two, L, 0)",
    "from itertools import starmap\ny = list(starmap(one, L))",
    "from itertools import takewhile\ny = list(takewhile(one, L))",
    "from itertools import dropwhile\ny = list(dropwhile(one, L))",
    "from itertools import filterfalse\ny = list(filterfalse(one, L))",
    "from itertools import accumulate\ny = list(accumulate(L, two))",
    "import itertools\ny = [k for k, g in itertools.groupby(L, key=one)]",
    "from functools import partial\ny = [partial(one, v)() for v in L]",
)


@pytest.mark.parametrize("call", CALLERS)
@pytest.mark.parametrize("count", [0, 3])
def test_what_a_function_may_change_carries_whether_it_was_called(call: str, count: int) -> None:
    plan = "log = []\ndef one(v):\n    log.append(v)\n    return ''\ndef two(a, b):\n    log.append(b)\n    return 0\n"
    rows = Labeled(List([("1",)] * count, SECRET), SECRET)
    given = {"s": secret("1" * count)} if "s)" in call else {"L": rows}
    assert deep(variables(f"{plan}{call}\nx = len(log)", given)["x"]) is SECRET
