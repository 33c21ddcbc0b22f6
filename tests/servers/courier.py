"""Courier, from Debian's packages as ``.ci/servers.sh`` unpacked them, in namespaces of its own.

All its paths are compiled in or written into its scripts, so it sees its packages laid over /usr,
and folders of the server in the place of /etc, /var/lib and /run. It stands in front of another
server, the sink: it takes mail for the domain without knowing the users, and passes it on.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from tests.servers.mail_server import LOGIN, PASSWORD_HASH, UNPACKED, MailServer, product
from tests.servers.requirements import require, require_root

# Each with a program that it brings.
_PACKAGES = {
    "courier-mta": "usr/sbin/courier",
    "courier-base": "usr/sbin/couriertcpd",
    "courier-authlib": "usr/sbin/courierlogger",
    "courier-authlib-userdb": "usr/sbin/makeuserdb",
    "courier-authdaemon": "usr/sbin/authdaemond",
}
_USER = "courier"
SMTPACCESS = "etc/courier/smtpaccess/default"
# What programs look for in /etc.
_ETC = ("passwd", "group", "nsswitch.conf", "hosts", "services", "alternatives", "environment")

# What stands before a command that shall see what Courier sees.
ENTER = 'exec nsenter --target "$DAEMON" --mount --net --pid="/proc/$DAEMON/ns/pid_for_children"'

# All daemons go to the background; they end with the first process of their namespace.
_IN_NAMESPACE = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o lowerdir={layers}:/usr /usr
mount --bind {folder}/etc /etc
mount --bind {folder}/lib /var/lib
mount --bind {folder}/run /run
testmxlookup --sts-cache-disable
makeuserdb
authdaemond start
makeacceptmailfor
makesmtpaccess
courier start
esmtpd start
exec sleep infinity
"""
_ESMTPD = """
PORT={port}
BOFHCHECKDNS=0
TARPIT=0
ESMTPAUTH="PLAIN LOGIN"
TCPDOPTS="-stderr={server.log} -nodnslookup -noidentlookup"
"""


# unshare waits for its child, and is deaf to anything milder.
@product("courier", ends_at=signal.SIGKILL)
def courier(server: MailServer) -> tuple[str, ...]:
    """Lay Courier out; return what runs it."""
    for package, program in _PACKAGES.items():
        require(str(UNPACKED / package / program), package)
    unshare = require("unshare", "util-linux")
    require_root("Courier runs in a mount namespace of its own")
    _lay_out(server)
    layers = [server.folder, *(UNPACKED / package for package in _PACKAGES)]
    script = _IN_NAMESPACE.format(
        folder=server.folder, layers=":".join(f"{layer}/usr" for layer in layers)
    )
    options = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    return (unshare, *options, "sh", "-c", script)


def _lay_out(server: MailServer) -> None:
    """Copy the packages' configuration, and write what an administrator writes."""
    etc, sink = server.folder / "etc", server.sink.endpoint
    for package in ("mta", "authdaemon"):
        shutil.copytree(UNPACKED / f"courier-{package}/etc", etc, dirs_exist_ok=True)
    for name in _ETC:
        _copy(Path("/etc") / name, etc / name)
    files = {
        "courier/me": server.host,
        "courier/defaultdomain": server.domain,
        "courier/locals": "localhost",
        "courier/esmtpacceptmailfor": server.domain,
        "courier/esmtproutes": f":[{sink.ip}],{sink.port}",
        "courier/smtpaccess/default": server.part("smtpaccess", "127.0.0.1\tallow,RELAYCLIENT"),
        "courier/userdb": f"{LOGIN}\tuid=65534|gid=65534|home=/|esmtppw={PASSWORD_HASH}",
    }
    for name, text in files.items():
        (etc / name).write_text(f"{text}\n")
    (etc / "courier/userdb").chmod(0o600)
    port = "25" if server.cable else f"{server.ip}.{server.port}"
    with (etc / "courier/esmtpd").open("a") as file:
        file.write(_ESMTPD.format(port=port, server=server))
    with (etc / "courier/authdaemonrc").open("a") as file:
        file.write('authmodulelist="authuserdb"\n')
    shutil.copytree(UNPACKED / "courier-mta/var/lib/courier", server.folder / "lib/courier")
    (server.folder / "lib/courier/sts").mkdir()
    for path in (server.folder / "lib/courier").rglob("*"):
        shutil.chown(path, _USER, _USER)
    for path in (server.folder / "run/courier", server.folder / "run/courier/authdaemon"):
        path.mkdir(parents=True)
        shutil.chown(path, _USER, _USER)
    # What update-alternatives would link.
    (server.folder / "usr/bin").mkdir(parents=True)
    (server.folder / "usr/bin/makedat").symlink_to("makedat.courier")
    server.log.touch()
    server.log.chmod(0o666)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy2(source, target)
