// Recall: what the memory has that is most like a cue.
import { el, paragraph, picker } from "../../../report/page/src/dom.js";
import { integer, milliseconds, number, orNone, plural, seconds } from "../../../report/page/src/format.js";
import { ApiError } from "./api.js";
import { table } from "./table.js";
import { finite, list, object, text } from "./values.js";

const HEADS = ["item", "cosine", "type", "\u03ba", "band", "event", "importance", "accesses", "replays", "from", ""];
const MOST_QUERY = 15_000; // characters: a request's head may have 16 KiB

/// The numbers in a text, or null where something else is in it.
export function numbersIn(input) {
  const parts = input.replace(/[[\](){}]/g, " ").split(/[\s,;]+/).filter(Boolean);
  const numbers = parts.map(Number);
  return numbers.length > 0 && numbers.every(Number.isFinite) ? numbers : null;
}

function rowOf(item, likeThis) {
  const value = (key, show = integer) => orNone(finite(item[key]), show, "was not sent");
  const provenance = object(item.provenance);
  const from = [text(provenance.run), text(provenance.population)].filter(Boolean).join(", ");
  const id = finite(item.id);
  return el("tr", {}, el("th", { scope: "row" }, id === null ? "\u2013" : String(id)),
    el("td", {}, value("cosine", (v) => number(v, 4))), el("td", {}, text(item.type)), el("td", {}, value("kappa", (v) => number(v))), el("td", {}, text(item.band)),
    el("td", {}, value("event_ms", (v) => milliseconds(v))), el("td", {}, value("importance", (v) => number(v))),
    el("td", {}, value("accesses")), el("td", {}, value("replays")), el("td", { class: "text" }, from || "\u2013"),
    el("td", {}, id === null ? "" : el("button", { type: "button", class: "text", "aria-label": `Recall what is like item ${id}`, on: { click: () => likeThis(id) } }, "like this")));
}

export function drawRecall(host, { api, space }) {
  const cue = el("input", { type: "text", name: "cue", spellcheck: "false", autocomplete: "off", required: true, placeholder: "like 12 \u2013 or 0.1, -0.2, 0.7, \u2026" });
  const k = el("input", { type: "number", name: "k", min: "1", max: "1023", step: "1", value: "10", required: true });
  const exact = el("input", { type: "checkbox", name: "exact" });
  let type = "";
  const said = el("p", { class: "fine", role: "status", "aria-live": "polite" });
  const results = el("div", {});
  const form = el("form", { class: "controls", id: "recall-form" },
    el("label", { class: "picker wide" }, el("span", {}, "Cue: \u201clike\u201d and an item, or numbers"), cue),
    picker("Type", [{ value: "", text: "any" }, ...["episodic", "semantic", "procedural"].map((value) => ({ value, text: value }))], "", (value) => { type = value; }, { name: "type" }),
    el("label", { class: "picker" }, el("span", {}, "At most"), k),
    el("label", { class: "check" }, exact, "exact, without the index"),
    el("button", { type: "submit", class: "text primary" }, "Recall"));
  host.append(form, said, results);

  let asked = 0;
  const recall = async () => {
    const like = /^\s*(?:like|item|#)?\s*#?\s*(\d+)\s*$/i.exec(cue.value);
    const numbers = like ? null : numbersIn(cue.value);
    if (!like && !numbers) { said.textContent = "A cue is \u201clike 12\u201d, an item of the memory, or as many numbers as its space has dimensions."; return; }
    const query = new URLSearchParams({ ...(like ? { like: like[1] } : { embedding: numbers.join(",") }), k: k.value, ...(exact.checked ? { exact: "true" } : {}), ...(type ? { type } : {}) });
    if (space()) query.set("space", space());
    if (String(query).length > MOST_QUERY) { said.textContent = `These ${integer(numbers.length)} numbers are too long for a request; fewer digits of each will do.`; return; }
    const own = ++asked;
    said.textContent = "Searching \u2026";
    try {
      const answer = await api.json(`/episodes/search?${query}`);
      if (own === asked) show(answer);
    } catch (error) {
      if (own !== asked) return;
      results.replaceChildren();
      said.textContent = error instanceof ApiError ? error.sentences : String(error);
    }
  };
  const show = (answer) => {
    const items = list(answer.items).map(object);
    const how = [text(answer.plan) && `by ${answer.plan}`, finite(answer.looked_at) !== null && `${plural(answer.looked_at, "item")} looked at`, finite(answer.seconds) !== null && `in ${seconds(answer.seconds)}`];
    said.textContent = `${items.length === 0 ? "Nothing found" : plural(items.length, "item")}, ${how.filter(Boolean).join(", ")}.`;
    results.replaceChildren(items.length === 0 ? paragraph("empty", "The memory has nothing to recall for this cue.")
      : table("What is most like the cue", HEADS, el("tbody", {}, items.map((item) => rowOf(item, (id) => { cue.value = `like ${id}`; recall(); cue.focus(); }))), "found"));
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); recall(); });
  return { focus: () => cue.focus() };
}
