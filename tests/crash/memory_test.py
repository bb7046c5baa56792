#!/usr/bin/env python3
"""Runs that tell a memory, as a user meets them: killed at random moments, and with plugins that are not there.

Usage: memory_test.py PROGRAM [CYCLES [TEST...]]     CYCLES: how often a run is killed (default 10)
"""

import json
import random
import signal
import subprocess
import sys
import unittest

from program import INVALID_CONFIG, OK, ProgramTest

PLUGIN = 16
CYCLES = 10

CONFIG = """\
simulation: {dt: 0.1, duration: DURATION, warm_up: 50, seed: 3}
populations:
  E: {size: 1600, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 400, model: iaf_psc_exp}
projections:
  - {source: E, target: [E, I], rule: fixed_indegree, indegree: 80, weight: {normal: {mean: 12, sd: 2}, min: 0}}
  - {source: I, target: [E, I], rule: fixed_indegree, indegree: 20, weight: -25, delay: 1.0}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 13000, weight: 16}
checkpoint: {interval: 20, keep: 3}
device: {kind: cpu}
watchdog: {runaway: "off"}
"""
MEMORY = """\
memory: {plugin: signal_log, populations: [E, {population: I, space: inhibitory}], window: 15,
         ripple: {threshold: 1.1, shortest: 5}, embedding: {dimension: 64, settle: 6}}
"""


def logged(file):
    """Columns of each population; None where h5py is not there."""
    try:
        import h5py
    except ImportError:
        return None
    with h5py.File(file) as log:
        return {group.attrs["population"]: {name: column[:].tobytes() for name, column in group.items()}
                for group in log["populations"].values()}


class Memory(ProgramTest):
    def write(self, duration, memory=MEMORY, name="net.yaml"):
        (self.path / name).write_text(CONFIG.replace("DURATION", str(duration)) + memory)

    def result(self, run):
        return json.loads((self.path / run / "run.json").read_text())

    def test_a_run_says_what_it_told(self):
        self.write(300)
        out, _ = self.sharpwave("run", "net.yaml", "--out", "with")
        self.assertRegex(out, r"memory told +\d+ signals to signal_log; 0 silent, \d+ settling; \d+\.\d % of the time, ")
        self.sharpwave("run", "net.yaml", "--set", "memory=null", "--out", "without")
        memory = self.result("with")["memory"]
        self.assertEqual(self.result("with")["spike_digest"], self.result("without")["spike_digest"])
        self.assertIsNone(self.result("without")["memory"])
        self.assertGreater(memory["signals"], 20)
        self.assertEqual(memory["status"], {"file": "signals.h5", "taken": memory["signals"], "passed_over": 0})
        self.assertTrue((self.path / "with/signals.h5").is_file())
        self.assertIn("signals", [phase["name"] for phase in self.result("with")["phases"]])

    def test_without_its_plugin_nothing_begins(self):
        self.write(300)
        err = self.stderr_of("run", "net.yaml", "--set", "memory.plugin=of_nobody", "--out", "run", expect=PLUGIN)
        self.assertIn("there is no consolidation plugin 'of_nobody'", err)
        self.assertFalse((self.path / "run").exists())
        (self.path / "text.so").write_text("no library")
        err = self.stderr_of("run", "net.yaml", "--set", "memory.plugin=./text.so", "--out", "run", expect=PLUGIN)
        self.assertIn("text.so cannot be loaded", err)
        err = self.stderr_of("run", "net.yaml", "--set", "memory.options={a: 1}", "--out", "run",
                             expect=INVALID_CONFIG)
        self.assertIn("it has no options", err)

    def test_a_run_that_is_killed_tells_the_same(self):
        self.write(3000)
        self.sharpwave("run", "net.yaml", "--out", "whole", "--quiet", "--no-report")
        whole = self.result("whole")
        expected = logged(self.path / "whole/signals.h5")
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        process = self.start("run", "net.yaml", "--out", "run", "--no-report")
        kills = 0
        while True:
            try:
                time_of_kill = chance.uniform(0.1, 1.0) if kills < CYCLES else 300
                out, err = process.communicate(timeout=time_of_kill)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
                has_any = any((self.path / "run/checkpoints").glob("step_*.h5")) \
                    if (self.path / "run/checkpoints").exists() else False
                words = ["resume", "run"] if has_any else ["run", "net.yaml", "--out", "run", "--force"]
                process = self.start(*words, "--no-report")
                continue
            self.assertEqual(process.returncode, OK, err)
            break
        self.assertGreater(kills, 0)
        print(f"{kills} kills")
        result = self.result("run")
        self.assertEqual(result["spike_digest"], whole["spike_digest"])
        for key in ["signals", "silent", "settling", "dropped", "signal_digest"]:
            self.assertEqual(result["memory"][key], whole["memory"][key], key)
        self.assertEqual(logged(self.path / "run/signals.h5"), expected)

    def test_a_batch_tells_by_instance(self):
        self.write(100, MEMORY + "batch: {size: 2}\n")
        self.sharpwave("run", "net.yaml", "--out", "batch")
        digests = [self.result(f"batch/instances/{k:04}")["memory"]["signal_digest"] for k in range(2)]
        self.assertNotEqual(digests[0], digests[1])
        for k in range(2):
            self.assertTrue((self.path / f"batch/instances/{k:04}/signals.h5").is_file())


if __name__ == "__main__":
    ProgramTest.program = sys.argv[1]
    if len(sys.argv) > 2:
        CYCLES = int(sys.argv[2])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
