"""Commands that ask to be pasted into a terminal.

Its one rule: what fetches and runs, hides, destroys, or opens a way in. All repetitions are bounded, so that time is
linear.
"""

from __future__ import annotations

import re
from typing import Final

_FETCH: Final = (
    r"\b(?:curl|wget|fetch|aria2c|iwr|irm|invoke-webrequest|invoke-restmethod|xxd|openssl|base64|base32|gunzip|zcat)\b"
)
_DOWNLOAD: Final = r"\b(?:curl|wget|fetch|aria2c|iwr|irm|invoke-webrequest|scp)\b"
_BEFORE: Final = r"(?:(?:sudo|env|exec|command|nohup|time|xargs)\b[^\n|;&]{0,40}?\s{1,5})?(?:[\w/.-]{0,40}/)?"
_SHELL: Final = r"(?:(?:ba|z|da|k|fi|c|tc|a)?sh|python[23]?|perl|ruby|node|php|pwsh|osascript)\b"
_RM: Final = r"\brm\s{1,5}(?:-[a-z-]{1,20}\s{1,5}){0,6}(?:-[a-z]{0,10}[rf][a-z]{0,10}|--recursive|--force)\s{1,5}"
FORMS: Final = (
    rf"{_FETCH}[^\n]{{0,400}}?\|\s{{0,5}}{_BEFORE}{_SHELL}",
    rf"{_DOWNLOAD}[^\n]{{0,400}}?(?:&&|;)\s{{0,5}}(?:{_BEFORE}{_SHELL}|chmod\b|\./|start\s|[\w.-]{{1,40}}\.exe\b)",
    rf"(?:{_SHELL}|\bsource|\beval|(?:^|[\s;&])\.)\s{{1,5}}(?:-\w{{1,5}}\s{{1,5}})?[\"']?(?:\$\(|<\(|`)\s{{0,5}}{_FETCH}",
    r"\|\s{0,5}(?:iex|invoke-expression)\b",
    r"\b(?:iex|invoke-expression)\b[^\n]{0,80}(?:irm|iwr|downloadstring|webclient|frombase64string)",
    r"\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,120}\s-e(?:c|nc(?:odedcommand)?)?\s{1,5}[A-Za-z0-9+/=]{16,}",
    r"\b(?:mshta|rundll32)(?:\.exe)?\s{1,5}[\"']?(?:https?:|javascript:|vbscript:)",
    r"\b(?:regsvr32|msiexec|bitsadmin|certutil|cmstp)(?:\.exe)?\b[^\n]{0,120}(?:https?:|-urlcache)",
    r"\bset-executionpolicy\s{1,5}(?:bypass|unrestricted)\b",
    r"\b(?:nc|ncat|netcat)\b[^\n]{0,80}\s-(?:e|c)\s|\b(?:nc|ncat|netcat)\b[^\n]{0,120}\|\s{0,5}(?:ba|z)?sh\b",
    r"\bsocat\b[^\n]{0,120}\bexec:|/dev/(?:tcp|udp)/[^\s/]{1,253}/\d{1,5}",
    rf"{_RM}(?:--[a-z-]{{1,30}}\s{{1,5}})?[\"']?(?:[~/]|\$home\b|\*)",
    r":\s{0,2}\(\)\s{0,2}\{\s{0,2}:\s{0,2}\|\s{0,2}:\s{0,2}&",
    r"\bdd\b[^\n]{0,80}\bof=/dev/(?:sd|nvme|hd|disk|mmcblk|vd)|\bmkfs(?:\.\w{1,10})?\s[^\n]{0,60}/dev/",
    r"\b(?:del|rd|rmdir)\s{1,5}(?:/[sqf]\s{1,5}){1,3}[\"']?[a-z]:\\|\bformat\s{1,5}[a-z]:\s{1,3}/",
    r"\bremove-item\b[^\n]{0,80}-recurse\b[^\n]{0,60}[a-z]:\\",
    r"\bpython[23]?\s{1,5}-c\s{1,5}[\"'][^\n]{0,200}(?:urlopen|exec\(|b64decode|socket)",
    r"\b(?:pip3?|pipx|uv|npm|yarn|pnpm|gem|cargo|go|brew)\s{1,5}(?:\w{1,12}\s{1,5}){0,2}?(?:install|add|i|get|tap)\s"
    r"[^\n]{0,60}?https?://|\bnpx\s[^\n]{0,30}https?://",
    r"\bkubectl\b[^\n]{0,40}\bapply\b[^\n]{0,40}\shttps?://|\bdocker\s{1,5}run\b[^\n]{0,120}(?:\s-v\s{1,5}/:|--privileged)",
    r"\bgit\s{1,5}clone\b[^\n]{0,200}(?:&&|;)[^\n]{0,80}(?:make|install|setup|\./|sh\b)",
    r"\bosascript\s{1,5}-e\b|\bxattr\b[^\n]{0,40}com\.apple\.quarantine",
    r"\bcrontab\s{1,5}-\s{0,5}$|\|\s{0,5}crontab\b|>>?\s{0,5}[\"']?(?:~|\$home)?/?[\w/.-]{0,60}(?:authorized_keys|\.(?:ba|z)shrc"
    r"|\.(?:bash_|z)?profile|\.ssh/|/etc/(?:sudoers|passwd|cron))",
    r"\bwin(?:dows)?(?:\s{0,3}key)?\s{0,3}\+\s{0,3}[rx]\b",
    r"\bchmod\s{1,5}(?:\+x|[0-7]{3,4})\b[^\n]{0,120}(?:&&|;)\s{0,5}\./",
)
_COMMANDS: Final = re.compile("|".join(FORMS), re.IGNORECASE)
_CONTINUED: Final = re.compile(r"(?:\\[ \t]*\r?\n|(?<=[|&])[ \t]*\r?\n)[ \t]*")


def asks_to_paste(lines: str) -> bool:
    """Whether a line holds a command of that kind, also one that goes on in the lines after it."""
    return _COMMANDS.search(_CONTINUED.sub(" ", lines)) is not None
