#!/usr/bin/env python3
"""Kills a process that changes a memory store, again and again, and looks for what it had acknowledged.

    crash_test.py WRITER CYCLES [SEED]

Each process is started afresh. Prints its seed, with which a run is repeated as far as the moments of the kills can be.
"""
import pathlib
import random
import select
import subprocess
import sys
import tempfile
import time


def lines_of(process, from_ready, seconds):
    """What the process says until it is killed, so long after it is ready or was started; a line that was cut off is none."""
    text = process.stdout.readline() if from_ready else b""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([process.stdout], [], [], left)
        if ready:
            part = process.stdout.read1(65536)
            if not part:
                break
            text += part
    process.kill()
    text += process.stdout.read()
    process.wait()
    return text.decode().split("\n")[:-1]


def dump(writer, store):
    done = subprocess.run([writer, store, "dump"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"the store cannot be opened: {done.stderr}")
    items = {}
    for line in done.stdout.splitlines():
        first, _, rest = line.partition(" ")
        if first == "note" and rest.endswith("a record was cut off, as a crash leaves it"):
            continue
        if not first.isdigit():
            sys.exit(f"after a kill: {line}")
        items[int(first)] = int(rest)
    return items


def cycle(writer, store, chance, known):
    """Takes what is known to be there, and returns what is there after a kill."""
    process = subprocess.Popen([writer, store, str(chance.getrandbits(32))], stdout=subprocess.PIPE)
    # One in five while it opens the store.
    lines = lines_of(process, chance.random() < 0.8, chance.uniform(0.0, 0.3))
    acknowledged = dict(known)
    for line in lines[1:]:
        item, outcome = line.split(" ")
        if outcome == "gone":
            acknowledged.pop(int(item))
        else:
            acknowledged[int(item)] = int(outcome)
    found = dump(writer, store)
    # One change may have been kept, and the process killed before it could say so.
    differ = [i for i in acknowledged.keys() | found.keys() if acknowledged.get(i) != found.get(i)]
    if len(differ) > 1:
        sys.exit(f"{len(differ)} items differ: {[(i, acknowledged.get(i), found.get(i)) for i in differ[:5]]}")
    for i in differ:
        before, after = acknowledged.get(i), found.get(i)
        if not (before is None and after == 0 or after is None or before is not None and after == before + 1):
            sys.exit(f"item {i}: {before} was acknowledged, {after} is there")
    return found, max(0, len(lines) - 1)


def main():
    writer, cycles = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().getrandbits(32)
    print(f"{cycles} kills, seed {seed}", flush=True)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = str(pathlib.Path(folder) / "store")
        known, acknowledged, opened = {}, 0, 0
        for _ in range(cycles):
            known, n = cycle(writer, store, chance, known)
            acknowledged += n
            opened += n > 0
        print(f"{acknowledged} changes acknowledged, {len(known)} items, {opened} of {cycles} killed while changing, 0 lost")
        if opened * 2 < cycles:
            sys.exit("most were killed before they had changed anything: that tests nothing")


if __name__ == "__main__":
    main()
