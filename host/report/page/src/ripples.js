// The ripples that a memory took from a run, as its raster shows them.
import { expectAsMany, fields, get, numbers, unpack } from "./data.js";
import { integer, milliseconds, number, plural } from "./format.js";

/// {list: of {population, from, to, burst, outcome, item}, caption}; null where there are none.
export function readRipples(run) {
  if ((run.memory ?? null) === null) return null;
  const where = `${run.where}.memory.ripples`;
  const raw = get(run.memory, "ripples", "object", `${run.where}.memory`);
  const { total, shown } = fields(raw, where, { total: "count", shown: "count" });
  if (total === 0) return null;
  const outcomes = get(raw, "outcomes", "array", where);
  const list = get(raw, "populations", "array", where).flatMap((one, k) => {
    const at = `${where}.populations[${k}]`;
    const population = get(one, "name", "text", at);
    const [from, to, outcome, item] = ["begin_ms", "end_ms", "outcome", "item"].map((key) => numbers(one, key, at));
    const burst = unpack(one, "burst_f32", at);
    expectAsMany(at, from, to, outcome, item, burst);
    return from.map((_, i) => ({ population, from: from[i], to: to[i], burst: burst[i], outcome: outcomes[outcome[i]], item: item[i] }));
  });
  return { list, caption: `Shaded: ${shown < total ? `${integer(shown)} of ` : ""}${plural(total, "ripple")}.` };
}

/// Of those in the view, in a box of this size: {left, right, top, bottom}, whole pixels, each at least one wide.
export function areasOf(ripples, layout, view, { width, height }) {
  const within = (value, most) => Math.round(Math.min(Math.max(value, 0), 1) * most);
  const x = (t) => within((t - view.start) / (view.stop - view.start), width);
  const y = (place) => within((place - view.top) / (view.bottom - view.top), height);
  const bands = new Map(layout.bands.map((band) => [band.population.name, band]));
  return ripples.list.flatMap(({ population, from, to }) => {
    const band = bands.get(population);
    if (!band || to < view.start || from > view.stop || y(band.bottom) === y(band.top)) return [];
    const left = Math.min(x(from), width - 1);
    return [{ left, right: Math.max(x(to), left + 1), top: y(band.top), bottom: y(band.bottom) }];
  });
}

/// What is known of the one at this time, to `near` ms; "" where there is none.
export function rippleAt(ripples, population, time, near) {
  const ripple = ripples?.list.find((r) => r.population === population && time >= r.from - near && time <= r.to + near);
  if (!ripple) return "";
  const { from, to, burst, outcome, item } = ripple;
  return `; ripple from ${milliseconds(from)} to ${milliseconds(to)}, burst ${number(burst)}, ${outcome}${item > 0 ? ` item ${integer(item)}` : ""}`;
}
