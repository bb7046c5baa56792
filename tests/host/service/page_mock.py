#!/usr/bin/env python3
"""A stand-in for `sharpwave serve`, as far as its page asks it (docs/formats/http.md), with made-up numbers: for tests of the
page alone. Standard library only.

    tests/host/service/page_mock.py --port 8090 [--token WORD] [--neurons 100000] [--speed 1]

Beyond what the service answers, POST /mock with a JSON object changes how it behaves: `alerts` (a list, for the event),
`fail` (a status that everything under /api, /storage and /episodes gets, or null), `nulls` (true: every number is null),
`drop` (true: ends the streams that are open).
"""
import argparse
import http.server
import json
import math
import pathlib
import random
import re
import threading
import time
import urllib.parse

PAGE = pathlib.Path(__file__).resolve().parents[3] / "host" / "service" / "page"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
FILES = {"/": ("index.html", "text/html; charset=utf-8"), "/assets/page.js": ("dist/page.js", "text/javascript; charset=utf-8"),
         "/assets/page.css": ("dist/page.css", "text/css; charset=utf-8")}
ROWS = 256
EVERY_S = 0.25
SHARES = {"L23E": 0.268, "L23I": 0.0756, "L4E": 0.284, "L4I": 0.071, "L5E": 0.0629, "L5I": 0.0138, "L6E": 0.1865, "L6I": 0.0382}
FAULTS = [
    {"line": 2, "column": 3, "key": "simulation.duraton", "read": "duraton", "expected": "a known key", "hint": "duration?"},
    {"line": 4, "column": 8, "key": "populations.E.size", "read": "-5", "expected": "1 or more", "hint": ""},
    {"line": 5, "column": 9, "key": "populations.E.model", "read": "liff", "expected": "a model", "hint": "lif_exp?"},
]
ALERTS = [
    {"name": "DiskAlmostFull", "severity": "page", "text": "93 % of the disk is used", "runbook": "docs/operations/runbooks/storage.md"},
    {"name": "WatchdogFinding", "severity": "ticket", "text": "the watchdog has found: sparse (2 times)", "runbook": "https://example.org/runbooks/spiking#sparse"},
]
DIMENSION = 4


class World:
    """What the service knows, as a function of the time since it began."""

    def __init__(self, neurons, speed):
        self.speed = speed
        self.begun = time.monotonic()
        self.alerts = []
        self.fail = None
        self.nulls = False
        self.drops = 0  # how often all streams were ended
        rows = [1 + int(share * (ROWS - len(SHARES))) for share in SHARES.values()]
        self.populations = [{"name": name, "size": max(1, int(share * neurons)), "rows": n} for (name, share), n in zip(SHARES.items(), rows)]
        self.runs = [self.run("r2", "microcircuit", "running"), self.run("r3", "next one", "queued", position=1), self.run("r1", "one before", "done")]
        self.random = random.Random(7)
        self.lock = threading.Lock()

    @property
    def time_ms(self):
        return (time.monotonic() - self.begun) * 1000 * self.speed

    @staticmethod
    def run(id, name, state, position=None):
        return {"id": id, "name": name, "submitted": "2025-06-01T12:00:00Z", "state": state, "position": position, "progress": None,
                "checkpoint_age_s": None, "resumes": 0, "error": None, "result": None, "findings": []}

    def running(self):
        with self.lock:
            run = next((dict(r) for r in self.runs if r["state"] == "running"), None)
        if run:
            run["progress"] = {"phase": "running", "simulated_ms": self.time_ms, "duration_ms": 600_000, "warm_up": self.time_ms < 1000,
                               "wall_s": self.time_ms / 1000, "real_time_factor": 1 / self.speed, "eta_s": 600 - self.time_ms / 1000,
                               "spikes": int(self.time_ms * 300), "rate_Hz": 3.1}
            run["checkpoint_age_s"] = 12.0
            run["findings"] = [{"sign": "sparse", "population": "L6I", "step": 9000, "text": "L6I fires below 1 % of the expected rate"}]
        return run

    def column(self, k, column_ms):
        """(rows, rates) of a column; the same whoever asks, and whenever."""
        dice = random.Random(k)
        swing = 0.5 + 0.5 * math.sin(2 * math.pi * k * column_ms / 180)
        rows, rates, first = [], [], 0
        for place, p in enumerate(self.populations):
            share = 0.03 + 0.35 * swing * (1 + place % 3) / 3
            bits = dice.getrandbits(p["rows"]) & dice.getrandbits(p["rows"]) if share < 0.2 else dice.getrandbits(p["rows"])
            rows += [first + i for i in range(p["rows"]) if bits >> i & 1]
            rates.append(share * 12 * (0.9 + 0.2 * dice.random()))
            first += p["rows"]
        return rows, rates

    def kappa(self):
        age = self.time_ms / self.speed / 1000
        return [int(200 * math.exp(-((k / 20 - min(0.9, 0.1 + age / 100)) ** 2) / 0.02)) + (k == 19) for k in range(20)]


class Stream:
    """What one who listens has been sent."""

    def __init__(self, world, query):
        self.world = world
        self.pixels = int(query.get("pixels", "800"))
        self.window_ms = float(query.get("window_ms", "1000"))
        self.column_ms = max(1, math.ceil(self.window_ms / self.pixels))
        self.neurons = [(n.rsplit(":", 1)[0], int(n.rsplit(":", 1)[1])) for n in query.get("neurons", "").split(",") if n]
        self.space = query.get("space", "default")
        self.column = 0
        self.traced_ms = -1.0
        self.rounds = 0
        self.alerts = None

    def events(self):
        world = self.world
        if self.rounds == 0:
            yield "hello", {"version": "0.9.0", "window_ms": self.window_ms, "pixels": self.pixels, "column_ms": self.column_ms}
            yield "network", {"populations": world.populations}
        yield "run", world.running()
        now_ms = world.time_ms
        end = int(now_ms / self.column_ms)
        first = max(self.column, end - self.pixels)
        if end > first:
            columns = [world.column(k, self.column_ms) for k in range(first, end)]
            yield "raster", {"first_column": first, "columns": [rows for rows, _ in columns]}
            yield "rates", {"first_column": first, "columns": [rates for _, rates in columns]}
            self.column = end
        yield from self.traces(now_ms)
        yield "modulators", {"time_ms": now_ms, "regions": [
            {"name": "striatum", "dopamine": 0.4 + 0.3 * math.sin(now_ms / 700), "acetylcholine": 0.2},
            {"name": "cortex", "noradrenaline": 0.3 + 0.1 * math.cos(now_ms / 900), "serotonin": None}]}
        if self.rounds % 8 == 0:
            shift = math.sin(now_ms / 5000)
            for projection, top in (("L4E_to_L23E", 80.0), ("L23I_to_L23E", -120.0)):
                yield "weights", {"projection": projection, "min": 0.0, "max": top, "mean": top * 0.4,
                                  "histogram": [int(5000 * math.exp(-((k - 20 - 8 * shift) ** 2) / 40)) for k in range(50)]}
            yield "latency", [{"operation": "search", "n": 120, "p50_ms": 0.8, "p95_ms": 2.1, "p99_ms": 4.0}, {"operation": "store", "n": 12, "p50_ms": 3.0, "p95_ms": 5.5, "p99_ms": None}]
        if self.rounds % 4 == 0:
            kappa = world.kappa()
            yield "memory", {"space": self.space, "items": sum(kappa), "by_band": {"episodic": sum(kappa[:3]), "replayed": sum(kappa[3:8]), "transitional": sum(kappa[8:17]), "semantic": sum(kappa[17:])},
                             "kappa": kappa, "mean_kappa": sum(n * (k + 0.5) / 20 for k, n in enumerate(kappa)) / sum(kappa), "cycle": int(now_ms / 5000),
                             "signals_taken": int(now_ms / 50), "signals_held": 3, "signals_refused": 0}
        if self.alerts != world.alerts:
            self.alerts = world.alerts
            yield "alerts", self.alerts
        self.rounds += 1

    def traces(self, now_ms):
        known = [(p, i) for p, i in self.neurons if any(q["name"] == p and i < q["size"] for q in self.world.populations)]
        begin = max(self.traced_ms, now_ms - self.window_ms, 0.0)
        step = max(0.1, (now_ms - begin) / self.pixels)
        n = int((now_ms - begin) / step)
        if not known or n == 0:
            return
        yield "traces", {"begin_ms": begin, "step_ms": step, "neurons": [
            {"population": p, "index": i, "V_mV": [-65 + (7 * ((begin + k * step) / (20 + i % 7) % 1) + sum(p.encode()) % 11) for k in range(n)]} for p, i in known]}
        self.traced_ms = now_ms


def without_numbers(value):
    if isinstance(value, dict):
        return {k: v if k in ("first_column", "column_ms", "rows", "window_ms", "pixels") else without_numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_numbers(v) for v in value]
    return None if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world = None
    token = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, type="application/json", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(without_numbers(body) if self.world.nulls and status < 300 else body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": type, "Content-Length": str(len(raw)), "X-Content-Type-Options": "nosniff", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def error(self, status, kind, message, expected="", to_do="", faults=None, **headers):
        error = {"kind": kind, "family": "range", "message": message, "expected": expected, "to_do": to_do, "trace": "0" * 32}
        self.answer(status, {"error": {**error, **({"faults": faults} if faults is not None else {})}}, **headers)

    def is_allowed(self):
        if self.token is None or self.headers.get("Authorization") == f"Bearer {self.token}":
            return True
        self.error(401, "no_token", "there is no valid token", "Authorization: Bearer TOKEN", WWW_Authenticate="Bearer")
        return False

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path in FILES:
            name, type = FILES[url.path]
            self.answer(200, (PAGE / name).read_bytes(), type, Content_Security_Policy=POLICY, Referrer_Policy="no-referrer")
            return
        if url.path == "/health":
            self.answer(200, {"status": "ok"})
            return
        if not self.is_allowed():
            return
        world = self.world
        if world.fail:
            self.error(world.fail, "away", "the storage is away", "a disk that can be read and written", "try again", Retry_After="1")
        elif url.path == "/api/v1/live":
            self.stream(query)
        elif url.path == "/api/v1/runs":
            running = world.running()
            self.answer(200, {"runs": [running if running and r["id"] == running["id"] else r for r in world.runs]})
        elif url.path == "/storage/status":
            segments = [{"id": id, "items": 1200, "dimension": DIMENSION, "bytes": 4_200_000, "sequence": 90_000, "synced_sequence": 89_990, "read_only": False, "damage": 0} for id in ("default", "other")]
            self.answer(200, {"sync": "batch", "breaker": "closed", "disk_free_bytes": 2 * 10**11, "disk_size_bytes": 10**12, "segments": segments})
        elif url.path == "/status":
            self.answer(200, {"version": "0.9.0", "uptime_s": time.monotonic() - world.begun, "state": "ready", "not_ready": [], "run": world.running(), "alerts": world.alerts})
        elif url.path == "/episodes/search":
            self.search(query)
        else:
            self.error(404, "no_such_route", "there is no such route")

    def search(self, query):
        if ("like" in query) == ("embedding" in query):
            self.error(400, "invalid", "a search needs a cue", "either embedding=0.1,0.2,... or like=ID")
        elif "embedding" in query and len(query["embedding"].split(",")) != DIMENSION:
            self.error(400, "invalid", "embedding: it has another dimension than the space", f"{DIMENSION} numbers")
        else:
            items = [{"id": 10 + k, "type": "episodic", "kappa": 0.1 * k, "band": "episodic", "importance": 0.5, "event_ms": 1000.0 * k, "recorded": None, "valid_from": None, "valid_until": None,
                      "accesses": k, "replays": 2 * k, "cosine": 0.99 - 0.05 * k, "provenance": {"run": "r1", "population": "L5E"} if k % 2 else None} for k in range(int(query.get("k", 10)))]
            self.answer(200, {"plan": "index", "index_state": "ready", "looked_at": 64, "matching": None, "seconds": 0.0004, "items": items})

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.path == "/mock":
            self.world.drops += bool(body.pop("drop", False))
            for key, value in body.items():
                setattr(self.world, key, value)
            self.answer(200, b"{}")
            return
        if not self.is_allowed():
            return
        cancelled = re.fullmatch(r"/api/v1/runs/(\w+)/cancel", self.path)
        if cancelled:
            self.cancel(cancelled[1])
        elif self.path == "/api/v1/runs":
            self.submit(body)
        else:
            self.error(404, "no_such_route", "there is no such route")

    def submit(self, body):
        if "faulty" in body.get("config", ""):
            self.error(422, "faulty_config", f"the config has {len(FAULTS)} faults", "a config: docs/config.md", faults=FAULTS)
            return
        with self.world.lock:
            id = f"r{len(self.world.runs) + 1}"
            waiting = sum(r["state"] == "queued" for r in self.world.runs)
            self.world.runs.insert(0, World.run(id, body.get("name", "sent"), "queued", waiting + 1))
        self.answer(202, {"id": id})

    def cancel(self, id):
        with self.world.lock:
            run = next((r for r in self.world.runs if r["id"] == id), None)
            if run is None:
                self.error(404, "no_such_run", "there is no such run")
                return
            if run["state"] not in ("queued", "running"):
                self.error(409, "has_ended", "that run has ended")
                return
            run.update(state="cancelled", position=None)
        self.answer(202, {"cancelled": id})

    def stream(self, query):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        stream = Stream(self.world, query)
        drops = self.world.drops
        try:
            while drops == self.world.drops:
                begin = time.monotonic()
                for event, data in stream.events():
                    sent = without_numbers(data) if self.world.nulls and event not in ("hello", "network", "raster") else data
                    self.wfile.write(f"event: {event}\ndata: {json.dumps(sent, separators=(',', ':'))}\n\n".encode())
                self.wfile.write(b": a comment\n\n")
                self.wfile.flush()
                time.sleep(max(0.0, EVERY_S - (time.monotonic() - begin)))
        except OSError:
            pass  # whoever listened has gone


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", help="that every request but for the page needs")
    parser.add_argument("--neurons", type=int, default=100_000)
    parser.add_argument("--speed", type=float, default=1.0, help="simulated over wall time")
    args = parser.parse_args()
    Handler.world = World(args.neurons, args.speed)
    Handler.token = args.token
    with Server(("127.0.0.1", args.port), Handler) as server:
        print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
