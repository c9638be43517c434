"""A stored run, as it is taken up again: may it go on here, and where was it?

Its one rule: a record that does not say all that a run needs is damaged (E352), and a run goes on only with the plan,
the tools, the user and the dialect that it was begun with. Rules may have changed: what is not done yet is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ringfence import lang
from ringfence.core.encoding import EncodingError, Json, canonical_json, labelled_from_json, labelled_to_json, loads
from ringfence.core.errors import AuditError, ReplayDiverged
from ringfence.core.values import Value
from ringfence.lang import ir
from ringfence.llm.accounting import Usage
from ringfence.session.approving import POLICY_CHANGED, policy_digest
from ringfence.session.asked import Asked, asked_from, cost_from
from ringfence.session.rounds import Round, round_from_json
from ringfence.session.setup import Setup, config_json
from ringfence.stores import RunRecord


def stored_run(record: RunRecord, setup: Setup) -> tuple[ir.Plan, dict[str, Value]]:
    """Plan and variables of a run that may go on here. Raises ReplayDiverged (E350, E333) if it may not."""
    if record.outcome not in (None, "waiting"):
        raise ReplayDiverged("the run has ended", hint="start a new run")
    if record.plan is None:
        raise ReplayDiverged("the run has no plan yet", hint="start a new run")
    try:
        plan = lang.plan_from_json(loads(record.plan))
        given = cast("dict[str, Json]", loads(record.given))
        config = cast("dict[str, Json]", loads(record.config))
        values = {name: labelled_from_json(stored) for name, stored in given.items()}
    except (EncodingError, AttributeError) as problem:
        raise damaged() from problem
    here = config_json(setup)
    if config.get("pins") != here["pins"]:
        raise ReplayDiverged("the tools differ from those that the run began with", code="E333", hint="start a new run")
    if any(config.get(key) != here[key] for key in ("user", "dialect")):
        raise ReplayDiverged("the run was begun for another user or dialect", hint="resume it as it was begun")
    return plan, values


def changed(record: RunRecord, setup: Setup) -> tuple[str, ...]:
    """What to say if the rules are not those under which the run began."""
    before = cast("dict[str, Json]", loads(record.config)).get("policy")
    return () if before in (None, policy_digest(setup.policy)) else (POLICY_CHANGED,)


def round_of(record: RunRecord, given: Mapping[str, Value]) -> Round:
    """The round in which a stored run is."""
    found = cast("dict[str, Json]", loads(record.config)).get("round")
    try:
        return Round() if found is None else round_from_json(found, given)
    except EncodingError as problem:
        raise damaged() from problem


def asked_of(record: RunRecord) -> Asked | None:
    """What the planner of a stored run was asked."""
    try:
        return asked_from(record.config, record.request_digest)
    except EncodingError as problem:
        raise damaged() from problem


def cost_of(record: RunRecord) -> Usage:
    """What a stored run has cost so far."""
    try:
        return cost_from(record.config)
    except EncodingError as problem:
        raise damaged() from problem


def given_texts(values: Mapping[str, Value]) -> dict[str, str]:
    """Variables as a record holds them, to compare."""
    return {name: canonical_json(labelled_to_json(value)) for name, value in values.items()}


def damaged() -> AuditError:
    """The error for a record from which no run can go on."""
    return AuditError("the record of the run is damaged", code="E352", hint="start a new run")
