// Every error is seen: in a box at the top of the page, where it happened, and on the console.
import { el } from "./dom.js";

/// The data is not what host/report/page/README.md describes.
export class DataError extends Error {}

let box = null;
const seen = new Set();

function list() {
  if (box) return box.querySelector("ul");
  box = el("div", { id: "errors", role: "alert" },
    el("strong", {}, "Part of this page could not be drawn."), el("ul", {}));
  document.body.prepend(box);
  return box.querySelector("ul");
}

export function report(where, error) {
  const message = `${where}: ${error?.message ?? error}`;
  console.error(message, error?.stack ?? "");
  if (seen.has(message)) return;
  seen.add(message);
  list().append(el("li", {}, message));
}

/// Runs `draw`; if it throws, says so here and in `host`, and the rest of the page goes on.
export function guard(where, host, draw) {
  try {
    return draw();
  } catch (error) {
    report(where, error);
    host?.append(el("p", { class: "failed" }, `Not drawn. ${error?.message ?? error}`));
    return undefined;
  }
}

export function watchErrors() {
  window.addEventListener("error", (event) => {
    // Chromium's word for a resize that takes effect a frame later; nothing is lost.
    if (String(event.message).startsWith("ResizeObserver loop")) return;
    report("script", event.error ?? event.message);
  });
  window.addEventListener("unhandledrejection", (event) => report("script", event.reason));
}
