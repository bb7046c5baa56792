// The run that goes on, or the last one that did.
import { el } from "../../../report/page/src/dom.js";
import { integer, milliseconds, none, number, orNone, plural, seconds } from "../../../report/page/src/format.js";
import { progressOf, STATES } from "./run_state.js";
import { tiles } from "./tiles.js";
import { finite, list, object, text } from "./values.js";

const MOST_FINDINGS = 20; // that the service tells
const NOT_RUNNING = "nothing runs";

export function drawRunHead(host, { live, activity }) {
  const title = el("h1", {}, "No run yet");
  const sub = el("p", { class: "sub" }, "Runs can be queued below.");
  const bar = el("progress", { max: "1", value: "0", "aria-label": "Progress of the run", hidden: true });
  const findings = el("ul", { class: "notes" });
  const summary = el("summary", {});
  const found = el("details", { hidden: true }, summary, findings);
  host.append(el("header", { class: "head" }, title, sub, bar));
  const shown = tiles(host, [["time", "simulated"], ["factor", "real-time factor"], ["eta", "to go"], ["spikes", "spikes"], ["rate", "mean rate"], ["neurons", "neurons"]]);
  host.append(found);
  activity.begun.subscribe(() => {
    const { populations } = activity;
    shown.set("neurons", populations.length === 0 ? none("no network is built") : integer(populations.reduce((sum, { size }) => sum + size, 0)), populations.length === 0 ? "" : plural(populations.length, "population"));
  });
  live.on("run", (raw) => {
    const run = object(raw);
    const progress = object(run.progress);
    const state = text(run.state);
    title.textContent = raw === null ? "No run yet" : text(run.name) || text(run.id) || "A run";
    const error = object(run.error);
    const resumes = finite(run.resumes);
    sub.textContent = raw === null ? "Runs can be queued below." : [
      STATES[state] ?? state, state === "running" && text(progress.phase) !== "running" && text(progress.phase), progress.warm_up === true && "warm-up",
      text(run.submitted) && `submitted ${run.submitted}`, resumes > 0 && `went on ${resumes === 1 ? "once" : `${integer(resumes)} times`} after an end of the service`,
      finite(run.checkpoint_age_s) !== null && `saved ${seconds(Math.round(run.checkpoint_age_s))} ago`, text(error.message),
    ].filter(Boolean).join(" \u00b7 ");
    title.dataset.run = text(run.id);
    title.dataset.state = state;
    const share = progressOf(run);
    bar.hidden = share === null;
    if (share !== null) bar.value = share;
    const duration = finite(progress.duration_ms);
    shown.set("time", orNone(finite(progress.simulated_ms), (v) => milliseconds(Math.round(v)), NOT_RUNNING), duration === null ? "" : `of ${milliseconds(duration)}`);
    const factor = finite(progress.real_time_factor);
    shown.set("factor", orNone(factor, (v) => number(v), NOT_RUNNING), factor > 0 && factor < 1 ? `${number(1 / factor)} times faster than real time` : factor === null ? "" : "wall time over simulated time");
    shown.set("eta", orNone(finite(progress.eta_s), (v) => seconds(Math.round(v)), NOT_RUNNING));
    const spikes = finite(progress.spikes);
    shown.set("spikes", orNone(spikes, (n) => (n < 1e7 ? integer(n) : `${number(n / 1e6, 4)} M`), NOT_RUNNING));
    shown.set("rate", orNone(finite(progress.rate_Hz), (v) => `${number(v)} Hz`, NOT_RUNNING));
    const newest = list(run.findings).slice(-MOST_FINDINGS).reverse().map(object);
    found.hidden = newest.length === 0;
    summary.textContent = `The watchdog found: ${newest.length < MOST_FINDINGS ? plural(newest.length, "sign") : `the newest ${MOST_FINDINGS} signs`}`;
    findings.replaceChildren(...newest.map((finding) => el("li", {}, text(finding.text) || text(finding.sign))));
  });
}
