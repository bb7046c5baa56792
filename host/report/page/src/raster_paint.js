// Paints a raster: the dots into pixels, because a quarter of a million rectangles would take a second, and
// then axes and names with the canvas's own text.
import { spikesWithin } from "./raster_data.js";
import { channels, colour, populationVariable } from "./theme.js";
import { ticks, tickTexts } from "./ticks.js";

export const FONT = '12px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const BOLD = `600 ${FONT}`;
const STRIPE = 4; // px
const EDGE = 3; // px

/// Side of a dot in device pixels: small where many would cover each other, never above the height of a row.
function dotSize(spikes, width, height, ratio) {
  const room = Math.sqrt((width * height) / Math.max(1, spikes)) * 0.52;
  return Math.max(1, Math.min(Math.round(3 * ratio), Math.round(room)));
}

function fill(words, width, { left, right, top, bottom }, [red, green, blue]) {
  const word = (255 << 24) | (blue << 16) | (green << 8) | red;
  for (let y = top; y < bottom; ++y) words.fill(word, y * width + left, y * width + right);
}

/// Draws the spikes of the view into the box (device pixels); returns how many. The areas `shaded` lie below them, each
/// with an edge above them, which is seen where spikes are dense.
export function paintSpikes(context, raster, layout, view, box, colours, shaded, ratio) {
  const { width, height } = box;
  const image = context.createImageData(width, height);
  const pixels = image.data;
  const words = new Uint32Array(pixels.buffer);
  fill(words, width, { left: 0, right: width, top: 0, bottom: height }, channels("plot"));
  const [below, above] = [channels("ripple"), channels("ink2")];
  for (const area of shaded) fill(words, width, area, below);
  const [first, end] = spikesWithin(raster, view.start, view.stop);
  const size = dotSize((end - first) / (view.bottom - view.top), width, height, ratio);
  const alpha = size > 1 ? 1 : 0.85;
  const tones = colours.map(channels);
  const perMs = width / (view.stop - view.start);
  const perPlace = height / (view.bottom - view.top);
  let drawn = 0;
  for (let i = first; i < end; ++i) {
    const row = raster.rows[i];
    const place = layout.places[row];
    if (place < view.top || place > view.bottom) continue; // also hidden rows, at -1
    ++drawn;
    const x = Math.round((raster.start_ms + raster.steps[i] * raster.dt_ms - view.start) * perMs - size / 2);
    const y = Math.round((place - view.top) * perPlace - size / 2);
    const tone = tones[raster.populationOfRow[row]];
    for (let py = Math.max(0, y); py < Math.min(height, y + size); ++py) {
      for (let px = Math.max(0, x); px < Math.min(width, x + size); ++px) {
        const at = 4 * (py * width + px);
        pixels[at] += (tone[0] - pixels[at]) * alpha;
        pixels[at + 1] += (tone[1] - pixels[at + 1]) * alpha;
        pixels[at + 2] += (tone[2] - pixels[at + 2]) * alpha;
      }
    }
  }
  for (const area of shaded) fill(words, width, { ...area, bottom: Math.min(area.bottom, area.top + Math.round(EDGE * ratio)) }, above);
  context.putImageData(image, box.left, box.top);
  return drawn;
}

/// Names of the populations left of their bands, and a stripe of their colour; a name that would touch the one above is
/// left out. The names are in the colour of text: some colours of populations are too pale for it.
export function paintNames(context, layout, view, box, indexOf) {
  const perPlace = box.height / (view.bottom - view.top);
  const width = box.left - (box.labelled ? 38 : 14);
  let free = box.top - 6;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { population, top, bottom } of layout.bands) {
    const from = box.top + (Math.max(top, view.top) - view.top) * perPlace;
    const to = box.top + (Math.min(bottom, view.bottom) - view.top) * perPlace;
    if (!(to > from)) continue;
    if (top > view.top) {
      context.fillStyle = colour("line");
      context.fillRect(box.left, Math.round(from), box.width, 1);
    }
    context.fillStyle = colour(populationVariable(indexOf(population.name)));
    context.fillRect(box.left - STRIPE, Math.round(from) + 1, STRIPE, Math.max(1, Math.round(to) - Math.round(from) - 1));
    const y = (from + to) / 2;
    if (y - 6 < free) continue;
    free = y + 6;
    context.font = BOLD;
    context.fillStyle = colour("ink");
    context.fillText(shorten(context, population.name, width), box.left - STRIPE - 6, y);
  }
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  while (text.length > 1 && context.measureText(`${text}\u2026`).width > width) text = text.slice(0, -1);
  return `${text}\u2026`;
}

export function paintAxes(context, view, box, bottomOfCanvas) {
  context.strokeStyle = colour("line");
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  context.font = FONT;
  context.textBaseline = "top";
  context.textAlign = "center";
  const values = ticks(view.start, view.stop, Math.max(2, box.width / 90));
  const texts = tickTexts(values);
  const y = box.top + box.height;
  values.forEach((value, k) => {
    const x = box.left + ((value - view.start) / (view.stop - view.start)) * box.width;
    context.fillStyle = colour("line");
    context.fillRect(Math.round(x), y, 1, 5);
    context.fillStyle = colour("faint");
    const half = context.measureText(texts[k]).width / 2;
    context.fillText(texts[k], Math.min(x, box.left + box.width + box.right - half), y + 7);
  });
  context.fillStyle = colour("ink2");
  context.textBaseline = "bottom";
  context.fillText("time (ms)", box.left + box.width / 2, bottomOfCanvas - 1);
  if (!box.labelled) return;
  context.save();
  context.translate(12, box.top + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "middle";
  context.fillText("neuron, by population", 0, 0);
  context.restore();
}

/// Hatches the time of which there are no spikes here, so that it does not look silent.
export function paintMissing(context, raster, view, box, recorded) {
  for (const [from, to, text] of [
    [view.start, recorded[0], "not recorded"], [recorded[0], raster.start_ms, "not on this page"],
    [raster.stop_ms, recorded[1], "not on this page"], [recorded[1], view.stop, "not recorded"],
  ]) {
    const toX = (t) => box.left + ((Math.min(Math.max(t, view.start), view.stop) - view.start) / (view.stop - view.start)) * box.width;
    const [left, right] = [toX(from), toX(to)];
    if (!(right - left > 1)) continue;
    context.save();
    context.beginPath();
    context.rect(left, box.top, right - left, box.height);
    context.clip();
    context.strokeStyle = colour("line");
    context.beginPath();
    for (let x = left - box.height; x < right; x += 10) {
      context.moveTo(x, box.top + box.height);
      context.lineTo(x + box.height, box.top);
    }
    context.stroke();
    context.restore();
    context.fillStyle = colour("faint");
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (right - left > 130) context.fillText(text, (left + right) / 2, box.top + box.height / 2);
  }
}
