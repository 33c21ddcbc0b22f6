// Where one types: slash commands are completed, with the domains that there are to try.

import { fill, h, toast } from "./dom.js";
import { failure } from "./elements.js";
import { openMenu } from "./menu.js";
import { act, channel, store } from "./store.js";

/**
 * Make a composer.
 * @param {HTMLFormElement} form where it stands.
 * @param {() => {channel: string, thread_ts?: string}} place where its messages go.
 * @param {string} id of its text field.
 */
export function makeComposer(form, place, id) {
  const listId = `${id}-list`;
  const field = h("textarea", {
    id, rows: 1, "aria-label": "Message", role: "combobox", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": listId, oninput: () => { grow(); suggest(); },
    onkeydown: keys, onblur: () => setTimeout(hide, 150),
  });
  const list = h("ul.completions", { id: listId, role: "listbox", hidden: true, "aria-label": "Completions" });
  const more = h("button.icon", {
    type: "button", "aria-label": "Shortcuts", title: "Shortcuts", "aria-haspopup": "menu",
    "aria-expanded": "false", onclick: (event) => openMenu(event.currentTarget, shortcuts()),
  }, "+");
  const send = h("button.send", { type: "submit", "aria-label": "Send" }, "➤");
  fill(form, list, h("div.typing", {}, more, field, send));
  let items = [];
  let chosen = -1;

  form.onsubmit = async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    grow();
    hide();
    const said = await act("send", { ...place(), text });
    if (said.refused) {
      field.value ||= text;
      grow();
    }
    // Slackbot tells of a command that failed; only what was never sent is told here.
    if (said.refused) toast(said.refused);
  };

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
  }

  function suggest() {
    items = completions(field.value, Boolean(place().thread_ts));
    chosen = items.length ? 0 : -1;
    draw();
  }

  function draw() {
    list.hidden = !items.length;
    field.setAttribute("aria-expanded", String(items.length > 0));
    fill(list, items.map((item, index) => h("li", {
      id: `${listId}-${index}`, role: "option", "aria-selected": String(index === chosen),
      onmousedown: (event) => { event.preventDefault(); take(index); },
    }, h("strong", {}, item.shown), h("span", {}, item.about))));
    if (chosen >= 0) {
      field.setAttribute("aria-activedescendant", `${listId}-${chosen}`);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function hide() {
    items = [];
    chosen = -1;
    draw();
  }

  function take(index) {
    field.value = items[index].text;
    grow();
    field.focus();
    suggest();
  }

  function keys(event) {
    if (items.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      draw();
    } else if (items.length && (event.key === "Tab" || (event.key === "Enter" && adds(items[chosen], field.value)))) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape" && items.length) {
      event.stopPropagation();
      hide();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  }

  function update() {
    const where = channel(place().channel);
    field.disabled = send.disabled = more.disabled = Boolean(where?.archived);
    more.hidden = !shortcuts().length || Boolean(place().thread_ts);
    field.placeholder = where?.archived ? "This channel is archived" :
      place().thread_ts ? "Reply …" : "Message, or / for a command";
  }

  return {
    field,
    update,
    put(text) {
      field.value = text;
      grow();
      field.focus();
      suggest();
    },
  };
}

/** Enter takes a completion while that still adds something; then it sends. */
const adds = (item, typed) => item.text.trim() !== typed.trim();

function completions(typed, inThread) {
  if (!typed.startsWith("/") || inThread || typed.includes("\n")) return [];
  const [name, ...rest] = typed.split(" ");
  if (!rest.length) {
    return store.listing.commands.filter((each) => each.command.startsWith(name)).map((each) => ({
      text: `${each.command} `, shown: `${each.command} ${each.usage_hint}`, about: each.description,
    }));
  }
  const word = rest.join(" ");
  if (!store.listing.commands.some((each) => each.command === name) || word.includes(" ")) return [];
  return store.listing.suggestions.filter((each) => each.domain.startsWith(word)).map((each) => ({
    text: `${name} ${each.domain}`, shown: each.domain, about: each.shows,
  }));
}

function shortcuts() {
  return store.listing.shortcuts.filter((each) => each.is_global).map((each) => ({
    label: each.name, about: "relaycheck",
    choose: async () => {
      const wrong = failure(await act("shortcut", { callback_id: each.callback_id }));
      if (wrong) toast(wrong);
    },
  }));
}
