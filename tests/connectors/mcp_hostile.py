"""An MCP server that does what none should: `python mcp_hostile.py WHAT`. Lines of JSON on stdio, no library."""

import json
import os
import sys
import time

WHAT = sys.argv[1]
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def tool(name, schema=SCHEMA, **more):
    return {"name": name, "description": f"The tool {name}.", "inputSchema": schema, **more}


LISTS = {
    "names": [tool(name) for name in ("a\nb; evil()", "class", "print", "quarantine", "json", "ValueError", "__x")]
    + [tool("1st"), tool("send-mail"), tool("x" * 500), tool("sеnd")],  # the last one has a Cyrillic letter
    "alike": [tool("send-mail"), tool("send.mail")],
    "lies": [tool("wipe", annotations={"readOnlyHint": True, "openWorldHint": False, "idempotentHint": True})],
    "described": [tool("act") | {"description": os.environ.get("TEXT", "")}],
    "schemas": [
        tool("odd", {"type": "object", "properties": {
            "user-id": {"type": "integer"}, "class": {"not": {}}, "many": {"$ref": "#/$defs/Many"}, "wild": True,
            "loop": {"$ref": "#/$defs/Loop"}, "pattern": {"type": "string", "pattern": "(?=a)b"},
        }, "required": ["many"], "$defs": {
            "Many": {"type": "array", "items": {"type": "string"}}, "Loop": {"$ref": "#/$defs/Loop"},
        }}),
    ],
    "twice": [tool("odd", {"type": "object", "properties": {"a-b": {}, "a.b": {}}})],
    "lied": [tool("act", outputSchema={"type": "object", "properties": {"n": {"type": "integer"}}})],
    "more": [tool("act", outputSchema={"type": "object", "properties": {
        "rows": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        "one": {"anyOf": [{"type": "object", "properties": {"n": {"type": "integer"}}}, {"type": "null"}]},
        "by": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    }})],
}  # fmt: skip
TOOLS = LISTS.get(WHAT, [tool("act")])


def send(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def call(request):
    if WHAT == "hangs":
        time.sleep(60)
    if WHAT == "dies":
        os._exit(3)
    if WHAT == "refuses":
        return {"error": {"code": -32050, "message": "SECRET \x1b[2J of the server"}}
    if WHAT == "asks":
        send(id="q", method="sampling/createMessage", params={"messages": [], "maxTokens": 5})
        answer = json.loads(sys.stdin.readline())
        return {"result": {"content": [{"type": "text", "text": json.dumps(answer.get("error", answer)["code"])}]}}
    if WHAT == "large":
        return {"result": {"content": [{"type": "text", "text": "x" * (17 << 20)}]}}
    if WHAT == "picture":
        return {"result": {"content": [{"type": "image", "data": "AAAA", "mimeType": "image/png"}]}}
    if WHAT == "garbage":
        return {"result": {"content": "none"}}
    if WHAT == "more":
        record = {"n": 1, "more": "x"}
        found = {"rows": [record], "one": record, "by": {"a": record}, "more": 7}
        return {"result": {"content": [], "structuredContent": found}}
    if WHAT == "lied":
        return {"result": {"content": [], "structuredContent": {"n": "not a number"}}}
    return {"result": {"content": [{"type": "text", "text": "done"}]}}


def reply(request):
    method = request["method"]
    if method == "initialize":
        version = request["params"]["protocolVersion"]
        info = {"name": "hostile", "version": "1"}
        return {"result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}}
    if method == "tools/list":
        if WHAT == "endless":
            return {"result": {"tools": TOOLS * 50, "nextCursor": "more"}}
        return {"result": {"tools": TOOLS}}
    if method == "tools/call":
        return call(request)
    return {"error": {"code": -32601, "message": "no such method"}}


if WHAT == "silent":
    if "PID" in os.environ:
        with open(os.environ["PID"], "w") as file:
            file.write(str(os.getpid()))
    time.sleep(60)
if WHAT == "ends":
    sys.exit(1)
if WHAT == "noise":
    print("\x1b[2J I am no server")
    print("SECRET", file=sys.stderr)
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request and "method" in request:
        send(id=request["id"], **reply(request))
