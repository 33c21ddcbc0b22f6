"""The mail domain in a word: a name, a mailbox, a URL or a link of Slack's.

Refuses what no mail goes to: addresses, single labels, special-use names. RFC 3986 §3.2 for
authorities, RFC 5321 §4.1.2 and §4.1.3 for mailboxes and address literals.
"""

from __future__ import annotations

import ipaddress
import re

from bot.model.domain_name import DomainName, DomainNameError, is_host_name, parse_domain_name
from bot.request.special_use import find_special_use
from bot.request.typed import UsageError, normalise, quoted, strip_wrapping

# https://docs.slack.dev/messaging/formatting-message-text: <@U…>, <#C…>, <!here>, <URL|label>.
_MENTION = re.compile(r"<(?:@[UW][A-Z0-9]|#[CG][A-Z0-9]|!)")
_LINK = re.compile(r"<(?P<target>[^<>|]+)\|(?P<label>[^<>|]*)>")
_NAME_LIKE = re.compile(r"\S+\.\S+")
# A name made harmless for a chat: example[.]com, dana[at]example(.)com, hxxps://example.com.
_DEFANGED_DOT = re.compile(r"[\[({](?:\.|dot)[\])}]", re.IGNORECASE)
_DEFANGED_AT = re.compile(r"[\[({](?:@|at)[\])}]", re.IGNORECASE)
_SCHEME = re.compile(r"(?:mailto:|(?:[a-z][a-z0-9+.-]*:)?//)", re.IGNORECASE)
_AUTHORITY_END = re.compile(r"[/?#\\]")
_LITERAL = re.compile(r"\[?(?:IPv6:)?(?P<ip>[^\[\]]*)(?:\](?::\d*)?)?", re.IGNORECASE)
_PORT = re.compile(r":\d*\Z", re.ASCII)


def parse_domain(text: str, *, allowed_suffixes: tuple[str, ...] = ()) -> DomainName:
    """Find the one mail domain in a name, mailbox, URL or Slack link.

    Args:
        text: One word; whatever is around it (quotes, brackets, a path) is taken off.
        allowed_suffixes: Special-use names to take like any other (``corp.internal``).

    Raises:
        UsageError: There is none, there are several, or no mail from the Internet goes to it.
    """
    return find_domain(normalise(text).strip(), allowed_suffixes)


def find_domain(word: str, allowed_suffixes: tuple[str, ...]) -> DomainName:
    """Do what ``parse_domain`` does, for a word that is normalised already."""
    if _MENTION.match(word):
        raise UsageError(
            "That is a person, a group or a channel of Slack: type a domain such as `example.com`."
        )
    link = _LINK.fullmatch(word)
    if link:
        return _find_in_link(link["target"], link["label"], allowed_suffixes)
    domain = _name(_host(strip_wrapping(word)))
    _refuse_without_mail(domain, allowed_suffixes)
    return domain


def _find_in_link(target: str, label: str, allowed_suffixes: tuple[str, ...]) -> DomainName:
    """Return where a link leads, once what it shows is no other domain."""
    there = find_domain(target, allowed_suffixes)
    if _NAME_LIKE.fullmatch(label):
        shown = find_domain(label, allowed_suffixes)
        if shown != there:
            raise UsageError(
                f"That link shows {quoted(shown.shown)} and leads to {quoted(there.shown)}: "
                f"type the one that you mean, such as `{shown}`."
            )
    return there


def _host(word: str) -> str:
    """Return the host of a URL, the domain of a mailbox, or the word as it is."""
    word = _DEFANGED_AT.sub("@", _DEFANGED_DOT.sub(".", word))
    scheme = _SCHEME.match(word)
    authority = _AUTHORITY_END.split(word[scheme.end() :] if scheme else word, maxsplit=1)[0]
    if "," in authority or ";" in authority:
        raise UsageError(
            f"I take one domain at a time, and {quoted(word)} has several: "
            "type one such as `example.com`."
        )
    host = authority.rpartition("@")[2]
    host = host if _is_address(host) else strip_wrapping(_PORT.sub("", host))
    if not host:
        raise UsageError(f"I find no domain in {quoted(word)}: type one such as `example.com`.")
    return host


def _name(host: str) -> DomainName:
    """Parse a host name; circled digits and the like are an address only once they are mapped."""
    try:
        name = None if _is_address(host) else parse_domain_name(host)
    except DomainNameError as error:
        raise UsageError(
            f"{quoted(host)} is no domain, because {error}: type one such as `example.com`."
        ) from None
    if name is None or _is_address(name.ascii):
        raise UsageError(
            f"{quoted(host)} is an address, and mail is sent to a domain: "
            "type the domain whose mail servers you mean, such as `example.com`."
        )
    return name


def _is_address(host: str) -> bool:
    """Whether it is an IP address in any spelling that a resolver would take for one."""
    literal = _LITERAL.fullmatch(host)
    try:
        ipaddress.ip_address(literal["ip"] if literal else host)
    except ValueError:
        # 127.1, 0x7f.1 and 2130706433: host names but for their last label (RFC 1123 §2.1).
        return is_host_name(f"{host}.example") and not is_host_name(host)
    return True


def _refuse_without_mail(domain: DomainName, allowed_suffixes: tuple[str, ...]) -> None:
    special = find_special_use(domain.ascii, allowed_suffixes)
    if special:
        raise UsageError(
            f"{quoted(domain.shown)} takes no mail from the Internet, since `{special.name}` is "
            f"{special.purpose} ({special.reference}): type a public domain such as `example.com`."
        )
    if "." not in domain.ascii:
        raise UsageError(
            f"{quoted(domain.shown)} is a single word, and a mail domain has a dot: "
            "type it in full, such as `example.com`."
        )
