// The stream of events: read by fetch, since an EventSource sends no token, and opened again whenever it ends.
import { Signal } from "../../../report/page/src/dom.js";
import { report } from "../../../report/page/src/errors.js";
import { ApiError } from "./api.js";
import { EventParser } from "./event_parser.js";

const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 10_000;
const MOST_SILENCE_MS = 30_000; // a service that has nothing to say says so every ten seconds

/// state: "connecting", "live", "waiting" (with `until`, of Date.now), "locked" (nobody gives a token).
export class Live {
  changed = new Signal();
  state = "connecting";
  reason = "";
  until = 0;
  lastEvent = null; // Date.now of the last one
  #listeners = new Map();
  #abort = null;
  #wake = null;
  #begun = false;

  /// @param target  () => path with query
  constructor(api, target) {
    this.api = api;
    this.target = target;
    this.api.token.changed.subscribe(() => { if (this.state !== "live") this.hurry(); });
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.hurry(); });
  }

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, []);
    this.#listeners.get(event).push(listener);
  }

  /// Opens the stream anew, with what `target` says now.
  restart() {
    if (!this.#begun) return;
    this.#abort?.abort();
    this.hurry();
  }

  /// Ends the wait for the next attempt.
  hurry() { this.#wake?.(); }

  async run() {
    this.#begun = true;
    let wait = FIRST_WAIT_MS;
    for (;;) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#become("connecting");
      let least = 0;
      let isLocked = false;
      try {
        await this.#listen(abort, () => { wait = FIRST_WAIT_MS; });
        this.reason = "The service has ended the connection.";
      } catch (error) {
        isLocked = error instanceof ApiError && error.status === 401;
        if (!isLocked && abort.signal.aborted && abort.signal.reason !== "silence") continue; // restart()
        this.reason = abort.signal.reason === "silence" ? "The service has said nothing for a while." : reasonOf(error);
        least = error?.retryAfterMs ?? 0;
      } finally {
        abort.abort();
      }
      await this.#pause(isLocked ? null : Math.max(least, wait * (0.8 + 0.4 * Math.random())));
      wait = Math.min(MOST_WAIT_MS, wait * 1.7);
    }
  }

  /// @param ms  null: until hurry().
  async #pause(ms) {
    this.until = ms === null ? Infinity : Date.now() + ms;
    this.#become(ms === null ? "locked" : "waiting");
    await new Promise((done) => {
      const timer = ms === null ? null : setTimeout(done, ms);
      this.#wake = () => { clearTimeout(timer); done(); };
    });
    this.#wake = null;
  }

  async #listen(abort, begun) {
    const response = await this.api.fetch(this.target(), { signal: abort.signal });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      const body = await response.json().catch(() => null);
      const error = new ApiError(response.status, body?.error);
      const seconds = Number(response.headers.get("Retry-After"));
      if (seconds > 0) error.retryAfterMs = Math.min(seconds, 60) * 1000;
      throw error;
    }
    let silence = null;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort("silence"), MOST_SILENCE_MS);
    };
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (heard(); ;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        parser.push(value, (event, data) => {
          begun();
          this.lastEvent = Date.now();
          if (this.state !== "live") this.#become("live");
          this.#dispatch(event, data);
        });
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #dispatch(event, data) {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    let parsed;
    try { parsed = JSON.parse(data); } catch (error) { report(`event ${event}`, error); return; }
    for (const listener of listeners) {
      try { listener(parsed); } catch (error) { report(`event ${event}`, error); }
    }
  }

  #become(state) {
    this.state = state;
    this.changed.emit();
  }
}

function reasonOf(error) {
  if (error instanceof ApiError) return error.status === 0 ? "The service cannot be reached." : error.sentences;
  return "The connection to the service broke.";
}
