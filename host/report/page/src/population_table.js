// The table of populations: of every run, those that recorded no spikes included.
import { fields, get } from "./data.js";
import { statisticsOf } from "./curves.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";
import { integer, none, number, plural, spread } from "./format.js";
import { populationVariable } from "./theme.js";

const NOT_RECORDED = "the spikes of this population were not recorded";

function readRows(run, host) {
  const where = `${run.where}.run`;
  const statistics = guard(`statistics of ${run.name}`, host, () => statisticsOf(run)) ?? new Map();
  const rows = new Map();
  get(get(run, "run", "object", run.where), "populations", "array", where).forEach((raw, i) => {
    const p = fields(raw, `${where}.populations[${i}]`, { name: "text", size: "count" });
    rows.set(p.name, { run, ...p, statistics: statistics.get(p.name) ?? null });
  });
  return rows;
}

export function drawTable(host, page) {
  const runs = page.runs.map((run) => guard(`populations of ${run.name}`, host, () => readRows(run, host))).filter(Boolean);
  const several = page.runs.length > 1;
  const means = runs.flatMap((rows) => [...rows.values()].map((r) => r.statistics?.rate_Hz?.mean)).filter((m) => typeof m === "number");
  const most = Math.max(1e-12, ...means);
  const head = ["Population", several ? "Run" : null, "Size", "Recorded", "Spikes", "Rate (Hz)", "CV of ISI", "Correlation"].filter(Boolean);
  const body = page.populations.names.flatMap((name) => {
    const present = runs.map((rows) => rows.get(name)).filter(Boolean);
    return present.map((row, k) => guard(`table row of ${name}`, null, () => tableRow(page, row, { first: k === 0, span: present.length, several, most }))
      ?? el("tr", {}, el("td", { colspan: head.length, class: "failed" }, `${name}: could not be read`)));
  });
  host.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Populations" },
    el("table", { class: "populations" },
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col", class: text === "Run" ? "text" : null }, text)))),
      el("tbody", {}, body))),
  paragraph("fine", "Mean \u00b1 standard deviation over neurons; of the correlation, over pairs of neurons."));
}

function tableRow(page, row, { first, span, several, most }) {
  const colour = populationVariable(page.populations.index(row.name));
  const name = el("th", { scope: "row", rowspan: several ? span : null, style: `--colour: var(--${colour})` }, el("span", { class: "swatch", "aria-hidden": "true" }), row.name);
  return el("tr", { class: first ? "first" : null, "data-population": row.name }, first || !several ? name : "",
    several ? el("td", { class: "text" }, row.run.name) : "", el("td", {}, integer(row.size)), row.statistics ? statisticsCells(row.statistics, colour, most)
      : Array.from({ length: 5 }, () => el("td", {}, none(NOT_RECORDED))));
}

function statisticsCells(population, colour, most) {
  const { where } = population;
  const { recorded, spikes } = fields(population, where, { recorded: "count", spikes: "count" });
  const part = (key, kinds) => fields(get(population, key, "object", where), `${where}.${key}`, { mean: "number?", sd: "number?", ...kinds });
  const rate = part("rate_Hz", {});
  const cv = part("cv_isi", { neurons: "count" });
  const correlation = part("correlation", { neurons: "count", pairs: "count", bin_ms: "number?" });
  const bar = rate.mean === null ? "" : el("span", { class: "mini", "aria-hidden": "true", style: `--colour: var(--${colour}); --share: ${(rate.mean / most).toFixed(4)}` });
  return [
    el("td", {}, integer(recorded)), el("td", {}, integer(spikes)),
    el("td", { class: "with-bar" }, spread(rate.mean, rate.sd, "no neuron was recorded, or no time", "needs two neurons"), bar),
    el("td", { title: cv.mean === null ? null : `over ${plural(cv.neurons, "neuron")} with three or more spikes` },
      spread(cv.mean, cv.sd, "no neuron fired three or more spikes", "needs two neurons with three or more spikes")),
    el("td", { title: correlation.mean === null ? null : `${plural(correlation.pairs, "pair")} of ${plural(correlation.neurons, "neuron")}, bins of ${orText(correlation.bin_ms)} ms` },
      spread(correlation.mean, correlation.sd, "fewer than two neurons fired with counts that vary", "needs two pairs")),
  ];
}

function orText(v) { return v === null ? "unknown" : number(v); }
