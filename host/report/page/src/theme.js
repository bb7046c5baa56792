// Light and dark: the system's choice until the button says otherwise. Canvases cannot use CSS variables, so they
// ask here for the colours, and are told when to ask again.
import { iconButton, Signal } from "./dom.js";

export const POPULATION_COLOURS = 8;
export const RUN_COLOURS = 6;
export const themeChanged = new Signal();

const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

export function colour(name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

export function populationVariable(index) { return `p${index % POPULATION_COLOURS}`; }
export function runVariable(index) { return `r${index % RUN_COLOURS}`; }

const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4]];
/// Runs differ in dash too, for eyes and printers that do not tell their colours apart.
export function runDash(index) { return DASHES[index % DASHES.length]; }
/// Populations take a dash where the colours begin anew.
export function populationDash(index) { return DASHES[Math.floor(index / POPULATION_COLOURS) % DASHES.length]; }

export function themeButton() {
  const button = iconButton("\u25d0", "Switch between light and dark", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(isDark()));
    themeChanged.emit();
  }, { id: "theme", "aria-pressed": String(isDark()) });
  dark.addEventListener("change", () => { if (!root.dataset.theme) themeChanged.emit(); });
  return button;
}

/// Paper is white, whatever the screen was.
export function printInLight() {
  let before;
  window.addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.dataset.theme = "light";
    themeChanged.emit();
  });
  window.addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before; else delete root.dataset.theme;
    themeChanged.emit();
  });
}
