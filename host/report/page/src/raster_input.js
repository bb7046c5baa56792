// Pointer, wheel and keys of a raster.
import { timeKey } from "./time_range.js";

const A_CLICK = 5; // px: what moves less is no drag

/// view: the raster's {range, rows: {top, bottom, set, zoom, pan, reset}, box(), canvas, marquee, hover(x, y)}.
export function listen(view) {
  listenToKeys(view);
  listenToWheel(view);
  listenToPointer(view);
  view.canvas.addEventListener("dblclick", () => { view.rows.reset(); view.range.reset(); });
}

function listenToKeys({ canvas, range, rows }) {
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key;
    if (key === "0" || key === "Home") rows.reset();
    if (key === "[") rows.zoom(2);
    else if (key === "]") rows.zoom(0.5);
    else if (key === "ArrowUp") rows.pan(-0.2);
    else if (key === "ArrowDown") rows.pan(0.2);
    else if (!timeKey(key, range)) return;
    event.preventDefault();
  });
}

function listenToWheel({ canvas, range, box }) {
  canvas.addEventListener("wheel", (event) => {
    // A raster under the pointer must not stop the page from scrolling: it takes the wheel once it has been
    // clicked, or while Ctrl is held.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    const { left, width } = box();
    const share = (event.offsetX - left) / width;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      range.pan((event.deltaX || event.deltaY) / width);
    } else {
      range.zoom(Math.exp(event.deltaY * 0.002), range.start + share * (range.stop - range.start));
    }
  }, { passive: false });
}

function listenToPointer(view) {
  const { canvas, range, rows, marquee } = view;
  let drag = null;
  const at = (event) => {
    const box = view.box();
    const inside = canvas.getBoundingClientRect();
    return {
      x: Math.min(Math.max(event.clientX - inside.left, box.left), box.left + box.width),
      y: Math.min(Math.max(event.clientY - inside.top, box.top), box.top + box.height),
    };
  };
  const show = (from, to) => {
    const tall = Math.abs(to.y - from.y) > 4 * A_CLICK;
    const box = view.box();
    const top = tall ? Math.min(from.y, to.y) : box.top;
    Object.assign(marquee.style, {
      left: `${Math.min(from.x, to.x)}px`, width: `${Math.abs(to.x - from.x)}px`,
      top: `${top}px`, height: `${tall ? Math.abs(to.y - from.y) : box.height}px`,
    });
    marquee.hidden = false;
    return tall;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    const pans = event.shiftKey || event.button === 1 || event.pointerType === "touch";
    drag = { from: at(event), pans, start: range.start, stop: range.stop, top: rows.top, bottom: rows.bottom };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const to = at(event);
    if (!drag) { view.hover(to.x, to.y); return; }
    if (!drag.pans) { drag.tall = show(drag.from, to); return; }
    const box = view.box();
    const time = ((to.x - drag.from.x) / box.width) * (drag.stop - drag.start);
    const place = ((to.y - drag.from.y) / box.height) * (drag.bottom - drag.top);
    range.set(drag.start - time, drag.stop - time);
    rows.set(drag.top - place, drag.bottom - place);
  });
  const end = (event) => {
    const done = drag;
    drag = null;
    marquee.hidden = true;
    if (!done || done.pans || event.type === "pointercancel") return;
    const to = at(event);
    const [left, right] = [Math.min(done.from.x, to.x), Math.max(done.from.x, to.x)];
    if (right - left < A_CLICK) return;
    const box = view.box();
    const time = (x) => done.start + ((x - box.left) / box.width) * (done.stop - done.start);
    if (done.tall) {
      const place = (y) => done.top + ((y - box.top) / box.height) * (done.bottom - done.top);
      rows.set(place(Math.min(done.from.y, to.y)), place(Math.max(done.from.y, to.y)));
    }
    range.set(time(left), time(right));
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => { if (!drag) view.hover(null); });
}
