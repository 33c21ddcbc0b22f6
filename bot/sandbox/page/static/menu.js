// A menu of choices below a button: arrows move, Escape closes, focus comes back to the button.

import { h } from "./dom.js";

let open = null;

/**
 * Open a menu.
 * @param {HTMLElement} anchor the button that it belongs to.
 * @param {{label: (string|Node)[], about?: string, choose: () => void}[]} items
 */
export function openMenu(anchor, items) {
  const again = open?.anchor === anchor;
  closeMenu();
  if (again) return;
  const menu = h("div.menu", { role: "menu", onkeydown: move, popover: "manual" }, items.map((item) =>
    h("button", { type: "button", role: "menuitem", onclick: () => choose(item) }, h("span", {}, item.label),
      item.about && h("small", {}, item.about))));
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  open = { menu, anchor };
  menu.querySelector("button")?.focus();
  setTimeout(() => document.addEventListener("click", outside));
}

export function closeMenu({ back = false } = {}) {
  if (!open) return;
  document.removeEventListener("click", outside);
  open.menu.remove();
  open.anchor.setAttribute("aria-expanded", "false");
  if (back) open.anchor.focus();
  open = null;
}

const outside = (event) => open?.menu.contains(event.target) || closeMenu();

function choose(item) {
  closeMenu({ back: true });
  item.choose();
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
}

function move(event) {
  const buttons = [...open.menu.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  }
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu({ back: true });
  }
}
