// Asks before something that cannot be undone.
import { el } from "../../../report/page/src/dom.js";

/// True if it is to be done.
export function confirm(question, yes) {
  return new Promise((done) => {
    const dialog = el("dialog", { class: "confirm", "aria-labelledby": "confirm-text" }, el("p", { id: "confirm-text" }, question),
      el("div", { class: "row" }, el("button", { type: "button", class: "text primary", on: { click: () => dialog.close("yes") } }, yes),
        el("button", { type: "button", class: "text", autofocus: true, on: { click: () => dialog.close() } }, "No")));
    dialog.addEventListener("close", () => { done(dialog.returnValue === "yes"); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
