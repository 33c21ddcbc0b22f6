"""Work that was accepted: stored before it is acknowledged, done once, drained at the end.

``port`` is what the rest of relaycheck knows of it; the engine behind it can be changed.
"""

from bot.jobs.calm import Calm
from bot.jobs.durable import Durable
from bot.jobs.housekeeping import keep_house
from bot.jobs.places import Limits
from bot.jobs.port import AlreadyAskedError, Job, Jobs, NotAccepted, Run

__all__ = [
    "AlreadyAskedError",
    "Calm",
    "Durable",
    "Job",
    "Jobs",
    "Limits",
    "NotAccepted",
    "Run",
    "keep_house",
]
