// Light and dark: the system's choice until the button says otherwise. Canvases cannot use CSS variables, so they
// ask here for the colours, and are told when to ask again.
import { iconButton, Signal } from "./dom.js";

const POPULATION_COLOURS = 24; // those of theme.css
const RUN_COLOURS = 6;
export const themeChanged = new Signal();

const root = document.documentElement;
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
let chosen = null; // with the button
let onPaper = false;
// Colours asked for since the theme changed: to ask for a style makes the browser work out all styles anew.
const known = new Map();

function isDark() { return !onPaper && (chosen ? chosen === "dark" : systemIsDark.matches); }

function apply() {
  root.dataset.theme = isDark() ? "dark" : "light";
  known.clear();
  themeChanged.emit();
}

/// To be called before anything is drawn.
export function followTheme() {
  systemIsDark.addEventListener("change", apply);
  // Paper is white, whatever the screen was.
  window.addEventListener("beforeprint", () => { onPaper = true; apply(); });
  window.addEventListener("afterprint", () => { onPaper = false; apply(); });
  apply();
}

export function themeButton() {
  const button = iconButton("\u25d0", "Switch between light and dark", () => {
    chosen = isDark() ? "light" : "dark";
    apply();
  }, { id: "theme" });
  const say = () => button.setAttribute("aria-pressed", String(isDark()));
  themeChanged.subscribe(say);
  say();
  return button;
}

export function colour(name) {
  if (!known.has(name)) known.set(name, getComputedStyle(root).getPropertyValue(`--${name}`).trim());
  return known.get(name);
}

/// Red, green and blue of a colour of theme.css.
export function channels(name) { return [1, 3, 5].map((at) => parseInt(colour(name).slice(at, at + 2), 16)); }

export function populationVariable(index) { return `p${index % POPULATION_COLOURS}`; }
export function runVariable(index) { return `r${index % RUN_COLOURS}`; }

const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4]];
/// Runs differ in dash too, for eyes and printers that do not tell their colours apart.
export function runDash(index) { return DASHES[index % DASHES.length]; }
/// Every eighth population takes the next dash: of more than eight colours some are close for some eyes.
export function populationDash(index) { return DASHES[Math.floor(index / 8) % DASHES.length]; }
