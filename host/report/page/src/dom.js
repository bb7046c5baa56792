// Elements without a framework. Text only ever enters as text nodes, so no name of a population can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === "style") element.style.cssText = value; // a policy that allows no inline styles refuses the attribute
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/// `kind`: fine print, or what stands where there is nothing to show ("empty").
export function paragraph(kind, ...children) { return el("p", { class: kind }, children); }

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/// A button that shows a symbol and is read out as `label`.
export function iconButton(symbol, label, action, attributes = {}) {
  return el("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click: action }, ...attributes },
    el("span", { "aria-hidden": "true" }, symbol));
}

/// `<label>text <select>`; options are {value, text}. `changed` gets the value.
export function picker(text, options, value, changed, attributes = {}) {
  const select = el("select", { ...attributes, on: { change: () => changed(select.value) } },
    options.map((option) => el("option", { value: option.value, selected: option.value === value }, option.text)));
  return el("label", { class: "picker" }, el("span", {}, text), select);
}

/// Calls `changed(width)` once at the first size and then whenever the width changes.
export function onWidth(element, changed) {
  let known = 0;
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width === known || width === 0) return;
    known = width;
    changed(width);
  }).observe(element);
}

/// Something to subscribe to; what a listener throws must not keep the others from hearing.
export class Signal {
  #listeners = [];
  subscribe(listener) { this.#listeners.push(listener); }
  emit() {
    for (const listener of this.#listeners) {
      try { listener(); } catch (error) { reportError(error); }
    }
  }
}
