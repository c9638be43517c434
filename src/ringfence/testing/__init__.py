"""Doubles that ship with the product: models that follow a script, record, attack, are slow or fail, and a server; and
`trial`, one call of one tool.

Its one rule: a double has the interface of the real part and nothing behind it but what the test gave it. Nothing in
the product imports this package.
"""

from ringfence.session.trial import Part, Trial, trial
from ringfence.testing.models import (
    BrokenModel,
    HostileQuarantine,
    RecordedModel,
    RecordingModel,
    ScriptedModel,
    ScriptedQuarantine,
    ScriptEndedError,
    SlowModel,
)
from ringfence.testing.server import Behaviour, ModelServer, Request

__all__ = [
    "Behaviour",
    "BrokenModel",
    "HostileQuarantine",
    "ModelServer",
    "Part",
    "RecordedModel",
    "RecordingModel",
    "Request",
    "ScriptEndedError",
    "ScriptedModel",
    "ScriptedQuarantine",
    "SlowModel",
    "Trial",
    "trial",
]
