// Distributions over neurons or pairs as ridges: one row for each population on a common axis, so that the
// populations can be compared; runs are outlines in the same row.
import { collect, runKey } from "./curves.js";
import { get, histogram } from "./data.js";
import { el, onWidth, paragraph, svg } from "./dom.js";
import { guard } from "./errors.js";
import { integer, number, plural } from "./format.js";
import { runLegend } from "./populations.js";
import { populationVariable, runDash, runVariable } from "./theme.js";
import { ticks, tickTexts } from "./ticks.js";

const ROW = 46;
const BOTTOM = 40;

// `shown`: the share of a row that its axis has to hold. A few pairs must not press all others into a corner; what
// lies beyond is counted at the end of the row.
const MEASURES = [
  { key: "rate_Hz", title: "Rate", label: "rate of a neuron (Hz)", of: "neuron", shown: 0.998, why: "no neuron was recorded" },
  { key: "cv_isi", title: "Irregularity", label: "CV of inter-spike intervals", of: "neuron", shown: 0.998, why: "no neuron fired three spikes" },
  { key: "correlation", title: "Correlation", label: "correlation of spike counts", of: "pair", shown: 0.99, why: "no two neurons to compare" },
];

export function drawDistributions(host, page) {
  host.append(paragraph("fine",
    "Share of neurons or pairs, each row scaled to its own height; the upright line is the mean."),
  runLegend(page.runs, runKey) ?? "");
  const grid = el("div", { class: "panels three" });
  host.append(grid);
  for (const measure of MEASURES) {
    const panel = el("div", { class: "panel", "data-measure": measure.key }, el("h3", { class: "panel-title" }, measure.title));
    grid.append(panel);
    guard(`distribution of ${measure.title.toLowerCase()}`, panel, () => drawMeasure(panel, page, measure));
  }
}

function drawMeasure(panel, page, measure) {
  const found = collect(page, `${measure.title.toLowerCase()} distribution`, panel, (population) => {
    const raw = get(population, measure.key, "object?", population.where);
    const where = `${population.where}.${measure.key}`;
    return raw && { mean: get(raw, "mean", "number?", where), histogram: histogram(raw, where) };
  });
  const frame = el("div", { class: "svg-frame" });
  panel.append(frame);
  let width = 0;
  const draw = () => guard(`distribution of ${measure.title.toLowerCase()}`, panel, () => {
    const rows = [...found].filter(([name]) => page.populations.isShown(name));
    frame.replaceChildren(ridges(rows, page, measure, width));
  });
  onWidth(frame, (now) => { width = now; draw(); });
  page.populations.changed.subscribe(draw);
}

/// Where the bin ends, or for a small share begins, that holds this share of the values.
function edge({ start, width, counts, total }, share) {
  let sum = 0;
  const k = counts.findIndex((n) => (sum += n) >= share * total);
  return start + width * (share > 0.5 ? k + 1 : k);
}

function ridges(rows, page, measure, width) {
  const all = rows.flatMap(([, values]) => values.map(({ value }) => value.histogram).filter(Boolean));
  const left = Math.min(84, 24 + 8 * Math.max(2, ...rows.map(([name]) => name.length)));
  const height = rows.length * ROW + BOTTOM + 8;
  const image = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    class: "ridges", "aria-label": `${measure.title} of ${rows.map(([name]) => name).join(", ")}`, "data-points": all.reduce((n, h) => n + h.counts.length, 0) });
  const low = Math.min(0, ...all.map((h) => edge(h, 1 - measure.shown)));
  const high = Math.max(low + 1e-9, ...all.map((h) => edge(h, measure.shown)), ...(all.length ? [] : [1]));
  const axis = { low, high: high + (high - low) * 0.02, left, width: width - left - 10 };
  const x = (v) => axis.left + ((v - axis.low) / (axis.high - axis.low)) * axis.width;
  const bottom = rows.length * ROW + 8;
  const values = ticks(axis.low, axis.high, axis.width / 62);
  tickTexts(values).forEach((text, k) => image.append(
    svg("line", { class: "grid", x1: x(values[k]), x2: x(values[k]), y1: 4, y2: bottom }),
    svg("text", { class: "tick", x: x(values[k]), y: bottom + 15, "text-anchor": "middle" }, text)));
  image.append(svg("text", { class: "label", x: axis.left + axis.width / 2, y: bottom + 33, "text-anchor": "middle" }, measure.label));
  rows.forEach(([name, entries], k) => image.append(ridge(name, entries, page, measure, { x, axis, base: 8 + (k + 1) * ROW - 3 })));
  return image;
}

function beyond({ start, width, counts }, { low, high }) {
  const within = (k) => start + k * width < high && start + (k + 1) * width >= low;
  return counts.reduce((sum, n, k) => (within(k) ? sum : sum + n), 0);
}

function ridge(name, entries, page, measure, { x, axis, base }) {
  const variable = populationVariable(page.populations.index(name));
  const group = svg("g", { class: "ridge", "data-population": name });
  group.append(svg("line", { class: "base", x1: axis.left, x2: axis.left + axis.width, y1: base, y2: base }),
    svg("rect", { class: "stripe", x: 0, y: base - ROW + 12, width: 4, height: ROW - 12, style: `--colour: var(--${variable})` }),
    svg("text", { class: "row-name", x: axis.left - 8, y: base - 6, "text-anchor": "end" }, name.length > 9 ? `${name.slice(0, 8)}\u2026` : name, svg("title", {}, name)));
  // Density, so that runs with other bins are of equal area.
  const density = (h) => h.counts.map((n) => n / h.total / (h.width || 1));
  const clip = (v) => Math.min(Math.max(v, axis.low), axis.high);
  const shown = entries.filter(({ value }) => value.histogram);
  const highest = Math.max(...shown.map(({ value }) => Math.max(...density(value.histogram))));
  const outside = shown.reduce((sum, { value }) => sum + beyond(value.histogram, axis), 0);
  if (outside > 0) {
    group.append(svg("text", { class: "tick", x: axis.left + axis.width, y: base - ROW + 16, "text-anchor": "end" },
      `${integer(outside)} beyond`, svg("title", {}, `${plural(outside, measure.of)} beyond the ends of this axis`)));
  }
  for (const { run, value } of shown) {
    const several = page.runs.length > 1;
    const colour = several ? runVariable(run.index) : variable;
    const h = value.histogram;
    const top = (d) => base - (d / highest) * (ROW - 10);
    const path = h.width === 0
      ? `M${x(h.start)} ${base}V${top(density(h)[0])}`
      : `M${x(clip(h.start))} ${base}${density(h).map((d, k) => `V${top(d).toFixed(1)}H${x(clip(h.start + (k + 1) * h.width)).toFixed(1)}`).join("")}V${base}`;
    const title = svg("title", {}, `${name}${several ? `, ${run.name}` : ""}: mean ${value.mean === null ? "\u2013" : number(value.mean)}, ${plural(h.total, measure.of)}`);
    group.append(svg("path", { class: several ? "outline" : "outline filled", d: path, style: `--colour: var(--${colour})`, "stroke-dasharray": several ? runDash(run.index).join(" ") || null : null }, title));
    if (value.mean !== null) group.append(svg("line", { class: "mean", x1: x(value.mean), x2: x(value.mean), y1: base - (ROW - 10), y2: base + 3, style: `--colour: var(--${several ? colour : "ink"})` }));
  }
  if (shown.length === 0) {
    group.append(svg("text", { class: "tick", x: axis.left + 8, y: base - 8 }, `\u2013  ${measure.why}`));
  }
  return group;
}
