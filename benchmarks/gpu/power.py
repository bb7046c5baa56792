"""What the card draws while a run simulates: samples of nvidia-smi, and the energy between two lines of the log."""
import datetime
import json
import math
import pathlib
import statistics
import subprocess
import threading
import time

QUERY = ["--query-gpu=power.draw,memory.used", "--format=csv,noheader,nounits", "-lms", "100"]
MOST_W = 5000  # no card draws more; a driver has said so all the same
LEAST_SAMPLES = 20
LONGEST_GAP_S = 1.0
LARGEST_SHARE_OF_NONSENSE = 0.1
PATIENCE_S = 10  # with an nvidia-smi that was asked to end, or has not begun


class NotReported(Exception):
    """There is no figure of energy, and why."""


def number(text, most):
    """None where it is not one, or cannot be a measurement: "[N/A]", "nan", below 0 or above `most`."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= most else None


class Sampler:
    """While it is entered, `samples` grows by (time, watts or None, MiB of memory or None); `said` is the last line."""

    def __init__(self, gpu, command="nvidia-smi"):
        self.command = [command, f"--id={gpu}", *QUERY]
        self.samples, self.said = [], ""
        self.began = threading.Event()

    def __enter__(self):
        try:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                            errors="replace")
        except OSError as error:
            self.process, self.said = None, str(error)
            return self
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.began.wait(PATIENCE_S)  # it takes a while to start
        return self

    def _read(self):
        for line in self.process.stdout:
            self.said = line.strip()
            watts, _, mebibytes = self.said.partition(",")
            watts = number(watts, MOST_W)
            self.samples.append((time.time(), watts or None, number(mebibytes, 1e8)))
            self.began.set()
        self.began.set()

    def __exit__(self, *_):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def most_memory_MiB(self):
        return max((mebibytes for _, _, mebibytes in self.samples if mebibytes is not None), default=None)


def mean_W(samples, begin, end, said=""):
    """Over time, by trapezoids between the samples from begin to end, which are taken to hold up to either.

    Raises NotReported where they are too few, too far apart, or no power.
    """
    within = [(at, watts) for at, watts, _ in samples if begin <= at <= end]
    usable = [(at, watts) for at, watts in within if watts is not None]
    if len(within) - len(usable) > LARGEST_SHARE_OF_NONSENSE * len(within):
        raise NotReported(f"{len(within) - len(usable)} of {len(within)} samples of nvidia-smi are no power; it said "
                          f"last: {said!r}")
    if len(usable) < LEAST_SAMPLES:
        raise NotReported(f"{len(usable)} samples of nvidia-smi, expected at least {LEAST_SAMPLES}"
                          + (f"; it said last: {said!r}" if said else ""))
    times = [begin, *(at for at, _ in usable), end]
    if max(b - a for a, b in zip(times, times[1:])) > LONGEST_GAP_S:
        raise NotReported(f"samples of nvidia-smi are more than {LONGEST_GAP_S} s apart")
    watts = [usable[0][1], *(w for _, w in usable), usable[-1][1]]
    joules = sum((b - a) * (v + w) / 2 for a, b, v, w in zip(times, times[1:], watts, watts[1:]))
    return joules / (end - begin)


def simulated_stretch(log, warm_up_ms):
    """(begin, end, ms): two moments of the recorded part, as time.time(), and what was simulated between them.

    They are the first and the last line of its log.jsonl that say how far it was.
    """
    moments = []
    for line in pathlib.Path(log).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["message"].startswith("simulated ") and (entry["simulated_ms"] or 0) >= warm_up_ms:
            at = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00"))
            moments.append((at.timestamp(), entry["simulated_ms"]))
    if len(moments) < 2 or not moments[-1][1] > moments[0][1]:
        raise NotReported(f"{len(moments)} lines of log.jsonl say how far the run was, expected two or more")
    return moments[0][0], moments[-1][0], moments[-1][1] - moments[0][1]


def energy(sampler, idle_samples, run, log):
    """Of a run (its run.json): mean power, and microjoules for each synaptic event, all of it and above idle."""
    begin, end, simulated_ms = simulated_stretch(log, run["warm_up_ms"])
    events = (run["synaptic_events"] or 0) * simulated_ms / run["simulated_ms"]
    if not events > 0:
        raise NotReported("the run has no synaptic events")
    watts = mean_W(sampler.samples, begin, end, sampler.said)
    idle = [w for _, w, _ in idle_samples if w is not None]
    idle_W = statistics.median(idle) if idle else None
    joules = watts * (end - begin)
    return {"mean_W": watts, "idle_W": idle_W, "seconds": end - begin, "synaptic_events": events,
            "uJ_per_event": 1e6 * joules / events,
            "uJ_per_event_above_idle": None if idle_W is None else 1e6 * (watts - idle_W) * (end - begin) / events}
