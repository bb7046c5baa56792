// What the service sends, taken with care: a key that is missing, null (a number that is none) or of another type is
// no value, and costs no more than the place where it would have stood.

export function finite(value) { return typeof value === "number" && Number.isFinite(value) ? value : null; }
export function list(value) { return Array.isArray(value) ? value : []; }
export function text(value) { return typeof value === "string" ? value : ""; }
export function object(value) { return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {}; }

/// Populations as of the event `network`, with the row in which each begins. Those that are damaged are left out; so are
/// more than the raster has rows.
export function populationsOf(network) {
  let row = 0;
  const known = new Set();
  const populations = [];
  for (const raw of list(network?.populations).slice(0, MOST_ROWS)) {
    const { name, size, rows } = object(raw);
    const height = Math.min(Math.max(0, Math.trunc(finite(rows) ?? 0)), MOST_ROWS - row);
    if (text(name) !== "" && !known.has(name)) populations.push({ name, size: finite(size) ?? 0, rows: height, first_row: row });
    known.add(name);
    row += height;
  }
  return populations;
}

export const MOST_ROWS = 256;
