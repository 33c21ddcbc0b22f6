"""How often a property is tried: a few times in each test run, very often under `poe fuzz`."""

from __future__ import annotations

from hypothesis import settings

USUAL = 100
settings.register_profile("fuzz", max_examples=100 * USUAL, deadline=None, print_blob=True)


def examples(usual: int) -> int:
    """Return ``usual``, or more by as much as the chosen profile is above the default."""
    return max(usual, usual * settings().max_examples // USUAL)
