"""For ``relaycheck doctor``: what relaycheck stands on: its database, the blocklists, the canary.

Each is tried as it would be used, and left as it was found.
"""

from __future__ import annotations

import errno
import os
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.doctor import Diagnosis
from bot.model.report import ListingStatus
from bot.network.address_filter import forbidden_class
from bot.network.canary import open_canary
from bot.settings import variable
from bot.store import DatabaseError, open_database
from bot.store.database import touch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import URL

    from bot.edges import World
    from bot.settings import Settings

# RFC 5782 §5: what every list of IPv4 addresses lists, so that it can be tried.
TEST_ENTRY = "127.0.0.2"


async def examine_database(settings: Settings) -> Diagnosis:
    """Return whether the database can be used; a file of SQLite that is not there is not made."""
    place = make_url(settings.database_url.get_secret_value())
    subject, told = variable("database_url"), {"place": place.render_as_string()}
    if (folder := _to_be_made(place)) is not None:
        told["folder"] = str(folder)
        is_ours = os.access(folder, os.W_OK | os.X_OK)
        return Diagnosis(subject, "DATABASE_TO_BE_MADE" if is_ours else "DATABASE_FOLDER", told)
    try:
        async with open_database(settings.database_url.get_secret_value(), owner=False) as database:
            await touch(database)
    except (DatabaseError, SQLAlchemyError) as error:
        return Diagnosis(subject, "DATABASE_UNUSABLE", {"detail": " ".join(str(error).split())})
    return Diagnosis(subject, "DATABASE_ANSWERS", told)


def _to_be_made(place: URL) -> Path | None:
    """Return the folder in which SQLite's file would have to be made; None: there is a database."""
    file = Path(place.database or "")
    if place.get_backend_name() != "sqlite" or file.exists():
        return None
    return next(folder for folder in file.absolute().parents if folder.exists())


async def examine_blocklists(
    settings: Settings, world: World, outgoing: str | None
) -> AsyncIterator[Diagnosis]:
    """Tell which blocklists answer us, and whether one of them lists our own address.

    Args:
        settings: What is set.
        world: The edges.
        outgoing: The address that connections leave from; None: no route.
    """
    subject = variable("blocklists")
    if world.ask_lists is None:
        yield Diagnosis(subject, "BLOCKLISTS_OFF")
        return
    tried = await world.ask_lists(TEST_ENTRY)
    answering = [one.list for one in tried if one.status is ListingStatus.LISTED]
    if answering:
        yield Diagnosis(subject, "BLOCKLISTS_ANSWER", {"lists": ", ".join(answering)})
    silent: dict[str, list[str]] = {}
    for one in tried:
        if one.status is not ListingStatus.LISTED:
            silent.setdefault(one.detail or one.status.value, []).append(one.list)
    for detail, lists in silent.items():
        told = {"lists": ", ".join(lists), "detail": detail}
        yield Diagnosis(subject, "BLOCKLISTS_SILENT", told)
    if outgoing is None or forbidden_class(outgoing, settings.allow_networks) is not None:
        return  # a translation stands between: what others see is not known
    listed = [
        f"{one.list} ({one.detail})" if one.detail else one.list
        for one in await world.ask_lists(outgoing)
        if one.status is ListingStatus.LISTED
    ]
    if listed:
        told = {"ip": outgoing, "lists": ", ".join(listed)}
        yield Diagnosis(variable("ehlo_name"), "ADDRESS_LISTED", told)


@asynccontextmanager
async def canary_on_trial(settings: Settings, world: World) -> AsyncIterator[Diagnosis]:
    """Let the canary listen while the block runs, and tell whether it can.

    Whoever tries meanwhile whether mail for RELAYCHECK_RCPT_TO is taken finds it there, as it will
    be later.
    """
    subject = variable("canary_listen")
    if not settings.canary_listen:
        yield Diagnosis(subject, "CANARY_UNSET")
        return
    told = {"where": ", ".join(f"{host}:{port}" for host, port in settings.canary_listen)}
    mailboxes = (world.vantage.forward_path, world.vantage.reverse_path)
    canary = open_canary(settings.canary_listen, mailboxes, name=world.vantage.ehlo, now=world.now)
    async with AsyncExitStack() as listening:
        tag = "CANARY_CAN_LISTEN"
        try:
            await listening.enter_async_context(canary)
        except OSError as error:
            told["detail"] = error.strerror or type(error).__name__
            tag = "CANARY_TAKEN" if error.errno == errno.EADDRINUSE else "CANARY_CANNOT_LISTEN"
        yield Diagnosis(subject, tag, told)
