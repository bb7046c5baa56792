// What the watchdog found: sentences, and the last 50 ms before the first findings as raster and traces.
import { fields, get } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";
import { milliseconds, plural } from "./format.js";
import { drawRaster } from "./raster.js";
import { TimeRange } from "./time_range.js";
import { drawTrace, readTraces } from "./traces.js";

const DONE = {
  log: "kept here", warn: "said", clamp: "given the last good value", throttle: "went on with other gains",
  rollback: "went back, and on with other gains", halt: "halted the run",
};

function readFindings(run) {
  const where = `${run.where}.watchdog`;
  const watchdog = get(run, "watchdog", "object", run.where);
  return {
    total: get(watchdog, "total", "count", where),
    findings: get(watchdog, "findings", "array", where).map((raw, i) => {
      const place = `${where}.findings[${i}]`;
      const finding = fields(raw, place, { sign: "text", action: "text", time_ms: "number", message: "text", history: "object?" });
      return { ...finding, run: { ...finding.history, name: run.name, index: run.index, where: `${place}.history` } };
    }),
  };
}

export function drawWatchdog(host, page) {
  for (const run of page.runs) guard(`watchdog of ${run.name}`, host, () => drawRun(host, page, run));
}

function drawRun(host, page, run) {
  const { total, findings } = readFindings(run);
  const name = page.runs.length > 1 ? `${run.name}: ` : "";
  if (total === 0) {
    host.append(paragraph("empty", `${name}The watchdog found nothing.`));
    return;
  }
  const said = total > findings.length ? `, of which the first ${findings.length} are here` : "";
  host.append(el("p", {}, `${name}${plural(total, "finding")}${said}.`));
  host.append(el("ol", { class: "notes", "data-findings": findings.length }, findings.map((finding) =>
    el("li", {}, `${finding.message} \u2013 ${DONE[finding.action] ?? finding.action}`))));
  for (const finding of findings.filter(({ history }) => history !== null)) {
    guard(`history of ${finding.sign} in ${run.name}`, host, () => drawHistory(host, page, finding));
  }
}

/// Raster and traces share an axis that ends with the finding.
function drawHistory(host, page, finding) {
  const { raster } = finding.run;
  const { start_ms: start, dt_ms: dt } = fields(raster, `${finding.run.where}.raster`, { start_ms: "number", dt_ms: "number" });
  const whole = [start, Math.max(finding.time_ms, start + dt)];
  const range = new TimeRange(whole, whole, 10 * dt);
  const own = { ...page, runs: [finding.run], time: range, recordedTime: () => null };
  const panel = el("div", { class: "panel", "data-finding": finding.sign },
    el("h3", { class: "panel-title" }, `${finding.sign}: the time before ${milliseconds(finding.time_ms)}`));
  host.append(panel);
  drawRaster(panel, finding.run, own);
  for (const trace of readTraces(finding.run)) drawTrace(panel, own, trace, trace.neurons[0].id, range);
}
