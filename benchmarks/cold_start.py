"""What starting the command costs: `ringfence --help` against `python -c pass`, and what it must not import.

python benchmarks/cold_start.py [--quick]
"""

from __future__ import annotations

import subprocess
import sys
import time

REPEAT = 5 if "--quick" in sys.argv else 20
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import ringfence": ["-c", "import ringfence"],
    "import ringfence.lang": ["-c", "import ringfence.lang"],
    "ringfence --help": ["-m", "ringfence", "--help"],
    "ringfence explain P401": ["-m", "ringfence", "explain", "P401"],
}
HEAVY = ("pydantic_ai", "openai", "anthropic", "google", "sqlalchemy", "httpx2", "aiosmtpd", "icalendar", "vobject")


def seconds(arguments: list[str]) -> float:
    """The best of several starts."""
    found = float("inf")
    for _ in range(REPEAT):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        found = min(found, time.perf_counter() - began)
    return found


def imported() -> list[str]:
    """The heavy parts that `ringfence --help` loads: there should be none."""
    code = (
        "import sys\nfrom ringfence.cli import main\nsys.argv = ['ringfence', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stderr.split()


def main() -> None:
    print(f"Python {sys.version.split()[0]}; best of {REPEAT}\n")
    print("| command | time |")
    print("|---|---|")
    for name, arguments in COMMANDS.items():
        print(f"| {name} | {seconds(arguments) * 1e3:,.0f} ms |")
    print(f"\nHeavy parts imported for --help: {', '.join(imported()) or 'none'}")


if __name__ == "__main__":
    main()
