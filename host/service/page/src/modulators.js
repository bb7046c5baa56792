// The levels of neuromodulators, region by region, as far back as this page has heard them.
import { lineKey } from "../../../report/page/src/curves.js";
import { el, paragraph } from "../../../report/page/src/dom.js";
import { milliseconds, number } from "../../../report/page/src/format.js";
import { populationVariable, runDash } from "../../../report/page/src/theme.js";
import { gutter } from "../../../report/page/src/time_panels.js";
import { LivePlot } from "./live_plot.js";
import { finite, list, object, text } from "./values.js";

const ALL = ["dopamine", "serotonin", "noradrenaline", "acetylcholine"];
const MOST_REGIONS = 12;
const MOST_SAMPLES = 600;

/// A panel, which shows one region after the other as runs come and go: panels are never made anew.
class RegionPanel {
  #times = [];
  #levels = ALL.map(() => []);

  constructor(host, frames) {
    this.title = el("span", {});
    this.readout = el("output", { class: "readout" });
    this.panel = el("div", { class: "panel", hidden: true }, el("h3", { class: "panel-title" }, this.title, this.readout));
    host.append(this.panel);
    this.plot = new LivePlot(this.panel, frames, "neuromodulators", {
      series: ALL.map((name, i) => ({ label: name, colour: populationVariable(i), dash: runDash(i) })),
      data: () => [this.#times, ...this.#levels], gutter, describe: "Neuromodulators over simulated time",
      x: { label: "time (ms)", range: (_, low, high) => (low === null || low === high ? [(low ?? 0) - 1, (high ?? 0) + 1] : [low, high]) },
      y: { label: "level", range: (_, low, high) => [Math.min(0, low ?? 0) * 1.06, Math.max(1, high ?? 1) * 1.04] },
      height: () => 190,
      readout: (k) => {
        this.readout.textContent = k === null || this.#times[k] === undefined ? "" : `${milliseconds(Math.round(this.#times[k]))}: ${ALL.map((name, i) => [name, this.#levels[i][k]])
          .filter(([, level]) => level !== null).map(([name, level]) => `${name} ${number(level)}`).join(", ")}`;
      },
    });
    this.panel.append(el("div", { class: "legend runs" }, ALL.map((name, i) => el("span", { class: "key" }, lineKey(populationVariable(i), runDash(i)), name))));
  }

  show(name, time, region) {
    const isOther = this.panel.hidden || this.panel.dataset.region !== name;
    if (isOther || time < this.#times.at(-1)) {
      this.#times = [];
      this.#levels = ALL.map(() => []);
    }
    if (isOther) {
      this.panel.hidden = false;
      this.panel.dataset.region = name;
      this.title.textContent = name;
    }
    if (time === this.#times.at(-1)) return;
    this.#times.push(time);
    this.#levels.forEach((levels, i) => levels.push(finite(region[ALL[i]])));
    for (const kept of [this.#times, ...this.#levels]) if (kept.length > MOST_SAMPLES) kept.shift();
    this.plot.touch();
  }
}

export function drawModulators(host, { live, frames }) {
  const empty = paragraph("empty", "No levels: nothing runs that has neuromodulators.");
  const grid = el("div", { class: "panels wide" });
  host.append(empty, grid);
  const panels = [];
  const showOnly = (n) => {
    panels.slice(n).forEach(({ panel }) => { panel.hidden = true; });
    empty.hidden = n > 0;
  };
  live.on("network", () => showOnly(0));
  live.on("modulators", (modulators) => {
    const time = finite(object(modulators).time_ms);
    if (time === null) return;
    const regions = list(modulators.regions).map(object).slice(0, MOST_REGIONS);
    regions.forEach((region, i) => {
      panels[i] ??= new RegionPanel(grid, frames);
      panels[i].show(text(region.name), time, region);
    });
    showOnly(regions.length);
  });
}
