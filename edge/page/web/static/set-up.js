// Set up: keeps sensors and picture as they are now, and moves a flap for as long as its button is held.
import { ask } from "./asking.js";
import { holdable } from "./held-button.js";
import { RegionFrame } from "./region-frame.js";
import { showPictures } from "./tray-picture.js";
import { texts } from "./texts.js";

const EVERY_MS = 1000;

const problem = document.getElementById("problem");
const refusal = document.getElementById("refusal");
const paused = document.getElementById("paused");
const jogs = [...document.querySelectorAll(".hold")];
const whilePaused = [...jogs, document.getElementById("look-at-light")];

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;  // else a screen reader says it again
}

// Shows what the bin has told.
function show(now) {
  problem.hidden = now.problem === null;
  write(problem, now.problem ?? "");
  write(paused, now.paused ? texts.paused : texts.not_paused);
  for (const button of whilePaused) button.disabled = !now.paused;
  for (const button of document.querySelectorAll('[name="do"]')) button.disabled = now.problem !== null;
  for (const fact of document.querySelectorAll("[data-fact]")) write(fact, now.facts[fact.dataset.fact] ?? "–");
  write(document.getElementById("out"), now.out);
  for (const meter of document.querySelectorAll("[data-level]")) {
    const level = now.levels[meter.dataset.level];
    meter.hidden = level === undefined;
    meter.value = level ?? 0;
    const share = document.querySelector(`[data-share="${CSS.escape(meter.dataset.level)}"]`);
    write(share, level === undefined ? texts.no_sensor : `${Math.round(100 * level)} %`);
  }
}

async function look() {
  if (!document.hidden) {
    try {
      show(await ask("/set-up"));
    } catch {
      show({ problem: texts.unreachable, paused: false, facts: {}, out: "", levels: {} });
    }
  }
  setTimeout(look, EVERY_MS);
}

for (const button of jogs) {
  holdable(button, {
    held: () => ask("/set-up/do", { do: "jog", bin: button.dataset.bin, to: button.dataset.to }),
    refused: (error) => { refusal.hidden = error === null; write(refusal, error?.message ?? ""); },
  });
}
document.getElementById("jogs").hidden = false;
const picture = document.getElementById("picture");
if (picture !== null) {
  picture.hidden = false;
  const frame = new RegionFrame(document.getElementById("stage"), document.getElementById("region-form"));
  showPictures(document.getElementById("picture-image"), document.getElementById("picture-problem"), (region) => frame.follow(region));
}
look();
