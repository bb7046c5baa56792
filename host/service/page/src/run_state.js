// How a run stands, in words and as a share.
import { finite, object } from "./values.js";

export const STATES = { queued: "waiting", running: "running", done: "done", failed: "failed", halted: "halted by the watchdog", cancelled: "cancelled" };

export function isOver(state) { return ["done", "failed", "halted", "cancelled"].includes(state); }

/// 0 to 1, or null where that cannot be told.
export function progressOf(run) {
  const progress = object(run?.progress);
  const [simulated, duration] = [finite(progress.simulated_ms), finite(progress.duration_ms)];
  return simulated === null || !(duration > 0) ? null : Math.min(1, Math.max(0, simulated / duration));
}
