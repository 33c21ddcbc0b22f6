"""Finding the element that a person presses, and what its payload says was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Blocks = Sequence[Mapping[str, Any]]


def elements_of(blocks: Blocks) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each interactive element with the block_id of the block that holds it."""
    for block in blocks:
        held = [*block.get("elements", ()), block.get("element")]
        for element in filter(None, held):
            if "action_id" in element:
                yield block["block_id"], element


def action_on(blocks: Blocks, action_id: str, chosen: str | None) -> dict[str, Any]:
    """Return the action of pressing an element, or of choosing one of its options.

    Args:
        blocks: the blocks of the message or view.
        action_id: the element's action_id, or the text it shows.
        chosen: the value or text of the option, for choices; the new value, for inputs.

    Raises:
        LookupError: nobody could press this: no such element or option is shown.
    """
    for block_id, element in elements_of(blocks):
        label = element.get("text", {}).get("text")
        if action_id in (element["action_id"], label):
            return _pressed(element, chosen) | {"block_id": block_id}
    shown = [element["action_id"] for _, element in elements_of(blocks)]
    message = f"nothing to press named {action_id!r}; there are {shown}"
    raise LookupError(message)


def _pressed(element: Mapping[str, Any], chosen: str | None) -> dict[str, Any]:
    kind = element["type"]
    action = {"type": kind, "action_id": element["action_id"]}
    if kind == "button":
        known = {key: element[key] for key in ("text", "value", "style") if key in element}
        return action | known
    if "options" in element and chosen is not None:
        option = _option(element, chosen)
        many = kind == "checkboxes"
        return action | ({"selected_options": [option]} if many else {"selected_option": option})
    return action | {_VALUE_KEYS.get(kind, "value"): chosen}


_VALUE_KEYS = {"conversations_select": "selected_conversation"}


def _option(element: Mapping[str, Any], chosen: str) -> Mapping[str, Any]:
    for option in element["options"]:
        if chosen in (option["value"], option["text"]["text"]):
            return dict(option)
    message = f"no option {chosen!r} in {element['action_id']}"
    raise LookupError(message)


def values_of(blocks: Blocks, typed: Mapping[str, str | Sequence[str] | None]) -> dict[str, Any]:
    """Return a view's state: what stands in each input, by block_id and then action_id.

    Args:
        blocks: the blocks of the view.
        typed: what the person put in, by action_id; other inputs keep their initial value.
    """
    state: dict[str, dict[str, Any]] = {}
    for block_id, element in elements_of(blocks):
        if element["type"] == "button":
            continue
        value = typed.get(element["action_id"], _UNTOUCHED)
        state.setdefault(block_id, {})[element["action_id"]] = _value(element, value)
    return state


_UNTOUCHED = object()


def _value(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    kind = element["type"]
    if kind == "checkboxes":
        chosen = element.get("initial_options", [])
        if isinstance(value, (list, tuple)):
            chosen = [_option(element, each) for each in value]
        return {"type": kind, "selected_options": chosen}
    if kind == "radio_buttons":
        option = element.get("initial_option")
        if value is not _UNTOUCHED:
            option = None if value is None else _option(element, str(value))
        return {"type": kind, "selected_option": option}
    key = _VALUE_KEYS.get(kind, "value")
    initial = element.get(key.replace("selected", "initial"), element.get("initial_value"))
    return {"type": kind, key: initial if value is _UNTOUCHED else value}
