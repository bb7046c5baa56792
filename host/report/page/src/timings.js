// Where the wall time went: a bar for each phase and run, all on one scale.
import { fields, get } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";
import { none, seconds } from "./format.js";
import { runVariable } from "./theme.js";

const MEANINGS = {
  construction: "building the network", "connection statistics": "counting synapses for this page",
  gather: "finding which synapses fall due", deliver: "adding their weights", wait: "for the other threads",
  urgent: "taking spikes, and what arrives at once", plasticity: "what plastic synapses take alone", update: "input from outside, neurons", simulate: "on the GPU", drain: "fetching what it recorded",
  digest: "hashing the spikes", recording: "writing what is recorded",
};

export function drawTimings(host, page) {
  const phases = new Map();
  for (const run of page.runs) {
    guard(`timings of ${run.name}`, host, () => {
      const where = `${run.where}.run`;
      get(get(run, "run", "object", run.where), "phases", "array", where).forEach((phase, i) => {
        const { name, seconds: s } = fields(phase, `${where}.phases[${i}]`, { name: "text", seconds: "number?" });
        phases.set(name, (phases.get(name) ?? new Map()).set(run, s));
      });
    });
  }
  if (phases.size === 0) {
    host.append(paragraph("empty", "No phases were timed."));
    return;
  }
  const longest = Math.max(1e-12, ...[...phases.values()].flatMap((times) => [...times.values()].filter((s) => s !== null)));
  const several = page.runs.length > 1;
  const bars = (times) => page.runs.map((run) => {
    const s = times.get(run);
    const colour = several ? runVariable(run.index) : "accent";
    return el("div", { class: "bar-line" }, several ? el("span", { class: "bar-run" }, run.name) : "",
      el("span", { class: "bar-track" }, s === null || s === undefined ? "" : el("span", { class: "bar", style: `--colour: var(--${colour}); width: ${((100 * s) / longest).toFixed(2)}%` })),
      el("span", { class: "bar-value" }, s === null || s === undefined ? none("this run did not time that phase") : seconds(s)));
  });
  host.append(paragraph("fine", "Wall time. The network is built and its synapses are counted before the first step; the other phases are parts of the recorded time, each as the slowest thread took it."),
    el("dl", { class: several ? "bars several" : "bars", "data-points": [...phases.values()].reduce((n, times) => n + times.size, 0) },
      [...phases].map(([name, times]) => [el("dt", {}, name, el("span", { class: "fine" }, MEANINGS[name] ?? "")), el("dd", {}, bars(times))])));
}
