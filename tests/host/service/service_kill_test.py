"""A service that is ended or killed at random moments, under load, loses nothing that it has acknowledged.

    service_kill_test.py PROGRAM [--terms N] [--kills N] [--seed N]
"""
import argparse
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from served import Served  # noqa: E402

GRACE_S = 30
CLIENTS = 6
NETWORK = """
simulation: {duration: 300000, dt: 0.1, seed: 3}
populations: {E: {model: iaf_psc_exp, size: 200}}
inputs: [{type: poisson, rate: 6000, target: E, weight: 50}]
checkpoint: {interval: 500}
memory: {plugin: memory, populations: [E], window: 100}
"""


class Client(threading.Thread):
    """Stores, deletes and queues until nobody answers; what was acknowledged."""

    def __init__(self, served, number, dice):
        super().__init__(daemon=True)
        self.served, self.number, self.dice = served, number, dice
        self.stored, self.deleted, self.runs, self.unexpected = {}, set(), [], []

    def run(self):
        count = 0
        while True:
            count += 1
            try:
                self.step(count)
            except (OSError, ValueError) as _:  # it has gone
                return
            except Exception as error:  # pylint: disable=broad-except
                if "HTTP" in type(error).__name__ or "Disconnected" in type(error).__name__ or "Read" in type(error).__name__ \
                        or "Status" in type(error).__name__:
                    return
                self.unexpected.append(error)
                return

    def step(self, count):
        embedding = [self.dice.gauss(0, 1) for _ in range(8)]
        answer = self.served.ask("POST", "/episodes", {"embedding": embedding, "metadata": f"{self.number}"},
                                 {"X-Memory-Space": "by_hand"}, 10)
        if answer.status == 201:
            self.stored[answer.json()["id"]] = embedding
        elif answer.status != 503:
            self.unexpected.append(answer.body)
        if count % 5 == 0 and self.stored:
            one = self.dice.choice(list(self.stored))
            # Until it is acknowledged it may be there or not: the answer can be lost with the process.
            embedding = self.stored.pop(one)
            if self.served.ask("DELETE", f"/episodes/{one}", None, {"X-Memory-Space": "by_hand"}, 10).status == 200:
                self.deleted.add(one)
            else:
                self.stored[one] = embedding
        if count % 40 == 0:
            answer = self.served.ask("POST", "/api/v1/runs", {"config": NETWORK, "overrides": ["simulation.duration=100"]},
                                     None, 10)
            if answer.status == 202:
                self.runs.append(answer.json()["id"])


def check(served, stored, deleted, runs):
    listed, after = {}, 0
    while after is not None:
        answer = served.ask("GET", f"/episodes/list?limit=1000&after={after}", None, {"X-Memory-Space": "by_hand"}).json()
        listed.update({item["id"]: item for item in answer["items"]})
        after = answer["next_after"]
    lost = set(stored) - set(listed)
    back = deleted & set(listed)
    if lost or back:
        raise AssertionError(f"lost: {sorted(lost)[:10]}, back: {sorted(back)[:10]}")
    known = {run["id"] for run in served.get("/api/v1/runs").json()["runs"]}
    if len(runs) <= 200 and set(runs) - known:
        raise AssertionError(f"runs that were queued are not there: {set(runs) - known}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--terms", type=int, default=5)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"--seed {arguments.seed}")
    dice = random.Random(arguments.seed)
    ends = [signal.SIGTERM] * arguments.terms + [signal.SIGKILL] * arguments.kills
    dice.shuffle(ends)
    with tempfile.TemporaryDirectory() as folder:
        stored, deleted, runs = {}, set(), []
        slowest = 0
        for number, how in enumerate(ends):
            served = Served(arguments.program, folder)
            served.start()
            if number == 0:
                served.post("/api/v1/spaces", {"name": "by_hand"})
                served.post("/api/v1/runs", {"config": NETWORK})
            else:
                check(served, stored, deleted, runs)
            clients = [Client(served, number, random.Random(dice.random())) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(dice.uniform(0, 0.6))
            begin = time.monotonic()
            code = served.end(how)
            took = time.monotonic() - begin
            for client in clients:
                client.join(30)
                if client.unexpected:
                    raise AssertionError(f"unexpected: {client.unexpected[:3]}")
                stored.update(client.stored)
                deleted |= client.deleted
                runs += client.runs
            for one in deleted:
                stored.pop(one, None)
            expected = 0 if how == signal.SIGTERM else -signal.SIGKILL
            if code != expected:
                raise AssertionError(f"it ended with {code}, expected {expected}: {served.stderr()[-2000:]}")
            if how == signal.SIGTERM:
                slowest = max(slowest, took)
                if took > GRACE_S:
                    raise AssertionError(f"it took {took:.1f} s to end")
        with Served(arguments.program, folder) as served:
            check(served, stored, deleted, runs)
            if not stored:
                raise AssertionError("nothing was stored: this showed nothing")
    print(f"{arguments.terms} times ended, the slowest in {slowest:.2f} s, {arguments.kills} times killed: {len(stored)} items "
          f"and {len(deleted)} deletions that were acknowledged, and {len(runs)} runs, are as they were")


if __name__ == "__main__":
    main()
