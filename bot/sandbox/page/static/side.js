// The side panel: what to try, the thread that is open, faults at will, and what went over the wire.

import { byId, fill, h, toast } from "./dom.js";
import { failure } from "./elements.js";
import { clock } from "./inline.js";
import { showMessages } from "./list.js";
import { makeComposer } from "./composer.js";
import { act, channel, message, replies, store } from "./store.js";

const TABS = [["try", "Try it"], ["thread", "Thread"], ["faults", "Faults"], ["traffic", "Traffic"]];
let current = "try";
let place = { channel: "", ts: "" };
let hooks = {};
let thread = null;

/** @param {{run: (domain: string) => void, closeThread: () => void}} given what the page does for it. */
export function startSide(given) {
  hooks = given;
}

export const isOpen = () => !document.body.classList.contains("side-closed");

export function toggleSide(open = !isOpen()) {
  document.body.classList.toggle("side-closed", !open);
  byId("open-side").setAttribute("aria-expanded", String(open));
}

/** Open a tab; for the thread tab of a message. */
export function openSide(tab, at) {
  current = tab;
  if (at) place = at;
  thread = null;
  toggleSide(true);
  showSide();
}

export const threadShown = () => (current === "thread" ? place : { channel: "", ts: "" });

/**
 * Draw the panel; what need not be drawn again is left, so that focus and place stay.
 * @param {"traffic"|"status"|Set<string>|undefined} change what happened: traffic, another status,
 *   messages of the open thread (their timestamps); undefined: anything.
 */
export function showSide(change) {
  showTabs();
  if (change instanceof Set) return thread && showReplies(change);
  if (change === "traffic" && current !== "traffic" && current !== "faults") return undefined;
  if (change === "status" && current !== "faults") return undefined;
  return BODIES[current]();
}

function showTabs() {
  const waiting = store.faults.length + (store.app.revoked ? 1 : 0);
  const state = `${current} ${waiting}`;
  if (byId("side-tabs").dataset.state === state) return;
  byId("side-tabs").dataset.state = state;
  fill(byId("side-tabs"), TABS.map(([id, label]) => h("button", {
    type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(id === current), "aria-controls": "side-body",
    tabIndex: id === current ? 0 : -1, onclick: () => openSide(id), onkeydown: arrows,
  }, label, id === "faults" && waiting > 0 && h("span.count", {}, String(waiting)))), h("button.icon.close", {
    type: "button", "aria-label": "Close the side panel", onclick: close,
  }, "×"));
}

function close() {
  if (current === "thread") hooks.closeThread();
  else toggleSide(false);
}

/** After a thread is closed the panel shows what to try again; on a phone it goes away. */
export function leaveThread() {
  if (current !== "thread") return;
  current = "try";
  thread = null;
  if (matchMedia("(max-width: 60rem)").matches) toggleSide(false);
  showSide();
}

function arrows(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = TABS.findIndex(([id]) => id === current);
  openSide(TABS[(at + step + TABS.length) % TABS.length][0]);
  byId(`tab-${current}`).focus();
}

const BODIES = { try: showTry, thread: showThread, faults: showFaults, traffic: showTraffic };

function showTry() {
  const suggestions = store.listing.suggestions.map((each) => h("li", {},
    h("button.suggestion", { type: "button", "data-domain": each.domain, onclick: () => hooks.run(each.domain) },
      h("code", {}, each.domain), h("span", {}, each.shows))));
  fill(byId("side-body"),
    h("p.lead", {}, "Choose a domain, or type ", h("code", {}, "/relaycheck"), " and a domain below the messages. ",
      "The mail servers behind these run on this machine; nothing leaves it."),
    h("ul.suggestions", {}, suggestions));
}

function showThread() {
  if (!place.ts) {
    fill(byId("side-body"), h("p.lead", {}, "Open a thread from a message: it is shown here."));
    return;
  }
  const list = h("ol.messages", { role: "log", "aria-label": "Thread" });
  const form = h("form.composer", { autocomplete: "off" });
  const where = channel(place.channel);
  fill(byId("side-body"), h("p.thread-head", {}, `Thread in ${where?.kind === "dm" ? "" : "#"}${where?.name ?? ""}`),
    h("div.scroll.thread", { tabIndex: 0, role: "region", "aria-label": "Thread" }, list), form);
  const composer = makeComposer(form, () => ({ channel: place.channel, thread_ts: place.ts }), "thread-composer");
  composer.update();
  thread = { list };
  showReplies();
  list.closest(".scroll").scrollTop = 0;
}

function showReplies(changed) {
  const parent = message(place.channel, place.ts);
  const all = [...(parent ? [parent] : []), ...replies(place.channel, place.ts)];
  showMessages(thread.list, all, { inThread: true, changed });
}

function showFaults() {
  const waiting = [
    ...store.faults.map((each) => `${each.method}: ${each.error || "fault"}${each.times ? `, ${each.times} left` : ", until cleared"}`),
    ...(store.app.revoked ? ["tokens are revoked"] : [])];
  const focused = document.activeElement?.dataset.preset;
  fill(byId("side-body"),
    h("p.lead", {}, "What would a user see if Slack misbehaved? Choose a fault, then use the bot."),
    h("ul.presets", {}, store.presets.map((each) => h("li", {},
      h("button.suggestion", { type: "button", "data-preset": each.id, onclick: () => tell("cause", { preset: each.id }) },
        h("strong", {}, each.label), h("span", {}, each.explains))))),
    h("div.waiting", { role: "status" }, waiting.length
      ? [h("ul", {}, waiting.map((each) => h("li", {}, each))), h("button.button", { type: "button", onclick: () => tell("clear") }, "Clear all")]
      : "No fault is waiting."));
  if (focused) byId("side-body").querySelector(`[data-preset="${focused}"]`)?.focus();
}

async function tell(deed, details) {
  const wrong = failure(await act(deed, details));
  if (wrong) toast(wrong);
}

function showTraffic() {
  const rows = store.traffic.toReversed().map((each) => h(`tr${each.error ? ".bad" : ""}`, {},
    h("td", {}, h("time", {}, `${clock(new Date(each.at * 1000))}:${String(new Date(each.at * 1000).getSeconds()).padStart(2, "0")}`)),
    h("td", { title: each.way }, each.way === "to the app" ? "→" : "←"),
    h("td", {}, h("code", {}, each.name)),
    h("td", {}, each.error || (each.took_ms === undefined ? "ok" : `ack ${each.took_ms} ms`))));
  fill(byId("side-body"), h("p.lead", {}, "→ deliveries to the app, ← its calls of the Web API; the latest first."),
    h("div.scroll", { tabIndex: 0, role: "region", "aria-label": "Traffic" }, h("table.traffic", {}, h("tbody", {}, rows))));
}
