// What is wrong right now, as the service says it, each with what to read about it.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { plural } from "../../../report/page/src/format.js";
import { list, object, text } from "./values.js";

/// A link where the service names an address; else the name of a page of the documentation.
function runbook(where) {
  if (where === "") return "";
  const isAddress = /^https?:\/\//.test(where) || /^\/[^/]/.test(where);
  return el("span", { class: "runbook" }, "Runbook: ", isAddress ? el("a", { href: where, target: "_blank", rel: "noreferrer" }, where) : el("code", {}, where));
}

export function drawAlerts(host, { live, nav }) {
  const none = paragraph("empty", "No alerts.");
  // Said as soon as they come, by screen readers too; nothing is said again that is there already.
  const items = el("ul", { class: "alerts", "aria-live": "assertive", "aria-relevant": "additions", "aria-label": "Alerts" });
  host.append(none, items);
  const shown = new Map();
  live.on("alerts", (raw) => {
    const alerts = list(raw).map(object);
    const keys = new Set();
    for (const alert of alerts) {
      const key = JSON.stringify([alert.name, alert.severity, alert.text, alert.runbook]);
      keys.add(key);
      if (shown.has(key)) continue;
      shown.set(key, el("li", { class: text(alert.severity) === "page" ? "banner" : "banner plain", "data-alert": text(alert.name), "data-severity": text(alert.severity) },
        el("strong", {}, text(alert.name) || "alert"), el("span", { class: "fine" }, text(alert.severity)), el("span", {}, text(alert.text)), runbook(text(alert.runbook))));
      items.append(shown.get(key));
    }
    for (const [key, item] of [...shown]) {
      if (keys.has(key)) continue;
      item.remove();
      shown.delete(key);
    }
    none.hidden = shown.size > 0;
    nav.say("alerts", shown.size > 0 ? ` (${shown.size})` : "");
    document.title = shown.size > 0 ? `(${plural(shown.size, "alert")}) Sharpwave` : "Sharpwave";
  });
}
