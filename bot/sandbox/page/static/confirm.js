// The confirmation dialog of Block Kit: the app is told only after a yes.

import { h } from "./dom.js";
import { text } from "./text.js";

/** Ask; resolves to whether the person agreed. */
export function confirmed(spec) {
  const yes = h(`button.button.${spec.style ?? "primary"}`, { value: "yes" }, text(spec.confirm ?? { text: "Yes" }));
  const dialog = h("dialog.confirm", { "aria-labelledby": "confirm-title" },
    h("form", { method: "dialog" },
      h("h2", { id: "confirm-title" }, text(spec.title)),
      h("div", {}, text(spec.text)),
      h("footer", {}, h("button.button", { value: "" }, text(spec.deny ?? { text: "Cancel" })), yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
