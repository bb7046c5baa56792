// Reads the data of the page, and reads it strictly: a key of the wrong type is an error with its path, because
// JavaScript would otherwise draw `undefined` without a word.
import { DataError } from "./errors.js";

const KINDS = {
  number: ["a number", (v) => typeof v === "number" && Number.isFinite(v)],
  count: ["a number, 0 or more", (v) => typeof v === "number" && v >= 0],
  text: ["text", (v) => typeof v === "string"],
  array: ["an array", Array.isArray],
  object: ["an object", (v) => typeof v === "object" && v !== null && !Array.isArray(v)],
  boolean: ["true or false", (v) => typeof v === "boolean"],
};

function found(value) {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "string" ? "text" : `a value of type ${typeof value}`;
}

/// object[key], which must be of the kind; "number?" also accepts null (but not absence).
export function get(object, key, kind, where) {
  if (!KINDS.object[1](object)) throw new DataError(`${where}: expected an object, found ${found(object)}`);
  const value = object[key];
  if (kind.endsWith("?") && value === null) return null;
  const [name, holds] = KINDS[kind.replace("?", "")];
  if (!holds(value)) throw new DataError(`${where}.${key}: expected ${name}, found ${found(value)}`);
  return value;
}

/// Several at once: fields(object, where, {name: "text", size: "count"}).
export function fields(object, where, kinds) {
  return Object.fromEntries(Object.entries(kinds).map(([key, kind]) => [key, get(object, key, kind, where)]));
}

/// An array of finite numbers, or nulls.
export function numbers(object, key, where) {
  const values = get(object, key, "array", where);
  const wrong = values.findIndex((v) => v !== null && typeof v !== "number");
  if (wrong >= 0) throw new DataError(`${where}.${key}[${wrong}]: expected a number, found ${found(values[wrong])}`);
  return values;
}

/// Columns of one table.
export function expectAsMany(where, first, ...others) {
  if (others.some(({ length }) => length !== first.length)) throw new DataError(`${where}: not as many of one as of the other`);
}

function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < out.length; ++i) out[i] = binary.charCodeAt(i);
  return out;
}

/// Packed numbers. All processors that browsers run on are little-endian, as the data is.
export function unpack(object, key, where) {
  const text = get(object, key, "text", where);
  const Type = { u16: Uint16Array, u32: Uint32Array, f32: Float32Array }[key.slice(-3)];
  let raw;
  try { raw = bytes(text); } catch { throw new DataError(`${where}.${key}: not base64`); }
  if (raw.length % Type.BYTES_PER_ELEMENT !== 0) {
    throw new DataError(`${where}.${key}: ${raw.length} bytes are no whole number of ${key.slice(-3)} values`);
  }
  return new Type(raw.buffer, raw.byteOffset, raw.length / Type.BYTES_PER_ELEMENT);
}

/// A histogram {start, width, counts}, or null where there is nothing to count.
export function histogram(object, where) {
  const raw = get(object, "histogram", "object?", where);
  if (!raw) return null;
  const { start, width } = fields(raw, `${where}.histogram`, { start: "number?", width: "number?" });
  const counts = numbers(raw, "counts", `${where}.histogram`);
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (start === null || width === null || total === 0) return null;
  return { start, width, counts, total, stop: start + width * counts.length };
}

/// The runs of the page: {name, index, where, run, statistics, ...} as they came, unchecked below the first level.
export function readRuns(text) {
  // Seeds go up to 2^64 - 1, beyond what a JavaScript number holds: they are kept as text.
  const exact = text.replace(/"(seed|network_seed)"(\s*:\s*)(\d{16,})/g, '"$1"$2"$3"');
  const data = JSON.parse(exact);
  const format = get(data, "format", "number", "data");
  if (format !== 1) throw new DataError(`data.format: this page reads 1, found ${format}`);
  const runs = get(data, "runs", "array", "data");
  if (runs.length === 0) throw new DataError("data.runs: expected at least one run");
  return runs.map((run, index) => ({
    ...(KINDS.object[1](run) ? run : {}),
    name: typeof run?.name === "string" ? run.name : `run ${index + 1}`,
    index,
    where: `runs[${index}]`,
  }));
}
