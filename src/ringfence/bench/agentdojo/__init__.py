"""AgentDojo under Ringfence: reviewed plans for all user tasks, an honest reader, and the strongest attacker.

Its one rule: the benchmark's own environments, tools and checks are used as they are; nothing here knows what a check
looks for. It needs the extra `agentdojo`.
"""
