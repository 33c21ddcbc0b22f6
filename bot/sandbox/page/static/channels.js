// The list of channels, with what is unread, and who one is.

import { byId, fill, h } from "./dom.js";
import { store, user } from "./store.js";

const unread = new Map();
const PINGS = /<!(channel|here|everyone)>|<@\w+>/;

/** Count a message that came while its channel was not looked at. */
export function countUnread(message, current) {
  if (message.channel === current || message.user === store.me || message.edited) return;
  const before = unread.get(message.channel) ?? { stamps: new Set(), pings: new Set() };
  before.stamps.add(message.ts);
  if (PINGS.test(message.text)) before.pings.add(message.ts);
  unread.set(message.channel, before);
}

export const markRead = (id) => unread.delete(id);

const GROUPS = [["public", "Channels"], ["private", "Private"], ["dm", "Direct messages"]];

export function showChannels(current, becomeOther) {
  const groups = GROUPS.map(([kind, title]) => {
    const list = store.channels.filter((each) => each.kind === kind && each.members.includes(store.me));
    return list.length ? [h("h2", {}, title), h("ul", {}, list.map((each) => entry(each, current)))] : [];
  });
  const people = [...store.users.values()].filter((each) => !each.is_bot);
  fill(byId("channels"), groups,
    h("label.persona", {}, h("span", {}, "You are"),
      h("select", { onchange: (event) => becomeOther(event.target.value) },
        people.map((each) => h("option", { value: each.id, selected: each.id === store.me }, each.real_name)))));
}

/** A DM is called after the other one in it. */
export function channelTitle(each) {
  if (each.kind !== "dm") return each.name;
  const other = each.members.find((id) => id !== store.me);
  return other ? user(other).name : each.name;
}

export const sign = (each) => ({ public: "#", private: "🔒", dm: "●" })[each.kind];

function entry(each, current) {
  const waiting = unread.get(each.id);
  const pings = waiting?.pings.size;
  return h("li", {}, h(`a${waiting ? ".unread" : ""}${each.archived ? ".archived" : ""}`, {
    href: `#/${each.id}`, "aria-current": each.id === current ? "page" : undefined,
  }, h("span.sign", { "aria-hidden": "true" }, sign(each)), h("span.name", {}, channelTitle(each)),
  !each.has_bot && h("span.note", { title: "relaycheck is not a member here" }, "no app"),
  each.archived && h("span.note", {}, "archived"),
  pings ? h("span.count", { "aria-label": `${pings} mentions` }, String(pings)) : null));
}
