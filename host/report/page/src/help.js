// The help ("?"), and the tooltip of the dashes.
import { el, iconButton, paragraph } from "./dom.js";

const KEYS = [
  ["+  \u2212", "zoom in and out in time"],
  ["\u2190  \u2192", "earlier, later"],
  ["]  [", "raster: fewer, more rows"],
  ["\u2191  \u2193", "raster: move over the rows"],
  ["0", "reset"],
  ["End", "the whole run"],
  ["?", "this help"],
];
const POINTER = [
  ["drag", "zoom to what is marked; flat: time alone"],
  ["wheel", "zoom in time, once the raster was clicked, or with Ctrl"],
  ["Shift + drag, touch", "move"],
  ["double click", "reset; on a population: it alone"],
];

/// rows: [key, what it does]
export function table(rows) {
  return el("table", {}, el("tbody", {}, rows.map(([key, what]) => el("tr", {}, el("th", { scope: "row" }, el("kbd", {}, key)), el("td", {}, what)))));
}

export function helpButton() {
  return helpDialog([paragraph("fine", "Tab reaches every plot; these keys act on the one in focus."), table(KEYS), table(POINTER)]);
}

/// A button that opens a dialog with this content, as "?" does.
export function helpDialog(content) {
  const close = el("button", { type: "button", class: "text", on: { click: () => dialog.close() } }, "Close");
  const dialog = el("dialog", { "aria-labelledby": "help-title" }, el("h2", { id: "help-title" }, "Using this page"), content, close);
  document.body.append(dialog);
  const open = () => { if (!dialog.open) dialog.showModal(); };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.target.closest?.("input, select, textarea")) return;
    event.preventDefault();
    open();
  });
  return iconButton("?", "Help (?)", open, { id: "help" });
}

/// One tooltip for all elements with data-tip, kept within the window.
export function tooltips() {
  const tip = el("div", { id: "tip", role: "tooltip", hidden: true });
  document.body.append(tip);
  const show = (event) => {
    const owner = event.target.closest?.("[data-tip]");
    tip.hidden = !owner;
    if (!owner) return;
    tip.textContent = owner.dataset.tip;
    const { left, bottom, top } = owner.getBoundingClientRect();
    const at = Math.max(8, Math.min(left - 8, document.documentElement.clientWidth - tip.offsetWidth - 8));
    const below = bottom + tip.offsetHeight + 12 < window.innerHeight;
    Object.assign(tip.style, { left: `${at}px`, top: `${below ? bottom + 6 : top - tip.offsetHeight - 6}px` });
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, show);
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
}
