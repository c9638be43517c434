"""The parts of SARIF 2.1.0 (OASIS, 27 March 2020) that `ringfence scan --sarif` uses, written down by us from memory.

It was not compared with the official schema, which none of the packages that know SARIF ships (sarif-om, sarif-tools,
sarif-pydantic, checkov, semgrep); reports are also read with the model of one of them (test_scan.py).

Sections: 3.13 sarifLog, 3.14 run, 3.19 toolComponent, 3.20 invocation, 3.27 result, 3.28 location, 3.29
physicalLocation, 3.4 artifactLocation, 3.30 region, 3.49 reportingDescriptor, 3.58 notification, 3.11 message, 3.8
property bags. A key that is not in the standard, or not listed here, fails.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


MESSAGE = _object(["text"], text=TEXT, markdown=TEXT)
BAG = {"type": "object", "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}}}
PLACE = {"type": "integer", "minimum": 1}
REGION = _object(["startLine"], startLine=PLACE, startColumn=PLACE, endLine=PLACE, endColumn=PLACE)
# A reference to a file: relative, or with a scheme; spaces and signs of other alphabets are written with %.
ARTIFACT = _object(["uri"], uri={"type": "string", "pattern": r"^(?:file:///)?[A-Za-z0-9._~%][A-Za-z0-9._~%/-]*$"})
PHYSICAL = _object(["artifactLocation"], artifactLocation=ARTIFACT, region=REGION)
LOCATION = _object(["physicalLocation"], physicalLocation=PHYSICAL)
LOCATIONS = {"type": "array", "items": LOCATION, "minItems": 1}
NOTIFICATION = _object(["message"], message=MESSAGE, level=LEVEL, locations=LOCATIONS)
RULE = _object(
    ["id", "shortDescription", "fullDescription", "help"],
    id=TEXT,
    name={"type": "string", "pattern": "^[A-Za-z]+$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri={"type": "string", "pattern": "^https://"},
    defaultConfiguration=_object([], level=LEVEL),
    properties=BAG,
)
RESULT = _object(
    ["ruleId", "message", "locations", "partialFingerprints"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=LOCATIONS,
    partialFingerprints={"type": "object", "additionalProperties": TEXT, "minProperties": 1},
    properties=BAG,
)
DRIVER = _object(
    ["name", "rules"],
    name=TEXT,
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    rules={"type": "array", "items": RULE, "uniqueItems": True},
)
RUN = _object(
    ["tool", "results"],
    tool=_object(["driver"], driver=DRIVER),
    invocations={
        "type": "array",
        "items": _object(
            ["executionSuccessful"],
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications={"type": "array", "items": NOTIFICATION},
        ),
    },
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": RESULT},
)
LOG = _object(
    ["version", "runs"],
    **{"$schema": {"type": "string", "pattern": "^https://"}},
    version={"const": "2.1.0"},
    runs={"type": "array", "items": RUN, "minItems": 1},
)
