// Sampled variables of single neurons, with the threshold and the neuron's spikes.
import { fields, get, numbers, unpack } from "./data.js";
import { DataError, guard } from "./errors.js";
import { el, iconButton, paragraph, picker } from "./dom.js";
import { milliseconds, number, plural, integer } from "./format.js";
import { linePlot } from "./plot.js";
import { gutter } from "./raster.js";
import { colour, populationVariable } from "./theme.js";
import { listenForTimeKeys, TimeRange } from "./time_range.js";

/// All traces of a run; the values are decoded when one is shown first.
export function readTraces(run) {
  const list = get(run, "traces", "array", run.where);
  return list.map((raw, i) => {
    const where = `${run.where}.traces[${i}]`;
    const trace = fields(raw, where, {
      report: "text", population: "text", variable: "text", unit: "text", start_ms: "number", step_ms: "number",
      samples: "count", recorded_neurons: "count", recorded_samples: "count", threshold: "number?",
    });
    trace.neurons = get(raw, "neurons", "array", where).map((neuron, k) => ({
      id: get(neuron, "id", "count", `${where}.neurons[${k}]`),
      spikes: numbers(neuron, "spikes_ms", `${where}.neurons[${k}]`),
    }));
    trace.run = run;
    trace.key = JSON.stringify([trace.report, trace.population, trace.variable]);
    trace.text = `${trace.report}: ${trace.variable} of ${trace.population}`;
    let values = null;
    trace.values = () => {
      if (values) return values;
      values = unpack(raw, "values_f32", where);
      const expected = trace.neurons.length * trace.samples;
      if (values.length !== expected) throw new DataError(`${where}.values_f32: expected ${expected} values, found ${values.length}`);
      return values;
    };
    return trace;
  });
}

export function drawTraces(host, page) {
  const traces = page.runs.flatMap((run) => guard(`traces of ${run.name}`, host, () => readTraces(run)) ?? []);
  if (traces.length === 0) {
    host.append(paragraph("empty", "No traces: these runs recorded no membrane reports."));
    return;
  }
  const kinds = new Map(traces.map((trace) => [trace.key, trace.text]));
  const state = { key: traces[0].key, id: null };
  const shown = el("div", { class: "stack" });
  const kindPicker = picker("Report", [...kinds].map(([value, text]) => ({ value, text })), state.key, (key) => { state.key = key; show(); }, { name: "trace" });
  const neuronPlace = el("span", {});
  const step = (by) => {
    const ids = idsOf();
    const next = ids[ids.indexOf(state.id) + by];
    if (next !== undefined) { state.id = next; show(); }
  };
  host.append(el("div", { class: "controls" }, kindPicker, neuronPlace,
    iconButton("\u2190", "Previous neuron", () => step(-1)), iconButton("\u2192", "Next neuron", () => step(1))), shown);
  const chosen = () => traces.filter((trace) => trace.key === state.key);
  const idsOf = () => [...new Set(chosen().flatMap((trace) => trace.neurons.map(({ id }) => id)))].sort((a, b) => a - b);
  const show = () => {
    const ids = idsOf();
    if (!ids.includes(state.id)) state.id = ids[0];
    neuronPlace.replaceChildren(picker("Neuron", ids.map((id) => ({ value: String(id), text: integer(id) })), String(state.id),
      (id) => { state.id = Number(id); show(); }, { name: "neuron" }));
    neuronPlace.querySelector("select").value = String(state.id);
    shown.replaceChildren();
    const ranges = chosen().map((t) => [t.start_ms, t.start_ms + Math.max(1, t.samples - 1) * t.step_ms]);
    const whole = [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))];
    const range = new TimeRange(whole, whole, 10 * Math.min(...chosen().map((t) => t.step_ms)));
    for (const trace of chosen()) guard(`trace of ${trace.run.name}`, shown, () => drawTrace(shown, page, trace, state.id, range));
    for (const run of page.runs.filter((r) => !chosen().some((trace) => trace.run === r))) {
      shown.append(paragraph("empty", `${run.name} has no ${kinds.get(state.key)}.`));
    }
  };
  show();
}

export function drawTrace(host, page, trace, id, range) {
  const k = trace.neurons.findIndex((neuron) => neuron.id === id);
  const title = page.runs.length > 1 ? trace.run.name : `Neuron ${integer(id)} of ${trace.population}`;
  const readout = el("output", { class: "readout" });
  const panel = el("div", { class: "panel trace", role: "group", "data-run": trace.run.name,
    "aria-label": `${trace.variable} of neuron ${id} of ${trace.population}, ${trace.run.name}; plus, minus, arrows and 0 zoom` },
  el("h3", { class: "panel-title" }, title, readout));
  host.append(panel);
  if (k < 0) {
    panel.append(paragraph("empty", `Neuron ${integer(id)} is not among those of this run.`));
    return;
  }
  const { samples, threshold, neurons } = trace;
  const raw = trace.values().subarray(k * samples, (k + 1) * samples);
  const y = Array.from(raw, (v) => (Number.isFinite(v) ? v : null));
  const x = Array.from(y, (_, i) => trace.start_ms + i * trace.step_ms);
  const spikes = neurons[k].spikes;
  const drawn = linePlot(panel, `trace of ${trace.run.name}`, {
    series: [{ label: trace.variable, colour: populationVariable(page.populations.index(trace.population) < 0 ? 0 : page.populations.index(trace.population)), width: 1.3 }],
    data: [x, y], range, gutter,
    x: { label: "time (ms)" },
    y: { label: `${trace.variable} (${trace.unit})`, range: (_, low, high) => limits(low, high, threshold) },
    height: (width) => (width < 560 ? 220 : 260),
    hooks: { draw: [(u) => marks(u, threshold, spikes)] },
    describe: `${trace.variable} over time`,
    readout: (i) => { readout.textContent = i === null ? "" : `${milliseconds(x[i])}: ${y[i] === null ? "\u2013" : `${number(y[i], 5)} ${trace.unit}`}`; },
  });
  Object.assign(drawn.element.dataset, { spikes: spikes.length, threshold: threshold ?? "" });
  panel.append(paragraph("fine", caption(trace, spikes)));
  listenForTimeKeys(panel, range);
}

function caption(trace, spikes) {
  const parts = [];
  if (trace.threshold !== null) parts.push(`dashed: the threshold V_th, ${number(trace.threshold, 4)} ${trace.unit}`);
  parts.push(spikes.length ? `triangles: ${plural(spikes.length, "spike")}` : "no spikes of this neuron, or none recorded");
  if (trace.recorded_neurons > trace.neurons.length) parts.push(`${trace.neurons.length} of ${integer(trace.recorded_neurons)} recorded neurons are here`);
  if (trace.recorded_samples > trace.samples) parts.push(`the first ${integer(trace.samples)} of ${integer(trace.recorded_samples)} samples`);
  const text = parts.join("; ");
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/// The axis also holds the threshold, and room above it for the triangles.
function limits(low, high, threshold) {
  if (low === null || high === null) [low, high] = [threshold ?? 0, threshold ?? 1];
  if (threshold !== null) [low, high] = [Math.min(low, threshold), Math.max(high, threshold)];
  const pad = (high - low) * 0.06 || 1;
  return [low - pad, high + 2.5 * pad];
}

function marks(u, threshold, spikes) {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (threshold !== null) {
    ctx.strokeStyle = colour("alert");
    ctx.lineWidth = Math.round(ratio);
    const y = Math.round(u.valToPos(threshold, "y", true)) + (ctx.lineWidth % 2) / 2; // whole pixels
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.fillStyle = colour("ink");
  const size = 4 * ratio;
  const top = bbox.top + 4 * ratio;
  for (const time of spikes) {
    const x = u.valToPos(time, "x", true);
    ctx.beginPath();
    ctx.moveTo(x - size, top);
    ctx.lineTo(x + size, top);
    ctx.lineTo(x, top + 1.7 * size);
    ctx.fill();
  }
  ctx.restore();
}
