// Buttons, choices and inputs, and what pressing them sends: who pressed what, with what was chosen.

import { confirmed } from "./confirm.js";
import { h, toast } from "./dom.js";
import { act, store } from "./store.js";
import { text } from "./text.js";

const FAILED = {
  operation_timeout: "The app did not acknowledge within three seconds.",
  dispatch_failed: "The app is not connected.",
  http_error: "The app answered with an error.",
};

/** What to tell a person when the app did not take a delivery; empty when it did. */
export const failure = ({ refused, failed }) => refused || (failed && `${FAILED[failed] ?? ""} (${failed})`) || "";

/**
 * Draw one element.
 * @param {Object} spec the element as the app posted it.
 * @param {Object} block the block that holds it.
 * @param {{message?: Object, view?: Object, typed?: () => Object}} source where it stands.
 * @param {string} id of the control, for its label.
 */
export function element(spec, block, source, id) {
  const node = (DRAWN[spec.type] ?? unknown)(spec, block, source);
  if (id) node.id = id;
  if (spec.action_id) node.dataset.action = spec.action_id;
  return node;
}

const unknown = (spec) => h("span.unknown", {}, `[${spec.type}]`);

const DRAWN = {
  button: (spec, block, source) => h(`button.button${spec.style ? `.${spec.style}` : ""}`, {
    type: "button",
    "aria-label": spec.accessibility_label,
    onclick: (event) => {
      if (spec.url) window.open(spec.url, "_blank", "noopener,noreferrer");
      press(event.currentTarget, spec, source);
    },
  }, text(spec.text)),
  conversations_select: (spec, block, source) => select(spec, block, source, conversations(), spec.initial_conversation ?? (spec.default_to_current_conversation && currentChannel())),
  radio_buttons: (spec, block, source) => choices(spec, block, source, "radio"),
  checkboxes: (spec, block, source) => choices(spec, block, source, "checkbox"),
  plain_text_input: typing,
};

async function press(node, spec, source, chosen) {
  if (spec.confirm && !(await confirmed(spec.confirm))) return;
  node.setAttribute("aria-busy", "true");
  const { message, view } = source;
  const where = view ? { view: view.id } : { channel: message.channel, ts: message.ts };
  const details = { ...where, action_id: spec.action_id, chosen, typed: source.typed?.() };
  const wrong = failure(await act("press", details));
  node.removeAttribute("aria-busy");
  if (wrong) toast(wrong);
}

/** Inputs tell the app at once only in an actions block or where dispatch_action says so. */
const tellsAtOnce = (block) => block.type !== "input" || block.dispatch_action;

const conversations = () => store.channels.map((each) => [each.id, `${each.kind === "dm" ? "" : "#"}${each.name}`]);

const currentChannel = () => location.hash.split("/")[1] || store.channels[0]?.id;

/** Slack's client does not submit a view while a field that is not optional is empty. */
const isRequired = (block) => block.type === "input" && !block.optional;

function select(spec, block, source, list, initial) {
  return h("select", {
    name: spec.action_id,
    required: isRequired(block),
    onchange: (event) => tellsAtOnce(block) && press(event.currentTarget, spec, source, event.currentTarget.value),
  }, h("option", { value: "" }, spec.placeholder?.text ?? "Choose …"),
  list.map(([value, label]) => h("option", { value, selected: value === initial }, label)));
}

function choices(spec, block, source, kind) {
  const initial = (spec.initial_options ?? [spec.initial_option]).map((option) => option?.value);
  return h("div.choices", { role: kind === "radio" ? "radiogroup" : "group" }, spec.options.map((option) =>
    h("label", {}, h("input", {
      type: kind, name: spec.action_id, value: option.value, checked: initial.includes(option.value),
      onchange: (event) => tellsAtOnce(block) && press(event.currentTarget, spec, source, option.value),
    }), h("span", {}, text(option.text)), option.description && h("small", {}, text(option.description)))));
}

function typing(spec, block, source) {
  return h(spec.multiline ? "textarea" : "input", {
    ...(spec.multiline ? { rows: 4 } : { type: "text" }),
    name: spec.action_id,
    required: isRequired(block),
    minLength: spec.min_length ?? 0,
    value: spec.initial_value ?? "",
    placeholder: spec.placeholder?.text ?? "",
    maxLength: spec.max_length ?? 3000,
    onkeydown: (event) => {
      const enters = event.key === "Enter" && block.dispatch_action && !spec.multiline;
      if (!enters) return;
      event.preventDefault();
      press(event.currentTarget, spec, source, event.currentTarget.value);
    },
  });
}

/** What stands in all inputs below a node, by action_id. */
export function typedIn(root) {
  const typed = {};
  for (const control of root.querySelectorAll("input[name], select[name], textarea[name]")) {
    if (control.type === "checkbox") {
      typed[control.name] ??= [];
      if (control.checked) typed[control.name].push(control.value);
    } else if (control.type === "radio") {
      typed[control.name] ??= null;
      if (control.checked) typed[control.name] = control.value;
    } else {
      typed[control.name] = control.value || null;
    }
  }
  return typed;
}
