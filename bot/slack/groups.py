"""Who is in the user groups that the operator named: asked of Slack, and remembered for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.deliver.web_api import Refusal, answer_or_refusal
from bot.jobs.recently import Recently

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.settings import People

# https://docs.slack.dev/reference/methods/usergroups.users.list
SCOPE = "usergroups:read"
# So long a form may stand open between the press, when Slack is asked, and its submission, which
# has to be acknowledged without asking anybody.
REMEMBERED_S = 900.0


class Members:
    """The people whom the operator named, one by one or by group."""

    def __init__(self, named: People, clock: Callable[[], float]) -> None:
        """Begin with nobody asked about; ``clock`` is a monotonic one in seconds."""
        self._named = named
        self._found: Recently[bool] = Recently(REMEMBERED_S, clock)

    @property
    def anybody(self) -> bool:
        """Whether anybody was named at all."""
        return bool(self._named.people or self._named.groups)

    def knows(self, person: str) -> bool:
        """Whether somebody was named, or was found in a group a while ago."""
        return person in self._named.people or self._found.get(person) is not None

    async def learn(self, person: str, client: AsyncWebClient) -> str:
        """Ask Slack whether somebody is in one of the groups.

        Returns:
            Slack's error where it did not say; else nothing, and ``knows`` can tell.
        """
        error = ""
        for group in () if self.knows(person) else self._named.groups:
            answer = await answer_or_refusal(client.usergroups_users_list(usergroup=group))
            if isinstance(answer, Refusal):
                error = answer.error
            elif person in (answer.get("users") or ()):
                self._found.put(person, value=True)
                return ""
        return error
