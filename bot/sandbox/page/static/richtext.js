// Rich text: every text in it is literal; only its own elements are links or dates.

import { h } from "./dom.js";
import { dateText, link } from "./inline.js";

const CONTAINERS = {
  rich_text_section: (part) => h("p", {}, pieces(part.elements)),
  rich_text_preformatted: (part) => h("pre", {}, pieces(part.elements)),
  rich_text_list: list,
};

const PIECES = {
  text: (piece) => piece.text,
  link: (piece) => link(piece.url, piece.text || piece.url),
  date: (piece) => h("time", {}, dateText(piece.timestamp, piece.format, piece.fallback ?? "")),
};

const STYLES = { code: "code", bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark" };

export const richText = (block) =>
  h("div.rich-text", {}, block.elements.map((part) => CONTAINERS[part.type]?.(part)));

function list(part) {
  const ordered = part.style === "ordered";
  const start = ordered ? (part.offset ?? 0) + 1 : undefined;
  return h(ordered ? "ol" : "ul", { start, "data-indent": part.indent ?? 0 },
    part.elements.map((item) => h("li", {}, pieces(item.elements))));
}

const pieces = (elements) => elements.map((piece) => dressed(PIECES[piece.type]?.(piece) ?? "", piece.style));

function dressed(node, style = {}) {
  return Object.entries(STYLES).reduce(
    (inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}
