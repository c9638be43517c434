"""Files that a rule vouches for, or opens to others: no tool may put text there, and no other path may pass for one.

Found while the rules were made: a tool could write untrusted text to a trusted path whose rule says that the user
vouches for it, and read it back as the user's own; and a rule that compared paths without regard to upper and lower
case, as it must to forbid writing, vouched for `REPORTS/x` as well, which anybody may make.
"""

from __future__ import annotations

import pytest

from ringfence import Firewall
from ringfence.connectors.files.settings import file_settings
from ringfence.connectors.files.tools import file_tools
from ringfence.connectors.rooted import Root

RULES = file_settings(
    {
        "rules": [
            {"paths": ["reports/**"], "source": "user", "readers": ["ann@example.com"]},
            {"paths": ["open/*.md"], "readers": "everyone"},
        ]
    }
)


@pytest.fixture
def root(tmp_path):
    for name, text in {"a.txt": "evil", "reports/q1.md": "numbers", "open/x.md": "x"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return Root(tmp_path)


@pytest.fixture
def run(root):
    return Firewall(tools=file_tools(root.path, RULES), mode="strict", user="me").exec


def label(result):
    return result.answer.label


def test_a_folder_that_looks_like_one_that_a_rule_vouches_for_is_not_vouched_for(run, root):
    """Who may make files beside `reports`, but not in it, must not be believed by another spelling of its name."""
    for name in ("REPORTS/evil.md", "reports\u0301/evil.md", "Open/x.md"):
        place = root.path / name
        place.parent.mkdir()
        place.write_text("evil")
        found = label(run(f"answer(read_file({name!r}))"))
        assert (found.sources, found.readers) == ({"tool:read_file"}, {"me"}), name
        assert run(f'write_file({name!r}, "x")').outcome == ("completed" if "\u0301" in name else "failed")


@pytest.mark.parametrize(
    "plan",
    [
        'write_file("reports/q1.md", read_file("a.txt"))',
        'write_file("reports/new.md", read_file("a.txt"))',
        'write_file("./reports/new.md", "x")',
        'write_file("REPORTS/new.md", "x")',
        'write_file("open/x.md", read_file("a.txt"))',
        'move_file("a.txt", "reports/a.md")',
        'move_file("reports/q1.md", "a2.txt")',
        'move_file("a.txt", "open/a.md")',
        'delete_file("reports/q1.md")',
    ],
)
def test_no_tool_puts_text_where_a_rule_vouches_for_it_or_opens_it(run, root, plan):
    """Else a tool's text would come back as the user's own word, or private text as public."""
    before = {entry.path: root.read(entry.path, 100) for entry in root.walk()}
    result = run(plan)
    assert result.outcome == "failed"
    assert "a rule says whose that file is" in result.detail
    assert {entry.path: root.read(entry.path, 100) for entry in root.walk()} == before
