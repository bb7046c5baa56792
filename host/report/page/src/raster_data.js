// The spikes of one run's raster, checked and ready to draw.
import { fields, get, unpack } from "./data.js";
import { DataError } from "./errors.js";
import { ordinal, milliseconds } from "./format.js";

const LEAST_SHARE = 0.035; // of the height, that even the smallest population gets
const MOST_MARGIN = 0.006; // of the height, above and below the rows of a population

export function readRaster(run) {
  const where = `${run.where}.raster`;
  const raw = get(run, "raster", "object", run.where);
  const raster = fields(raw, where, { start_ms: "number", stop_ms: "number", dt_ms: "number" });
  raster.populations = get(raw, "populations", "array", where).map((population, i) =>
    fields(population, `${where}.populations[${i}]`,
      { name: "text", size: "count", recorded: "count", stride: "count", rows: "count", first_row: "count", shown: "count", spikes: "count" }));
  raster.steps = unpack(raw, "steps_u32", where);
  raster.rows = unpack(raw, "rows_u32", where);
  raster.rowCount = raster.populations.reduce((most, p) => Math.max(most, p.first_row + p.rows), 0);
  checkSpikes(raster, where);
  raster.populationOfRow = new Uint16Array(raster.rowCount);
  raster.populations.forEach((p, i) => raster.populationOfRow.fill(i, p.first_row, p.first_row + p.rows));
  return raster;
}

function checkSpikes({ steps, rows, rowCount }, where) {
  if (steps.length !== rows.length) {
    throw new DataError(`${where}: ${steps.length} times of spikes, but ${rows.length} rows`);
  }
  for (let i = 0; i < steps.length; ++i) {
    if (rows[i] >= rowCount) throw new DataError(`${where}.rows_u32[${i}]: row ${rows[i]}, but there are ${rowCount}`);
    if (i > 0 && steps[i] < steps[i - 1]) throw new DataError(`${where}.steps_u32[${i}]: earlier than the spike before`);
  }
}

export function timeOf(raster, i) { return raster.start_ms + raster.steps[i] * raster.dt_ms; }

/// First spike at `time` or later (`after`: later than it).
function bound(raster, time, after) {
  let low = 0;
  let high = raster.steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const t = timeOf(raster, middle);
    if (t < time || (after && t === time)) low = middle + 1; else high = middle;
  }
  return low;
}

/// [first, end) of the spikes from start to stop, both included.
export function spikesWithin(raster, start, stop) {
  return [bound(raster, start, false), bound(raster, stop, true)];
}

/// Where the shown populations lie: bands from 0 (top) to 1, in proportion to their rows; and the place of each
/// row, -1 if it is hidden.
export function layOut(raster, isShown) {
  const shown = raster.populations.filter((p) => isShown(p.name) && p.rows > 0);
  const total = shown.reduce((sum, p) => sum + p.rows, 0);
  const heights = shown.map((p) => Math.max(p.rows / total, Math.min(LEAST_SHARE, 1 / shown.length)));
  const scale = 1 / heights.reduce((sum, h) => sum + h, 0);
  const places = new Float32Array(raster.rowCount).fill(-1);
  let top = 0;
  const bands = shown.map((population, k) => {
    const height = heights[k] * scale;
    const margin = Math.min(0.03 * height, MOST_MARGIN);
    const band = { population, top, bottom: top + height, firstRow: top + margin, rowHeight: (height - 2 * margin) / population.rows };
    for (let row = 0; row < population.rows; ++row) places[population.first_row + row] = band.firstRow + band.rowHeight * (row + 0.5);
    top += height;
    return band;
  });
  return { bands, places };
}

/// The row of the band's population that is nearest to a place.
export function rowAt({ population, firstRow, rowHeight }, place) {
  return Math.min(Math.max(Math.floor((place - firstRow) / rowHeight), 0), population.rows - 1);
}

/// What the raster leaves out, in words; empty if nothing.
export function thinning(raster, recorded) {
  const said = [];
  const strides = new Map();
  for (const p of raster.populations) {
    if (p.stride > 1) strides.set(p.stride, [...(strides.get(p.stride) ?? []), p.name]);
  }
  const all = strides.size === 1 && [...strides.values()][0].length === raster.populations.length;
  for (const [stride, names] of strides) {
    said.push(`every ${ordinal(stride)} neuron${all ? "" : ` of ${names.join(", ")}`}`);
  }
  if (recorded && raster.stop_ms < recorded[1] - 1e-9) {
    said.push(`the first ${milliseconds(raster.stop_ms - recorded[0])} of ${milliseconds(recorded[1] - recorded[0])}`);
  }
  const slices = raster.populations.filter((p) => p.recorded < p.size).map((p) => p.name);
  const text = said.length ? `Shows ${said.join("; ")}.` : "Shows every recorded spike.";
  return slices.length ? `${text} Recorded was only a part of ${slices.join(", ")}.` : text;
}
