// The populations' rates, over the same time as the raster.
import { lineKey } from "../../../report/page/src/curves.js";
import { el } from "../../../report/page/src/dom.js";
import { milliseconds, number } from "../../../report/page/src/format.js";
import { gutter } from "../../../report/page/src/raster.js";
import { populationDash, populationVariable } from "../../../report/page/src/theme.js";
import { LivePlot } from "./live_plot.js";

const MOST_SAID = 8;

export function drawRates(host, { activity, populations, frames }) {
  const readout = el("output", { class: "readout" });
  const keys = el("div", { class: "legend runs" });
  const panel = el("div", { class: "panel" }, el("h3", { class: "panel-title" }, "Rates of the populations", readout));
  host.append(panel);
  let data = [[]];
  const names = () => activity.populations.map(({ name }) => name);
  const plot = new LivePlot(panel, frames, "rates", {
    series: [], gutter, describe: "Rates of the populations over simulated time",
    data: () => { data = activity.binnedRates(); return data; },
    x: { label: "time (ms)", range: () => { const { start, stop } = activity.view; return [start, stop]; } },
    y: { label: "rate (Hz)", range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] },
    height: (width) => (width < 560 ? 200 : 240),
    readout: (k) => {
      readout.textContent = k === null || data[0][k] === undefined ? "" : `${milliseconds(Math.round(data[0][k]))}: ${names().filter((name) => populations.isShown(name)).slice(0, MOST_SAID)
        .map((name) => { const rate = data[names().indexOf(name) + 1]?.[k]; return `${name} ${rate === null || rate === undefined ? "\u2013" : `${number(rate)} Hz`}`; }).join(", ")}`;
    },
  });
  panel.append(keys);
  const anew = () => {
    plot.options.series = names().map((name) => {
      const index = populations.index(name);
      return { label: name, colour: populationVariable(index), dash: populationDash(index), show: populations.isShown(name) };
    });
    const dashed = names().filter((name) => populations.isShown(name) && populations.index(name) >= 8);
    keys.replaceChildren(...dashed.slice(0, 32).map((name) => {
      const index = populations.index(name);
      return el("span", { class: "key" }, lineKey(populationVariable(index), populationDash(index)), name);
    }));
    keys.hidden = dashed.length === 0;
    plot.rebuild();
  };
  activity.begun.subscribe(anew);
  populations.changed.subscribe(anew);
  activity.changed.subscribe(plot.touch);
}
