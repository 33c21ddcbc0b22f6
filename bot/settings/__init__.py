"""The environment, read once, validated, frozen: the only part that knows it.

Names and defaults are the public contract (README, "Settings"). A wrong value is refused at start,
together with all others, in a sentence that says what to write instead; nothing is guessed. Who the
probe says it is when nothing is set, and what a token is for, is decided by those who use them.
"""

from bot.settings.environment import (
    Settings,
    SettingsError,
    bare_environment,
    load_settings,
    unknown_variables,
    variable,
)
from bot.settings.permission import Named, People, ProbePolicy, Rate
from bot.settings.values import IPNetwork

__all__ = [
    "IPNetwork",
    "Named",
    "People",
    "ProbePolicy",
    "Rate",
    "Settings",
    "SettingsError",
    "bare_environment",
    "load_settings",
    "unknown_variables",
    "variable",
]
