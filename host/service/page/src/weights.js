// The weights of plastic projections.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { number } from "../../../report/page/src/format.js";
import { Histogram } from "./histogram.js";
import { finite, object, text } from "./values.js";

const MOST = 12;

export function drawWeights(host, { live, frames }) {
  const empty = paragraph("empty", "No weights: nothing runs that learns.");
  const more = paragraph("fine");
  const grid = el("div", { class: "panels" });
  host.append(empty, grid, more);
  const panels = new Map();
  const left = new Set();
  live.on("network", () => {
    for (const { histogram } of panels.values()) frames.remove(histogram.frame);
    panels.clear();
    left.clear();
    grid.replaceChildren();
    more.textContent = "";
    empty.hidden = false;
  });
  const panelOf = (name) => {
    if (!panels.has(name)) {
      const mean = el("output", { class: "readout" });
      const panel = el("div", { class: "panel", "data-projection": name }, el("h3", { class: "panel-title" }, name, mean));
      panels.set(name, { mean, histogram: new Histogram(panel, frames, { title: `weights of ${name}`, label: "weight", of: "synapses", marks: [] }) });
      grid.append(panel);
    }
    return panels.get(name);
  };
  live.on("weights", (weights) => {
    const { projection, min, max, histogram, mean } = object(weights);
    const name = text(projection);
    empty.hidden = true;
    if (!panels.has(name) && panels.size >= MOST) {
      if (left.size < 1000) left.add(name);
      more.textContent = `Of ${MOST + left.size} plastic projections the first ${MOST} are here.`;
      return;
    }
    const panel = panelOf(name);
    panel.mean.textContent = finite(mean) === null ? "" : `mean ${number(mean, 4)}`;
    panel.histogram.show(histogram, min, max, mean);
  });
}
