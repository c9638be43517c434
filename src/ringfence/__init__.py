"""Ringfence: a firewall for LLM agents that holds by construction."""
