"""`ringfence check-model MODEL`: whether a model writes plans well enough. Its one rule: no plan is run."""

from __future__ import annotations

import click

from ringfence.cli import options
from ringfence.cli.output import emit, note, say
from ringfence.cli.status import DENIED, DONE


@click.command("check-model")
@click.argument("model")
@click.option("--first", type=click.IntRange(1), metavar="N", help="Only the first N requests.")
@options.as_json
def command(model: str, first: int | None, as_json: bool) -> int:
    """Have MODEL plan a set of requests and say whether it is fit to plan (exit status 0) or not (1).

    The plans are checked and forecast against the tools of the set; nothing is run.
    """
    from ringfence.bench.planning import REQUESTS, Outcome, firewall_of, measure
    from ringfence.guard.spending import Spending
    from ringfence.llm.accounting import Account

    account = Account(Spending())

    def told(one: Outcome) -> None:
        state = "ok" if one.right else "wrong" if one.valid else "no plan"
        note(f"{state:8} {one.rounds} {one.request}" + (f"  ({one.why})" if one.why else ""))

    with firewall_of(model) as firewall:
        fitness = measure(firewall, firewall.models.planner(account), account, REQUESTS[:first], told)
    if as_json:
        emit(fitness.to_json())
    else:
        used = account.total
        say(f"{model}: {'fit' if fitness.fit else 'NOT FIT'} to plan")
        say(f"    right plans      {fitness.right:.0%} of {len(fitness.outcomes)} (fit: 80%)")
        say(f"    plans that check {fitness.valid:.0%}, {fitness.first:.0%} at the first try")
        say(f"    questions        {used.questions}, {used.tokens:,} tokens, {used.seconds:.1f} s")
    return DONE if fitness.fit else DENIED
