"""A monitor that is called as the engine would call it. Shared by the guard's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ringfence.core.diagnostics import Span
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Value
from ringfence.guard.monitor import Monitor
from ringfence.lang.host import HostCall, SchemaValue, Site
from ringfence.schema import Scalar, Type

MAIL = Label({"tool:inbox", "email:eve@attacker.example"}, {"user"})
SECRET = Label((), {"user"})
SPAN = Span(3, 5, 3, 9)


class Plan:
    """Makes calls on a monitor in program order, and waits for each."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.index = 0

    def send(self, name: str, pc: Label = TRUSTED_PUBLIC, site: int | None = None, **arguments: Value) -> Any:
        """The call without waiting."""
        number = self.index if site is None else site
        call = HostCall(self.index, Site(number, name, SPAN), name, arguments, pc)
        self.index += 1
        return self.monitor.call(call)

    def call(self, name: str, pc: Label = TRUSTED_PUBLIC, **arguments: Value) -> Value:
        result = self.send(name, pc, **arguments)
        return result.result() if hasattr(result, "result") else result

    def quarantine(self, instruction: Value, *data: Value, returns: Type = Scalar("str")) -> Value:  # noqa: B008
        return self.call("quarantine", instruction=instruction, data=data, returns=SchemaValue(returns))


Make = Callable[..., Plan]
