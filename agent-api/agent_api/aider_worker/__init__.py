"""Aider as a library, in Aider's own environment: a warm parent that forks one fenced child per edit.

Started as a program by path (`python -s -P .../aider_worker/__main__.py`); agent-api speaks to it by JSON lines
(`protocol.py`). It imports the standard library, Aider, and those modules of agent_api that need nothing else.
"""
