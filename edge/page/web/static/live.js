// Live: what the bin sees and does, as it comes. Nothing is sent while the page is not looked at.
import { ask, Refused } from "./asking.js";
import { texts } from "./texts.js";

const place = (id) => document.getElementById(id);
const picture = place("picture"), outline = place("outline"), tag = place("tag"), waiting = place("waiting"), problem = place("problem");
const FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 5000;
const OLD_MS = 3000;  // a picture older than this no longer shows what is

let stream = null;
let pause = FIRST_PAUSE_MS;
let address = null;  // of the picture that is shown
let decided = null;  // the last decision
let shownAt = 0;

function complain(text, language) {
  problem.hidden = text === "";
  problem.textContent = text;
  problem.lang = language ?? document.documentElement.lang;
}

// Parts come as the page's own HTML. Who had a button of one in focus still has.
function take(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const element = place(name);
    const focused = element.contains(document.activeElement);
    const isOpen = element.querySelector("details")?.open;
    element.innerHTML = html;
    if (isOpen) element.querySelector("details")?.setAttribute("open", "");
    if (focused) element.querySelector("button")?.focus();
  }
}

function show(data) {
  const bytes = new Uint8Array(data);
  const end = bytes.indexOf(10);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const next = URL.createObjectURL(new Blob([bytes.subarray(end + 1)], { type: "image/jpeg" }));
  picture.onload = picture.onerror = () => {
    if (stream?.readyState === WebSocket.OPEN) stream.send("shown");
  };
  picture.width = header.width;
  picture.height = header.height;
  picture.src = next;
  picture.hidden = false;
  waiting.hidden = true;
  if (address !== null) URL.revokeObjectURL(address);
  address = next;
  shownAt = Date.now();
  mark(header.item);
}

function mark(item) {
  outline.setAttribute("points", item === null ? "" : item.outline.map((corner) => corner.join(",")).join(" "));
  const isKnown = item !== null && decided !== null && decided.number === item.number;
  tag.hidden = !isKnown;
  if (!isKnown) return;
  const [left, , , bottom] = item.box;
  tag.textContent = `${decided.label} ${Math.round(100 * decided.confidence)} %`;
  tag.style.left = `${100 * Math.min(left, 0.7)}%`;
  tag.style.top = `${100 * Math.min(bottom, 0.88)}%`;
}

function hidePicture() {
  picture.hidden = tag.hidden = true;
  outline.setAttribute("points", "");
  waiting.hidden = false;
}

function connect() {
  if (stream !== null || document.hidden) return;
  const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/stream`);
  stream = own;
  own.binaryType = "arraybuffer";
  own.onmessage = ({ data }) => {
    pause = FIRST_PAUSE_MS;
    if (problem.textContent === texts.lost) complain("");
    if (typeof data !== "string") return show(data);
    const message = JSON.parse(data);
    if (message.parts !== undefined) take(message.parts);
    if (message.decided !== undefined) decided = message.decided;
  };
  own.onclose = () => {
    if (stream !== own) return;
    stream = null;
    hidePicture();
    setTimeout(again, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  };
}

// Whether the page answers at all; who is not logged in any more is led to the log-in.
async function again() {
  if (document.hidden) return;
  try {
    take((await ask("/")).parts);
    if (problem.textContent === texts.lost) complain("");
  } catch (error) {
    if (!(error instanceof Refused)) complain(texts.lost);
  }
  connect();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    const own = stream;
    stream = null;
    own?.close();
  } else {
    connect();
  }
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

setInterval(() => {
  if (!picture.hidden && Date.now() - shownAt > OLD_MS) hidePicture();
}, 1000);
connect();
