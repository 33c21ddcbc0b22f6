// One message: who, when, what, and what can be done with it.

import { blocks } from "./blocks.js";
import { h, toast } from "./dom.js";
import { failure } from "./elements.js";
import { clock } from "./inline.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { act, replies, store, user } from "./store.js";

export const at = (ts) => new Date(Number(ts) * 1000);
const dismissed = new Set();
export const isDismissed = (message) => dismissed.has(message.ts);

/**
 * Draw a message.
 * @param {Object} message as the server tells it.
 * @param {{inThread: boolean, redraw: () => void}} options
 */
export function drawMessage(message, { inThread, redraw }) {
  const author = user(message.user);
  return h(`li.message${message.ephemeral ? ".ephemeral" : ""}`, {
    "data-ts": message.ts, "data-ephemeral": message.ephemeral ? "yes" : undefined,
    "data-bot": author.is_bot ? "yes" : undefined,
  },
  avatar(author),
  h("article", { "aria-label": `${author.name}, ${clock(at(message.ts))}` },
    message.ephemeral && h("p.only-you", {}, h("span", { "aria-hidden": "true" }, "◉ "), "Only visible to you"),
    h("header", {}, h("strong.author", {}, author.is_bot ? author.name : author.real_name),
      author.is_bot && h("span.badge", {}, "APP"),
      h("time", { dateTime: at(message.ts).toISOString() }, clock(at(message.ts)))),
    message.broadcast && !inThread && h("p.replied", {}, "replied to ", h("a", { href: threadRoute(message) }, "a thread")),
    body(message),
    message.files.map(file),
    !inThread && !message.is_reply && summary(message),
    message.ephemeral && h("button.link", { type: "button", onclick: () => { dismissed.add(message.ts); redraw(); } }, "Dismiss message"),
  ),
  !message.ephemeral && tools(message, inThread));
}

function avatar(author) {
  return author.id === store.bot
    ? h("img.avatar", { src: "/page/icon.svg", alt: "" })
    : h("span.avatar", { "aria-hidden": "true", "data-who": author.name }, author.real_name.slice(0, 1));
}

function body(message) {
  const edited = message.edited && h("span.edited", {}, " (edited)");
  if (!message.blocks.length) return h("div.text", {}, mrkdwn(message.text), edited);
  return h("div.blocks", {}, blocks(message.blocks, { message }), edited);
}

function file(each) {
  return h("a.file", { href: new URL(each.url_private).pathname, download: each.name },
    h("strong", {}, each.title), h("small", {}, `${each.name}, ${each.size.toLocaleString("en")} bytes`));
}

export const threadRoute = (message) => `#/${message.channel}/${message.thread_ts ?? message.ts}`;

function summary(message) {
  const held = replies(message.channel, message.ts);
  if (!held.length) return null;
  const count = `${held.length} ${held.length === 1 ? "reply" : "replies"}`;
  return h("a.thread-summary", { href: threadRoute(message) }, h("strong", {}, count),
    h("span", {}, ` last at ${clock(at(held.at(-1).ts))}`), h("span.go", {}, "View thread ›"));
}

function tools(message, inThread) {
  const shortcuts = store.listing.shortcuts.filter((each) => !each.is_global).map((each) => ({
    label: each.name, about: "relaycheck", choose: () => report(act("shortcut", { ...where(message), callback_id: each.callback_id })),
  }));
  const items = [...shortcuts,
    { label: "Copy link", choose: () => copyLink(message) },
    { label: "Delete message", choose: () => report(act("delete", where(message))) }];
  return h("div.tools", {},
    !inThread && h("a.tool", { href: threadRoute(message), "aria-label": "Reply in thread", title: "Reply in thread" }, "↩"),
    h("button.tool", {
      type: "button", "aria-label": "More actions for this message", title: "More actions",
      "aria-haspopup": "menu", "aria-expanded": "false", onclick: (event) => openMenu(event.currentTarget, items),
    }, "⋮"));
}

const where = (message) => ({ channel: message.channel, ts: message.ts });

async function report(done) {
  const wrong = failure(await done);
  if (wrong) toast(wrong);
}

async function copyLink(message) {
  const thread = message.is_reply ? `?thread_ts=${message.thread_ts}` : "";
  await navigator.clipboard?.writeText(`${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}${thread}`);
  toast("Link copied.");
}
