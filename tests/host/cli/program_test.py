#!/usr/bin/env python3
"""The program as a user runs it: exit codes, files, messages, signals, terminals.

Usage: program_test.py PROGRAM SOURCE_ROOT
"""

import hashlib
import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""
SOURCE_ROOT = pathlib.Path()

OK, INTERNAL, USAGE, INVALID_CONFIG, IO, DAMAGED, NO_ROOM, NO_DEVICE, NON_FINITE, INTERRUPTED = range(10)
NO_CHECKPOINT = 12

RUN_FILES = ["checkpoints", "log.jsonl", "network.json", "report.html", "run.json", "spikes.h5"]
# It may go on, with what it has recorded.
INTERRUPTED_FILES = sorted([*RUN_FILES, "recording.swr"])

# Driven well above its threshold, so that it spikes whatever the seed.
CONFIG = """\
simulation: {dt: 0.1, duration: 100, warm_up: 10, seed: 1}
populations:
  E: {size: 80, model: iaf_psc_exp, params: {I_e: 500}, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 20, model: iaf_psc_exp, params: {I_e: 450}}
projections:
  - {source: E, target: I, rule: fixed_indegree, indegree: 10, weight: 10, delay: 1.0}
  - {source: I, target: E, rule: fixed_indegree, indegree: 5, weight: -20, delay: 0.5}
record: {spikes: all}
device: {kind: cpu}
"""

# Two items that are told apart now and then.
PROTOCOL = """\
simulation: {dt: 0.5, seed: 3}
populations:
  input: {size: 4, model: poisson_source}
  E: {size: 3, model: iaf_psc_exp}
projections:
  - {source: input, target: E, rule: all_to_all, weight: {uniform: {low: 300, high: 900}}}
stimuli:
  halves: {population: input, rates: [[200, 200, 0, 0], [0, 0, 200, 200]], labels: [0, 1]}
protocol:
  - {name: label, present: halves, duration: 20, rest: 10, epochs: 4, responses: E, label: true}
  - {name: test, present: halves, duration: 20, rest: 10, epochs: 15000, responses: E, test: true}
device: {kind: cpu}
"""


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "net.yaml").write_text(CONFIG)

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_") and k != "NO_COLOR"}
        return {**kept, **more}

    def sharpwave(self, *words, expect=OK, **environment):
        done = subprocess.run([PROGRAM, *words], cwd=self.path, env=self.environment(**environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, expect, f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def run_json(self, directory="runs/net"):
        return json.loads((self.path / directory / "run.json").read_text())


class Help(ProgramTest):
    def test_help_and_version(self):
        self.assertIn("sharpwave run", self.sharpwave("--help").stdout)
        self.assertEqual(self.sharpwave("run", "--help").stdout, self.sharpwave("help", "run").stdout)
        for words in (["--help"], ["run", "--help"], ["validate", "--help"], ["export", "--help"]):
            text = self.sharpwave(*words).stdout
            self.assertIn("Examples:", text)
            self.assertIn("Exit codes:", text)
        self.assertRegex(self.sharpwave("--version").stdout, r"^sharpwave \d+\.\d+\.\d+\n$")

    def test_unknown_command(self):
        done = self.sharpwave("simulate", expect=USAGE)
        self.assertIn("unknown command 'simulate'", done.stderr)
        self.assertIn("did you mean 'validate'", self.sharpwave("valdate", expect=USAGE).stderr)
        self.assertIn("no command", self.sharpwave(expect=USAGE).stderr)

    def test_shipped_configs_are_listed_and_printed(self):
        listed = self.sharpwave("configs").stdout.splitlines()
        names = sorted(path.stem for path in (SOURCE_ROOT / "configs").glob("*.yaml"))
        self.assertEqual([line.split()[0] for line in listed], names)
        for line in listed:
            self.assertGreater(len(line.split(maxsplit=1)[1]), 20)
        for name in names:
            self.assertEqual(self.sharpwave("configs", name).stdout,
                             (SOURCE_ROOT / "configs" / f"{name}.yaml").read_text())
        self.assertIn("did you mean 'brunel'", self.sharpwave("configs", "brunell", expect=USAGE).stderr)

    def test_a_new_config_runs(self):
        self.sharpwave("new", "mine.yaml")
        self.assertEqual((self.path / "mine.yaml").read_text(), self.sharpwave("new").stdout)
        self.assertIn("exists", self.sharpwave("new", "mine.yaml", expect=IO).stderr)
        self.sharpwave("run", "mine.yaml", "--out", "run")
        rates = [p["rate_Hz"] for p in self.run_json("run")["populations"]]
        self.assertEqual(len(rates), 2)
        for rate in rates:
            self.assertGreater(rate, 2)
            self.assertLess(rate, 50)

    def test_shells_complete_commands_and_options(self):
        def completed(*words):
            script = self.sharpwave("completion", "bash").stdout + (
                'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sharpwave; printf "%s\\n" "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", script, "-", *words], stdout=subprocess.PIPE, text=True, check=True)
            return done.stdout.split()
        self.assertEqual(completed("sharpwave", "re"), ["resume", "report"])
        self.assertIn("validate", completed("sharpwave", ""))
        self.assertEqual(completed("sharpwave", "run", "--thr"), ["--threads"])
        self.assertEqual(completed("sharpwave", "run", "--no"), ["--no-report"])
        self.assertEqual(completed("sharpwave", "ins"), ["inspect"])
        self.assertEqual(completed("sharpwave", "inspect", "--js"), ["--json"])
        self.assertEqual(completed("sharpwave", "run", "conf"), [])  # files: left to the shell
        self.assertEqual(completed("sharpwave", "completion", "z"), ["zsh"])
        self.assertEqual(completed("sharpwave", "configs", "bru"), ["brunel", "brunel_stdp"])
        self.assertEqual(completed("sharpwave", "bench", "microcircuit_1"), ["microcircuit_1_dc", "microcircuit_1_poisson"])
        self.assertEqual(completed("sharpwave", "bench", "--out", "some"), [])
        self.assertEqual(completed("sharpwave", "help", "exit"), ["exit-codes"])
        self.assertIn("bashcompinit", self.sharpwave("completion", "zsh").stdout)
        self.sharpwave("completion", "fish", expect=USAGE)

    def test_the_page_of_exit_codes_is_current(self):
        page = (SOURCE_ROOT / "docs" / "exit_codes.md").read_text()
        self.assertEqual(self.sharpwave("help", "exit-codes").stdout, page)


class Run(ProgramTest):
    def test_writes_its_results(self):
        done = self.sharpwave("run", "net.yaml", "--threads", "1")
        result = self.run_json()
        self.assertEqual(result["simulated_ms"], 100)
        self.assertEqual(result["warm_up_ms"], 10)
        self.assertEqual([p["name"] for p in result["populations"]], ["E", "I"])
        self.assertEqual([p["size"] for p in result["populations"]], [80, 20])
        self.assertGreater(result["spikes_total"], 100)
        self.assertEqual(sum(p["spikes"] for p in result["populations"]), result["spikes_total"])
        self.assertAlmostEqual(result["populations"][0]["rate_Hz"], result["populations"][0]["spikes"] / 80 / 0.1)
        self.assertEqual(result["synapses"], 20 * 10 + 80 * 5)
        self.assertEqual(result["threads"], 1)
        self.assertIs(result["interrupted"], False)
        self.assertGreater(result["wall_s"], 0)
        self.assertAlmostEqual(result["real_time_factor"], result["wall_s"] / 0.1)
        phases = [p["name"] for p in result["phases"]]
        for phase in ("construction", "digest", "recording"):
            self.assertIn(phase, phases)
        self.assertRegex(result["spike_digest"], "^[0-9a-f]{64}$")
        self.assertIn(result["spike_digest"], done.stdout)
        self.assertIn("runs/net/spikes.h5", done.stdout)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertEqual(sorted(f.name for f in (self.path / "runs/net").iterdir()), RUN_FILES)

    def test_spikes_are_those_of_the_summary(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        self.sharpwave("run", "net.yaml")
        result = self.run_json()
        with h5py.File(self.path / "runs/net/spikes.h5") as file:
            for population in result["populations"]:
                times = file["spikes"][population["name"]]["timestamps"][:]
                self.assertEqual(len(times), population["spikes"])
                self.assertGreater(times.min(), 10)
                self.assertLessEqual(times.max(), 110)

    def test_overrides_change_the_run(self):
        self.sharpwave("run", "net.yaml", "--out", "a")
        self.sharpwave("run", "net.yaml", "--out", "b", "--set", "populations.E.size=40", "--set",
                       "simulation.duration=50")
        a, b = self.run_json("a"), self.run_json("b")
        self.assertEqual(b["populations"][0]["size"], 40)
        self.assertEqual(b["simulated_ms"], 50)
        self.assertEqual(b["overrides"], ["populations.E.size=40", "simulation.duration=50"])
        self.assertNotEqual(a["config_digest"], b["config_digest"])

    def test_digest_does_not_depend_on_threads(self):
        digests = set()
        for threads in ("1", "2", "3"):
            self.sharpwave("run", "net.yaml", "--threads", threads, "--force", "--quiet")
            digests.add(self.run_json()["spike_digest"])
        self.assertEqual(len(digests), 1)

    def test_source_of_the_number_of_threads(self):
        def threads(*words, **environment):
            self.sharpwave("run", "net.yaml", "--force", "--quiet", *words, **environment)
            return self.run_json()["threads"]

        in_config = ["--set", "device.threads=3"]
        self.assertEqual(threads(*in_config), 3)
        self.assertEqual(threads(*in_config, SHARPWAVE_THREADS="2"), 2)
        self.assertEqual(threads(*in_config, "--threads", "1", SHARPWAVE_THREADS="2"), 1)
        self.assertLessEqual(threads(), len(os.sched_getaffinity(0)))
        for wrong in ("two", "0", "-1", "2x"):
            done = self.sharpwave("run", "net.yaml", "--force", SHARPWAVE_THREADS=wrong, expect=USAGE)
            self.assertIn("SHARPWAVE_THREADS", done.stderr)

    def test_quiet_and_json(self):
        done = self.sharpwave("run", "net.yaml", "--quiet")
        self.assertEqual(done.stdout + done.stderr, "")
        done = self.sharpwave("run", "net.yaml", "--quiet", "--json", "--force")
        self.assertEqual(json.loads(done.stdout), self.run_json())
        self.assertEqual(done.stderr, "")

    def test_log_level(self):
        self.assertIn("building", self.sharpwave("run", "net.yaml").stderr)
        again = ["run", "net.yaml", "--force"]
        self.assertEqual(self.sharpwave(*again, "--log-level", "warn").stderr, "")
        self.assertEqual(self.sharpwave(*again, SHARPWAVE_LOG_LEVEL="error").stderr, "")
        self.assertIn("did you mean 'debug'", self.sharpwave(*again, "--log-level", "debig", expect=USAGE).stderr)
        self.assertIn("SHARPWAVE_LOG_LEVEL", self.sharpwave(*again, SHARPWAVE_LOG_LEVEL="x", expect=USAGE).stderr)
        self.assertEqual(self.sharpwave(*again, "--log-level", "debug,run=off,checkpoint=off").stderr, "")
        self.assertIn("building", self.sharpwave(*again, "--log-level", "run=info,error").stderr)
        self.assertIn("did you mean 'run'", self.sharpwave(*again, "--log-level", "runs=info", expect=USAGE).stderr)
        self.assertIn("did you mean 'json'", self.sharpwave(*again, "--log-format", "jsn", expect=USAGE).stderr)

    def test_the_log_of_a_run_is_lines_of_json(self):
        done = self.sharpwave("run", "net.yaml", "--log-format", "json", "--log-level", "debug")
        lines = [json.loads(line) for line in (self.path / "runs/net/log.jsonl").read_text().splitlines()]
        self.assertEqual([json.loads(line) for line in done.stderr.splitlines()], lines)
        run_id = self.run_json()["run_id"]
        self.assertRegex(run_id, "^[0-9a-f]{32}$")
        self.assertEqual({line["run_id"] for line in lines}, {run_id})
        self.assertTrue(lines[0]["message"].startswith("building 100 neurons"), lines[0])
        self.assertEqual(lines[0]["module"], "run")
        self.assertIsNone(lines[0]["simulated_ms"])
        (checkpoint,) = [line for line in lines if line["module"] == "checkpoint"]
        self.assertEqual((checkpoint["level"], checkpoint["simulated_ms"]), ("debug", 110))
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.sharpwave("run", "net.yaml", "--force")
        self.assertNotEqual(self.run_json()["run_id"], run_id)
        self.assertNotIn(run_id, (self.path / "runs/net/log.jsonl").read_text(), "the log of the run that was replaced")

    def test_what_failed_is_in_the_log_too(self):
        done = self.sharpwave("run", "nothing.yaml", "--log-format", "json", expect=IO)
        (line,) = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual(line["level"], "error")
        self.assertIn("nothing.yaml", line["message"])

    def test_quiet_is_stderr_alone(self):
        (self.path / "other.yaml").write_text((self.path / "net.yaml").read_text())
        self.assertEqual(self.sharpwave("run", "net.yaml", "other.yaml", "--quiet").stderr, "")
        for name in ("net", "other"):
            (line,) = (self.path / f"runs/{name}/log.jsonl").read_text().splitlines()
            self.assertEqual(json.loads(line)["message"], f"{name}.yaml -> runs/{name}")

    def test_quiet_lets_through_what_a_level_is_asked_of(self):
        (self.path / "other.yaml").write_text((self.path / "net.yaml").read_text())
        done = self.sharpwave("run", "net.yaml", "other.yaml", "--quiet", "--log-level", "checkpoint=debug")
        self.assertIn("checkpoint of step", done.stderr)
        self.assertNotIn("->", done.stderr)
        done = self.sharpwave("run", "net.yaml", "other.yaml", "--force", "--quiet", "--log-level", "info")
        self.assertIn("->", done.stderr)

    def test_a_profile(self):
        plain = self.sharpwave("run", "net.yaml", "--out", "plain")
        done = self.sharpwave("run", "net.yaml", "--threads", "2", "--profile")
        self.assertEqual(self.run_json()["spike_digest"], self.run_json("plain")["spike_digest"])
        self.assertNotIn("p95", plain.stdout)
        for part in ("runs/net/profile.json", "runs/net/trace.json", "p95", "synaptic events", "the machine"):
            self.assertIn(part, done.stdout)
        profile = json.loads((self.path / "runs/net/profile.json").read_text())
        result = self.run_json()
        self.assertEqual(profile["synaptic_events"], result["synaptic_events"])
        self.assertAlmostEqual(profile["events_per_s"], result["synaptic_events"] / result["wall_s"])
        self.assertEqual(profile["steps"]["count"], 1000)
        self.assertLessEqual(profile["steps"]["p50_us"], profile["steps"]["p95_us"])
        self.assertLessEqual(profile["steps"]["p95_us"], profile["steps"]["p99_us"])
        counts = {phase["name"]: phase["count"] for phase in profile["phases"]}
        self.assertEqual(counts, {"gather": 1000, "deliver": 1000, "wait": 1000, "urgent": 1000, "update": 1000,
                                  "digest": None, "recording": None, "snapshots": None,
                                  "checkpoints": None})
        self.assertGreater(profile["limits"]["copy_bytes_per_s"], 1e8)
        trace = json.loads((self.path / "runs/net/trace.json").read_text())
        events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
        self.assertEqual(len(events), 2 * 5 * 1000)
        self.assertEqual({event["tid"] for event in events}, {0, 1})
        self.assertEqual({event["args"]["step"] for event in events}, set(range(101, 1101)))
        of_thread = [event for event in events if event["tid"] == 1]
        for before, after in zip(of_thread, of_thread[1:]):  # one after the other, but for what is rounded
            self.assertGreaterEqual(after["ts"] + 0.01, before["ts"] + before["dur"])
        self.assertEqual(trace["otherData"]["shown"], "1 of 1 steps")
        self.sharpwave("run", "net.yaml", "--force")
        self.assertFalse((self.path / "runs/net/profile.json").exists(), "it is of the run that was replaced")

    def test_raster(self):
        self.assertNotIn("│", self.sharpwave("run", "net.yaml").stdout)
        self.assertRegex(self.sharpwave("run", "net.yaml", "--force", "--raster").stdout, "E *│[⠀-⣿]{72}\n")


class PowerLaw(ProgramTest):
    """One pair, which strengthens."""
    CONFIG = """\
simulation: {duration: 30}
populations:
  source: {size: 1, model: spike_source, times: [[1]]}
  neuron: {size: 1, model: iaf_psc_delta}
projections:
  - {source: source, target: neuron, rule: all_to_all, weight: 30, delay: 5}
  - name: learning
    source: source
    target: neuron
    rule: all_to_all
    weight: 1
    delay: 1
    plasticity: {rule: RULE, w_max: W_MAX}
"""

    def warnings(self, rule, w_max):
        (self.path / "net.yaml").write_text(self.CONFIG.replace("RULE", rule).replace("W_MAX", w_max))
        lines = self.sharpwave("run", "net.yaml", "--set", "device=cpu", "--force").stderr.splitlines()
        return [line for line in lines if "warning" in line]

    def test_weights_at_the_bound_are_warned_of(self):
        [warning] = self.warnings("stdp_pl", "1.0001")
        self.assertIn("learning: 1 of its weights are at w_max, 1.0001", warning)
        self.assertEqual(self.warnings("stdp_pl", "2"), [])
        self.assertEqual(self.warnings("stdp", "1.0001"), [])


class ExistingRun(ProgramTest):
    def test_is_not_overwritten_without_force(self):
        self.sharpwave("run", "net.yaml")
        before = (self.path / "runs/net/run.json").read_bytes()
        done = self.sharpwave("run", "net.yaml", expect=IO)
        self.assertIn("runs/net/run.json", done.stderr)
        self.assertIn("--force", done.stderr)
        self.assertEqual((self.path / "runs/net/run.json").read_bytes(), before)

    def test_force_replaces_the_run_and_nothing_else(self):
        self.sharpwave("run", "net.yaml")
        run = self.path / "runs/net"
        (run / "notes.txt").write_text("mine")
        (run / "report_of_before.h5").write_text("x")
        self.sharpwave("run", "net.yaml", "--force", "--set", "simulation.duration=50")
        self.assertEqual(self.run_json()["simulated_ms"], 50)
        self.assertEqual(sorted(f.name for f in run.iterdir()), sorted(["notes.txt", *RUN_FILES]))

    def test_survives_a_run_that_is_refused(self):
        self.sharpwave("run", "net.yaml")
        before = (self.path / "runs/net/run.json").read_bytes()
        self.sharpwave("run", "net.yaml", "--force", "--set", "populations.E.size=-1", expect=INVALID_CONFIG)
        self.sharpwave("run", "net.yaml", "--force", "--set", "populations.E.size=4000000000", expect=NO_ROOM)
        self.assertEqual((self.path / "runs/net/run.json").read_bytes(), before)


class Refusals(ProgramTest):
    def test_out_that_is_a_file(self):
        (self.path / "taken").write_text("x")
        self.assertIn("taken", self.sharpwave("run", "net.yaml", "--out", "taken", expect=IO).stderr)

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_out_without_permission(self):
        (self.path / "closed").mkdir(mode=0o500)
        self.assertIn("closed", self.sharpwave("run", "net.yaml", "--out", "closed", expect=IO).stderr)

    def test_config_that_is_missing(self):
        self.assertIn("missing.yaml", self.sharpwave("run", "missing.yaml", expect=IO).stderr)

    def test_config_that_is_wrong_prints_every_problem_with_its_place(self):
        (self.path / "bad.yaml").write_text(CONFIG.replace("size: 80", "sice: 80").replace("dt: 0.1", "dt: -1"))
        for command in ("run", "validate"):
            done = self.sharpwave(command, "bad.yaml", expect=INVALID_CONFIG)
            self.assertRegex(done.stderr, r"(?m)^bad\.yaml:1:\d+: simulation\.dt")
            self.assertRegex(done.stderr, r"(?m)^bad\.yaml:3:\d+: populations\.E\.sice.*did you mean 'size'")

    def test_network_that_is_too_large_is_refused_at_once(self):
        begin = time.monotonic()
        done = self.sharpwave("run", "net.yaml", "--set", "populations.E.size=4000000000", expect=NO_ROOM)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertRegex(done.stderr, r"needs [\d.e+]+ GiB of memory .* only [\d.]+ GiB are available")
        self.assertFalse((self.path / "runs").exists())


class DryRun(ProgramTest):
    def test_prints_sizes_and_writes_nothing(self):
        text = self.sharpwave("run", "net.yaml", "--dry-run").stdout
        self.assertRegex(text, r"(?m)^neurons +100$")
        self.assertRegex(text, r"(?m)^synapses +600$")
        self.assertRegex(text, r"(?m)^  E->I +200$")
        self.assertRegex(text, r"(?m)^memory +[\d.]+ [KM]iB$")
        self.assertRegex(text, r"(?m)^fits +yes$")
        self.assertFalse((self.path / "runs").exists())

    def test_says_what_does_not_fit(self):
        text = self.sharpwave("run", "net.yaml", "--dry-run", "--set", "populations.E.size=4000000000",
                              expect=NO_ROOM).stdout
        self.assertRegex(text, r"(?m)^neurons +4,000,000,020$")
        self.assertRegex(text, r"(?m)^fits +no$")

    def test_prints_them_as_json(self):
        plan = json.loads(self.sharpwave("run", "net.yaml", "--dry-run", "--json").stdout)
        self.assertEqual((plan["neurons"], plan["synapses"], plan["fits"]), (100, 600, True))
        self.assertIn({"name": "E->I", "synapses": 200, "bytes_per_plastic_synapse": None}, plan["projections"])
        memory = plan["memory"]
        self.assertGreaterEqual(memory["needed_bytes"], memory["synapse_bytes"] + memory["state_bytes"])
        batch = json.loads(self.sharpwave("run", "net.yaml", "--dry-run", "--json", "--set", "batch={size: 3}").stdout)
        self.assertEqual((len(batch["instances"]), batch["fits"]), (3, True))
        self.assertEqual(batch["config_path"], str(self.path / "net.yaml"))
        self.assertEqual(batch["config"], (self.path / "net.yaml").read_text())
        self.assertEqual(batch["overrides"], ["batch={size: 3}"])
        self.assertFalse((self.path / "runs").exists())


class Validate(ProgramTest):
    def test_several_files(self):
        (self.path / "bad.yaml").write_text("populations: 3\n")
        self.assertEqual(self.sharpwave("validate", "net.yaml").stdout, "net.yaml: ok (100 neurons, 600 synapses)\n")
        done = self.sharpwave("validate", "bad.yaml", "net.yaml", "missing.yaml", expect=INVALID_CONFIG)
        self.assertIn("net.yaml: ok", done.stdout)
        self.assertIn("bad.yaml:1:", done.stderr)
        self.assertIn("missing.yaml", done.stderr)

    def test_overrides(self):
        done = self.sharpwave("validate", "net.yaml", "--set", "populations.E.size=50")
        self.assertIn("(70 neurons, 450 synapses)", done.stdout)


class Inspect(ProgramTest):
    """On a checkpoint that tests/host/checkpoint keeps: two instances at step 120 of 1,020."""

    def setUp(self):
        super().setUp()
        self.whole = (SOURCE_ROOT / "tests/host/checkpoint/format_6.h5").read_bytes()
        self.folder = self.path / "run/checkpoints"
        self.folder.mkdir(parents=True)
        self.write(120, self.whole)

    def write(self, step, data):
        (self.folder / f"step_{step:012d}.h5").write_bytes(data)

    def with_byte(self, offset, value):
        """The checkpoint with another byte, sealed again."""
        data = self.whole[:offset] + bytes([value]) + self.whole[offset + 1:]
        return data[:32] + hashlib.sha256(data[:32] + bytes(32) + data[64:]).digest() + data[64:]

    def test_a_file(self):
        text = self.sharpwave("inspect", "run/checkpoints/step_000000000120.h5").stdout
        for part in ("verified", "version 6, written by sharpwave 0.1.0", "/networks/net.yaml", "120, 12 ms",
                     "01080f161d242b32", "4 under way", "I_syn_ex"):
            self.assertIn(part, text)
        json_text = self.sharpwave("inspect", "run/checkpoints/step_000000000120.h5", "--json").stdout
        instance = json.loads(json_text)["instances"][0]
        self.assertEqual([p["name"] for p in instance["populations"]], ["E", "in/hib ä "])
        self.assertEqual(instance["populations"][0]["refractory"], 1)
        self.assertEqual(instance["populations"][0]["variables"][0]["non_finite"], 2)

    def test_a_run_with_a_damaged_checkpoint(self):
        damaged = bytearray(self.whole)
        damaged[1000] ^= 1
        self.write(240, damaged)
        text = self.sharpwave("inspect", "run").stdout
        self.assertRegex(text, r"DAMAGED: run/checkpoints/step_000000000240\.h5: is damaged: its bytes have the SHA-256")
        self.assertIn("run/checkpoints/step_000000000120.h5: whole", text)
        self.assertRegex(text, r"(?m)^file +run/checkpoints/step_000000000120\.h5$")
        listed = json.loads(self.sharpwave("inspect", "run", "--json").stdout)["checkpoints"]
        self.assertEqual([entry["whole"] for entry in listed], [False, True])

    def test_two(self):
        self.assertIn("\nidentical\n", self.sharpwave("inspect", "run", "run/checkpoints/step_000000000120.h5").stdout)
        at = self.whole.index((99).to_bytes(8, "little"))  # recording_bytes of the first instance
        (self.path / "other.h5").write_bytes(self.with_byte(at, 98))
        done = self.sharpwave("inspect", "run", "other.h5")
        self.assertIn("the state is identical, the run differs:\n  instances/0/recording_bytes: 99 | 98\n", done.stdout)
        compared = json.loads(self.sharpwave("inspect", "run", "other.h5", "--json").stdout)
        self.assertEqual(compared["run"], [{"field": "instances/0/recording_bytes", "first": "99", "second": "98"}])
        self.assertIs(compared["same_state"], True)

    def test_what_cannot_be_used(self):
        self.assertIn("missing.h5: cannot be read", self.sharpwave("inspect", "missing.h5", expect=IO).stderr)
        self.assertIn("is no checkpoint", self.sharpwave("inspect", "net.yaml", expect=DAMAGED).stderr)
        (self.path / "newer.h5").write_bytes(self.with_byte(8, 7))
        self.assertIn("format version 7", self.sharpwave("inspect", "newer.h5", expect=DAMAGED).stderr)
        (self.path / "empty").mkdir()
        self.assertIn("no checkpoint", self.sharpwave("inspect", "empty", expect=NO_CHECKPOINT).stderr)
        self.write(120, self.whole[:-1])
        self.assertIn("is truncated", self.sharpwave("inspect", "run", expect=NO_CHECKPOINT).stderr)


class Device(ProgramTest):
    NOTICE = re.compile(r"no GPU \(.+\): running on the CPU")

    def asked_for(self, kind):
        (self.path / f"{kind}.yaml").write_text(CONFIG.replace("kind: cpu", f"kind: {kind}"))
        done = subprocess.run([PROGRAM, "run", f"{kind}.yaml"], cwd=self.path, env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stderr

    def test_without_a_gpu_the_cpu_is_taken_and_it_is_said_once_if_at_all(self):
        code, messages = self.asked_for("auto")
        self.assertEqual(code, OK)
        if self.run_json("runs/auto")["device"] != "cpu":
            self.skipTest("there is a GPU here")
        # A build without CUDA has nothing to say.
        self.assertLessEqual(len(self.NOTICE.findall(messages)), 1)
        self.assertEqual(self.NOTICE.findall(self.asked_for("cpu")[1]), [])

    def test_asking_for_a_gpu_that_is_not_there_is_an_error_of_its_own(self):
        code, messages = self.asked_for("cuda")
        if code == OK:
            self.skipTest("there is a GPU here")
        self.assertEqual(code, NO_DEVICE)
        self.assertRegex(messages, "device: cuda was asked for, but there is none: .+")
        self.assertFalse((self.path / "runs").exists())

    def test_a_config_for_a_gpu_is_valid_everywhere(self):
        self.asked_for("cuda")
        self.sharpwave("validate", "cuda.yaml")


EVERYTHING = """\
simulation: {dt: 0.1, duration: 100, warm_up: 10, seed: 3, network_seed: 8}
populations:
  in: {size: 10, model: poisson_source, rate: {times: [0, 50], rates: [400, 800]}}
  trains: {size: 2, model: spike_source, times: [[1, 5.04], [5.04, 5.04, 90]]}
  relay: {size: 10, model: parrot}
  E: {size: 60, model: iaf_psc_exp, params: {I_e: {uniform: {low: 300, high: 500}}}, initial: {V_m: {normal: {mean: -60, sd: 3}}}}
  C: {size: 20, model: iaf_cond_exp, params: {theta_plus: 0.5, tau_theta: 50, E_L: {normal: {mean: -65, sd: 1}}}}
  Z: {size: 20, model: izhikevich, params: {I_e: 10, d: {uniform: {low: 4, high: 8}}}}
projections:
  - {source: in, target: relay, rule: one_to_one}
  - {source: relay, target: [E, C], rule: fixed_outdegree, outdegree: 5, weight: 20, delay: 0.5}
  - {source: trains, target: Z, rule: all_to_all, weight: 3}
  - {source: E, target: "E[::2]", name: "E / E", rule: fixed_indegree, indegree: 80,
     weight: {normal: {mean: 2, sd: 5}}, delay: {lognormal: {mu: 0, sigma: 0.5}}}
  - {source: E, target: Z, rule: pairwise_bernoulli, probability: 0.2, weight: {uniform: {low: 0.1, high: 0.7}}}
inputs:
  - {type: poisson, target: [E, C, Z], rate: 1500, weight: 0.7}
  - {type: dc, target: "C[3:9]", amplitude: 150}
  - {type: current_steps, target: E, times: [20, 60], amplitudes: [50, 0]}
record: {spikes: [E, Z], traces: [{name: v, target: C, variables: [V_m, theta]}]}
"""


class Export(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.path / "all.yaml").write_text(EVERYTHING)

    def digest(self, *words):
        self.sharpwave("run", *words, "--quiet", "--force", "--out", "run")
        result = self.run_json("run")
        self.assertGreater(result["spikes_total"], 100)
        return result["spike_digest"]

    def test_what_was_exported_runs_with_the_same_digest(self):
        for precision in ("float32", "float64"):
            override = ["--set", f"simulation.precision={precision}"]
            done = self.sharpwave("export", "--sonata", "all.yaml", "files", *override, "--force")
            self.assertIn("sharpwave run files/network.yaml", done.stdout)
            self.assertEqual(self.digest("files/network.yaml"), self.digest("all.yaml", *override))
        self.assertEqual(self.sharpwave("run", "files/network.yaml", "--force").stderr.count("warn"), 0)
        self.assertTrue((self.path / "runs/network/report_v_theta.h5").exists())

    def test_the_config_says_how_it_was_made(self):
        self.sharpwave("export", "--sonata", "net.yaml", "files", "--set", "title=\"it's\nhere: 'x'\"")
        top = (self.path / "files/network.yaml").read_text().split("\n\n")[0]
        self.assertTrue(all(line.startswith("#") for line in top.splitlines()), top)
        self.assertIn("sharpwave export --sonata net.yaml files --set", top)
        self.sharpwave("validate", "files/network.yaml")

    def test_the_directory_is_not_overwritten_without_force(self):
        (self.path / "files").mkdir()
        (self.path / "files/notes.txt").write_text("mine")
        done = self.sharpwave("export", "--sonata", "net.yaml", "files", expect=IO)
        self.assertIn("notes.txt", done.stderr)
        self.sharpwave("export", "--sonata", "net.yaml", "files", "--force")
        self.assertEqual((self.path / "files/notes.txt").read_text(), "mine")

    def test_what_cannot_be_is_refused(self):
        self.sharpwave("export", "--sonata", "missing.yaml", "files", expect=IO)
        self.sharpwave("export", "--sonata", "net.yaml", "net.yaml/files", expect=IO)
        self.sharpwave("export", "--sonata", "net.yaml", "files", "--set", "populations.E.sice=1", expect=INVALID_CONFIG)
        done = self.sharpwave("export", "--sonata", "net.yaml", "files", "--set", "populations.E.size=4000000000",
                              expect=NO_ROOM)
        self.assertIn("nothing was written", done.stderr)
        self.assertFalse((self.path / "files").exists())

    def test_other_tools_read_the_files(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        self.sharpwave("export", "--sonata", "all.yaml", "files")
        circuit = json.loads((self.path / "files/circuit_config.json").read_text())
        self.assertEqual(len(circuit["networks"]["nodes"]), 6)
        for node_file, size in (("nodes_E.h5", 60), ("nodes_trains.h5", 2)):
            with h5py.File(self.path / "files" / node_file) as file:
                self.assertEqual(file.attrs["magic"], 0x0A7A)
                (population,) = file["nodes"].values()
                self.assertEqual(population["node_id"][:].tolist(), list(range(size)))
                self.assertEqual(len(population["node_type_id"]), size)
        with h5py.File(self.path / "files/nodes_E.h5") as file:
            own = file["nodes/E/0/dynamics_params"]
            self.assertEqual(sorted(own), ["I_e", "V_m"])
            self.assertTrue(300 <= own["I_e"][:].min() and own["I_e"][:].max() < 500)
        with h5py.File(self.path / "files/edges.h5") as file:
            self.assertEqual(sorted(file["edges"]), ["E _ E", "E->Z", "in->relay", "relay->C", "relay->E", "trains->Z"])
            edges = file["edges/E _ E"]
            self.assertEqual(edges["source_node_id"].attrs["node_population"], "E")
            n = len(edges["target_node_id"])
            self.assertEqual(n, 30 * 80)
            self.assertTrue(all(target % 2 == 0 for target in edges["target_node_id"][:]))
            self.assertEqual(edges["edge_group_index"][:].tolist(), list(range(n)))
            self.assertEqual(set(edges["edge_group_id"][:]), {0})
            steps = edges["0/delay"][:] / 0.1
            self.assertLess(abs(steps - steps.round()).max(), 1e-9)
            self.assertEqual(len(edges["0/syn_weight"]), n)


def default_signals():
    """In the child: a parent may have left SIGINT ignored, which the program respects."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class LongRun(ProgramTest):
    LONG = ["--set", "simulation.duration=1000000000", "--set", "watchdog.anomaly=off"]

    def start(self, *words):
        process = subprocess.Popen([PROGRAM, "run", "net.yaml", *self.LONG, *words], cwd=self.path,
                                   env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, preexec_fn=default_signals)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        self.assertIn("building", process.stderr.readline())
        self.assertIn("built", process.stderr.readline())
        time.sleep(0.5)  # until the handler is there and some blocks are done
        return process


class Signals(LongRun):
    def test_the_first_one_saves_what_was_simulated(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            process = self.start("--force")
            process.send_signal(sent)
            out, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, INTERRUPTED, err)
            self.assertIn("interrupted", out)
            result = self.run_json()
            self.assertIs(result["interrupted"], True)
            self.assertGreater(result["simulated_ms"], 0)
            self.assertLess(result["simulated_ms"], 1e9)
            self.assertGreater(result["spikes_total"], 0)
            self.assertEqual(sorted(f.name for f in (self.path / "runs/net").iterdir()), INTERRUPTED_FILES)

    def test_one_during_construction_writes_nothing(self):
        self.sharpwave("run", "net.yaml")
        before = (self.path / "runs/net/run.json").read_text()
        process = subprocess.Popen([PROGRAM, "run", "net.yaml", "--force", "--threads", "1",
                                    "--set", "populations.E.size=200000", "--set", "projections[1].weight=-0.001",
                                    "--set", "projections[1].indegree=200",
                                    "--set", "projections[1].delay={uniform: {low: 0.1, high: 20}}"],
                                   cwd=self.path, env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=default_signals)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        self.assertIn("building", process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertIn("no file was written", err)
        self.assertEqual((self.path / "runs/net/run.json").read_text(), before)

    def test_a_second_one_ends_the_run_at_once(self):
        # Large enough that saving outlasts the moment between the first and the stop; two stops at once are one.
        process = self.start("--set", "populations.E.size=400000", "--threads", "1")
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.4)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        process.wait(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertFalse((self.path / "runs/net/run.json").exists())


class Killed(LongRun):
    """What runs leave that end without saying so, and that nobody writes into a directory beside them."""

    # Sampled every 2 ms, so that blocks begin and end between samples.
    REPORT = ["--set", "record.traces=[{name: v, target: E, variables: [V_m], interval: 2}]"]

    def start_and_kill(self, *words):
        process = self.start(*self.REPORT, *words)
        process.kill()
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def test_a_report_makes_files_of_its_recording(self):
        self.start_and_kill()
        self.assertFalse((self.path / "runs/net/run.json").exists())
        done = self.sharpwave("report", "runs/net")
        self.assertRegex(done.stderr, r"the run was killed after [\d,.]+ ms of 1,000,000,000 ms: .* of its recording")
        self.assertEqual(done.stdout, "runs/net/report.html\n")
        result = self.run_json()
        self.assertIs(result["killed"], True)
        self.assertIs(result["interrupted"], True)
        for key in ("wall_s", "real_time_factor", "synaptic_events"):
            self.assertIsNone(result[key])
        self.assertEqual(result["synapses"], 600)
        self.assertEqual(sorted(f.name for f in (self.path / "runs/net").iterdir()),
                         sorted({*INTERRUPTED_FILES, "report_v.h5"} - {"checkpoints"}))
        # The same run, told to be as long as that one came.
        length = f"simulation.duration={result['simulated_ms']!r}"
        self.sharpwave("run", "net.yaml", *self.REPORT, "--set", length, "--out", "again", "--quiet")
        again = self.run_json("again")
        self.assertEqual(again["simulated_ms"], result["simulated_ms"])
        self.assertGreater(again["spikes_total"], 1000)
        for key in ("spikes_total", "populations", "synapses", "grids", "config", "dt_ms", "seed", "layout"):
            self.assertEqual(again[key], result[key])
        for name in ("spikes.h5", "report_v.h5", "network.json"):
            self.assertEqual((self.path / "again" / name).read_bytes(), (self.path / "runs/net" / name).read_bytes())
        # Once made they are as those of any run.
        self.assertEqual(self.sharpwave("report", "runs/net").stderr, "")
        self.assertEqual(json.loads(self.sharpwave("report", "runs/net", "--json").stdout)[0]["stop_ms"],
                         10 + result["simulated_ms"])

    def test_the_torn_end_of_its_recording_is_not_used(self):
        self.start_and_kill()
        recording = self.path / "runs/net/recording.swr"
        whole = recording.read_bytes()
        recording.write_bytes(whole[:-9])
        done = self.sharpwave("report", "runs/net")
        self.assertRegex(done.stderr, r"recording\.swr: byte \d+: the file ends within a block; [\d,]+ of its [\d,]+ bytes")
        self.assertGreater(self.run_json()["spikes_total"], 0)
        self.assertEqual(recording.read_bytes(), whole[:-9])

    def test_damage_within_its_recording_is_an_error_and_what_is_before_it_is_saved(self):
        self.start_and_kill()
        recording = self.path / "runs/net/recording.swr"
        damaged = bytearray(recording.read_bytes())
        damaged[len(damaged) // 2] ^= 4
        recording.write_bytes(damaged)
        done = self.sharpwave("report", "runs/net", expect=DAMAGED)
        self.assertRegex(done.stderr, r"recording\.swr: byte \d+: .*checksum.* it is damaged")
        self.assertGreater(self.run_json()["spikes_total"], 0)
        self.assertTrue((self.path / "runs/net/report.html").exists())
        recording.write_bytes(b"no recording at all")
        (self.path / "runs/net/run.json").unlink()
        self.assertIn("is no recording", self.sharpwave("report", "runs/net", expect=DAMAGED).stderr)

    def test_of_few_neurons_the_rate_is_not_known(self):
        self.start_and_kill("--set", 'record.spikes=["E[:10]"]')
        self.sharpwave("report", "runs/net")
        e, i = self.run_json()["populations"]
        self.assertEqual((e["recorded"], e["rate_Hz"], i["recorded"], i["spikes"]), (10, None, 0, 0))
        self.assertGreater(e["spikes"], 0)

    def test_nobody_writes_into_a_directory_beside_a_run(self):
        process = self.start()
        for words in (["run", "net.yaml"], ["run", "net.yaml", "--force"], ["report", "runs/net"]):
            done = self.sharpwave(*words, expect=IO)
            self.assertIn(f"another run writes into runs/net (process {process.pid})", done.stderr)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, INTERRUPTED, err)
        self.assertEqual(self.run_json()["config_path"], "net.yaml")
        self.sharpwave("run", "net.yaml", "--force")

    def test_a_killed_run_is_not_overwritten_without_force(self):
        self.start_and_kill()
        self.assertIn("recording.swr exists", self.sharpwave("run", "net.yaml", expect=IO).stderr)
        self.sharpwave("run", "net.yaml", "--force")
        self.assertEqual(sorted(f.name for f in (self.path / "runs/net").iterdir()), RUN_FILES)

    def test_a_full_disk_ends_the_run_and_what_was_recorded_stays(self):
        def no_file_of_megabytes():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))

        done = subprocess.run([PROGRAM, "run", "net.yaml", *self.LONG], cwd=self.path, env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              preexec_fn=no_file_of_megabytes)
        self.assertEqual(done.returncode, NO_ROOM, done.stderr)
        self.assertRegex(done.stderr, r"runs/net/recording\.swr: cannot be written: File too large; what was recorded")
        self.assertEqual((self.path / "runs/net/recording.swr").stat().st_size, 1 << 20)
        self.sharpwave("report", "runs/net")
        self.assertGreater(self.run_json()["spikes_total"], 0)


class Terminal(ProgramTest):
    def on_terminal(self, *words, **environment):
        """Runs the program with a terminal of 100 columns; returns what appears on it."""
        try:
            pid, terminal = pty.fork()
        except OSError as error:  # a container without /dev/pts
            self.skipTest(f"no pseudo-terminal here: what a terminal shows is NOT tested ({error})")
        if pid == 0:
            os.chdir(self.path)
            os.execve(PROGRAM, [PROGRAM, *words], self.environment(TERM="xterm", **environment))
        import fcntl
        import struct
        import termios
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        seen = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # what Linux says when the other side has closed
                break
            if not part:
                break
            seen += part
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), OK)
        return seen.decode()

    def test_progress_is_one_line_and_the_end_has_a_raster_in_colour(self):
        # Long enough in wall time for several updates of the line.
        text = self.on_terminal("run", "net.yaml", "--set", "simulation.duration=200000", "--threads", "1")
        progress, _, closing = text.rpartition("\r\x1b[K")
        self.assertNotIn("\n", progress)
        self.assertRegex(progress, r"simulated [\d,]+ of 200,000 ms")
        self.assertIn("\x1b[1m", closing)
        self.assertIn("│", closing)

    def test_progress_of_a_protocol_is_in_trials_and_in_what_is_right(self):
        (self.path / "net.yaml").write_text(PROTOCOL)
        text = self.on_terminal("run", "net.yaml", "--threads", "1", "--no-report")
        lines = re.findall(r"test: trial ([\d,]+) of 30,008 +\d+ %  ([\d.]+) % right", text)
        self.assertTrue(lines, text)
        (_, test) = self.run_json()["protocol"]
        self.assertEqual(test["trials"], 30000)
        self.assertGreater(test["correct"], 0)
        for trial, percent in lines:
            tested = int(trial.replace(",", "")) - 8
            right = tested * float(percent) / 100
            rounding = tested * 0.0005 + 1e-6
            # What comes after is all right at most, and all wrong at least.
            self.assertLessEqual(right - rounding, test["correct"], trial)
            self.assertGreaterEqual(right + rounding, test["correct"] - (test["trials"] - tested), trial)

    def test_no_color_is_respected(self):
        text = self.on_terminal("run", "net.yaml", NO_COLOR="1")
        self.assertIsNone(re.search("\x1b\\[[0-9;]*m", text))
        self.assertIn("│", text)


class Output(ProgramTest):
    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_disk_behind_stdout(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, IO)
        self.assertIn("standard output", done.stderr)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    SOURCE_ROOT = pathlib.Path(sys.argv.pop(1))
    unittest.main()
