"""Drafts: what a model proposes is compared by meaning; nothing is widened, nothing is taken over unasked."""

from pathlib import Path
from typing import Any

import pytest

from ringfence.config import Config, load
from ringfence.core.errors import ConfigError, ModelError
from ringfence.session.drafting import Proposal, draft
from ringfence.testing import ScriptedModel

from .suites import banking


def drafted(reply: Any, config: Config | None = None) -> list[Proposal]:
    return draft(ScriptedModel([reply]), banking(), Config() if config is None else config)


def test_proposals_are_told_by_what_they_mean() -> None:
    reply = """Here you are:
```toml
[tools.send_money]
deny = "amount > 100"
[tools.update_password]
allow = "True"
[tools.get_iban]
deny = "not pc_trusted()"
[tools.get_balance]
allow = "pc_public()"
```"""
    assert [(one.tool, one.change, one.applicable) for one in drafted(reply)] == [
        ("send_money", "narrower", True),
        ("update_password", "wider", False),
        ("get_iban", "narrower", True),
        ("get_balance", "same", False),
    ]


def test_a_reply_that_says_it_narrows_is_not_believed() -> None:
    reply = '```toml\n# this only narrows\n[tools.send_money]\nallow = "trusted(recipient) or True"\n```'
    (found,) = drafted(reply)
    assert (found.change, found.applicable) == ("wider", False)


@pytest.mark.parametrize(
    "reply",
    [
        "I would rather not.",
        "```toml\n[tools.send_money\n```",
        '[tools.send_moneys]\nallow = "True"',
        '[tools.send_money]\neffect = "read"',
        "[tools.send_money]\nallow = true",
        '[tools.send_money]\nallow = "trusted(receiver)"',
        "[tools.send_money]\nallow = \"__import__('os')\"",
        'trusted = ["tool:web"]',
        'mode = "observe"\n[tools.send_money]\nallow = "False"',
        "tools = 5",
        "x" * 200_000,
    ],
)
def test_a_reply_that_is_no_draft_is_refused(reply: str) -> None:
    with pytest.raises(ConfigError) as caught:
        drafted(reply)
    assert caught.value.code == "C527"


def test_a_model_that_fails_is_told() -> None:
    with pytest.raises(ModelError):
        drafted(ModelError("down"))


def test_the_model_sees_signatures_and_rules_and_nothing_else() -> None:
    model = ScriptedModel(["[tools]"])
    assert draft(model, banking(), Config()) == []
    asked = model.asked[0].user
    assert "send_money(recipient: str, amount: float" in asked
    assert "trusted(recipient)" in asked


def test_a_table_that_somebody_wrote_is_never_changed(tmp_path: Path) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text('[tools.get_iban]\nallow = "trusted_place()"\n'.replace("trusted_place", "pc_public"))
    (found,) = drafted('[tools.get_iban]\ndeny = "not pc_trusted()"', load(file))
    assert (found.change, found.written, found.applicable) == ("narrower", True, False)
