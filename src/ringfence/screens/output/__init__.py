"""The output guard: what untrusted text in an answer may not do to the person who reads it.

    guard = OutputGuard(Output())
    guarded = guard.text(answer, Context(named=frozenset({"example.com"})))

An answer is shown by something that renders links, loads images and obeys escapes. So, in text that an untrusted source
influenced, links and images to hosts that no trusted source named lose their effect, HTML and terminal escapes are
shown, secrets are masked, commands that ask to be pasted are marked, and an address that carries the data of others
stops the answer.

Its one rule: the guard looks at the label first; text that only trusted sources influenced keeps its links and markup.
"""

from ringfence.screens.output.context import Context, words_of
from ringfence.screens.output.findings import Finding, Guarded
from ringfence.screens.output.guard import OutputGuard
from ringfence.screens.output.settings import Output
from ringfence.screens.output.stream import OutputStream

__all__ = ["Context", "Finding", "Guarded", "Output", "OutputGuard", "OutputStream", "words_of"]
