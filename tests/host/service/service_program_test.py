"""`sharpwave serve` as those use it who ask it: routes, runs, tokens, TLS, its beginning and its end."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from served import Served  # noqa: E402

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[3]
NETWORK = """
simulation: {duration: %d, dt: 0.1, seed: 3}
populations:
  E: {model: iaf_psc_exp, size: 80}
  I: {model: iaf_psc_exp, size: 20}
projections:
  - {source: E, target: [E, I], rule: pairwise_bernoulli, probability: 0.1, weight: 20, delay: 1.5}
inputs:
  - {type: poisson, rate: 9000, target: E, weight: 50}
checkpoint: {interval: 200}
"""
REMEMBERED = NETWORK + """
memory:
  plugin: memory
  populations: [E]
  window: 100
"""


def network(duration=100):
    return NETWORK % duration


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(PROGRAM)
        cls.served.start()
        cls.description = cls.served.get("/openapi.json").json()

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def expect_schema(self, answer, method, path):
        operation = self.description["paths"][path][method]
        of_success = operation["responses"]["2XX"]
        if "content" not in of_success:
            return
        name = of_success["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        schema = self.description["components"]["schemas"][name]
        kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
                 "boolean": bool, "null": type(None)}
        json_answer = answer.json()
        for key in schema["required"]:
            types = schema["properties"][key]["type"]
            allowed = tuple(k for t in ([types] if isinstance(types, str) else types)
                            for k in (kinds[t] if isinstance(kinds[t], tuple) else (kinds[t],)))
            self.assertIsInstance(json_answer[key], allowed, f"{method} {path}: {key}")
        extra = set(json_answer) - set(schema["properties"])
        self.assertFalse(extra, f"{method} {path}: keys that are not described")

    def test_every_route_that_is_described_answers_as_described(self):
        served = self.served
        self.assertEqual(201, served.post("/episodes", {"embedding": [1, 0, 0]}).status)
        self.assertEqual(201, served.post("/episodes", {"embedding": [0, 1, 0]}).status)
        run = served.post("/api/v1/runs", {"config": network(9_000_000)})
        self.assertEqual(202, run.status, run.body)
        identity = run.json()["id"]
        served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 100)
        bodies = {
            "/episodes": {"embedding": [0, 0, 1], "type": "semantic", "event_ms": 5, "metadata": "by hand"},
            "/api/v1/spaces": {"name": "another"},
            "/api/v1/runs": {"config": network(10), "name": "short", "overrides": ["simulation.seed=5"]},
            "/api/v1/log-level": {"module": "run", "level": "warn"},
            "/observability/query-profile": {"embedding": [1, 1, 0]},
            "/spiking/trace": {"neurons": ["E:1", "I:0"]},
            "/spiking/trace-membrane": {"population": "E", "index": 0, "duration_ms": 10},
        }
        queries = {"/episodes/search": "?embedding=1,0,0&k=2", "/api/v1/reset": "?confirm=true&space=another"}
        last = {"/api/v1/reset", "/api/v1/runs/{id}/cancel"}
        routes = [(path, method) for path, methods in self.description["paths"].items() for method in methods]
        routes.sort(key=lambda route: (route[0] in last, route[1] == "delete"))
        for path, method in routes:
            if path in ("/api/v1/live", "/spiking/inject-neuromod"):
                continue  # below
            place = path.replace("/episodes/{id}", "/episodes/1").replace("/runs/{id}", "/runs/" + identity)
            place = place.replace("/segment/{id}", "/segment/default") + queries.get(path, "")
            body = bodies.get(path) if method == "post" else None
            answer = served.ask(method.upper(), place, body)
            self.assertTrue(200 <= answer.status < 300, f"{method} {place}: {answer.status} {answer.body}")
            self.assertRegex(answer.headers["x-trace-id"], "^[0-9a-f]{32}$")
            self.expect_schema(answer, method, path)
        reward = served.post("/spiking/inject-neuromod", {"region": "none", "reward": 1})
        self.assertEqual((409, "nothing_runs"), (reward.status, reward.json()["error"]["kind"]))

    def test_nothing_else_is_there(self):
        for path in ("/etc/passwd", "/data/log.jsonl", "/episodes/1/2", "/assets/../service.json", "/assets/page.jsx",
                     "/stats/", "//stats", "/%2e%2e/etc/passwd", "/assets/%2e%2e%2fservice.json"):
            answer = self.served.get(path)
            self.assertIn(answer.status, (400, 404), path)
            self.assertIn("error", answer.json())
        self.assertEqual(405, self.served.ask("DELETE", "/stats").status)
        self.assertEqual(405, self.served.ask("PUT", "/episodes").status)

    def test_what_is_wrong_is_refused_with_what_was_expected(self):
        served = self.served
        cases = [
            ("GET", "/episodes/0", None, 400), ("GET", "/episodes/x", None, 400),
            ("GET", "/episodes/999999", None, 404), ("GET", "/episodes/list?limit=0", None, 400),
            ("GET", "/episodes/list?limit=5&limit=6", None, 400), ("GET", "/episodes/list?kappa_from=nan", None, 400),
            ("GET", "/episodes/list?other=1", None, 400), ("GET", "/episodes/search", None, 400),
            ("GET", "/episodes/search?embedding=1,2,inf", None, 400), ("GET", "/episodes/search?embedding=1,,2", None, 400),
            ("GET", "/episodes/search?like=999999", None, 404), ("GET", "/episodes/search?type=other&like=1", None, 400),
            ("GET", "/stats?space=none_such", None, 404), ("GET", "/stats?space=../x", None, 400),
            ("GET", "/observability/latency?window_seconds=-1", None, 400),
            ("POST", "/episodes", "{", 400), ("POST", "/episodes", "[]", 400), ("POST", "/episodes", {}, 400),
            ("POST", "/episodes", {"embedding": [1, "a"]}, 400), ("POST", "/episodes", {"embedding": [1e400]}, 400),
            ("POST", "/episodes", '{"embedding": [1, NaN, 0]}', 400), ("POST", "/episodes", {"embedding": []}, 400),
            ("POST", "/episodes", {"embedding": [1, 0, 0], "other": 1}, 400),
            ("POST", "/episodes", {"embedding": [1, 0, 0], "type": "none"}, 400),
            ("POST", "/episodes", "[" * 100_000, 400), ("POST", "/api/v1/reset", None, 400),
            ("POST", "/api/v1/spaces", {"name": "No"}, 400), ("POST", "/api/v1/spaces", {"name": "default"}, 409),
            ("POST", "/api/v1/runs", {}, 400), ("POST", "/api/v1/runs", {"path": "a.yaml"}, 400),
            ("POST", "/api/v1/runs", {"config": "x: 1", "path": "a"}, 400), ("GET", "/api/v1/runs/none", None, 404),
            ("POST", "/api/v1/runs/none/cancel", None, 404), ("POST", "/api/v1/log-level", {"level": "loud"}, 400),
            ("GET", "/api/v1/live?pixels=1", None, 400), ("GET", "/api/v1/live?neurons=E", None, 400),
        ]
        for method, path, body, status in cases:
            answer = served.ask(method, path, body)
            self.assertEqual(status, answer.status, f"{method} {path}: {answer.body}")
            error = answer.json()["error"]
            self.assertIn(error["family"], ("access", "range", "persistence", "space", "index", "consolidation",
                                            "resource"))
            self.assertEqual(error["trace"], answer.headers.get("x-trace-id", error["trace"]))
            for text in ("exception", "terminate", "std::", "/tmp", "boost", "parse_error", "rocksdb"):
                self.assertNotIn(text, answer.body, f"{method} {path}")

    def test_an_embedding_twice_is_told_by_its_item(self):
        self.served.post("/episodes", {"embedding": [3, 4, 5]})
        again = self.served.post("/episodes", {"embedding": [6, 8, 10]})
        self.assertEqual(409, again.status)
        self.assertRegex(again.json()["error"]["expected"], r"it is item \d+ already")

    def test_all_faults_of_a_config_are_told_at_once(self):
        answer = self.served.post("/api/v1/runs", {"config": "populations: {E: {model: none, size: -1}}\nother: 1\n"})
        self.assertEqual(422, answer.status)
        faults = answer.json()["error"]["faults"]
        self.assertGreaterEqual(len(faults), 4)
        self.assertEqual({1, 2}, {fault["line"] for fault in faults})

    def test_a_trace_id_goes_through_to_the_log(self):
        trace = "0123456789abcdef0123456789ABCDEF"
        answer = self.served.ask("POST", "/api/v1/log-level", {"level": "info"}, {"X-Trace-Id": trace})
        self.assertEqual(trace, answer.headers["x-trace-id"])
        self.assertIn(trace, [line.get("trace") for line in self.served.log()])
        odd = self.served.ask("GET", "/health", None, {"X-Trace-Id": "../../x"})
        self.assertRegex(odd.headers["x-trace-id"], "^[0-9a-f]{32}$")

    def test_other_hosts_and_origins_are_refused(self):
        for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1:1"}, {"Host": ""}, {"Origin": "http://evil.example"},
                        {"Origin": "null"}):
            answer = self.served.ask("GET", "/stats", None, headers)
            self.assertEqual((403, "access"), (answer.status, answer.json()["error"]["family"]), headers)
        port = self.served.port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", f"[::1]:{port}"):
            self.assertEqual(200, self.served.ask("GET", "/stats", None, {"Host": host}).status, host)
        self.assertEqual(200, self.served.ask("GET", "/stats", None, {"Origin": f"http://127.0.0.1:{port}"}).status)

    def test_metrics_are_those_of_the_document(self):
        """By their names, labels and kinds."""
        served = self.served
        identity = served.post("/api/v1/runs", {"config": network(9_000_000)}).json()["id"]
        self.addCleanup(lambda: served.post(f"/api/v1/runs/{identity}/cancel"))
        served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 200)
        document = (ROOT / "docs" / "formats" / "metrics.md").read_text()
        described = {}
        for line in document.splitlines():
            if not line.startswith("| `"):
                continue
            names, kind = line.split("|")[1:3]
            found = re.findall(r"`(\w+)(?:\{([\w,]+)\})?`", names)
            for place, (name, labels) in enumerate(found):
                kinds = ["gauge"] * (len(found) - 1) + ["counter"] if "the last a counter" in kind else [kind.strip()] * len(found)
                described[name] = (kinds[place], set(labels.split(",")) if labels else set())
        exported, kinds = {}, {}
        for line in served.get("/metrics").body.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                kinds[name] = kind
            elif not line.startswith("#"):
                name, labels = re.match(r"(\w+)(?:\{(.*?)\})? ", line).groups()
                base = re.sub(r"_(bucket|sum|count)$", "", name) if kinds.get(name) is None else name
                exported.setdefault(base, set()).update(re.findall(r'(\w+)="', labels or ""))
        exported = {name: (kinds[name], labels - {"le"}) for name, labels in exported.items()}
        self.assertEqual(described, exported)

    def test_the_page_may_load_nothing_from_elsewhere(self):
        for path, kind in (("/", "text/html"), ("/assets/page.js", "text/javascript"), ("/assets/page.css", "text/css")):
            answer = self.served.get(path)
            self.assertTrue(answer.headers["content-type"].startswith(kind))
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertGreater(len(answer.body), 500)

    def test_spaces_are_apart(self):
        self.served.post("/api/v1/spaces", {"name": "apart"})
        self.served.ask("POST", "/episodes", {"embedding": [1, 2]}, {"X-Memory-Space": "apart"})
        self.assertEqual(1, self.served.get("/stats", space="apart").json()["items"])
        self.assertEqual(2, self.served.get("/stats", space="apart").json()["dimension"])
        both = self.served.ask("GET", "/stats?space=apart", None, {"X-Memory-Space": "default"})
        self.assertEqual((400, "two_spaces"), (both.status, both.json()["error"]["kind"]))

    def test_the_stream_of_events_shows_a_run(self):
        served = self.served
        identity = served.post("/api/v1/runs", {"config": network(60_000)}).json()["id"]
        seen, events = set(), {}
        connection = served.connection()
        connection.request("GET", "/api/v1/live?pixels=100&window_ms=1000&neurons=E:0")
        stream = connection.getresponse()
        self.assertEqual("text/event-stream", stream.headers["Content-Type"])
        end = time.monotonic() + 30
        while time.monotonic() < end and not {"hello", "network", "raster", "rates", "memory", "run", "alerts"} <= seen:
            line = stream.fp.readline().decode()
            if line.startswith("event: "):
                event = line[7:].strip()
            elif line.startswith("data: "):
                seen.add(event)
                events.setdefault(event, []).append(json.loads(line[6:]))
        connection.close()
        self.assertLessEqual({"hello", "network", "raster", "rates", "memory", "run"}, seen)
        self.assertEqual(10, events["hello"][0]["column_ms"])
        rows = sum(p["rows"] for p in events["network"][-1]["populations"])
        self.assertLessEqual(max((row for e in events["raster"] for column in e["columns"] for row in column),
                                 default=0), rows - 1)
        served.wait_for(lambda: served.get("/api/v1/runs/" + identity).json()["state"] == "done")


class Runs(unittest.TestCase):
    def test_a_run_is_that_of_the_command_line(self):
        with Served(PROGRAM) as served, tempfile.TemporaryDirectory() as folder:
            identity = served.post("/api/v1/runs", {"config": network(200)}).json()["id"]
            served.wait_for(lambda: served.get("/api/v1/runs/" + identity).json()["state"] == "done")
            config = pathlib.Path(folder) / "network.yaml"
            config.write_text(network(200))
            result = json.loads(subprocess.run(
                [PROGRAM, "run", config, "--out", pathlib.Path(folder) / "run", "--json", "--quiet", "--no-report"],
                capture_output=True, text=True, check=True).stdout)
            run = served.get("/api/v1/runs/" + identity).json()
            self.assertEqual(result["spike_digest"], run["result"]["spike_digest"])
            self.assertGreater(run["result"]["spikes"] if "spikes" in run["result"] else 1, 0)

    def test_runs_wait_for_each_other_and_can_be_cancelled(self):
        with Served(PROGRAM) as served:
            ids = [served.post("/api/v1/runs", {"config": network(9_000_000)}).json()["id"] for _ in range(3)]
            served.wait_for(lambda: served.get("/api/v1/runs/" + ids[0]).json()["state"] == "running")
            self.assertEqual([None, 1, 2], [served.get("/api/v1/runs/" + i).json()["position"] for i in ids])
            self.assertEqual(202, served.post(f"/api/v1/runs/{ids[1]}/cancel").status)
            self.assertEqual(202, served.post(f"/api/v1/runs/{ids[0]}/cancel").status)
            served.wait_for(lambda: served.get("/api/v1/runs/" + ids[2]).json()["state"] == "running")
            self.assertEqual(["cancelled", "cancelled"],
                             [served.get("/api/v1/runs/" + i).json()["state"] for i in ids[:2]])
            served.post(f"/api/v1/runs/{ids[2]}/cancel")
            served.wait_for(lambda: served.get("/api/v1/runs/" + ids[2]).json()["state"] == "cancelled")
            self.assertEqual(409, served.post(f"/api/v1/runs/{ids[2]}/cancel").status)

    def test_signals_of_a_run_are_in_the_store_of_the_service(self):
        with Served(PROGRAM) as served:
            identity = served.post("/api/v1/runs", {"config": REMEMBERED % 2000}).json()["id"]
            run = served.wait_for(lambda: (r := served.get("/api/v1/runs/" + identity).json())["state"] in
                                  ("done", "failed") and r)
            self.assertEqual("done", run["state"], run["error"])
            stats = served.get("/stats").json()
            self.assertGreater(stats["items"], 0)
            item = served.get("/episodes/list").json()["items"][0]
            self.assertEqual(identity, item["provenance"]["run"])
            self.assertGreater(served.get("/status").json()["signals"]["taken"], 0)

    def test_a_run_goes_on_where_the_service_ended(self):
        with tempfile.TemporaryDirectory() as folder:
            with Served(PROGRAM, folder) as whole:
                one = whole.post("/api/v1/runs", {"config": network(400_000)}).json()["id"]
                whole.wait_for(lambda: whole.get("/api/v1/runs/" + one).json()["state"] == "done")
                digest = whole.get("/api/v1/runs/" + one).json()["result"]["spike_digest"]
            for how in (signal.SIGTERM, signal.SIGKILL):
                served = Served(PROGRAM, folder)
                served.start()
                two = served.post("/api/v1/runs", {"config": network(400_000)}).json()["id"]
                served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 500 and
                                served.get("/spiking/stats").json()["run"] == two)
                self.assertEqual(0 if how == signal.SIGTERM else -9, served.end(how))
                with Served(PROGRAM, folder) as again:
                    run = again.wait_for(lambda: (r := again.get("/api/v1/runs/" + two).json())["state"] == "done" and r)
                    self.assertEqual(digest, run["result"]["spike_digest"], how)


class Access(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        for name in ("read", "admin"):
            (self.path / name).write_text(f"{name}-token-0123456789abcdef0123456789\n")
            (self.path / name).chmod(0o600)

    def tearDown(self):
        self.folder.cleanup()

    def options(self):
        return ["--read-token", self.path / "read", "--admin-token", self.path / "admin"]

    def test_tokens_grant_what_they_are_for(self):
        reader, admin = ((self.path / name).read_text().strip() for name in ("read", "admin"))
        with Served(PROGRAM, options=self.options()) as served:
            for path in ("/health", "/ready", "/openapi.json", "/", "/assets/page.js", "/assets/page.css"):
                self.assertEqual(200, served.get(path).status, path)
            for token, look, change in ((None, 401, 401), ("wrong" * 8, 401, 401), (reader, 200, 403), (admin, 200, 201)):
                served.token = token
                self.assertEqual(look, served.get("/stats").status, token)
                self.assertEqual(change, served.post("/episodes", {"embedding": [1, 0]}).status, token)
            for header in ("", "Bearer", "Bearer ", "Basic " + admin, admin, "bearer" + admin, "Bearer " + admin + "x",
                           "Bearer " + admin[:-1]):
                answer = served.ask("GET", "/stats", None, {"Authorization": header})
                self.assertEqual(401, answer.status, header)
                self.assertNotIn(admin, answer.body)
            self.assertNotIn(admin, served.stderr() + (served.directory / "data" / "log.jsonl").read_text())

    def test_new_tokens_are_read_on_sighup_and_bad_ones_leave_the_old(self):
        with Served(PROGRAM, options=self.options()) as served:
            old = (self.path / "admin").read_text().strip()
            served.token = old
            (self.path / "admin").write_text("short\n")
            served.send(signal.SIGHUP)
            served.wait_for(lambda: "not reloaded" in served.stderr())
            self.assertEqual(200, served.get("/stats").status)
            new = "another-token-0123456789abcdef0123456789"
            (self.path / "admin").write_text(new)
            served.send(signal.SIGHUP)
            served.wait_for(lambda: served.get("/stats").status == 401)
            served.token = new
            self.assertEqual(200, served.get("/stats").status)

    def refused(self, *options):
        result = subprocess.run([PROGRAM, "serve", "--data-dir", self.path / "data", "--port", "0", *options],
                                capture_output=True, text=True, timeout=60)
        self.assertNotEqual(0, result.returncode)
        return result.stderr

    def test_what_others_reach_needs_a_token_and_tls(self):
        self.assertIn("--admin-token", self.refused("--address", "0.0.0.0"))
        self.assertIn("--tls-certificate", self.refused("--address", "0.0.0.0", *self.options()))
        (self.path / "admin").chmod(0o640)
        self.assertIn("chmod 600", self.refused(*self.options()))
        self.assertIn("cannot be read", self.refused("--admin-token", self.path / "none"))
        self.assertIn("PEM", self.refused("--tls-certificate", self.path / "read", "--tls-key", self.path / "read"))

    def test_tls(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.path / "key.pem",
                        "-out", self.path / "cert.pem"], check=True, capture_output=True)
        options = ["--tls-certificate", self.path / "cert.pem", "--tls-key", self.path / "key.pem"]
        with Served(PROGRAM, options=options, tls=self.path / "cert.pem") as served:
            self.assertEqual(200, served.get("/health").status)
            self.assertEqual(201, served.post("/episodes", {"embedding": [1, 0]}).status)
            self.assertNotIn(b"200 OK", served.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            self.assertEqual(200, served.get("/health").status)


class Life(unittest.TestCase):
    def test_one_directory_has_one_service(self):
        with Served(PROGRAM) as served:
            result = subprocess.run([PROGRAM, "serve", "--data-dir", served.directory / "data", "--port", "0"],
                                    capture_output=True, text=True, timeout=60)
            self.assertEqual(4, result.returncode)
            self.assertIn("another service", result.stderr)
            presence = json.loads((served.directory / "data" / "service.json").read_text())
            self.assertEqual((served.process.pid, served.port), (presence["pid"], presence["port"]))
            port = subprocess.run([PROGRAM, "serve", "--data-dir", served.directory / "other", "--port", str(served.port)],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(4, port.returncode, port.stderr)
            self.assertIn(str(served.port), port.stderr)

    def test_sigusr1_saves_and_says_how_it_is(self):
        with Served(PROGRAM) as served:
            served.post("/api/v1/runs", {"config": network(9_000_000)})
            served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 10)
            served.send(signal.SIGUSR1)
            served.wait_for(lambda: '"run_saved":true' in served.stderr())
            self.assertIn("status: {", served.stderr())
            served.wait_for(lambda: served.get("/api/v1/runs").json()["runs"][0]["checkpoint_age_s"] is not None)

    def test_it_ends_with_what_is_under_way(self):
        with Served(PROGRAM) as served:
            served.post("/api/v1/runs", {"config": network(9_000_000)})
            served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 10)
            connection = served.connection()
            connection.request("POST", "/spiking/trace-membrane", json.dumps({"population": "E", "duration_ms": 10}))
            served.send(signal.SIGTERM)
            self.assertEqual(200, connection.getresponse().status)
            connection.close()
            self.assertEqual(0, served.process.wait(60))
            self.assertFalse((served.directory / "data" / "service.json").exists())

    def test_a_second_signal_ends_it_at_once(self):
        with Served(PROGRAM) as served:
            connection = served.socket()
            served.post("/api/v1/runs", {"config": network(9_000_000)})
            request = served.connection()
            served.wait_for(lambda: served.get("/spiking/stats").json()["time_ms"] > 1)
            request.request("POST", "/spiking/trace-membrane", json.dumps({"population": "I", "duration_ms": 10_000}))
            served.send(signal.SIGTERM)
            time.sleep(0.2)
            served.send(signal.SIGTERM)
            self.assertIn(served.process.wait(10), (143, 0))
            request.close()
            connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
