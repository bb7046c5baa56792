#!/usr/bin/env python3
"""`sharpwave bench` as a user runs it: figures that belong together, and what a baseline is worse than.

Usage: bench_program_test.py PROGRAM. No time is judged.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
OK, USAGE, INVALID_CONFIG, IO, DAMAGED, WORSE = 0, 2, 3, 4, 5, 11
CASE = ["vogels_abbott_coba", "--set", "simulation.duration=200", "--warm-up", "100"]


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        cls.first = cls.sharpwave(cls, "bench", *CASE, "--threads", "2,1", "--out", "first.json")
        cls.report = json.loads((cls.path / "first.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sharpwave(self, *words, expect=OK):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_")}
        done = subprocess.run([PROGRAM, *words], cwd=self.path, env={**environment, "TMPDIR": str(self.path)},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def changed(self, change):
        """The exit status beside the first report after a change of its results, and what is said."""
        report = json.loads((self.path / "first.json").read_text())
        for result in report["results"]:
            change(result)
        (self.path / "changed.json").write_text(json.dumps(report))
        done = subprocess.run([PROGRAM, "bench", *CASE, "--threads", "1", "--baseline", "changed.json"],
                              cwd=self.path, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stderr

    def test_cases_are_listed(self):
        names = [line.split()[0] for line in self.sharpwave("bench", "--list").stdout.splitlines()]
        self.assertIn("brunel", names)
        self.assertIn("[microcircuit_0.2_poisson]", names)

    def test_figures_belong_together(self):
        self.assertEqual([r["threads"] for r in self.report["results"]], [1, 2])
        self.assertEqual(len({r["spike_digest"] for r in self.report["results"]}), 1)
        for result in self.report["results"]:
            self.assertEqual(result["warm_up_ms"], 100)
            self.assertIsNone(result["bytes_per_plastic_synapse"])
            repeats = result["repeats"]
            self.assertEqual(len(repeats), 3)
            for key in ("wall_s", "construction_s", "peak_memory_bytes"):
                values = sorted(repeat[key] for repeat in repeats)
                self.assertGreater(values[0], 0)
                self.assertEqual([result[key][k] for k in ("min", "median", "max")], values)
            self.assertAlmostEqual(result["real_time_factor"]["median"] / (result["wall_s"]["median"] / 0.2), 1,
                                   places=9)
            self.assertAlmostEqual(result["events_per_s"]["max"] * result["wall_s"]["min"]
                                   / result["synaptic_events"], 1, places=9)
            passes = result["synaptic_events"] / result["synapses"]
            ratios = sorted(r["wall_s"] / (passes * r["read_pass_s"]) for r in repeats)
            self.assertAlmostEqual(result["times_read_pass"]["median"] / ratios[1], 1, places=9)
            phases = [p["name"] for p in result["phases_s"]]
            self.assertIn("update", phases)
            # Every neuron's spike reaches about 80 others.
            self.assertAlmostEqual(result["synaptic_events"] / result["spikes"] / 80, 1, places=1)
        self.assertIn("vogels_abbott_coba", self.first.stdout)
        self.assertEqual([p.name for p in self.path.iterdir() if p.name.startswith("sharpwave_bench")], [])

    def test_it_measures_what_run_runs(self):
        (self.path / "coba.yaml").write_text(self.sharpwave("configs", "vogels_abbott_coba").stdout)
        result = self.report["results"][0]
        overrides = [word for override in result["overrides"] for word in ("--set", override)]
        run = json.loads(self.sharpwave("run", "coba.yaml", "--quiet", "--json", "--no-report", "--threads", "1",
                                        *overrides).stdout)
        for key in ("spike_digest", "config_digest", "synaptic_events", "synapses"):
            self.assertEqual(result[key], run[key])

    def test_a_batch_is_measured_beside_its_instances_alone(self):
        result = self.kind("batch_64", "--set", "batch.size=3", "--set", "simulation.duration=20")
        self.assertEqual(result["simulated_ms"], 60)
        figures = result["figures"]
        for rate, repeat in zip(figures["instances_per_s"]["values"], result["repeats"]):
            self.assertAlmostEqual(rate * repeat["wall_s"] / 3, 1, places=9)
        self.assertGreater(figures["times_as_fast_as_alone"]["min"], 0)
        self.assertEqual(figures["times_as_fast_as_alone"]["better"], "more")
        # Its digest is over those of the instances.
        (self.path / "first.yaml").write_text(self.sharpwave("configs", "first").stdout)
        overrides = [word for override in result["overrides"] for word in ("--set", override)]
        batch = json.loads(self.sharpwave("run", "first.yaml", "--quiet", "--json", "--no-report", *overrides).stdout)
        digests = "".join(instance["spike_digest"] for instance in batch["instances"])
        self.assertEqual(result["spike_digest"], hashlib.sha256(digests.encode()).hexdigest())

    def test_the_watchdog_is_measured_beside_runs_without(self):
        result = self.kind("watchdog_microcircuit_0.1", "--set", "simulation.duration=50", "--set",
                           "scaling.neurons=0.05", "--set", "scaling.indegrees=0.05", "--warm-up", "50")
        ratio = result["figures"]["times_as_long_as_without"]
        self.assertEqual(len(ratio["values"]), 3)
        self.assertGreater(ratio["min"], 0)

    def test_checkpoints_are_written_and_read(self):
        result = self.kind("checkpoint_microcircuit_0.1", "--set", "simulation.duration=1500", "--warm-up", "100")
        figures = result["figures"]
        n_bytes = figures["checkpoint_bytes"]["median"]
        self.assertGreater(n_bytes, 7717 * 4 * 4, "four values of each neuron")
        for name in ("write", "read"):
            self.assertEqual(len(figures[f"{name}_ms"]["values"]), 30)
            for ms, rate in zip(figures[f"{name}_ms"]["values"], figures[f"{name}_MB_per_s"]["values"]):
                self.assertAlmostEqual(rate * ms * 1e3 / n_bytes, 1, places=9)
        self.assertGreater(figures["held_up_ms"]["min"], 0)
        done = self.sharpwave("bench", "checkpoint_microcircuit_0.1", "--set", "simulation.duration=100", "--set",
                              "checkpoint.interval=1000", "--threads", "1", expect=INVALID_CONFIG)
        self.assertIn("no checkpoint was due in the recorded part", done.stderr)

    def test_a_pulse_is_timed_beside_the_same_step_without(self):
        result = self.kind("dopamine_pulse", "--set", "parameters.N=200", "--set", "simulation.duration=100",
                           "--warm-up", "50")
        self.assertEqual(result["synapses"], 40000)
        # 16 bits for the target, a weight twice, a trace; 200 rows.
        self.assertAlmostEqual(result["bytes_per_plastic_synapse"], 14 + 4 * 201 / 40000, places=9)
        figures = result["figures"]
        for figure in figures.values():
            self.assertEqual(len(figure["values"]), 3)
            self.assertGreater(figure["min"], 0)
        self.assertEqual(list(figures), ["pulse_step_us", "same_step_without_us", "times_as_long_with_one",
                                         "pulse_step_over_pass"])
        done = self.sharpwave("bench", "dopamine_pulse", "--set", "parameters.N=200", "--set", "simulation.duration=5",
                              "--warm-up", "1", "--threads", "1", expect=INVALID_CONFIG)
        self.assertIn("does not fire", done.stderr)

    def kind(self, case, *words):
        self.sharpwave("bench", case, *words, "--threads", "1", "--out", f"{case}.json")
        (result,) = json.loads((self.path / f"{case}.json").read_text())["results"]
        done = self.sharpwave("bench", case, *words, "--threads", "1", "--baseline", f"{case}.json", "--tolerance",
                              "10")
        for name, figure in result["figures"].items():
            self.assertIn(f"{name}  ", done.stdout)
            self.assertIn(f"{name} x ", done.stderr)
            values = sorted(figure["values"])
            self.assertEqual([figure["min"], figure["max"]], [values[0], values[-1]])
        return result

    def test_a_baseline_with_other_spikes(self):
        status, text = self.changed(lambda result: result.update(spike_digest="00"))
        self.assertEqual(status, WORSE)
        self.assertIn("vogels_abbott_coba, 1 thread: OTHER SPIKES", text)

    def test_a_baseline_of_something_else(self):
        status, text = self.changed(lambda result: result.update(config_digest="00"))
        self.assertEqual(status, USAGE)
        self.assertIn("has nothing of what was measured here", text)

    def test_a_baseline_that_was_faster(self):
        def faster(result):
            result["wall_s"] = {key: value / 1000 for key, value in result["wall_s"].items()}
        status, text = self.changed(faster)
        self.assertEqual(status, WORSE)
        self.assertRegex(text, r"1 thread: time x \d+\.\d\d WORSE")

    def test_a_baseline_that_was_slower_and_larger(self):
        def slower(result):
            for key in ("wall_s", "construction_s", "peak_memory_bytes"):
                result[key] = {k: value * 1000 for k, value in result[key].items()}
        status, text = self.changed(slower)
        self.assertEqual(status, OK, text)
        self.assertIn("time x 0.00;", text)

    def test_what_is_wrong_is_said_first(self):
        self.assertIn("did you mean 'brunel'", self.sharpwave("bench", "brunell", expect=USAGE).stderr)
        for words in (["--repeats", "2"], ["--threads", "1,,2"], ["--threads", "0"], ["--threads", "1,"],
                      ["--warm-up", "-1"], ["--warm-up", "nan"], ["--tolerance", "-1"]):
            self.sharpwave("bench", *words, expect=USAGE)
        self.assertIn("exists", self.sharpwave("bench", "--out", "first.json", expect=IO).stderr)
        self.sharpwave("bench", "--baseline", "absent.json", expect=IO)
        for name in ("absent/out.json", "."):
            self.sharpwave("bench", "--out", name, "--force", expect=IO)
        (self.path / "broken.json").write_text("{")
        self.sharpwave("bench", "--baseline", "broken.json", expect=DAMAGED)

    def test_a_silent_network_is_no_result(self):
        done = self.sharpwave("bench", *CASE[:-2], "--set", "populations.E.params.V_th=0", "--set",
                              "populations.I.params.V_th=0", "--threads", "1", expect=INVALID_CONFIG)
        self.assertIn("does not fire", done.stderr)

    def test_a_config_that_is_wrong_ends_as_its_run_does(self):
        done = self.sharpwave("bench", *CASE, "--set", "populations.E.size=-1", expect=INVALID_CONFIG)
        self.assertIn("populations.E.size", done.stderr)


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
