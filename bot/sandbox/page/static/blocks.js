// Each block type of Block Kit that the app may post, drawn as Slack lays it out.

import { h } from "./dom.js";
import { element } from "./elements.js";
import { richText } from "./richtext.js";
import { text } from "./text.js";

/** Nodes for all blocks of one source: a message or a view, where presses come from. */
export const blocks = (list, source) => list.map((block) => draw(block, source));

function draw(block, source) {
  const node = DRAWN[block.type]?.(block, source) ?? h("p.unknown", {}, `[${block.type}]`);
  node.classList.add("block", `block-${block.type}`);
  node.dataset.block = block.type;
  return node;
}

const DRAWN = {
  header: (block) => h(`h${Math.min(6, (block.level ?? 1) + 2)}`, {}, text(block.text)),
  divider: () => h("hr"),
  section,
  context: (block) => h("div", {}, block.elements.map((each) =>
    each.type === "image" ? picture(each) : h("span", {}, text(each)))),
  actions: (block, source) => h("div", { role: "group" },
    block.elements.map((each) => element(each, block, source))),
  context_actions: (block, source) => h("div", { role: "group" },
    block.elements.map((each) => element(each, block, source))),
  image: (block) => h("figure", {}, picture(block), block.title && h("figcaption", {}, text(block.title))),
  rich_text: richText,
  markdown: (block) => h("div", {}, block.text),
  alert: (block) => h(`div.${block.level ?? "default"}`, { role: "note" }, text(block.text)),
  table,
  container,
  input,
};

function section(block, source) {
  const told = h("div.section-text", {}, block.text && h("div", {}, text(block.text)),
    block.fields && h("div.fields", {}, block.fields.map((field) => h("div", {}, text(field)))));
  return h("div", {}, told, block.accessory && h("div.accessory", {}, element(block.accessory, block, source)));
}

function table(block) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (each, column) => h(tag, {
    scope: tag === "th" ? "col" : undefined,
    "data-align": settings[column]?.align ?? "left",
    "data-wrap": settings[column]?.is_wrapped ? "yes" : undefined,
  }, each.type === "rich_text" ? richText(each) : String(each.text ?? each.value));
  const [head, ...rows] = block.rows;
  return h("div", { tabIndex: 0, role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}

function container(block, source) {
  const title = [block.title && h("strong", {}, text(block.title)),
    block.subtitle && h("span", {}, text(block.subtitle))];
  const children = blocks(block.child_blocks, source);
  return block.is_collapsible
    ? h("details", { open: !block.default_collapsed }, h("summary", {}, title), children)
    : h("section", {}, h("header", {}, title), children);
}

function input(block, source) {
  const id = `input-${block.block_id}`;
  const error = source.view?.errors?.[block.block_id];
  const control = element(block.element, block, source, id);
  control.setAttribute("aria-describedby", `${id}-about`);
  if (error) control.setAttribute("aria-invalid", "true");
  return h("div", {}, h("label", { for: id }, text(block.label), block.optional && h("span", {}, " (optional)")),
    control,
    h("div", { id: `${id}-about` }, error && h("p.error", {}, error), block.hint && h("p.hint", {}, text(block.hint))));
}

function picture(image) {
  return h("img", { src: image.image_url ?? "", alt: image.alt_text, title: image.alt_text });
}
