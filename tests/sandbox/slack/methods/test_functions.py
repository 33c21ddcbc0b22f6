"""Tests of functions.*: the end of a workflow's step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient


async def test_a_step_is_completed(client: AsyncWebClient) -> None:
    """A step ends with outputs, or with an error."""
    outputs = {"verdict": "closed"}
    done = await client.functions_completeSuccess(function_execution_id="Fx1", outputs=outputs)
    failed = await client.functions_completeError(function_execution_id="Fx1", error="no")

    assert done["ok"]
    assert failed["ok"]


@pytest.mark.parametrize("outputs", [[], "text"])
async def test_outputs_are_an_object(client: AsyncWebClient, outputs: Any) -> None:  # noqa: ANN401
    """What is no object of outputs is refused."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.functions_completeSuccess(function_execution_id="Fx1", outputs=outputs)
