#!/usr/bin/env python3
"""The watchdog as a user meets it: every sign comes from a config or an injection, and none from a shipped config.

Usage: watchdog_test.py PROGRAM [TEST...]
"""

import json
import os
import pathlib
import signal
import sys
import time
import unittest

from program import DAMAGED_DATA, INTERRUPTED, INVALID_CONFIG, IO, NON_FINITE, OK, RUNAWAY, SILENT, USAGE, ProgramTest, \
    is_instrumented

CONFIGS = pathlib.Path(__file__).resolve().parents[2] / "configs"

# B is driven from 300 ms on, so that it runs away; A never fires.
CONFIG = """\
simulation: {dt: 0.1, duration: DURATION, warm_up: 50, seed: 3}
populations:
  A: {size: 50, model: iaf_psc_exp}
  B: {size: 1500, model: iaf_psc_exp, expected_rate: 100}
projections:
  - {source: B, target: B, rule: fixed_indegree, indegree: 50, weight: 30, delay: 1.5}
inputs:
  - {name: background, type: poisson, target: B, rate: 5000, weight: 30}
  - {name: push, type: current_steps, target: B, times: [300], amplitudes: [600]}
checkpoint: {interval: 50}
device: {kind: cpu}
"""


class WatchdogTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_config()

    def write_config(self, duration=600):
        (self.path / "net.yaml").write_text(CONFIG.replace("DURATION", str(duration)))

    def run_net(self, name, *words, expect=OK):
        return self.stderr_of("run", "net.yaml", "--out", name, "--no-report", "--force", *words, expect=expect)

    def json(self, name, file="watchdog.json"):
        return json.loads((self.path / name / file).read_text())

    def findings(self, name, sign):
        return [finding for finding in self.json(name)["findings"] if finding["sign"] == sign]


class Halts(WatchdogTest):
    def test_on_a_value_that_is_not_finite(self):
        # Late enough for a checkpoint to be on the disk by then. Step 30004 is 2950.4 ms into the recorded part.
        self.write_config(4000)
        fault = "nan@step=30004,population=B,neuron=7,variable=I_syn_ex"
        err = self.run_net("a", "--set", "watchdog.runaway=off", "--inject", fault, expect=NON_FINITE)
        self.assertIn("I_syn_ex of neuron 7 of B is nan after step 30004 (3000.4 ms)", err)
        last_good = max((self.path / "a/checkpoints").iterdir())
        self.assertIn(last_good.name, err)
        run = self.json("a", "run.json")
        self.assertEqual(run["watchdog"]["halted"], "non_finite")
        self.assertEqual(run["simulated_ms"], 2950.4)
        self.assertFalse(run["interrupted"])
        finding = self.findings("a", "non_finite")[0]
        self.assertEqual((finding["step"], finding["value"]["value"]), (30004, "nan"))
        self.assertEqual(len(finding["history"]["trace"]["values"][0]), 500)
        self.assertEqual(self.json("a")["injected"], [fault])
        self.assertFalse((self.path / "a/recording.swr").exists())
        # The last good state begins another run.
        self.run_net("b", "--from", str(last_good), "--set", "simulation.duration=20")

    def test_on_divergence(self):
        self.run_net("a", "--set", "watchdog.bound=100",
                     "--inject", "-5000@step=800,population=A,neuron=49,variable=V_m", expect=NON_FINITE)
        finding = self.json("a")["findings"][0]
        self.assertEqual((finding["sign"], finding["step"], finding["value"]["neuron"]), ("divergence", 800, 49))
        self.assertEqual(finding["value"]["value"], -5070.0)

    def test_on_nan_behind_a_divergence_that_is_let_pass(self):
        for threads in ("1", "3"):
            self.run_net("a", "--threads", threads, "--set", "watchdog.bound=200", "--set", "watchdog.divergence=warn",
                         "--inject", "5000@step=800,population=A,neuron=4,variable=V_m",
                         "--inject", "nan@step=1503,population=B,neuron=7,variable=V_m", expect=NON_FINITE)
            found = {f["sign"]: (f["step"], f["value"]["neuron"]) for f in self.json("a")["findings"] if f["value"]}
            self.assertEqual(found, {"divergence": (800, 4), "non_finite": (1503, 7)})

    def test_on_one_of_two_populations_and_names_both(self):
        self.run_net("a", "--set", "watchdog.silent=halt", "--set", "watchdog.silent_window=100", "--set",
                     "inputs.background.rate=0", expect=SILENT)
        findings = self.findings("a", "silent")
        self.assertEqual([(f["population"], f["step"]) for f in findings], [("B", 1000), ("A", 1000)])

    def test_on_a_runaway_and_on_silence(self):
        # Driven from 300 ms on; windows of 20 ms end at 320 and 340 ms.
        self.run_net("a", "--set", "watchdog.runaway_rate=60", expect=RUNAWAY)
        finding = self.findings("a", "runaway")[0]
        self.assertEqual((finding["population"], finding["action"]), ("B", "halt"))
        self.assertIn(finding["step"], (3200, 3400))
        # Asked again it is no success.
        self.assertIn("would again", self.stderr_of("resume", "a", expect=RUNAWAY))
        self.run_net("b", "--set", "watchdog.silent=halt", "--set", "watchdog.silent_window=100", expect=SILENT)
        finding = self.findings("b", "silent")[0]
        self.assertEqual((finding["population"], finding["step"]), ("A", 1000))
        self.run_net("c", "--set", "watchdog.sparse=halt", "--set", "watchdog.silent_window=100",
                     "--set", "watchdog.sparse_share=1", "--set", "watchdog.silent=off", expect=SILENT)
        self.assertEqual(self.findings("c", "sparse")[0]["population"], "B")

    def test_where_a_repair_cannot_be_done(self):
        for action in ("throttle", "rollback"):
            err = self.run_net("a", "--set", f"watchdog.runaway={action}", "--set", "watchdog.runaway_rate=60",
                               "--set", "watchdog.weight_gain=1e-300", expect=RUNAWAY)
            self.assertRegex(err, f"error: watchdog: runaway: B .*The {action} cannot be done: .*The run is halted")
            run = self.json("a", "run.json")
            self.assertEqual(run["watchdog"]["halted"], "runaway")
            self.assertEqual(run["watchdog"]["weight_gain"], 1)
            finding = self.findings("a", "runaway")[0]
            self.assertEqual(finding["step"], round((run["simulated_ms"] + 50) / 0.1))
            self.assertGreater(run["spikes_total"], 0)
            self.assertFalse((self.path / "a/recording.swr").exists())
            self.assertIn("would again", self.stderr_of("resume", "a", expect=RUNAWAY))

    def test_and_the_page_shows_it(self):
        self.sharpwave("run", "net.yaml", "--out", "a", "--inject", "inf@step=700,population=B,neuron=1,variable=I_syn_in",
                       expect=NON_FINITE)
        page = (self.path / "a/report.html").read_text()
        self.assertIn("I_syn_in of neuron 1 of B is inf after step 700", page)
        (self.path / "a/watchdog.json").write_text('{"found": {"silent": 1}, "findings": [{"step": -1}]}')
        self.sharpwave("report", "a", "--force")
        self.assertIn("What the watchdog found is not shown", (self.path / "a/report.html").read_text())


class GoesOn(WatchdogTest):
    def test_after_a_warning_and_says_it_once(self):
        err = self.run_net("a", "--set", "watchdog.runaway=warn", "--set", "watchdog.runaway_rate=60",
                           "--set", "watchdog.silent_window=100", "--set", "watchdog.anomaly=off")
        self.assertEqual(err.count("runaway: B"), 1)
        self.assertEqual(err.count("silent: A"), 1)
        self.run_net("b", "--set", "watchdog.runaway=off", "--set", "watchdog.silent=off", "--set", "watchdog.anomaly=off")
        self.assertFalse((self.path / "b/watchdog.json").exists())
        self.assertEqual(self.json("a", "run.json")["spike_digest"], self.json("b", "run.json")["spike_digest"])

    def test_with_smaller_weights_the_same_on_any_number_of_threads(self):
        for action, gain in (("throttle", 0.25), ("rollback", 0.25)):
            digests = set()
            for threads in ("1", "3"):
                name = f"{action}_{threads}"
                self.run_net(name, "--threads", threads, "--set", f"watchdog.runaway={action}",
                             "--set", "watchdog.runaway_rate=60", "--set", "watchdog.weight_gain=0.5",
                             "--set", "watchdog.input_gain=0.5", "--set", "watchdog.most_repairs=2",
                             "--set", "simulation.duration=400")
                run = self.json(name, "run.json")
                self.assertEqual(run["simulated_ms"], 400)
                self.assertGreaterEqual(run["watchdog"]["repairs"], 1)
                self.assertEqual(run["watchdog"]["weight_gain"], 0.5 ** run["watchdog"]["repairs"])
                digests.add(run["spike_digest"])
            self.assertEqual(len(digests), 1, action)

    def test_back_after_a_stop_to_where_the_whole_run_goes(self):
        duration = 8000 if is_instrumented() else 40000  # long enough for a stop before the push
        (self.path / "net.yaml").write_text(
            CONFIG.replace("DURATION", str(duration)).replace("[300]", f"[{duration - 1000}]"))
        for interval in ("0", str(duration // 10)):
            words = ("--set", "watchdog.runaway=rollback", "--set", "watchdog.runaway_rate=60", "--set",
                     "watchdog.weight_gain=0.5", "--set", "watchdog.input_gain=0.5", "--set",
                     f"checkpoint.interval={interval}")
            self.run_net("whole", *words)
            process = self.start("run", "net.yaml", "--out", "stopped", "--no-report", "--force", *words)
            recording = self.path / "stopped/recording.swr"
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                has_begun = recording.exists() and recording.stat().st_size > 20_000
                if has_begun and (interval == "0" or any((self.path / "stopped/checkpoints").glob("step_*.h5"))):
                    break
                time.sleep(0.002)
            process.send_signal(signal.SIGTERM)
            process.communicate()
            self.assertEqual(process.returncode, INTERRUPTED, "it must not have come to its end")
            stopped_ms = self.json("stopped", "run.json")["simulated_ms"]
            self.assertTrue(0 < stopped_ms < duration - 1100, stopped_ms)
            self.sharpwave("resume", "stopped", "--no-report")
            whole, resumed = self.json("whole", "run.json"), self.json("stopped", "run.json")
            self.assertGreaterEqual(whole["watchdog"]["repairs"], 1)
            for key in ("spike_digest", "watchdog", "spikes_total"):
                self.assertEqual(whole[key], resumed[key], f"interval {interval}, stopped at {stopped_ms} ms")
            self.assertEqual((self.path / "whole/spikes.h5").read_bytes(), (self.path / "stopped/spikes.h5").read_bytes())

    def test_back_to_the_beginning_again_after_a_stop(self):
        text = CONFIG.replace("DURATION", "3000").replace("{interval: 50}", "{interval: 0}").replace(
            "delay: 1.5}", "delay: 1.5, plasticity: {rule: stdp, w_max: 60, lambda: 0.01, alpha: 1.05}}")
        (self.path / "net.yaml").write_text(text)
        words = ["--set", "watchdog.non_finite=rollback", "--set", "watchdog.runaway=off", "--set",
                 "watchdog.weight_gain=0.3"]
        for step in (3000, 28000):
            words += ["--inject", f"nan@step={step},population=B,neuron=7,variable=V_m"]
        self.run_net("whole", *words)
        self.assertEqual(self.json("whole", "run.json")["watchdog"]["repairs"], 2)
        process = self.start("run", "net.yaml", "--out", "stopped", "--no-report", "--force", *words)
        for line in process.stderr:
            if "silent: A" in line:  # a second after the beginning, to which it has gone back
                break
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, INTERRUPTED, "it must not have come to its end")
        self.assertEqual(self.json("stopped", "run.json")["watchdog"]["repairs"], 1, "stopped too late")
        self.sharpwave("resume", "stopped", "--no-report")
        whole, resumed = self.json("whole", "run.json"), self.json("stopped", "run.json")
        for key in ("spike_digest", "watchdog", "plasticity"):
            self.assertEqual(whole[key], resumed[key])

    def test_though_its_findings_cannot_be_written(self):
        (self.path / "a/watchdog.json.partial/in the way").mkdir(parents=True)
        err = self.run_net("a", "--set", "watchdog.runaway=off", "--set", "watchdog.silent_window=100", expect=IO)
        self.assertIn("the run goes on", err)
        self.assertIn("silent: A", err)

    def test_after_a_kill_as_if_it_had_not_been(self):
        words = ("--set", "watchdog.runaway=throttle", "--set", "watchdog.runaway_rate=60", "--set",
                 "watchdog.weight_gain=0.5", "--set", "watchdog.input_gain=0.5")
        self.write_config(20000)
        self.run_net("whole", *words)
        process = self.start("run", "net.yaml", "--out", "killed", "--no-report", *words)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            # After the repair, which is at 320 or 340 ms.
            if any(file.name >= "step_000000004000.h5" for file in (self.path / "killed/checkpoints").glob("*.h5")):
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGKILL, "it must not have come to its end")
        self.sharpwave("resume", "killed", "--no-report")
        a, b = self.json("whole", "run.json"), self.json("killed", "run.json")
        for key in ("spike_digest", "watchdog", "spikes_total"):
            self.assertEqual(a[key], b[key])
        self.assertGreaterEqual(b["watchdog"]["repairs"], 1)
        strip = [[(f["sign"], f["step"]) for f in self.json(name)["findings"] if f["sign"] == "runaway"]
                 for name in ("whole", "killed")]
        self.assertEqual(*strip)


    def stop_early(self, name, *words):
        """Ends it with SIGTERM once it has recorded something. Returns up to which step it has come."""
        process = self.start("run", "net.yaml", "--out", name, "--no-report", *words)
        recording = self.path / name / "recording.swr"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if recording.exists() and recording.stat().st_size > 150_000:
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, INTERRUPTED, "it must not have come to its end")
        return round((self.json(name, "run.json")["simulated_ms"] + 50) / 0.1)

    def test_after_a_stop_with_what_it_remembers(self):
        # B runs away for good from 320 ms on, and A is silent: told once, and not again by who goes on.
        self.write_config(20000)
        words = ("--set", "watchdog.runaway=warn", "--set", "watchdog.runaway_rate=60", "--set",
                 "watchdog.silent_window=100", "--set", "watchdog.anomaly_score=0.05")
        self.run_net("whole", *words)
        step = self.stop_early("cut", *words)
        self.assertTrue(3400 < step < 190_000, step)  # both have been found by then
        said = self.stderr_of("resume", "cut", "--no-report")
        self.assertNotIn("runaway: B", said)
        self.assertNotIn("silent: A", said)
        found = [[(f["sign"], f["population"], f["step"], f["rate"]) for f in self.json(name)["findings"]]
                 for name in ("whole", "cut")]
        self.assertGreater(sum(sign == "anomaly" and at > step for sign, _, at, _ in found[0]), 0)
        self.assertEqual(*found)
        self.assertEqual(self.json("whole")["found"], self.json("cut")["found"])

    def test_after_a_stop_with_faults_that_are_still_to_come(self):
        self.write_config(20000)
        faults = ["nan@step=700,population=A,neuron=3,variable=V_m", "inf@step=195000,population=B,neuron=7,variable=V_m"]
        words = ("--inject", faults[0], "--inject", faults[1], "--set", "watchdog.non_finite=clamp", "--set",
                 "watchdog.runaway=off", "--set", "watchdog.silent=off")
        self.run_net("whole", *words)
        self.assertEqual([f["step"] for f in self.findings("whole", "non_finite")], [700, 195_000])
        self.assertLess(self.stop_early("cut", *words), 195_000)
        self.sharpwave("resume", "cut", "--no-report")
        self.assertEqual([f["step"] for f in self.findings("cut", "non_finite")], [700, 195_000])
        self.assertEqual(self.json("cut")["injected"], faults)
        whole, resumed = self.json("whole", "run.json"), self.json("cut", "run.json")
        for key in ("spike_digest", "watchdog", "spikes_total"):
            self.assertEqual(whole[key], resumed[key])


    def test_after_a_rollback_that_is_not_to_where_v_was_beyond_its_bound(self):
        # V is beyond its bound from step 1070 on, and seen to be in step 1072; a multiple of the interval is step 1071.
        self.run_net("a", "--set", "watchdog.bound=100", "--set", "watchdog.divergence=rollback", "--set",
                     "watchdog.runaway=off", "--set", "checkpoint.interval=107.1",
                     "--inject", "-5000@step=1070,population=A,neuron=49,variable=V_m")
        self.assertEqual([f["step"] for f in self.findings("a", "divergence")], [1070])
        self.assertEqual(self.json("a", "run.json")["watchdog"]["repairs"], 1)

    def test_after_a_rollback_without_faults_that_had_been_put_in_already(self):
        # V is beyond its bound in step 1074, which is seen in step 1076, where the other one is put in.
        words = ("--inject", "-1e6@step=1073,population=A,neuron=49,variable=I_syn_ex",
                 "--inject", "-5000@step=1076,population=A,neuron=48,variable=V_m")
        self.run_net("a", "--set", "watchdog.bound=100", "--set", "watchdog.divergence=rollback", "--set",
                     "watchdog.runaway=off", *words)
        self.assertEqual([f["step"] for f in self.findings("a", "divergence")], [1074])
        self.assertEqual(self.json("a", "run.json")["watchdog"]["repairs"], 1)

    def test_and_says_that_the_state_it_began_with_is_not_kept(self):
        self.write_config(20000)
        words = ("--set", "watchdog.runaway=off", "--set", "watchdog.non_finite=rollback", "--set",
                 "checkpoint.interval=0")
        self.stop_early("seed", *words)
        checkpoint = next((self.path / "seed/checkpoints").iterdir())
        self.stop_early("cut", *words, "--from", str(checkpoint))
        self.assertIn("the state that the run began with is not kept", self.stderr_of("resume", "cut", "--no-report"))
        self.assertNotIn("is not kept", self.stderr_of("resume", "seed", "--no-report"))


class Batch(WatchdogTest):
    def test_an_instance_that_is_halted_is_taken_out(self):
        self.run_net("a", "--set", "batch={vary: {watchdog.runaway_rate: [60, 5000]}}", expect=RUNAWAY)
        first, second = self.json("a", "batch.json")["instances"]
        self.assertEqual((first["status"], first["code"], second["status"]), ("halted", RUNAWAY, "done"))
        self.assertRegex(first["message"], r"^runaway: B fired at [0-9.]+ Hz")
        self.assertEqual(self.findings("a/instances/0000", "runaway")[0]["action"], "halt")
        # It would be halted again: there is nothing to go on with.
        before = (self.path / "a/batch.json").read_bytes()
        err = self.stderr_of("resume", "a", "--no-report", expect=RUNAWAY)
        self.assertIn("halted 1 of 2 instances, and would again", err)
        self.assertEqual((self.path / "a/batch.json").read_bytes(), before)

    def forget_the_halt(self):
        """As if a kill had come between the instance's own files and batch.json."""
        record = self.json("a", "batch.json")
        message = record["instances"][0]["message"]
        record["instances"][0].update(status="running", code=0, message="")
        (self.path / "a/batch.json").write_text(json.dumps(record))
        return message

    def test_one_that_had_been_halted_before_a_kill_is_not_halted_again(self):
        batch = "batch={vary: {watchdog.runaway_rate: [60, 5000]}, on_failure: stop}"
        self.run_net("a", "--threads", "1", "--set", batch, expect=RUNAWAY)
        message = self.forget_the_halt()
        self.stderr_of("resume", "a", "--no-report", expect=RUNAWAY)
        first, second = self.json("a", "batch.json")["instances"]
        self.assertEqual((first["status"], first["code"], second["status"]), ("halted", RUNAWAY, "done"))
        self.assertEqual(first["message"], message)

    def test_repairs_are_said_and_kept(self):
        words = ("--set", "watchdog.runaway=throttle", "--set", "watchdog.weight_gain=0.5", "--set",
                 "watchdog.input_gain=0.5", "--set", "watchdog.most_repairs=3",
                 "--set", "batch={vary: {watchdog.runaway_rate: [60, 5000]}}")
        out, err = self.sharpwave("run", "net.yaml", "--out", "a", "--no-report", *words)
        first, second = self.json("a", "batch.json")["instances"]
        self.assertGreaterEqual(first["repairs"], 1)
        self.assertEqual(first["weight_gain"], 0.5 ** first["repairs"])
        self.assertEqual((second["repairs"], second["weight_gain"], second["input_gain"]), (0, 1, 1))
        self.assertRegex(out, f"done, {first['repairs']} repair")
        self.assertRegex(err, "warning: instance 0000: watchdog: runaway: B .* The run goes on with weights times 0.5")
        run = self.json("a/instances/0000", "run.json")["watchdog"]
        self.assertEqual((run["repairs"], run["weight_gain"]), (first["repairs"], first["weight_gain"]))

    def test_where_a_repair_cannot_be_done(self):
        self.run_net("a", "--set", "watchdog.runaway=throttle", "--set", "watchdog.weight_gain=1e-300",
                     "--set", "batch={vary: {watchdog.runaway_rate: [60, 5000]}}", expect=RUNAWAY)
        first, second = self.json("a", "batch.json")["instances"]
        self.assertEqual((first["status"], first["repairs"], second["status"]), ("halted", 0, "done"))
        self.assertRegex(first["message"], r"^runaway: B fired at .*The throttle cannot be done: ")
        message = self.forget_the_halt()
        self.stderr_of("resume", "a", "--no-report", expect=RUNAWAY)
        self.assertTrue(message.startswith(self.json("a", "batch.json")["instances"][0]["message"] + ". The throttle"))

    def test_a_record_that_cannot_be_is_refused(self):
        self.run_net("a", "--set", "batch={vary: {watchdog.runaway_rate: [60, 5000]}}", expect=RUNAWAY)
        record = self.json("a", "batch.json")

        def expect_refused(part, **changes):
            damaged = {**record, **changes}
            (self.path / "a/batch.json").write_text(json.dumps(damaged))
            self.assertIn(part, self.stderr_of("resume", "a", expect=DAMAGED_DATA))

        halted = record["instances"][0]
        expect_refused("instances[0].code: read 0; expected 8, 13 or 14", instances=[{**halted, "code": 0}])
        expect_refused("instances[0].code: read 0; expected the exit code of a failure",
                       instances=[{**halted, "code": 0, "status": "failed"}])
        expect_refused("instances: ", instances=[])

    def test_one_that_is_halted_stops_the_others_once(self):
        batch = "batch={vary: {watchdog.runaway_rate: [60, 5000]}, on_failure: stop}"
        err = self.run_net("a", "--threads", "1", "--set", batch, expect=RUNAWAY)
        self.assertIn("`sharpwave resume a` goes on with it", err)
        self.assertEqual([i["status"] for i in self.json("a", "batch.json")["instances"]], ["halted", "not begun"])
        err = self.stderr_of("resume", "a", "--no-report", expect=RUNAWAY)
        self.assertIn("going on with 1 of 2 instances", err)
        self.assertEqual([i["status"] for i in self.json("a", "batch.json")["instances"]], ["halted", "done"])


class Refuses(WatchdogTest):
    def test_what_cannot_be_meant(self):
        err = self.run_net("a", "--inject", "nan@step=1,population=C,neuron=0,variable=V_m", expect=USAGE)
        self.assertIn("no population of neurons 'C'", err)
        err = self.run_net("a", "--set", "watchdog.silent=clamp", "--set", "watchdog.window=0.05",
                           "--set", "watchdog.bound=-1", expect=INVALID_CONFIG)
        for part in ("watchdog.silent", "watchdog.window", "watchdog.bound"):
            self.assertIn(part, err)


class ShippedConfigs(WatchdogTest):
    SHORTENED = {  # what learns for many minutes
        "izhikevich_2007": ("simulation.duration=20000",),
        "song_2000": ("simulation.duration=20000",),
        "memory_mnist": ("protocol.form.items=0:20", "protocol.cue.items=8000:8010"),
        "mnist_stdp": ("protocol.train.items=0:20", "protocol.label.items=0:10", "protocol.test.items=8000:8010"),
    }

    def test_give_no_alarm(self):
        if is_instrumented():
            self.skipTest("takes minutes with sanitizers: NOT tested with them")
        for config in sorted(CONFIGS.glob("*.yaml")):
            with self.subTest(config.stem):
                if config.stem in ("sonata_300", "memory_mnist", "mnist_stdp") and "SHARPWAVE_DATA" not in os.environ:
                    self.skipTest("needs SHARPWAVE_DATA: NOT tested")
                shortened = [word for value in self.SHORTENED.get(config.stem, ()) for word in ("--set", value)]
                self.sharpwave("run", str(config), *shortened, "--out", config.stem, "--no-report", "--quiet")
                file = self.path / config.stem / "watchdog.json"
                if file.exists():
                    alarms = [f["message"] for f in json.loads(file.read_text())["findings"] if f["action"] != "log"]
                    self.assertEqual(alarms, [])


if __name__ == "__main__":
    ProgramTest.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
