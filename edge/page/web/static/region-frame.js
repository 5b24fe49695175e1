// The tray's region over the picture: four corners to drag, or to move by the arrow keys, and four numbers beside it.

const SIDES = ["left", "top", "right", "bottom"];
const LEAST = 5;   // narrowest region, in per cent, as of tray.region
const STEP = 0.5;  // an arrow key moves a corner by so much, with Shift by ten times as much

export class RegionFrame {
  // stage: holds picture, frame and corners. form: its fields have the names of the sides, in per cent.
  constructor(stage, form) {
    this.stage = stage;
    this.frame = stage.querySelector(".region");
    this.corners = [...stage.querySelectorAll(".corner")];
    this.fields = Object.fromEntries(SIDES.map((side) => [side, form.elements[side]]));
    this.region = null;   // as it is shown, in per cent
    this.used = null;     // as the bin uses it
    this.back = document.getElementById("region-back");
    this.back.addEventListener("click", () => this.put({ ...this.used }));
    form.addEventListener("input", () => this.take());
    for (const corner of this.corners) {
      const [across, down] = corner.dataset.corner.split("-");
      corner.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        corner.focus();
        corner.setPointerCapture(event.pointerId);
      });
      corner.addEventListener("pointermove", (event) => {
        if (!corner.hasPointerCapture(event.pointerId)) return;
        const box = stage.getBoundingClientRect();
        this.move({ [across]: (100 * (event.clientX - box.left)) / box.width, [down]: (100 * (event.clientY - box.top)) / box.height });
      });
      corner.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        const step = event.shiftKey ? 10 * STEP : STEP;
        this.move({ [across]: this.region[across] + by[0] * step, [down]: this.region[down] + by[1] * step });
      });
    }
  }

  // Takes the region that the bin uses; once, then it stays as the visitor has put it.
  follow(fractions) {
    this.used = Object.fromEntries(SIDES.map((side, index) => [side, 100 * fractions[index]]));
    if (this.region === null) this.put({ ...this.used });
  }

  // Moves sides, as far as there is room.
  move(sides) {
    const region = { ...this.region };
    for (const [side, value] of Object.entries(sides)) {
      const [least, most] = { left: [0, region.right - LEAST], top: [0, region.bottom - LEAST], right: [region.left + LEAST, 100], bottom: [region.top + LEAST, 100] }[side];
      region[side] = Math.min(Math.max(value, least), most);
    }
    this.put(region);
  }

  // Takes over numbers that were typed.
  take() {
    const typed = Object.fromEntries(SIDES.map((side) => [side, this.fields[side].valueAsNumber]));
    if (SIDES.every((side) => Number.isFinite(typed[side]))) this.draw(typed);
  }

  put(region) {
    for (const side of SIDES) this.fields[side].value = region[side].toFixed(1);
    this.draw(region);
  }

  draw(region) {
    this.region = region;
    this.frame.hidden = this.back.hidden = false;
    Object.assign(this.frame.style, { left: `${region.left}%`, top: `${region.top}%`, right: `${100 - region.right}%`, bottom: `${100 - region.bottom}%` });
    for (const corner of this.corners) {
      const [across, down] = corner.dataset.corner.split("-");
      corner.hidden = false;
      Object.assign(corner.style, { left: `${region[across]}%`, top: `${region[down]}%` });
    }
  }
}
