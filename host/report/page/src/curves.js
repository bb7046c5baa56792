// What rates and spectra have in common: curves of populations and runs, arranged in panels. A panel is a
// population; with several runs the curves in it are the runs.
import { el, svg } from "./dom.js";
import { guard } from "./errors.js";
import { get } from "./data.js";
import { runDash, runVariable } from "./theme.js";

/// statistics.populations of a run, by name; {} where there are none, which is said once, by `guard`.
export function statisticsOf(run) {
  const where = `${run.where}.statistics`;
  const list = get(get(run, "statistics", "object", run.where), "populations", "array", where);
  return new Map(list.map((population, i) => {
    const name = get(population, "name", "text", `${where}.populations[${i}]`);
    return [name, { ...population, where: `${where}.populations[${i}]` }];
  }));
}

/// Calls `read(statistics of the population, run)` for every run and collects what is not null:
/// Map from population to [{run, value}]. A run that is damaged is reported and left out.
export function collect(page, what, host, read) {
  const found = new Map();
  for (const run of page.runs) {
    guard(`${what} of ${run.name}`, host, () => {
      for (const [name, population] of statisticsOf(run)) {
        const value = guard(`${what} of ${name} in ${run.name}`, host, () => read(population, run));
        if (value !== null && value !== undefined) found.set(name, [...(found.get(name) ?? []), { run, value }]);
      }
    });
  }
  return new Map(page.populations.names.filter((name) => found.has(name)).map((name) => [name, found.get(name)]));
}

/// A short piece of line, as in the plots.
export function lineKey(variable, dash) {
  return svg("svg", { width: 26, height: 10, "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 26, y1: 5, y2: 5, style: `stroke: var(--${variable})`, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") || null }));
}

export function runKey(run) { return lineKey(runVariable(run.index), runDash(run.index)); }

/// Hides the panels of the populations that are switched off.
export function followPopulations(page, panels) {
  const update = () => {
    for (const [name, panel] of panels) panel.hidden = !page.populations.isShown(name);
  };
  page.populations.changed.subscribe(update);
  update();
}

/// Values on different grids of x, as uPlot wants them: one x, and null where a curve has no value.
/// curves: [{x: [], y: []}].
export function align(curves) {
  const first = curves[0].x;
  if (curves.every(({ x }) => x.length === first.length && x.every((v, i) => v === first[i]))) {
    return [first, ...curves.map(({ y }) => y)];
  }
  const all = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const place = new Map(all.map((v, i) => [v, i]));
  return [all, ...curves.map(({ x, y }) => {
    // undefined, unlike null, does not interrupt a line.
    const out = new Array(all.length).fill(undefined);
    x.forEach((v, i) => { out[place.get(v)] = y[i]; });
    return out;
  })];
}

export function panelTitle(name, variable, readout) {
  return el("h3", { class: "panel-title" },
    el("span", { class: "swatch", "aria-hidden": "true", style: `--colour: var(--${variable})` }), name, readout);
}
