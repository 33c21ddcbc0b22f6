// What the page knows, as the server tells it. One source of truth; views ask it and re-draw.

export const store = {
  me: "", bot: "",
  users: new Map(), channels: [], messages: new Map(),
  listing: { commands: [], shortcuts: [], suggestions: [], has_home: false },
  presets: [], traffic: [], stack: [], home: null, app: {}, faults: [],
};

const listeners = new Set();
const MAX_TRAFFIC = 200;

/** Call back for each change with its kind and, for a message, the message. */
export function onChange(listener) {
  listeners.add(listener);
}

const tell = (kind, what) => listeners.forEach((listener) => listener(kind, what));
const key = (message) => `${message.channel} ${message.ts}`;

export const channel = (id) => store.channels.find((each) => each.id === id);
export const user = (id) => store.users.get(id) ?? { id, name: id, real_name: id };
export const message = (channelId, ts) => store.messages.get(`${channelId} ${ts}`);

/** The messages of a channel, oldest first, as they stand in it (replies only when broadcast). */
export function inChannel(id) {
  return [...store.messages.values()]
    .filter((each) => each.channel === id && (!each.is_reply || each.broadcast))
    .sort(byTime);
}

/** The replies in one message's thread, oldest first. */
export function replies(channelId, ts) {
  return [...store.messages.values()]
    .filter((each) => each.channel === channelId && each.is_reply && each.thread_ts === ts)
    .sort(byTime);
}

const byTime = (one, other) => one.ts.localeCompare(other.ts, "en", { numeric: true });

/** Ask the server for events; it begins with everything, and again whenever the line was cut. */
export function connect(as) {
  const source = new EventSource(`/ui/events?as=${encodeURIComponent(as)}`);
  source.onmessage = (event) => apply(JSON.parse(event.data));
  source.onerror = () => {
    store.app = { ...store.app, gone: true };
    tell("status");
  };
  return source;
}

function apply(told) {
  switch (told.kind) {
    case "snapshot":
      Object.assign(store, told, {
        users: new Map(told.users.map((each) => [each.id, each])),
        messages: new Map(told.messages.map((each) => [key(each), each])),
        traffic: told.traffic.sort((one, other) => one.at - other.at),
      });
      return tell("snapshot");
    case "message":
      if (told.message.deleted) store.messages.delete(key(told.message));
      else store.messages.set(key(told.message), told.message);
      return tell("message", told.message);
    case "channels":
      store.channels = told.channels;
      return tell("channels");
    case "views":
      store.stack = told.stack;
      store.home = told.home;
      return tell("views");
    case "traffic":
      store.traffic = [...store.traffic, told.entry].slice(-MAX_TRAFFIC);
  }
  store.app = told.app;
  store.faults = told.faults;
  return tell(told.kind);
}

/**
 * Tell the server what the person did. Returns what went wrong, empty when all is well: either a
 * sentence for the person, or Slack's word for a delivery that the app did not acknowledge.
 */
export async function act(deed, details = {}) {
  try {
    const answer = await fetch("/ui/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...details, deed, as: store.me }),
    });
    const said = await answer.json();
    if (said.error) return { refused: said.error };
    return { failed: said.delivery };
  } catch {
    return { refused: "The sandbox does not answer. Is it still running?" };
  }
}
