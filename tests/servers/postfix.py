"""Postfix, from Debian's package, in a folder of its own: ``master`` in the foreground.

The configuration is the smallest that behaves as Debian's does for a stranger; what a test wants to
see differently is a setup in ``setups.toml``.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from tests.servers.mail_server import (
    LOCAL_USERS,
    TRUSTED_NETWORK,
    MailServer,
    product,
)
from tests.servers.requirements import require, require_root
from tests.servers.sasl import make_logins

if TYPE_CHECKING:
    from pathlib import Path


_MASTER = "/usr/lib/postfix/sbin/master"

# Queue directories that master expects, as `postfix check` makes them (which takes two seconds).
_PRIVATE = [
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
]

# A daemon that happens to start while Postfix is reloaded may fail; master then holds its service
# back, by default for a minute.
_MAIN_CF = """
service_throttle_time = 1s
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {host}
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
mydestination = $myhostname, {domain}
inet_protocols = all
local_recipient_maps = inline:{{ {users} }}
local_transport = smtp:[{sink.ip}]:{sink.port}
default_transport = smtp:[{sink.ip}]:{sink.port}
relay_transport = smtp:[{sink.ip}]:{sink.port}
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
smtpd_tls_chain_files = {folder}/tls.pem
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = {domain}
cyrus_sasl_config_path = {folder}/conf/sasl
"""

_MASTER_CF = """
{listeners}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@product("postfix")
def postfix(server: MailServer) -> tuple[str, ...]:
    """Lay Postfix out; return what runs it."""
    master = require(_MASTER, "postfix")
    require_root("Postfix's master starts as root")
    _lay_out(server)
    return (master, "-c", f"{server.folder}/conf", "-d")


def _lay_out(server: MailServer) -> None:
    """Write main.cf and master.cf, and make the queue."""
    configuration = server.folder / "conf"
    configuration.mkdir()
    values = {
        "folder": server.folder,
        "host": server.host,
        "domain": server.domain,
        "listeners": _listeners(server),
        "sink": server.sink.endpoint,
        "users": " ".join(f"{{ {user} = local }}" for user in LOCAL_USERS),
    }
    main = server.part("main")
    if not re.search(r"^mynetworks(_style)? =", main, re.MULTILINE):
        main = f"mynetworks = {TRUSTED_NETWORK}\n{main}"
    _write(configuration / "main.cf", f"{_MAIN_CF.format(**values)}{main}\n")
    _write(configuration / "master.cf", _MASTER_CF.format(**values))
    shutil.chown(make_logins(server, configuration / "sasl", "smtpd"), "postfix")
    server.log.touch()
    for name in _PRIVATE:
        _folder(server, f"spool/{name}", owner="postfix", mode=0o700)
    _folder(server, "spool/maildrop", owner="postfix", group="postdrop", mode=0o730)
    _folder(server, "spool/public", owner="postfix", group="postdrop", mode=0o710)
    _folder(server, "spool/pid", owner="root", mode=0o755)
    _folder(server, "data", owner="postfix", mode=0o700)


def _listeners(server: MailServer) -> str:
    """Return the services of master.cf that listen; the submission service where there is one."""
    lines = [f"{each.bracketed} inet n - n - - smtpd" for each in server.listens]
    lines[1:1] = [*filter(None, [server.part("options")])]
    if options := server.part("submission"):
        lines += [f"{server.ip}:587 inet n - n - - smtpd", options]
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    """Write a file as if it were old: Postfix reads a young one again until its age is safe."""
    path.write_text(text)
    os.utime(path, (0, 0))


def _folder(
    server: MailServer, name: str, *, owner: str, mode: int, group: str | None = None
) -> None:
    path = server.folder / name
    path.mkdir(parents=True)
    path.chmod(mode)
    shutil.chown(path, owner, group)
