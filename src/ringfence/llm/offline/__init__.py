"""The offline stand-in: a rule-based planner and an extractive reader, for use without any model.

Its one rule: it writes ordinary plans and fills ordinary schemas through the same interfaces as a real model, and it
says what it is. It must know nothing of any particular data: names, files, hosts and dates come from the request or
from tools.
"""

from typing import Final

ANNOUNCEMENT: Final = (
    "No model is configured, so the offline stand-in is used. It is a set of rules, not a language model: it "
    "understands a "
    "few kinds of requests about schedules, mail, files, contacts and web pages, and it finds things in text without "
    "understanding it. To use a model, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GOOGLE_API_KEY, start Ollama, or give "
    "--model PROVIDER:NAME."
)
