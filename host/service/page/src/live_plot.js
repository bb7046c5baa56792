// A line plot whose data are replaced again and again; it looks like those of the report.
import uPlot from "uplot";
import { onWidth } from "../../../report/page/src/dom.js";
import { settings } from "../../../report/page/src/plot.js";
import { themeChanged } from "../../../report/page/src/theme.js";

export class LivePlot {
  #plot = null;
  #width = 0;

  /// options: as of linePlot; `data()` gives those of now.
  constructor(host, frames, what, options, { pausable = true } = {}) {
    this.options = options;
    this.element = document.createElement("div");
    this.element.className = "plot";
    host.append(this.element);
    this.touch = frames.add(what, this.element, () => this.#draw(), { pausable });
    onWidth(this.element, (width) => { 
      this.#width = width;
      this.element.style.minHeight = `${this.options.height(width)}px`; // nothing below it moves when it is drawn anew
      this.rebuild();
    });
    themeChanged.subscribe(() => this.rebuild());
  }

  /// The series, or how the plot is to look, have changed.
  rebuild() {
    this.#plot?.destroy();
    this.#plot = null;
    this.touch();
  }

  #draw() {
    if (this.#width === 0) return;
    const data = this.options.data();
    this.element.dataset.points = data.slice(1).reduce((n, y) => n + y.reduce((m, v) => (v === null || v === undefined ? m : m + 1), 0), 0);
    if (this.#plot) {
      this.#plot.setData(data);
      return;
    }
    this.#plot = new uPlot(settings(this.options, this.#width), data, this.element);
    const canvas = this.element.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", this.options.describe);
  }
}
