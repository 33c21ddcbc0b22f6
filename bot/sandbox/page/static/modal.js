// Modals: the top of the stack that the app opened, with what was typed kept through its updates.

import { blocks } from "./blocks.js";
import { h, toast } from "./dom.js";
import { failure, typedIn } from "./elements.js";
import { act, store } from "./store.js";
import { text } from "./text.js";

let dialog = null;
let shown = null;

/** Show what the server says is open; called at every change of views. */
export function showModal() {
  const view = store.stack.at(-1);
  if (!view) {
    dialog?.close();
    dialog?.remove();
    dialog = shown = null;
    return;
  }
  if (!dialog) {
    dialog = h("dialog.modal", { "aria-labelledby": "modal-title", oncancel: cancel });
    document.body.append(dialog);
    dialog.showModal();
  }
  const typed = shown?.id === view.id ? typedIn(dialog) : {};
  shown = view;
  dialog.replaceChildren(form(view));
  keep(typed);
  dialog.querySelector("[aria-invalid], .modal-body input, .modal-body textarea, .modal-body select, footer button")?.focus();
}

function form(view) {
  const source = { view, typed: () => typedIn(dialog) };
  return h("form", { onsubmit: submit },
    h("header", {}, store.stack.length > 1 && h("button.icon", { type: "button", "aria-label": "Back", onclick: cancel }, "‹"),
      h("h2", { id: "modal-title" }, text(view.title)),
      h("button.icon", { type: "button", "aria-label": "Close", onclick: cancel }, "×")),
    h("div.modal-body", {}, blocks(view.blocks, source)),
    h("footer", {}, h("button.button", { type: "button", onclick: cancel }, text(view.close ?? { text: "Cancel" })),
      view.submit && h("button.button.primary", { type: "submit" }, text(view.submit))));
}

function keep(typed) {
  for (const control of dialog.querySelectorAll("[name]")) {
    const value = typed[control.name];
    if (value === undefined) continue;
    if (control.type === "checkbox") control.checked = value.includes(control.value);
    else if (control.type === "radio") control.checked = value === control.value;
    else control.value = value ?? "";
  }
}

async function submit(event) {
  event.preventDefault();
  if (!shown.submit) return;
  const button = dialog.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  const wrong = failure(await act("submit", { typed: typedIn(dialog) }));
  button.removeAttribute("aria-busy");
  if (wrong) toast(wrong);
}

async function cancel(event) {
  event.preventDefault();
  const wrong = failure(await act("close"));
  if (wrong) toast(wrong);
}
