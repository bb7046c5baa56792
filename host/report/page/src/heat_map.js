// Counts by two quantities, of which one is time: columns of an image that follows a TimeRange.
import { el, onWidth } from "./dom.js";
import { guard } from "./errors.js";
import { FONT } from "./raster_paint.js";
import { channels, colour, themeChanged } from "./theme.js";
import { ticks, tickTexts } from "./ticks.js";

const HEIGHT = 190;
const BOX = { right: 18, top: 8, bottom: 44 };

/// From the plot's background to the strongest colour, so that little is seen beside much.
function shades() {
  const [from, to] = [channels("plot"), channels("accent")];
  return (share) => (share === 0 ? null : `rgb(${from.map((v, k) => Math.round(v + (to[k] - v) * (0.12 + 0.88 * Math.sqrt(share)))).join(",")})`);
}

/// map: {ends: of the columns, start: of the first, edges: of the rows (ascending), marks: none or some of their values, shares: [column][row] in [0, 1]};
/// labels: {x, y, describe}; readout(column, row) or readout(null).
export function heatMap(host, what, { map, range, gutter, labels, readout }) {
  const canvas = el("canvas", { class: "heat", role: "img", "aria-label": labels.describe });
  const frame = el("div", { class: "canvas-frame" }, canvas);
  host.append(frame);
  let width = 0;
  const place = () => {
    const left = gutter(width);
    const inner = { left, right: width - BOX.right, top: BOX.top, bottom: HEIGHT - BOX.bottom };
    const [low, high] = [map.edges[0], map.edges.at(-1)];
    return { ...inner,
      x: (t) => inner.left + ((t - range.start) / (range.stop - range.start)) * (inner.right - inner.left),
      y: (w) => inner.bottom - ((w - low) / (high - low)) * (inner.bottom - inner.top) };
  };
  const draw = () => guard(what, host, () => { canvas.dataset.points = paint(canvas, width, place(), map, range, labels); });
  onWidth(frame, (now) => { width = now; draw(); });
  themeChanged.subscribe(() => { if (width > 0) draw(); });
  range.changed.subscribe(() => { if (width > 0) requestAnimationFrame(draw); });
  canvas.addEventListener("pointermove", (event) => {
    const { x, y } = place();
    const box = canvas.getBoundingClientRect();
    const column = map.ends.findIndex((end) => x(end) >= event.clientX - box.left);
    const row = map.edges.findLastIndex((edge) => y(edge) >= event.clientY - box.top);
    readout(column >= 0 && x(map.start) <= event.clientX - box.left && row >= 0 && row + 1 < map.edges.length ? column : null, row);
  });
  canvas.addEventListener("pointerleave", () => readout(null));
}

/// Returns how many cells are not empty.
function paint(canvas, width, place, map, range, labels) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${HEIGHT}px` });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = colour("plot");
  context.fillRect(place.left, place.top, place.right - place.left, place.bottom - place.top);
  const cells = paintCells(context, place, map, range);
  paintMarks(context, place, map.marks ?? []);
  paintAxes(context, place, map, range, labels);
  return cells;
}

function paintCells(context, { left, right, top, bottom, x, y }, map, range) {
  const shade = shades();
  let cells = 0;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  map.shares.forEach((column, k) => {
    const from = k === 0 ? map.start : map.ends[k - 1];
    if (map.ends[k] <= range.start || from >= range.stop) return;
    column.forEach((share, row) => {
      if (share === 0) return;
      ++cells;
      context.fillStyle = shade(share);
      // Whole pixels, without a seam between neighbours.
      const [x0, x1] = [Math.round(x(from)), Math.round(x(map.ends[k]))];
      const [y0, y1] = [Math.round(y(map.edges[row + 1])), Math.round(y(map.edges[row]))];
      context.fillRect(x0, y0, Math.max(1, x1 - x0), Math.max(1, y1 - y0));
    });
  });
  context.restore();
  return cells;
}

function paintMarks(context, { left, right, y }, marks) {
  context.fillStyle = colour("ink2");
  for (const mark of marks) for (let x = left; x < right; x += 8) context.fillRect(x, Math.round(y(mark)), Math.min(4, right - x), 1);
}

function paintAxes(context, { left, right, top, bottom, x, y }, map, range, labels) {
  context.strokeStyle = colour("line");
  context.strokeRect(left - 0.5, top - 0.5, right - left + 1, bottom - top + 1);
  context.font = FONT;
  context.fillStyle = colour("faint");
  context.textAlign = "center";
  const across = ticks(range.start, range.stop, (right - left) / 80);
  tickTexts(across).forEach((text, k) => context.fillText(text, x(across[k]), bottom + 16));
  context.textAlign = "right";
  const up = ticks(map.edges[0], map.edges.at(-1), 4);
  tickTexts(up).forEach((text, k) => context.fillText(text, left - 6, y(up[k]) + 4));
  context.textAlign = "center";
  context.fillText(labels.x, (left + right) / 2, bottom + 36);
  context.save();
  context.translate(12, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(labels.y, 0, 0);
  context.restore();
}
