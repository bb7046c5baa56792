// A run to be queued: the text of a config, or the path of one on the service's machine.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { integer, plural } from "../../../report/page/src/format.js";
import { ApiError } from "./api.js";
import { table } from "./table.js";
import { finite, text } from "./values.js";

const MOST_BYTES = 1 << 20;

/// Selects a line (from 1) of the text, and brings it into sight.
function goTo(area, line) {
  const lines = area.value.split("\n");
  const begin = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(begin, begin + (lines[line - 1]?.length ?? 0));
  const height = area.scrollHeight / Math.max(1, lines.length);
  area.scrollTop = Math.max(0, (line - 3) * height);
}

function faultRow(fault, area) {
  const line = finite(fault.line);
  const column = finite(fault.column);
  const where = line === null || line < 1 ? "\u2013" : `${line}${column > 0 ? `:${column}` : ""}`;
  const canGo = line !== null && line >= 1 && line <= area.value.split("\n").length && area.value !== "";
  return el("tr", { "data-line": line },
    el("th", { scope: "row" }, canGo ? el("button", { type: "button", class: "text", "aria-label": `Go to line ${line}`, on: { click: () => goTo(area, line) } }, where) : where),
    ["key", "read", "expected", "hint"].map((key) => el("td", { class: "text" }, key === "key" || key === "read" ? el("code", {}, text(fault[key])) : text(fault[key]))));
}

export function drawSubmit(host, { api, runs }) {
  const config = el("textarea", { name: "config", rows: "14", spellcheck: "false", autocomplete: "off", wrap: "off", "aria-describedby": "submit-said" });
  const path = el("input", { type: "text", name: "path", spellcheck: "false", autocomplete: "off" });
  const name = el("input", { type: "text", name: "name", maxlength: "200", autocomplete: "off" });
  const overrides = el("textarea", { name: "overrides", rows: "2", spellcheck: "false", wrap: "off" });
  const said = el("p", { id: "submit-said", role: "status", "aria-live": "polite" });
  const faults = el("div", { id: "faults" });
  const button = el("button", { type: "submit", class: "text primary" }, "Queue the run");
  const form = el("form", { id: "submit-form", class: "stack" },
    el("label", { class: "field" }, el("span", {}, "Config, as YAML"), config),
    el("div", { class: "fields" },
      el("label", { class: "field" }, el("span", {}, "or the path of one, below --config-dir"), path),
      el("label", { class: "field" }, el("span", {}, "Name"), name)),
    el("label", { class: "field" }, el("span", {}, "Overrides, key=value, one a line"), overrides),
    el("div", { class: "row" }, button), said, faults);
  host.append(form);

  const submit = async () => {
    faults.replaceChildren();
    const hasText = config.value.trim() !== "";
    if (hasText === (path.value.trim() !== "")) { said.textContent = "Either the text of a config, or a path."; return; }
    const body = {
      ...(hasText ? { config: config.value } : { path: path.value.trim() }), ...(name.value.trim() ? { name: name.value.trim() } : {}),
      ...(overrides.value.trim() ? { overrides: overrides.value.split("\n").map((line) => line.trim()).filter(Boolean) } : {}),
    };
    if (new Blob([JSON.stringify(body)]).size > MOST_BYTES) { said.textContent = "A request has at most 1 MiB; put the config below --config-dir, and give its path."; return; }
    button.disabled = true;
    said.textContent = "Checking \u2026";
    try {
      const answer = await api.json("/api/v1/runs", { method: "POST", body });
      said.textContent = `Queued as ${text(answer.id)}.`;
      runs.refresh();
    } catch (error) {
      said.textContent = error instanceof ApiError ? error.sentences : String(error);
      const found = error instanceof ApiError ? error.faults : [];
      if (found.length > 0) {
        faults.append(paragraph("fine", `${plural(found.length, "fault")}; a line can be clicked.`),
          table(`${integer(found.length)} faults of the config`, ["line", "key", "read", "expected", "hint"], el("tbody", {}, found.map((fault) => faultRow(fault, config))), "faults"));
      }
    } finally {
      button.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  // Ctrl + Enter, as in other forms of this kind: Enter alone is a line of the text.
  form.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); } });
  return { focus: () => config.focus() };
}
