#!/usr/bin/env python3
"""benchmarks/gpu/measure, with programs that only claim to be Sharpwave, nvidia-smi and the rest.

Usage: measure_test.py [CLASS[.TEST]...] SOURCE_ROOT
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock

ROOT = pathlib.Path(sys.argv.pop())
LOADER = importlib.machinery.SourceFileLoader("measure", str(ROOT / "benchmarks" / "gpu" / "measure"))
measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure", LOADER))
LOADER.exec_module(measure)
power = measure.power

# Simulates nothing. FAKE (JSON) says what is wrong: a run is faulty where `run` is in its directory's name.
SHARPWAVE = """
    import os, time, zlib
    out = sys.argv[sys.argv.index("--out") + 1]
    run = os.path.basename(out)
    settings = dict(s.split("=", 1) for s in sys.argv if "=" in s)
    fake = json.loads(os.environ["FAKE"])
    if not fake.get("gpu", True) and settings["device"] == "cuda":
        print("sharpwave: device: cuda was asked for, but there is none", file=sys.stderr)
        sys.exit(7)
    faulty = fake.get("run", "nothing") in run
    if faulty and "exit" in fake:
        print("sharpwave: it burns", file=sys.stderr)
        sys.exit(fake["exit"])
    if faulty and "sleep" in fake:
        time.sleep(fake["sleep"])
    os.makedirs(out, exist_ok=True)
    with open(fake["log"], "a") as log:
        print(run, os.environ.get("SHARPWAVE_GPU_KERNEL"), sys.argv[2:], file=log)
    duration = float(settings.get("simulation.duration", 1000))
    device = "cpu" if settings["device"] == "cpu" or (faulty and fake.get("on_cpu")) else "Fake H200"
    network = [os.path.basename(sys.argv[2]), *sorted(s for s in settings.items() if "param" in s[0]), duration]
    digest = "" if faulty and fake.get("no_digest") else str(network)
    if faulty and fake.get("other_spikes"):
        digest += run
    digest = digest and f"{zlib.crc32(digest.encode()):08x}"
    if "batch.size" in settings:
        size = int(settings["batch.size"])
        with open(out + "/batch.json", "w") as file:
            json.dump({"device": device, "wall_s": 0.5, "instances": [
                {"spike_digest": f"{i} {faulty}"} for i in range(size)]}, file)
        sys.exit()
    if "--quiet" not in sys.argv:
        import datetime
        with open(out + "/log.jsonl", "w") as file:
            for k in range(4):
                at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
                print(json.dumps({"time": at, "simulated_ms": 500 + k * duration / 4,
                                  "message": "simulated 1 of 2 ms" if k or not fake.get("no_lines") else "built"}),
                      file=file, flush=True)
                if fake.get("no_lines"):
                    break
                time.sleep(0.1)
    result = {"device": device, "layout": "fake", "synapses": fake.get("synapses", 9e8), "simulated_ms": duration,
              "warm_up_ms": 500, "spikes_total": 100, "synaptic_events": int(duration * 1000), "spike_digest": digest,
              "real_time_factor": 0.5, "wall_s": duration / 2000, "construction_s": 1.0, "peak_memory_bytes": 1 << 30,
              "plasticity": [{"mean_weight": 0.2 if faulty and fake.get("other_weights") else 0.1}],
              "populations": [{"name": "E", "spikes": 0 if faulty and fake.get("silent") else 100}]}
    if faulty and "without" in fake:
        del result[fake["without"]]
    with open(out + "/run.json", "w") as file:
        file.write(json.dumps(result, indent=2)[:10 if faulty and fake.get("torn") else None])
"""
# Prints what FAKE_SMI says, again and again; of a query that ends, a name.
NVIDIA_SMI = """
    import os, time
    if not any(word == "-lms" for word in sys.argv):
        print("Fake H200, 580.1, 143771 MiB, 1980 MHz, 700 W")
        sys.exit()
    lines = json.loads(os.environ["FAKE_SMI"])
    for k in range(100000):
        print(lines[k % len(lines)], flush=True)
        time.sleep(0.005)
"""
# gpu_limits and gpu_check: both write JSON and end as FAKE says.
LIMITS = """
    import os
    fake = json.loads(os.environ["FAKE"])
    with open(sys.argv[sys.argv.index("--json") + 1], "w") as file:
        json.dump({"microcircuit": {"steps": [{"name": "persistent", "formula": "a + b", "step_us": 3.0,
                                               "real_time_factor": 0.03}]}}, file)
    sys.exit(fake.get("limits_exit", 0))
"""
GPU_CHECK = """
    import os
    fake = json.loads(os.environ["FAKE"])
    folder = sys.argv[sys.argv.index("--out") + 1]
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/gpu_check.json", "w") as file:
        json.dump([{"config": "first", "verdict": "equal"}], file)
    sys.exit(fake.get("check_exit", 0))
"""


class Programs(unittest.TestCase):
    def setUp(self):
        # A fake run ends before nvidia-smi would have said much, and others may keep both from the processor.
        for name, value in (("LEAST_SAMPLES", 3), ("LONGEST_GAP_S", 60)):
            patch = unittest.mock.patch.object(power, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, body in (("sharpwave", SHARPWAVE), ("nvidia-smi", NVIDIA_SMI), ("gpu_limits", LIMITS),
                           ("gpu_check", GPU_CHECK)):
            self.program(name, body)

    def program(self, name, body):
        path = self.folder / name
        path.write_text("#!/usr/bin/python3 -SE\nimport json, sys\n" + textwrap.dedent(body))
        path.chmod(0o755)
        return str(path)

    def measure(self, *only, fake=None, smi=("300.5, 4000",), arguments=(), without_smi=False, **more):
        """Leaves self.status and the like."""
        out, err = io.StringIO(), io.StringIO()
        if without_smi:
            (self.folder / "nvidia-smi").unlink()
        fake = {"log": str(self.folder / "started"), **(fake or {})}
        environment = {"FAKE": json.dumps(fake), "FAKE_SMI": json.dumps(smi),
                       "PATH": f"{self.folder}{os.pathsep}/usr/bin:/bin", **more}
        with unittest.mock.patch.dict(os.environ, environment), contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(err):
            if "SHARPWAVE_REQUIRE_GPU" not in more:
                os.environ.pop("SHARPWAVE_REQUIRE_GPU", None)
            try:
                self.status = measure.main(
                    ["--program", str(self.folder / "sharpwave"), "--limits", str(self.folder / "gpu_limits"),
                     "--gpu-check", str(self.folder / "gpu_check"), "--out", str(self.folder / "out"), "--idle-s",
                     "0", *(["--only", *only] if only else []), *arguments])
            except SystemExit as refused:
                self.status = refused.code
        self.output, self.complaints = out.getvalue(), err.getvalue()
        report = self.folder / "out" / "measured.json"
        self.report = json.loads(report.read_text()) if report.exists() else None
        started = self.folder / "started"
        self.started = started.read_text().splitlines() if started.exists() else []


class Everything(Programs):
    def test_all_parts_are_measured(self):
        self.measure()
        self.assertEqual(self.status, 0, self.complaints)
        self.assertEqual(list(self.report["parts"]), measure.PARTS)
        dc = self.report["parts"]["microcircuit_dc"]
        self.assertEqual([row["kernel"] for row in dc], ["persistent", "graph"])
        self.assertEqual(dc[0]["real_time_factor"], {"min": 0.5, "median": 0.5, "max": 0.5})
        self.assertEqual(dc[0]["gpu_memory_MiB"], 0)
        self.assertEqual(dc[0]["events_per_s"]["median"], 2e6)
        self.assertEqual(self.report["parts"]["batches"][3]["instances_per_s"]["median"], 128)
        self.assertIn("| `microcircuit_dc` | persistent | 0.5 / **0.5** / 0.5 |", self.output)
        self.assertIn("| persistent: a + b | 3 | 0.0300 |", self.output)
        self.assertEqual((self.folder / "out" / "measured.md").read_text(), self.output)
        self.assertIn("Fake H200", self.report["machine"]["gpu"])

    def test_each_kernel_is_asked_for_and_no_other(self):
        self.measure("microcircuit_dc", "hpc_benchmark_1", SHARPWAVE_GPU_KERNEL="of the user")
        self.assertEqual(self.status, 0, self.complaints)
        for line in self.started:
            name, kernel, _ = line.split(" ", 2)
            expected = name.split(".")[1] if name.startswith("microcircuit_dc.") and ".cpu" not in name else "None"
            self.assertEqual(kernel, expected, line)

    def test_the_networks_are_those_asked_for(self):
        self.measure("microcircuit_poisson", "brunel_stdp_8e8")
        timed = [line for line in self.started if line.startswith("microcircuit_poisson.graph.2 ")]
        for setting in ("device=cuda", "scaling.neurons=1", "scaling.indegrees=1", "parameters.poisson=1"):
            self.assertIn(f"'{setting}'", timed[0])
        learning = [line for line in self.started if line.startswith("brunel_stdp_8e8.default.3 ")]
        for setting in ("parameters.N_E=71560", "parameters.N_I=17890", "record.plasticity=none"):
            self.assertIn(f"'{setting}'", learning[0])

    def test_energy_is_power_over_the_events_of_the_stretch(self):
        self.measure("microcircuit_dc", arguments=["--energy-s", "25"])
        energy = self.report["parts"]["microcircuit_dc"][0]["energy"]
        self.assertAlmostEqual(energy["mean_W"], 300.5)
        self.assertAlmostEqual(energy["idle_W"], 300.5)
        # 50 s simulated; three of the four quarters lie between the first and the last line, with 1e6 events a second.
        self.assertAlmostEqual(energy["synaptic_events"], 37.5e6)
        self.assertAlmostEqual(energy["uJ_per_event"], 300.5 * energy["seconds"] / 37.5, places=6)
        self.assertAlmostEqual(energy["uJ_per_event_above_idle"], 0)
        self.assertGreater(energy["seconds"], 0.2)


class WhatIsWrong(Programs):
    def only_error(self, part, row=0):
        self.assertEqual(self.status, 1)
        self.assertIn("no figure", self.output)
        self.assertNotIn("real_time_factor", self.report["parts"][part][row])
        return self.report["parts"][part][row]["error"]

    def test_no_gpu(self):
        self.measure(fake={"gpu": False})
        self.assertEqual(self.status, 77)
        self.assertIn("NOT DONE", self.complaints)
        self.assertIsNone(self.report)
        self.measure(fake={"gpu": False}, SHARPWAVE_REQUIRE_GPU="1")
        self.assertEqual(self.status, 1)

    def test_a_gpu_that_fails_is_not_taken_for_none(self):
        self.measure(fake={"run": "probe", "exit": 10})
        self.assertEqual(self.status, 1)
        self.assertIn("exit status 10: sharpwave: it burns", self.complaints)

    def test_other_spikes_than_on_the_cpu(self):
        self.measure("microcircuit_dc", fake={"run": "persistent.check", "other_spikes": True})
        self.assertIn("100 ms on CPU and GPU: spike digests differ", self.only_error("microcircuit_dc"))
        self.assertIn("real_time_factor", self.report["parts"]["microcircuit_dc"][1])
        self.assertFalse([line for line in self.started if line.startswith("microcircuit_dc.persistent.1")])

    def test_other_weights_than_on_the_cpu(self):
        self.measure("brunel_stdp_1e8", fake={"run": "default.check", "other_weights": True})
        self.assertIn("synapses learn something else", self.only_error("brunel_stdp_1e8"))

    def test_other_spikes_in_one_repeat(self):
        self.measure("brunel_stdp_1e8", fake={"run": "default.2", "other_spikes": True})
        self.assertIn("3 repeats: spike digests differ", self.only_error("brunel_stdp_1e8"))

    def test_other_spikes_of_one_kernel(self):
        # Equal for a tenth of a second, and in its own repeats, but not beside the other kernel.
        self.program("sharpwave", SHARPWAVE.replace("digest += run", "digest += 'x'"))
        self.measure("microcircuit_dc", fake={"run": "graph.", "other_spikes": True})
        self.assertIn("CPU and GPU", self.only_error("microcircuit_dc", 1))
        self.program("sharpwave", SHARPWAVE.replace("digest += run",
                                                    "digest += '' if 'check' in run else 'x'"))
        self.measure("microcircuit_dc", fake={"run": "graph.", "other_spikes": True})
        self.assertEqual(self.status, 1)
        for row in self.report["parts"]["microcircuit_dc"]:
            self.assertIn("the kernels' spike digests differ", row["error"])
        self.assertNotIn("**0.5**", self.output)

    def test_an_empty_digest_is_none(self):
        self.measure("hpc_benchmark_1", fake={"run": "hpc_benchmark_1", "no_digest": True})
        self.assertIn("spike digests differ: none, none", self.only_error("hpc_benchmark_1"))

    def test_a_run_that_fails(self):
        self.measure("hpc_benchmark_1", "batches", fake={"run": "default.3", "exit": 10})
        self.assertIn("hpc_benchmark_1.default.3: exit status 10: sharpwave: it burns",
                      self.only_error("hpc_benchmark_1"))
        self.assertEqual(len(self.report["parts"]["batches"]), 4)

    def test_a_run_that_does_not_end(self):
        self.measure("hpc_benchmark_1", fake={"run": "default.1", "sleep": 60}, arguments=["--timeout", "2"])
        self.assertIn("not done after 2.0 s", self.only_error("hpc_benchmark_1"))

    def test_results_that_are_none(self):
        for fault, message in (({"torn": True}, "default.1: run.json: "),
                               ({"without": "wall_s"}, "run.json is not as expected: KeyError('wall_s')"),
                               ({"on_cpu": True}, "it ran on the CPU"), ({"silent": True}, "E is silent")):
            with self.subTest(message):
                self.measure("hpc_benchmark_1", fake={"run": "default.1", **fault})
                self.assertIn(message, self.only_error("hpc_benchmark_1"))

    def test_a_smaller_network_than_asked_for(self):
        self.measure("brunel_stdp_8e8", fake={"synapses": 1e8})
        self.assertIn("synapses, expected 8e+08 or more", self.only_error("brunel_stdp_8e8"))

    def test_a_batch_with_other_spikes(self):
        self.measure("batches", fake={"run": "batch.16.2", "other_spikes": True})
        self.assertEqual(self.status, 1)
        self.assertIn("batch of 16: its 16 instances have other spikes", self.report["parts"]["batches"][0]["error"])

    def test_programs_that_fail(self):
        self.measure("digests", "limits", fake={"check_exit": 1, "limits_exit": 1})
        self.assertEqual(self.status, 1)
        for part in ("digests", "limits"):
            self.assertEqual(self.report["parts"][part]["error"], "exit status 1")
            self.assertIn("result", self.report["parts"][part])

    def test_the_digests_are_those_of_gpu_check(self):
        self.program("compute-sanitizer", "")
        configs = self.folder / "configs"
        configs.mkdir()
        for name in ("quickstart", "first"):
            (configs / f"{name}.yaml").write_text("title: nothing\n")
        script = str(ROOT / "tests" / "gpu_check" / "gpu_check")
        arguments = ["--gpu-check", script, "--configs", str(configs)]
        self.measure("digests", arguments=arguments)
        self.assertEqual(self.status, 0, self.complaints)
        rows = self.report["parts"]["digests"]["result"]
        self.assertEqual([row["verdict"] for row in rows[:2]], ["equal", "equal"])
        self.measure("digests", fake={"run": "first.cuda", "other_spikes": True}, arguments=arguments)
        self.assertEqual(self.status, 1)
        rows = self.report["parts"]["digests"]["result"]
        self.assertEqual(sorted(row["verdict"] for row in rows[:2]), ["DIFFERENT", "equal"])

    def test_a_result_of_an_earlier_call_is_not_taken(self):
        self.measure("limits")
        self.assertEqual(self.status, 0, self.complaints)
        self.program("gpu_limits", "sys.exit(0)")
        self.measure("limits")
        self.assertEqual(self.status, 1)
        self.assertNotIn("result", self.report["parts"]["limits"])

    def test_impossible_command_lines(self):
        for arguments, message in ((["--repeats", "2"], "at least 3"), (["--only", "nothing"], "invalid choice"),
                                   (["pack"], "expected nothing, or pack FOLDER"),
                                   (["--program", "/nowhere/sharpwave"], "there is no program")):
            with self.subTest(message):
                self.measure(arguments=arguments)
                self.assertEqual(self.status, 2)
                self.assertIn(message, self.complaints)


class PowerThatIsNone(Programs):
    def reason(self, **more):
        self.measure("microcircuit_dc", arguments=["--kernels", "graph"], **more)
        self.assertEqual(self.status, 0, self.complaints)  # its other figures are as good
        row, = self.report["parts"]["microcircuit_dc"]
        self.assertNotIn("uJ_per_event", row["energy"])
        self.assertIn(row["energy"]["not_reported"], self.output)
        return row["energy"]["not_reported"]

    def test_nonsense_is_said_to_be_so(self):
        for line in ("[N/A], 4000", "0.00, 4000", "ERR!"):
            with self.subTest(line):
                reason = self.reason(smi=(line,))
                self.assertIn("samples of nvidia-smi are no power", reason)
                self.assertIn(line, reason)

    def test_some_nonsense_is_left_out_much_is_not(self):
        self.measure("microcircuit_dc", smi=["[N/A], 4000"] + ["200.0, 4000"] * 19, arguments=["--kernels", "graph"])
        self.assertAlmostEqual(self.report["parts"]["microcircuit_dc"][0]["energy"]["mean_W"], 200)
        self.assertIn("are no power", self.reason(smi=["[N/A], 4000"] + ["200.0, 4000"] * 4))

    def test_without_nvidia_smi(self):
        self.assertIn("0 samples of nvidia-smi", self.reason(without_smi=True))
        row, = self.report["parts"]["microcircuit_dc"]
        self.assertIsNone(row["gpu_memory_MiB"])
        self.assertIsNone(self.report["machine"]["gpu"])

    def test_a_log_that_does_not_say_when(self):
        self.assertIn("lines of log.jsonl say how far the run was", self.reason(fake={"no_lines": True}))


class Power(unittest.TestCase):
    def test_the_mean_is_over_time_not_over_samples(self):
        # 10 s of 100 W in 100 samples, then 10 s of 300 W in 20.
        samples = [(0.1 * k, 100.0, None) for k in range(100)] + [(10 + 0.5 * k, 300.0, None) for k in range(21)]
        self.assertAlmostEqual(power.mean_W(samples, 0, 20), 200, delta=1)  # 0.1 s lead from 100 to 300

    def test_only_samples_of_the_stretch_count(self):
        samples = [(0.1 * k, 50.0 if 0.1 * k < 5 else 400.0, None) for k in range(200)]
        self.assertAlmostEqual(power.mean_W(samples, 5.05, 15), 400)

    def test_too_few_and_too_far_apart(self):
        with self.assertRaisesRegex(power.NotReported, "19 samples"):
            power.mean_W([(0.1 * k, 50.0, None) for k in range(19)], 0, 2)
        for samples, end in (([(0.1 * k, 50.0, None) for k in range(30)], 5),
                             ([(0.1 * k + (2 if k > 15 else 0), 50.0, None) for k in range(40)], 6)):
            with self.assertRaisesRegex(power.NotReported, "more than 1.0 s apart"):
                power.mean_W(samples, 0, end)

    def test_numbers(self):
        self.assertEqual(power.number(" 123.45", 5000), 123.45)
        for text in ("", "[N/A]", "[Not Supported]", "ERR!", "nan", "inf", "-1", "5001", "1e9", "12 W"):
            self.assertIsNone(power.number(text, 5000))

    def test_a_sampler_ends_with_its_block(self):
        with tempfile.TemporaryDirectory() as folder:
            endless = pathlib.Path(folder) / "smi"
            endless.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do echo '10.0, 5'; sleep 0.05; done\n")
            endless.chmod(0o755)
            begin = time.monotonic()
            with unittest.mock.patch.object(power, "PATIENCE_S", 0.3), power.Sampler("0", str(endless)) as sampler:
                time.sleep(0.5)
            self.assertLess(time.monotonic() - begin, 10)
            self.assertIsNotNone(sampler.process.returncode)
            self.assertEqual(sampler.most_memory_MiB(), 5)


if __name__ == "__main__":
    unittest.main()
