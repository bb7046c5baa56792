// What comes by no event is asked for: while the page is seen and the service answers, one question at a time.

/// Returns what asks at once.
export function every(ms, live, ask) {
  let isAsking = false;
  let again = false;
  const now = async () => {
    if (isAsking) { again = true; return; }
    if (document.hidden || live.state !== "live") return;
    isAsking = true;
    try { await ask(); } finally { isAsking = false; }
    if (again) { again = false; now(); }
  };
  setInterval(now, ms);
  let was = null;
  live.changed.subscribe(() => {
    if (live.state !== was && live.state === "live") now();
    was = live.state;
  });
  document.addEventListener("visibilitychange", now);
  return now;
}
