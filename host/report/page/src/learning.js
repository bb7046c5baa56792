// Plastic projections: what they have come to, their weights over time, and how weights change with the time between
// spikes.
import { lineKey } from "./curves.js";
import { fields, get, numbers, unpack } from "./data.js";
import { el, paragraph } from "./dom.js";
import { DataError, guard } from "./errors.js";
import { integer, milliseconds, number, orNone, plural } from "./format.js";
import { heatMap } from "./heat_map.js";
import { histogramPlot } from "./histogram_plot.js";
import { linePlot } from "./plot.js";
import { colour as colourOf, populationVariable, runDash } from "./theme.js";
import { curvePanel, dots, gutter, panelOf, rangeOf, zoomByKeys } from "./time_panels.js";

const RISES = { colour: "accent", dash: [] };
const FALLS = { colour: "alert", dash: [7, 4] };

export function hasLearning(run) {
  const lists = [run.learning, run.weights, run.run?.plasticity];
  return lists.some((list) => list !== undefined && !(Array.isArray(list) && list.length === 0));
}

export function drawLearning(host, page) {
  metricsTable(host, page);
  for (const run of page.runs) {
    guard(`plasticity of ${run.name}`, host, () => drawRun(host, page, run));
  }
}

// --- what they have come to at the end --------------------------------------------------------------------

const COLUMNS = [
  ["Synapses", "synapses", integer], ["Updates", "updates", integer], ["Potentiations", "potentiations", integer],
  ["Depressions", "depressions", integer], ["Ratio", "ratio", number], ["Mean change", "mean_change", number],
  ["Mean \u0394t+ (ms)", "mean_dt_plus_ms", number], ["Mean \u0394t\u2212 (ms)", "mean_dt_minus_ms", number],
  ["Mean weight", "mean_weight", number], ["At w_min", "share_at_min", percent], ["At w_max", "share_at_max", percent],
  ["Unchanged for", "unchanged_for_ms", milliseconds],
];

function percent(share) { return `${number(100 * share)} %`; }

function metricsTable(host, page) {
  const several = page.runs.length > 1;
  const rows = page.runs.flatMap((run) => guard(`metrics of ${run.name}`, host, () => {
    const list = get(get(run, "run", "object", run.where), "plasticity", "array", `${run.where}.run`);
    return list.map((raw, i) => {
      const where = `${run.where}.run.plasticity[${i}]`;
      const { projection, weight_unit: unit } = fields(raw, where, { projection: "text", weight_unit: "text" });
      const cells = COLUMNS.map(([, key, show]) => el("td", {}, orNone(get(raw, key, "number?", where), show, "nothing to divide by")));
      return el("tr", { "data-projection": projection }, el("th", { scope: "row" }, projection), several ? el("td", { class: "text" }, run.name) : "",
        el("td", { class: "text" }, unit), cells);
    });
  }) ?? []);
  if (rows.length === 0) {
    host.append(paragraph("empty", "What plastic projections came to is not known: the run was killed."));
    return;
  }
  const head = ["Projection", several ? "Run" : null, "Unit", ...COLUMNS.map(([title]) => title)].filter(Boolean);
  host.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Plastic projections" },
    el("table", { class: "populations metrics" },
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col", class: ["Run", "Unit"].includes(text) ? "text" : null }, text)))),
      el("tbody", {}, rows))));
}

// --- over time --------------------------------------------------------------------------------------------

function readProjection(raw, where) {
  const p = fields(raw, where, { projection: "text", source: "text", target: "text", unit: "text", samples: "count" });
  for (const key of ["times_ms", "potentiations", "depressions", "mean_weight", "share_at_min", "share_at_max", "edges"])
    p[key] = numbers(raw, key, where);
  p.histogram = unpack(raw, "histogram_u32", where);
  p.map_times = numbers(raw, "histogram_times_ms", where);
  const bins = p.edges.length - 1;
  if (p.histogram.length !== p.map_times.length * bins) throw new DataError(`${where}.histogram_u32: expected ${p.map_times.length * bins} values, found ${p.histogram.length}`);
  return p;
}

function readWeights(raw, where) {
  const w = fields(raw, where, { name: "text", projection: "text", source: "text", target: "text", unit: "text", recorded_synapses: "count" });
  w.times_ms = numbers(raw, "times_ms", where);
  w.synapses = get(raw, "synapses", "array", where).map((synapse, k) =>
    fields(synapse, `${where}.synapses[${k}]`, { source: "count", target: "count", delay_ms: "number" }));
  w.values = unpack(raw, "values_f32", where);
  if (w.values.length !== w.synapses.length * w.times_ms.length) throw new DataError(`${where}.values_f32: expected ${w.synapses.length * w.times_ms.length} values, found ${w.values.length}`);
  const pairs = get(raw, "pairs", "object?", where);
  w.pairs = pairs && { per_synapse: get(pairs, "per_synapse", "count", `${where}.pairs`), synapses: get(pairs, "synapses", "count", `${where}.pairs`),
    lag_ms: numbers(pairs, "lag_ms", `${where}.pairs`), change: numbers(pairs, "change", `${where}.pairs`) };
  return w;
}

function drawRun(host, page, run) {
  const name = page.runs.length > 1 ? ` in ${run.name}` : "";
  get(run, "learning", "array", run.where).forEach((raw, i) => guard(`plasticity of ${run.name}`, host, () =>
    drawProjection(host, page, run, readProjection(raw, `${run.where}.learning[${i}]`), name)));
  get(run, "weights", "array", run.where).forEach((raw, i) => guard(`weights of ${run.name}`, host, () =>
    drawWeights(host, run, readWeights(raw, `${run.where}.weights[${i}]`), name)));
}

function drawProjection(host, page, run, p, name) {
  host.append(el("h3", {}, `${p.projection}${name}: ${p.source} \u2192 ${p.target}`));
  if (p.times_ms.length === 0) {
    host.append(paragraph("empty", "No sample was due before the run ended."));
    return;
  }
  const start = page.recordedTime(run)?.[0] ?? 0;
  const range = rangeOf(start, p.times_ms);
  const stack = el("div", { class: "panels wide learning", "data-projection": p.projection, "data-run": run.name });
  host.append(stack);
  histogramOverTime(stack, p, start, range);
  curvePanel(stack, p.projection, p.times_ms, range, { title: "Mean weight", label: `weight (${p.unit})`, unit: p.unit,
    curves: [{ name: "mean", ...RISES, y: p.mean_weight }] });
  curvePanel(stack, p.projection, p.times_ms, range, { title: "Changes between two samples", label: "spikes", unit: "", zero: true, curves: [
    { name: "potentiations", ...RISES, y: differences(p.potentiations) }, { name: "depressions", ...FALLS, y: differences(p.depressions) }] });
  curvePanel(stack, p.projection, p.times_ms, range, { title: "Synapses at a bound", label: "share (%)", unit: "%", zero: true, curves: [
    { name: "at w_max", ...RISES, y: p.share_at_max.map(times100) }, { name: "at w_min", ...FALLS, y: p.share_at_min.map(times100) }] });
  firstAndLast(stack, p);
  if (p.samples > p.times_ms.length) host.append(paragraph("fine", `${integer(p.times_ms.length)} of ${plural(p.samples, "sample")} are drawn.`));
}

function times100(share) { return share === null ? null : 100 * share; }
/// Of counts since the beginning; what was before the first sample has no beginning of its own.
function differences(counts) { return counts.map((n, k) => (k === 0 ? null : n - counts[k - 1])); }

function row(p, k) {
  const bins = p.edges.length - 1;
  return [...p.histogram.subarray(k * bins, (k + 1) * bins)];
}

function histogramOverTime(stack, p, start, range) {
  const { panel, readout } = panelOf(stack, "Weights over time", "heat");
  const rows = p.map_times.map((_, k) => row(p, k));
  const most = Math.max(1, ...rows.flat());
  const falls = p.edges.at(-1) < p.edges[0]; // weights are negative: the axis still rises
  const upward = (list) => (falls ? [...list].reverse() : list);
  const edges = upward(p.edges);
  heatMap(panel, `weights of ${p.projection} over time`, {
    map: { start, ends: p.map_times, edges, shares: rows.map((counts) => upward(counts).map((n) => n / most)) }, range, gutter,
    labels: { x: "time (ms)", y: `weight (${p.unit})`, describe: `Histogram of the weights of ${p.projection} over time` },
    readout: (column, bin) => {
      readout.textContent = column === null ? "" : `${milliseconds(p.map_times[column])}: ${plural(upward(rows[column])[bin], "synapse")} from ${number(edges[bin])} to ${number(edges[bin + 1])}`;
    },
  });
  zoomByKeys(panel, `Weights of ${p.projection} over time`, range);
}

function firstAndLast(stack, p) {
  const { panel } = panelOf(stack, "Weights at the first and the last sample", "histograms");
  const low = Math.min(p.edges[0], p.edges.at(-1));
  const width = Math.abs(p.edges.at(-1) - p.edges[0]) / (p.edges.length - 1);
  const falls = p.edges.at(-1) < p.edges[0];
  const curves = [0, p.map_times.length - 1].filter((k, i, all) => all.indexOf(k) === i).map((k, index) => {
    const counts = falls ? row(p, k).reverse() : row(p, k);
    const total = counts.reduce((sum, n) => sum + n, 0);
    return { run: { name: milliseconds(p.map_times[k]), index }, mean: k === 0 ? p.mean_weight[0] : p.mean_weight.at(-1),
      histogram: { start: low, width, counts, total: Math.max(1, total), stop: low + width * counts.length } };
  });
  histogramPlot(panel, { title: `Weights of ${p.projection}`, label: `weight (${p.unit})`, of: "synapses", curves, several: true });
  panel.append(el("div", { class: "legend runs" }, curves.map(({ run }) => el("span", { class: "key" }, lineKey(`r${run.index}`, runDash(run.index)), run.name))));
}

// --- single weights ---------------------------------------------------------------------------------------

function drawWeights(host, run, w, name) {
  host.append(el("h3", {}, `${w.name}${name}: single weights of ${w.projection}, ${w.source} \u2192 ${w.target}`));
  if (w.times_ms.length === 0 || w.synapses.length === 0) {
    host.append(paragraph("empty", w.recorded_synapses === 0 ? "There are no such synapses." : "No sample was due before the run ended."));
    return;
  }
  const grid = el("div", { class: w.pairs ? "panels wide learning" : "stack learning", "data-weights": w.name, "data-run": run.name });
  host.append(grid);
  weightLines(grid, w);
  if (w.pairs) changeOverLag(grid, w);
}

function weightLines(grid, w) {
  const { panel, readout } = panelOf(grid, "Weights over time", "weights");
  const n = w.times_ms.length;
  const range = rangeOf(n > 1 ? w.times_ms[0] : w.times_ms[0] - 1, w.times_ms);
  const data = [w.times_ms, ...w.synapses.map((_, k) => Array.from(w.values.subarray(k * n, (k + 1) * n), (v) => (Number.isFinite(v) ? v : null)))];
  linePlot(panel, `weights ${w.name}`, {
    series: w.synapses.map((_, k) => ({ label: String(k), colour: populationVariable(k), width: 1, points: n === 1 ? dots(populationVariable(k), 4) : {} })), data, range, gutter,
    describe: `Weights of ${plural(w.synapses.length, "synapse")} of ${w.projection}`,
    x: { label: "time (ms)" }, y: { label: `weight (${w.unit})` }, height: () => 260, cursor: { focus: { prox: 20 } },
    readout: (k) => {
      readout.textContent = k === null ? "" : `${milliseconds(w.times_ms[k])}: ${number(Math.min(...data.slice(1).map((y) => y[k])), 4)} to ${number(Math.max(...data.slice(1).map((y) => y[k])), 4)} ${w.unit}`;
    },
  });
  zoomByKeys(panel, `Weights ${w.name} over time`, range);
  if (w.recorded_synapses > w.synapses.length) panel.append(paragraph("fine", `${integer(w.synapses.length)} of ${plural(w.recorded_synapses, "recorded synapse")}.`));
}

/// Of an experiment with pairs: each synapse's spikes have one distance in time.
function changeOverLag(grid, w) {
  const { pairs } = w;
  const { panel, readout } = panelOf(grid, "Change of weight over \u0394t", "pairs");
  const order = pairs.lag_ms.map((_, k) => k).sort((a, b) => pairs.lag_ms[a] - pairs.lag_ms[b]);
  const data = [order.map((k) => pairs.lag_ms[k]), order.map((k) => pairs.change[k])];
  linePlot(panel, `change of ${w.name} over lag`, {
    series: [{ label: "change", colour: "accent", points: dots("accent", 5), paths: () => null }], data, gutter,
    describe: `Change of weight over the time from the source's spike to the target's, ${w.projection}`,
    x: { label: "\u0394t = t_post \u2212 t_pre (ms)", range: (_, low, high) => padded(low, high) },
    y: { label: `\u0394w (${w.unit})`, range: (_, low, high) => padded(Math.min(low, 0), Math.max(high, 0)) }, height: () => 260,
    hooks: { drawClear: [zeroLines] },
    readout: (k) => { readout.textContent = k === null ? "" : `${number(data[0][k], 4)} ms: ${number(data[1][k], 4)} ${w.unit}`; },
  });
  panel.append(paragraph("fine", `From the first sample to the last${pairs.per_synapse > 1 ? `, for each of ${integer(pairs.per_synapse)} pairs` : ", by one pair"}; ${plural(pairs.synapses, "synapse")}. \u0394t is of the somata, without the delay.`));
}

function padded(low, high) {
  const pad = (high - low) * 0.06 || 1;
  return [low - pad, high + pad];
}

function zeroLines(u) {
  const { ctx, bbox } = u;
  const [x, y] = [u.valToPos(0, "x", true), u.valToPos(0, "y", true)];
  ctx.save();
  ctx.strokeStyle = colourOf("line");
  ctx.beginPath();
  if (x > bbox.left && x < bbox.left + bbox.width) { ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); }
  if (y > bbox.top && y < bbox.top + bbox.height) { ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); }
  ctx.stroke();
  ctx.restore();
}
