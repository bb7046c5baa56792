// Requests to the service (docs/formats/http.md).
import { list, object, text } from "./values.js";

const PATIENCE_MS = 20_000;

/// What the service said was wrong, or that it could not be asked (status 0).
export class ApiError extends Error {
  constructor(status, raw, message) {
    const error = object(raw);
    super(text(error.message) || message || `the service answered ${status}`);
    this.status = status;
    this.expected = text(error.expected);
    this.toDo = text(error.to_do);
    this.trace = text(error.trace);
    this.faults = list(error.faults).map(object);
  }

  /// What happened, what was expected, what to do.
  get sentences() {
    return [this.message, this.expected && `Expected: ${this.expected}.`, this.toDo && `${this.toDo}.`].filter(Boolean)
      .map((said) => `${said[0].toUpperCase()}${said.slice(1)}`.replace(/\.\.$/, ".")).join(" \u00b7 ");
  }
}

async function bodyOf(response) {
  try { return await response.json(); } catch { return null; }
}

export class Api {
  constructor(token) { this.token = token; }

  /// The answer, whatever its status but 401: then a token is asked for, and the request made again.
  async fetch(path, { method = "GET", body, signal } = {}) {
    for (;;) {
      const given = this.token.value;
      const headers = {};
      if (given !== null) headers.Authorization = `Bearer ${given}`;
      if (body !== undefined) headers["Content-Type"] = "application/json";
      let response;
      try {
        response = await fetch(path, {
          method, headers, cache: "no-store", redirect: "error", signal: signal ?? AbortSignal.timeout(PATIENCE_MS),
          body: body === undefined ? undefined : JSON.stringify(body),
        });
      } catch (error) {
        if (signal?.aborted) throw error;
        throw new ApiError(0, null, error?.name === "TimeoutError" ? "the service does not answer" : "the service cannot be reached");
      }
      if (response.status !== 401) return response;
      const error = new ApiError(401, (await bodyOf(response))?.error, "the service asks for a token");
      if (!await this.token.replace(given)) throw error;
    }
  }

  /// The JSON of an answer; throws ApiError for any other than 2xx.
  async json(path, options) {
    const response = await this.fetch(path, options);
    const body = await bodyOf(response);
    if (!response.ok) throw new ApiError(response.status, object(body).error);
    return object(body);
  }
}
