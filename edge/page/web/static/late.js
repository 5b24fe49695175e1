// The part of a page that the bin takes seconds for: it is put in as soon as it comes.
import { ask } from "./asking.js";
import { texts } from "./texts.js";

const AGAIN_MS = 3000;
const late = document.getElementById("late");

async function fill() {
  try {
    late.innerHTML = (await ask(late.dataset.from)).parts.late;
    late.setAttribute("aria-busy", "false");
  } catch {
    late.querySelector("p").textContent = texts.lost;
    setTimeout(fill, AGAIN_MS);
  }
}

fill();
