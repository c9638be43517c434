"""Commands that ask to be pasted into a terminal. Its one rule: what fetches and runs, hides, or opens a way in."""

from __future__ import annotations

import re
from typing import Final

_COMMANDS: Final = re.compile(
    r"(?i)\b(?:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod)\b[^\n]{0,400}?\|\s{0,5}(?:sudo\s{1,5})?(?:[\w/]{0,40}/)?"
    r"(?:ba|z|da|k|fi)?sh\b|\b(?:ba|z|da)?sh\s{1,5}(?:-c\s{1,5}[\"']?\$\(|<\()\s{0,5}(?:curl|wget)\b"
    r"|\|\s{0,5}(?:iex|invoke-expression)\b|\b(?:iex|invoke-expression)\b[^\n]{0,80}(?:irm|iwr|downloadstring|webclient)"
    r"|\bpowershell(?:\.exe)?\b[^\n]{0,120}\s-e(?:nc(?:odedcommand)?)?\s{1,5}[A-Za-z0-9+/=]{16,}"
    r"|\bmshta(?:\.exe)?\s{1,5}(?:https?:|javascript:|vbscript:)|\bbase64\s{1,5}(?:-d|--decode)\b[^\n]{0,120}\|\s{0,5}(?:ba|z)?sh\b"
    r"|\b(?:nc|ncat|netcat)\b[^\n]{0,80}\s-(?:e|c)\s|/dev/tcp/[^\s/]{1,253}/\d{1,5}|\brm\s{1,5}-(?:rf|fr)\s{1,5}[~/]"
    r"|\bpython3?\s{1,5}-c\s{1,5}[\"'][^\n]{0,200}(?:urlopen|exec\(|b64decode)|\bchmod\s{1,5}\+x\b[^\n]{0,120}(?:&&|;)\s{0,5}\./"
    r"|\bcertutil(?:\.exe)?\b[^\n]{0,80}-urlcache|\bcrontab\s{1,5}-\s{0,5}$|>>\s{0,5}~?/?[\w/]{0,60}authorized_keys"
    r"|\bWin(?:dows)?\s{0,3}(?:key\s{0,3})?\+\s{0,3}R\b"
)


def asks_to_paste(line: str) -> bool:
    """Whether a line holds a command of that kind."""
    return _COMMANDS.search(line) is not None
