// Slack's mrkdwn, as Slack reads it (docs.slack.dev/messaging/formatting-message-text).
//
// What matters most: <…> is read before anything else, so a text that nobody escaped pings and
// links here as it would in Slack. &amp; &lt; &gt; are decoded last, and never read a second time.

import { withEmoji } from "./emoji.js";
import { h } from "./dom.js";
import { broadcast, channelName, dateText, link, mention } from "./inline.js";

const HELD = /\uE000(\d+)\uE001/;
const BARE = /(?:https?:\/\/|www\.)[^\s<>]+|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|io|dev|co|info|eu|de|uk)(?:\/[^\s<>]*)?(?![\w.-])/i;
const STYLES = [
  [/(?<![\w`])`([^`\n]+)`(?![\w`])/, "code"],
  [/(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])/, "strong"],
  [/(?<![\w_])_(?!\s)([^_\n]+?)(?<!\s)_(?![\w_])/, "em"],
  [/(?<![\w~])~(?!\s)([^~\n]+?)(?<!\s)~(?![\w~])/, "s"],
];

/**
 * Return nodes for a mrkdwn text.
 * @param {string} text as it was posted.
 * @param {{verbatim?: boolean}} options verbatim: bare addresses are not made into links.
 */
export function mrkdwn(text, { verbatim = false } = {}) {
  const held = [];
  const hold = (node) => `\uE000${held.push(node) - 1}\uE001`;
  const safe = text.replace(/[\uE000\uE001]/g, "\uFFFD").replace(/<([^<>\n]+)>/g, (typed, inner) => {
    const node = control(inner);
    return node ? hold(node) : typed;
  });
  return safe.split(/```\n?/).flatMap((part, index) =>
    index % 2
      ? [h("pre", {}, leaves(part.replace(/\n$/, ""), held, true))]
      : quotes(part, held, verbatim));
}

export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** What stands between < and >: a mention, a date or a link; null when it is none of them. */
function control(inner) {
  const [target, label] = split(inner);
  if (/^@[A-Z0-9]+$/.test(target)) return mention(target.slice(1));
  if (/^#[A-Z0-9]+$/.test(target)) return channelName(target.slice(1));
  if (/^!(channel|here|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (target.startsWith("!subteam^")) return broadcast(decode(label || "group"));
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (/^(https?:\/\/|mailto:)/i.test(target)) return link(decode(target), decode(label || target));
  return null;
}

function split(inner) {
  const bar = inner.indexOf("|");
  return bar < 0 ? [inner, ""] : [inner.slice(0, bar), inner.slice(bar + 1)];
}

function dateNode(target, label) {
  const [, seconds, format, url] = target.split("^");
  const text = dateText(Number(seconds), format ?? "", decode(label));
  return url ? link(decode(url), text) : h("time", {}, text);
}

function quotes(text, held, verbatim) {
  const nodes = [];
  for (const line of text.split(/(?<=\n)/)) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (!quoted) {
      nodes.push(...styled(line, held, verbatim));
      continue;
    }
    const rest = styled(line.slice(quoted[0].length).replace(/\n$/, ""), held, verbatim);
    const last = nodes.at(-1);
    if (last instanceof HTMLQuoteElement) last.append("\n", ...rest);
    else nodes.push(h("blockquote", {}, rest));
  }
  return nodes;
}

function styled(text, held, verbatim) {
  let first = null;
  for (const [pattern, tag] of STYLES) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { found, tag };
  }
  if (!first) return leaves(text, held, verbatim);
  const { found, tag } = first;
  const inner = tag === "code" ? leaves(found[1], held, true) : styled(found[1], held, verbatim);
  return [
    ...leaves(text.slice(0, found.index), held, verbatim),
    h(tag, {}, inner),
    ...styled(text.slice(found.index + found[0].length), held, verbatim),
  ];
}

/** Text without styles: what was held stands again, bare addresses become links. */
function leaves(text, held, verbatim) {
  const pattern = verbatim ? HELD : new RegExp(`${HELD.source}|${BARE.source}`, "i");
  const found = pattern.exec(text);
  if (!found) return text ? [withEmoji(decode(text))] : [];
  const before = text.slice(0, found.index);
  const node = found[1] === undefined ? bareLink(found[0]) : held[Number(found[1])];
  return [
    ...(before ? [withEmoji(decode(before))] : []),
    node,
    ...leaves(text.slice(found.index + found[0].length), held, verbatim),
  ];
}

function bareLink(typed) {
  const address = decode(typed);
  return link(/^https?:/i.test(address) ? address : `http://${address}`, address);
}
