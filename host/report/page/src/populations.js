// The populations of all runs, by name, and which of them are shown: one choice for the whole page.
import { el, Signal } from "./dom.js";
import { populationVariable } from "./theme.js";

export class Populations {
  changed = new Signal();
  hidden = new Set();

  constructor(runs) {
    const names = new Set();
    // Statistics first, so that what was recorded comes in the order of the raster and first in colour.
    for (const run of runs) {
      for (const list of [run.statistics?.populations, run.raster?.populations, run.run?.populations]) {
        if (Array.isArray(list)) for (const p of list) if (typeof p?.name === "string") names.add(p.name);
      }
    }
    this.names = [...names];
    this.recorded = this.names.filter((name) => runs.some((run) =>
      [run.statistics?.populations, run.raster?.populations].some((list) => Array.isArray(list) && list.some((p) => p?.name === name))));
  }

  index(name) { return this.names.indexOf(name); }
  isShown(name) { return !this.hidden.has(name); }

  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.changed.emit();
  }

  /// `name` alone.
  only(name) {
    this.hidden = new Set(this.recorded.filter((other) => other !== name));
    this.changed.emit();
  }

  showAll() {
    this.hidden.clear();
    this.changed.emit();
  }
}

/// The legend, which is also the switch.
export function legend(populations) {
  const chips = populations.recorded.map((name) => el("button", {
    type: "button", class: "chip", "data-population": name, title: `${name}: click to hide or show, double click for it alone`,
    style: `--colour: var(--${populationVariable(populations.index(name))})`,
    on: { click: (event) => (event.detail === 2 ? populations.only(name) : populations.toggle(name)) },
  }, el("span", { class: "swatch", "aria-hidden": "true" }), name));
  const all = el("button", { type: "button", class: "chip plain", on: { click: () => populations.showAll() } }, "show all");
  const update = () => {
    for (const chip of chips) chip.setAttribute("aria-pressed", String(populations.isShown(chip.dataset.population)));
    all.hidden = populations.hidden.size === 0;
  };
  populations.changed.subscribe(update);
  update();
  return el("div", { class: "legend", role: "group", "aria-label": "Populations shown" }, chips, all);
}

/// What tells the runs apart where several are drawn in one plot.
export function runLegend(runs, line) {
  if (runs.length < 2) return null;
  return el("div", { class: "legend runs", "aria-label": "Runs" }, runs.map((run) => el("span", { class: "key" }, line(run), run.name)));
}
