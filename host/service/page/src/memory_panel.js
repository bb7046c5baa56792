// The memory space: how many items, how their consolidation stands, and how it has gone since the page was opened.
import { el, paragraph, Signal } from "../../../report/page/src/dom.js";
import { integer, number, orNone, seconds } from "../../../report/page/src/format.js";
import { heatMap } from "../../../report/page/src/heat_map.js";
import { BANDS, LIMITS } from "../../../report/page/src/memory.js";
import { gutter } from "../../../report/page/src/time_panels.js";
import { Histogram } from "./histogram.js";
import { tiles } from "./tiles.js";
import { finite, list, object, text } from "./values.js";

const BINS = 20;
const MOST_MOMENTS = 240;

/// Histograms of κ, each from its moment on. Where they become too many, of every two neighbours one is kept: the whole
/// time stays, coarser.
class Course {
  moments = []; // {at_s, counts, mean}

  add(at, counts, mean) {
    this.moments.push({ at_s: at, counts, mean });
    if (this.moments.length > MOST_MOMENTS) this.moments = this.moments.filter((_, k) => k % 2 === 0);
  }
  clear() { this.moments = []; }
}

export function drawMemory(host, { live, frames }) {
  const shown = tiles(host, [
    ["items", "items"], ["mean_kappa", "mean \u03ba"], ["cycle", "consolidation cycles"],
    ["signals_taken", "signals taken"], ["signals_held", "signals held back"], ["signals_refused", "signals refused"],
  ]);
  const bands = el("dl", { class: "facts" });
  const empty = paragraph("empty", "Nothing is known of the memory yet: the space is not open.");
  const grid = el("div", { class: "panels wide", hidden: true });
  host.append(bands, empty, grid);

  const now = el("div", { class: "panel" }, el("h3", { class: "panel-title" }, "\u03ba of the items"));
  const readout = el("output", { class: "readout" });
  const over = el("div", { class: "panel" }, el("h3", { class: "panel-title" }, "\u03ba over time", readout));
  grid.append(now, over);
  const histogram = new Histogram(now, frames, { title: "\u03ba of the items", label: "\u03ba", of: "items", marks: LIMITS });

  const course = new Course();
  const begin = performance.now();
  const clock = () => (performance.now() - begin) / 1000;
  const range = { start: 0, stop: 1, changed: new Signal() };
  const map = { start: 0, ends: [], edges: Array.from({ length: BINS + 1 }, (_, k) => k / BINS), marks: LIMITS, shares: [] };
  heatMap(over, "\u03ba over time", {
    map, range, gutter, labels: { x: "time since this page was opened (s)", y: "\u03ba", describe: "How the \u03ba of the items went since this page was opened" },
    readout: (column, row) => {
      const moment = column === null || column === undefined ? null : course.moments[column];
      readout.textContent = !moment ? "" : `${seconds(Math.round(moment.at_s))}: ${integer(moment.counts[row] ?? 0)} items from \u03ba ${number(map.edges[row])}${moment.mean === null ? "" : `, mean ${number(moment.mean)}`}`;
    },
  });
  over.append(paragraph("fine", "The service keeps no history of it; this is what this page has heard. Dashed: between the bands."));
  const touch = frames.add("\u03ba over time", over, () => {
    const { moments } = course;
    if (moments.length === 0) return;
    const stop = Math.max(clock(), moments[0].at_s + 1);
    Object.assign(range, { start: moments[0].at_s, stop });
    map.start = moments[0].at_s;
    map.ends = [...moments.slice(1).map(({ at_s: at }) => at), stop];
    map.shares = moments.map(({ counts }) => { const most = Math.max(1, ...counts); return counts.map((n) => n / most); });
    range.changed.emit();
  });
  setInterval(touch, 2000);

  let space = null;
  live.on("memory", (raw) => {
    const memory = object(raw);
    if (memory.space !== space) { course.clear(); space = memory.space; }
    empty.hidden = true;
    grid.hidden = false;
    for (const key of ["items", "cycle", "signals_taken", "signals_held", "signals_refused"]) shown.set(key, orNone(finite(memory[key]), integer, "was not sent"));
    shown.set("mean_kappa", orNone(finite(memory.mean_kappa), (v) => number(v), "there are no items"));
    bands.replaceChildren(...BANDS.map(({ name, kappa }) => el("div", {}, el("dt", {}, `${name}, \u03ba ${kappa}`), el("dd", { "data-band": name }, orNone(finite(object(memory.by_band)[name]), integer, "was not sent")))));
    const counts = list(memory.kappa).slice(0, BINS).map((n) => finite(n) ?? 0);
    while (counts.length < BINS) counts.push(0);
    histogram.show(counts, 0, 1, memory.mean_kappa);
    course.add(clock(), counts, finite(memory.mean_kappa));
    touch();
  });
  return { spaceOf: () => text(space) };
}
