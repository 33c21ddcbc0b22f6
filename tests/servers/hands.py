"""Follows a remedy by hand: keeps a copy, edits the configuration as it says, loads it as it says.

Its shell commands run as they stand on the card, with commands of the same names that find this
server among all others on the machine. Service managers are the one thing that is played: what
``systemctl`` tells a daemon, it is told.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers import edits, exim, opensmtpd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.servers.advice import Advice
    from tests.servers.mail_server import MailServer

_COPY = ".before"
_LOADS_WITHIN_S = 15.0
_SYSTEMCTL = 'case "$1" in reload) kill -HUP "$DAEMON" ;; restart) touch "$FOLDER/restart" ;; esac'
_MANAGERS = {"systemctl": _SYSTEMCTL, "rcctl": _SYSTEMCTL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """What a person knows of one product.

    ``edits`` are the files of its configuration, in the server's folder, and who changes them.
    ``says_loaded`` is what it logs when it has read them again. ``commands`` are its own commands,
    as shell scripts.
    """

    edits: Mapping[str, Callable[[str, Advice], str]]
    says_loaded: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)


_EXIM = f'exec nsenter --target "$DAEMON" --mount --net {exim.PROGRAM} "$@"'
HANDS: Mapping[str, Hand] = {
    "postfix": Hand(
        edits={"conf/main.cf": edits.main_cf, "conf/master.cf": edits.master_cf},
        says_loaded="reload -- version",
    ),
    "exim": Hand(
        edits={exim.CONFIGURATION: edits.exim_conf},
        says_loaded="daemon started",
        commands={"exim": _EXIM, "exim4": _EXIM},
    ),
    "opensmtpd": Hand(
        edits={"smtpd.conf": edits.smtpd_conf},
        commands={"smtpd": f'exec {opensmtpd.PROGRAM} -f "$FOLDER/smtpd.conf" "$@"'},
    ),
}


async def follow(server: MailServer, advice: Advice) -> None:
    """Do what a remedy says."""
    hand = HANDS[server.setup.product]
    for path, edit in hand.edits.items():
        file = server.folder / path
        shutil.copy2(file, f"{file}{_COPY}")
        _write(file, edit(file.read_text(), advice))
    await _load(server, hand, advice)


async def undo(server: MailServer, advice: Advice) -> None:
    """Put the copies back and load them, as the remedy says of the way back."""
    assert advice.undo.startswith("put the old "), advice.undo
    hand = HANDS[server.setup.product]
    for path in hand.edits:
        _write(server.folder / path, (server.folder / (path + _COPY)).read_text())
    await _load(server, hand, advice)


def _write(path: Path, text: str) -> None:
    """Write a file as if it were old: Postfix reads a young one again until its age is safe."""
    path.write_text(text)
    os.utime(path, (0, 0))


async def _load(server: MailServer, hand: Hand, advice: Advice) -> None:
    """Run the commands that load it, and wait until it has."""
    assert server.daemon is not None
    before = server.log_text().count(hand.says_loaded)
    await asyncio.to_thread(_shell, server, hand, advice.load)
    restart = server.folder / "restart"
    if restart.exists():
        restart.unlink()
        await server.daemon.end()
    else:
        await server.logs(hand.says_loaded, more_than=before, within_s=_LOADS_WITHIN_S)
    await server.daemon.start()


def _shell(server: MailServer, hand: Hand, script: str) -> None:
    """Run a line of the card, where the server runs; what it says goes to the server's log.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    assert server.daemon is not None
    folder = server.folder / "bin"
    folder.mkdir(exist_ok=True)
    for name, body in {**_MANAGERS, **hand.commands}.items():
        command = folder / name
        command.write_text(f"#!/bin/sh\n{body}\n")
        command.chmod(0o755)
    environment = {
        "PATH": f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin",
        "MAIL_CONFIG": f"{server.folder}/conf",
        "FOLDER": str(server.folder),
        "DAEMON": str(server.daemon.pid),
    }
    argv = server.inside("sh", "-ec", script)
    with server.log.open("ab") as log:
        subprocess.run(argv, check=True, env=environment, stdout=log, stderr=log)
