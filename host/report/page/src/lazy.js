// What is near the screen is drawn first, the rest while the browser is idle, one piece at a time; so the page
// answers at once, and is complete before somebody prints or searches it.

const NEAR = "500px";

export class Drawer {
  #pending = new Map();
  #observer = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) this.#draw(entry.target);
  }, { rootMargin: NEAR });

  /// `draw` is called once; it does its own guarding.
  add(element, draw) {
    this.#pending.set(element, draw);
    this.#observer.observe(element);
  }

  /// All has been added: from here on idle time is used.
  seal() {
    document.documentElement.dataset.builtMs = performance.now().toFixed(0);
    window.addEventListener("beforeprint", () => this.drawAll());
    // Two frames: the observer reports what is on the screen after the first.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#later()));
  }

  drawAll() {
    for (const element of [...this.#pending.keys()]) this.#draw(element);
  }

  #draw(element) {
    const draw = this.#pending.get(element);
    if (!draw) return;
    this.#pending.delete(element);
    this.#observer.unobserve(element);
    draw();
  }

  #later() {
    const next = this.#pending.keys().next();
    if (next.done) {
      const { dataset } = document.documentElement;
      dataset.readyMs = performance.now().toFixed(0);
      dataset.ready = "true";
      return;
    }
    const idle = window.requestIdleCallback ?? ((callback) => setTimeout(callback, 1));
    idle(() => { this.#draw(next.value); this.#later(); }, { timeout: 50 });
  }
}
