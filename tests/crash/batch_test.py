#!/usr/bin/env python3
"""Batches and several configs as a user meets them: killed, stopped, failing, and going on.

Usage: batch_test.py PROGRAM [KILLS [TEST...]]     KILLS: how often a batch is killed at a random moment (default 3)
"""

import json
import os
import pathlib
import random
import shutil
import signal
import sys
import time
import unittest

from program import INTERRUPTED, INVALID_CONFIG, IO, USAGE, ProgramTest

KILLS = 3

NET = """\
simulation: {dt: 0.1, duration: DURATION, warm_up: 20, seed: 3}
populations:
  E: {size: 400, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 100, model: iaf_psc_exp}
projections:
  - {source: E, target: [E, I], rule: fixed_indegree, indegree: 40, weight: {normal: {mean: 12, sd: 2}, min: 0},
     delay: {uniform: {low: 0.5, high: 6.0}}}
  - {name: inhibition, source: I, target: [E], rule: fixed_indegree, indegree: 10, weight: -25, delay: 1.0}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 13000, weight: 16}
checkpoint: {interval: 20, keep: 3}
device: {kind: cpu}
"""
BATCH = "batch: {size: 8, vary: {inputs.background.rate: [12000, 13000], projections.inhibition.weight: [-25, -30]}}\n"


class BatchTest(ProgramTest):
    def write(self, name="net.yaml", duration=400, rest=BATCH):
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_text(NET.replace("DURATION", str(duration)) + rest)

    def batch(self, directory):
        return json.loads((self.path / directory / "batch.json").read_text())

    def log(self, directory):
        return [json.loads(line) for line in (self.path / directory / "log.jsonl").read_text().splitlines()]

    def expect_same_results(self, directory, whole):
        a, b = self.batch(directory), self.batch(whole)
        self.assertEqual(len(a["instances"]), len(b["instances"]))
        for x, y in zip(a["instances"], b["instances"]):
            self.assertEqual(x["status"], "done", x)
            for key in ("name", "spike_digest", "spikes_total", "populations", "config_digest", "overrides", "seed"):
                self.assertEqual(x[key], y[key], x["name"])
            at = pathlib.Path("instances") / x["name"] / "spikes.h5"
            self.assertEqual((self.path / directory / at).read_bytes(), (self.path / whole / at).read_bytes())


class Batch(BatchTest):
    def test_an_instance_is_the_run_that_its_overrides_make(self):
        self.write()
        self.sharpwave("run", "net.yaml", "--threads", "2")
        batch = self.batch("runs/net")
        self.assertEqual(batch["counts"]["done"], 8)
        self.assertEqual(len({i["spike_digest"] for i in batch["instances"]}), 8)
        self.assertEqual(len(batch["groups"]), 2)
        self.assertAlmostEqual(sum(i["wall_share"] for i in batch["instances"]), 1)
        for k in (0, 5):
            instance = batch["instances"][k]
            words = [w for override in instance["overrides"] for w in ("--set", override)]
            out, _ = self.sharpwave("run", "net.yaml", "--set", "batch=null", *words, "--out", f"alone_{k}", "--json")
            alone = json.loads(out)
            self.assertEqual(alone["spike_digest"], instance["spike_digest"])
            self.assertEqual(alone["config_digest"], instance["config_digest"])
            of_batch = json.loads((self.path / "runs/net/instances" / instance["name"] / "run.json").read_text())
            for key in ("spikes_total", "populations", "grids", "connectivity_digest", "synaptic_events"):
                self.assertEqual(of_batch[key], alone[key], key)

    def test_a_batch_that_was_killed_goes_on(self):
        self.write(duration=4000)
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report", "--threads", "2")
        random.seed(5)
        n_killed = 0
        for kill in range(KILLS):
            directory = f"cut_{kill}"
            process = self.start("run", "net.yaml", "--out", directory, "--no-report", "--threads", "2")
            deadline = time.monotonic() + 120
            instances = self.path / directory / "instances"
            while time.monotonic() < deadline and process.poll() is None:
                if len(list(instances.glob("*/checkpoints/step_*.h5"))) > 1 + 4 * kill:
                    break
                time.sleep(0.005)
            time.sleep(random.uniform(0, 0.3))
            process.kill()
            process.communicate(timeout=60)
            n_killed += process.returncode == -signal.SIGKILL
            self.sharpwave("resume", directory, "--no-report", "--threads", str(1 + kill % 2))
            self.expect_same_results(directory, "whole")
        self.assertGreater(n_killed, 0)  # else this has tested nothing

    def test_a_signal_saves_all_that_run_and_they_go_on(self):
        self.write(duration=6000)
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report", "--threads", "2")
        process = self.start("run", "net.yaml", "--out", "cut", "--no-report", "--threads", "2", "--set",
                             "checkpoint.interval=0", "--set", "checkpoint.at_end=false")
        instances = self.path / "cut" / "instances"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and len(list(instances.glob("*/recording.swr"))) < 2:
            time.sleep(0.005)
        process.send_signal(signal.SIGUSR1)
        while time.monotonic() < deadline and len(list(instances.glob("*/checkpoints/step_*.h5"))) < 2:
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn("checkpoint of step", err)
        stopped = self.batch("cut")
        self.assertGreater(stopped["counts"]["interrupted"], 0)
        self.assertEqual(stopped["counts"]["running"], 0)
        self.assertIn("sharpwave resume cut", err)
        # An instance goes on by itself, too.
        one = next(i["name"] for i in stopped["instances"] if i["status"] == "interrupted")
        self.sharpwave("resume", f"cut/instances/{one}", "--no-report")
        self.sharpwave("resume", "cut", "--no-report")
        self.expect_same_results("cut", "whole")
        _, err = self.sharpwave("resume", "cut")
        self.assertIn("nothing to do", err)

    def test_of_which_results_are_gone_makes_them_again(self):
        self.write()
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        self.sharpwave("run", "net.yaml", "--out", "less", "--no-report")
        shutil.rmtree(self.path / "less/instances/0002")
        (self.path / "less/instances/0002").write_text("in the way")
        self.sharpwave("resume", "less", "--no-report", expect=IO)
        lost = self.batch("less")["instances"][2]
        self.assertEqual((lost["status"], lost["spikes_total"], lost["spike_digest"]), ("failed", 0, ""))
        self.assertEqual(lost["populations"], [])
        (self.path / "less/instances/0002").unlink()
        (self.path / "less/instances/0005/run.json").unlink()
        _, err = self.sharpwave("resume", "less", "--no-report")
        self.assertIn("less/instances/0005: its results are not there any more; it runs again", err)
        self.assertIn("going on with 2 of 8 instances", err)
        self.expect_same_results("less", "whole")

    def test_a_failing_instance_does_not_stop_the_others_unless_asked(self):
        self.write()
        (self.path / "runs/net/instances").mkdir(parents=True)
        (self.path / "runs/net/instances/0002").write_text("in the way")
        out, err = self.sharpwave("run", "net.yaml", "--no-report", expect=IO)
        self.assertIn("instance 0002", err)
        self.assertIn("failed (4)", out)
        self.assertRegex(out, r"instance +seed +rate +weight +spikes")
        self.assertRegex(out, r"0003 +6 +13000 +-30 +[0-9]")
        self.assertEqual(self.batch("runs/net")["counts"]["done"], 7)
        (failure,) = [line for line in self.log("runs/net") if line["level"] == "error"]
        self.assertIn("instance 0002", failure["message"])
        self.assertIsNone(failure["run_id"])
        (self.path / "runs/net/instances/0002").unlink()
        self.sharpwave("resume", "runs/net", "--no-report")
        self.assertEqual(self.batch("runs/net")["counts"]["done"], 8)

    def test_a_dry_run_shows_groups_and_memory_and_writes_nothing(self):
        self.write()
        out, _ = self.sharpwave("run", "net.yaml", "--dry-run", "--threads", "2")
        self.assertIn("groups          2", out)
        self.assertIn("fits            yes", out)
        out, _ = self.sharpwave("run", "net.yaml", "--dry-run", "--threads", "2", "--json")
        plan = json.loads(out)
        self.assertEqual((len(plan["instances"]), len(plan["groups"]), plan["fits"]), (8, 2, True))
        self.assertFalse((self.path / "runs").exists())
        out, _ = self.sharpwave("validate", "net.yaml")
        self.assertIn("a batch of 8 in 2 groups", out)

    def test_faults_of_instances_come_before_anything_is_written(self):
        self.write(rest="batch: {vary: {populations.E.size: [400, -1]}}\n")
        for command in ("run", "validate"):
            _, err = self.sharpwave(command, "net.yaml", expect=INVALID_CONFIG)
            self.assertRegex(err, r"net.yaml:13:\d+: populations.E.size: read '-1', .*instance 0001")
        self.assertFalse((self.path / "runs").exists())

    def test_what_is_too_large_is_refused_with_the_figures(self):
        self.write(rest="batch: {size: 2, vary: {projections.0.indegree: [1000000000]}}\n")
        _, err = self.sharpwave("run", "net.yaml", expect=6)
        self.assertIn("GiB for the synapses that they share", err)
        self.assertFalse((self.path / "runs/net/batch.json").exists())

    def test_the_report_shows_the_instances_side_by_side(self):
        self.write()
        self.sharpwave("run", "net.yaml")
        out, _ = self.sharpwave("report", "runs/net")
        self.assertEqual(out, "runs/net/report.html\n")
        out, _ = self.sharpwave("report", "runs/net", "--json")
        self.assertEqual(len(json.loads(out)), 8)
        self.sharpwave("report", "runs/net/instances/0003")
        self.assertTrue((self.path / "runs/net/instances/0003/report.html").exists())

    def test_prints_what_batch_json_holds(self):
        self.write()
        out, _ = self.sharpwave("run", "net.yaml", "--json", "--quiet", "--no-report")
        self.assertEqual(json.loads(out), self.batch("runs/net"))


class SeveralConfigs(BatchTest):
    def test_run_one_after_the_other_with_the_worst_exit_code(self):
        self.write("a.yaml", rest="")
        self.write("dir/b.yaml", rest=BATCH)
        self.write("dir/c.yaml", rest="")
        (self.path / "runs/a").mkdir(parents=True)
        (self.path / "runs/a/run.json").write_text("{}")  # not to be overwritten
        out, err = self.sharpwave("run", "a.yaml", "dir", "--no-report", expect=IO)
        self.assertIn("failed (4)", out)
        self.assertIn("8 of 8", out)
        self.assertTrue((self.path / "runs/c/run.json").exists())
        self.assertEqual(self.batch("runs/b")["counts"]["done"], 8)
        out, _ = self.sharpwave("run", "a.yaml", "dir", "--no-report", "--json", "--out", "all")
        results = json.loads(out)
        self.assertEqual(len(results), 3)
        self.assertIn("dir/b.yaml -> all/b", self.log("all/b")[0]["message"])
        self.assertEqual(results[0], json.loads((self.path / "all/a/run.json").read_text()))
        self.assertEqual(results[1], self.batch("all/b"))
        ids = [{line["run_id"] for line in self.log(f"all/{name}") if line["message"].startswith("build")} for name in "abc"]
        self.assertEqual(ids[1], {None})
        for of_run, name in ((ids[0], "a"), (ids[2], "c")):
            self.assertEqual(of_run, {json.loads((self.path / f"all/{name}/run.json").read_text())["run_id"]})

    def test_a_folder_with_one_config_is_a_folder(self):
        self.write("dir/b.yaml", rest="")
        self.sharpwave("run", "dir", "--no-report", "--out", "all")
        self.assertTrue((self.path / "all/b/run.json").exists())
        out, _ = self.sharpwave("run", "dir", "--dry-run", "--json")
        self.assertEqual(json.loads(out)["neurons"], 500)
        self.sharpwave("run", "dir", "--no-report", "--out", "more", "--from", "all/b")
        self.assertEqual(json.loads((self.path / "more/b/run.json").read_text())["from"], "all/b")

    def test_what_is_for_one_run_is_refused_for_a_batch_among_them(self):
        self.write("dir/a.yaml", rest="")
        self.write("dir/b.yaml")
        for words in (("--profile",), ("--inject", "nan@step=5,population=E,neuron=0,variable=V_m")):
            for configs in (("dir",), ("dir/b.yaml",), ("dir/a.yaml", "dir/b.yaml")):
                _, err = self.sharpwave("run", *configs, *words, expect=USAGE)
                self.assertIn("--inject are for one run, and dir/b.yaml has a batch of them", err)
        self.assertFalse((self.path / "runs").exists())

    def test_the_log_of_one_has_nothing_of_another(self):
        for name in "abc":
            self.write(f"{name}.yaml", rest="")
        self.sharpwave("run", "a.yaml", "b.yaml", "c.yaml", "--no-report")
        shutil.rmtree(self.path / "runs/b")
        shutil.rmtree(self.path / "runs/c")
        (self.path / "runs/b").write_text("in the way")
        self.sharpwave("run", "b.yaml", "c.yaml", "--no-report", expect=IO)
        self.assertNotIn("b.yaml", " ".join(line["message"] for line in self.log("runs/c")))

    def test_all_are_checked_before_the_first_begins(self):
        self.write("a.yaml", rest="")
        self.write("b.yaml", rest="inptus: []\n")
        self.write("c.yaml", rest="batch: {size: 0}\n")
        _, err = self.sharpwave("run", "a.yaml", "b.yaml", "c.yaml", "missing.yaml", expect=IO)
        self.assertIn("b.yaml:13:1: inptus", err)
        self.assertIn("c.yaml:13:15: batch.size", err)
        self.assertIn("missing.yaml", err)
        self.assertFalse((self.path / "runs").exists())

    def test_a_signal_ends_this_one_and_the_rest(self):
        self.write("a.yaml", rest="", duration=100000)
        self.write("b.yaml", rest="")
        process = self.start("run", "a.yaml", "b.yaml", "--no-report")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (self.path / "runs/a/recording.swr").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn("not begun", out)
        self.assertFalse((self.path / "runs/b").exists())

    def test_two_of_one_name_are_refused(self):
        self.write("a.yaml", rest="")
        self.write("dir/a.yaml", rest="")
        _, err = self.sharpwave("run", "a.yaml", "dir", expect=USAGE)
        self.assertIn("would both be written to runs/a", err)


if __name__ == "__main__":
    ProgramTest.program = os.path.abspath(sys.argv[1])
    if len(sys.argv) > 2 and sys.argv[2].isdigit():
        KILLS = int(sys.argv[2])
        del sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
