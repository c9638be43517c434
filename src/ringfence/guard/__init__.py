"""The reference monitor: tools, rules, approvals, journal, audit, and the only caller of tools and models."""
