// The few emoji that cards and people use by their short names; an unknown name stays as typed.

const NAMES = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨",
  red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  white_circle: "⚪", black_circle: "⚫", hourglass_flowing_sand: "⏳", hourglass: "⌛", lock: "🔒",
  unlock: "🔓", no_entry: "⛔", no_entry_sign: "🚫", mag: "🔍", eyes: "👀", envelope: "✉️",
  email: "📧", bell: "🔔", no_bell: "🔕", question: "❓", information_source: "ℹ️", link: "🔗",
  arrows_counterclockwise: "🔄", shield: "🛡️", fire: "🔥", thumbsup: "👍", "+1": "👍", tada: "🎉",
  bulb: "💡", wrench: "🔧", gear: "⚙️", clipboard: "📋", page_facing_up: "📄", skull: "💀",
};

/** Return text with :names: of known emoji replaced. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (typed, name) => NAMES[name] ?? typed);

export const emoji = (name) => NAMES[name] ?? `:${name}:`;
