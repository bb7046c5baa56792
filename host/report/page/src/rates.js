// Population rates over time, one panel each, below each other on the time axis of the raster.
import { align, collect, followPopulations, panelTitle, runKey } from "./curves.js";
import { fields, get, numbers } from "./data.js";
import { el, paragraph } from "./dom.js";
import { milliseconds, number } from "./format.js";
import { linePlot } from "./plot.js";
import { runLegend } from "./populations.js";
import { gutter } from "./raster.js";
import { populationVariable, runDash, runVariable } from "./theme.js";
import { listenForTimeKeys } from "./time_range.js";

const MOST_BINS_OVERLAID = 200;

function readRate(population) {
  const where = `${population.where}.rate_over_time`;
  const raw = get(population, "rate_over_time", "object?", population.where);
  if (!raw) return null;
  const { start_ms, bin_ms } = fields(raw, where, { start_ms: "number", bin_ms: "number" });
  const y = numbers(raw, "Hz", where);
  return { x: y.map((_, k) => start_ms + (k + 0.5) * bin_ms), y, bin_ms };
}

/// How many bins become one, so that curves of several runs in one plot can be told apart; fewer after zooming in.
function coarseness({ bin_ms }, range) {
  return 2 ** Math.max(0, Math.floor(Math.log2((range.stop - range.start) / bin_ms / MOST_BINS_OVERLAID)));
}

function inBins({ x, y }, factor) {
  if (factor === 1) return { x, y };
  const out = { x: [], y: [] };
  for (let from = 0; from < x.length; from += factor) {
    const known = y.slice(from, from + factor).filter((v) => v !== null);
    const last = Math.min(from + factor, x.length) - 1;
    out.x.push((x[from] + x[last]) / 2);
    out.y.push(known.length ? known.reduce((sum, v) => sum + v, 0) / known.length : null);
  }
  return out;
}

export function drawRates(host, page) {
  const rates = collect(page, "rate over time", host, readRate);
  if (rates.size === 0) {
    host.append(paragraph("empty", "No rates: no spikes were recorded."));
    return;
  }
  const several = page.runs.length > 1;
  const bins = [...new Set([...rates.values()].flat().map(({ value }) => value.bin_ms))];
  host.append(paragraph("fine",
    `Mean over the recorded neurons, in bins of ${bins.map((b) => milliseconds(b)).join(", ")}. ${several ? "Zoomed out, neighbouring bins are drawn as their mean. " : ""}Drag to zoom; the raster follows.`),
  runLegend(page.runs, runKey) ?? "");
  const grid = el("div", { class: several ? "panels wide" : "stack" });
  host.append(grid);
  // Below each other the panels share one axis of time, that of the last one shown.
  const names = [...rates.keys()];
  const lastShown = () => names.findLast((name) => page.populations.isShown(name));
  let last = lastShown();
  const panels = names.map((name) => ratePanel(grid, page, { name, curves: rates.get(name), several, bare: () => !several && name !== last }));
  followPopulations(page, panels.map(({ panel }, k) => [names[k], panel]));
  page.populations.changed.subscribe(() => {
    const before = last;
    last = lastShown();
    if (last !== before) for (const k of [names.indexOf(before), names.indexOf(last)]) panels[k]?.rebuild();
  });
}

function ratePanel(grid, page, { name, curves, several, bare }) {
  const index = page.populations.index(name);
  const readout = el("output", { class: "readout" });
  const panel = el("div", { class: "panel rate", "data-population": name, role: "group", "aria-label": `Rate of ${name} over time; plus, minus, arrows and 0 zoom` },
    panelTitle(name, populationVariable(index), readout));
  grid.append(panel);
  const series = curves.map(({ run }) => ({
    label: run.name, fill: !several,
    colour: several ? runVariable(run.index) : populationVariable(index),
    dash: several ? runDash(run.index) : [],
  }));
  let factors = several ? curves.map(({ value }) => coarseness(value, page.time)) : curves.map(() => 1);
  const read = () => align(curves.map(({ value }, i) => inBins(value, factors[i])));
  let data = read();
  const refine = () => {
    const now = curves.map(({ value }) => coarseness(value, page.time));
    if (now.every((factor, i) => factor === factors[i])) return null;
    factors = now;
    data = read();
    return data;
  };
  const plot = linePlot(panel, `rate of ${name}`, {
    series, data, range: page.time, gutter, describe: `Rate of ${name}`,
    x: { label: "time (ms)", bare }, y: { label: "rate (Hz)", space: 24, range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] },
    refine: several ? refine : undefined,
    height: () => (several ? 190 : bare() ? 84 : 126),
    cursor: { sync: { key: "time", setSeries: false, scales: ["x", null] } },
    readout: (k) => {
      readout.textContent = k === null ? "" : `${milliseconds(data[0][k])}: ${curves.map(({ run }, i) => {
        const y = data[i + 1][k];
        return `${several ? `${run.name} ` : ""}${y === null || y === undefined ? "\u2013" : `${number(y)} Hz`}`;
      }).join(", ")}`;
    },
  });
  listenForTimeKeys(panel, page.time);
  return { panel, rebuild: plot.rebuild };
}
