// Figures: draws the plots. All that they show stands in tables below them as well.
import { texts } from "./texts.js";

const { plots } = texts;
const HEIGHT = 220;
const HALF_DAY_S = 43200;
const PATTERNS = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 4], [12, 4], [6, 2, 1, 2]];  // told apart without colour, too
const drawn = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axes(format) {
  const look = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  return [
    { ...look, values: (_, seconds) => seconds.map((one) => new Date(one * 1000).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "short" })) },
    { ...look, values: (_, values) => values.map(format), size: 60 },
  ];
}

function line(name, place, format, shown = null) {
  return {
    label: name,
    stroke: colour(`--bin-${place % 8}`),
    width: 2,
    dash: PATTERNS[place % 8],
    points: { size: 5 },
    value: (_, value, __, index) => { const one = shown === null ? value : shown[index]; return one == null ? "–" : format(one); },
  };
}

function draw(id, xs, columns, series, { format, scale = {} }) {
  const place = document.getElementById(id);
  if (place === null) return;
  if (!columns.some((column) => column.some((one) => one !== null && one !== 0))) {
    place.textContent = texts.nothing;
    return;
  }
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true, range: (_, least, most) => [least - HALF_DAY_S, most + HALF_DAY_S] }, y: { range: (_, __, most) => [0, most * 1.08 || 1], ...scale } },
    axes: axes(format),
    series: [{ label: texts.day, value: (_, seconds) => (seconds == null ? "–" : new Date(seconds * 1000).toLocaleDateString(document.documentElement.lang)) }, ...series],
  };
  drawn.push(new uPlot(options, [xs, ...columns], place));
}

// Counts one upon the other: the uppermost is drawn first, and those below cover it.
function drawStacked(id, xs, table) {
  const names = Object.keys(table);
  const sums = [];
  let below = xs.map(() => 0);
  for (const name of names) {
    below = below.map((one, day) => one + table[name][day]);
    sums.push(below);
  }
  const bars = uPlot.paths.bars({ size: [0.8, 40] });
  const series = names.map((name, place) => ({
    ...line(name, place, String, table[name]),
    fill: colour(`--bin-${place % 8}`),
    width: 0,
    dash: [],
    paths: bars,
    points: { show: false },
  }));
  draw(id, xs, [...sums].reverse(), series.reverse(), { format: String });
}

function drawAll() {
  drawn.splice(0).forEach((one) => one.destroy());
  const days = plots.days.map((day) => Date.parse(`${day}T12:00`) / 1000);
  const number = (digits, unit) => (value) => `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits })}${unit}`;
  drawStacked("plot-bins", days, plots.bins);
  drawStacked("plot-labels", days, plots.labels);
  const percent = (share) => number(0, " %")(100 * share);
  draw("plot-residual", days, [plots.residual], [line(texts.share, 0, percent)], { format: percent, scale: { range: [0, 1] } });
  const seconds = number(2, " s");
  draw("plot-times", days, [plots.median_s, plots.slow_s], [line(texts.usual, 0, seconds), line(texts.slow, 1, seconds)], { format: seconds });
  const { vitals } = plots;
  const levels = Object.entries(vitals.levels);
  draw("plot-levels", vitals.wall_s, levels.map(([, values]) => values), levels.map(([name], place) => line(name, place, percent)), { format: percent });
  draw("plot-temperature", vitals.wall_s, [vitals.temperature_c], [line(texts.temperature, 5, number(0, " °C"))], { format: number(0, " °C") });
  draw("plot-disk", vitals.wall_s, [vitals.free_gb], [line(texts.free, 6, number(1, " GB"))], { format: number(1, " GB") });
}

// The rest of the page is seen first: to draw takes a phone longer than all of that.
requestAnimationFrame(() => setTimeout(drawAll));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let waits = 0;
addEventListener("resize", () => {
  clearTimeout(waits);
  waits = setTimeout(() => drawn.forEach((one) => one.setSize({ width: one.root.parentElement.clientWidth, height: HEIGHT })), 150);
});
const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());
