// Builds the page from its data: sections in order, each drawn when it comes near the screen.
import { drawConfig } from "./config_text.js";
import { drawConnections } from "./connections.js";
import { readRuns } from "./data.js";
import { el, paragraph } from "./dom.js";
import { guard, report, watchErrors } from "./errors.js";
import { drawHead } from "./head.js";
import { helpButton, tooltips } from "./help.js";
import { Drawer } from "./lazy.js";
import { drawLearning, hasLearning } from "./learning.js";
import { drawMemory, hasMemory } from "./memory.js";
import { drawModulators, hasModulators } from "./neuromodulators.js";
import { drawProtocol, hasProtocol } from "./protocol.js";
import { drawTable } from "./population_table.js";
import { legend, Populations } from "./populations.js";
import { drawRaster } from "./raster.js";
import { drawRates } from "./rates.js";
import { drawDistributions } from "./ridges.js";
import { drawSpectra } from "./spectra.js";
import { followTheme, themeButton } from "./theme.js";
import { TimeRange } from "./time_range.js";
import { drawTimings } from "./timings.js";
import { drawTraces } from "./traces.js";
import { drawWatchdog } from "./watchdog.js";

const SECTIONS = [
  { id: "populations", title: "Populations", draw: drawTable },
  { id: "watchdog", title: "Watchdog", draw: drawWatchdog },
  { id: "protocol", title: "Protocol", draw: drawProtocol, has: hasProtocol },
  { id: "raster", title: "Spikes", draw: null, of: "activity" },
  { id: "rates", title: "Rates", draw: drawRates, of: "activity" },
  { id: "distributions", title: "Distributions", draw: drawDistributions, of: "activity" },
  { id: "spectra", title: "Power spectra", draw: drawSpectra, of: "activity" },
  { id: "traces", title: "Traces", draw: drawTraces },
  { id: "learning", title: "Plasticity", draw: drawLearning, has: hasLearning },
  { id: "neuromodulators", title: "Neuromodulators", draw: drawModulators, has: hasModulators },
  { id: "memory", title: "Memory", draw: drawMemory, has: hasMemory },
  { id: "connections", title: "Connections", draw: drawConnections },
  { id: "timings", title: "Timings", draw: drawTimings },
  { id: "config", title: "Config", draw: drawConfig },
  { id: "notes", title: "Notes", draw: drawNotes },
];

function finite(...values) { return values.every((v) => typeof v === "number" && Number.isFinite(v)); }

/// [start, stop] of the recorded time, or null if the statistics do not say.
function recordedTime(run) {
  const { start_ms, stop_ms } = run.statistics ?? {};
  return finite(start_ms, stop_ms) && stop_ms > start_ms ? [start_ms, stop_ms] : null;
}

/// The time axis: what was recorded can be reached; at first it shows what the rasters hold.
function timeOf(runs) {
  const hull = (ranges, otherwise) => (ranges.length ? [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))] : otherwise);
  const rasters = runs.map((run) => run.raster).filter((r) => r && finite(r.start_ms, r.stop_ms) && r.stop_ms > r.start_ms).map((r) => [r.start_ms, r.stop_ms]);
  const recorded = runs.map(recordedTime).filter(Boolean);
  const whole = hull([...rasters, ...recorded], [0, 1]);
  const steps = runs.map((run) => run.raster?.dt_ms).filter((dt) => finite(dt) && dt > 0);
  return new TimeRange(whole, hull(rasters, whole), 10 * Math.min(0.1, ...steps));
}

function drawNotes(host, page) {
  const notes = page.runs.flatMap((run) => guard(`notes of ${run.name}`, host, () => {
    if (!Array.isArray(run.notes)) throw new Error(`${run.where}.notes: expected an array`);
    return run.notes.map((note) => (page.runs.length > 1 ? `${run.name}: ${note}` : String(note)));
  }) ?? []);
  host.append(notes.length ? el("ul", { class: "notes" }, notes.map((note) => el("li", {}, note)))
    : paragraph("empty", "Nothing is missing from this report."));
}

function rasters(section, page, drawer) {
  const grid = el("div", { class: page.runs.length > 1 ? `panels wide of-${page.runs.length}` : "" });
  section.append(grid);
  for (const run of page.runs) {
    const panel = el("div", { class: "panel", "data-run": run.name }, page.runs.length > 1 ? el("h3", { class: "panel-title" }, run.name) : "");
    // Holds the place, so that what is below is not taken for being near.
    panel.style.minHeight = "340px";
    grid.append(panel);
    drawer.add(panel, () => guard(`raster of ${run.name}`, panel, () => drawRaster(panel, run, page)));
  }
}

function navigation(sections) {
  const links = sections.map(({ id, title }) => el("a", { href: `#${id}` }, title));
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links) {
        if (link.hash === `#${entry.target.id}`) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  const element = el("nav", { "aria-label": "Sections" }, el("a", { class: "brand", href: "#top" }, "Sharpwave"),
    el("div", { class: "links" }, links), el("div", { class: "buttons" }, themeButton(), helpButton()));
  return { element, watch: (section) => near.observe(section) };
}

function build(root) {
  const runs = readRuns(document.getElementById("data").textContent);
  const page = { runs, populations: new Populations(runs), time: timeOf(runs), recordedTime };
  const drawer = new Drawer();
  // Those that are about something that not every network has are there where a run has it.
  const sections = SECTIONS.filter(({ has }) => !has || runs.some(has));
  const nav = navigation(sections);
  const main = el("main", { id: "top" });
  root.append(nav.element, main);
  guard("head", main, () => drawHead(main, page));
  const activity = el("div", { class: "activity" });
  if (page.populations.recorded.length > 1) activity.append(legend(page.populations));
  for (const { id, title, draw, of } of sections) {
    const section = el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title));
    if (of) { if (!activity.isConnected) main.append(activity); activity.append(section); } else main.append(section);
    nav.watch(section);
    if (id === "raster") { rasters(section, page, drawer); continue; }
    const body = el("div", { class: "body" });
    body.style.minHeight = of || id === "traces" ? "300px" : "";
    section.append(body);
    drawer.add(section, () => guard(title, body, () => { draw(body, page); body.style.minHeight = ""; }));
  }
  drawer.seal();
}

watchErrors();
followTheme();
try {
  build(document.getElementById("page"));
} catch (error) {
  report("page", error);
}
tooltips();
