// Storage, asked for every few seconds while somebody looks; and how long operations took, which comes by itself.
import { el, paragraph } from "../../../report/page/src/dom.js";
import { bytes, integer, number, orNone } from "../../../report/page/src/format.js";
import { every } from "./polling.js";
import { table } from "./table.js";
import { tiles } from "./tiles.js";
import { finite, list, object, text } from "./values.js";

const NOT_SENT = "was not sent";

function yesNo(value) { return value === true ? el("strong", { class: "warn" }, "yes") : value === false ? "no" : "\u2013"; }

function segmentRow(segment) {
  const value = (key, show = integer) => el("td", {}, orNone(finite(segment[key]), show, NOT_SENT));
  const behind = finite(segment.sequence) !== null && finite(segment.synced_sequence) !== null ? Math.max(0, segment.sequence - segment.synced_sequence) : null;
  return el("tr", {}, el("th", { scope: "row" }, text(segment.id) || "\u2013"), value("items"), value("dimension"), value("bytes", bytes), value("sequence", String),
    el("td", {}, orNone(behind, integer, NOT_SENT)), el("td", {}, yesNo(segment.read_only)), value("damage"));
}

export function drawStorage(host, { live, api, spaces }) {
  const shown = tiles(host, [["free", "free on the disk"], ["breaker", "circuit breaker"], ["sync", "synced to the disk"], ["version", "version"], ["uptime", "since its start"], ["state", "state of the service"]]);
  const segments = el("tbody", {});
  const said = el("p", { class: "fine", role: "status" });
  host.append(table("Memory spaces", ["space", "items", "dimension", "size", "sequence", "not yet on the disk", "read-only", "damaged"], segments), said);
  const latency = el("tbody", {});
  const quiet = paragraph("empty", "No operations in the last 60 s.");
  host.append(el("h3", {}, "Latency, over the last 60 s"), quiet, table("Latency", ["operation", "times", "half within", "95 % within", "99 % within"], latency, "latency"));
  const latencyTable = latency.closest(".scroll");
  latencyTable.hidden = true;

  live.on("latency", (operations) => {
    const rows = list(operations).map(object);
    quiet.hidden = rows.length > 0;
    latencyTable.hidden = rows.length === 0;
    latency.replaceChildren(...rows.map((row) => el("tr", {}, el("th", { scope: "row" }, text(row.operation)), el("td", {}, orNone(finite(row.n), integer, NOT_SENT)),
      ["p50_ms", "p95_ms", "p99_ms"].map((key) => el("td", {}, orNone(finite(row[key]), (v) => `${number(v)} ms`, NOT_SENT))))));
  });

  const showStorage = (storage) => {
    const [free, size] = [finite(storage.disk_free_bytes), finite(storage.disk_size_bytes)];
    shown.set("free", orNone(free, bytes, "cannot be told"), free !== null && size > 0 ? `of ${bytes(size)}, ${number(100 * (1 - free / size))} % used` : "");
    shown.set("breaker", text(storage.breaker) || "\u2013");
    shown.set("sync", text(storage.sync) || "\u2013");
    const rows = list(storage.segments).map(object);
    segments.replaceChildren(...rows.map(segmentRow));
    said.textContent = rows.length === 0 ? "No space is open." : "";
    spaces.offer(rows.map(({ id }) => text(id)).filter(Boolean));
  };
  const showStatus = (status) => {
    shown.set("version", text(status.version) || "\u2013");
    const up = finite(status.uptime_s);
    shown.set("uptime", orNone(up, (s) => (s < 120 ? `${integer(Math.floor(s))} s` : s < 7200 ? `${integer(Math.floor(s / 60))} min` : `${integer(Math.floor(s / 3600))} h`), NOT_SENT));
    shown.set("state", text(status.state) || "\u2013", list(status.not_ready).map(String).join("; "));
  };
  every(5000, live, async () => {
    const [storage, status] = await Promise.allSettled([api.json("/storage/status"), api.json("/status")]);
    if (storage.status === "fulfilled") showStorage(storage.value); else said.textContent = storage.reason?.sentences ?? String(storage.reason);
    if (status.status === "fulfilled") showStatus(status.value);
  });
}
