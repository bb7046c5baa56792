// A histogram that is drawn again when its counts change.
import { el, onWidth } from "../../../report/page/src/dom.js";
import { picture } from "../../../report/page/src/histogram_plot.js";
import { finite, list } from "./values.js";

export class Histogram {
  #width = 0;
  #shown = null;

  /// options: {title, label, of, marks}
  constructor(host, frames, options) {
    this.options = options;
    this.frame = el("div", { class: "svg-frame" });
    host.append(this.frame);
    this.touch = frames.add(options.title, this.frame, () => this.#draw());
    onWidth(this.frame, (width) => { this.#width = width; this.touch(); });
  }

  /// counts of equal bins from `start` to `stop`.
  show(counts, start, stop, mean) {
    const numbers = list(counts).map((n) => finite(n) ?? 0);
    const [low, high] = [finite(start), finite(stop)];
    if (low > high) numbers.reverse(); // weights that are negative
    const total = numbers.reduce((sum, n) => sum + n, 0);
    this.#shown = low === null || high === null || total === 0 ? null
      : { histogram: { counts: numbers, start: Math.min(low, high), stop: Math.max(low, high), width: Math.abs(high - low) / numbers.length, total }, mean: finite(mean) };
    this.touch();
  }

  #draw() {
    if (this.#width === 0) return;
    this.frame.replaceChildren(this.#shown === null ? el("p", { class: "empty" }, `No ${this.options.of} yet.`)
      : picture({ ...this.options, curves: [this.#shown], several: false, width: this.#width }));
  }
}
