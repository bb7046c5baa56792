// Tables as in the report.
import { el } from "../../../report/page/src/dom.js";

/// heads: texts; the body is filled by whoever asked for it. `wide`: may scroll.
export function table(label, heads, body, kind = "") {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", { class: kind }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), body));
}
