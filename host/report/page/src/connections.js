// Degrees, weights and delays of the synapses between two populations.
import { runKey } from "./curves.js";
import { fields, get, histogram } from "./data.js";
import { el, paragraph, picker } from "./dom.js";
import { guard } from "./errors.js";
import { integer, none, number, orNone } from "./format.js";
import { histogramPlot } from "./histogram_plot.js";
import { runLegend } from "./populations.js";

const LARGEST_MATRIX = 12; // populations; beyond, only the two lists choose

const MEASURES = [
  { key: "out_degree", title: "Out-degree", label: (s, t) => `synapses of a neuron of ${s} onto ${t}`, of: "neurons" },
  { key: "in_degree", title: "In-degree", label: (s, t) => `synapses of a neuron of ${t} from ${s}`, of: "neurons" },
  { key: "weight", title: "Weight", label: (s, t, unit) => `weight (${unit})`, of: "synapses" },
  { key: "delay_ms", title: "Delay", label: () => "delay (ms)", of: "synapses" },
];

function readConnections(page, host) {
  const pairs = new Map();
  for (const run of page.runs) {
    guard(`connections of ${run.name}`, host, () => {
      const where = `${run.where}.statistics`;
      const list = get(get(run, "statistics", "object", run.where), "connections", "array", where);
      list.forEach((raw, i) => guard(`connections of ${run.name}`, host, () => {
        const at = `${where}.connections[${i}]`;
        const { source, target, synapses } = fields(raw, at, { source: "text", target: "text", synapses: "count" });
        const key = JSON.stringify([source, target]);
        const pair = pairs.get(key) ?? { source, target, entries: [] };
        pair.entries.push({ run, raw, where: at, synapses });
        pairs.set(key, pair);
      }));
    });
  }
  return pairs;
}

export function drawConnections(host, page) {
  const pairs = readConnections(page, host);
  if (pairs.size === 0) {
    host.append(paragraph("empty", "No connections: the network has no synapses, or run.json does not describe them."));
    return;
  }
  const order = (names) => [...new Set(names)].sort((a, b) => page.populations.index(a) - page.populations.index(b));
  const sources = order([...pairs.values()].map((p) => p.source));
  const targets = order([...pairs.values()].map((p) => p.target));
  const first = [...pairs.values()][0];
  const state = { source: first.source, target: first.target };
  const options = (names) => names.map((name) => ({ value: name, text: name }));
  const choose = (change) => {
    Object.assign(state, change);
    for (const key of ["source", "target"]) controls.querySelector(`[name=${key}]`).value = state[key];
    matrix?.mark(state);
    show();
  };
  const controls = el("div", { class: "controls" },
    picker("Source", options(sources), state.source, (source) => choose({ source }), { name: "source" }),
    picker("Target", options(targets), state.target, (target) => choose({ target }), { name: "target" }),
    runLegend(page.runs, runKey));
  const matrix = Math.max(sources.length, targets.length) <= LARGEST_MATRIX && pairs.size > 1
    ? synapseMatrix(sources, targets, pairs, choose) : null;
  const shown = el("div", { class: "panels two" });
  host.append(controls, el("div", { class: matrix ? "beside" : "" }, matrix?.element ?? "", shown));
  const show = () => {
    shown.replaceChildren();
    const pair = pairs.get(JSON.stringify([state.source, state.target]));
    if (!pair) {
      shown.append(paragraph("empty", `No synapses from ${state.source} to ${state.target}.`));
      return;
    }
    for (const measure of MEASURES) guard(`${measure.title} of ${pair.source} to ${pair.target}`, shown, () => drawMeasure(shown, page, pair, measure));
  };
  matrix?.mark(state);
  show();
}

function drawMeasure(shown, page, { source, target, entries }, measure) {
  const curves = [];
  const several = page.runs.length > 1;
  const rows = entries.map(({ run, raw, where }) => {
    const at = `${where}.${measure.key}`;
    const one = get(raw, measure.key, "object", where);
    const values = fields(one, at, { mean: "number?", sd: "number?" });
    const unit = measure.key === "weight" ? get(one, "unit", "text", at) : measure.key === "delay_ms" ? "ms" : "";
    const limits = measure.of === "synapses" ? fields(one, at, { min: "number?", max: "number?" }) : {};
    const counts = histogram(one, at);
    if (counts) curves.push({ run, unit, histogram: counts, mean: values.mean });
    return { run, unit, ...values, ...limits };
  });
  const reason = "no synapse to measure";
  const facts = rows.map(({ run, unit, mean, sd, min, max }) => el("div", {}, several ? el("b", {}, `${run.name}: `) : "",
    "mean ", orNone(mean, (v) => number(v, 4), reason), ", sd ", orNone(sd, number, reason),
    min === undefined ? "" : [", ", orNone(min, (v) => number(v, 4), reason), " to ", orNone(max, (v) => number(v, 4), reason)],
    unit ? ` ${unit}` : ""));
  const panel = el("div", { class: "panel", "data-measure": measure.key }, el("h3", { class: "panel-title" }, measure.title),
    el("div", { class: "fine" }, facts));
  shown.append(panel);
  if (curves.length === 0) panel.append(paragraph("empty", none(reason)));
  // Picoamperes and millivolts have no common axis.
  for (const unit of new Set(curves.map((curve) => curve.unit))) {
    histogramPlot(panel, { title: `${measure.title}, ${source} to ${target}`, label: measure.label(source, target, unit), of: measure.of,
      curves: curves.filter((curve) => curve.unit === unit), several });
  }
}

/// Numbers of synapses as a table whose cells choose the pair; arrows move within it.
function synapseMatrix(sources, targets, pairs, choose) {
  const synapses = (s, t) => pairs.get(JSON.stringify([s, t]))?.entries[0].synapses ?? 0;
  const numbers = [...pairs.values()].map((p) => p.entries[0].synapses);
  const [least, most] = [Math.min(...numbers), Math.max(1, ...numbers)];
  const cells = targets.map((target) => sources.map((source) => {
    const n = synapses(source, target);
    // Logarithmic: numbers of synapses span decades.
    const share = n > 0 ? 15 + 75 * (most > least ? Math.log(n / least) / Math.log(most / least) : 1) : 0;
    const text = `${source} to ${target}: ${integer(n)} synapses`;
    return el("button", { type: "button", class: "cell", style: `--share: ${Math.max(0, share).toFixed(0)}%`, title: text, "aria-label": text, tabindex: "-1",
      "data-source": source, "data-target": target, on: { click: () => choose({ source, target }) } });
  }));
  const element = el("div", { class: "matrix", role: "group", "aria-label": "Synapses by source and target" },
    el("table", {},
      el("thead", {}, el("tr", {}, el("td", {}), sources.map((s) => el("th", { scope: "col" }, el("span", { class: s.length > 2 ? "upright" : null }, s))))),
      el("tbody", {}, targets.map((t, k) => el("tr", {}, el("th", { scope: "row" }, t), cells[k].map((cell) => el("td", {}, cell)))))),
    most > least ? el("span", { class: "scale", "aria-hidden": "true" }) : "",
    paragraph("fine", `${most > least ? `${integer(least)} to ${integer(most)} synapses (logarithmic)` : `${integer(most)} synapses`}; columns are sources, rows targets`));
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const row = cells.findIndex((line) => line.includes(event.target));
    if (!step || row < 0) return;
    const next = cells[row + step[0]]?.[cells[row].indexOf(event.target) + step[1]];
    if (next) { next.focus(); next.click(); }
    event.preventDefault();
  });
  const mark = ({ source, target }) => {
    for (const cell of cells.flat()) {
      const on = cell.dataset.source === source && cell.dataset.target === target;
      cell.setAttribute("aria-pressed", String(on));
      cell.tabIndex = on ? 0 : -1;
    }
  };
  return { element, mark };
}
