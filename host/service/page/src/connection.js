// Whether what is shown is of now: a word in the bar, and a line across the page when the service is away.
import { el } from "../../../report/page/src/dom.js";

const WORDS = { connecting: "connecting", live: "live", waiting: "away", locked: "no token" };

export function connectionWord(live, token) {
  const word = el("span", { class: "state", id: "connection", role: "status" });
  const banner = el("div", { class: "banner", id: "away", role: "alert", hidden: true });
  const reason = el("span", {});
  const count = el("span", { "aria-hidden": "true" }); // read out every second it would be a nuisance
  const button = el("button", { type: "button", class: "text" }, "Try now");
  banner.append(reason, " ", count, " ", button);
  button.addEventListener("click", () => {
    if (live.state === "locked") token.ask("The service asks for a token.");
    else live.hurry();
  });
  const version = { first: null, isOther: false };
  const say = () => {
    const { state } = live;
    document.documentElement.dataset.connection = state;
    word.dataset.state = state;
    const now = version.isOther && state === "live" ? "live; the service is another version, reload" : WORDS[state];
    if (word.textContent !== now) word.textContent = now;
    banner.hidden = !(state === "waiting" || state === "locked" || (state === "connecting" && !banner.hidden));
    if (state === "live") banner.hidden = true;
    if (banner.hidden) return;
    const since = live.lastEvent === null ? "" : ` What is shown is of ${new Date(live.lastEvent).toLocaleTimeString()}.`;
    const text = `${state === "locked" ? "The service shows nothing without a token." : live.reason}${since}`;
    if (reason.textContent !== text) reason.textContent = text;
    button.textContent = state === "locked" ? "Give a token" : "Try now";
    count.textContent = state === "waiting" ? `Trying again in ${Math.max(0, Math.ceil((live.until - Date.now()) / 1000))} s.` : state === "connecting" ? "Trying \u2026" : "";
  };
  live.changed.subscribe(say);
  live.on("hello", (hello) => {
    version.first ??= hello?.version ?? null;
    version.isOther = version.first !== null && hello?.version !== version.first;
    say();
  });
  live.on("bye", () => { live.reason = "The service is ending."; });
  setInterval(() => { if (!document.hidden && live.state === "waiting") say(); }, 500);
  return { word, banner };
}
