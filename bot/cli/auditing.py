"""``relaycheck audit``: who did what in Slack, from the database, one JSON object a line.

Reads beside a running app.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.settings import SettingsError
from bot.store import DatabaseError, open_database
from bot.store.audit import deeds

if TYPE_CHECKING:
    from bot.settings import Settings


async def run(since: datetime, settings: Settings) -> None:
    """Print every line of the audit since a moment, in the order of its keeping.

    Raises:
        SettingsError: The database cannot be used.
    """
    try:
        async with open_database(settings.database_url.get_secret_value(), owner=False) as opened:
            async for deed in deeds(opened, since=since):
                line = asdict(deed) | {"at": f"{deed.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
                print(json.dumps(line))  # noqa: T201 - the command's output
    except DatabaseError as error:
        raise SettingsError((str(error),)) from None
