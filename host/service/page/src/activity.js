// What the last `window_ms` of simulated time held: for each column of the raster the rows in which a neuron fired, and
// the rates of the populations. Rings of a fixed size: however long the page is open, it takes no more memory.
import { Signal } from "../../../report/page/src/dom.js";
import { finite, list, MOST_ROWS, populationsOf } from "./values.js";

const MOST_COLUMNS = 4096;
const MOST_BINS = 250; // of the rates that are drawn

export class Activity {
  begun = new Signal(); // other populations, or another width of columns: all that was here is gone
  changed = new Signal();
  populations = [];
  rows = 0;
  columnMs = 1;
  capacity = 1000;
  end = 0; // behind the newest column
  #fired; // [column % capacity][row]
  #isKnown;
  #rates; // [population][column % capacity]

  constructor(live) {
    this.#clear();
    live.on("hello", (hello) => {
      this.columnMs = Math.max(1e-3, finite(hello.column_ms) ?? 1);
      const columns = Math.ceil((finite(hello.window_ms) ?? 1000) / this.columnMs);
      this.capacity = Math.min(Math.max(16, columns), MOST_COLUMNS);
      this.#clear();
      this.begun.emit();
    });
    live.on("network", (network) => {
      this.populations = populationsOf(network);
      this.rows = this.populations.reduce((most, p) => Math.max(most, p.first_row + p.rows), 0);
      this.#clear();
      this.begun.emit();
    });
    live.on("raster", ({ first_column: first, columns }) => this.#take(first, columns, (column, rows) => {
      const at = (column % this.capacity) * MOST_ROWS;
      this.#fired.fill(0, at, at + MOST_ROWS);
      for (const row of list(rows)) if (row >= 0 && row < MOST_ROWS) this.#fired[at + row] = 1;
      this.#isKnown[column % this.capacity] = 1;
    }));
    live.on("rates", ({ first_column: first, columns }) => this.#take(first, columns, (column, rates) => {
      this.#rates.forEach((ring, p) => { ring[column % this.capacity] = finite(list(rates)[p]) ?? NaN; });
    }));
  }

  get begin() { return Math.max(0, this.end - this.capacity); }
  /// [start, stop] in ms: what the plots show.
  get view() { return { start: (this.end - this.capacity) * this.columnMs, stop: this.end * this.columnMs }; }
  isKnown(column) { return this.#isKnown[column % this.capacity] === 1; }
  fired(column, row) { return this.#fired[(column % this.capacity) * MOST_ROWS + row] === 1; }

  /// [times, ...rates of each population], as means over bins that stay where they are while time goes on.
  binnedRates() {
    const width = Math.max(1, Math.ceil(this.capacity / MOST_BINS));
    const from = Math.ceil(this.begin / width);
    const until = Math.floor(this.end / width);
    const n = Math.max(0, until - from);
    const times = Array.from({ length: n }, (_, k) => (from + k + 0.5) * width * this.columnMs);
    return [times, ...this.#rates.map((ring) => Array.from({ length: n }, (_, k) => {
      let sum = 0;
      let known = 0;
      for (let i = 0; i < width; ++i) {
        const rate = ring[((from + k) * width + i) % this.capacity];
        if (rate === rate) { sum += rate; ++known; } // not NaN
      }
      return known > 0 ? sum / known : null;
    }))];
  }

  #clear() {
    this.end = 0;
    this.#fired = new Uint8Array(this.capacity * MOST_ROWS);
    this.#isKnown = new Uint8Array(this.capacity);
    this.#rates = this.populations.map(() => new Float32Array(this.capacity).fill(NaN));
  }

  #take(first, columns, put) {
    if (!Number.isInteger(first) || first < 0 || !Array.isArray(columns)) return;
    const stop = first + columns.length;
    if (stop + this.capacity < this.end) this.#clear(); // another run has begun
    // What was not sent is not known, rather than silent.
    for (let column = Math.max(this.end, stop - this.capacity); column < stop; ++column) {
      this.#isKnown[column % this.capacity] = 0;
      for (const ring of this.#rates) ring[column % this.capacity] = NaN;
    }
    this.end = Math.max(this.end, stop);
    for (let column = Math.max(first, this.begin); column < stop; ++column) put(column, columns[column - first]);
    this.changed.emit();
  }
}
