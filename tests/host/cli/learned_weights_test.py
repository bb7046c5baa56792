#!/usr/bin/python3
"""Learned weights as a user handles them: saved at the end of a run, loaded, frozen, exported as SONATA.

Usage: learned_weights_test.py PROGRAM
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}; install python3-h5py", file=sys.stderr)
    sys.exit(77)

PROGRAM = ""
OK, USAGE, INVALID_CONFIG, RUNAWAY = 0, 2, 3, 13

# Driven well above threshold. One plastic projection excites, with drawn delays and multapses; one inhibits.
CONFIG = """\
simulation: {dt: 0.1, duration: 200, warm_up: 50, seed: 1}
populations:
  E: {size: 60, model: iaf_psc_exp, params: {I_e: 450}, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 20, model: iaf_psc_exp, params: {I_e: 430}, initial: {V_m: {uniform: {low: -70, high: -55}}}}
projections:
  - name: learns
    source: "E[0:40]"
    target: "E[10:60]"
    rule: fixed_indegree
    indegree: 30
    weight: {uniform: {low: 5, high: 15}}
    delay: {uniform: {low: 0.3, high: 2}}
    plasticity: {rule: stdp, w_max: 20, A_plus: 0.02, A_minus: 0.02}
  - {source: E, target: I, rule: fixed_indegree, indegree: 10, weight: 10, delay: 1.0}
  - name: inhibits
    source: I
    target: E
    rule: all_to_all
    weight: -3
    delay: 0.5
    plasticity: {rule: vogels_sprekeler, w_max: 10, eta: 0.01}
record:
  weights:
    - {name: learned, projection: learns, at: end}
    - {name: inhibition, projection: inhibits, at: end}
    - {name: often, projection: learns, interval: 50}
device: {kind: cpu}
"""


class LearnedWeights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        (cls.path / "net.yaml").write_text(CONFIG)
        cls.sharpwave("run", "net.yaml", "--quiet", "--no-report", "--threads", "2", "--out", "trained")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def sharpwave(cls, *words, expect=OK, **environment):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_")}
        done = subprocess.run([PROGRAM, *words], cwd=cls.path, env={**kept, **environment}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    @classmethod
    def run_net(cls, out, *overrides, config="net.yaml", threads=1, expect=OK, **environment):
        words = [word for override in overrides for word in ("--set", override)]
        return cls.sharpwave("run", config, "--quiet", "--no-report", "--force", "--threads", str(threads), "--out",
                             out, *words, expect=expect, **environment)

    def weights(self, run, name):
        with h5py.File(self.path / run / f"weights_{name}.h5") as file:
            group = file["weights"]
            return {key: group[key][()] for key in group}

    def run_json(self, run):
        return json.loads((self.path / run / "run.json").read_text())

    LOADED = ("projections.learns.weight={file: trained/weights_learned.h5}",
              "projections.inhibits.weight={file: trained/weights_inhibition.h5}")
    FROZEN = ("projections.learns.plasticity.enabled=false", "projections.inhibits.plasticity.enabled=false")

    # Learning that a region gates, in which spikes release dopamine after a second.
    GATED = ("neuromodulators={r: {dopamine: {max: 1.0e+6, pulses: {times: [10], amount: 1.0e+6}, "
             "volume: [{source: E, per_spike: 1.0e+6, delay: 1}]}}}",
             "projections.learns.plasticity={rule: stdp_dopamine, region: r, baseline: -1.0e+6, learning_rate: 1.0e+6, "
             "w_max: 20, A_plus: 0.02, A_minus: 0.02}")

    def test_the_largest_numbers_that_may_be_given_can_be_saved(self):
        done = self.run_net("largest", *self.GATED)
        self.assertNotIn("checkpoint", done.stderr)
        self.assertTrue(list((self.path / "largest" / "checkpoints").glob("step_*.h5")))
        more = [text.replace("per_spike: 1.0e+6", "per_spike: 1.0e+7") for text in self.GATED]
        self.assertIn("expected a number from -1000000 to 1000000", self.run_net("x", *more, expect=INVALID_CONFIG).stderr)

    def test_weights_too_small_for_the_grid_that_w_max_needs_are_refused(self):
        frozen = ("projections.learns.plasticity.enabled=false", "projections.learns.plasticity.w_max={}")
        for precision, small, large in (("float64", "1.0e+9", "1.0e+20"), ("float32", "1.0e+4", "1.0e+8")):
            words = [f"simulation.precision={precision}", *frozen]
            self.run_net("x", *(text.format(small) for text in words))
            refused = self.run_net("x", *(text.format(large) for text in words), expect=INVALID_CONFIG).stderr
            self.assertIn("are nothing on the grid that w_max", refused)
        beside = ("projections.1.target=E", "projections.learns.weight=1.0e+19", "simulation.precision=float64", *frozen)
        refused = self.run_net("x", *(text.format("1.0e+20") for text in beside), expect=INVALID_CONFIG).stderr
        self.assertIn("are lost beside what can arrive at the same receptor of population 'E'", refused)

    def test_what_is_released_later_is_in_the_plan(self):
        def planned(delay_ms):
            words = [word for text in self.GATED for word in ("--set", text.replace("delay: 1}", f"delay: {delay_ms}}}"))]
            plan = json.loads(self.sharpwave("run", "net.yaml", "--dry-run", "--json", *words).stdout)
            return plan["memory"]["needed_bytes"]
        self.assertGreaterEqual(planned(1_000_000) - planned(1), 8 * 9_999_990)

    def test_at_the_end_is_the_last_sample(self):
        learned, often = self.weights("trained", "learned"), self.weights("trained", "often")
        self.assertEqual(learned["time"].tolist(), [250])
        self.assertEqual(often["time"].tolist(), [100, 150, 200, 250])
        np.testing.assert_array_equal(learned["weight"][0], often["weight"][-1])
        self.assertFalse((often["weight"][0] == often["weight"][-1]).all(), "nothing was learned")
        self.assertTrue((self.weights("trained", "inhibition")["weight"] <= 0).all())

    def test_frozen_weights_stay_those_that_were_loaded_bit_for_bit(self):
        digests = set()
        for threads in (1, 3):
            self.run_net("frozen", *self.LOADED, *self.FROZEN, threads=threads)
            for name in ("learned", "inhibition"):
                np.testing.assert_array_equal(self.weights("frozen", name)["weight"],
                                              self.weights("trained", name)["weight"])
            self.assertTrue((self.weights("frozen", "often")["weight"]
                             == self.weights("trained", "learned")["weight"][0]).all())
            run = self.run_json("frozen")
            self.assertEqual([p["updates"] > 0 for p in run["plasticity"]], [True, True])
            digests.add((run["spike_digest"], run["connectivity_digest"]))
        self.assertEqual(len(digests), 1, "on 1 and 3 threads")
        self.assertNotEqual(digests.pop()[1], self.run_json("trained")["connectivity_digest"])

    def test_weights_at_first_that_are_saved_and_loaded_give_the_same_run(self):
        exact = "projections.learns.weight=7.5"
        self.run_net("drawn", exact, "simulation.duration=20")
        self.run_net("never", exact, *self.FROZEN, "simulation.duration=1")
        self.run_net("loaded", "projections.learns.weight={file: never/weights_learned.h5}", "simulation.duration=20")
        drawn, loaded = self.run_json("drawn"), self.run_json("loaded")
        self.assertNotEqual(self.weights("loaded", "learned")["weight"].max(), 7.5, "it learns")
        self.assertEqual(drawn["connectivity_digest"], loaded["connectivity_digest"])
        self.assertEqual(drawn["spike_digest"], loaded["spike_digest"])
        self.assertNotEqual(drawn["config_digest"], loaded["config_digest"])

    def test_a_run_that_is_halted_in_its_warm_up_has_its_files(self):
        self.run_net("halted", "watchdog.runaway_rate=1", expect=RUNAWAY)
        often = self.weights("halted", "often")
        self.assertEqual((len(often["source"]), often["weight"].shape), (1500, (0, 1500)))

    def test_a_sample_is_chosen_by_its_time(self):
        self.run_net("early", "projections.learns.weight={file: trained/weights_often.h5, time: 150}", *self.FROZEN)
        np.testing.assert_array_equal(self.weights("early", "learned")["weight"][0],
                                      self.weights("trained", "often")["weight"][1])
        done = self.run_net("none", "projections.learns.weight={file: trained/weights_often.h5, time: 151}",
                            expect=INVALID_CONFIG)
        self.assertIn("has no sample at 151 ms", done.stderr)

    def test_a_run_with_loaded_weights_goes_on_after_a_stop(self):
        self.run_net("whole", *self.LOADED)
        self.run_net("half", *self.LOADED, "checkpoint.interval=100")
        checkpoints = sorted((self.path / "half" / "checkpoints").iterdir())
        self.assertGreater(len(checkpoints), 1)
        self.assertEqual(self.run_json("half")["spike_digest"], self.run_json("whole")["spike_digest"])
        changed = self.run_json("whole")["config_digest"]
        with h5py.File(self.path / "trained" / "weights_learned.h5") as source:
            kept = source["weights/weight"][0, 0]
        with h5py.File(self.path / "trained" / "weights_learned.h5", "r+") as file:
            file["weights/weight"][0, 0] = kept / 2
        try:
            self.run_net("other", *self.LOADED)
        finally:
            with h5py.File(self.path / "trained" / "weights_learned.h5", "r+") as file:
                file["weights/weight"][0, 0] = kept
        self.assertNotEqual(self.run_json("other")["config_digest"], changed, "the file is part of the config")

    def test_files_may_lie_in_the_data_folder(self):
        self.run_net("data", "projections.learns.weight={file: weights_learned.h5}", *self.FROZEN,
                     SHARPWAVE_DATA=str(self.path / "trained"))

    def test_other_synapses_are_refused(self):
        done = self.run_net("other", self.LOADED[0], "simulation.network_seed=2", expect=INVALID_CONFIG)
        self.assertRegex(done.stderr, r"trained/weights_learned.h5: has weights of other synapses than projection "
                                      r"'learns' has: of the two lists the first to differ is synapse \d+, from \d+ "
                                      r"to \d+ after [\d.]+ ms in the file, from \d+ to \d+ after [\d.]+ ms in the "
                                      r"network; expected all 1500 of them")
        self.run_net("third", "record.weights.learned.every=3")
        done = self.run_net("other", "projections.learns.weight={file: third/weights_learned.h5}",
                            expect=INVALID_CONFIG)
        self.assertIn("and the file has 500 (of a network with this network_seed, and if recorded, with `every: 1`", done.stderr)

    def test_a_dry_run_builds_nothing_but_reads_the_file(self):
        text = self.sharpwave("run", "net.yaml", "--dry-run", "--json", "--set", self.LOADED[0]).stdout
        plan = {p["name"]: p for p in json.loads(text)["projections"]}
        # 16 bits for the target, a weight twice, and the offsets of 40 sources with 18 delays.
        self.assertAlmostEqual(plan["learns"]["bytes_per_plastic_synapse"], 10 + 4 * (40 * 18 + 1) / 1500, places=9)
        self.assertIsNone(plan["E->I"]["bytes_per_plastic_synapse"])
        self.assertIn("plastic, ", self.sharpwave("run", "net.yaml", "--dry-run").stdout)
        self.sharpwave("run", "net.yaml", "--dry-run", "--set", "projections.learns.weight={file: absent.h5}",
                       expect=INVALID_CONFIG)

    def test_they_are_exported_as_edges_and_read_back(self):
        self.sharpwave("export", "--sonata", "--from", "trained", "net.yaml", "sonata")
        with h5py.File(self.path / "sonata" / "edges.h5") as file:
            for name, projection in (("learned", "learns"), ("inhibition", "inhibits")):
                edges, recorded = file["edges"][projection], self.weights("trained", name)
                for ours, theirs in (("source", "source_node_id"), ("target", "target_node_id")):
                    np.testing.assert_array_equal(recorded[ours], edges[theirs])
                np.testing.assert_array_equal(recorded["weight"][-1].astype(float), edges["0/syn_weight"])
                if projection == "learns":
                    np.testing.assert_array_equal(np.rint(recorded["delay"] / 0.1), np.rint(edges["0/delay"][()] / 0.1))
        # As weights at first they are those that were exported, bit for bit.
        self.run_net("of_edges", *self.FROZEN, *(
            f"projections.{name}.weight={{file: sonata/edges.h5, edge_population: {name}}}" for name in ("learns", "inhibits")))
        for name in ("learned", "inhibition"):
            np.testing.assert_array_equal(self.weights("of_edges", name)["weight"],
                                          self.weights("trained", name)["weight"])
        self.run_net("static", config="sonata/network.yaml")
        static = self.run_json("static")
        self.assertEqual(static["plasticity"], [])
        self.assertEqual(static["synapses"], self.run_json("trained")["synapses"])
        # The same as frozen weights but for rounding, and begun alike: rates are those of the frozen network.
        self.run_net("frozen", *self.LOADED, *self.FROZEN)
        frozen = self.run_json("frozen")
        for ours, theirs in zip(static["populations"], frozen["populations"]):
            self.assertAlmostEqual(ours["rate_Hz"] / theirs["rate_Hz"], 1, delta=0.1)
        # What was read is written again as it is, but rounded to its grid of 16 bits.
        self.sharpwave("export", "--sonata", "sonata/network.yaml", "again")
        with h5py.File(self.path / "sonata" / "edges.h5") as one, h5py.File(self.path / "again" / "edges.h5") as two:
            once, twice = one["edges/learns/0/syn_weight"][()], two["edges/learns/0/syn_weight"][()]
            unit = 2.0 ** (np.ceil(np.log2(once.max())) - 15)
            self.assertLessEqual(np.abs(once - twice).max(), unit / 2)

    def test_what_cannot_be_exported_is_refused(self):
        done = self.sharpwave("export", "--sonata", "net.yaml", "refused", expect=INVALID_CONFIG)
        self.assertIn("export --from", done.stderr)
        done = self.sharpwave("export", "--sonata", "--from", "trained", "net.yaml", "refused", "--set",
                              "simulation.network_seed=2", expect=INVALID_CONFIG)
        self.assertIn("trained is not of this network: its connectivity has the digest", done.stderr)
        (self.path / "static.yaml").write_text("simulation: {duration: 1}\npopulations: {E: {size: 3, model: parrot}}\n")
        done = self.sharpwave("export", "--sonata", "--from", "trained", "static.yaml", "refused",
                              expect=INVALID_CONFIG)
        self.assertIn("the config has no plastic projection", done.stderr)
        self.assertFalse((self.path / "refused").exists())


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
