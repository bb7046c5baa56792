// The time that raster and rates show: one for all of them, so that they zoom together.
import { Signal } from "./dom.js";

export class TimeRange {
  changed = new Signal();

  /// whole: [start, stop] that can be reached; home: what `reset` shows; smallest: ms.
  constructor(whole, home, smallest) {
    this.whole = whole;
    this.home = home;
    this.smallest = Math.min(smallest, whole[1] - whole[0]);
    [this.start, this.stop] = home;
  }

  set(start, stop) {
    const width = Math.min(Math.max(stop - start, this.smallest), this.whole[1] - this.whole[0]);
    const centre = (start + stop) / 2;
    let from = stop - start === width ? start : centre - width / 2;
    from = Math.max(this.whole[0], Math.min(from, this.whole[1] - width));
    const to = from + width;
    if (from === this.start && to === this.stop) return;
    this.start = from;
    this.stop = to;
    this.changed.emit();
  }

  /// factor < 1 zooms in; `at` stays where it is.
  zoom(factor, at = (this.start + this.stop) / 2) {
    this.set(at - (at - this.start) * factor, at + (this.stop - at) * factor);
  }

  pan(fraction) {
    const by = (this.stop - this.start) * fraction;
    this.set(this.start + by, this.stop + by);
  }

  reset() { this.set(...this.home); }
  showAll() { this.set(...this.whole); }
}

/// The keys of a plot with a time axis. True if the key was one of them.
export function timeKey(key, range) {
  switch (key) {
    case "+": case "=": range.zoom(0.5); return true;
    case "-": case "_": range.zoom(2); return true;
    case "ArrowLeft": range.pan(-0.2); return true;
    case "ArrowRight": range.pan(0.2); return true;
    case "0": case "Home": range.reset(); return true;
    case "End": range.showAll(); return true;
    default: return false;
  }
}

/// Makes `element` reachable by keyboard and its time axis operable.
export function listenForTimeKeys(element, range) {
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== element) return;
    if (timeKey(event.key, range)) event.preventDefault();
  });
}
