// Plots that share a time of their own: panels side by side that zoom together.
import { lineKey } from "./curves.js";
import { el } from "./dom.js";
import { milliseconds, number } from "./format.js";
import { linePlot } from "./plot.js";
import { colour as colourOf } from "./theme.js";
import { listenForTimeKeys, TimeRange } from "./time_range.js";

// These panels are half as wide as the raster, and share no axis with it.
export function gutter() { return 84; }

export function rangeOf(first, times) {
  const whole = [first, Math.max(times.at(-1), first + 1e-6)];
  return new TimeRange(whole, whole, (whole[1] - whole[0]) / 1000);
}

export function dots(variable, size) { return { show: true, size, fill: () => colourOf(variable) }; }

export function panelOf(stack, title, what) {
  const readout = el("output", { class: "readout" });
  const panel = el("div", { class: "panel", "data-plot": what }, el("h3", { class: "panel-title" }, title, readout));
  stack.append(panel);
  return { panel, readout };
}

/// To be called for each panel with a plot of the range.
export function zoomByKeys(panel, what, range) {
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", `${what}; plus, minus, arrows and 0 zoom`);
  listenForTimeKeys(panel, range);
}

/// Curves over `times`, each {name, colour, dash, y}; `of`: whose they are. The axis begins at 0 where `zero` says so.
export function curvePanel(stack, of, times, range, { title, label, unit, curves, zero }) {
  const { panel, readout } = panelOf(stack, title, title.split(" ")[0].toLowerCase());
  const bounds = (low, high) => {
    if (low === null || high === null) return [0, 1];
    const pad = (high - low) * 0.06 || Math.abs(high) * 0.02 || 1;
    return [zero ? 0 : low - pad, high + pad];
  };
  linePlot(panel, `${title.toLowerCase()} of ${of}`, {
    series: curves.map(({ name, colour, dash }) => ({ label: name, colour, dash, points: times.length < 60 ? dots(colour, 4) : {} })),
    data: [times, ...curves.map(({ y }) => y)], range, gutter, describe: `${title} of ${of}`,
    x: { label: "time (ms)" }, y: { label, range: (_, low, high) => bounds(low, high) }, height: () => 190,
    readout: (k) => {
      readout.textContent = k === null ? "" : `${milliseconds(times[k])}: ${curves.map(({ name, y }) =>
        `${curves.length > 1 ? `${name} ` : ""}${y[k] === null ? "\u2013" : `${number(y[k], 4)} ${unit}`}`).join(", ")}`;
    },
  });
  if (curves.length > 1) panel.append(el("div", { class: "legend runs" }, curves.map(({ name, colour, dash }) => el("span", { class: "key" }, lineKey(colour, dash), name))));
  zoomByKeys(panel, `${title} of ${of}`, range);
}
