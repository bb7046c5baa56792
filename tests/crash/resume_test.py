#!/usr/bin/env python3
"""Runs that are stopped, killed and damaged, and go on: in the end they are as if nothing had happened.

Usage: resume_test.py PROGRAM [CYCLES [TEST...]]     CYCLES: how often a run is killed at a random moment (default 20)
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from program import INTERRUPTED, INVALID_CONFIG, IO, NO_CHECKPOINT, OK, USAGE, ProgramTest, is_instrumented

CYCLES = 20

# Poisson input, noise, a delay of many steps, parrots and a report: everything that is under way in a step.
CONFIG = """\
simulation: {dt: 0.1, duration: DURATION, warm_up: 50, seed: 3, precision: PRECISION}
populations:
  E: {size: 1600, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 400, model: iaf_psc_alpha}
  relay: {size: 20, model: parrot}
projections:
  - {source: E, target: [E, I], rule: fixed_indegree, indegree: 80, weight: {normal: {mean: 12, sd: 2}, min: 0},
     delay: {uniform: {low: 0.5, high: 6.0}}}
  - {source: I, target: [E, I], rule: fixed_indegree, indegree: 20, weight: -25, delay: 1.0}
  - {source: relay, target: E, rule: fixed_indegree, indegree: 1, weight: 20, delay: 15.0}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 13000, weight: 16}
  - {name: to_relay, type: poisson, target: relay, rate: 20, weight: 1}
  - {name: noise, type: noise, target: E, mean: 5, std: 40, interval: 1}
record:
  spikes: all
  traces:
    - {name: membrane, target: "E[0:10]", variables: [V_m, I_syn_ex], interval: 1}
checkpoint: {interval: 10, keep: 3}
device: {kind: cpu}
"""

FILES = ["report_membrane_I_syn_ex.h5", "report_membrane_V_m.h5", "spikes.h5"]

# All that learns: a protocol whose trials repeat, label and test, plastic synapses of two rules with homeostasis,
# adaptive thresholds, and neuromodulators that move. Its length is EPOCHS of the training.
LEARNING_CONFIG = """\
simulation: {dt: 0.5, seed: 3, precision: PRECISION}
populations:
  input: {size: 40, model: poisson_source}
  E: {size: 60, model: iaf_cond_exp, params: {theta_plus: 0.2, tau_theta: 1000, tau_syn_ex: 1}}
projections:
  - {name: XE, source: input, target: E, rule: all_to_all, weight: {uniform: {low: 0.5, high: 3.5}},
     delay: {uniform: {low: 0.5, high: 5}},
     plasticity: {rule: stdp_triplet, A_plus: 0, A_minus: 0.01, A3_plus: 0.1, A3_minus: 0, pairing: symmetric,
                  delay_kind: axonal, w_max: 6, homeostasis: {interval: 30, total: 80}}}
  - {name: EE, source: E, target: E, rule: fixed_indegree, indegree: 10, weight: 0.2, delay: 1.5,
     plasticity: {rule: three_factor, region: cortex, w_max: 1, tau_c: 100, learning_rate: 20,
                  gated_tau_c: true}}
neuromodulators:
  cortex:
    dopamine: {volume: [{source: E, per_spike: 0.002, delay: 10}]}
    serotonin: {levels: {times: [300, 900], levels: [0.2, 0.8]}}
    noradrenaline: {}
    acetylcholine: {pulses: {times: [30, 200, 700], amount: 0.3}}
    rewards: {times: [40, 160, 1000], rewards: [1, 0, 1]}
stimuli:
  halves: {population: input, rates: RATES, labels: [0, 1, 0, 1, 0, 1]}
protocol:
  - {name: train, present: halves, items: "0:4", epochs: EPOCHS, order: shuffled, duration: 20, rest: 10, responses: E,
     repeat: {below: 60, gain_step: 0.25, at_most: 4}}
  - {name: pause, rest: 15, learning: false}
  - {name: label, present: halves, items: "0:4", epochs: 4, duration: 20, rest: 10, learning: false, responses: E,
     label: true}
  - {name: test, present: halves, items: "4:6", epochs: 8, duration: 20, rest: 10, learning: false, responses: E,
     test: true}
record:
  plasticity: {interval: 45}
  weights: [{name: XE, projection: XE, interval: 120}]
  neuromodulators: {interval: 10}
checkpoint: {interval: 35, keep: 3}
device: {kind: cpu}
watchdog: {runaway: "off"}
"""
LEARNING_FILES = ["neuromodulators.h5", "plasticity.h5", "spikes.h5", "trials.h5", "weights_XE.h5"]


class RunThatIsStopped(ProgramTest):
    further_words = ("--no-report", "--log-level", "debug")

    def write_config(self, duration=4000, precision="float32"):
        text = CONFIG.replace("DURATION", str(duration)).replace("PRECISION", precision)
        (self.path / "net.yaml").write_text(text)
        self.files = FILES

    def write_learning_config(self, epochs=100, precision="float32"):
        if is_instrumented():
            epochs = max(5, epochs // 4)  # steps take ten times as long there
        rates = [[(400 - 50 * ((i + item) % 3)) * (i // 20 == item % 2) for i in range(40)] for item in range(6)]
        text = LEARNING_CONFIG.replace("RATES", str(rates)).replace("EPOCHS", str(epochs))
        (self.path / "net.yaml").write_text(text.replace("PRECISION", precision))
        self.files = LEARNING_FILES

    def inspect(self, *words):
        done = subprocess.run([self.program, "inspect", *words, "--json"], cwd=self.path, capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def checkpoints(self, directory):
        return sorted((self.path / directory / "checkpoints").iterdir())

    def run_until_saved(self, directory, *words):
        """A run that is terminated once it has saved itself at least twice."""
        process = self.start("run", "net.yaml", "--out", directory, *words)
        deadline = time.monotonic() + 120
        folder = self.path / directory / "checkpoints"
        while time.monotonic() < deadline and process.poll() is None:
            if folder.is_dir() and len(list(folder.glob("step_*.h5"))) > 1:
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        return err

    def expect_as_if_nothing_had_happened(self, directory, whole="whole"):
        """The files of results byte for byte; what runs cost may differ."""
        for of_run in (directory, whole):
            self.assertEqual(sorted(file.name for file in (self.path / of_run).glob("*.h5")), self.files)
        for name in self.files:
            same = (self.path / directory / name).read_bytes() == (self.path / whole / name).read_bytes()
            self.assertTrue(same, f"{name} differs")
        a, b = (json.loads((self.path / d / "run.json").read_text()) for d in (directory, whole))
        for key in ("spike_digest", "spikes_total", "synaptic_events", "populations", "simulated_ms", "warm_up_ms",
                    "interrupted", "grids", "config_digest", "connectivity_digest", "protocol", "neuromodulators",
                    "plasticity"):
            self.assertEqual(a[key], b[key], key)
        self.assertFalse(a["interrupted"])
        comparison = self.inspect(directory, whole)
        self.assertTrue(comparison["same_state"], comparison)
        self.assertFalse((self.path / directory / "recording.swr").exists())
        self.assertFalse((self.path / directory / ".lock").exists())


class Resume(RunThatIsStopped):
    def test_gives_the_files_of_a_run_that_was_not_stopped(self):
        for precision in ("float32", "float64"):
            self.write_config(precision=precision)
            self.sharpwave("run", "net.yaml", "--out", "whole", "--threads", "2", "--force")
            for before, after in ((1, 2), (2, 1), (1, 4), (4, 1)):
                with self.subTest(precision=precision, before=before, after=after):
                    cut = f"cut_{precision}_{before}_{after}"
                    self.run_until_saved(cut, "--threads", str(before))
                    said = self.stderr_of("resume", cut, "--threads", str(after))
                    self.assertIn("going on from step_", said)
                    self.expect_as_if_nothing_had_happened(cut)

    def test_gives_the_files_of_a_protocol_that_was_not_stopped(self):
        for precision, before, after in (("float32", 1, 2), ("float64", 2, 1)):
            with self.subTest(precision=precision, before=before, after=after):
                self.write_learning_config(epochs=60, precision=precision)
                self.sharpwave("run", "net.yaml", "--out", "whole", "--force")
                run = json.loads((self.path / "whole/run.json").read_text())
                train, _, _, test = run["protocol"]
                self.assertGreater(train["repeats"], 0)
                self.assertLess(train["repeats"], 3 * train["trials"], "all are repeated as often as may be")
                self.assertEqual(test["trials"], test["n_trials"])
                for learned in run["plasticity"]:
                    self.assertGreater(min(learned["raised"], learned["lowered"]), 0, learned["projection"])
                cut = f"cut_{precision}"
                self.run_until_saved(cut, "--threads", str(before))
                said = self.stderr_of("resume", cut, "--threads", str(after))
                self.assertIn("going on from step_", said)
                self.expect_as_if_nothing_had_happened(cut)

    def test_saves_where_it_is_told_to_stop_and_no_more_than_it_keeps(self):
        self.write_config()
        self.run_until_saved("cut")
        run = json.loads((self.path / "cut/run.json").read_text())
        self.assertTrue(run["interrupted"])
        saved = self.inspect("cut")
        self.assertAlmostEqual(saved["instances"][0]["step"] * 0.1, run["warm_up_ms"] + run["simulated_ms"], places=6)
        self.assertLessEqual(len(self.checkpoints("cut")), 3)

    def test_saves_at_once_on_sigusr1_and_goes_on(self):
        self.write_config(duration=3000)
        process = self.start("run", "net.yaml", "--out", "asked", "--set", "checkpoint={interval: 0, at_end: false}")
        folder = self.path / "asked/checkpoints"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None and not folder.is_dir():
            time.sleep(0.01)
            if (self.path / "asked/recording.swr").exists():
                process.send_signal(signal.SIGUSR1)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, OK)
        self.assertGreater(len(list(folder.glob("step_*.h5"))), 0)

    def test_of_a_complete_run_or_of_none_says_so(self):
        self.write_config(duration=20)
        self.sharpwave("run", "net.yaml", "--out", "whole")
        self.assertIn("the run is complete", self.stderr_of("resume", "whole"))
        (self.path / "empty").mkdir()
        self.assertIn("there is no run that was stopped", self.stderr_of("resume", "empty", expect=NO_CHECKPOINT))
        self.assertIn("no such directory", self.stderr_of("resume", "nowhere", expect=IO))
        self.assertIn("needs the directory", self.stderr_of("resume", expect=USAGE))

    def test_of_a_run_of_which_the_recording_is_gone_says_so(self):
        self.write_config()
        self.run_until_saved("cut")
        (self.path / "cut/recording.swr").unlink()
        said = self.stderr_of("resume", "cut", expect=NO_CHECKPOINT)
        self.assertIn("was interrupted, but recording.swr", said)

    def test_takes_no_other_network(self):
        self.write_config()
        self.run_until_saved("cut")
        said = self.stderr_of("resume", "cut", "--set", "simulation.seed=4", expect=INVALID_CONFIG)
        self.assertIn("only `device` and `checkpoint` may change", said)
        self.sharpwave("resume", "cut", "--set", "checkpoint.keep=1", "--set", "device.threads=1")
        self.assertEqual(len(self.checkpoints("cut")), 1)

    def test_with_other_records_of_learning_is_refused(self):
        self.write_learning_config()
        self.run_until_saved("cut")
        for other in ("record.neuromodulators=none", "record.weights=[]", "record.plasticity.interval=30"):
            said = self.stderr_of("resume", "cut", "--set", other, expect=INVALID_CONFIG)
            self.assertIn("only `device` and `checkpoint` may change", said)
        # Nor is the recording of another run continued in its place: where its blocks do not end at a checkpoint it is
        # not looked at any further.
        self.run_until_saved("other", "--set", "record.neuromodulators=none")
        shutil.copy(self.path / "other/recording.swr", self.path / "cut/recording.swr")
        said = self.stderr_of("resume", "cut", expect=NO_CHECKPOINT)
        self.assertRegex(said, "its recording is not whole|is the recording of another run")

    def test_goes_back_over_damaged_checkpoints_and_says_so(self):
        self.write_config()
        self.sharpwave("run", "net.yaml", "--out", "whole")
        self.run_until_saved("cut")
        *_, older, newest = self.checkpoints("cut")
        data = bytearray(newest.read_bytes())
        data[len(data) // 2] ^= 1
        newest.write_bytes(data)
        said = self.stderr_of("resume", "cut")
        self.assertIn(f"{newest.name} cannot be used: ", said)
        self.assertIn(f"going on from {older.name}", said)
        self.expect_as_if_nothing_had_happened("cut")

    def test_without_any_that_is_whole_has_an_exit_code_of_its_own(self):
        self.write_config()
        self.run_until_saved("cut")
        for file in self.checkpoints("cut"):
            file.write_bytes(file.read_bytes()[:-1])
        self.assertIn("none of the", self.stderr_of("resume", "cut", expect=NO_CHECKPOINT))
        for file in self.checkpoints("cut"):
            file.unlink()
        self.assertIn("there is no checkpoint", self.stderr_of("resume", "cut", expect=NO_CHECKPOINT))

    def test_goes_back_before_damage_in_the_recording(self):
        self.write_config()
        self.sharpwave("run", "net.yaml", "--out", "whole", "--set", "simulation.warm_up=0")
        self.run_until_saved("cut", "--set", "simulation.warm_up=0")
        steps = [self.inspect(str(file))["instances"][0]["recording_bytes"] for file in self.checkpoints("cut")]
        recording = self.path / "cut/recording.swr"
        data = bytearray(recording.read_bytes())
        data[(steps[-2] + steps[-1]) // 2] ^= 0x10
        recording.write_bytes(data)
        said = self.stderr_of("resume", "cut")
        self.assertIn("its recording is not whole", said)
        self.expect_as_if_nothing_had_happened("cut")

    def test_of_a_run_that_goes_on_is_refused(self):
        self.write_config(duration=100000)
        process = self.start("run", "net.yaml", "--out", "busy")
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (self.path / "busy/recording.swr").exists():
            time.sleep(0.01)
        for words in (("resume", "busy"), ("run", "net.yaml", "--out", "busy", "--force")):
            self.assertIn(f"another run writes into busy (process {process.pid})", self.stderr_of(*words, expect=IO))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED)

    def test_checkpoints_that_cannot_be_written_stop_no_run(self):
        self.write_config(duration=100)
        (self.path / "run").mkdir()
        (self.path / "run/checkpoints").write_text("something else")
        said = self.stderr_of("run", "net.yaml", "--out", "run")
        self.assertRegex(said, r"no checkpoint of step \d+ was written: .*checkpoints.* The run goes on")
        self.assertFalse(json.loads((self.path / "run/run.json").read_text())["interrupted"])
        self.assertEqual((self.path / "run/checkpoints").read_text(), "something else")


class Stop(RunThatIsStopped):
    def start_and_wait(self, *words):
        process = self.start(*words)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (self.path / "cut/recording.swr").exists():
            time.sleep(0.01)
        return process

    def test_sent_twice_at_once_is_one(self):
        self.write_config(duration=100000)
        process = self.start_and_wait("run", "net.yaml", "--out", "cut")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn("`sharpwave resume cut` goes on", err)

    def test_without_a_checkpoint_says_so(self):
        self.write_config(duration=100000)
        (self.path / "cut").mkdir()
        (self.path / "cut/checkpoints").write_text("something else")
        process = self.start_and_wait("run", "net.yaml", "--out", "cut")
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, NO_CHECKPOINT, err)
        self.assertIn("its state could not be saved: the run cannot go on", err)

    def test_after_a_resume_leaves_no_results_of_before(self):
        self.write_config(duration=100000)
        self.run_until_saved("cut")
        before = json.loads((self.path / "cut/run.json").read_text())["simulated_ms"]
        process = self.start("resume", "cut")
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and (self.path / "cut/run.json").exists():
            time.sleep(0.01)
        time.sleep(1)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        said = subprocess.run([self.program, "report", "cut"], cwd=self.path, capture_output=True, text=True).stderr
        self.assertIn("was killed", said)
        run = json.loads((self.path / "cut/run.json").read_text())
        self.assertTrue(run["killed"])
        self.assertGreater(run["simulated_ms"], before)


class From(RunThatIsStopped):
    def test_begins_with_the_state_of_another_run(self):
        self.write_config(duration=100)
        self.sharpwave("run", "net.yaml", "--out", "first")
        said = self.stderr_of("run", "net.yaml", "--out", "second", "--from", "first", "--set", "simulation.seed=9",
                              "--set", "simulation.network_seed=3")
        self.assertNotIn("--from:", said, "everything fits")
        run = json.loads((self.path / "second/run.json").read_text())
        self.assertEqual(run["from"], "first")
        self.assertEqual(run["simulated_ms"], 100)
        # An end that is not simulated any further is the beginning that was taken over.
        newest = str(self.checkpoints("first")[-1])
        self.sharpwave("run", "net.yaml", "--out", "third", "--from", newest, "--set", "simulation.warm_up=0",
                       "--set", "simulation.duration=0.1", "--set", "simulation.network_seed=3")
        before, after = (self.inspect(name)["instances"][0]["populations"] for name in ("first", "third"))
        self.assertEqual([p["name"] for p in before], [p["name"] for p in after])
        for a, b in zip(before, after):
            v_before, v_after = (p["variables"][0]["mean"] for p in (a, b))
            self.assertLess(abs(v_before - v_after), 0.5, "mV, after one step")

    def test_takes_what_was_learnt_whatever_is_recorded_of_it(self):
        self.write_learning_config(epochs=5)
        self.sharpwave("run", "net.yaml", "--out", "first")
        digests = []
        others = ("record.neuromodulators=none", "record.weights=[]", "record.plasticity.interval=30")
        for directory, words in (("same", ()), ("other", [word for other in others for word in ("--set", other)])):
            said = self.stderr_of("run", "net.yaml", "--out", directory, "--from", "first", *words)
            self.assertNotIn("--from:", said, "everything fits")
            digests.append(json.loads((self.path / directory / "run.json").read_text())["spike_digest"])
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], json.loads((self.path / "first/run.json").read_text())["spike_digest"],
                            "it begins as the first did, with nothing learnt")

    def test_says_what_does_not_fit(self):
        self.write_config(duration=20)
        self.sharpwave("run", "net.yaml", "--out", "first")
        said = self.stderr_of("run", "net.yaml", "--out", "second", "--from", "first", "--set", "populations.I.size=300",
                              "--set", "simulation.precision=float64")
        self.assertIn("--from: population 'I' has 300 neurons, in the checkpoint 400", said)
        self.assertIn("--from: the precision differs", said)
        self.assertIn("--from: the connectivity differs", said)
        said = self.stderr_of("run", "net.yaml", "--out", "fifth", "--from", "first", "--set",
                              "populations.E.params={C_m: 300, tau_m: 12}", "--set", "populations.I.model=iaf_psc_exp")
        self.assertIn("--from: population 'E' has other parameters than in the checkpoint: C_m, tau_m", said)
        self.assertIn("--from: population 'I' is of iaf_psc_exp, in the checkpoint of iaf_psc_alpha", said)
        other_dt = self.stderr_of("run", "net.yaml", "--out", "third", "--from", "first", "--set", "simulation.dt=0.2",
                                  expect=INVALID_CONFIG)
        self.assertIn("dt 0.1 ms, the config has 0.2 ms", other_dt)
        self.sharpwave("run", "net.yaml", "--out", "fourth", "--from", "nothing.h5", expect=IO)
        self.assertFalse((self.path / "third").exists() and any((self.path / "third").iterdir()))


class Kill(RunThatIsStopped):
    def test_at_random_moments_loses_nothing_that_was_acknowledged(self):
        self.write_config(duration=3000)
        self.kill_at_random_moments(CYCLES)

    def test_at_random_moments_loses_nothing_of_what_a_protocol_taught(self):
        self.write_learning_config()
        self.kill_at_random_moments(max(3, CYCLES // 2))

    def kill_at_random_moments(self, cycles):
        self.sharpwave("run", "net.yaml", "--out", "whole")
        began = time.monotonic()
        self.sharpwave("run", "net.yaml", "--out", "timed")
        seconds = time.monotonic() - began
        seed = random.SystemRandom().randrange(2**32)
        print(f"seed {seed}, a run takes {seconds:.2f} s", file=sys.stderr)
        chance = random.Random(seed)
        killed = completed = 0
        directory = self.path / "cut"
        while killed < cycles:
            begun = (directory / "recording.swr").exists() and any(directory.glob("checkpoints/step_*.h5"))
            words = ["resume", "cut"] if begun else ["run", "net.yaml", "--out", "cut", "--force"]
            process = self.start(*words, "--threads", str(chance.choice((1, 2, 3))))
            time.sleep(chance.uniform(0, 0.7 * seconds))
            process.send_signal(signal.SIGKILL if chance.random() < 0.8 else signal.SIGTERM)
            _, said = process.communicate(timeout=300)
            self.assertIn(process.returncode, (-signal.SIGKILL, OK, INTERRUPTED, -signal.SIGTERM), said)
            if process.returncode == OK:
                self.expect_as_if_nothing_had_happened("cut")
                shutil.rmtree(directory)
                completed += 1
                continue
            killed += 1
            acknowledged = [int(step) for step in re.findall(r"checkpoint of step (\d+) written", said)]
            if acknowledged:
                self.assertGreaterEqual(self.inspect("cut")["instances"][0]["step"], acknowledged[-1], f"seed {seed}")
        if (directory / "recording.swr").exists() and any(directory.glob("checkpoints/step_*.h5")):
            self.sharpwave("resume", "cut")
            self.expect_as_if_nothing_had_happened("cut")
            completed += 1
        print(f"killed {killed} times, {completed} runs came to their end", file=sys.stderr)
        self.assertGreater(completed, 0, "no run ever came to its end: nothing was compared")


if __name__ == "__main__":
    ProgramTest.program = os.path.abspath(sys.argv[1])
    if len(sys.argv) > 2:
        CYCLES = int(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
