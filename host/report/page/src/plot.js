// Line plots: uPlot with the page's colours, which is built anew when they change.
import uPlot from "uplot";
import { onWidth } from "./dom.js";
import { guard } from "./errors.js";
import { superscript } from "./format.js";
import { FONT } from "./raster_paint.js";
import { colour, themeChanged } from "./theme.js";
import { tickTexts } from "./ticks.js";

function isPowerOfTen(v) { return Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6; }
function leadingDigit(v) { return Math.round(v / 10 ** Math.floor(Math.log10(v) + 1e-6)); }

/// Numbers at 1, 2 and 5 where there is room for them, else at powers of ten. `values` are uPlot's, 1 to 9 times each power.
function logTexts(u, values, axisIndex) {
  const side = axisIndex === 0 ? u.bbox.width : u.bbox.height;
  const { min, max } = u.scales[axisIndex === 0 ? "x" : "y"];
  const decade = side / (window.devicePixelRatio || 1) / Math.log10(max / min);
  const all = decade > (axisIndex === 0 ? 110 : 75);
  return values.map((v) => {
    if (v === null || !(isPowerOfTen(v) || (all && [2, 5].includes(leadingDigit(v))))) return "";
    const power = Math.log10(v);
    return power > -3.1 && power < 4 ? String(+v.toPrecision(1)) : isPowerOfTen(v) ? `10${superscript(Math.round(power))}` : "";
  });
}

/// Grid lines at powers of ten alone: nine to a decade are more line than picture.
function decades(_, values) { return values.map((v) => (isPowerOfTen(v) ? v : null)); }

function axis(options, side) {
  const { log, size } = options;
  const bare = options.bare?.() ?? false; // no numbers: the axis of the plot below counts
  const label = bare ? "" : options.label;
  return {
    label: label || undefined, labelSize: label ? 20 : 0, labelFont: FONT, labelGap: 0, font: FONT,
    stroke: () => colour("faint"), gap: 4, size: bare ? 6 : size ?? (side === 0 ? 28 : 40),
    grid: { stroke: () => colour("grid"), width: 1, ...(log ? { filter: decades } : {}) },
    ticks: { stroke: () => colour("line"), width: 1, size: 4 },
    border: { show: true, stroke: () => colour("line"), width: 1 },
    space: options.space ?? (side === 0 ? 80 : 34),
    ...(log ? { filter: (_, values) => values } : {}),
    values: bare ? (_, values) => values.map(() => "") : log ? logTexts : (_, values) => tickTexts(values.filter((v) => v !== null)),
  };
}

/// options: {series: [{label, colour (a CSS variable), dash, fill, width, show}], data, x, y: {label, log, range, ...},
/// bands: [{series: [upper, lower], colour}] to be filled between two series (from 1), height(width), gutter(width), hooks, cursor, range: a TimeRange to follow and to set, refine(): data for the range as it is
/// now, or null if they need not change, readout(index or null)}.
/// Returns {rebuild(), element}.
export function linePlot(host, what, options) {
  let plot = null;
  let width = 0;
  const inside = document.createElement("div");
  inside.className = "plot";
  host.append(inside);

  const build = () => guard(what, host, () => {
    plot?.destroy();
    plot = new uPlot(settings(options, width), options.data, inside);
    inside.dataset.points = countPoints(options);
    const canvas = inside.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", options.describe);
  });
  onWidth(inside, (now) => { width = now; build(); });
  themeChanged.subscribe(() => { if (plot) build(); });
  if (options.range) {
    let asked = false;
    options.range.changed.subscribe(() => {
      if (asked || !plot) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        const finer = options.refine?.();
        if (finer) {
          options.data = finer;
          plot.setData(finer, false);
          inside.dataset.points = countPoints(options);
        }
        plot.setScale("x", { min: options.range.start, max: options.range.stop });
      });
    });
  }
  return {
    rebuild: () => { if (plot) build(); },
    element: inside,
  };
}

function countPoints({ data, series }) {
  let points = 0;
  series.forEach((one, i) => {
    if (one.show !== false) for (const y of data[i + 1]) if (Number.isFinite(y)) ++points;
  });
  return points;
}

/// What uPlot is to be told for `options`, as of linePlot.
export function settings(options, width) {
  const { series, x, y, range } = options;
  const gutter = options.gutter?.(width);
  const hooks = { ...options.hooks };
  if (range) {
    hooks.setSelect = [(u) => {
      if (u.select.width < 5) return;
      range.set(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
      u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    }];
  }
  if (options.readout) hooks.setCursor = [(u) => options.readout(u.cursor.left >= 0 ? u.cursor.idx : null)];
  return {
    width, height: options.height(width), legend: { show: false },
    padding: [8, 18, 0, gutter === undefined ? 4 : 0],
    cursor: {
      y: false, points: { size: 6 }, drag: { x: Boolean(range), y: false, setScale: false },
      bind: { dblclick: () => () => { range?.reset(); return null; } }, ...options.cursor,
    },
    scales: {
      x: { time: false, distr: x.log ? 3 : 1, range: range ? () => [range.start, range.stop] : x.range },
      y: { distr: y.log ? 3 : 1, range: y.range },
    },
    axes: [axis(x, 0), axis({ ...y, size: gutter === undefined ? y.size : gutter - (y.label ? 20 : 0) }, 1)],
    series: [{}, ...series.map((one) => ({
      label: one.label, show: one.show !== false, width: one.width ?? 1.4, dash: one.dash?.length ? one.dash : undefined,
      stroke: () => colour(one.colour), fill: one.fill ? () => `${colour(one.colour)}26` : undefined,
      points: { show: false, ...one.points }, spanGaps: false, paths: one.paths,
    }))],
    bands: options.bands?.map(({ series: pair, colour: name }) => ({ series: pair, fill: () => `${colour(name)}26` })),
    hooks,
  };
}
