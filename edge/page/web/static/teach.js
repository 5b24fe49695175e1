// Teach: a look is taken by itself each time that a thing comes to rest. Without this script a button takes it.
import { ask } from "./asking.js";
import { watch } from "./camera.js";
import { texts } from "./texts.js";

const place = (id) => document.getElementById(id);
const said = place("said"), looks = place("looks"), keep = place("keep"), count = place("count"), form = place("take");
const AGAIN_MS = 1000;  // after a look that was refused

let isMoved = looks.children.length === 0;  // since the last look
let isTaking = false;

async function take() {
  if (isTaking) return;
  isTaking = true;
  try {
    const { number, problem } = await ask("/teach/looks/take", {});
    if (number === null) {
      said.textContent = problem;
      setTimeout(() => { isMoved = true; }, AGAIN_MS);
      return;
    }
    const line = document.createElement("li");
    const picture = document.createElement("img");
    picture.src = `/teach/looks/${number}.jpg`;
    picture.alt = String(number);
    picture.width = picture.height = 120;
    line.append(picture);
    looks.prepend(line);
    count.textContent = number;
    keep.disabled = false;
    said.textContent = problem === "" ? texts.taken : `${texts.taken} (${problem})`;
  } catch (error) {
    said.textContent = error.message;
  } finally {
    isTaking = false;
  }
}

watch({
  onPicture(header) {
    const item = header?.item ?? null;
    if (item === null) {
      isMoved ||= header !== null;
    } else if (isMoved && item.things === 1) {
      isMoved = false;
      take();
    }
  },
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  take();
});
