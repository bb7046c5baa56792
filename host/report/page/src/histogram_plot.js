// One histogram with both axes; of several runs as outlines over each other, as shares of each run's total.
import { el, onWidth, svg } from "./dom.js";
import { integer, number } from "./format.js";
import { runDash, runVariable } from "./theme.js";
import { ticks, tickTexts } from "./ticks.js";

const HEIGHT = 210;
const BOX = { left: 56, right: 12, top: 10, bottom: 42 };

/// curves: [{run, histogram, mean}]; of: what is counted, e.g. "neurons"; marks: values to be marked on the axis.
export function histogramPlot(host, { title, label, of, curves, several, marks = [] }) {
  const frame = el("div", { class: "svg-frame" });
  host.append(frame);
  onWidth(frame, (width) => frame.replaceChildren(picture({ title, label, of, curves, several, marks, width })));
}

/// The image alone, for who draws it again and again.
export function picture({ title, label, of, curves, several, marks, width }) {
  const image = svg("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `${title}: ${curves.map(({ run, mean }) => `${several ? `${run.name}, ` : ""}mean ${mean === null ? "none" : number(mean)}`).join("; ")}`,
    "data-points": curves.reduce((n, { histogram }) => n + histogram.counts.length, 0) });
  const bin = curves[0].histogram.width;
  const tall = Math.max(...curves.map((c) => Math.max(...heights(c.histogram, several, bin))));
  const axes = scale(curves, tall, width);
  drawAxes(image, axes, label, several ? `${of} (% a bin)` : of);
  for (const mark of marks) image.append(svg("line", { class: "limit", x1: axes.x(mark), x2: axes.x(mark), y1: BOX.top, y2: axes.bottom }));
  for (const curve of curves) drawCurve(image, axes, curve, { several, of, bin });
  return image;
}

/// Counts; of several runs per cent in a bin of the first run's width, so that runs of other sizes and bins compare.
function heights(histogram, several, width) {
  if (!several) return histogram.counts;
  const scale = histogram.width > 0 && width > 0 ? width / histogram.width : 1;
  return histogram.counts.map((n) => ((100 * n) / histogram.total) * scale);
}

function scale(curves, tall, width) {
  let low = Math.min(...curves.map(({ histogram }) => histogram.start));
  let high = Math.max(...curves.map(({ histogram }) => histogram.stop));
  if (!(high > low)) { // one value: a bar in the middle of a range that is as wide as the value is large
    const pad = Math.abs(low) * 0.1 || 1;
    low -= pad;
    high += pad;
  }
  const right = width - BOX.right;
  const bottom = HEIGHT - BOX.bottom;
  return { low, high, tall, right, bottom, width,
    x: (v) => BOX.left + ((v - low) / (high - low)) * (right - BOX.left),
    y: (v) => bottom - (v / (tall * 1.05)) * (bottom - BOX.top) };
}

function drawAxes(image, { low, high, tall, right, bottom, width, x, y }, label, yLabel) {
  const across = ticks(low, high, (right - BOX.left) / 70);
  tickTexts(across).forEach((text, k) => image.append(
    svg("line", { class: "tick-mark", x1: x(across[k]), x2: x(across[k]), y1: bottom, y2: bottom + 4 }),
    svg("text", { class: "tick", x: Math.min(x(across[k]), width - 14), y: bottom + 16, "text-anchor": "middle" }, text)));
  const up = ticks(0, tall, 4);
  tickTexts(up, 1e4).forEach((text, k) => image.append(
    svg("line", { class: "grid", x1: BOX.left, x2: right, y1: y(up[k]), y2: y(up[k]) }),
    svg("text", { class: "tick", x: BOX.left - 6, y: y(up[k]) + 4, "text-anchor": "end" }, text)));
  image.append(
    svg("line", { class: "base", x1: BOX.left, x2: right, y1: bottom, y2: bottom }),
    svg("text", { class: "label", x: (BOX.left + right) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, label),
    svg("text", { class: "label", transform: `translate(12 ${(BOX.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel));
}

function drawCurve(image, { bottom, x, y }, { run, histogram, mean }, { several, of, bin }) {
  const colour = several ? runVariable(run.index) : "accent";
  const tops = heights(histogram, several, bin);
  const path = histogram.width === 0
    ? `M${x(histogram.start) - 3} ${bottom}V${y(tops[0])}H${x(histogram.start) + 3}V${bottom}Z`
    : `M${x(histogram.start)} ${bottom}${tops.map((h, k) => `V${y(h).toFixed(1)}H${x(histogram.start + (k + 1) * histogram.width).toFixed(1)}`).join("")}V${bottom}`;
  const single = histogram.width === 0 ? `, all ${number(histogram.start, 4)}` : "";
  image.append(svg("path", {
    class: several ? "outline" : "outline filled", d: path, style: `--colour: var(--${colour})`,
    "stroke-dasharray": several ? runDash(run.index).join(" ") || null : null,
  }, svg("title", {}, `${several ? `${run.name}: ` : ""}${integer(histogram.total)} ${of}${single}`)));
  if (mean !== null && histogram.width > 0) {
    image.append(svg("line", { class: "mean", x1: x(mean), x2: x(mean), y1: BOX.top, y2: bottom, style: `--colour: var(--${several ? colour : "ink2"})` },
      svg("title", {}, `mean ${number(mean, 4)}`)));
  }
}

