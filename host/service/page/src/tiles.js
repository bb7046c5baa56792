// Figures at a glance, as at the head of a report.
import { el } from "../../../report/page/src/dom.js";
import { none } from "../../../report/page/src/format.js";

/// entries: [key, label]. Returns {set(key, content, note)}.
export function tiles(host, entries) {
  const places = new Map();
  host.append(el("div", { class: "tiles" }, entries.map(([key, label]) => {
    const value = el("div", { class: "tile-value" }, none("nothing has come yet"));
    const note = el("div", { class: "fine" });
    places.set(key, { value, note });
    return el("div", { class: "tile", "data-tile": key }, value, el("div", { class: "tile-label" }, label), note);
  })));
  return {
    set: (key, content, note = "") => {
      const place = places.get(key);
      // A dash that somebody has in focus, to read its reason, stays.
      const said = content instanceof Node ? content.textContent : String(content);
      if (place.value.textContent !== said) place.value.replaceChildren(content);
      if (place.note.textContent !== note) place.note.textContent = note;
    },
  };
}
