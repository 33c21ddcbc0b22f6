"""What a person changes in a configuration who follows a remedy's steps, one function a product.

Each takes the text of a file and the advice, and returns the new text. What is set is the remedy's
own text, and nothing is taken out that no step of it asks for: a remedy that leaves something out
leaves the server open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.servers.advice import Advice

# ---------------------------------------------------------------------------------------- Postfix


def main_cf(text: str, advice: Advice) -> str:
    """Set each parameter of the remedy; one that stands there already is replaced."""
    for setting in re.findall(r"^\w+ =.*$", advice.config, re.MULTILINE):
        name = setting.partition(" ")[0]
        # A value goes on in the lines that begin with white space.
        text = re.sub(rf"^{name} *=.*\n(?:[ \t].*\n)*", "", text, flags=re.MULTILINE)
        text += f"{setting}\n"
    return text


def master_cf(text: str, advice: Advice) -> str:
    """Take out the overrides that the remedy speaks of, and set the options that it sets."""
    if advice.says("take the overrides out"):
        text = re.sub(
            r"^ +-o (?:smtpd_\w+_restrictions|mynetworks)=.*\n", "", text, flags=re.MULTILINE
        )
    for option in re.findall(r"^ *-o .*\n?", advice.config, re.MULTILINE):
        name = option.partition("=")[0]
        services = rf"^(\S+:587 inet .*\n(?: +-o .*\n)*?)(?:{name}=.*\n)?((?: +-o .*\n)*)(?! )"
        text = re.sub(services, rf"\1\2{option.rstrip()}\n", text, flags=re.MULTILINE)
    return text


# ------------------------------------------------------------------------------------------- Exim

_LIST = re.compile(r"^(?P<kind>\w+list)\s+(?P<name>\w+)\s*=.*$", re.MULTILINE)
_BY_SENDER = re.compile(r"\s*accept\s+(senders|sender_domains)\b")
_BY_PORT = re.compile(r"\s*accept\b.*\$(received|interface)_port\b", re.DOTALL)
# A statement's verb; or a condition for Exim's reader, which belongs to no statement.
_VERB = re.compile(r"^\s*(?:(?:accept|deny|require|warn|defer|drop|discard)\b|\.\w)")
_ACL = re.compile(r"^acl_check_rcpt:\n(.*?)(?:^(?=\w)|\Z)", re.MULTILINE | re.DOTALL)
_PERCENT_ROUTER = re.compile(r"^\w+:\n(?:  .*\n)*  local_parts = .*%.*\n(?:  .*\n)*", re.MULTILINE)


def exim_conf(text: str, advice: Advice) -> str:
    """Set the lists that the remedy sets; take out what it tells to; then as ``exim_acl``."""
    for found in _LIST.finditer(advice.config):
        same = rf"^{found['kind']}\s+{found['name']}\s*=.*$"
        text = re.sub(same, found[0].replace("\\", r"\\"), text, flags=re.MULTILINE)
    if advice.says("remove routers that rewrite the percent form"):
        text = _PERCENT_ROUTER.sub("", text)
    return exim_acl(text, advice)


def exim_acl(text: str, advice: Advice) -> str:
    """Take out of the RCPT ACL what the remedy tells to; add its statements that are not there."""
    return _ACL.sub(lambda acl: f"acl_check_rcpt:\n{_mended(acl[1], advice)}", text)


def _mended(acl: str, advice: Advice) -> str:
    statements = _statements(acl)
    if advice.says("accept lines with"):
        statements = [each for each in statements if not _BY_SENDER.match(each)]
    if advice.says("accept lines with received_port"):
        statements = [each for each in statements if not _BY_PORT.match(each)]
    have = [_conditions(each) for each in statements]
    asked = _statements(_LIST.sub("", advice.config))
    new = [each for each in asked if not any(_conditions(each) <= there for there in have)]
    where = _first(statements, r"accept\b")
    if not advice.says("before the first accept"):
        where = _first(statements, r"accept\s+authenticated\b") + 1
    return "".join(
        [*statements[:where], *(f"  {each.strip()}\n" for each in new), *statements[where:]]
    )


def _statements(text: str) -> list[str]:
    """Split the text of an ACL into its statements; comments go."""
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        if _VERB.match(line):
            found.append(line)
        elif found and not line.lstrip().startswith("#"):
            found[-1] += line
    return found


def _conditions(statement: str) -> set[str]:
    """Return a statement as its verb with each of its lines, spaces evened out."""
    verb, *rest = statement.split(maxsplit=1)
    return {f"{verb} {' '.join(line.split())}" for part in rest for line in part.splitlines()}


def _first(statements: list[str], pattern: str) -> int:
    return next(i for i, each in enumerate(statements) if re.match(rf"\s*{pattern}", each))


def update_exim4_conf_conf(text: str, advice: Advice) -> str:
    """Set the variables that the steps name for Debian."""
    for setting in re.findall(r"dc_\w+='[^']*'", " ".join(advice.steps)):
        name = setting.partition("=")[0]
        text = re.sub(rf"^{name}=.*$", setting, text, flags=re.MULTILINE)
    return text


# -------------------------------------------------------------------------------------- OpenSMTPD


def smtpd_conf(text: str, advice: Advice) -> str:
    """Put the remedy's match rules where those stand that let strangers relay."""
    if advice.says("auth instead of auth-optional"):
        text = re.sub(r"^(listen .* port 587 .*)auth-optional", r"\1auth", text, flags=re.MULTILINE)
    lines = text.splitlines()
    away = r"match (?:tag \w+ )?from .* for any " if advice.says("match rule") else r"(?!)"
    kept = [line for line in lines if not re.match(away, line)]
    first = next(i for i, line in enumerate(kept) if line.startswith("match "))
    return _lines([*kept[:first], *advice.config.splitlines(), *kept[first:]])


# --------------------------------------------------------------------------------------- Sendmail


def sendmail_mc(text: str, advice: Advice) -> str:
    """Delete the features that the remedy names; add its lines of m4 that are not there."""
    if advice.says("from sendmail.mc"):
        for feature in set(re.findall(r"\b(?:\w+_)+\w+\b", advice.cause)):
            text = re.sub(rf"^FEATURE\(`{feature}'.*\n", "", text, flags=re.MULTILINE)
    macros = [each for each in advice.config.splitlines() if each.endswith("dnl")]
    new = [each for each in macros if each not in text]
    return text.replace("MAILER(`smtp')dnl\n", f"{_lines(new)}MAILER(`smtp')dnl\n")


def access(text: str, advice: Advice) -> str:
    """Keep RELAY in the access map for those alone whom the remedy names."""
    if advice.says("keep RELAY in access"):
        kept = [line for line in text.splitlines() if not line.endswith("RELAY")]
        asked = [line for line in advice.config.splitlines() if line.endswith("RELAY")]
        text = _lines([*kept, *asked])
    return text


def relay_domains(text: str, advice: Advice) -> str:
    """Empty the file where the remedy says so; the tests' server is nobody's backup MX."""
    return "" if advice.says("Empty relay-domains") else text


# ----------------------------------------------------------------------------------------- Haraka


def relay_ini(text: str, advice: Advice) -> str:
    """Set the keys that the remedy sets, in the one section that there is."""
    for setting in re.findall(r"^\w+=.*$", advice.config, re.MULTILINE):
        text = re.sub(rf"^{setting.partition('=')[0]}=.*\n", "", text, flags=re.MULTILINE)
        text += f"{setting}\n"
    return text


def relay_acl_allow(text: str, advice: Advice) -> str:
    """Keep single addresses where the remedy says so."""
    if advice.says("keep single addresses in config/relay_acl_allow"):
        text = _lines(line for line in text.splitlines() if line.endswith(("/32", "/128")))
    return text


# ---------------------------------------------------------------------------------------- Courier


def smtpaccess(text: str, advice: Advice) -> str:
    """Keep RELAYCLIENT for those alone whom the remedy names."""
    if advice.says("Keep RELAYCLIENT for your own addresses alone"):
        kept = [line for line in text.splitlines() if "RELAYCLIENT" not in line]
        text = _lines([*advice.config.splitlines(), *kept])
    return text


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
