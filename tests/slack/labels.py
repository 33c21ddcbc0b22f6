"""What can be pressed on a message."""

from bot.sandbox.slack import Message


def labels(message: Message) -> list[str]:
    """Return the words of the buttons on a message."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row["elements"]]
