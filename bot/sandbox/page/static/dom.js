// Elements without markup in strings: every text is a text node, so nothing foreign becomes HTML.

/**
 * Make an element.
 * @param {string} tag "div", "button.primary": a tag with classes.
 * @param {Object} props properties; on… are listeners, aria-… and data-… attributes.
 * @param {...(Node|string|null|undefined|Array)} children
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Show a short message that goes away by itself. */
export function toast(text) {
  const note = h("p.toast", {}, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Put new children in place of all there are. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}
