"""The group of all commands, and the one place where errors become messages and exit statuses.

Its one rule: never a traceback, never an exit by a signal. A command is imported when it is called; its line in
`--help` stands here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from ringfence.cli.status import FAILED, USAGE, ReaderGone

# name: (module, what it does); the command is the attribute `command` of the module.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "run": ("run", "Plan a request and run the plan."),
    "plan": ("plan", "Dry run: the plan, its forecast and its data flow; nothing is called."),
    "check": ("check", "Check a plan and forecast it."),
    "exec": ("execute", "Run a plan from a file, without a planner."),
    "approvals": ("approvals", "Questions that runs wait for: list, show, approve, reject, serve."),
    "report": ("report", "What would have been asked or denied, and the smallest rules that allow what is fine."),
    "bypass": ("bypass", "Stop nothing of one tool for a short time, on record: start, list, stop."),
    "audit": ("audit", "What happened: list, show, verify, export."),
    "policy": ("policy", "The rules: check, test, show, explain, draft, packs."),
    "tools": ("tools", "Tools: list, show, test, accept, learn."),
    "doctor": ("doctor", "What isolates programs on this machine, proven by trying."),
    "init": ("init", "Write a configuration, or a demonstration workspace."),
    "demo": ("demo", "The main job in a demonstration workspace, also under attack."),
    "scan": ("scan", "Look for attacks on models in files, folders and stdin."),
    "bench": ("bench", "Benchmarks: what is let through, what it costs, whom it interrupts."),
    "check-model": ("check_model", "Whether a model writes plans well enough; nothing is run."),
    "explain": ("explain", "What a code such as P403 means, and what to do."),
}


class App(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"ringfence.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from ringfence.config import did_you_mean

            ctx.fail(f"there is no command {args[0][:40]!r}: {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command and exit with its status."""
        with _terminable():
            sys.exit(self._guarded(args, prog_name, extra))

    def _guarded(self, args: Sequence[str] | None, prog_name: str | None, extra: dict[str, Any]) -> int:
        try:
            status = super().main(args, prog_name, standalone_mode=False, **extra)
            _flush()
            return status if isinstance(status, int) else 0
        except click.ClickException as problem:
            problem.show()
            return USAGE
        except (KeyboardInterrupt, click.Abort):
            _say("interrupted: calls that had begun may have happened; `ringfence audit list` tells which")
            return FAILED
        except (ReaderGone, SystemExit):  # the second is click's own, for the same in its help
            _discard()
            return FAILED
        except OSError as problem:
            _say(f"C511: the output cannot be written ({type(problem).__name__})\n    hint: check where it goes to")
            _discard()
            return FAILED
        except Exception as problem:
            return _reported(problem)


def _reported(problem: Exception) -> int:
    from ringfence.cli.output import complain, status_of_error
    from ringfence.core.errors import RingfenceError

    if isinstance(problem, RingfenceError):
        complain(problem)
        return status_of_error(problem)
    # A fault of ours, or a full disk below us. Its text may hold values: only the kind and the place are told.
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
    _say(f"E303: internal error ({type(problem).__name__}{place})\n    hint: please report it with the command you ran")
    return FAILED


@contextmanager
def _terminable() -> Iterator[None]:
    """Make output that a terminal cannot show visible instead of failing, and SIGTERM an interruption."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        before = signal.signal(signal.SIGTERM, _terminated)
    except ValueError:
        yield  # not in the main thread: whoever runs us there handles signals
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _discard() -> None:
    """Whoever read our output has gone: nothing more is written, not even when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            try:
                os.dup2(nowhere, stream.fileno())
            except (OSError, ValueError, AttributeError):
                continue


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201  (the command line's own channel)
    except (OSError, ValueError):
        _discard()


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version("ringfence")
        except PackageNotFoundError:
            found = "(not installed)"
        click.echo(f"ringfence {found}")
        ctx.exit()


@click.command("ringfence", cls=App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def app() -> None:
    """A firewall for LLM agents: untrusted text cannot decide what happens.

    Exit status: 0 completed; 1 refused or denied; 2 usage, configuration or a rejected plan; 3 waits for an approval;
    4 failed. Every command takes --json. Start with `ringfence demo`.
    """
