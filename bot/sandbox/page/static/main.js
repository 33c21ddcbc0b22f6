// The page as a whole: which channel is shown, and what is drawn again when something changes.

import { blocks } from "./blocks.js";
import { channelTitle, countUnread, markRead, showChannels, sign } from "./channels.js";
import { makeComposer } from "./composer.js";
import { byId, fill, h, toast } from "./dom.js";
import { failure, typedIn } from "./elements.js";
import { archived } from "./inline.js";
import { showMessages } from "./list.js";
import { closeMenu } from "./menu.js";
import { showModal } from "./modal.js";
import { isOpen, leaveThread, openSide, showSide, startSide, threadShown, toggleSide } from "./side.js";
import { act, channel, connect, inChannel, onChange, store } from "./store.js";

let current = "";
let tab = "messages";
let line = null;
const composer = makeComposer(byId("composer-form"), () => ({ channel: current }), "composer");

// ------------------------------------------------------------------ where one is

function route() {
  const [, channelId, ts] = location.hash.split("/");
  const wanted = channel(channelId) ?? store.channels[0];
  if (!wanted) return;
  if (wanted.id !== current) {
    current = wanted.id;
    tab = "messages";
    document.body.classList.remove("channels-open");
    showAll();
    byId("scroll").scrollTop = byId("scroll").scrollHeight;
  }
  if (ts) openSide("thread", { channel: current, ts });
  else leaveThread();
}

function showAll(changed) {
  const where = channel(current);
  if (!where) return;
  markRead(current);
  showChannels(current, become);
  showHead(where);
  if (tab === "home") showHome();
  else showConversation(where, changed);
  byId("composer-form").hidden = tab === "home";
  composer.update();
  document.title = `${channelTitle(where)} · relaycheck sandbox`;
}

function showHead(where) {
  const isApp = where.kind === "dm" && where.has_bot;
  const tabs = isApp && store.listing.has_home && h("div.tabs", { role: "tablist" },
    [["messages", "Messages"], ["home", "Home"]].map(([id, label]) => h("button", {
      type: "button", role: "tab", "aria-selected": String(id === tab), onclick: () => choose(id),
    }, label)));
  fill(byId("channel-head"), h("h1", {}, h("span", { "aria-hidden": "true" }, `${sign(where)} `), channelTitle(where)),
    h("p", {}, where.purpose), tabs);
}

function showConversation(where, changed) {
  const list = byId("messages");
  const messages = inChannel(current);
  byId("scroll").querySelectorAll(".home, .beginning").forEach((each) => each.remove());
  list.hidden = false;
  if (!messages.length) byId("scroll").prepend(beginning(where));
  showMessages(list, messages, { changed });
}

function beginning(where) {
  const first = store.listing.suggestions[0];
  const command = store.listing.commands[0];
  return h("div.beginning", {}, h("h2", {}, `${sign(where)} ${channelTitle(where)}`), h("p", {}, where.purpose),
    first && command && !where.archived && h("button.button.primary", { type: "button", onclick: () => run(first.domain) },
      `${command.command} ${first.domain}`));
}

async function choose(id) {
  tab = id;
  showAll();
  if (id !== "home") return;
  const wrong = failure(await act("home"));
  if (wrong) toast(wrong);
}

function showHome() {
  const scroll = byId("scroll");
  const typed = () => typedIn(scroll);
  scroll.querySelectorAll(".home, .beginning").forEach((each) => each.remove());
  byId("messages").hidden = true;
  scroll.prepend(h("div.home", {}, store.home
    ? blocks(store.home.blocks, { view: store.home, typed })
    : h("p", {}, "The app has not published its Home yet.")));
}

// ------------------------------------------------------------------ what one does

async function run(domain) {
  const where = channel(current);
  if (!where || where.archived || tab === "home") location.hash = `#/${store.channels[0].id}`;
  const name = store.listing.commands[0]?.command ?? "/relaycheck";
  if (matchMedia("(max-width: 60rem)").matches) toggleSide(false);
  const said = await act("send", { channel: current, text: `${name} ${domain}` });
  if (said.refused) toast(said.refused);
}

function become(id) {
  line?.close();
  sessionStorage.setItem("me", id);
  line = connect(id);
}

function theme(set) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const next = set ?? ((document.documentElement.dataset.theme ?? (dark ? "dark" : "light")) === "dark" ? "light" : "dark");
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
}

function showStatus() {
  const { connected, gone, transport, revoked } = store.app;
  const [mark, words] = gone ? ["bad", "sandbox stopped"] : revoked ? ["bad", "tokens revoked"]
    : connected ? ["good", `app connected by ${transport}`] : ["bad", "app not connected"];
  fill(byId("status"), h(`span.dot.${mark}`, { "aria-hidden": "true" }), words);
}

// ------------------------------------------------------------------ what happens

onChange((kind, what) => {
  if (kind === "snapshot") {
    current = "";
    route();
    showSide();
    showModal();
  }
  if (kind === "message") {
    countUnread(what, current);
    const changed = new Set([what.ts, what.thread_ts]);
    if (what.channel === current && tab === "messages") showAll(changed);
    else showChannels(current, become);
    const thread = threadShown();
    if (thread.ts && [what.ts, what.thread_ts].includes(thread.ts)) showSide(changed);
  }
  if (kind === "channels") showAll();
  if (kind === "views") {
    showModal();
    if (tab === "home") showHome();
  }
  if (kind === "traffic" || kind === "status") showSide(kind);
  showStatus();
});

startSide({ run, closeThread: () => { location.hash = `#/${current}`; } });
addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  closeMenu();
  document.body.classList.remove("channels-open");
  if (threadShown().ts) location.hash = `#/${current}`;
});
byId("theme").onclick = () => theme();
byId("open-side").onclick = () => toggleSide(!isOpen());
byId("open-channels").onclick = () => {
  const open = document.body.classList.toggle("channels-open");
  byId("open-channels").setAttribute("aria-expanded", String(open));
};
byId("channel").addEventListener("click", () => document.body.classList.remove("channels-open"));
if (localStorage.getItem("theme")) theme(localStorage.getItem("theme"));
if (matchMedia("(max-width: 60rem)").matches) toggleSide(false);
const wanted = archived(new URL(location.href));
if (wanted) history.replaceState(null, "", `/${wanted}`);
become(sessionStorage.getItem("me") ?? "");
