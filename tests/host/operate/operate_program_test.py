#!/usr/bin/env python3
"""`sharpwave analyze-logs`, `diagnose` and `debug-bundle` as a user runs them. The service is played by this script.

Usage: operate_program_test.py PROGRAM
"""

import contextlib
import datetime
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

PROGRAM = ""
ROOT = pathlib.Path(__file__).resolve().parents[3]
OK, USAGE, IO, DAMAGED, NO_ROOM, NO_DEVICE, UNHEALTHY = 0, 2, 4, 5, 6, 7, 17
SECRET = "Hunter2-Sesame-9f1c"

METRICS = {
    'sharpwave_build_info{version="0.1.0"}': 1,
    "sharpwave_ready": 1,
    "sharpwave_draining": 0,
    'sharpwave_http_requests_total{status="200"}': 7,
    "sharpwave_http_connections": 1,
    "sharpwave_breaker_open": 0,
    'sharpwave_memory_sequence{space="default"}': 100,
    'sharpwave_memory_synced_sequence{space="default"}': 100,
    'sharpwave_runs{state="running"}': 0,
    "sharpwave_disk_free_bytes": 5e11,
    "sharpwave_disk_size_bytes": 1e12,
    "process_resident_memory_bytes": 1e7,
    "process_open_fds": 30,
    "process_max_fds": 1024,
    "process_start_time_seconds": 1.7e9,
}


def run(*words, folder=None, limit_bytes=None, environment=None):
    command = [PROGRAM, *map(str, words)]
    if limit_bytes:
        command = ["sh", "-c", f'ulimit -v {limit_bytes // 1024}; exec "$@"', "sh", *command]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120,
                          env={**os.environ, **(environment or {})})


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def line(message, level="info", **more):
    return json.dumps({"time": now(), "level": level, "module": "memory", "message": message, **more}) + "\n"


class Service:
    """Answers as a service does; what it answers can be changed."""

    def __init__(self):
        self.metrics = dict(METRICS)
        self.answers = {}  # path: (status, body), instead of the usual
        self.delay_s = 0
        self.token = None
        self.seen = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                service.seen.append((self.path, self.headers["Host"], self.headers["Authorization"]))
                time.sleep(service.delay_s)
                status, body = service.answer(self.path, self.headers["Authorization"])
                data = body if isinstance(body, bytes) else body.encode()
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port

    def answer(self, path, authorization):
        if path in self.answers:
            return self.answers[path]
        if self.token and path not in ("/health", "/ready") and authorization != f"Bearer {self.token}":
            return 401, "{}"
        if path == "/metrics":
            return 200, "".join(f"{name} {value}\n" for name, value in self.metrics.items())
        return 200, json.dumps({"path": path})

    def start(self, certificate=None, key=None):
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class OperateTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.log = self.data / "log.jsonl"

    def process_named(self, name):
        """A process that is called so, and does nothing."""
        program = self.folder / name
        if not program.exists():
            shutil.copy(os.path.realpath(shutil.which("sh")), program)
        process = subprocess.Popen([program, "-c", "read line", name, *self.words_of_process], stdin=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 10
        while pathlib.Path(f"/proc/{process.pid}/comm").read_text().strip() != name and time.monotonic() < deadline:
            time.sleep(0.01)
        return process

    words_of_process = ()

    def service_file(self, **changes):
        values = {"pid": os.getpid(), "address": "127.0.0.1", "port": 1, "tls": False, "started": now(), **changes}
        (self.data / "service.json").write_text(json.dumps(values))

    def serve(self, certificate=None, key=None, **changes):
        service = Service()
        service.start(certificate, key)
        self.addCleanup(service.stop)
        self.process = self.process_named("sharpwave")
        self.service_file(pid=self.process.pid, port=service.port, tls=certificate is not None, **changes)
        self.log.write_text(line("all is well"))
        return service


class AnalyzeLogs(OperateTest):
    def analyze(self, *words, code=OK, **how):
        result = run("analyze-logs", *words, **how)
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return result.stdout

    def json(self, *words, **how):
        return json.loads(self.analyze(*words, "--json", **how))

    def test_says_what_logs_come_to(self):
        self.log.write_text("".join(line(f"stored item {i} in 0.{i} ms") for i in range(100)) + line("block 7 of /a/b is damaged", "error")
                            + line("nothing fits", "error", family="consolidation") + line("default: warm start")
                            + line("search was slow: 2.5 s", "warning"))
        summary = self.json(self.log)
        self.assertEqual({"pattern": "stored item <n> in <n> ms", "count": 100},
                         {key: summary["patterns"][0][key] for key in ("pattern", "count")})
        self.assertEqual(2, summary["levels"]["error"])
        self.assertEqual(1, summary["families"]["persistence"]["count"])
        self.assertEqual((1, 1), tuple(summary["families"]["consolidation"][key] for key in ("count", "said")))
        self.assertEqual(["slow_operation"], [found["name"] for found in summary["performance"]])
        self.assertEqual(["warm_start"], [found["name"] for found in summary["recovery"]])
        self.assertIn("docs/operations/common_issues.md#data-corruption", [r["see"] for r in summary["recommendations"]])
        self.assertEqual(104, sum(sum(levels.values()) for levels in summary["timeline"]["bins"]))
        text = self.analyze(self.log)
        for part in ("stored item <n> in <n> ms", "damaged_data", "common_issues.md#data-corruption", "Timeline", "█"):
            self.assertIn(part, text)

    def test_window(self):
        self.log.write_text('{"time":"2026-01-30T12:00:00Z","level":"info","message":"a"}\n'
                            '{"time":"2026-01-31T12:00:00Z","level":"info","message":"b"}\n')
        self.assertEqual(1, self.json(self.log, "--since", "2026-01-31")["lines"]["counted"])
        self.assertEqual(1, self.json(self.log, "--until", "2026-01-31T12:00")["lines"]["counted"])
        for words in (["--since", "yesterday"], ["--since", "2026-02-01", "--until", "2026-01-01"]):
            self.analyze(self.log, *words, code=USAGE)
        self.analyze(code=USAGE)

    def test_hostile_files(self):
        cases = {
            "binary": bytes(range(256)) * 4000,
            "zeros": b"\0" * 1_000_000,
            "truncated": line("µ" * 10).encode()[:-12],
            "cut character": b'{"message":"\xe2\x82"}\n' + line("whole").encode(),
            "deep": b'{"message":"m","x":' + b"[" * 200_000,
            "long words": json.dumps({"message": "a:" * 100_000}).encode(),
            "terminal": line("\x1b[31mred\x07").encode(),
            "empty": b"",
            "line feeds": b"\n" * 100_000,
            "many": b"x\n" * 500_000,
            "far times": b'{"time":"9999-12-31","message":"m"}\n{"time":"0000-01-01","message":"m"}\n',
        }
        for name, content in cases.items():
            with self.subTest(name):
                self.log.write_bytes(content)
                summary = self.json(self.log, limit_bytes=1_000_000_000)
                lines = summary["lines"]
                self.assertEqual(lines["read"], lines["counted"] + lines["malformed"] + lines["too_long"])
                self.assertNotIn("\x1b", self.analyze(self.log))

    def test_a_line_of_100_megabytes_takes_no_memory(self):
        with self.log.open("wb") as file:
            file.write(b'{"message":"')
            for _ in range(100):
                file.write(b"x" * 1_000_000)
            file.write(b'"}\n' + line("behind it").encode())
        # The program itself has about 300 MB of addresses.
        summary = self.json(self.log, limit_bytes=390_000_000)
        self.assertEqual((1, 1), (summary["lines"]["too_long"], summary["lines"]["counted"]))
        self.assertIn("100000014 bytes", summary["lines"]["examples"][0]["fault"])

    def test_a_file_that_cannot_be_read_does_not_keep_others_from_it(self):
        self.log.write_text(line("m"))
        result = run("analyze-logs", self.folder / "none", self.log, "/dev/zero", self.data)
        self.assertEqual(IO, result.returncode)
        self.assertIn("none: cannot be opened", result.stderr)
        self.assertIn("/dev/zero: is neither a file nor a pipe", result.stderr)
        self.assertIn("1 counted", result.stdout)

    def test_secrets_are_not_told(self):
        self.log.write_text(line(f"Authorization: Bearer {SECRET}", "error") + f"garbage token={SECRET}\n")
        self.assertNotIn(SECRET, self.analyze(self.log) + self.analyze(self.log, "--json"))


class Diagnose(OperateTest):
    def diagnose(self, *words, code=None, **how):
        begin = time.monotonic()
        result = run("diagnose", "--data-dir", self.data, "--json", *words, **how)
        self.assertLess(time.monotonic() - begin, 30)
        if code is not None:
            self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual(result.returncode, answer["exit_code"])
        self.assertEqual(10, len(answer["checks"]))
        for check in answer["checks"]:
            if check["state"] in ("warning", "failure"):
                self.assertTrue(check["action"], check)
                self.assertTrue(check["see"].startswith("docs/operations/common_issues.md#"), check)
        return {check["name"]: check for check in answer["checks"]}

    def states(self, *words, **how):
        return {name: check["state"] for name, check in self.diagnose(*words, **how).items()}

    def test_a_service_that_is_well(self):
        service = self.serve()
        checks = self.diagnose(code=OK)
        wrong = {name: check for name, check in checks.items() if check["state"] != "ok" and name not in ("device", "memory")}
        self.assertEqual({}, wrong)
        self.assertEqual(5, sum(path == "/health" for path, _, _ in service.seen))
        self.assertEqual({f"127.0.0.1:{service.port}"}, {host for _, host, _ in service.seen})
        text = run("diagnose", "--data-dir", self.data)
        self.assertIn("response time", text.stdout)

    def test_metrics_of_each_check(self):
        service = self.serve()
        for check, state, code, change in [
            ("disk", "warning", OK, {"sharpwave_disk_free_bytes": 1.9e11}),
            ("disk", "failure", NO_ROOM, {"sharpwave_disk_free_bytes": 0.9e11}),
            ("wal", "warning", OK, {'sharpwave_memory_sequence{space="default"}': 20_000}),
            ("wal", "failure", UNHEALTHY, {'sharpwave_memory_sequence{space="default"}': 200_000}),
            ("wal", "failure", DAMAGED, {'sharpwave_memory_damaged{space="default"}': 1}),
            ("memory", "failure", NO_ROOM, {"process_resident_memory_bytes": 1e15}),
            ("descriptors", "failure", UNHEALTHY, {"process_open_fds": 900}),
            ("metrics", "failure", UNHEALTHY, {"process_open_fds": "many"}),
        ]:
            with self.subTest(check=check, change=change):
                service.metrics = {**METRICS, **change}
                self.assertEqual(state, self.diagnose(code=code)[check]["state"])
        service.metrics = {**METRICS, "sharpwave_disk_free_bytes": 1.9e11}
        self.diagnose("--strict", code=NO_ROOM)
        service.metrics = {k: v for k, v in METRICS.items() if k != "sharpwave_ready"}
        self.assertIn("lacks sharpwave_ready", self.diagnose(code=UNHEALTHY)["metrics"]["found"])

    def test_answers(self):
        service = self.serve()
        service.answers = {"/ready": (503, "{}")}
        self.assertEqual("failure", self.states(code=UNHEALTHY)["service"])
        service.answers = {"/health": (500, "{}")}
        self.assertEqual("failure", self.states(code=UNHEALTHY)["service"])
        service.answers = {"/metrics": (200, b"\x00\xff<html>")}
        self.assertEqual("failure", self.states(code=UNHEALTHY)["metrics"])
        service.answers = {"/metrics": (500, "{}")}
        self.assertEqual("failure", self.states(code=UNHEALTHY)["metrics"])

    def test_response_time(self):
        service = self.serve()
        service.delay_s = 0.15
        self.assertEqual("warning", self.states(code=OK)["response time"])
        service.delay_s = 1.1
        self.assertEqual("failure", self.states(code=UNHEALTHY)["response time"])

    def test_recent_errors(self):
        self.serve()
        old = '{"time":"2020-01-01","level":"error","message":"x"}\n'
        self.log.write_text(old * 100 + line("odd", "error"))
        self.assertEqual("warning", self.states(code=OK)["recent errors"])
        self.log.write_text(line("odd", "error") * 10)
        self.assertEqual("failure", self.states(code=UNHEALTHY)["recent errors"])
        self.log.write_text(line("a block is damaged", "error"))
        self.assertEqual("failure", self.states(code=UNHEALTHY)["recent errors"])

    def test_no_service(self):
        states = self.states(code=UNHEALTHY)
        self.assertEqual("failure", states["process"])
        for name in ("service", "wal", "descriptors", "recent errors", "response time", "metrics"):
            self.assertEqual("skipped", states[name])
        result = run("diagnose", "--data-dir", self.folder / "none")
        self.assertEqual(IO, result.returncode)
        self.assertIn("expected the data directory", result.stderr)
        self.assertEqual(USAGE, run("diagnose").returncode)

    def test_a_store_that_nobody_serves(self):
        made = run("memory", "spaces", "create", "default", "--store", self.data / "store")
        if "built without" in made.stderr:
            self.skipTest(made.stderr)
        self.assertEqual(OK, made.returncode, made.stderr)
        self.assertEqual("ok", self.states(code=UNHEALTHY)["wal"])
        for file in self.data.rglob("MANIFEST-*"):
            file.write_bytes(b"\xff" * 100)
        self.assertEqual("failure", self.states()["wal"])

    def test_processes_that_are_not_it(self):
        service = self.serve()
        process = self.process_named("other")
        self.service_file(pid=process.pid, port=service.port)
        self.assertIn("'other', expected sharpwave", self.diagnose(code=UNHEALTHY)["process"]["found"])
        self.service_file(pid=self.process.pid, port=service.port, started="2020-01-01T00:00:00Z")
        self.assertIn("began after", self.diagnose(code=UNHEALTHY)["process"]["found"])
        self.process.kill()
        self.process.wait()
        self.service_file(pid=self.process.pid, port=service.port)
        checks = self.diagnose(code=UNHEALTHY)
        self.assertIn("which is not there", checks["process"]["found"])
        self.assertEqual("ok", checks["service"]["state"])

    def test_a_port_where_nobody_or_nothing_of_http_is(self):
        self.serve()
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            self.service_file(pid=self.process.pid, port=silent.getsockname()[1])
            self.assertIn("cannot be reached", self.diagnose(code=UNHEALTHY)["service"]["found"])
            silent.listen()
            self.assertIn("did not answer in time", self.diagnose(code=UNHEALTHY)["service"]["found"])
        with socket.create_server(("127.0.0.1", 0)) as odd:
            def babble():
                with contextlib.suppress(OSError):
                    while True:
                        connection = odd.accept()[0]
                        connection.sendall(b"SSH-2.0-x\r\n" * 10)
                        connection.close()
            threading.Thread(target=babble, daemon=True).start()
            self.service_file(pid=self.process.pid, port=odd.getsockname()[1])
            self.assertEqual("failure", self.states(code=UNHEALTHY)["service"])

    def test_service_files_that_are_none(self):
        self.serve()
        for content in ("", "{", "[]", '{"pid": 1}', "\x00" * 100, '{"pid":1,"address":"a","port":70000,"tls":false}'):
            (self.data / "service.json").write_text(content)
            self.assertEqual("failure", self.states(code=UNHEALTHY)["process"])

    def test_url_and_token(self):
        service = self.serve()
        service.token = SECRET
        self.assertEqual("warning", self.states(code=OK)["metrics"])
        (self.folder / "token").write_text(SECRET + "\n")
        self.assertEqual("ok", self.states("--token", self.folder / "token", code=OK)["metrics"])
        (self.data / "service.json").unlink()
        states = self.states("--url", f"http://localhost:{service.port}", "--token", self.folder / "token", code=OK)
        self.assertEqual(("skipped", "ok"), (states["process"], states["service"]))
        self.assertEqual(USAGE, run("diagnose", "--data-dir", self.data, "--url", "localhost").returncode)
        self.assertEqual(IO, run("diagnose", "--data-dir", self.data, "--url", "http://a", "--token", "/nowhere").returncode)

    def make_certificate(self, name):
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-addext", f"subjectAltName=DNS:{name}", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
        return files

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make certificates with")
    def test_tls(self):
        certificate, key = self.make_certificate("localhost")
        service = self.serve(certificate, key)
        checks = self.diagnose(code=UNHEALTHY)  # no authority of the system stands behind it
        self.assertIn("TLS failed", checks["service"]["found"])
        self.assertTrue(checks["service"]["see"].endswith("#device-or-tls-failure"))
        # Its own certificate is enough, although the address is not among its names.
        self.assertEqual("ok", self.states("--ca", certificate, code=OK)["service"])
        self.assertEqual("ok", self.states("--url", f"https://localhost:{service.port}", "--ca", certificate, code=OK)["service"])
        other, _ = self.make_certificate("other")
        self.assertEqual("failure", self.states("--ca", other, code=UNHEALTHY)["service"])
        self.assertEqual(IO, run("diagnose", "--data-dir", self.data, "--ca", self.folder / "none").returncode)
        self.service_file(pid=self.process.pid, port=service.port, tls=False)
        self.assertEqual("failure", self.states()["service"])

    def gpu(self, script):
        """PATH with an nvidia-smi that does that."""
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "nvidia-smi").write_text("#!/bin/sh\n" + script + "\n")
        (folder / "nvidia-smi").chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_device(self):
        service = self.serve()
        ok = self.gpu("echo 'GPU 0: NVIDIA H200 (UUID: GPU-x)'")
        self.assertEqual("ok", self.diagnose(code=OK, environment=ok)["device"]["state"])
        service.metrics["sharpwave_device_available"] = 0
        self.assertEqual("warning", self.diagnose(code=OK, environment=ok)["device"]["state"])
        self.assertEqual("failure", self.diagnose(code=NO_DEVICE, environment=self.gpu("echo no driver >&2; exit 9"))["device"]["state"])
        self.assertIn("did not end in time", self.diagnose(code=NO_DEVICE, environment=self.gpu("sleep 60"))["device"]["found"])


class DebugBundle(OperateTest):
    words_of_process = ("--admin-token", SECRET)

    def bundle(self, *words, code=OK, **how):
        file = self.folder / "b.tar.gz"
        result = run("debug-bundle", "--data-dir", self.data, "--out", file, *words, **how)
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        self.output = result.stdout + result.stderr
        if code != OK:
            return None
        self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode))
        with tarfile.open(file) as archive:
            members = archive.getmembers()
            for member in members:
                self.assertTrue(member.isfile() and member.name.startswith("sharpwave-debug/") and ".." not in member.name)
            return {m.name.removeprefix("sharpwave-debug/"): archive.extractfile(m).read() for m in members}

    def test_holds_what_there_is_and_tells_what_there_is_not(self):
        self.serve()
        run_folder = self.data / "runs" / "7" / "run"
        run_folder.mkdir(parents=True)
        (run_folder / "run.json").write_text('{"seed": 7}')
        (run_folder / "log.jsonl").write_text(line("of the run"))
        (run_folder.parent / "request.json").write_text('{"config": "simulation: {dt: 0.1}"}')
        files = self.bundle()
        for name in ("log.jsonl", "service.json", "runs/7/run/run.json", "runs/7/run/log.jsonl", "runs/7/request.json",
                     "service/metrics.txt", "service/status.json", "system/uname.txt", "system/meminfo.txt", "system/cpu.txt",
                     "system/df.txt", "system/limits.txt", "system/os_release.txt", "process/status.txt", "process/limits.txt",
                     "process/descriptors.txt", "environment/command.txt", "manifest.json"):
            self.assertIn(name, files)
        self.assertIn(b"sharpwave_ready 1", files["service/metrics.txt"])
        manifest = json.loads(files["manifest.json"])
        told = {entry["name"]: entry["bytes"] for entry in manifest["entries"]}
        self.assertEqual({name: len(content) for name, content in files.items() if name != "manifest.json"}, told)
        with tempfile.TemporaryDirectory() as empty:
            self.data = pathlib.Path(empty)
            manifest = json.loads(self.bundle("--force")["manifest.json"])
        missing = {one["name"]: one["why"] for one in manifest["missing"]}
        for name in ("log.jsonl", "service.json", "service", "runs", "process"):
            self.assertTrue(missing[name])

    def test_holds_no_secret(self):
        service = self.serve()
        service.token = SECRET
        token = self.folder / "token"
        token.write_text(SECRET + "\n")
        key = f"-----BEGIN PRIVATE KEY-----\nMIIB{SECRET}\n-----END PRIVATE KEY-----\n"
        forms = [f"Authorization: Bearer {SECRET}", f"token={SECRET}", f"password: '{SECRET}'", f"--admin-token {SECRET}",
                 f"https://u:{SECRET}@h/", key, json.dumps({"token": SECRET}), json.dumps(json.dumps({"password": SECRET})),
                 f"client_secret = {SECRET}"]
        self.log.write_text("".join(line(form, "error", trace=form) for form in forms) + "\n".join(forms))
        for name in ("read.token", "admin.token", "tls.key", "tls.pem", "token"):
            (self.data / name).write_text(key + SECRET)
        folder = self.data / "runs" / "1"
        (folder / "run").mkdir(parents=True)
        (folder / "request.json").write_text(json.dumps({"config": "\n".join(forms), "overrides": forms}))
        (folder / "run" / "run.json").write_text(json.dumps({"config": "\n".join(forms)}))
        (folder / "run" / "config.yaml").write_text("\n".join(forms))
        (folder / "run" / "log.jsonl").symlink_to(self.data / "admin.token")
        (self.data / "runs" / "2").symlink_to(self.folder)
        (self.data / "runs" / f"token={SECRET}").mkdir()
        service.answers = {path: (200, json.dumps({"text": forms})) for path in ("/health", "/status", "/stats", "/system/status")}
        service.answers["/metrics"] = 200, f'x{{token="{SECRET}"}} 1\n'
        values = json.loads((self.data / "service.json").read_text())
        (self.data / "service.json").write_text(json.dumps({**values, "admin_token": SECRET}))
        environment = {"SHARPWAVE_ADMIN_TOKEN": SECRET, "SHARPWAVE_TLS_KEY": key, "SHARPWAVE_URL": f"http://u:{SECRET}@h",
                       "SHARPWAVE_DATA_DIR": "somewhere", "OTHER": SECRET + "-other"}
        for words, how in [((), {}), ((), {"environment": environment}), (("--token", token), {"environment": environment})]:
            files = self.bundle("--force", *words, **how)
            for name, content in files.items():
                self.assertNotIn(SECRET.encode(), content, name)
                self.assertNotIn(b"MIIB", content, name)
                self.assertNotIn(SECRET, name)
            self.assertNotIn(SECRET, self.output)
            self.assertNotIn(b"OTHER", files["environment/command.txt"])
        self.assertIn(b"SHARPWAVE_DATA_DIR=somewhere", files["environment/command.txt"])
        self.assertIn(b"SHARPWAVE_ADMIN_TOKEN=[masked]", files["environment/command.txt"])
        self.assertIn(b"--admin-token [masked]", files["process/command_line.txt"])
        self.assertNotIn("runs/1/run/log.jsonl", files)
        manifest = json.loads(files["manifest.json"])
        (why,) = [one["why"] for one in manifest["missing"] if one["name"] == "runs/1/run/log.jsonl"]
        self.assertIn("it is a link", why)

    def test_of_a_long_log_the_end_from_a_whole_line(self):
        # The cut falls into a secret, whose name stands before it.
        self.log.write_text(line("x") + "token=" + SECRET * 600_000 + "\n" + line("the end"))
        files = self.bundle()
        self.assertEqual(line("the end").split('"message"')[1], files["log.jsonl"].decode().split('"message"')[1])
        self.assertNotIn(SECRET.encode(), files["log.jsonl"])

    def test_a_service_or_a_gpu_that_hangs_takes_seconds(self):
        service = self.serve()
        service.delay_s = 60
        folder = self.folder / "bin"
        folder.mkdir()
        (folder / "nvidia-smi").write_text("#!/bin/sh\nsleep 60\n")
        (folder / "nvidia-smi").chmod(0o755)
        begin = time.monotonic()
        files = self.bundle(environment={"PATH": f"{folder}:{os.environ['PATH']}"})
        self.assertLess(time.monotonic() - begin, 25)
        missing = {one["name"]: one["why"] for one in json.loads(files["manifest.json"])["missing"]}
        self.assertIn("did not end in 5 s", missing["gpu/nvidia_smi.txt"])
        self.assertIn("in time", missing["service/health.json"])
        self.assertIn("log.jsonl", files)

    def test_is_whole_or_not_there(self):
        self.bundle()
        before = (self.folder / "b.tar.gz").read_bytes()
        self.bundle(code=IO)  # it is there
        self.assertEqual(before, (self.folder / "b.tar.gz").read_bytes())
        result = run("debug-bundle", "--data-dir", self.data, "--out", "/nowhere/b.tar.gz")
        self.assertEqual(IO, result.returncode)
        self.log.write_bytes(os.urandom(4_000_000))
        full = subprocess.run(["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", PROGRAM, "debug-bundle", "--data-dir", self.data,
                               "--out", self.folder / "b.tar.gz", "--force"], capture_output=True, text=True, timeout=60)
        self.assertEqual(NO_ROOM, full.returncode, full.stderr)
        self.assertEqual(before, (self.folder / "b.tar.gz").read_bytes())
        self.assertEqual([], list(self.folder.glob("*.partial")))

    def test_default_name(self):
        result = run("debug-bundle", "--data-dir", self.data, folder=self.folder)
        self.assertEqual(OK, result.returncode, result.stderr)
        (file,) = self.folder.glob("sharpwave-debug-*Z.tar.gz")
        self.assertIn(file.name, result.stdout)

    def test_runs_with_odd_names_or_pipes_do_no_harm(self):
        folder = self.data / "runs" / "odd"
        folder.mkdir(parents=True)
        os.mkfifo(folder / "log.jsonl")
        os.mkfifo(self.log)
        (self.data / "runs" / "a\nb\x1b").mkdir()
        files = self.bundle()
        missing = {one["name"]: one["why"] for one in json.loads(files["manifest.json"])["missing"]}
        self.assertIn("it is no file", missing["runs/odd/log.jsonl"])
        self.assertIn("it is no file", missing["log.jsonl"])


class Documents(unittest.TestCase):
    def test_name_every_sign_word_and_metric_that_is_looked_for(self):
        words = (ROOT / "docs/formats/log_analysis_json.md").read_text()
        source = (ROOT / "host/operate/log_signs.cpp").read_text()
        told = re.findall(r'"([^"\n]+)"', source[source.index("family_words()"):])
        self.assertGreater(len(told), 100)
        self.assertEqual([], [word for word in told if word not in words])
        source = (ROOT / "host/operate/metrics_text.cpp").read_text()
        needed = re.findall(r'"((?:sharpwave|process)_[a-z_]+)"', source)
        self.assertGreater(len(needed), 10)
        metrics = (ROOT / "docs/formats/metrics.md").read_text()
        self.assertEqual([], [name for name in needed if name not in metrics])


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=1)
