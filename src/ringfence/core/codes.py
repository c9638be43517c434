"""Every code that Ringfence can print: what it means and what to do. `ringfence explain CODE` reads this.

Its one rule: a code is never reused for something else. `docs/errors.md` is generated from here.
Ranges: E1xx parse, E2xx check, E3xx run, P4xx policy and approval, C5xx configuration.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, tuple[str, str]]] = {
    # code: (title, explanation and what to do)
    "E100": ("no plan", "There is no plan that could run. See the code of the problem itself."),
    "E101": ("syntax error", "The text is not Python. Fix the syntax at the caret; nothing has run."),
    "E102": (
        "construct not in the language",
        "The plan language is Python without what reaches outside (classes with code, async, yield, global, "
        "decorators, star imports). The hint says what to write instead; docs/language.md lists what there is.",
    ),
    "E103": ("plan too large", "The text, its nesting or one of its constants is larger than a plan may be. Split it."),
    "E104": (
        "stored plan not readable",
        "The JSON is not a plan, or was written by a version that this one does not know. Make the plan again "
        "from its text with `ringfence check PLAN --json`.",
    ),
    "E110": (
        "no plan in the planner's output",
        "The model answered prose, refused or said nothing. Rephrase, or try another model.",
    ),
    "E111": (
        "the planner gave up",
        "The model did not write a plan that checks, within the allowed repairs. The problems of the last try are shown.",
    ),
    "E112": (
        "request not understood",
        "The offline stand-in knows a few kinds of request only. Configure a model: set OPENAI_API_KEY, ANTHROPIC_API_KEY or GOOGLE_API_KEY, or use --model.",
    ),
    "E200": ("the plan was rejected", "The checker found problems and nothing has run. Each problem has its own code."),
    "E201": ("unknown name", "The name is no variable, tool, built-in or module of the language. Check the spelling."),
    "E202": ("unknown attribute or method", "Values of the language have no such field or method."),
    "E203": ("wrong arguments", "A call has too many or too few arguments, or a keyword that does not exist."),
    "E204": ("type does not fit", "A literal argument is of a type that the tool does not take."),
    "E205": (
        "not allowed in this dialect",
        "The dialect is a subset of the language (docs/language.md). Use the construct it offers, or a wider dialect.",
    ),
    "E206": ("unknown module or import", "Only the pure parts of the allow-listed modules can be imported."),
    "E207": ("misplaced statement", "`break`, `continue` or `return` stands where Python does not allow it."),
    "E208": (
        "not a schema",
        "The `returns=` of a quarantined call, or a class in the plan, is not a declarative schema.",
    ),
    "E209": (
        "a reserved name",
        "Names that begin with two underscores belong to the host and cannot be used. Choose another name. `__name__` can be "
        'read, and is the text "__main__".',
    ),
    "E220": (
        "code that never runs",
        "A note, which refuses nothing: what stands behind `return`, `raise`, `break`, `continue`, `refuse(...)`, `observe(...)` "
        "or an endless loop, or below or beside a condition that is written out, is never reached. Perhaps it belongs elsewhere.",
    ),
    "E300": ("the run failed", "Something went wrong while the plan ran."),
    "E301": (
        "the plan failed",
        "The plan raised an exception, by its own mistake or by `raise`. The kind of exception is in the message.",
    ),
    "E302": (
        "failed under a condition that not everyone may see",
        "The plan failed where the fact that it failed depends on private data, so neither the kind nor the line is told.",
    ),
    "E303": (
        "internal error",
        "A fault of Ringfence itself stopped the run; nothing more was called. Please report it with the plan.",
    ),
    "E320": (
        "limit exceeded",
        "A limit (steps, depth, size, time, calls) was reached. Make the plan smaller or raise the limit in the configuration.",
    ),
    "E330": (
        "a tool failed",
        "The tool raised an error. Its text is data of the tool and is not shown here; the audit names the call.",
    ),
    "E331": (
        "a tool returned what is not data",
        "Tools return numbers, text, dates, lists, dicts, records. Return one of these.",
    ),
    "E332": (
        "a tool's arguments do not fit",
        "The arguments do not fit the tool's types. The message names the parameter.",
    ),
    "E333": (
        "a tool has changed",
        "The tool's description or schema differs from what was accepted. Review it and accept it again.",
    ),
    "E340": (
        "the quarantined model could not answer",
        "It had not enough information, or what it said does not fit the schema after its retries.",
    ),
    "E341": (
        "not enough information",
        "The quarantined model says that the data do not hold what was asked for. Ask for less, or give it other data.",
    ),
    "E342": (
        "no more rounds",
        "The plan ended with observe(), and the configuration allows no further round: raise `rounds` in [planning], or ask for less at once.",
    ),
    "E343": (
        "budget used up",
        "The run has used the tokens or the money that [budget] allows; no further model was asked. Raise it, or ask for less.",
    ),
    "E350": (
        "replay diverged",
        "The journal holds other calls than the plan makes. Nothing was called. Start a new run.",
    ),
    "E351": (
        "a write was interrupted",
        "The process died during a write; it may or may not have happened. Look, then decide: it is never re-run by itself.",
    ),
    "E352": ("journal not readable", "The journal of this run is damaged. Nothing was called. Start a new run."),
    "E360": (
        "model failed",
        "The model could not be reached or gave an error. Check the key, the URL and the provider's status.",
    ),
    "E361": ("no model", "No model is configured for this. Set a key in the environment or use --model."),
    "E365": (
        "nothing isolates",
        "No sandbox works on this machine, so programs are not run. Install bubblewrap (Debian: apt install bubblewrap), use Linux 5.13 or newer, or `pip install 'ringfence[monty]'` for small Python snippets. `ringfence doctor` shows what was tried.",
    ),
    "E366": (
        "a sandbox leaks",
        "A program in a sandbox reached something outside of it while `ringfence doctor` tried. Do not run untrusted programs with this backend; set another in [sandbox], and report it with the output of the doctor.",
    ),
    "E370": (
        "audit or store failed",
        "A record could not be written or read, so no call was made. Check the disk, the path and the permissions.",
    ),
    "E371": (
        "audit does not verify",
        "A record was changed, removed or added out of order. The first bad record is named. Keep the file and investigate.",
    ),
    "E372": (
        "history does not verify",
        "A conversation was stored outside and comes back changed, or sealed with another key (RINGFENCE_HISTORY_KEY). Begin a new one.",
    ),
    "E380": ("the plan refused", "The plan called refuse(): the request cannot or may not be done with these tools."),
    "E381": (
        "denied by a screen: the request",
        "The request reads like an attack on a model, and [screens] says that such requests are refused, or a person who was asked did not say yes. `ringfence audit show` names the technique.",
    ),
    "E382": (
        "withheld by a screen: a result",
        "What a tool returned reads like an attack on a model, and [screens] says that such results are withheld. A plan can catch this as a ToolError.",
    ),
    "E383": (
        "refused by a screen: a tool",
        'The description of a tool reads like an attack on a model, and [screens] says that such tools are refused. With `description = "ask"` a person can accept it: `ringfence tools accept`.',
    ),
    "P401": (
        "denied by a rule",
        "A rule of the policy does not allow this call with these labels. The reason names argument and source; the remedies say what would make it legal.",
    ),
    "P402": (
        "certain denial",
        "The forecast shows that the policy denies this call whatever happens, so nothing has run.",
    ),
    "P403": (
        "denied under a private condition",
        "The call stands where whether it happens would tell private data, and the policy denies that whatever the arguments.",
    ),
    "P404": (
        "denied: a rule failed",
        "A rule raised an error while it was evaluated. A rule that errors denies. Fix the rule.",
    ),
    "P405": (
        "denied: prompt not trusted",
        "Text with an untrusted label was about to be given to the planner. It never sees untrusted text.",
    ),
    "P406": ("denied: the answer may not be seen", "The answer holds data that the user may not read."),
    "P410": (
        "waiting for approval",
        "A rule asks a person. `ringfence approvals list`, then `approvals approve ID`, or run with a terminal.",
    ),
    "P420": ("approval refused", "A person said no. That is final for this plan."),
    "P421": ("approval expired", "Nobody decided, or the approval was not used, in time. Run again."),
    "P422": (
        "approval does not match",
        "The approval was given for other arguments, another plan or another call, or was used already.",
    ),
    "P430": (
        "denied by a budget",
        "The call would exceed a budget of the policy: so many calls, such a sum, so many receivers, in a run or a day. Do less, wait for the next day, or raise `most` in [budgets].",
    ),
    "P431": (
        "a budget cannot be counted",
        "The argument that a budget counts is no number, negative or not finite. Give the tool a plain number.",
    ),
    "P432": (
        "a trusted set is not available",
        "A rule needs a set of [sets] that could not be loaded: its tool failed, its file cannot be read, or others decide what is in it. Until it can be loaded its rules deny.",
    ),
    "P440": (
        "outside of the topics",
        "The request is about none of the topics that the policy allows ([topics]), so no plan was made. Ask about one of them.",
    ),
    "P441": (
        "the topic could not be told",
        "The classifier of topics failed or answered what is no topic, so no plan was made. Try again; see its own error.",
    ),
    "P470": (
        "fact that may hold text",
        "observe() tells the planner bools, counts, dates and choices from a closed list. Text and records that come from data stay variables: the next round uses them by name.",
    ),
    "P471": (
        "bits used up",
        "What observe() would tell the planner is more than [planning] bits allows for one run. Observe fewer facts, or narrower ones.",
    ),
    "P472": (
        "no further round",
        "The plan ends with observe(), but this was the last round that [planning] rounds allows. Answer with what is known.",
    ),
    "P480": (
        "the answer would carry private data out",
        "An address in the answer, to a host that no trusted source named, holds words of private data in its query or "
        "in what is loaded by itself. Whoever wrote it wants them to be sent there. Name the host if it is yours.",
    ),
    "P450": (
        "the signature does not hold",
        "The answer was not signed with the secret, was changed on its way, or is too old. Nothing was decided.",
    ),
    "P451": (
        "the answer is not one",
        "What was sent is no answer to a question: it has the wrong shape, or does not name the question completely.",
    ),
    "C500": (
        "configuration error",
        "A configuration file or a tool declaration is wrong. The message names the place.",
    ),
    "C501": (
        "tools not found",
        "The value of --tools is MODULE:ATTR: an importable module and a list of tools (or a function that returns one).",
    ),
    "C502": ("bad tool declaration", "A tool's annotations, effect, egress or label rule is wrong."),
    "C503": ("bad rule", "A rule of the policy does not parse or names an unknown tool, parameter, predicate or key."),
    "C504": (
        "bad --given",
        'The file is a JSON object of variables: {"x": {"value": 1, "sources": [], "readers": "everyone"}}.',
    ),
    "C505": ("workspace not found", "There is no workspace at that place. `ringfence init --demo DIR` makes one."),
    "C506": ("file not readable", "The file is missing, not readable or not text."),
    "C507": ("unknown key", "The configuration has a key that does not exist. Did you mean another?"),
    "C508": (
        "workspace damaged",
        "A file of the workspace cannot be read as what it should be. The message names the file.",
    ),
    "C509": (
        "no store",
        "The command needs what earlier runs left: give --store PATH, or do it in a workspace, whose store is state/ringfence.db.",
    ),
    "C510": (
        "no such run or question",
        "The store knows no run, record or question with that name. `ringfence audit list` and `ringfence approvals list` name them.",
    ),
    "C540": (
        "bad bypass",
        'A bypass is for one tool, lasts from a minute to a day, and has a reason: `ringfence bypass start --tool NAME --minutes 15 --reason "..."`.',
    ),
    "C541": (
        "bad answer to a question",
        "The decision on a question cannot be read: an unknown argument, a value that does not fit, or a time that is none.",
    ),
    "C542": (
        "bad proposal",
        "The report has no such finding, or the change it proposes cannot be written into the file. Make the change by hand.",
    ),
    "C543": (
        "bad webhook",
        "The webhook for questions needs an https address (or one on this machine) and a secret of at least 16 bytes in RINGFENCE_WEBHOOK_SECRET.",
    ),
    "C511": (
        "output not writable",
        "What was to be printed could not be written: the disk is full, or the file cannot be written to.",
    ),
    "C562": (
        "bad set of texts",
        "A set of `ringfence bench screens` is JSON, JSON lines, CSV, TSV or a text a line, and says what is an attack; docs/screens.md has the forms.",
    ),
    "C565": (
        "wrong output settings",
        "The table [output] of the configuration has a key or a word that does not exist. The message names it.",
    ),
    "C512": (
        "the benchmark cannot be run",
        "An extra is not installed, a task or a case study does not exist or is not as it should be, or the folder holds another study. The hint says what to do.",
    ),
    "C513": (
        "bad trace",
        "A trace that was to be replayed is not in the format, or does not fit the tools or the benchmark that it names. The message says where.",
    ),
    "C520": (
        "rules contradict each other",
        "Two entries that are equally specific say different things of one tool, or a rule denies exactly what it allows. Write one rule for that tool.",
    ),
    "C521": (
        "empty set",
        "A set of [sets] has no members and no place to get them from. Give it values, domains, a file or a tool.",
    ),
    "C522": ("groups in a circle", "A group of [groups] holds itself, or names a group that does not exist."),
    "C523": (
        "bad budget",
        "A budget of [budgets] counts nothing that its tools have. Name tools, and one of calls, sum or distinct.",
    ),
    "C524": (
        "no such pack",
        "`packs` names a pack of rules that does not ship with Ringfence. `ringfence policy packs` lists them.",
    ),
    "C525": (
        "bad rule case",
        "A file of `ringfence policy test` cannot be read. The message names file and line; docs/policies.md has the form.",
    ),
    "C526": (
        "bad topics",
        "The section [topics] is wrong. Each topic says what it is about, and perhaps which tools it may use.",
    ),
    "C527": ("bad draft", "The model's proposal is no policy that these tools could have. Nothing was changed."),
    "C550": ("bad [sandbox]", "The table [sandbox] of the configuration names a backend or a limit that cannot be."),
    "C551": (
        "bad call of a tool",
        "`ringfence tools test` is given a tool that does not exist, or arguments that do not fit it.",
    ),
    "C570": (
        "MCP server not reached",
        "A server of [servers] cannot be started or reached, does not speak MCP, or lists no tools in time; or the extra is not installed (`pip install 'ringfence[mcp]'`).",
    ),
    "C571": (
        "bad [servers.NAME]",
        "The table says neither or both of command and url, its tools need names of their own, or there is no `pins` in the configuration: what a server says of its tools is text that a model reads, and a person accepts it first.",
    ),
    "C560": (
        "bad screens",
        "The table [screens] has an unknown key, detector or action, or a threshold that is no number from 0 to 1. docs/screens.md lists what there is.",
    ),
    "C561": (
        "detector not loaded",
        "A detector of [screens] cannot be loaded: its file is missing, damaged or not the one that was pinned, or a package that it needs is not installed. Nothing is downloaded.",
    ),
}
