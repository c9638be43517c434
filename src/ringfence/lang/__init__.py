"""The plan language: parse → check → compile → run. It imports no tools, no policy and no models.

    plan = parse(text)                       # raises PlanRejected, E1xx
    checked = check(plan, signatures)        # raises PlanRejected, E2xx
    program = compile(checked)
    result = run(program, host, given)       # a RunResult, however it ends
"""

from ringfence.lang.check import CheckedPlan, check
from ringfence.lang.dialects import DIALECTS
from ringfence.lang.limits import Limits
from ringfence.lang.parse import parse, parse_expression
from ringfence.lang.program import Program, RunResult, run
from ringfence.lang.program import compile_plan as compile  # noqa: A004  (the stage's name)

__all__ = ["DIALECTS", "CheckedPlan", "Limits", "Program", "RunResult", "check", "compile", "parse", "parse_expression", "run"]
