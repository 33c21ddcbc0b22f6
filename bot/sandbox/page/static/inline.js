// Mentions, links and dates: the same in mrkdwn and in rich text.

import { h, toast } from "./dom.js";
import { channel, store, user } from "./store.js";

export function mention(id) {
  const mine = id === store.me ? ".me" : "";
  return h(`span.mention${mine}`, { "data-mention": id }, `@${user(id).name}`);
}

/** @channel, @here, @everyone: in Slack everybody's phone would ring now. */
export function broadcast(range) {
  const title = "In Slack this notifies everybody in the channel";
  return h("span.mention.broadcast", { "data-mention": range, title }, `@${range}`);
}

export function channelName(id) {
  const found = channel(id);
  if (!found) return h("span.mention", {}, `#${id}`);
  return h("a.mention", { href: `#/${id}` }, `#${found.name}`);
}

/** A link that leaves the page; anything but a web or mail address is only text. */
export function link(url, text) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return h("span", {}, text);
  const here = url.startsWith(`${location.origin}/archives/`);
  return here
    ? h("a", { href: url, onclick: follow }, text)
    : h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

function follow(event) {
  event.preventDefault();
  const route = archived(new URL(event.currentTarget.href));
  if (route) location.hash = route;
  else toast("This link leads to no message.");
}

/** The page's own route for a permalink. */
export function archived(url) {
  const found = /^\/archives\/(\w+)(?:\/p(\d+)(\d{6}))?/.exec(url.pathname);
  if (!found) return "";
  const [, channelId, seconds, rest] = found;
  const ts = url.searchParams.get("thread_ts") ?? (seconds ? `${seconds}.${rest}` : "");
  return `#/${channelId}${ts ? `/${ts}` : ""}`;
}

const PIECES = {
  date_num: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  date: (date) => date.toLocaleDateString(undefined, { dateStyle: "long" }),
  date_short: (date) => date.toLocaleDateString(undefined, { dateStyle: "medium" }),
  date_long: (date) => date.toLocaleDateString(undefined, { dateStyle: "full" }),
  time: (date) => clock(date),
  time_secs: (date) => `${clock(date)}:${two(date.getSeconds())}`,
  ago: (date) => `${Math.max(0, Math.round((Date.now() - date) / 60_000))} minutes ago`,
};
const two = (number) => String(number).padStart(2, "0");
export const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

/** A date as the reader's own clock has it; {date_pretty} says today and yesterday. */
export function dateText(seconds, format, fallback) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return format.replace(/\{(\w+)\}/g, (typed, name) => {
    const plain = name.replace(/_pretty$/, "");
    if (!(plain in PIECES)) return typed;
    return (name !== plain && relativeDay(date)) || PIECES[plain](date);
  });
}

/** "today", "yesterday" or "tomorrow"; empty when it is none of them. */
export function relativeDay(date) {
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate());
  const days = Math.round((midnight(date) - midnight(new Date())) / 86_400_000);
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[days] ?? "";
}
