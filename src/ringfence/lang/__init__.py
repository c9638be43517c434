"""The plan language: parse → check → compile → run. It imports no tools, no policy and no models.

plan = parse(text)                       # raises PlanRejected, E1xx
checked = check(plan, signatures)        # raises PlanRejected, E2xx
program = compile(checked)
result = run(program, host, given)       # a RunResult, however it ends
"""

from ringfence.lang.analysis.reachable import unreachable
from ringfence.lang.check import CheckedPlan, check
from ringfence.lang.dialects import DIALECTS
from ringfence.lang.flows import flows
from ringfence.lang.limits import Limits
from ringfence.lang.parse import parse, parse_expression
from ringfence.lang.program import Program, RunResult, run
from ringfence.lang.program import compile_plan as compile
from ringfence.lang.render import render
from ringfence.lang.serial import plan_from_json, plan_hash, plan_to_json
from ringfence.lang.tracing.foreseen import Flow, FlowGraph, ForeseenArgument, ForeseenCall, ForeseenObservation

__all__ = [
    "DIALECTS",
    "CheckedPlan",
    "Flow",
    "FlowGraph",
    "ForeseenArgument",
    "ForeseenCall",
    "ForeseenObservation",
    "Limits",
    "Program",
    "RunResult",
    "check",
    "compile",
    "flows",
    "parse",
    "parse_expression",
    "plan_from_json",
    "plan_hash",
    "plan_to_json",
    "render",
    "run",
    "unreachable",
]
