// The queue of runs, and those that were.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { integer, number, ordinal, plural, seconds } from "../../../report/page/src/format.js";
import { ApiError } from "./api.js";
import { confirm } from "./confirm.js";
import { every } from "./polling.js";
import { isOver, progressOf, STATES } from "./run_state.js";
import { table } from "./table.js";
import { finite, list, object, text } from "./values.js";

const MOST_SHOWN = 50;

/// A row that is kept while its run changes, so that what is in focus stays there.
class Row {
  constructor(cancel) {
    this.name = el("th", { scope: "row" });
    this.state = el("td", { class: "text" });
    this.bar = el("progress", { max: "1", value: "0" });
    this.share = el("span", { class: "fine" });
    this.progress = el("td", { class: "text" }, this.bar, this.share);
    this.note = el("td", { class: "text note" });
    this.submitted = el("td", { class: "text" });
    this.cancel = el("button", { type: "button", class: "text", on: { click: () => cancel(this.run) } }, "Cancel");
    this.element = el("tr", {}, this.name, this.state, this.progress, this.note, this.submitted, el("td", {}, this.cancel));
  }

  show(run) {
    this.run = run;
    const state = text(run.state);
    const position = finite(run.position);
    const progress = object(run.progress);
    const share = progressOf(run);
    const name = text(run.name) || text(run.id);
    this.element.dataset.run = text(run.id);
    this.element.dataset.state = state;
    put(this.name, name);
    put(this.state, (STATES[state] ?? state) + (position === null ? "" : `, ${ordinal(position)} in the queue`));
    this.bar.hidden = share === null;
    this.bar.setAttribute("aria-label", `Progress of ${name}`);
    if (share !== null) this.bar.value = share;
    const [factor, eta] = [finite(progress.real_time_factor), finite(progress.eta_s)];
    put(this.share, share === null ? "" : [`${number(100 * share)} %`, eta !== null && `${seconds(Math.round(eta))} to go`, factor !== null && `factor ${number(factor)}`].filter(Boolean).join(", "));
    const findings = list(run.findings).length;
    put(this.note, [text(object(run.error).message), findings > 0 && plural(findings, "finding"), finite(run.resumes) > 0 && `went on ${integer(run.resumes)}\u00d7`].filter(Boolean).join("; "));
    put(this.submitted, text(run.submitted));
    this.cancel.hidden = isOver(state) || text(run.id) === "";
    this.cancel.setAttribute("aria-label", `Cancel ${name}`);
  }
}

function put(element, now) { if (element.textContent !== now) element.textContent = now; }

export function drawRuns(host, { live, api }) {
  const body = el("tbody", {});
  const empty = paragraph("empty", "No runs yet.");
  const said = el("p", { class: "fine", role: "status", "aria-live": "polite" });
  const whole = table("Runs", ["run", "state", "progress", "notes", "submitted", ""], body, "runs");
  whole.hidden = true;
  host.append(empty, whole, said);
  const rows = new Map();

  const cancel = async (run) => {
    const name = text(run.name) || run.id;
    if (!await confirm(`Cancel ${name}? It cannot go on after that.`, "Cancel it")) return;
    try {
      await api.json(`/api/v1/runs/${encodeURIComponent(run.id)}/cancel`, { method: "POST" });
      said.textContent = `${name} is being cancelled.`;
    } catch (error) {
      said.textContent = `${name}: ${error instanceof ApiError ? error.sentences : error}`;
    }
    refresh();
  };
  const show = (runs) => {
    const kept = runs.slice(0, MOST_SHOWN);
    const ids = new Set(kept.map(({ id }) => id));
    for (const [id, row] of [...rows]) if (!ids.has(id)) { row.element.remove(); rows.delete(id); }
    kept.forEach((run, place) => {
      if (!rows.has(run.id)) rows.set(run.id, new Row(cancel));
      const row = rows.get(run.id);
      row.show(run);
      if (body.children[place] !== row.element) body.insertBefore(row.element, body.children[place] ?? null);
    });
    empty.hidden = kept.length > 0;
    whole.hidden = kept.length === 0;
    if (runs.length > kept.length) said.textContent = `The newest ${kept.length} of ${integer(runs.length)} runs.`;
  };
  const refresh = every(5000, live, async () => {
    try {
      const runs = list((await api.json("/api/v1/runs")).runs).map(object).filter(({ id }) => text(id) !== "");
      // What goes on and what waits first, in the order in which it comes; then the newest.
      const rank = ({ state, position }) => (state === "running" ? 0 : state === "queued" ? 1 + (finite(position) ?? 0) : Infinity);
      show(runs.map((run, k) => ({ run, k })).sort((a, b) => (rank(a.run) === rank(b.run) ? a.k - b.k : rank(a.run) - rank(b.run))).map(({ run }) => run));
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0) said.textContent = error.sentences;
    }
  });
  let last = "";
  live.on("run", (raw) => {
    const run = object(raw);
    rows.get(run.id)?.show(run);
    const now = `${run.id} ${run.state}`;
    if (now !== last) refresh();
    last = now;
  });
  return { refresh };
}
