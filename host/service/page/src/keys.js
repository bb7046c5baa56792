// Keys that work anywhere on the page but where one types, and the dialog that lists them.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { helpDialog, table } from "../../../report/page/src/help.js";

const ROWS = [
  ["p", "hold the plots, and let them go on"],
  ["[  ]", "less time, more time"],
  ["a", "to the alerts"],
  ["n", "choose a neuron"],
  ["r", "recall"],
  ["q", "to the queue of runs"],
  ["s", "submit a run"],
  ["t", "light and dark"],
  ["c", "connect again now"],
  ["Ctrl + Enter", "in a config: queue it"],
  ["Esc", "close a dialog, leave a field"],
  ["?", "this help"],
];

/// actions: {key: function}. Returns the button of the help.
export function listenForKeys(actions) {
  let areOn = true;
  const toggle = el("input", { type: "checkbox", checked: true, on: { change: () => { areOn = toggle.checked; } } });
  const help = helpDialog([paragraph("fine", "Everything can be reached with Tab as well."), table(ROWS), el("p", {}, el("label", { class: "check" }, toggle, "single keys do something"))]);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape" && isTyping && !event.target.closest("dialog")) event.target.blur();
    if (!areOn || isTyping || document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  return help;
}
