// Builds the page: the stream of events, and the parts that listen to it.
import { el, iconButton, picker, Signal } from "../../../report/page/src/dom.js";
import { guard, report, watchErrors } from "../../../report/page/src/errors.js";
import { tooltips } from "../../../report/page/src/help.js";
import { legend, Populations } from "../../../report/page/src/populations.js";
import { followTheme, themeButton } from "../../../report/page/src/theme.js";
import { Activity } from "./activity.js";
import { drawAlerts } from "./alerts.js";
import { Api } from "./api.js";
import { connectionWord } from "./connection.js";
import { Frames } from "./frames.js";
import { listenForKeys } from "./keys.js";
import { Live } from "./live.js";
import { drawMembrane, Membrane } from "./membrane.js";
import { drawMemory } from "./memory_panel.js";
import { drawModulators } from "./modulators.js";
import { RasterPanel } from "./raster_panel.js";
import { drawRates } from "./rates_panel.js";
import { drawRecall } from "./recall.js";
import { drawRunHead } from "./run_head.js";
import { drawRuns } from "./runs.js";
import { drawStorage } from "./storage_panel.js";
import { drawSubmit } from "./submit.js";
import { Token } from "./token.js";
import { drawWeights } from "./weights.js";

const WINDOWS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
const MOST_POPULATIONS = 24; // that are shown until somebody asks for more: so many colours there are
const SECTIONS = [["alerts", "Alerts"], ["activity", "Spikes"], ["membrane", "Membrane"], ["modulators", "Neuromodulators"], ["weights", "Weights"],
  ["memory", "Memory"], ["recall", "Recall"], ["storage", "Storage"], ["runs", "Runs"], ["submit", "Submit"]];

/// The populations that are shown; a legend is made anew when a run has others.
class LivePopulations {
  changed = new Signal();
  legend = el("div", {});
  #of = new Populations([]);

  constructor(activity) {
    let known = "";
    activity.begun.subscribe(() => {
      const names = activity.populations.map(({ name }) => name);
      if (JSON.stringify(names) === known) return;
      known = JSON.stringify(names);
      this.#of = new Populations([{ raster: { populations: activity.populations } }]);
      this.#of.hidden = new Set(names.slice(MOST_POPULATIONS));
      this.#of.changed.subscribe(() => this.changed.emit());
      this.legend.replaceChildren(legend(this.#of));
    });
  }
  index(name) { return this.#of.index(name); }
  isShown(name) { return this.#of.isShown(name); }
}

/// The space of the memory that is shown, and searched.
class Spaces {
  changed = new Signal();
  chosen = "";
  place = el("span", {});
  #known = "";

  offer(names) {
    const all = [...new Set([...names, ...(this.chosen ? [this.chosen] : [])])].sort();
    if (all.length < 2 || JSON.stringify(all) === this.#known) return;
    this.#known = JSON.stringify(all);
    this.place.replaceChildren(picker("Space", all.map((name) => ({ value: name, text: name })), this.chosen || "default", (name) => { this.chosen = name; this.changed.emit(); }, { name: "space" }));
  }
}

function navigation(buttons, word) {
  const links = new Map(SECTIONS.map(([id, title]) => [id, el("a", { href: `#${id}` }, title, el("span", { class: "warn" }))]));
  return {
    element: el("nav", { "aria-label": "Sections" }, el("a", { class: "brand", href: "#top" }, "Sharpwave"), word,
      el("div", { class: "links" }, [...links.values()]), el("div", { class: "buttons" }, buttons)),
    say: (id, what) => { links.get(id).lastChild.textContent = what; },
  };
}

function pauseButton(frames) {
  const button = iconButton("\u2016", "Hold the plots (p)", () => {
    frames.isPaused = !frames.isPaused;
    button.setAttribute("aria-pressed", String(frames.isPaused));
    document.documentElement.dataset.paused = String(frames.isPaused);
  }, { id: "pause", "aria-pressed": "false" });
  return button;
}

function build(root) {
  const token = new Token();
  const api = new Api(token);
  const asked = { pixels: 800, window_ms: 1000 };
  const spaces = new Spaces();
  const live = new Live(api, () => {
    const query = new URLSearchParams({ pixels: asked.pixels, window_ms: asked.window_ms });
    if (membrane.query !== "") query.set("neurons", membrane.query);
    if (spaces.chosen !== "") query.set("space", spaces.chosen);
    return `/api/v1/live?${query}`;
  });
  const frames = new Frames();
  const activity = new Activity(live);
  const membrane = new Membrane(live, activity);
  const populations = new LivePopulations(activity);
  const page = { token, api, live, frames, activity, membrane, populations, spaces, space: () => spaces.chosen };

  const { word, banner } = connectionWord(live, token);
  const pause = pauseButton(frames);
  const theme = themeButton();
  const tokenButton = el("button", { type: "button", class: "text", id: "token", on: { click: () => token.ask("Another token for this service.") } }, "token");
  const sayToken = () => { tokenButton.hidden = token.value === null; };
  token.changed.subscribe(sayToken);
  sayToken();
  const goTo = (id) => {
    document.getElementById(id).scrollIntoView();
    document.querySelector(`#${id} :is(input, textarea, button, [tabindex])`)?.focus({ preventScroll: true });
  };
  const windowPicker = picker("Time shown", WINDOWS_MS.map((ms) => ({ value: String(ms), text: ms < 1000 ? `${ms} ms` : `${ms / 1000} s` })), String(asked.window_ms),
    (ms) => { asked.window_ms = Number(ms); live.restart(); }, { name: "window" });
  const step = (by) => {
    const select = windowPicker.querySelector("select");
    const next = select.selectedIndex + by;
    if (next < 0 || next >= WINDOWS_MS.length) return;
    select.selectedIndex = next;
    select.dispatchEvent(new Event("change"));
  };
  const help = listenForKeys({
    p: () => pause.click(), t: () => theme.click(), c: () => (live.state === "live" ? live.restart() : live.hurry()), "[": () => step(-1), "]": () => step(1),
    a: () => goTo("alerts"), n: () => goTo("membrane"), r: () => goTo("recall"), q: () => goTo("runs"), s: () => goTo("submit"),
  });
  const nav = navigation([pause, tokenButton, theme, help], word);
  page.nav = nav;
  const main = el("main", { id: "top" });
  root.append(nav.element, banner, main);
  guard("run", main, () => drawRunHead(main, page));
  const places = Object.fromEntries(SECTIONS.map(([id, title]) => {
    const section = el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title));
    main.append(section);
    return [id, section];
  }));

  // A stream is as fine as the plot is wide; where that changes much, another one is asked for.
  let resized = null;
  let hasBegun = false;
  const begin = () => {
    if (hasBegun) return;
    hasBegun = true;
    live.run().catch((error) => report("live", error));
  };
  const setWidth = (width) => {
    const pixels = Math.min(2048, Math.max(100, Math.ceil(width / 50) * 50));
    const isMuch = Math.abs(pixels - asked.pixels) >= 0.15 * asked.pixels;
    if (isMuch || !hasBegun) asked.pixels = pixels;
    if (!hasBegun) { begin(); return; }
    if (!isMuch) return;
    clearTimeout(resized);
    resized = setTimeout(() => live.restart(), 500);
  };
  places.activity.append(el("div", { class: "controls" }, windowPicker), populations.legend);
  const stack = el("div", { class: "stack" });
  places.activity.append(stack);
  guard("raster", stack, () => new RasterPanel(stack, page, setWidth));
  guard("rates", stack, () => drawRates(stack, page));
  guard("alerts", places.alerts, () => drawAlerts(places.alerts, page));
  guard("membrane", places.membrane, () => drawMembrane(places.membrane, page));
  guard("neuromodulators", places.modulators, () => drawModulators(places.modulators, page));
  guard("weights", places.weights, () => drawWeights(places.weights, page));
  places.memory.append(el("div", { class: "controls" }, spaces.place));
  guard("memory", places.memory, () => drawMemory(places.memory, page));
  guard("recall", places.recall, () => drawRecall(places.recall, page));
  guard("storage", places.storage, () => drawStorage(places.storage, page));
  const runs = guard("runs", places.runs, () => drawRuns(places.runs, page));
  guard("submit", places.submit, () => drawSubmit(places.submit, { ...page, runs }));

  membrane.chosenChanged.subscribe(() => live.restart());
  spaces.changed.subscribe(() => live.restart());
  token.changed.subscribe(() => { if (live.state === "live") live.restart(); });
  setTimeout(begin, 1000); // should the width never be known
  document.documentElement.dataset.ready = "true";
}

watchErrors();
followTheme();
try {
  build(document.getElementById("page"));
} catch (error) {
  report("page", error);
}
tooltips();
