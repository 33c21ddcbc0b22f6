"""For ``relaycheck doctor``: whether probes pause, as the reports that are kept tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from bot.breaker import breaker_of
from bot.doctor import Diagnosis
from bot.settings import variable
from bot.store import DatabaseError, open_database
from bot.store.refusals import reports_that_block_us

if TYPE_CHECKING:
    from datetime import datetime

    from bot.settings import Settings


async def examine_breaker(settings: Settings, now: datetime) -> Diagnosis | None:
    """Return whether probes pause now; None where no report was ever kept."""
    url = settings.database_url.get_secret_value()
    if not _is_there(url):
        return None
    breaker, subject = breaker_of(settings), variable("breaker")
    try:
        async with open_database(url, owner=False) as database:
            found = await reports_that_block_us(database, since=now - breaker.memory)
    except DatabaseError as error:
        return Diagnosis(subject, "PROBES_NOT_LEARNT", {"detail": str(error)})
    for report in found:
        breaker.note(report)
    pause = breaker.pause(now)
    return (
        Diagnosis(subject, "PROBES_PAUSE", {"why": pause.why})
        if pause
        else Diagnosis(subject, "PROBES_GO_ON")
    )


def _is_there(url: str) -> bool:
    """Whether there may be a database; of SQLite's files that are not there none is made."""
    place = make_url(url)
    return place.get_backend_name() != "sqlite" or Path(place.database or "").exists()
