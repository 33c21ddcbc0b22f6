// Draws one list of blocks (JSON on stdin) as HTML on stdout, by npm slack-blocks-to-jsx.

import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

let given = "";
for await (const chunk of process.stdin) given += chunk;
const data = { users: [{ id: "U0DANA", name: "dana" }], channels: [] };
const message = createElement(Message, {
  blocks: JSON.parse(given), name: "relaycheck", logo: "data:,", time: new Date(0), data, showBlockKitDebug: false,
});
process.stdout.write(renderToStaticMarkup(message));
