// The token that the service asks for, kept for this tab alone.
import { el, paragraph, Signal } from "../../../report/page/src/dom.js";

const KEY = "sharpwave-token";

/// Null where the browser keeps nothing for pages.
function storage() {
  try { return window.sessionStorage; } catch { return null; }
}

export class Token {
  changed = new Signal();
  #value = storage()?.getItem(KEY) ?? null;
  #asked = null; // while the dialog is open: a promise of whether there is another one now
  #dialog = null;

  get value() { return this.#value; }

  set(value) {
    this.#value = value;
    if (value === null) storage()?.removeItem(KEY); else storage()?.setItem(KEY, value);
    this.changed.emit();
  }

  /// `refused` was not accepted (null: none was given). True once there is another one, false if nobody gives one. All who
  /// wait are asked together, once.
  replace(refused) {
    if (this.#value !== refused) return Promise.resolve(true);
    this.#asked ??= this.ask(refused !== null ? "The service does not know this token." : "The service asks for a token.")
      .finally(() => { this.#asked = null; });
    return this.#asked;
  }

  /// Opens the dialog. True if a token was given.
  ask(why) {
    this.#dialog?.remove();
    const input = el("input", { type: "password", name: "token", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "token-why" });
    const dialog = el("dialog", { id: "token-dialog", "aria-labelledby": "token-title" },
      el("h2", { id: "token-title" }, "Token"),
      el("p", { id: "token-why", role: "alert" }, why),
      paragraph("fine", "It is what the file of --read-token or --admin-token holds. This tab keeps it until it is closed."),
      el("form", { class: "stack" }, el("label", { class: "field" }, el("span", {}, "Token"), input),
        el("div", { class: "row" }, el("button", { type: "submit", class: "text primary" }, "Use it"),
          el("button", { type: "button", class: "text", on: { click: () => dialog.close() } }, "Not now"))));
    this.#dialog = dialog;
    document.body.append(dialog);
    return new Promise((done) => {
      dialog.querySelector("form").addEventListener("submit", (event) => {
        event.preventDefault();
        const given = input.value.trim();
        // A header holds no other characters; what was pasted with them is none of the service's tokens.
        if (!/^[\x21-\x7e]+$/.test(given)) {
          dialog.querySelector("#token-why").textContent = "A token is one word of printable characters.";
          return;
        }
        this.set(given);
        done(true);
        dialog.close();
      });
      dialog.addEventListener("close", () => { done(false); dialog.remove(); });
      dialog.showModal();
    });
  }
}
