"""The guard itself: one segment of untrusted text at a time, so that a stream and a whole text come out the same.

Its one rule: each step makes a place of the text inert or leaves it; none makes new markup. Time is linear in the text.
"""

from __future__ import annotations

import re
from typing import Final, final

from ringfence.guard.visible import visible
from ringfence.screens.output.carrying import carries
from ringfence.screens.output.commands import asks_to_paste
from ringfence.screens.output.context import Context
from ringfence.screens.output.findings import Finding, Guarded
from ringfence.screens.output.gates import ALL, EVERYTHING, Looks, groups, is_plain, looks
from ringfence.screens.output.hosts import (
    WEB,
    defanged,
    host_of,
    is_harmless,
    is_named,
    leads_away,
    mail_host,
    scheme_of,
)
from ringfence.screens.output.leaks import NOTHING, Before, coded, merged, repeated
from ringfence.screens.output.links import Link, inside, links
from ringfence.screens.output.secrets import secrets
from ringfence.screens.output.segments import LONGEST, segments
from ringfence.screens.output.settings import Output

# What a browser takes for a tag: closed, or with attributes to come. Not the address of a mail in angle brackets.
_TAG: Final = re.compile(
    r"<(?![\w.+-]{1,100}@[\w.-]{1,200}>)"
    r"(?=/?([a-zA-Z][a-zA-Z0-9:-]{0,30})(?:[\s/]|$)|/?([a-zA-Z][^\s/<>]{0,30})[^<>]*>|[!?/][^<>]*>"
    r"|[a-zA-Z!?/][^<>]{2000,}\Z)"
)
_IMAGE: Final = re.compile(r"!(?=\[)")
_PASSES: Final = 4
_PARTS: Final = 4  # in which a text that needs something is looked at
_LOADED: Final = ("image", "tag")
_RUNS: Final = frozenset({"javascript", "vbscript", "data", "file", "blob", "filesystem"})
_LINES: Final = re.compile(r"(\r\n|\n|\t)")
# A line, with those that it goes on in for a shell.
_COMMAND_LINES: Final = re.compile(r"(?:[^\n]*[\\|&][ \t]*\r?\n){0,20}[^\n]*\n|[^\n]+\Z")
MARK: Final = "  [a command from text that nobody vouches for: do not paste it]"
LEAKED: Final = "[instructions left out]"


@final
class OutputGuard:
    """Makes untrusted text safe to show. Holds no state of any text; may be used from several threads."""

    def __init__(self, settings: Output | None = None) -> None:
        self.settings = Output() if settings is None else settings

    def text(self, text: str, context: Context) -> Guarded:
        """A whole text that untrusted sources influenced."""
        parts: list[str] = []
        findings: list[Finding] = []
        before = NOTHING
        waiting = [(group, EVERYTHING) for group in groups(segments(text), LONGEST)][::-1]
        while waiting:
            group, around = waiting.pop()
            whole = "".join(group)
            need = looks(whole, context, before, around)
            if len(group) > 1 and not need.nothing():
                size = -(-len(group) // _PARTS)
                waiting += [(group[start : start + size], need) for start in range(0, len(group), size)][::-1]
                continue
            guarded = self._guarded(whole, context, before, need)
            before = before.then(whole) if context.prompts else before
            findings += guarded.findings
            if guarded.stopped:
                return Guarded("", tuple(findings), stopped=True)
            parts.append(guarded.text)
        return Guarded("".join(parts), tuple(findings))

    def trusted(self, text: str) -> Guarded:
        """A text that only trusted sources influenced: links and markup are its author's; secrets are masked."""
        findings: list[Finding] = []
        return Guarded(self._masked(text, findings), tuple(findings))

    def segment(self, text: str, context: Context, before: Before = NOTHING) -> Guarded:
        """One segment, as `segments` gives them, after the last words (leaks.py) of those before it."""
        return self._guarded(text, context, before, looks(text, context, before))

    def _guarded(self, text: str, context: Context, before: Before, need: Looks) -> Guarded:
        if text in ("\n", "\r\n") or (need.nothing() and not _is_cut(text)):
            return Guarded(text)
        findings: list[Finding] = []
        stood = links(text) if "links" in need.steps else []
        seen: set[tuple[str, bool]] = set()
        for link in stood:
            key = link.address, link.shape in _LOADED
            if key in seen:
                continue
            seen.add(key)
            if self._takes_along(link, context):
                return Guarded("", (*findings, Finding("exfiltration", host_of(link.address) or "")), stopped=True)
        shown = self._without_prompts(text, context, findings, before, need)
        steps = need.steps if shown == text else ALL
        shown = self._marked(shown, findings) if "commands" in steps else shown
        shown = self._masked(shown, findings) if "secrets" in steps else shown
        steps = steps if shown == text else ALL
        if "links" in steps:
            shown = self._inert(shown, context, findings, stood if shown == text else links(shown))
        shown = self._escaped(shown, findings) if "tags" in steps else shown
        if _is_cut(text):
            shown += " "  # a word that was cut: its parts are not to be read as one
        return Guarded(_visible(shown, findings), tuple(findings))

    def _takes_along(self, link: Link, context: Context) -> bool:
        if is_harmless(link.address):
            host = mail_host(link.address)
            away = host is not None
        else:
            host = host_of(link.address)
            away = host is not None or leads_away(link.address)
        if not away:
            return False
        if host is not None and self._named(host, context):
            return bool(context.private) and any(self._leads_on(one, context) for one in inside(link.address))
        return carries(link.address, context, loaded=link.shape in _LOADED)

    def _leads_on(self, address: str, context: Context) -> bool:
        """Whether an address in one of a named host carries data to a host that was not named."""
        host = host_of(address)
        return (host is None or not self._named(host, context)) and carries(address, context, loaded=True)

    def _named(self, host: str, context: Context) -> bool:
        return is_named(host, context.named) or is_named(host, self.settings.hosts)

    # Steps, in order

    def _marked(self, text: str, findings: list[Finding]) -> str:
        if self.settings.commands == "keep":
            return text
        made = []
        for lines in _COMMAND_LINES.findall(text):
            if asks_to_paste(lines):
                findings.append(Finding("command"))
                bare = lines.rstrip("\r\n")
                lines = f"{bare}{MARK}{lines[len(bare) :]}"
            made.append(lines)
        return "".join(made)

    def _without_prompts(
        self, text: str, context: Context, findings: list[Finding], before: Before, need: Looks
    ) -> str:
        found = list(repeated(text, context.prompts, before.words)) if need.told else []
        if need.coded:
            found += coded(text, context.prompts, before.code)
        made, last = [], 0
        for start, end in merged(found):
            findings.append(Finding("prompt"))
            made += [text[last:start], LEAKED]
            last = end
        return "".join([*made, text[last:]])

    def _masked(self, text: str, findings: list[Finding]) -> str:
        if self.settings.secrets == "show":
            return text
        made, last = [], 0
        for start, end, kind in secrets(text):
            findings.append(Finding("secret", kind))
            made += [text[last:start], f"[{kind} masked]"]
            last = end
        return "".join([*made, text[last:]])

    def _inert(self, text: str, context: Context, findings: list[Finding], found: list[Link]) -> str:
        """The text without links that were not named; a link can stand in the text of another."""
        for _ in range(_PASSES):
            made = self._once(text, context, findings, found)
            if made == text:
                return self._without_images(text, found)
            text, found = made, links(made)
        return text.replace("](", "] (").replace("<", "&lt;")

    def _without_images(self, text: str, found: list[Link]) -> str:
        """Those that are left are read as links, but for those that were named: one by reference, or by a long label,
        may have its address anywhere."""
        kept = {link.start for link in found if link.shape == "image"}
        return _IMAGE.sub(lambda sign: "!" if sign.start() in kept else "! ", text)

    def _once(self, text: str, context: Context, findings: list[Finding], found: list[Link]) -> str:
        made, last = [], 0
        for link in found:
            if link.start < last:  # inside of one that is gone
                continue
            instead = self._instead(link, context, findings)
            if instead is not None:
                made += [text[last : link.start], instead]
                last = link.end
        return "".join([*made, text[last:]])

    def _instead(self, link: Link, context: Context, findings: list[Finding]) -> str | None:
        """What stands for a link; None if it may stay."""
        if link.shape == "joint":
            return self._unjoined(link, context, findings)
        if link.shape == "name" or is_harmless(link.address):
            return None
        host, scheme = host_of(link.address), scheme_of(link.address)
        if scheme in _RUNS:
            findings.append(Finding("script", scheme))
            return f"{link.label}[{scheme} address left out]"
        if not leads_away(link.address):
            return None if link.shape != "image" else self._image(link, "", findings)  # of the page itself
        if host is not None and self._named(host, context):
            return None
        if link.shape == "image":
            return self._image(link, host or "", findings)
        findings.append(Finding("link", host or scheme))
        if link.shape == "tag":
            return "=[address left out]"
        if self.settings.links == "remove":
            return link.label or "[address left out]"
        shown = defanged(link.address)
        return f"{link.label} ({shown})" if link.label and link.label.strip() != link.address else shown

    def _unjoined(self, link: Link, context: Context, findings: list[Finding]) -> str | None:
        host, scheme = host_of(link.address), scheme_of(link.address)
        known = host is not None and self._named(host, context)
        away = scheme in _RUNS or not link.address or (leads_away(link.address) and not known)
        if not away or (link.label == ":" and scheme and scheme not in _RUNS | WEB) or is_harmless(link.address):
            return None  # a definition has the form of "[note]: status:done", too
        findings.append(Finding("script" if scheme in _RUNS else "link", host or scheme))
        return f"] {link.label}"

    def _image(self, link: Link, host: str, findings: list[Finding]) -> str:
        findings.append(Finding("image", host))
        return f"[image left out{': ' + link.label if link.label else ''}]"

    def _escaped(self, text: str, findings: list[Finding]) -> str:
        if self.settings.html == "keep":
            return text

        def escape(found: re.Match[str]) -> str:
            findings.append(Finding("html", (found.group(1) or found.group(2) or "").lower()))
            return "&lt;"

        made = _TAG.sub(escape, text)
        # What stood before an escaped tag may be closed by that tag's end now.
        return made if _TAG.search(made) is None else made.replace("<", "&lt;")


def _is_cut(text: str) -> bool:
    return len(text) >= LONGEST and not text[-1].isspace()


def _visible(text: str, findings: list[Finding]) -> str:
    """The text with escapes and invisible characters written out; lines and tabs stay."""
    if is_plain(text):
        return text
    parts = _LINES.split(text)
    shown = "".join(part if _LINES.fullmatch(part) else visible(part) for part in parts)
    if shown != text:
        findings.append(Finding("escape"))
    return shown
