"""What hostile clients do to the service: it goes on, small and quick, and says nothing of its insides.

    service_abuse_test.py PROGRAM
"""
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from served import Served  # noqa: E402

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
MOST_GROWTH = 16 << 20
MOST_HEALTH_S = 0.1
SECRETS = (b"exception", b"terminate", b"boost", b"std::", b"what():", b"parse_error", b"/host/")


class Health(threading.Thread):
    """Asks /health all the while, on a connection of its own each time; the longest that it took."""

    def __init__(self, served):
        super().__init__(daemon=True)
        self.served = served
        self.seconds = []
        self.failures = []
        self.is_over = threading.Event()
        # One slow answer among these may be another process's fault; of the same machine, without any abuse.
        self.usual = sorted(self.once() for _ in range(20))[-1]

    def once(self):
        begin = time.monotonic()
        answer = self.served.ask("GET", "/health", timeout=5)
        if answer.status != 200:
            self.failures.append(answer.status)
        return time.monotonic() - begin

    def run(self):
        while not self.is_over.wait(0.02):
            try:
                self.seconds.append(self.once())
            except OSError as error:
                self.failures.append(error)

    def end(self):
        self.is_over.set()
        self.join()
        self.seconds.append(self.once())


class Abuse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = Served(PROGRAM)
        cls.served.start()
        cls.host = b"Host: 127.0.0.1:%d\r\n" % cls.served.port
        for _ in range(50):
            cls.served.get("/stats")

    @classmethod
    def tearDownClass(cls):
        cls.served.__exit__()

    def setUp(self):
        self.before = self.served.resident_bytes()
        self.health = Health(self.served)
        self.health.start()

    def tearDown(self):
        self.health.end()
        self.assertIsNone(self.served.process.poll(), "it has died")
        self.assertEqual([], self.health.failures)
        self.assertGreater(len(self.health.seconds), 0)
        self.assertLess(max(self.health.seconds), MOST_HEALTH_S + self.health.usual)
        self.assertLess(self.served.resident_bytes() - self.before, MOST_GROWTH)

    def send(self, request):
        answer = self.served.raw(request)
        for secret in SECRETS:
            self.assertNotIn(secret, answer)
        return answer

    def status(self, request):
        answer = self.send(request)
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None

    def test_long_heads(self):
        line = b"GET /health HTTP/1.1\r\n" + self.host
        self.assertEqual(431, self.status(line + b"X: " + b"a" * 100_000 + b"\r\n\r\n"))
        self.assertEqual(431, self.status(line + b"".join(b"X%d: y\r\n" % i for i in range(5000)) + b"\r\n"))
        self.assertEqual(431, self.status(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + self.host + b"\r\n"))
        self.assertEqual(200, self.status(line + b"X: " + b"a" * 10_000 + b"\r\nConnection: close\r\n\r\n"))

    def test_bodies_that_are_too_long(self):
        line = b"POST /episodes HTTP/1.1\r\n" + self.host
        for length in (b"1048577", b"99999999999", b"18446744073709551615"):
            self.assertEqual(413, self.status(line + b"Content-Length: " + length + b"\r\n\r\n"), length)
        for length in (b"99999999999999999999999", b"-1", b"1x", b"0x10", b"", b"1, 1", b"+5"):
            self.assertEqual(400, self.status(line + b"Content-Length: " + length + b"\r\n\r\n{}"), length)

    def test_chunked_bodies(self):
        line = b"POST /episodes HTTP/1.1\r\n" + self.host + b"Transfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(400, self.status(line + b"2\r\n{}\r\n0\r\n\r\n"), "an empty object is refused as such")
        for bad in (b"-5\r\nhello\r\n0\r\n\r\n", b"5 5\r\nhello\r\n", b"g\r\n", b"fffffffffffffffffff\r\n", b"2\r\n{}XX0\r\n\r\n"):
            self.assertIn(self.status(line + bad), (400, 413), bad)
        self.assertEqual(413, self.status(line + b"ffffffff\r\n" + b"a" * 2_000_000))
        self.assertIn(self.status(line + (b"1;" + b"x" * 30_000 + b"\r\na\r\n") * 40), (400, 413, 431))
        bomb = b"".join(b"10000\r\n" + b"a" * 65536 + b"\r\n" for _ in range(64))
        self.assertEqual(413, self.status(line + bomb))

    def test_requests_that_can_be_read_in_two_ways(self):
        end = b"\r\n0\r\n\r\nGET /stats HTTP/1.1\r\n" + self.host + b"\r\n"
        line = b"POST /episodes HTTP/1.1\r\n"
        for head in (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                     b"Content-Length: 4\r\nContent-Length: 5\r\n", b"Transfer-Encoding: xchunked\r\n",
                     b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
                     b"Content-Length : 4\r\n", b"Transfer-Encoding\t: chunked\r\n"):
            answer = self.send(line + self.host + head + end)
            self.assertTrue(answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), (head, answer[:60]))
            self.assertEqual(1, answer.count(b"HTTP/1.1 "), f"{head}: what stands behind it was answered as well")
        for first in (b"GET /health HTTP/1.1\r\n", b"GET /health HTTP/1.0\r\n"):
            self.assertIn(self.status(first + self.host + self.host + b"\r\n"), (400, 403))
        self.assertEqual(403, self.status(b"GET /health HTTP/1.1\r\n\r\n"), "without a Host")
        for version in (b"HTTP/2.0", b"HTTP/1.2", b"HTTP/0.9", b"HTTX/1.1"):
            self.assertEqual(400, self.status(b"GET /health " + version + b"\r\n" + self.host + b"\r\n"), version)

    def test_odd_bytes(self):
        for request in (b"\x00" * 1000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, b"GET\r\n\r\n",
                        b"GET  /health HTTP/1.1\r\n\r\n", b"\r\n\r\n\r\n", b"GET /%00 HTTP/1.1\r\n" + self.host + b"\r\n",
                        b"GET /\xff\xfe HTTP/1.1\r\n" + self.host + b"\r\n", b"GET http://a/ HTTP/1.1\r\n" + self.host + b"\r\n",
                        b"GET /health HTTP/1.1\n" + self.host.replace(b"\r", b"") + b"\n",
                        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"OPTIONS * HTTP/1.1\r\n" + self.host + b"\r\n"):
            self.assertIn(self.status(request), (None, 400, 404, 405), request[:40])

    def test_paths_that_lead_out(self):
        for path in (b"/../../etc/passwd", b"/assets/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/..%2f..%2fetc/passwd",
                     b"/assets/..%5c..%5cx", b"/./health", b"//health", b"/health/", b"/assets/%2e%2e/service.json",
                     b"/storage/segment/../verify", b"/storage/segment/..%2f..%2fx/verify", b"/%c0%ae%c0%ae/x"):
            answer = self.send(b"GET " + path + b" HTTP/1.1\r\n" + self.host + b"Connection: close\r\n\r\n")
            self.assertIn(answer.split()[1], (b"400", b"404"), path)
            self.assertNotIn(b"root:", answer)

    def test_slow_connections(self):
        """More of them than there may be: those that wait longest make room."""
        slow = []
        for i in range(300):
            connection = self.served.socket()
            connection.sendall(b"POST /episodes HTTP/1.1\r\n" + (self.host + b"Content-Length: 1000000\r\n\r\n{" if i % 2 else b"X: "))
            slow.append(connection)
        for _ in range(20):
            for connection in slow[-200:]:
                try:
                    connection.sendall(b"a")
                except OSError:
                    pass
            time.sleep(0.05)
        self.assertGreater(self.served.get("/status").json()["http"]["pushed_out"], 0)
        self.assertEqual(200, self.served.get("/stats").status)
        for connection in slow:
            connection.close()

    def test_clients_that_do_not_read(self):
        connections = []
        for _ in range(20):
            connection = self.served.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall((b"GET /openapi.json HTTP/1.1\r\n" + self.host + b"\r\n") * 50)
            connections.append(connection)
        time.sleep(1)
        for connection in connections:
            connection.close()

    def test_connections_that_come_and_go(self):
        before = self.served.n_descriptors()
        for i in range(1000):
            connection = self.served.socket()
            if i % 2:
                connection.sendall(b"GET /hea")
            connection.close()
        self.served.wait_for(lambda: self.served.n_descriptors() <= before + 2, 20)

    def test_many_requests_on_one_connection(self):
        one = b"GET /health HTTP/1.1\r\n" + self.host + b"\r\n"
        answer = self.send(one * 500 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        self.assertEqual(501, answer.count(b"HTTP/1.1 200 OK"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
