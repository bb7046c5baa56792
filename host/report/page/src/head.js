// What ran: for one run its figures at a glance; for several a table of the runs, in which what differs stands out.
import { fields, get } from "./data.js";
import { el } from "./dom.js";
import { guard } from "./errors.js";
import { bytes, integer, milliseconds, none, number, orNone, seconds } from "./format.js";

const NOT_MEASURED = "was not measured in this run";

function digest(text) {
  return el("code", { class: "digest", title: text }, text.slice(0, 12), el("span", { class: "rest" }, text.slice(12)));
}

/// [label, key, kind, show, reason for null]; key may be a function of run.json.
const ROWS = [
  ["Config", "config_path", "text", (v) => el("code", {}, v)],
  ["Config digest", "config_digest", "text", digest],
  ["Spike digest", "spike_digest", "text", digest],
  ["Device", "device", "text", (v) => v],
  ["Threads", "threads", "count", integer],
  ["Precision", "precision", "text", (v) => v],
  ["Time step", "dt_ms", "number", (v) => `${number(v, 6)} ms`],
  ["Seed", "seed", null, (v) => String(v)],
  ["Network seed", "network_seed", null, (v) => String(v)],
  ["Warm-up", "warm_up_ms", "number", milliseconds],
  ["Simulated time", "simulated_ms", "number", milliseconds],
  ["Wall time", "wall_s", "number?", seconds, NOT_MEASURED],
  ["Real-time factor", "real_time_factor", "number?", (v) => number(v), "no time was simulated"],
  ["Construction", "construction_s", "number?", seconds, NOT_MEASURED],
  ["Peak memory", "peak_memory_bytes", "count?", bytes, NOT_MEASURED],
  ["Synapses", "synapses", "count", integer],
  ["Spikes", "spikes_total", "count", integer],
  ["Completed", "interrupted", "boolean", (v) => (v ? el("strong", { class: "warn" }, "interrupted early") : "yes")],
  ["Layout", "layout", "text", (v) => v],
  ["Version", "version", "text", (v) => `Sharpwave ${v}`],
];

function value(run, [label, key, kind, show, reason]) {
  const host = el("span", {});
  return guard(`${label.toLowerCase()} of ${run.name}`, null, () => {
    const where = `${run.where}.run`;
    const summary = get(run, "run", "object", run.where);
    // A key that an older version did not write is no damage; one of the wrong type is.
    const raw = kind && key in summary ? get(summary, key, kind, where) : summary[key];
    host.append(orNone(raw, show, raw === undefined ? "is not in this run's run.json" : reason ?? "has no value"));
    return host;
  }) ?? none("could not be read");
}

function titleOf(run) { return (typeof run.run?.title === "string" && run.run.title) || run.name; }

export function pageTitle(runs) {
  const titles = [...new Set(runs.map(titleOf))];
  return titles.length === 1 ? titles[0] : `${runs.length} runs`;
}

export function drawHead(host, page) {
  const { runs } = page;
  const sub = runs.length === 1 ? runs[0].name : `${runs.length} runs side by side: ${runs.map((r) => r.name).join(", ")}`;
  host.append(el("header", { class: "head" }, el("h1", {}, pageTitle(runs)), el("p", { class: "sub" }, sub)));
  for (const run of runs.filter((r) => r.run?.interrupted === true)) {
    host.append(el("p", { class: "banner" }, `${runs.length > 1 ? `${run.name} was` : "This run was"} interrupted early; everything here describes what was simulated until then.`));
  }
  if (runs.length === 1) one(host, runs[0]);
  else several(host, runs);
}

/// [what fits into a tile, the whole number if that is not it]
function brief(n) { return n < 1e7 ? [integer(n)] : [`${number(n / 1e6, 4)} M`, integer(n)]; }

function one(host, run) {
  guard(`summary of ${run.name}`, host, () => {
    const where = `${run.where}.run`;
    const summary = get(run, "run", "object", run.where);
    const v = fields(summary, where, { synapses: "count", spikes_total: "count", simulated_ms: "number", real_time_factor: "number?", peak_memory_bytes: "count?" });
    const sizes = get(summary, "populations", "array", where).map((p, i) => get(p, "size", "count", `${where}.populations[${i}]`));
    const neurons = sizes.reduce((sum, n) => sum + n, 0);
    const rate = neurons > 0 && v.simulated_ms > 0 ? v.spikes_total / neurons / (v.simulated_ms / 1e3) : null;
    const factor = v.real_time_factor;
    const tile = (label, shown, note) => el("div", { class: "tile" }, el("div", { class: "tile-value" }, shown), el("div", { class: "tile-label" }, label), note ? el("div", { class: "fine" }, note) : "");
    host.append(el("div", { class: "tiles" },
      tile("neurons", integer(neurons), `${sizes.length} ${sizes.length === 1 ? "population" : "populations"}`),
      tile("synapses", ...brief(v.synapses)),
      tile("spikes", brief(v.spikes_total)[0], `in ${milliseconds(v.simulated_ms)}`),
      tile("mean rate", orNone(rate, (r) => `${number(r)} Hz`, "no time was simulated, or there are no neurons")),
      tile("real-time factor", orNone(factor, (f) => number(f), "no time was simulated"),
        factor === null ? "" : factor < 1 ? `${number(1 / factor)} times faster than real time` : "wall time over simulated time"),
      tile("peak memory", orNone(v.peak_memory_bytes, bytes, NOT_MEASURED))));
  });
  host.append(el("dl", { class: "facts" }, ROWS.filter(([label]) => !["Synapses", "Spikes", "Peak memory", "Real-time factor"].includes(label))
    .map((row) => el("div", {}, el("dt", {}, row[0]), el("dd", { "data-fact": row[0] }, value(run, row))))));
}

/// Which runs have the same spikes, by their digests.
function comparison(runs) {
  const groups = new Map();
  for (const run of runs) {
    const digest = typeof run.run?.spike_digest === "string" ? run.run.spike_digest : run;
    groups.set(digest, [...(groups.get(digest) ?? []), run.name]);
  }
  if (groups.size === 1) return el("p", { class: "banner good" }, "The same spikes in all runs, bit for bit: their spike digests are equal.");
  const equal = [...groups.values()].filter((names) => names.length > 1).map((names) => names.join(" = "));
  return el("p", { class: "banner plain" }, equal.length ? `The same spikes, bit for bit: ${equal.join("; ")}. The others differ, by their spike digests. `
    : "The spikes of these runs differ, by their digests. ", "Rows in which the runs differ are marked.");
}

function several(host, runs) {
  host.append(comparison(runs));
  const rows = ROWS.map((row) => {
    const cells = runs.map((run) => value(run, row));
    const differs = cells.some((cell) => cell.textContent !== cells[0].textContent);
    return el("tr", { class: differs ? "differs" : null }, el("th", { scope: "row" }, row[0], differs ? el("span", { class: "mark", title: "the runs differ", role: "img", "aria-label": "differs" }, "\u2260") : ""), cells.map((cell) => el("td", { "data-fact": row[0] }, cell)));
  });
  host.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The runs" },
    el("table", { class: "runs-table" },
      el("thead", {}, el("tr", {}, el("td", {}), runs.map((run) => el("th", { scope: "col" }, run.name)))), el("tbody", {}, rows))));
}
