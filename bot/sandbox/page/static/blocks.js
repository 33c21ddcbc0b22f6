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
  header: (block) => h("h3", {}, text(block.text)),
  divider: () => h("hr"),
  section,
  context: (block) => h("div", {}, block.elements.map((each) => h("span", {}, text(each)))),
  actions: (block, source) => h("div", { role: "group" },
    block.elements.map((each) => element(each, block, source))),
  rich_text: richText,
  input,
};

function section(block) {
  return h("div", {}, block.text && h("div", {}, text(block.text)),
    block.fields && h("div.fields", {}, block.fields.map((field) => h("div", {}, text(field)))));
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
