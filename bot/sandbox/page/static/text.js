// A text object of Block Kit: mrkdwn is read, plain_text is literal but for emoji names.

import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

export function text(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, object);
  return [object.emoji === false ? object.text : withEmoji(object.text)];
}
