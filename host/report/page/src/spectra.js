// Power spectra of the populations' rates, both axes logarithmic.
import { align, collect, followPopulations, lineKey, panelTitle, runKey } from "./curves.js";
import { fields, get, numbers } from "./data.js";
import { el, paragraph } from "./dom.js";
import { milliseconds, number, plural } from "./format.js";
import { linePlot } from "./plot.js";
import { runLegend } from "./populations.js";
import { populationDash, populationVariable, runDash, runVariable } from "./theme.js";

const BANDS_PER_OCTAVE = 16;

function readSpectrum(population) {
  const where = `${population.where}.power_spectrum`;
  const raw = get(population, "power_spectrum", "object?", population.where);
  if (!raw) return null;
  const { segment_ms, segments } = fields(raw, where, { segment_ms: "number", segments: "count" });
  const x = numbers(raw, "frequency_Hz", where);
  const power = numbers(raw, "Hz2_per_Hz", where);
  // A logarithm has no place for 0, nor the axis for what is 0 but for rounding.
  const least = 1e-10 * power.reduce((most, v) => Math.max(most, v ?? 0), 0);
  const y = power.map((v) => (v > least ? v : null));
  return y.every((v) => v === null) ? null : { ...inBands(x, y), segment_ms, segments };
}

/// The mean power in each band of a 16th of an octave. On a logarithmic axis the high frequencies crowd, and their
/// scatter would hide the curves; where frequencies are further apart than a band, each stays what it is.
function inBands(frequencies, power) {
  const bands = new Map();
  frequencies.forEach((f, i) => {
    if (!(f > 0) || power[i] === null) return;
    const key = Math.floor(Math.log2(f) * BANDS_PER_OCTAVE);
    const band = bands.get(key) ?? { n: 0, f: 0, power: 0 };
    bands.set(key, { n: band.n + 1, f: band.f + f, power: band.power + power[i] });
  });
  const all = [...bands.values()];
  return { x: all.map((b) => b.f / b.n), y: all.map((b) => b.power / b.n) };
}

export function drawSpectra(host, page) {
  const spectra = collect(page, "power spectrum", host, readSpectrum);
  if (spectra.size === 0) {
    host.append(paragraph("empty", "No spectra: they need 64 bins of recorded time or more, and spikes."));
    return;
  }
  const { segment_ms, segments } = [...spectra.values()][0][0].value;
  const without = page.populations.recorded.filter((name) => !spectra.has(name));
  host.append(paragraph("fine",
    `Of the population's rate per neuron without its mean; Welch's method, ${plural(segments, "segment")} of ${milliseconds(segment_ms)}; drawn as means of bands of a 16th of an octave.`,
    without.length ? ` None for ${without.join(", ")}: too few bins, or no spikes.` : ""));
  if (page.runs.length > 1) panels(host, page, spectra);
  else together(host, page, spectra);
}

function labels() {
  return { x: { label: "frequency (Hz)", log: true, range: (_, low, high) => [low, high] }, y: { label: "power (Hz\u00b2/Hz)", log: true, size: 54 } };
}

/// One run: all populations in one plot, so that their peaks are seen side by side.
function together(host, page, spectra) {
  const names = [...spectra.keys()];
  const readout = el("output", { class: "readout" });
  const panel = el("div", { class: "panel", "data-plot": "spectra" },
    el("h3", { class: "panel-title" }, readout));
  const keys = el("div", { class: "legend runs" }, names.map((name) => {
    const index = page.populations.index(name);
    return el("span", { class: "key", "data-population": name }, lineKey(populationVariable(index), populationDash(index)), name);
  }));
  host.append(panel);
  const data = align(names.map((name) => spectra.get(name)[0].value));
  const series = names.map((name) => {
    const index = page.populations.index(name);
    return { label: name, colour: populationVariable(index), dash: populationDash(index), show: page.populations.isShown(name) };
  });
  const drawn = linePlot(panel, "power spectra", {
    series, data, ...labels(), describe: "Power spectra of the populations", height: (width) => Math.max(260, Math.min(400, width * 0.5)),
    readout: (k) => {
      if (k === null) { readout.textContent = ""; return; }
      const values = names.map((name, i) => [name, data[i + 1][k]])
        .filter(([name, v]) => v && page.populations.isShown(name)).sort((a, b) => b[1] - a[1]).slice(0, 3);
      readout.textContent = `${number(data[0][k])} Hz: ${values.map(([name, v]) => `${name} ${number(v)}`).join(", ")}`;
    },
  });
  panel.append(keys);
  page.populations.changed.subscribe(() => {
    series.forEach((one, i) => { one.show = page.populations.isShown(names[i]); });
    for (const key of keys.children) key.hidden = !page.populations.isShown(key.dataset.population);
    drawn.rebuild();
  });
}

/// Several runs: a panel for each population, on common axes.
function panels(host, page, spectra) {
  const all = [...spectra.values()].flat().flatMap(({ value }) => value.y.filter((v) => v !== null));
  const extent = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const decades = [10 ** Math.floor(Math.log10(extent[0])), 10 ** Math.ceil(Math.log10(extent[1]))];
  host.append(runLegend(page.runs, runKey));
  const grid = el("div", { class: "panels" });
  host.append(grid);
  followPopulations(page, [...spectra].map(([name, curves]) => {
    const panel = el("div", { class: "panel", "data-population": name, "data-plot": "spectra" },
      panelTitle(name, populationVariable(page.populations.index(name))));
    grid.append(panel);
    const common = labels();
    linePlot(panel, `power spectrum of ${name}`, {
      series: curves.map(({ run }) => ({ label: run.name, colour: runVariable(run.index), dash: runDash(run.index) })),
      data: align(curves.map(({ value }) => value)),
      ...common, y: { ...common.y, range: () => decades },
      height: () => 220, describe: `Power spectra of ${name} in ${curves.length} runs`,
    });
    return [name, panel];
  }));
}
