"""The options of a check, by the names that they have in Slack and on the command line alike.

Read from here by whoever parses them and by every help text, so that there is one name and one
sentence for each.
"""

from __future__ import annotations

from dataclasses import dataclass

NO_PROBE = "--no-probe"
PRIVATE = "--private"
VARIANTS = "--variants"
PROVE = "--prove"
PORTS = "--ports"


@dataclass(frozen=True, slots=True)
class Option:
    """What stands after an option, as an example, and what it does, as an imperative."""

    value: str
    summary: str


OPTIONS = {
    NO_PROBE: Option("", "ask DNS alone, no mail server"),
    PRIVATE: Option("", "show the result to you alone"),
    VARIANTS: Option("", "ask the old relay-bypass address forms as well"),
    PROVE: Option("", "send a message through what accepted one, and wait for it"),
    PORTS: Option("25,465", "ask these ports on every address"),
}


def usage(name: str) -> str:
    """Return an option as it is typed, with an example of its value."""
    return f"{name} {OPTIONS[name].value}".rstrip()
