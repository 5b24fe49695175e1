// Live: what the bin sees and does, as it comes.
import { ask, Refused } from "./asking.js";
import { watch } from "./camera.js";
import { texts } from "./texts.js";

const place = (id) => document.getElementById(id);
const tag = place("tag"), problem = place("problem");
let decided = null;  // the last decision

function complain(text, language) {
  problem.hidden = text === "";
  problem.textContent = text;
  problem.lang = language ?? document.documentElement.lang;
}

// Parts come as the page's own HTML. Who had a button of one in focus still has.
function take(parts) {
  if (problem.textContent === texts.lost) complain("");
  for (const [name, html] of Object.entries(parts)) {
    const element = place(name);
    const focused = element.contains(document.activeElement);
    const isOpen = element.querySelector("details")?.open;
    element.innerHTML = html;
    if (isOpen) element.querySelector("details")?.setAttribute("open", "");
    if (focused) element.querySelector("button")?.focus();
  }
}

// What the item that lies there was taken for, beside it.
function label(header) {
  const item = header?.item ?? null;
  const isKnown = item !== null && decided !== null && decided.number === item.number;
  tag.hidden = !isKnown;
  if (!isKnown) return;
  const [left, , , bottom] = item.box;
  tag.textContent = `${decided.label} ${Math.round(100 * decided.confidence)} %`;
  tag.style.left = `${100 * Math.min(left, 0.7)}%`;
  tag.style.top = `${100 * Math.min(bottom, 0.88)}%`;
}

watch({
  onMessage(message) {
    if (message.parts !== undefined) take(message.parts);
    if (message.decided !== undefined) decided = message.decided;
  },
  onPicture: label,
  // Whether the page answers at all; who is not logged in any more is led to the log-in.
  async retry() {
    try {
      take((await ask("/")).parts);
    } catch (error) {
      if (!(error instanceof Refused)) complain(texts.lost);
    }
  },
});

place("commands").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  button.disabled = true;
  try {
    await ask("/live/do", { do: button.value });
    complain("");
  } catch (error) {
    complain(error instanceof Refused ? error.message : texts.lost, error instanceof Refused ? "en" : undefined);
  } finally {
    button.disabled = false;
  }
});
