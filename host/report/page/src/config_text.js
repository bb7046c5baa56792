// The configuration: what --set changed, then the text. Equal texts of several runs are shown once.
import { get } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard } from "./errors.js";

function readConfig(run) {
  const where = `${run.where}.run`;
  const summary = get(run, "run", "object", run.where);
  const overrides = get(summary, "overrides", "array", where);
  // Absent as well as null: runs of which the text was not kept.
  const text = run.config === undefined ? null : get(run, "config", "text?", run.where);
  return { run, overrides, text, path: get(summary, "config_path", "text", where) };
}

export function drawConfig(host, page) {
  const configs = page.runs.map((run) => guard(`config of ${run.name}`, host, () => readConfig(run))).filter(Boolean);
  const groups = new Map();
  for (const config of configs) {
    const key = JSON.stringify([config.path, config.text]);
    groups.set(key, [...(groups.get(key) ?? []), config]);
  }
  for (const group of groups.values()) {
    const { path, text } = group[0];
    host.append(el("h3", { class: "panel-title" }, path || "config", el("span", { class: "readout" }, page.runs.length > 1 ? group.map(({ run }) => run.name).join(", ") : "")));
    for (const { run, overrides } of group) {
      const lines = overrides.map((o) => `--set ${o}`).join("\n");
      host.append(el("div", { class: "overrides" }, page.runs.length > 1 ? el("b", {}, `${run.name}: `) : "",
        overrides.length ? el("code", {}, lines) : el("span", { class: "fine" }, "no --set overrides")));
    }
    if (text === null) host.append(paragraph("empty", "The text of the config was not kept with this run."));
    else host.append(el("pre", { class: "config", tabindex: "0", "aria-label": `Text of ${path}` }, el("code", {}, ...coloured(text))));
  }
}

/// Comments fainter, keys stronger: enough to find one's way in YAML.
function coloured(text) {
  return text.split("\n").flatMap((line) => {
    const comment = line.search(/(^|\s)#/);
    const code = comment < 0 ? line : line.slice(0, comment);
    const rest = comment < 0 ? "" : line.slice(comment);
    const key = /^(\s*(?:- )?)([\w.-]+)(:.*)$/.exec(code);
    return [
      ...(key ? [key[1], el("span", { class: "y-key" }, key[2]), key[3]] : [code]),
      rest ? el("span", { class: "y-comment" }, rest) : "", "\n",
    ];
  });
}
