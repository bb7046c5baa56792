// Membrane potentials of neurons that somebody has chosen. The service samples them from then on.
import { align, lineKey } from "../../../report/page/src/curves.js";
import { el, iconButton, picker, Signal } from "../../../report/page/src/dom.js";
import { integer, milliseconds, number } from "../../../report/page/src/format.js";
import { gutter } from "../../../report/page/src/raster.js";
import { populationDash, populationVariable } from "../../../report/page/src/theme.js";
import { LivePlot } from "./live_plot.js";
import { finite, list, object } from "./values.js";

const MOST_NEURONS = 16;
const MOST_SAMPLES = 8192;
const MOST_DRAWN = 2000; // of each neuron
const PATIENCE_MS = 4000;

/// Samples of one neuron, the newest MOST_SAMPLES.
class Samples {
  times = new Float64Array(MOST_SAMPLES);
  values = new Float32Array(MOST_SAMPLES);
  n = 0; // ever put

  put(time, value) {
    if (this.n > 0 && time <= this.times[(this.n - 1) % MOST_SAMPLES]) return; // known already
    this.times[this.n % MOST_SAMPLES] = time;
    this.values[this.n % MOST_SAMPLES] = value;
    ++this.n;
  }

  /// {x, y} of what is not older than `start`.
  since(start) {
    const x = [];
    const y = [];
    for (let i = Math.max(0, this.n - MOST_SAMPLES); i < this.n; ++i) {
      const time = this.times[i % MOST_SAMPLES];
      if (time < start) continue;
      const value = this.values[i % MOST_SAMPLES];
      x.push(time);
      y.push(Number.isFinite(value) ? value : null);
    }
    return { x, y };
  }
}

export class Membrane {
  chosen = []; // {population, index, colour, samples}
  chosenChanged = new Signal(); // the stream has to be asked anew
  #asked = Date.now();
  #isOwn = false; // somebody has chosen, rather than the page

  constructor(live, activity) {
    live.on("network", () => {
      for (const neuron of this.chosen) neuron.samples = new Samples();
      this.#asked = Date.now();
      const { populations } = activity;
      const known = this.chosen.filter(({ population }) => populations.some(({ name }) => name === population));
      if (!this.#isOwn && known.length === 0 && populations.length > 0) {
        this.chosen = [];
        for (const { name } of populations.filter((p) => !p.name.includes(",")).slice(0, 2)) this.#put(name, 0);
        if (this.chosen.length > 0) this.chosenChanged.emit();
      }
    });
    live.on("traces", (traces) => this.#take(object(traces)));
  }

  /// For the stream's address; names with a comma cannot be asked for.
  get query() { return this.chosen.map(({ population, index }) => `${population}:${index}`).join(","); }
  /// Neurons that were asked for a while ago, and of which nothing has come.
  get silent() { return Date.now() - this.#asked < PATIENCE_MS ? [] : this.chosen.filter(({ samples }) => samples.n === 0); }

  /// Null, or why it was not added.
  add(population, index) {
    if (this.chosen.length >= MOST_NEURONS) return `At most ${MOST_NEURONS} neurons at a time.`;
    if (population.includes(",")) return "The service cannot be asked for a population with a comma in its name.";
    if (this.chosen.some((n) => n.population === population && n.index === index)) return "That neuron is here already.";
    this.#isOwn = true;
    this.#put(population, index);
    this.#asked = Date.now();
    this.chosenChanged.emit();
    return null;
  }

  remove(neuron) {
    this.#isOwn = true;
    this.chosen = this.chosen.filter((other) => other !== neuron);
    this.chosenChanged.emit();
  }

  #put(population, index) {
    const used = new Set(this.chosen.map(({ colour }) => colour));
    const colour = [...Array(MOST_NEURONS).keys()].find((k) => !used.has(k));
    this.chosen.push({ population, index, colour, samples: new Samples() });
  }

  #take(traces) {
    for (const raw of list(traces.neurons).map(object)) {
      const neuron = this.chosen.find((n) => n.population === raw.population && n.index === raw.index);
      const begin = finite(raw.begin_ms) ?? finite(traces.begin_ms);
      const step = finite(raw.step_ms) ?? finite(traces.step_ms);
      if (!neuron || begin === null || !(step > 0)) continue;
      list(raw.V_mV).forEach((value, i) => neuron.samples.put(begin + i * step, finite(value) ?? NaN));
    }
  }
}

/// The least and the largest of every few samples, so that no spike is lost where there are more samples than pixels.
function thinned({ x, y }) {
  const width = Math.ceil((2 * x.length) / MOST_DRAWN);
  if (width <= 2) return { x, y };
  const out = { x: [], y: [] };
  for (let from = 0; from < x.length; from += width) {
    let [low, high] = [from, from];
    for (let i = from; i < Math.min(from + width, x.length); ++i) {
      if (y[i] !== null && (y[low] === null || y[i] < y[low])) low = i;
      if (y[i] !== null && (y[high] === null || y[i] > y[high])) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) { out.x.push(x[i]); out.y.push(y[i]); }
  }
  return out;
}

export function drawMembrane(host, { membrane, activity, live, frames }) {
  const readout = el("output", { class: "readout" });
  const places = el("span", {});
  const index = el("input", { type: "number", name: "index", min: "0", step: "1", value: "0", required: true });
  const said = el("p", { class: "fine", role: "status" });
  const chips = el("ul", { class: "chips", "aria-label": "Neurons shown" });
  const form = el("form", { class: "controls", id: "membrane-form" }, places,
    el("label", { class: "picker" }, el("span", {}, "Neuron"), index), el("button", { type: "submit", class: "text" }, "Add"));
  let population = "";
  const populationPicker = () => {
    const names = activity.populations.map(({ name }) => name);
    if (!names.includes(population)) population = names[0] ?? "";
    places.replaceChildren(picker("Population", names.map((name) => ({ value: name, text: name })), population, (name) => { population = name; bound(); }, { name: "population" }));
    bound();
  };
  const bound = () => {
    const size = activity.populations.find(({ name }) => name === population)?.size;
    if (size > 0) index.max = String(size - 1); else index.removeAttribute("max");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (population === "") { said.textContent = "There is no run whose neurons could be shown."; return; }
    said.textContent = membrane.add(population, Number(index.value)) ?? "";
  });
  const panel = el("div", { class: "panel" }, el("h3", { class: "panel-title" }, "Membrane potential", readout));
  host.append(form, panel);
  let data = [[]];
  const plot = new LivePlot(panel, frames, "membrane potentials", {
    series: [], gutter, describe: "Membrane potentials of the chosen neurons over simulated time",
    data: () => {
      const { start } = activity.view;
      data = membrane.chosen.length === 0 ? [[]] : align(membrane.chosen.map(({ samples }) => thinned(samples.since(start))));
      return data;
    },
    x: { label: "time (ms)", range: () => { const { start, stop } = activity.view; return [start, stop]; } },
    y: { label: "V_m (mV)", range: (_, low, high) => { const pad = ((high ?? 1) - (low ?? 0)) * 0.06 || 1; return [(low ?? 0) - pad, (high ?? 1) + pad]; } },
    height: (width) => (width < 560 ? 220 : 250),
    readout: (k) => {
      readout.textContent = k === null || data[0][k] === undefined ? "" : `${milliseconds(data[0][k])}: ${membrane.chosen.map((n, i) => ({ n, v: data[i + 1]?.[k] }))
        .filter(({ v }) => typeof v === "number").map(({ n, v }) => `${n.population} ${integer(n.index)}: ${number(v, 4)} mV`).join(", ")}`;
    },
  });
  panel.append(chips, said);
  const anew = () => {
    plot.options.series = membrane.chosen.map(({ colour, population: name, index: i }) => ({ label: `${name} ${i}`, colour: populationVariable(colour), dash: populationDash(colour), width: 1.3 }));
    chips.replaceChildren(...membrane.chosen.map((neuron) => el("li", { class: "chip" }, lineKey(populationVariable(neuron.colour), populationDash(neuron.colour)),
      `${neuron.population} ${integer(neuron.index)}`, iconButton("\u00d7", `Remove neuron ${neuron.index} of ${neuron.population}`, () => membrane.remove(neuron)))));
    said.textContent = membrane.chosen.length === 0 ? "No neuron is chosen." : "";
    plot.rebuild();
  };
  membrane.chosenChanged.subscribe(anew);
  activity.begun.subscribe(() => { populationPicker(); anew(); });
  live.on("traces", plot.touch);
  activity.changed.subscribe(plot.touch);
  setInterval(() => {
    const { silent } = membrane;
    if (live.state !== "live" || membrane.chosen.length === 0 || document.hidden) return;
    const names = silent.map((n) => `${n.population} ${integer(n.index)}`).join(", ");
    const now = silent.length === 0 ? "" : `Nothing comes of ${names}: there is no such neuron, nothing runs, or the service samples as many as it can.`;
    if (said.textContent !== now) said.textContent = now;
  }, 2000);
  populationPicker();
  anew();
}
