// The raster of one run: a canvas that shows a part of time (shared by the page) and a part of the rows.
import { el, iconButton, onWidth, paragraph, Signal } from "./dom.js";
import { guard } from "./errors.js";
import { integer, milliseconds } from "./format.js";
import { layOut, readRaster, rowAt, thinning } from "./raster_data.js";
import { listen } from "./raster_input.js";
import { paintAxes, paintMissing, paintNames, paintSpikes } from "./raster_paint.js";
import { areasOf, readRipples, rippleAt } from "./ripples.js";
import { populationVariable, themeChanged } from "./theme.js";

export const GUTTER = 104; // px left of the plots with a time axis, so that they stand below each other
export const NARROW_GUTTER = 62;
export const MARGIN_RIGHT = 18; // half the last number of the axis
const BOTTOM = 44;
const TOP = 6;

export function gutter(width) { return width < 560 ? NARROW_GUTTER : GUTTER; }

/// The part of the rows that is seen, as places from 0 to 1.
class Rows {
  changed = new Signal();
  top = 0;
  bottom = 1;

  set(top, bottom) {
    const height = Math.min(1, Math.max(0.002, bottom - top));
    this.top = Math.max(0, Math.min(top, 1 - height));
    this.bottom = this.top + height;
    this.changed.emit();
  }
  zoom(factor) {
    const centre = (this.top + this.bottom) / 2;
    const half = ((this.bottom - this.top) / 2) * factor;
    this.set(centre - half, centre + half);
  }
  pan(fraction) {
    const by = (this.bottom - this.top) * fraction;
    this.set(this.top + by, this.bottom + by);
  }
  reset() { this.set(0, 1); }
}

export function drawRaster(host, run, page) {
  const raster = readRaster(run);
  const recorded = page.recordedTime(run) ?? [raster.start_ms, raster.stop_ms];
  const range = page.time;
  const rows = new Rows();
  const canvas = el("canvas", {
    class: "raster", tabindex: "0", role: "application", "aria-roledescription": "raster plot",
    "aria-label": `Spikes of ${run.name}: neurons over time. Plus and minus zoom, arrows move, 0 resets, question mark for help.`,
  });
  const marquee = el("div", { class: "marquee", hidden: true });
  const readout = el("output", { class: "readout" });
  host.append(toolbar(range, rows, recorded, raster, readout), el("div", { class: "canvas-frame" }, canvas, marquee),
    paragraph("fine", `${thinning(raster, recorded)} Drag to zoom, double click to reset; ? for more.`));
  if (raster.steps.length === 0) host.append(paragraph("empty", "No spikes were recorded in the time shown."));

  const ripples = guard(`ripples of ${run.name}`, host, () => readRipples(run));
  if (ripples) host.append(paragraph("fine", ripples.caption));

  const state = { raster, ripples, recorded, range, rows, canvas, page, width: 0, height: 0, layout: null };
  state.relayout = () => { state.layout = layOut(raster, (name) => page.populations.isShown(name)); };
  state.relayout();
  let asked = false;
  const draw = () => {
    if (asked || state.width === 0) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      guard(`raster of ${run.name}`, null, () => paint(state));
    });
  };
  onWidth(canvas.parentElement, (width) => {
    state.width = width;
    state.height = Math.round(Math.max(280, Math.min(560, width * 0.55)));
    // Whole pixels: a canvas that is stretched by a fraction of one is blurred.
    Object.assign(canvas.style, { width: `${width}px`, height: `${state.height}px` });
    guard(`raster of ${run.name}`, null, () => paint(state)); // at once: the page counts as drawn after this
  });
  for (const signal of [range.changed, rows.changed, themeChanged]) signal.subscribe(draw);
  page.populations.changed.subscribe(() => { state.relayout(); draw(); });
  listen({ canvas, marquee, range, rows, box: () => boxOf(state), hover: (x, y) => hover(state, readout, x, y) });
}

function toolbar(range, rows, recorded, raster, readout) {
  const whole = raster.stop_ms < recorded[1] || range.whole[1] > range.home[1];
  return el("div", { class: "toolbar", role: "toolbar", "aria-label": "Time shown" },
    iconButton("+", "Zoom in (+)", () => range.zoom(0.5)),
    iconButton("\u2212", "Zoom out (-)", () => range.zoom(2)),
    iconButton("\u2190", "Earlier (arrow left)", () => range.pan(-0.2)),
    iconButton("\u2192", "Later (arrow right)", () => range.pan(0.2)),
    iconButton("\u21ba", "Reset (0)", () => { rows.reset(); range.reset(); }),
    whole ? el("button", { type: "button", class: "text", on: { click: () => range.showAll() } }, "whole run") : null,
    readout);
}

function boxOf({ width, height }) {
  const left = gutter(width);
  return { left, top: TOP, width: Math.max(10, width - left - MARGIN_RIGHT), height: height - TOP - BOTTOM, right: MARGIN_RIGHT, labelled: left === GUTTER };
}

function paint(state) {
  const { canvas, raster, ripples, layout, range, rows, page, recorded, width, height } = state;
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  const box = boxOf(state);
  const view = { start: range.start, stop: range.stop, top: rows.top, bottom: rows.bottom };
  const inPixels = { left: Math.round(box.left * ratio), top: Math.round(box.top * ratio), width: Math.round(box.width * ratio), height: Math.round(box.height * ratio) };
  const colours = raster.populations.map((p) => populationVariable(page.populations.index(p.name)));
  const shaded = ripples ? areasOf(ripples, layout, view, inPixels) : [];
  const drawn = paintSpikes(context, raster, layout, view, inPixels, colours, shaded, ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  paintMissing(context, raster, view, box, recorded);
  paintNames(context, layout, view, box, (name) => page.populations.index(name));
  paintAxes(context, view, box, height);
  Object.assign(canvas.dataset, { points: drawn, startMs: view.start, stopMs: view.stop, top: view.top, bottom: view.bottom });
  if (ripples) canvas.dataset.ripples = shaded.length;
}

/// Says what is under the pointer.
function hover(state, readout, x, y) {
  const { layout, range, rows, ripples } = state;
  const box = boxOf(state);
  if (x === null) { readout.textContent = ""; return; }
  const perPixel = (range.stop - range.start) / box.width;
  const time = range.start + (x - box.left) * perPixel;
  const place = rows.top + ((y - box.top) / box.height) * (rows.bottom - rows.top);
  const band = layout.bands.find((b) => place >= b.top && place <= b.bottom);
  if (!band) { readout.textContent = ""; return; }
  const { population } = band;
  const neuron = rowAt(band, place) * population.stride;
  readout.textContent = `${population.name}, recorded neuron ${integer(neuron)}, ${milliseconds(time)}${rippleAt(ripples, population.name, time, perPixel)}`;
}
