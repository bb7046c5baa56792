// Where the wall time went: a bar for each phase and run, all on one scale.
import { fields, get } from "./data.js";
import { el } from "./dom.js";
import { guard } from "./errors.js";
import { none, seconds } from "./format.js";
import { runVariable } from "./theme.js";

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
    host.append(el("p", { class: "empty" }, "No phases were timed."));
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
  host.append(el("p", { class: "fine" }, "Wall time in seconds. Construction comes before the simulated time, the other phases are parts of the recorded one."),
    el("dl", { class: several ? "bars several" : "bars", "data-points": [...phases.values()].reduce((n, times) => n + times.size, 0) },
      [...phases].map(([name, times]) => [el("dt", {}, name), el("dd", {}, bars(times))])));
}
