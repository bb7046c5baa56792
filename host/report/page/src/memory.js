// What became of a memory: what lies in each of its spaces, how far it has been consolidated, and what the phases did.
import { expectAsMany, fields, get, numbers, unpack } from "./data.js";
import { el, paragraph } from "./dom.js";
import { DataError, guard } from "./errors.js";
import { bytes, integer, milliseconds, number, orNone, plural, seconds } from "./format.js";
import { heatMap } from "./heat_map.js";
import { histogramPlot } from "./histogram_plot.js";
import { linePlot } from "./plot.js";
import { channels, populationVariable, themeChanged } from "./theme.js";
import { curvePanel, dots, gutter, panelOf, rangeOf, zoomByKeys } from "./time_panels.js";

export const LIMITS = [0.15, 0.4, 0.85]; // of kappa, between the bands
export const BANDS = [["episodic", "below 0.15"], ["replayed", "from 0.15"], ["transitional", "from 0.4"], ["semantic", "from 0.85"]]
  .map(([name, kappa], k) => ({ name, kappa, colour: populationVariable(k) }));
const TYPES = ["episodic", "semantic", "procedural"];
const OUTCOMES = ["formed", "replayed", "gated", "known", "rejected"];
const BINS = 20; // of kappa

export function hasMemory(run) { return (run.memory ?? null) !== null; }

export function drawMemory(host, page) {
  for (const run of page.runs) guard(`memory of ${run.name}`, host, () => drawRun(host, page, run));
}

function drawRun(host, page, run) {
  const name = page.runs.length > 1 ? `${run.name}: ` : "";
  const memory = get(run, "memory", "object?", run.where);
  const spaces = memory && get(memory, "spaces", "array", `${run.where}.memory`);
  if (!spaces?.length) host.append(paragraph("empty", `${name}${memory ? "The memory has no space." : "This run has no memory."}`));
  spaces?.forEach((raw, k) => guard(`memory of ${run.name}`, host, () => drawSpace(host, page, run, raw, `${run.where}.memory.spaces[${k}]`, name)));
}

function drawSpace(host, page, run, raw, where, before) {
  const { name, items, dimension } = fields(raw, where, { name: "text", items: "count", dimension: "count" });
  host.append(el("h3", {}, `${before}space ${name}, ${plural(items, "item")} of dimension ${integer(dimension)}`));
  const place = el("div", { "data-space": name, "data-run": run.name });
  const grid = el("div", { class: "panels wide" });
  host.append(place);
  const part = (what, draw, into = place) => guard(`${what} of ${name} in ${run.name}`, into, () => draw(into, raw, where, page, run));
  part("storage", drawStorage);
  part("items by band", drawBands);
  place.append(grid);
  part("\u03ba", drawKappa, grid);
  part("course", drawCourse, grid);
  part("similarity", drawSimilarity, grid);
  const tables = el("div", {});
  grid.append(tables);
  part("recall", drawRecall, tables);
  part("signals", drawSignals, tables);
  part("phases", drawPhases, tables);
}

// --- numbers ------------------------------------------------------------------------------------------------

/// The counts of these names in object[key], in their order.
function countsOf(object, key, names, where) {
  const counts = get(object, key, "object", where);
  return names.map((name) => get(counts, name, "count", `${where}.${key}`));
}

function table(label, head, rows, attributes) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", attributes,
    el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, rows.map(([first, ...cells]) => el("tr", {}, el("th", { scope: "row" }, first), cells.map((cell) => el("td", {}, cell)))))));
}

function drawStorage(host, raw, where) {
  const at = `${where}.storage`;
  const s = fields(get(raw, "storage", "object", where), at,
    { bytes: "count", bytes_per_item: "number?", sync: "text", sequence: "count", synced_sequence: "number?", index: "text" });
  const types = countsOf(raw, "by_type", TYPES, where);
  const facts = [...TYPES.map((type, k) => [`Items, ${type}`, integer(types[k])]),
    ["On disk", bytes(s.bytes)], ["Bytes an item", orNone(s.bytes_per_item, bytes, "there is no item")], ["Changes", integer(s.sequence)],
    ["Changes that are synced", orNone(s.synced_sequence, integer, "not known")], ["Sync", s.sync], ["Index", s.index]];
  host.append(el("dl", { class: "facts" }, facts.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value)))));
}

function drawSignals(host, raw, where) {
  host.append(table("Signals", ["signals", ...OUTCOMES], [["of this run", ...countsOf(raw, "signals", OUTCOMES, where).map(integer)]], { "data-signals": true }));
  const names = Object.keys(get(raw, "rejected", "object", where));
  const reasons = countsOf(raw, "rejected", names, where).map((n, k) => `${names[k]} ${integer(n)}`);
  if (reasons.length) host.append(paragraph("fine", `Rejected since the space exists: ${reasons.join(", ")}.`));
}

/// What the cues of phases that test recall, of the labelled items that were known before the phase.
function drawRecall(host, raw, where) {
  get(raw, "recall", "array", where).forEach((phase, k) => {
    const at = `${where}.recall[${k}]`;
    const { name, cues, right } = fields(phase, at, { name: "text", cues: "count", right: "count" });
    const columns = ["item", "label", "id", "recalled", "cosine"].map((key) => numbers(phase, key, at));
    expectAsMany(at, ...columns);
    const rows = columns[0].map((_, i) => [...columns.map((column) => column[i] ?? "\u2013"), columns[1][i] === columns[3][i] ? "right" : "wrong"]);
    host.append(table("Recall", [name, "label", "recalls item", "its label", "cosine", ""], rows, { "data-recall": name }),
      paragraph("fine", `Of ${plural(cues, "cue")} ${integer(right)} (${number((100 * right) / cues)} %) recall their label, of what was known before.`));
  });
}

function drawPhases(host, raw, where) {
  const rows = get(raw, "phases", "array", where).map((phase, k) => {
    const at = `${where}.phases[${k}]`;
    return [get(phase, "name", "text", at), integer(get(phase, "runs", "count", at)), seconds(get(phase, "seconds", "count", at)),
      ...["looked_at", "changed", "made", "removed", "edges"].map((key) => integer(get(phase, key, "count", at)))];
  });
  if (rows.length === 0) return;
  host.append(table("Phases", ["phase", "runs", "took", "looked at", "changed", "made", "removed", "edges"], rows, { "data-phases": rows.length }),
    paragraph("fine", "From the third column on, of the last time that each ran."));
}

function drawBands(host, raw, where) {
  const values = countsOf(raw, "by_band", BANDS.map(({ name }) => name), where);
  const most = Math.max(1, ...values);
  host.append(el("dl", { class: "bars", "data-points": BANDS.length, "aria-label": "Items by band of \u03ba" }, BANDS.map((band, k) => [
    el("dt", {}, el("span", { class: "swatch", style: `--colour: var(--${band.colour})` }), ` ${band.name}`, el("span", { class: "fine" }, `\u03ba ${band.kappa}`)),
    el("dd", {}, el("div", { class: "bar-line" },
      el("span", { class: "bar-track" }, values[k] > 0 ? el("span", { class: "bar", style: `--colour: var(--${band.colour}); width: ${((100 * values[k]) / most).toFixed(2)}%` }) : ""),
      el("span", { class: "bar-value" }, integer(values[k]))))])));
}

// --- kappa --------------------------------------------------------------------------------------------------

function drawKappa(grid, raw, where, page, run) {
  const kappa = get(raw, "kappa", "object", where);
  const { mean, sd } = fields(kappa, `${where}.kappa`, { mean: "number?", sd: "number?" });
  const counts = numbers(kappa, "histogram", `${where}.kappa`);
  const { panel, readout } = panelOf(grid, "\u03ba of the items", "kappa");
  if (mean === null) {
    panel.append(paragraph("empty", "There is no item."));
    return;
  }
  readout.textContent = `mean ${number(mean)}, sd ${sd === null ? "\u2013" : number(sd)}`;
  const total = counts.reduce((sum, n) => sum + n, 0);
  histogramPlot(panel, { title: "\u03ba of the items", label: "\u03ba", of: "items", marks: LIMITS, several: false,
    curves: [{ run, mean, histogram: { start: 0, width: 1 / counts.length, counts, total, stop: 1 } }] });
  panel.append(limitsCaption());
}

function limitsCaption() { return paragraph("fine", "Dashed: the limits of the bands."); }

function readCourse(raw, where) {
  const course = fields(raw, where, { samples: "count" });
  for (const key of ["times_ms", "cycles", "mean_kappa", "histogram_times_ms"]) course[key] = numbers(raw, key, where);
  const of_band = get(raw, "by_band", "object", where);
  course.by_band = BANDS.map(({ name }) => numbers(of_band, name, `${where}.by_band`));
  expectAsMany(where, course.times_ms, course.cycles, course.mean_kappa, ...course.by_band);
  course.histogram = unpack(raw, "histogram_u32", where);
  const expected = BINS * course.histogram_times_ms.length;
  if (course.histogram.length !== expected) throw new DataError(`${where}.histogram_u32: expected ${expected} values, found ${course.histogram.length}`);
  return course;
}

/// After each cycle, by simulated time.
function drawCourse(grid, raw, where, page, run) {
  const course = readCourse(get(raw, "course", "object", where), `${where}.course`);
  const times = course.times_ms;
  if (times.length === 0) {
    grid.append(paragraph("empty", "No cycle of consolidation in this run."));
    return;
  }
  const start = Math.min(page.recordedTime(run)?.[0] ?? 0, times[0]);
  const range = rangeOf(start, times);
  kappaOverTime(grid, course, start, range);
  bandsOverTime(grid, course, range);
  curvePanel(grid, "\u03ba", times, range, { title: "Mean \u03ba", label: "mean \u03ba", unit: "", curves: [{ name: "mean", colour: "accent", dash: [], y: course.mean_kappa }] });
  if (course.samples > times.length) grid.after(paragraph("fine", `${integer(times.length)} of ${plural(course.samples, "cycle")} are drawn.`));
}

function kappaOverTime(grid, course, start, range) {
  const { panel, readout } = panelOf(grid, "\u03ba over time", "heat");
  const columns = course.histogram_times_ms.map((_, k) => [...course.histogram.subarray(BINS * k, BINS * (k + 1))]);
  const most = Math.max(1, ...course.histogram);
  const edges = Array.from({ length: BINS + 1 }, (_, k) => k / BINS);
  heatMap(panel, "\u03ba over time", {
    map: { start, ends: course.histogram_times_ms, edges, marks: LIMITS, shares: columns.map((counts) => counts.map((n) => n / most)) }, range, gutter,
    labels: { x: "time (ms)", y: "\u03ba", describe: "Histogram of \u03ba over time" },
    readout: (column, bin) => {
      readout.textContent = column === null ? "" : `${milliseconds(course.histogram_times_ms[column])}: ${plural(columns[column][bin], "item")} from ${number(edges[bin])} to ${number(edges[bin + 1])}`;
    },
  });
  panel.append(limitsCaption());
  zoomByKeys(panel, "\u03ba over time", range);
}

/// Areas upon each other, episodic at the bottom.
function bandsOverTime(grid, course, range) {
  const { panel, readout } = panelOf(grid, "Items by band over time", "bands");
  const { times_ms: times, by_band: bands, cycles } = course;
  const tops = bands.map((_, k) => times.map((__, i) => bands.slice(0, k + 1).reduce((sum, band) => sum + band[i], 0)));
  linePlot(panel, "items by band over time", {
    series: BANDS.map((band, k) => ({ label: band.name, colour: band.colour, fill: k === 0, points: times.length < 60 ? dots(band.colour, 4) : {} })),
    bands: BANDS.slice(1).map((band, k) => ({ series: [k + 2, k + 1], colour: band.colour })),
    data: [times, ...tops], range, gutter, describe: "Items by band over time", x: { label: "time (ms)" },
    y: { label: "items", range: (_, low, high) => [0, high > 0 ? high * 1.06 : 1] }, height: () => 190,
    readout: (i) => {
      readout.textContent = i === null ? "" : `${milliseconds(times[i])}, cycle ${integer(cycles[i])}: ${BANDS.map(({ name }, k) => `${name} ${integer(bands[k][i])}`).join(", ")}`;
    },
  });
  zoomByKeys(panel, "Items by band over time", range);
}

// --- similarity ---------------------------------------------------------------------------------------------

function drawSimilarity(grid, raw, where) {
  const at = `${where}.similarity`;
  const similarity = get(raw, "similarity", "object", where);
  const [ids, kappa] = ["ids", "kappa"].map((key) => numbers(similarity, key, at));
  const cosines = unpack(similarity, "cosines_f32", at);
  const n = ids.length;
  if (kappa.length !== n || cosines.length !== n * n) throw new DataError(`${at}: ${n} items, but ${kappa.length} \u03ba and ${cosines.length} cosines`);
  if (n < 2) return; // an item is like itself
  const { panel, readout } = panelOf(grid, "Similarity of items", "similarity");
  const canvas = el("canvas", { class: "fields", width: n, height: n, style: `max-width: ${Math.min(420, 40 * n)}px`, role: "img", "data-points": n * n, "aria-label": `Cosines between ${integer(n)} items` });
  const paint = () => {
    const context = canvas.getContext("2d");
    const image = context.createImageData(n, n);
    const [paper, like, unlike] = ["plot", "accent", "alert"].map(channels);
    cosines.forEach((cosine, k) => {
      const ink = cosine < 0 ? unlike : like;
      for (let c = 0; c < 3; ++c) image.data[4 * k + c] = paper[c] + (ink[c] - paper[c]) * Math.abs(cosine);
      image.data[4 * k + 3] = 255;
    });
    context.putImageData(image, 0, 0);
  };
  const item = (k) => `${integer(ids[k])} (\u03ba ${number(kappa[k])})`;
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const [column, row] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((share) => Math.floor(share * n));
    readout.textContent = column in ids && row in ids ? `items ${item(row)} and ${item(column)}: ${number(cosines[row * n + column])}` : "";
  });
  canvas.addEventListener("pointerleave", () => { readout.textContent = ""; });
  themeChanged.subscribe(paint);
  paint();
  const swatch = (name) => el("span", { class: "swatch", style: `--colour: var(--${name})` });
  const all = get(raw, "items", "count", where);
  panel.append(canvas, el("div", { class: "legend runs" }, el("span", { class: "key" }, swatch("accent"), "cosine 1"), el("span", { class: "key" }, swatch("alert"), "cosine \u22121")),
    paragraph("fine", n < all ? `The ${integer(n)} items of the highest \u03ba, by id.` : "All items, by id."));
}
