"""``relaycheck history``: what checks found out about a domain, from the database.

Reads beside a running app, and asks nobody anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.render.card import plain_time
from bot.render.history import history, overview
from bot.request import parse_domain
from bot.settings import SettingsError
from bot.store import DatabaseError, open_database
from bot.store.reports import domains_seen, sightings

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store import Database


async def run(domain: str | None, settings: Settings) -> None:
    """Print the history of a domain, or of all that were checked lately.

    Raises:
        UsageError: The domain is none.
        SettingsError: The database cannot be used.
    """
    suffixes = settings.allow_domains
    name = None if domain is None else parse_domain(domain, allowed_suffixes=suffixes)
    try:
        async with open_database(settings.database_url.get_secret_value(), owner=False) as opened:
            if name is None:
                told = await _overview(opened)
            else:
                found = await sightings(opened, name.ascii)
                told = history(name.shown, found, plain_time, as_mrkdwn=False)
    except DatabaseError as error:
        raise SettingsError((str(error),)) from None
    print("\n".join(told))  # noqa: T201 - the command's output


async def _overview(database: Database) -> tuple[str, ...]:
    found = {name: await sightings(database, name) for name in await domains_seen(database)}
    return overview(found, plain_time, as_mrkdwn=False)
