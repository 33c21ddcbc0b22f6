// A list of messages that stays in step: only what changed is drawn again, focus and place stay.

import { h } from "./dom.js";
import { relativeDay } from "./inline.js";
import { at, drawMessage, isDismissed } from "./message.js";

const NEAR_END = 80;

/**
 * Put messages into a list element.
 * @param {HTMLElement} list
 * @param {Object[]} messages oldest first.
 * @param {{inThread?: boolean, changed?: Set<string>}} options changed: timestamps to draw again;
 *   without it all of them are.
 */
export function showMessages(list, messages, { inThread = false, changed } = {}) {
  const scroller = list.closest(".scroll") ?? list;
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  const focus = focused(list);
  const redraw = () => showMessages(list, messages, { inThread });
  const drawn = new Map([...list.querySelectorAll(":scope > [data-ts]")].map((node) => [node.dataset.ts, node]));
  let day = "";
  const nodes = messages.filter((each) => !isDismissed(each)).flatMap((each) => {
    const fresh = !changed || changed.has(each.ts) || !drawn.has(each.ts);
    const node = fresh ? drawMessage(each, { inThread, redraw }) : drawn.get(each.ts);
    const today = dayOf(each);
    const divider = !inThread && today !== day ? [h("li.day", { role: "separator" }, h("span", {}, today))] : [];
    day = today;
    return [...divider, node];
  });
  reconcile(list, nodes);
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  if (focus) list.querySelector(focus)?.focus({ preventScroll: true });
}

/** Move as few nodes as can be, so that what did not change keeps its state. */
function reconcile(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

function focused(list) {
  const active = document.activeElement;
  if (!list.contains(active) || !active.dataset.action) return "";
  const message = active.closest("[data-ts]");
  return `[data-ts="${message.dataset.ts}"] [data-action="${CSS.escape(active.dataset.action)}"]`;
}

function dayOf(message) {
  const date = at(message.ts);
  const name = relativeDay(date);
  return name ? name[0].toUpperCase() + name.slice(1) : date.toLocaleDateString(undefined, { dateStyle: "full" });
}
