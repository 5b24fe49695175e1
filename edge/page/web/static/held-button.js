// A button that works for as long as it is held, by pointer, space bar or Enter. What it does is repeated; that it was let go is
// told by silence, so that a page that is closed, hidden or cut off lets go as well.

const REPEAT_MS = 200;

// held: does it once, again and again; a promise. refused: takes the error that ends it, or null when it begins.
export function holdable(button, { held, refused }) {
  let press = 0;  // each press has a number, 0: none is held

  async function begin() {
    const own = press = Date.now();
    button.classList.add("held");
    refused(null);
    while (press === own && !button.disabled) {
      const until = performance.now() + REPEAT_MS;
      try {
        await held();
      } catch (error) {
        refused(error);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));
    }
    if (press === own) end();
  }

  function end() {
    press = 0;
    button.classList.remove("held");
  }

  button.addEventListener("pointerdown", (event) => {
    button.releasePointerCapture(event.pointerId);  // a finger that slides off leaves it
    if (event.button === 0 && press === 0) begin();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat && press === 0) begin();
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave", "keyup", "blur"]) button.addEventListener(name, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault());  // a long touch
  document.addEventListener("visibilitychange", end);
  window.addEventListener("blur", end);
  window.addEventListener("pagehide", end);
}
