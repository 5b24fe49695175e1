// Review: one decision at a time, by thumb or keys, with undo. Without this script each has its own form.
import { ask } from "./asking.js";
import { texts } from "./texts.js";

const list = document.getElementById("decisions");
const said = document.getElementById("said");
const undo = document.getElementById("undo");
const FEW_LEFT = 6;  // fewer open ones: more are fetched
const UNDO_MOST = 50;

let open = [...(list?.children ?? [])];  // cards that wait, in their order
let at = 0;  // which of them is shown
const answered = [];  // {card, events} of the last answers, the newest last
const seen = new Set(open.map((card) => card.dataset.event));
let waits = Promise.resolve();  // answers are sent one after the other, and the next card does not wait for them

function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

function eventsOf(card) {
  return [card.dataset.event, ...(card.alike ?? []).map((one) => one.dataset.event)];
}

function show() {
  at = Math.max(0, Math.min(at, open.length - 1));
  open.forEach((card, place) => { card.hidden = place !== at; });
  document.getElementById("none-left").hidden = open.length > 0;
  document.getElementById("skip").disabled = document.getElementById("back").disabled = open.length < 2;
  undo.disabled = answered.length === 0;
  // The next picture is there before it is asked for.
  open[at + 1]?.querySelectorAll("img").forEach((image) => { image.loading = "eager"; });
  if (open.length < FEW_LEFT) fetchMore();
}

function update(shares) {
  for (const [name, [reviewed, wrong, range]] of Object.entries(shares)) {
    const row = [...document.querySelectorAll("#shares tbody tr")].find((one) => one.dataset.bin === name);
    [reviewed, wrong, range].forEach((value, column) => { row.querySelectorAll("td")[column].textContent = value; });
  }
}

function put(card, place) {
  open.splice(place, 0, card);
  at = place;
  show();
}

function send(path, body, done, failed) {
  waits = waits.then(async () => {
    try {
      const answer = await ask(path, body);
      update(answer.shares);
      done(answer);
    } catch (error) {
      said.textContent = filled(texts.failed, { reason: error.message });
      failed();
    }
  });
}

function answer(card, label) {
  const events = eventsOf(card);
  const place = open.indexOf(card);
  open.splice(place, 1);
  card.hidden = true;
  const entry = { card, events };
  answered.push(entry);
  if (answered.length > UNDO_MOST) answered.shift();
  said.textContent = filled(texts.said, { label });
  show();
  send("/review/say", { events, label }, () => {}, () => {
    answered.splice(answered.indexOf(entry), 1);
    put(card, Math.min(place, open.length));
  });
}

function takeBack() {
  const last = answered.pop();
  if (last === undefined) return;
  put(last.card, at);
  said.textContent = texts.taken;
  send("/review/take-back", { events: last.events }, () => {}, () => {});
}

// Cards whose pictures are nearly the same become one. Tapping a picture takes it out again.
function fold(alike) {
  for (const card of [...open]) {
    const leader = open.find((one) => one.dataset.event === alike[card.dataset.event]);
    if (leader === undefined || leader === card || leader.dataset.label !== card.dataset.label) continue;
    if (card === open[at] || card.alike?.length) continue;  // not from under somebody's thumb
    open.splice(open.indexOf(card), 1);
    card.hidden = true;
    (leader.alike ??= []).push(card);
    const image = card.querySelector("img");
    if (image !== null) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain thumbnail";
      const copy = image.cloneNode();
      copy.loading = "eager";
      button.append(copy);
      button.addEventListener("click", () => unfold(leader, card, button));
      leader.querySelector(".pictures").append(button);
    }
    tellNumber(leader);
  }
  show();
}

function unfold(leader, card, button) {
  leader.alike.splice(leader.alike.indexOf(card), 1);
  button.remove();
  tellNumber(leader);
  open.splice(open.indexOf(leader) + 1, 0, card);
  show();
}

function tellNumber(card) {
  const text = card.querySelector(".several");
  text.hidden = !card.alike?.length;
  text.textContent = filled(texts.several, { number: eventsOf(card).length });
}

let isFetching = false;
let isAtEnd = false;

// What was answered meanwhile is no longer on the page that is fetched: so the newest page has the next ones.
async function fetchMore() {
  if (isFetching || isAtEnd) return;
  isFetching = true;
  try {
    await waits;
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = [...page.querySelectorAll(".decision")].filter((card) => !seen.has(card.dataset.event));
    isAtEnd = found.length === 0;
    for (const card of found) {
      seen.add(card.dataset.event);
      card.hidden = true;
      list.append(card);
      open.push(card);
    }
    if (found.length > 0) {
      show();
      foldAlike();
    }
  } finally {
    isFetching = false;
  }
}

async function foldAlike() {
  try {
    fold(await ask("/review/alike", {}));
  } catch {
    // They stay apart.
  }
}

function step(by) {
  if (open.length === 0) return;
  at = (at + by + open.length) % open.length;
  said.textContent = "";
  show();
}

if (list !== null) {
  document.getElementById("tools").hidden = false;
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const label = (event.submitter?.value || form.elements.label.value).trim();
    if (label) answer(form.closest(".decision"), label);
  });
  undo.addEventListener("click", takeBack);
  document.getElementById("skip").addEventListener("click", () => step(1));
  document.getElementById("back").addEventListener("click", () => step(-1));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "u") takeBack();
    else if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (/^[1-9]$/.test(event.key)) open[at]?.querySelectorAll(".answer")[event.key - 1]?.click();
    else return;
    event.preventDefault();
  });
  show();
  foldAlike();
}
