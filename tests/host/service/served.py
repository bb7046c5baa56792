"""A service for tests: started, asked, signalled, and gone in the end."""
import http.client
import json
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

PATIENCE_S = 60


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Served:
    """`sharpwave serve` on a free port; `with` ends it by SIGTERM, and by SIGKILL where that does not."""

    def __init__(self, program, directory=None, options=(), tls=None):
        self.program = program
        self.folder = None if directory else tempfile.TemporaryDirectory()
        self.directory = pathlib.Path(directory or self.folder.name)
        self.options = list(options)
        self.tls = tls
        self.process = None
        self.port = None
        self.token = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.close_pipes()
        if self.folder:
            self.folder.cleanup()

    def close_pipes(self):
        if self.process:
            self.process.wait()
            self.process.stdout.close()
        if getattr(self, "errors", None):
            self.errors.close()

    def start(self):
        self.errors = open(self.directory / "stderr.txt", "ab")
        self.process = subprocess.Popen(
            [self.program, "serve", "--data-dir", self.directory / "data", "--port", "0", *self.options],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on https?://\S+:(\d+)\n", line)
        if not found:
            raise AssertionError(f"it did not start: {line!r}, {self.stderr()}")
        self.port = int(found[1])

    def stderr(self):
        return (self.directory / "stderr.txt").read_text(errors="replace")

    def log(self):
        """The lines of its log."""
        return [json.loads(line) for line in (self.directory / "data" / "log.jsonl").read_text().splitlines()]

    def send(self, which):
        self.process.send_signal(which)

    def end(self, which=signal.SIGTERM):
        """Its exit code."""
        self.send(which)
        code = self.process.wait(PATIENCE_S)
        self.close_pipes()
        return code

    def connection(self, timeout=PATIENCE_S):
        if self.tls:
            context = ssl.create_default_context(cafile=self.tls)
            return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=PATIENCE_S):
        connection = self.connection(timeout)
        try:
            headers = dict(headers or {})
            if self.token and "Authorization" not in headers:
                headers["Authorization"] = "Bearer " + self.token
            if body is not None and not isinstance(body, (str, bytes)):
                body = json.dumps(body)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response, response.read().decode())
        finally:
            connection.close()

    def get(self, path, **query):
        return self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body=None):
        return self.ask("POST", path, body)

    def socket(self, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, request, timeout=3):
        """What comes back for these bytes, until it is over."""
        answer = b""
        with self.socket(timeout) as connection:
            try:
                connection.sendall(request)
                while part := connection.recv(65536):
                    answer += part
            except (ConnectionError, socket.timeout):
                pass
        return answer

    def wait_for(self, what, patience_s=PATIENCE_S):
        """Until what() is true; its value."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            value = what()
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError(f"it did not come: {self.stderr()[-2000:]}")

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    def n_descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))
