// An experiment in trials: what its phases came to, responses and accuracy over the trials, the confusion matrix, and the
// weights from images to neurons, drawn as images.
import { fields, get, numbers, unpack } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";
import { milliseconds, plural } from "./format.js";
import { linePlot } from "./plot.js";
import { channels, themeChanged } from "./theme.js";

export function hasProtocol(run) { return (run.protocol ?? null) !== null; }

export function drawProtocol(host, page) {
  for (const run of page.runs) guard(`protocol of ${run.name}`, host, () => drawRun(host, page, run));
}

function drawRun(host, page, run) {
  const name = page.runs.length > 1 ? `${run.name}: ` : "";
  const data = get(run, "protocol", "object?", run.where);
  if (data === null) {
    host.append(paragraph("empty", `${name}This run has no protocol.`));
    return;
  }
  if (name) host.append(el("h3", { class: "panel-title" }, run.name));
  const phases = get(get(run, "run", "object", run.where), "protocol", "array", `${run.where}.run`)
    .map((phase, k) => readPhase(phase, `${run.where}.run.protocol[${k}]`));
  drawPhases(host, phases);
  get(data, "trials", "array", `${run.where}.protocol`).forEach((trials, k) => {
    guard(`trials of ${run.name}`, host, () => drawTrials(host, trials, phases[k], `${run.where}.protocol.trials[${k}]`));
  });
  for (const phase of phases) if (phase.confusion) drawConfusion(host, phase);
  get(data, "fields", "array", `${run.where}.protocol`).forEach((raw, k) => {
    guard(`receptive fields of ${run.name}`, host, () => drawFields(host, raw, `${run.where}.protocol.fields[${k}]`));
  });
}

function readPhase(raw, where) {
  const phase = fields(raw, where, { name: "text", n_trials: "count", trials: "count", repeats: "count" });
  if (raw.confusion === undefined) return phase;
  const confusion = get(raw, "confusion", "array", where).map((row, c) => numbers({ row }, "row", `${where}.confusion[${c}]`));
  return { ...phase, accuracy: get(raw, "accuracy", "number?", where), confusion };
}

function percent(share) { return `${(100 * share).toFixed(1)} %`; }

function drawPhases(host, phases) {
  const rows = phases.map((phase) => el("tr", {}, el("th", { scope: "row" }, phase.name),
    el("td", {}, phase.trials < phase.n_trials ? `${phase.trials} of ${phase.n_trials}` : String(phase.trials)), el("td", {}, String(phase.repeats)),
    el("td", {}, typeof phase.accuracy === "number" ? percent(phase.accuracy) : "")));
  host.append(el("div", { class: "scroll" }, el("table", { "data-phases": phases.length },
    el("thead", {}, el("tr", {}, ["phase", "trials", "repeats", "right"].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows))));
}

/// Means of the bins; of a phase that tests also the share that was right until then.
function drawTrials(host, raw, phase, where) {
  const { name, population, trials, per_bin: perBin } = fields(raw, where, { name: "text", population: "text", trials: "count", per_bin: "count" });
  if (!population || trials < 2) return;
  const spikes = numbers(raw, "spikes", where);
  const at = spikes.map((_, k) => Math.min(trials, (k + 1) * perBin));
  const bins = perBin > 1 ? `, means of ${plural(perBin, "trial")}` : "";
  const panel = (title, values, label, range) => {
    const frame = el("div", { class: "panel" }, el("h3", { class: "panel-title" }, title));
    host.append(frame);
    linePlot(frame, title, { describe: title, data: [at, values], series: [{ label, colour: "accent" }], height: () => 170,
      x: { label: "trial" }, y: { label, range } });
  };
  panel(`${name}: spikes of ${population} in a trial${bins}`, spikes, "spikes");
  if (!phase?.confusion) return;
  let sum = 0;
  const running = numbers(raw, "right", where).map((share, k) => {
    sum += share * (at[k] - (k > 0 ? at[k - 1] : 0));
    return (100 * sum) / at[k];
  });
  panel(`${name}: right until then`, running, "%", [0, 100]);
}

function drawConfusion(host, phase) {
  const n = phase.confusion.length;
  const head = [...Array(n).keys()].map(String).concat("none");
  const rows = phase.confusion.map((row, c) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return el("tr", {}, el("th", { scope: "row" }, String(c)), row.map((count) => el("td", {
      style: `background: color-mix(in srgb, var(--accent) ${total > 0 ? Math.round((80 * count) / total) : 0}%, var(--card))` }, count > 0 ? String(count) : "")));
  });
  host.append(el("h3", { class: "panel-title" }, `${phase.name}: class of the item (rows), and class that was told`),
    el("div", { class: "scroll" }, el("table", { class: "confusion", "data-points": n * n },
      el("thead", {}, el("tr", {}, el("td", {}), head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows))));
}

/// A grid of images, one for each neuron, all on one scale.
function drawFields(host, raw, where) {
  const { projection, target, time_ms: time, side, largest } = fields(raw, where, { projection: "text", target: "text", time_ms: "number", side: "count", largest: "number" });
  const neurons = numbers(raw, "neurons", where);
  const values = unpack(raw, "values_u16", where);
  const columns = Math.ceil(Math.sqrt(neurons.length));
  const rows = Math.ceil(neurons.length / columns);
  const step = side + 1;
  const canvas = el("canvas", { class: "fields", width: columns * step - 1, height: rows * step - 1, role: "img", "data-points": neurons.length,
    "aria-label": `weights of ${projection} onto ${plural(neurons.length, "neuron")} of ${target}` });
  const readout = el("span", { class: "readout" });
  const paint = () => {
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const [paper, ink] = [channels("plot"), channels("ink")];
    neurons.forEach((_, n) => {
      const [left, top] = [(n % columns) * step, Math.floor(n / columns) * step];
      for (let p = 0; p < side * side; ++p) {
        const share = values[n * side * side + p] / 65535;
        const place = 4 * ((top + Math.floor(p / side)) * canvas.width + left + (p % side));
        for (let c = 0; c < 3; ++c) image.data[place + c] = paper[c] + (ink[c] - paper[c]) * share;
        image.data[place + 3] = 255;
      }
    });
    context.putImageData(image, 0, 0);
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const n = Math.floor(y * rows) * columns + Math.floor(x * columns);
    readout.textContent = n in neurons ? `${target}[${neurons[n]}]` : "";
  });
  themeChanged.subscribe(paint);
  paint();
  host.append(el("div", { class: "panel" }, el("h3", { class: "panel-title" }, `${projection}: weights onto each neuron of ${target} at ${milliseconds(time)}, up to ${+largest.toPrecision(3)}`, readout), canvas));
}
