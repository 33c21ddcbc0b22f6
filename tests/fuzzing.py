"""How often a property is tried: a few times in each test run, very often under `poe fuzz`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

USUAL = 100
# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile(
    "usual", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("usual")
settings.register_profile("fuzz", max_examples=100 * USUAL, deadline=None, print_blob=True)


def examples(usual: int) -> int:
    """Return ``usual``, or more by as much as the chosen profile is above the default."""
    return max(usual, usual * settings().max_examples // USUAL)
