#!/usr/bin/env python3
"""Runs that tell a memory, as a user meets them: killed at random moments, and with plugins that are not there.

Usage: memory_test.py PROGRAM [CYCLES [TEST...]]     CYCLES: how often a run is killed (default 10)
SHARPWAVE_SEED says when, as an earlier run has printed it; how far a run is then, is the machine's affair.
"""

import json
import os
import random
import signal
import subprocess
import sys
import unittest

from program import INTERRUPTED, INVALID_CONFIG, IO, OK, USAGE, ProgramTest

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


class MemoryTest(ProgramTest):
    def write(self, duration, memory=MEMORY, name="net.yaml"):
        (self.path / name).write_text(CONFIG.replace("DURATION", str(duration)) + memory)

    def result(self, run):
        return json.loads((self.path / run / "run.json").read_text())

    def run_with_kills(self, config, run, signals, expect):
        """Until it ends by itself; each signal after which a run goes on with its newest checkpoint, at a random moment of
        the time that the whole run has taken."""
        whole_s = self.result("whole")["wall_s"]
        seed = int(os.environ.get("SHARPWAVE_SEED", random.randrange(2**32)))
        print(f"SHARPWAVE_SEED={seed}")
        chance = random.Random(seed)
        process = self.start("run", config, "--out", run, "--no-report")
        kills = 0
        while True:
            try:
                out, err = process.communicate(timeout=chance.uniform(0.1, 1.0) * whole_s if kills < CYCLES else 300)
                if process.returncode == OK:
                    break
                self.assertIn(process.returncode, expect, err)
            except subprocess.TimeoutExpired:
                sent = chance.choice(signals)
                process.send_signal(sent)
                out, err = process.communicate(timeout=300)
                # -sent: also by a signal that may be caught, before a run has begun and after it has ended.
                self.assertIn(process.returncode, (*expect, -sent, OK), err)
                kills += 1
                if process.returncode == OK:
                    break
            folder = self.path / run / "checkpoints"
            has_any = folder.exists() and any(folder.glob("step_*.h5"))
            words = ["resume", run] if has_any else ["run", config, "--out", run, "--force"]
            process = self.start(*words, "--no-report")
        self.assertGreater(kills, 0)
        print(f"{kills} kills")


class Told(MemoryTest):
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
        self.run_with_kills("net.yaml", "run", [signal.SIGKILL], ())
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


class Remembered(MemoryTest):
    """With the plugin `memory`."""

    def setUp(self):
        super().setUp()
        if "was built without" in self.outcome("memory", "spaces", "--store", "none", expect=(USAGE, IO))[2]:
            self.skipTest("NOTICE: built without the memory store")

    def memory_of(self, run, space):
        """Its items, but for when they were written, and in which changes."""
        out, _ = self.sharpwave("memory", "list", "--store", f"{run}/memory", "--space", space, "--limit", "1000000",
                                "--json")
        items = json.loads(out)
        for item in items:
            del item["recorded"], item["sequence"], item["provenance"]["run"]
        return items

    def compare(self, spaces):
        self.assertEqual(self.result("run")["spike_digest"], self.result("whole")["spike_digest"])
        for key in ["signals", "silent", "settling", "dropped", "signal_digest"]:
            self.assertEqual(self.result("run")["memory"][key], self.result("whole")["memory"][key], key)
        for space in spaces:
            expected = self.memory_of("whole", space)
            self.assertGreater(len(expected), 10)
            self.assertEqual(self.memory_of("run", space), expected)

    def test_a_run_that_is_killed_remembers_the_same(self):
        self.write(3000, """\
memory: {plugin: memory, populations: [E, {population: I, space: inhibitory}], window: 15,
         ripple: {threshold: 1.1, shortest: 5}, embedding: {dimension: 64, settle: 6},
         options: {take: {similarity: 0.3}, cycle: {clock: simulated, simulated_every_ms: 1000000}}}
""")
        self.sharpwave("run", "net.yaml", "--out", "whole", "--quiet", "--no-report")
        self.run_with_kills("net.yaml", "run", [signal.SIGKILL], ())
        self.compare(["default", "inhibitory"])

    def test_a_coupled_run_that_is_killed_or_stopped_remembers_and_does_the_same(self):
        self.write(2000, """\
neuromodulators: {cortex: {noradrenaline: {}}}
memory: {plugin: memory, populations: [I, {population: E, space: excitatory}], window: 15,
         ripple: {threshold: 1.1, shortest: 5}, embedding: {kind: counts, settle: 6},
         options: {take: {similarity: 0.3}, cycle: {simulated_every_ms: 300, apart_s: 0}},
         couple: {delay: 7, novelty: {region: cortex}, replay: {population: I, duration: 10, current: 200}}}
""")
        text = (self.path / "net.yaml").read_text()
        for old, new in [("model: iaf_psc_exp, ", "model: iaf_psc_exp, input_gain: cortex, "), ("interval: 20", "interval: 100")]:
            text = text.replace(old, new)
        (self.path / "net.yaml").write_text(text)
        self.sharpwave("run", "net.yaml", "--out", "whole", "--quiet", "--no-report")
        self.sharpwave("run", "net.yaml", "--set", "memory=null", "--out", "without", "--quiet", "--no-report")
        self.assertNotEqual(self.result("whole")["spike_digest"], self.result("without")["spike_digest"])
        self.run_with_kills("net.yaml", "run", [signal.SIGKILL, signal.SIGTERM], (INTERRUPTED,))
        self.compare(["default", "excitatory"])
        self.assertTrue(any(item["kappa"] > 0.1 for item in self.memory_of("run", "default")))


if __name__ == "__main__":
    ProgramTest.program = sys.argv[1]
    if len(sys.argv) > 2:
        CYCLES = int(sys.argv[2])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
