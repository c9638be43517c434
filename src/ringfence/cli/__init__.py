"""The command line. `ringfence --help` is answered without importing what any command needs.

Its one rule: data on stdout, everything else on stderr; every end is an exit status and, if it is no success, a
message with a code. Nothing here decides or runs anything itself.
"""

from __future__ import annotations


def main() -> None:
    """The command `ringfence`."""
    from ringfence.cli.app import app

    app.main(prog_name="ringfence")
