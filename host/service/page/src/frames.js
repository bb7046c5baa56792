// Draws what has changed, at most once a frame, only what is near the screen, and never so much of it that a frame takes
// long: what is left over comes in the next one. Nothing is drawn while the page is hidden.
import { guard } from "../../../report/page/src/errors.js";

const MOST_MS = 12;
const NEAR = "300px";

export class Frames {
  #dirty = new Set();
  #near = new Set();
  #parts = new Map(); // element -> {what, draw, isHeld}
  #asked = false;
  #isPaused = false;
  #observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#near.add(target); else this.#near.delete(target);
    }
    this.#ask();
  }, { rootMargin: NEAR });

  constructor() {
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  get isPaused() { return this.#isPaused; }
  set isPaused(value) {
    this.#isPaused = value;
    this.#ask();
  }

  /// Returns what is to be called when `draw` has something new to show. `pausable`: not while paused.
  add(what, element, draw, { pausable = false } = {}) {
    this.#parts.set(element, { what, draw, pausable });
    this.#observer.observe(element);
    return () => {
      this.#dirty.add(element);
      this.#ask();
    };
  }

  remove(element) {
    this.#observer.unobserve(element);
    for (const kept of [this.#dirty, this.#near, this.#parts]) kept.delete(element);
  }

  #due() {
    return [...this.#dirty].filter((element) => this.#near.has(element) && !(this.#isPaused && this.#parts.get(element).pausable));
  }

  #ask() {
    if (this.#asked || document.hidden || this.#due().length === 0) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      if (document.hidden) return;
      const begin = performance.now();
      for (const element of this.#due()) {
        this.#dirty.delete(element);
        const { what, draw } = this.#parts.get(element);
        guard(what, null, draw); // said once, at the top of the page
        element.dataset.draws = 1 + Number(element.dataset.draws ?? 0);
        if (performance.now() - begin > MOST_MS) break;
      }
      this.#ask();
    });
  }
}
