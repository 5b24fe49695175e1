// Set up: keeps the sensors as they are now.
import { ask } from "./asking.js";
import { texts } from "./texts.js";

const EVERY_MS = 1000;

const problem = document.getElementById("problem");

// Shows what the bin has told.
function show(now) {
  problem.hidden = now.problem === null;
  problem.textContent = now.problem ?? "";
  for (const fact of document.querySelectorAll("[data-fact]")) fact.textContent = now.facts[fact.dataset.fact] ?? "–";
  for (const meter of document.querySelectorAll("[data-level]")) {
    const level = now.levels[meter.dataset.level];
    meter.hidden = level === undefined;
    meter.value = level ?? 0;
    const share = document.querySelector(`[data-share="${CSS.escape(meter.dataset.level)}"]`);
    share.textContent = level === undefined ? texts.no_sensor : `${Math.round(100 * level)} %`;
  }
}

async function look() {
  if (!document.hidden) {
    try {
      show(await ask("/set-up"));
    } catch {
      show({ problem: texts.unreachable, facts: {}, levels: {} });
    }
  }
  setTimeout(look, EVERY_MS);
}

look();
