// Round numbers along an axis.

/// At most about `count` multiples of 1, 2 or 5 times a power of ten from `low` to `high`.
export function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const out = [];
  for (let k = first; k <= last; ++k) out.push(k * step);
  return out;
}

/// Text of the ticks, all with as many decimals as their distance asks for.
/// From `shortFrom` on as 20k and 3M.
export function tickTexts(values, shortFrom = 1e5) {
  const step = values.length > 1 ? values[1] - values[0] : Math.abs(values[0]) || 1;
  const most = Math.max(...values.map(Math.abs));
  if (most >= shortFrom) return values.map((v) => short(v));
  let decimals = 0;
  while (decimals < 6 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * step * 10 ** decimals) ++decimals;
  return values.map((v) => v.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "\u2212"));
}

function short(v) {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (Math.abs(v) >= size) return `${+(v / size).toPrecision(4)}${letter}`.replace("-", "\u2212");
  }
  return String(v).replace("-", "\u2212");
}
