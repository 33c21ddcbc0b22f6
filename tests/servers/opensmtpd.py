"""OpenSMTPD, from Debian's package as ``.ci/servers.sh`` unpacked it, in a mount namespace.

Its spool, chroot and control socket have paths that are compiled in, so each server sees its own
folder in their place; the machine's own folders are never touched.
"""

from __future__ import annotations

import shlex
import shutil

from tests.servers.mail_server import LOCAL_USERS, PASSWORD_HASH, UNPACKED, MailServer, product
from tests.servers.requirements import require, require_root

PROGRAM = str(UNPACKED / "opensmtpd/usr/sbin/smtpd")

# Built from opensmtpd_tls.c, which says why.
_TLS = str(UNPACKED / "opensmtpd/tls.so")

_CONFIGURATION = """
pki {host} cert "{folder}/tls.pem"
pki {host} key "{folder}/tls.pem"
table domains {{ "{domain}" }}
table mailboxes {{ {mailboxes} }}
table logins {{ alice = "{hash}" }}
action "local" relay host smtp://{sink.ip}:{sink.port}
action "relay" relay host smtp://{sink.ip}:{sink.port}
{listeners}
{rules}
match from any for rcpt-to <mailboxes> action "local"
"""
# The whole of /var/spool, /var/lib and /run is covered, so that nothing needs to exist there first.
_IN_NAMESPACE = """
set -e
mount --make-rprivate /
mount --bind {folder}/spool /var/spool
mount --bind {folder}/lib /var/lib
mount --bind {folder}/run /run
LD_PRELOAD={tls} exec {smtpd} -d -f {folder}/smtpd.conf
"""


@product("opensmtpd")
def opensmtpd(server: MailServer) -> tuple[str, ...]:
    """Lay OpenSMTPD out; return what runs it."""
    smtpd = require(PROGRAM, "opensmtpd")
    tls = require(_TLS, "gcc")
    unshare = require("unshare", "util-linux")
    require_root("OpenSMTPD runs in a mount namespace of its own")
    _lay_out(server)
    script = _IN_NAMESPACE.format(folder=shlex.quote(str(server.folder)), smtpd=smtpd, tls=tls)
    return (unshare, "--mount", "sh", "-c", script)


def _lay_out(server: MailServer) -> None:
    """Write smtpd.conf and make the folders that stand in for the compiled-in ones."""
    listen = server.part("listen", f"tls pki {server.host} auth-optional <logins>")
    listens = [(each.ip, each.port, listen) for each in server.listens]
    if submission := server.part("submission"):
        listens.append((server.ip, 587, submission))
    text = _CONFIGURATION.format(
        host=server.host,
        domain=server.domain,
        folder=server.folder,
        listeners="\n".join(
            f"listen on {ip} port {port} {options} hostname {server.host}"
            for ip, port, options in listens
        ),
        sink=server.sink.endpoint,
        mailboxes=", ".join(f'"{user}@{server.domain}"' for user in LOCAL_USERS),
        rules=server.part("rules"),
        hash=PASSWORD_HASH,
    )
    configuration = server.folder / "smtpd.conf"
    configuration.write_text(text)
    configuration.chmod(0o600)
    server.log.touch()
    (server.folder / "tls.pem").chmod(0o600)
    for name in ("spool/smtpd", "lib/opensmtpd/empty", "run"):
        (server.folder / name).mkdir(parents=True)
    (server.folder / "spool/smtpd").chmod(0o711)
    shutil.chown(server.folder / "lib/opensmtpd/empty", "root", "root")
