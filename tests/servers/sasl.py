"""The password file of Cyrus SASL, for the servers that ask it who may log in."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.servers.mail_server import LOGIN, PASSWORD
from tests.servers.requirements import require

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.mail_server import MailServer

_CONFIGURATION = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {passwords}
mech_list: PLAIN LOGIN
"""


def make_logins(server: MailServer, folder: Path, application: str) -> Path:
    """Make a folder with an application's SASL configuration and the one login of the tests.

    Returns:
        The password file, which belongs to root.
    """
    saslpasswd2 = require("saslpasswd2", "sasl2-bin")
    folder.mkdir()
    passwords = folder / "sasldb2"
    (folder / f"{application}.conf").write_text(_CONFIGURATION.format(passwords=passwords))
    argv = (saslpasswd2, "-p", "-c", "-f", str(passwords), "-u", server.domain, LOGIN)
    subprocess.run(argv, input=PASSWORD.encode(), check=True)
    return passwords
