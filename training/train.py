"""Trains the classifier of `ringfence.screens` and writes its file, its pin and the list of words.

    python training/train.py

Needs nothing but Python and takes about a minute. Its one rule: the same data give the same file; every random choice
comes from one seed, and the held-out set of `ringfence bench screens` is never read here.
"""

from __future__ import annotations

import math
import random
import re
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from training.expand import DATA, Example, attacks, benign, code, described, prose, requests, singles  # noqa: E402

from ringfence.screens.features import BITS, context_features, tokens, word_features  # noqa: E402
from ringfence.screens.modelfile import packed  # noqa: E402

SEED = 20_261_121
EPOCHS = 8
RATE = 0.5
DECAY = 2e-6
FOLDS = 5
FALSE_POSITIVES = 0.005
THRESHOLD = 0.7
PACKAGE = ROOT / "src" / "ringfence" / "screens"


def examples() -> list[Example]:
    draw = random.Random(SEED)
    found = attacks(DATA, draw)
    harmless = [*benign(DATA, draw), *requests(DATA, draw), *described(found, 900, draw)]
    return [*found, *harmless, *singles(DATA), *prose(DATA / "docstrings.txt"), *code(DATA / "stdlib.tsv")]


def features(text: str) -> list[int]:
    words = tokens(text)
    return [*(one for word in words for one in word_features(word)), *context_features(words)]


def trained(found: list[Example], seed: int) -> tuple[list[float], float]:
    """Weights and bias, by Adagrad on the logistic loss, both classes weighing the same."""
    made = [(features(one.text), one) for one in found]
    total = {label: sum(one.weight for one in found if one.attack is label) for label in (True, False)}
    weights, squares, bias, bias_square = [0.0] * (1 << BITS), [1e-3] * (1 << BITS), 0.0, 1e-3
    draw = random.Random(seed)
    for _ in range(EPOCHS):
        draw.shuffle(made)
        for ids, one in made:
            if not ids:
                continue
            unit = 1 / math.sqrt(len(ids))
            value = bias + unit * sum(weights[feature] for feature in ids)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, value)))) - one.attack
            error *= one.weight * len(found) / (2 * total[one.attack])
            step = error * unit
            for feature in ids:
                change = step + DECAY * weights[feature]
                squares[feature] += change * change
                weights[feature] -= RATE * change / math.sqrt(squares[feature])
            bias_square += error * error
            bias -= RATE * error / math.sqrt(bias_square)
    return weights, bias


def value(weights: list[float], bias: float, text: str) -> float:
    ids = features(text)
    return bias + sum(weights[feature] for feature in ids) / math.sqrt(max(1, len(ids)))


def cut(found: list[Example]) -> tuple[float, float]:
    """Where to cut, and the share of the attempts above, measured over folds that split by template.

    Of a harmless text the highest of its sentences counts, since one is enough to flag it.
    """
    families = sorted({one.family for one in found})
    random.Random(SEED).shuffle(families)
    fold = {family: number % FOLDS for number, family in enumerate(families)}
    good: dict[str, float] = {}
    bad: list[float] = []
    for number in range(FOLDS):
        weights, bias = trained([one for one in found if fold[one.family] != number], SEED + number)
        for one in found:
            if fold[one.family] != number or not one.family.startswith(("harmless-", "attempts-")):
                continue
            score = value(weights, bias, one.text)
            if one.attack:
                bad.append(score)
            else:
                good[one.family] = max(score, good.get(one.family, score))
    places = sorted(good.values())
    place = places[min(len(places) - 1, math.ceil(len(places) * (1 - FALSE_POSITIVES)))]
    return place, sum(one > place for one in bad) / len(bad)


def vocabulary(found: list[Example]) -> list[str]:
    """The words of the texts that are not code, the most frequent first."""
    counts: Counter[str] = Counter()
    for one in found:
        counts.update(set(re.findall(r"(?<![\w@./])[a-z]{2,16}(?![\w@/])", one.text.lower())))
    counts["a"] = counts["i"] = 10_000
    return [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= 3]


def main() -> None:
    found = examples()
    place, recall = cut(found)
    print(f"{len(found)} texts, {sum(one.attack for one in found)} of them attacks")
    share = f"{FALSE_POSITIVES:.1%} of the hard harmless texts, {recall:.1%} of the attempts"
    print(f"cut at {place:.3f}: {share} ({FOLDS} folds)")
    weights, bias = trained(found, SEED)
    # The cut becomes the score 0.7, the threshold by default.
    bias += math.log(THRESHOLD / (1 - THRESHOLD)) - place
    data = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(DATA.glob("*.t*"))}
    about = {"seed": SEED, "texts": len(found), "recall": round(recall, 4), "data": data}
    made = packed(weights, bias, about)
    (PACKAGE / "data" / "classifier.bin").write_bytes(made)
    words = "\n".join(vocabulary(found)) + "\n"
    (PACKAGE / "data" / "words.txt").write_text(words, encoding="utf-8")
    (PACKAGE / "pins.py").write_text(PINS.format(sha256(made).hexdigest()), encoding="utf-8")
    print(f"{len(made):,} bytes, {len(words.split()):,} words")


PINS = '''"""The digest of the classifier's file. Its one rule: only `training/train.py` writes it."""

from __future__ import annotations

from typing import Final

CLASSIFIER: Final = "{}"
'''

if __name__ == "__main__":
    main()
