// The levels of neuromodulators over time, a panel for each region.
import { lineKey } from "./curves.js";
import { fields, get, numbers } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";
import { milliseconds, number, plural, integer } from "./format.js";
import { linePlot } from "./plot.js";
import { gutter } from "./raster.js";
import { populationVariable, runDash } from "./theme.js";
import { listenForTimeKeys, TimeRange } from "./time_range.js";

const ALL = ["dopamine", "serotonin", "noradrenaline", "acetylcholine"];

export function hasModulators(run) {
  return run.neuromodulators !== undefined && !(Array.isArray(run.neuromodulators) && run.neuromodulators.length === 0);
}

function readRegion(raw, where) {
  const region = fields(raw, where, { region: "text", samples: "count" });
  region.times_ms = numbers(raw, "times_ms", where);
  region.error = numbers(raw, "prediction_error", where);
  const levels = get(raw, "levels", "object", where);
  region.levels = ALL.filter((name) => name in levels).map((name) => ({ name, y: numbers(levels, name, `${where}.levels`), colour: populationVariable(ALL.indexOf(name)), dash: runDash(ALL.indexOf(name)) }));
  return region;
}

export function drawModulators(host, page) {
  const several = page.runs.length > 1;
  const regions = page.runs.flatMap((run) => guard(`neuromodulators of ${run.name}`, host, () =>
    get(run, "neuromodulators", "array", run.where).map((raw, i) => ({ run, ...readRegion(raw, `${run.where}.neuromodulators[${i}]`) }))) ?? []);
  const sampled = regions.filter(({ times_ms: times }) => times.length > 0);
  if (sampled.length === 0) {
    host.append(paragraph("empty", "No levels: no sample was due before the run ended."));
    return;
  }
  const whole = [Math.min(...sampled.map((r) => r.times_ms[0])), Math.max(...sampled.map((r) => r.times_ms.at(-1)))];
  if (whole[1] === whole[0]) whole[0] -= 1;
  const range = new TimeRange(whole, whole, (whole[1] - whole[0]) / 1000);
  const grid = el("div", { class: several ? "panels wide" : "stack" });
  host.append(grid);
  for (const region of sampled) guard(`neuromodulators of ${region.region}`, grid, () => drawRegion(grid, region, range, several));
  const fewer = regions.filter((r) => r.samples > r.times_ms.length);
  if (fewer.length > 0) host.append(paragraph("fine", `${integer(fewer[0].times_ms.length)} of ${plural(fewer[0].samples, "sample")} are drawn.`));
}

function drawRegion(grid, region, range, several) {
  const title = several ? `${region.region}, ${region.run.name}` : region.region;
  const readout = el("output", { class: "readout" });
  const panel = el("div", { class: "panel", role: "group", "data-region": region.region, "data-run": region.run.name,
    "aria-label": `Neuromodulators of ${title} over time; plus, minus, arrows and 0 zoom` }, el("h3", { class: "panel-title" }, title, readout));
  grid.append(panel);
  const curves = [...region.levels];
  // Where nothing was ever predicted there is nothing to see.
  if (region.error.some((v) => v !== 0)) curves.push({ name: "prediction error", y: region.error, colour: "ink2", dash: [2, 3] });
  linePlot(panel, `neuromodulators of ${region.region}`, {
    series: curves.map(({ name, colour, dash }) => ({ label: name, colour, dash })),
    data: [region.times_ms, ...curves.map(({ y }) => y)], range, gutter, describe: `Neuromodulators of ${title}`,
    x: { label: "time (ms)" }, y: { label: "level", range: (_, low, high) => [Math.min(0, low ?? 0) * 1.06, Math.max(1, high ?? 1) * 1.04] }, height: () => 230,
    readout: (k) => {
      readout.textContent = k === null ? "" : `${milliseconds(region.times_ms[k])}: ${curves.map(({ name, y }) => `${name} ${number(y[k])}`).join(", ")}`;
    },
  });
  panel.append(el("div", { class: "legend runs" }, curves.map(({ name, colour, dash }) => el("span", { class: "key" }, lineKey(colour, dash), name))));
  listenForTimeKeys(panel, range);
}
