"""Sendmail, from Debian's packages as ``.ci/servers.sh`` unpacked them, in a folder of its own.

Its configuration is what m4 makes of ``mail/sendmail.mc``. Local recipients are named
in rule set 0, and everything goes to the sink. Host names are looked up in files alone.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.servers.mail_server import LOCAL_USERS, UNPACKED, MailServer, product
from tests.servers.requirements import require, require_root
from tests.servers.sasl import make_logins

if TYPE_CHECKING:
    from tests.servers.daemon import Endpoint

PROGRAM = str(UNPACKED / "sendmail-bin/usr/libexec/sendmail/sendmail")
_MAKEMAP = str(UNPACKED / "sendmail-bin/usr/libexec/sendmail/makemap")
_CF = str(UNPACKED / "sendmail-cf/usr/share/sendmail/cf")

MC, ACCESS, RELAY_DOMAINS = "mail/sendmail.mc", "mail/access", "mail/relay-domains"
# What /etc/mail/Makefile does.
MAKE = f"""
m4 -D_CF_DIR_={_CF}/ {_CF}/m4/cf.m4 "$FOLDER/{MC}" >"$FOLDER/mail/sendmail.cf"
{_MAKEMAP} -C "$FOLDER/mail/sendmail.cf" hash "$FOLDER/{ACCESS}" <"$FOLDER/{ACCESS}"
"""

_SENDMAIL_MC = """\
define(`MAIL_SETTINGS_DIR', `{folder}/mail/')dnl
OSTYPE(`linux')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`STATUS_FILE', `{folder}/mail/statistics')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/mail/service.switch')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath,ClassFileInUnsafeDirPath')dnl
define(`confTO_IDENT', `0')dnl
define(`ALIAS_FILE', `')dnl
define(`confSERVER_CERT', `{folder}/tls.pem')dnl
define(`confSERVER_KEY', `{folder}/tls.pem')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`confAUTH_REALM', `{domain}')dnl
define(`confAUTH_OPTIONS', `A')dnl
FEATURE(`no_default_msa')dnl
{listeners}
FEATURE(`access_db', `hash -T<TMPF> -o {folder}/{access}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
{features}
LOCAL_DOMAIN(`{local_domains}')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {sink.port}')dnl
define(`SMART_HOST', `relay:[{sink.ip}]')dnl
MAILER(`smtp')dnl
LOCAL_RULE_0
{users}
R$- < @ $=w . >\t$#error $@ 5.1.1 $: "550 5.1.1 User unknown"
"""

# It waits a minute where the machine's own name has no dot, calls a relay denial temporary where
# it cannot ask for the name of the client, and has the folder of SASL compiled in.
_IN_NAMESPACE = """
set -e
mount --make-rprivate /
mount --bind {folder}/mail/hosts /etc/hosts
mount --bind {folder}/mail/sasl /usr/lib/sasl2
hostname {host}
exec {program} -bD -q1h -C {folder}/mail/sendmail.cf -X {folder}/log
"""


@product("sendmail")
def sendmail(server: MailServer) -> tuple[str, ...]:
    """Lay Sendmail out; return what runs it."""
    require(PROGRAM, "sendmail-bin")
    require(f"{_CF}/sh/makeinfo.sh", "sendmail-cf")
    require("m4", "m4")
    unshare = require("unshare", "util-linux")
    require_root("Sendmail opens its port and its queue as root")
    _lay_out(server)
    script = _IN_NAMESPACE.format(folder=server.folder, host=server.host, program=PROGRAM)
    return (unshare, "--mount", "--uts", "sh", "-c", script)


def _lay_out(server: MailServer) -> None:
    """Write what an administrator writes, and make the configuration of it."""
    mail = server.folder / "mail"
    mail.mkdir()
    (server.folder / "queue").mkdir(mode=0o700)
    server.log.touch()
    (server.folder / "tls.pem").chmod(0o600)
    text = _SENDMAIL_MC.format(
        folder=server.folder,
        host=server.host,
        domain=server.domain,
        local_domains=server.part("local_domains", f"{server.domain} {server.host}"),
        access=ACCESS,
        features=server.part("features"),
        sink=server.sink.endpoint,
        listeners="\n".join(_listener(each) for each in server.listens),
        users="\n".join(_rule(server, user) for user in LOCAL_USERS),
    )
    (server.folder / MC).write_text(text)
    (server.folder / ACCESS).write_text(server.part("access"))
    (server.folder / RELAY_DOMAINS).write_text(server.part("relay_domains"))
    (mail / "local-host-names").touch()
    (mail / "service.switch").write_text("hosts files\naliases files\n")
    clients = (server.cable.outside, server.cable.outside6) if server.cable else ()
    hosts = [*(f"{ip} client.example" for ip in clients), "127.0.0.1 localhost", "::1 localhost"]
    (mail / "hosts").write_text("\n".join(hosts))
    make_logins(server, mail / "sasl", "Sendmail")
    environment = {"FOLDER": str(server.folder), "PATH": os.defpath}
    subprocess.run(("sh", "-ec", MAKE), check=True, env=environment, capture_output=True)


def _listener(endpoint: Endpoint) -> str:
    family = "inet6" if ":" in endpoint.ip else "inet"
    options = f"Name=MTA, Family={family}, Addr={endpoint.ip}, Port={endpoint.port}"
    return f"DAEMON_OPTIONS(`{options}')dnl"


def _rule(server: MailServer, user: str) -> str:
    where = f"$#relay $@ [{server.sink.endpoint.ip}] $: {user} < @ {server.domain} . >"
    return f"R{user} < @ {server.domain} . >\t{where}"
