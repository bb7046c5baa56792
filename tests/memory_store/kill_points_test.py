#!/usr/bin/env python3
"""Kills a process at each point that a step of a memory store passes, and looks at what is left.

    kill_points_test.py STEPS ROOT CYCLES [SEED]

Each point of each step once, at a passing drawn at random, then CYCLES more drawn from all of them. Each process is
started afresh. Prints its seed, with which a run is repeated as far as threads let it.
"""
import collections
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

FILLED, MORE = 40, 20


def ids(*ranges):
    return {i for first, last in ranges for i in range(first, last + 1)}


class Outcome:
    """What `dump` prints."""

    def __init__(self, text):
        lines = text.splitlines()
        self.items = {int(line) for line in lines if line.isdigit()}
        self.backups = [line for line in lines if line.startswith("backup")]
        self.is_whole = not any(line.startswith(("damaged", "read-only")) for line in lines)


class Steps:
    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)

    def run(self, store, step, point=None):
        environment = dict(os.environ)
        environment.pop("SHARPWAVE_KILL_POINT", None)
        if point is not None:
            environment["SHARPWAVE_KILL_POINT"] = point
        return subprocess.run([self.program, store, step], env=environment, capture_output=True, text=True,
                              timeout=300, check=False)

    def expect(self, store, step):
        done = self.run(store, step)
        if done.returncode != 0:
            sys.exit(f"{step}: {done.stderr}")
        return done.stdout

    def copy(self, store):
        copy = self.folder / "store"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        return copy

    def make(self, name, *steps):
        store = self.folder / name
        for step in steps:
            self.expect(store, step)
        return store


def with_damaged_log(store, at_end=False):
    """Flips a bit in the middle of the log that holds what was added last, or in its last byte."""
    log = max((store / "spaces/default/db").glob("*.log"), key=lambda path: path.stat().st_size)
    data = bytearray(log.read_bytes())
    data[-1 if at_end else len(data) // 2] ^= 1
    log.write_bytes(data)
    return store


def make_stores(steps):
    """For each step, the store on which it is done, and what may be there after a kill: a set of items, and
    whether it is whole; `grows`: whatever was acknowledged comes to that, and one change more."""
    filled = steps.make("filled", "fill")
    backed_up = steps.make("backed_up", "fill", "backup", "backup", "add")
    indexed = steps.make("indexed", "fill", "index", "add")
    gone_on = steps.make("gone_on", "fill", "snapshot", "add", "create")
    damaged = steps.make("damaged", "fill", "damage")
    cut = with_damaged_log(steps.make("cut", "fill", "flush", "add"))
    before_cut = Outcome(steps.expect(steps.copy(cut), "dump")).items
    ended = with_damaged_log(steps.make("ended", "fill", "flush", "add"), at_end=True)
    before_end = Outcome(steps.expect(steps.copy(ended), "dump")).items
    both = ids((1, FILLED), (FILLED + 1, FILLED + MORE))
    old, less = ids((1, FILLED)), ids((1, FILLED)) - {3}
    return {
        "add": (filled, "grows"),
        "interval": (filled, "grows"),
        "open": (ended, [(before_end, True)]),
        "flush": (filled, "grows"),
        "compact": (filled, "grows"),
        "index": (indexed, [(both, True)]),
        "rebuild-index": (indexed, [(both, True)]),
        "snapshot": (gone_on, [(both, True)]),
        "go-back": (gone_on, [(both, True), (old, True)]),
        "begin-anew": (gone_on, [(both, True), (set(), True)]),
        "backup": (backed_up, [(both, True)]),
        "restore": (backed_up, [(both, True), (old, True)]),
        "restore-latest": (backed_up, [(both, True), (old, True)]),
        "reset-space": (filled, [(old, True), (set(), True)]),
        "sanitize-nan": (damaged, [(less, False), (less, True)]),
        "set-aside-wal": (cut, [(before_cut, False), (before_cut, True)]),
    }


def check(steps, step, store, stores, killed, where):
    dumped = steps.run(store, "dump")
    if dumped.returncode != 0:
        sys.exit(f"{where}: the store cannot be opened: {dumped.stderr}")
    found = Outcome(dumped.stdout)
    allowed = stores[step][1]
    if allowed == "grows":
        acknowledged = ids((1, FILLED)) | {int(line) for line in killed.stdout.split()}
        if not found.is_whole or not acknowledged <= found.items or len(found.items - acknowledged) > 1:
            sys.exit(f"{where}: {dumped.stdout}; acknowledged: {sorted(acknowledged)}")
        return
    if (found.items, found.is_whole) not in allowed:
        sys.exit(f"{where}: neither what was there before nor after: {dumped.stdout}")
    if step in ("backup", "restore", "restore-latest") and not found.backups:
        sys.exit(f"{where}: no backup is left")
    # What was interrupted can be done again.
    steps.expect(store, step)
    again = Outcome(steps.expect(store, "dump"))
    if (again.items, again.is_whole) != allowed[-1] or len(again.backups) > 2:
        sys.exit(f"{where}: done again it gives {again.items}, {again.backups}")


def points_of_sources(root):
    pattern = re.compile(r'kill_point\("([^"]*)"\)')
    return {name for path in (root / "memory_store").glob("*.cpp") for name in pattern.findall(path.read_text())}


def main():
    program, root, cycles = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().getrandbits(32)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(program, folder)
        stores = make_stores(steps)
        passed = {}
        for step, (store, _) in stores.items():
            done = steps.run(steps.copy(store), step, "?")
            if done.returncode != 0:
                sys.exit(f"{step}: {done.stderr}")
            passed[step] = collections.Counter(done.stderr.split())
        never = points_of_sources(root) - {name for counter in passed.values() for name in counter}
        if never:
            sys.exit(f"points that no step passes: {sorted(never)}")
        each = [(step, point) for step in stores for point in sorted(passed[step])]
        todo = each + [chance.choice(each) for _ in range(cycles)]
        print(f"{len(each)} points of {len(stores)} steps, {cycles} kills more, seed {seed}", flush=True)
        n_killed = 0
        for step, point in todo:
            nth = chance.randint(1, passed[step][point])
            store = steps.copy(stores[step][0])
            killed = steps.run(store, step, f"{point}:{nth}")
            # What other threads do is not done as often each time.
            if killed.returncode not in (0, -signal.SIGKILL):
                sys.exit(f"{step} at {point}:{nth}: {killed.returncode} {killed.stderr}")
            n_killed += killed.returncode == -signal.SIGKILL
            if killed.returncode != 0:
                check(steps, step, store, stores, killed, f"{step} killed at {point}:{nth}, seed {seed}")
        print(f"{n_killed} of {len(todo)} killed, nothing lost")
        if n_killed < 0.9 * len(todo):
            sys.exit("too many came to their end: that tests little")


if __name__ == "__main__":
    main()
