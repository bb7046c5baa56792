// The raster: new columns are painted into an image that is used as a ring, a pixel for each row of each column, and the
// image is put on the screen in two pieces, older and newer.
import { el, onWidth, paragraph } from "../../../report/page/src/dom.js";
import { integer, milliseconds, plural } from "../../../report/page/src/format.js";
import { gutter, GUTTER, MARGIN_RIGHT } from "../../../report/page/src/raster.js";
import { layOut, rowAt } from "../../../report/page/src/raster_data.js";
import { paintAxes, paintNames } from "../../../report/page/src/raster_paint.js";
import { channels, colour, populationVariable, themeChanged } from "../../../report/page/src/theme.js";
import { MOST_ROWS } from "./values.js";

const BOTTOM = 44;
const TOP = 6;

export class RasterPanel {
  #width = 0;
  #height = 0;
  #image = el("canvas"); // [row][column % capacity]
  #painted = 0; // columns before this one are in the image
  #layout = { bands: [] };

  /// @param resized  called with the width of the plot, in px.
  constructor(host, { activity, populations, frames }, resized) {
    this.activity = activity;
    this.populations = populations;
    this.canvas = el("canvas", { class: "raster", role: "img", "aria-label": "Spikes: no run yet" });
    this.readout = el("output", { class: "readout" });
    this.caption = paragraph("fine", "");
    const frame = el("div", { class: "canvas-frame" }, this.canvas);
    host.append(el("div", { class: "panel" }, el("h3", { class: "panel-title" }, "Raster", this.readout), frame, this.caption));
    const touch = frames.add("raster", this.canvas, () => this.#draw(), { pausable: true });
    const anew = () => { this.#painted = 0; this.#relayout(); touch(); };
    activity.begun.subscribe(anew);
    themeChanged.subscribe(anew);
    activity.changed.subscribe(touch);
    populations.changed.subscribe(anew);
    onWidth(frame, (width) => {
      this.#width = width;
      this.#height = Math.round(Math.max(280, Math.min(520, width * 0.42)));
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${this.#height}px` });
      resized(this.#box().width);
      touch();
    });
    this.canvas.addEventListener("pointermove", (event) => this.#say(event));
    this.canvas.addEventListener("pointerleave", () => { this.readout.textContent = ""; });
  }

  #relayout() {
    const { populations, rows } = this.activity;
    this.#layout = layOut({ populations, rowCount: rows }, (name) => this.populations.isShown(name));
    const neurons = populations.reduce((sum, p) => sum + p.size, 0);
    this.caption.textContent = populations.length === 0 ? "No run yet."
      : `${plural(neurons, "neuron")} in ${plural(rows, "row")}: a dot is a row and ${milliseconds(this.activity.columnMs)} in which a neuron fired. Hatched: not received.`;
    this.canvas.setAttribute("aria-label", populations.length === 0 ? "Spikes: no run yet"
      : `Spikes of ${plural(populations.length, "population")}, of the last ${milliseconds(this.activity.capacity * this.activity.columnMs)}`);
  }

  #box() {
    const left = gutter(this.#width);
    return { left, top: TOP, width: Math.max(10, this.#width - left - MARGIN_RIGHT), height: this.#height - TOP - BOTTOM, right: MARGIN_RIGHT, labelled: left === GUTTER };
  }

  #draw() {
    if (this.#width === 0) return;
    const spikes = this.#paintColumns();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { canvas, activity } = this;
    const [width, height] = [Math.round(this.#width * ratio), Math.round(this.#height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    const box = this.#box();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#paintBands(context, box, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const view = { ...activity.view, top: 0, bottom: 1 };
    paintNames(context, this.#layout, view, box, (name) => this.populations.index(name));
    paintAxes(context, view, box, this.#height);
    Object.assign(canvas.dataset, { spikes, end: activity.end, startMs: view.start, stopMs: view.stop });
  }

  /// Puts the columns that are new into the image; returns how many spikes they have.
  #paintColumns() {
    const { activity } = this;
    if (this.#image.width !== activity.capacity || this.#image.height !== MOST_ROWS) {
      Object.assign(this.#image, { width: activity.capacity, height: MOST_ROWS });
      this.#painted = 0;
    }
    const context = this.#image.getContext("2d");
    if (this.#painted > activity.end) this.#painted = 0;
    let column = Math.max(this.#painted, activity.begin);
    let spikes = 0;
    const tones = this.#tones();
    while (column < activity.end) {
      const x = column % activity.capacity;
      const n = Math.min(activity.end - column, activity.capacity - x);
      spikes += this.#paintPiece(context, column, x, n, tones);
      column += n;
    }
    this.#painted = activity.end;
    return spikes;
  }

  #paintPiece(context, column, x, n, tones) {
    const { activity } = this;
    const image = context.createImageData(n, MOST_ROWS);
    const words = new Uint32Array(image.data.buffer);
    let spikes = 0;
    for (let k = 0; k < n; ++k) {
      const isKnown = activity.isKnown(column + k);
      for (let row = 0; row < activity.rows; ++row) {
        const at = row * n + k;
        if (!isKnown) words[at] = (row + column + k) % 8 === 0 ? tones.missing : 0;
        else if (activity.fired(column + k, row)) { words[at] = tones.rows[row]; ++spikes; }
      }
    }
    context.putImageData(image, x, 0);
    return spikes;
  }

  #tones() {
    const word = (name) => { const [red, green, blue] = channels(name); return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0; };
    const rows = new Uint32Array(MOST_ROWS);
    for (const { name, first_row: first, rows: n } of this.activity.populations) {
      rows.fill(word(populationVariable(this.populations.index(name))), first, first + n);
    }
    return { rows, missing: word("line") };
  }

  #paintBands(context, box, ratio) {
    const { begin, end, capacity } = this.activity;
    const [left, top] = [Math.round(box.left * ratio), Math.round(box.top * ratio)];
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    context.fillStyle = colour("plot");
    context.fillRect(left, top, width, height);
    const xOf = (column) => left + Math.round(((column - (end - capacity)) / capacity) * width);
    // The image is a ring: what lies behind its right edge goes on at its left.
    const seam = Math.ceil((begin + 1) / capacity) * capacity;
    const pieces = [[begin, Math.min(seam, end)], [Math.min(seam, end), end]].filter(([from, to]) => to > from);
    for (const band of this.#layout.bands) {
      const { first_row: row, rows } = band.population;
      const [from, to] = [top + Math.round(band.top * height), top + Math.round(band.bottom * height)];
      context.imageSmoothingEnabled = to - from < rows || width < capacity; // else a row could vanish
      for (const [first, last] of pieces) {
        context.drawImage(this.#image, first % capacity, row, last - first, rows, xOf(first), from, xOf(last) - xOf(first), to - from);
      }
    }
  }

  #say(event) {
    const box = this.#box();
    const { left, top } = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - left - box.left) / box.width, (event.clientY - top - box.top) / box.height];
    const band = this.#layout.bands.find((b) => y >= b.top && y <= b.bottom);
    if (!band || x < 0 || x > 1) { this.readout.textContent = ""; return; }
    const { start, stop } = this.activity.view;
    const { name, size, rows } = band.population;
    const row = Math.min(rowAt({ ...band, firstRow: band.top, rowHeight: (band.bottom - band.top) / rows }, y), rows - 1);
    const [first, end] = [Math.ceil((row * size) / rows), Math.ceil(((row + 1) * size) / rows)];
    const neurons = end - first > 1 ? `neurons ${integer(first)} to ${integer(end - 1)}` : `neuron ${integer(first)}`;
    this.readout.textContent = `${name}, ${neurons}, ${milliseconds(Math.round(start + x * (stop - start)))}`;
  }
}
