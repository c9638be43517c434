"""What `import ringfence` offers, what it costs, and that the README's example does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import ringfence

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def printed(code: str) -> str:
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_all_is_the_exports():
    assert sorted(ringfence.__all__) == sorted(set(ringfence.__all__))
    assert sorted(ringfence._MODULES) == sorted(ringfence.__all__)
    assert dir(ringfence) == sorted(ringfence.__all__)
    for name in ringfence.__all__:
        assert getattr(ringfence, name) is not None


def test_every_public_error_is_exported():
    from ringfence.core import errors

    found = {
        name for name, item in vars(errors).items() if isinstance(item, type) and item.__module__ == errors.__name__
    }
    assert found <= set(ringfence.__all__)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(ringfence, "Firewal")


def test_the_import_is_light():
    code = "import sys, ringfence; print([m for m in sys.modules if m.startswith('ringfence.')])"
    path = str(ROOT / "src")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout == "[]\n"


def test_the_firewall_needs_no_provider_and_no_database():
    code = (
        "import sys\nfrom ringfence import Firewall, tool\n"
        "print(Firewall([]).exec('answer(1)').outcome)\n"
        "print([m for m in ('pydantic_ai', 'sqlalchemy', 'openai', 'httpx2', 'click', 'rich') if m in sys.modules])"
    )
    path = str(ROOT / "src")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert done.stdout == "completed\n[]\n"


def test_the_example_of_the_readme_prints_what_it_says(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    said = re.findall(r"^(?:print\(|firewall\.).*?  # (.*)$", example, re.MULTILINE)
    assert said == [
        "waiting",
        "('send_mail.body: Trusted',)",
        "a person has seen result.approval.preview",
        "sent to bob@example.com, completed",
    ]
    assert capsys.readouterr().out == "waiting\n('send_mail.body: Trusted',)\nsent to bob@example.com\ncompleted\n"


def test_the_readme_names_pages_and_commands_that_exist():
    from ringfence.cli.app import COMMANDS

    for command in re.findall(r"[`$:] ?ringfence ([a-z]+)", README):
        assert command in COMMANDS
    for target in re.findall(r"\$ make ([a-z]+)", README):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
