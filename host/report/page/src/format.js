// Numbers as a reader wants them, and the absent ones as a dash that says why.
import { el } from "./dom.js";

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

export function superscript(n) {
  return String(n).replace("-", "\u207b").replace(/\d/g, (d) => SUPERSCRIPT[d]);
}

export function integer(n) { return GROUPED.format(n); }

/// To `digits` significant digits; thousands are grouped, extremes as powers of ten.
export function number(x, digits = 3) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e7 || size < 1e-4) {
    const power = Math.floor(Math.log10(size));
    const factor = String(+(x / 10 ** power).toPrecision(digits)).replace("-", "\u2212");
    return `${factor}\u00a0\u00d7\u00a010${superscript(power)}`;
  }
  if (size >= 10 ** digits) return GROUPED.format(x).replace("-", "\u2212");
  return String(+x.toPrecision(digits)).replace("-", "\u2212");
}

export function bytes(n) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  while (n >= 1000 && power < units.length - 1) { n /= 1000; ++power; }
  return `${number(n)} ${units[power]}`;
}

export function seconds(s) { return s >= 1 || s === 0 ? `${number(s)} s` : s >= 1e-3 ? `${number(s * 1e3)} ms` : `${number(s * 1e6)} \u00b5s`; }
export function milliseconds(ms) { return Math.abs(ms) >= 1e4 ? `${number(ms / 1e3, 4)} s` : `${Number.isInteger(ms) ? GROUPED.format(ms).replace("-", "\u2212") : number(ms, 6)} ms`; }

export function plural(n, one, many = `${one}s`) { return `${integer(n)} ${n === 1 ? one : many}`; }

export function ordinal(n) {
  const tens = n % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : { 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th";
  return `${integer(n)}${suffix}`;
}

/// A dash with its reason, which pointer, keyboard and screen reader can all ask for.
export function none(reason) {
  return el("span", { class: "none", tabindex: "0", role: "note", "data-tip": reason, "aria-label": `no value: ${reason}` }, "\u2013");
}

/// `show(value)`, or the dash.
export function orNone(value, show, reason) {
  return value === null || value === undefined ? none(reason) : show(value);
}

/// Three digits, zeros at the end too: in a column of a table 0.340 belongs below 0.289.
function threeDigits(x) {
  const size = Math.abs(x);
  return size >= 1e-4 && size < 999.5 ? x.toPrecision(3).replace("-", "\u2212") : number(x);
}

/// mean ± sd
export function spread(mean, sd, reason, sdReason) {
  if (mean === null) return none(reason);
  return el("span", {}, threeDigits(mean), el("span", { class: "sd" }, " \u00b1 ", orNone(sd, threeDigits, sdReason)));
}
