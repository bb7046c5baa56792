#!/usr/bin/env python3
"""`sharpwave report` as a user runs it: what is in the pages that it writes.

Usage: report_test.py SHARPWAVE. What the page makes of it is tested in page_test.py.
"""
import array
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SHARPWAVE = ""
OK, USAGE, IO, DAMAGED = 0, 2, 4, 5

CONFIG = """\
title: two </script><b>populations</b>
simulation: {dt: 0.1, duration: 100, warm_up: 10, seed: 3}
populations:
  E: {size: 80, model: iaf_psc_exp, params: {I_e: 700}, initial: {V_m: {uniform: {low: -70, high: -56}}}}
  I: {size: 20, model: iaf_psc_delta, params: {I_e: 500}}
  quiet: {size: 5, model: iaf_psc_exp}
projections:
  - {source: E, target: I, rule: fixed_indegree, indegree: 10, weight: 0.1}
  - {source: I, target: E, rule: fixed_indegree, indegree: 5, weight: {normal: {mean: -50, sd: 5}}, delay: 2}
record:
  traces: [{name: potential, target: "E[0:30]", variables: [V_m], interval: 0.5}]
"""

# Four sources, which are the pixels of an image of 2 x 2.
PROTOCOL = """\
simulation: {dt: 0.5, seed: 3}
populations:
  input: {size: 4, model: poisson_source}
  E: {size: 3, model: iaf_psc_exp}
projections:
  - {name: XE, source: input, target: E, rule: all_to_all, weight: {uniform: {low: 300, high: 900}},
     plasticity: {rule: stdp, w_max: 1000}}
stimuli:
  halves: {population: input, rates: [[200, 200, 0, 0], [0, 0, 200, 200]], labels: [0, 1]}
protocol:
  - {name: train, present: halves, duration: 20, rest: 10, epochs: 3, responses: E}
  - {name: label, present: halves, duration: 20, rest: 10, epochs: 2, learning: false, responses: E, label: true}
  - {name: test, present: halves, duration: 20, rest: 10, epochs: 5, learning: false, responses: E, test: true}
record: {weights: [{name: XE, projection: XE, at: end}]}
"""
NO_FIELDS = ("No receptive fields are shown: they are of the last sample of record.weights of a projection from sources "
             "that make a square; there is none.")


def unpacked(text, code):
    numbers = array.array(code)
    numbers.frombytes(base64.b64decode(text, validate=True))
    return numbers


def data_of(page):
    found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1, len(found)
    return json.loads(found[0])


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "net.yaml").write_text(CONFIG)

    def sharpwave(self, *words, expect=OK):
        done = subprocess.run([SHARPWAVE, *words], cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, env={**os.environ, "SHARPWAVE_THREADS": "1"})
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def page(self, name="runs/net/report.html"):
        text = (self.path / name).read_text(encoding="ascii")
        self.assertLess(len(text), 5_000_000)
        return data_of(text)

    def test_a_run_writes_its_page(self):
        done = self.sharpwave("run", "net.yaml")
        self.assertIn("runs/net/report.html", done.stdout)
        run = json.loads((self.path / "runs/net/run.json").read_text())
        (shown,) = self.page()["runs"]
        self.assertEqual(shown["name"], "net")
        self.assertEqual(shown["run"]["spike_digest"], run["spike_digest"])
        self.assertEqual(shown["config"], CONFIG)
        self.assertEqual(shown["notes"], [])
        raster = shown["raster"]
        steps, rows = unpacked(raster["steps_u32"], "I"), unpacked(raster["rows_u32"], "I")
        self.assertEqual(len(steps), run["spikes_total"])
        self.assertEqual(len(rows), run["spikes_total"])
        self.assertEqual(list(steps), sorted(steps))
        self.assertLess(max(rows), 105)
        self.assertEqual([p["first_row"] for p in raster["populations"]], [0, 80, 100])
        for population, of_run in zip(raster["populations"], run["populations"]):
            self.assertEqual(population["shown"], of_run["spikes"])
            first, last = population["first_row"], population["first_row"] + population["rows"]
            self.assertEqual(sum(first <= row < last for row in rows), of_run["spikes"])
        self.assertEqual((raster["start_ms"], raster["stop_ms"]), (10, 110))

    def test_the_traces_are_those_of_the_report(self):
        self.sharpwave("run", "net.yaml")
        (run,) = self.page()["runs"]
        (trace,) = run["traces"]
        self.assertEqual((trace["report"], trace["population"], trace["variable"]), ("potential", "E", "V_m"))
        self.assertEqual((trace["unit"], trace["threshold"], trace["step_ms"]), ("mV", -55, 0.5))
        self.assertEqual((trace["recorded_neurons"], trace["recorded_samples"], trace["samples"]), (30, 200, 200))
        self.assertEqual(len(trace["neurons"]), 20)
        values = unpacked(trace["values_f32"], "f")
        self.assertEqual(len(values), 20 * 200)
        self.assertLess(max(values), -55)
        raster = run["raster"]
        spikes = list(zip(unpacked(raster["steps_u32"], "I"), unpacked(raster["rows_u32"], "I")))
        for neuron in trace["neurons"]:
            times = [10 + step * 0.1 for step, row in spikes if row == neuron["id"]]
            self.assertEqual([round(t, 3) for t in neuron["spikes_ms"]], [round(t, 3) for t in times])

    def test_the_connections_are_those_of_the_config(self):
        self.sharpwave("run", "net.yaml")
        connections = self.page()["runs"][0]["statistics"]["connections"]
        self.assertEqual([(c["source"], c["target"], c["synapses"]) for c in connections],
                         [("E", "I", 200), ("I", "E", 400)])
        self.assertEqual(connections[0]["in_degree"]["mean"], 10)
        self.assertEqual(connections[0]["out_degree"]["mean"], 2.5)
        self.assertEqual(connections[0]["weight"]["unit"], "mV")
        self.assertAlmostEqual(connections[1]["weight"]["mean"], -50, delta=2)
        self.assertAlmostEqual(connections[1]["weight"]["sd"], 5, delta=1)
        self.assertEqual(connections[1]["delay_ms"]["mean"], 2)

    def test_a_run_without_it(self):
        self.sharpwave("run", "net.yaml", "--no-report")
        folder = self.path / "runs/net"
        self.assertFalse((folder / "report.html").exists() or (folder / "network.json").exists())
        self.sharpwave("report", "runs/net")
        self.assertIn("Connections were not counted", " ".join(self.page()["runs"][0]["notes"]))

    def test_several_runs(self):
        self.sharpwave("run", "net.yaml", "--out", "a/x")
        self.sharpwave("run", "net.yaml", "--out", "b/x", "--set", "simulation.seed=4")
        self.sharpwave("report", "a/x", "b/x/")
        runs = self.page("report.html")["runs"]
        self.assertEqual([run["name"] for run in runs], ["1: a/x", "2: b/x/"])
        self.assertEqual(runs[1]["run"]["overrides"], ["simulation.seed=4"])
        self.assertIn("exists", self.sharpwave("report", "a/x", "b/x", expect=IO).stderr)
        self.sharpwave("report", "a/x", "b/x", "--force")
        self.sharpwave("report", "a/x", "b/x", "--out", "both.html")
        self.assertEqual(len(self.page("both.html")["runs"]), 2)
        self.assertIn("at most 16", self.sharpwave("report", *["a/x"] * 17, expect=USAGE).stderr)

    def test_much_is_thinned_and_said_to_be(self):
        self.sharpwave("run", "net.yaml", "--set", "populations.E.size=20000", "--set", "populations.E.params.I_e=20000",
                       "--set", "record.traces=[]", "--set", "watchdog.runaway=off")
        (run,) = self.page()["runs"]
        raster = run["raster"]
        n = len(unpacked(raster["steps_u32"], "I"))
        self.assertGreater(n, 100_000)
        self.assertLessEqual(n, 170_000)
        of_e = raster["populations"][0]
        self.assertGreater(of_e["stride"], 1)
        self.assertEqual(of_e["rows"], -(-20000 // of_e["stride"]))
        self.assertGreater(of_e["spikes"], of_e["shown"])

    def protocol_run(self, *words):
        (self.path / "net.yaml").write_text(PROTOCOL)
        self.sharpwave("run", "net.yaml", "--force", *words)
        (run,) = self.page()["runs"]
        return run

    def test_a_protocol(self):
        run = self.protocol_run()
        train, label, test = run["protocol"]["trials"]
        self.assertEqual([train["trials"], label["trials"], test["trials"]], [6, 4, 10])
        self.assertEqual({phase["population"] for phase in (train, label, test)}, {"E"})
        # All the spikes of E, but for those of the rests.
        self.assertGreater(sum(train["spikes"]), 0)
        self.assertLessEqual(sum(sum(phase["spikes"]) for phase in (train, label, test)), run["run"]["spikes_total"])
        of_test = run["run"]["protocol"][2]
        self.assertGreater(of_test["correct"], 0)
        self.assertEqual(sum(test["right"]), of_test["correct"])
        self.assertEqual(sum(of_test["confusion"][c][c] for c in range(2)), of_test["correct"])
        (fields,) = run["protocol"]["fields"]
        self.assertEqual((fields["projection"], fields["target"], fields["side"], fields["neurons"]), ("XE", "E", 2, [0, 1, 2]))
        self.assertEqual(fields["time_ms"], run["run"]["simulated_ms"])
        self.assertEqual(len(unpacked(fields["values_u16"], "H")), 3 * 4)
        self.assertEqual(run["notes"], [])

    def test_a_protocol_says_why_it_has_no_receptive_fields(self):
        self.assertEqual(self.protocol_run("--set", "record.weights=[]")["notes"], [NO_FIELDS])
        # No sample was due.
        late = self.protocol_run("--set", "record.weights=[{name: XE, projection: XE, interval: 10000}]")
        self.assertEqual((late["protocol"]["fields"], late["notes"]), ([], [NO_FIELDS]))
        (self.path / "runs/net/trials.h5").write_bytes(b"no such file")
        self.sharpwave("report", "runs/net")
        (run,) = self.page()["runs"]
        self.assertIsNone(run["protocol"])
        self.assertEqual(len(run["notes"]), 1)
        self.assertRegex(run["notes"][0], r"^Trials are not shown: .*trials\.h5")

    def test_a_memory(self):
        self.sharpwave("run", "net.yaml")
        self.assertIsNone(self.page()["runs"][0]["memory"])
        ripple = {"population": "E", "instance": 0, "begin_ms": 20.5, "end_ms": 31, "burst": 2, "outcome": "formed", "item": 3}
        memory = {"format": 1, "spaces": [], "ripples": [ripple], "ripples_total": 4}
        file = self.path / "runs/net/memory.json"
        file.write_text(json.dumps(memory))
        self.sharpwave("report", "runs/net")
        (run,) = self.page()["runs"]
        self.assertEqual((run["memory"]["spaces"], run["memory"]["ripples"]["total"], run["notes"]), ([], 4, []))
        (of_e,) = run["memory"]["ripples"]["populations"]
        self.assertEqual((of_e["name"], of_e["begin_ms"], of_e["end_ms"], of_e["item"]), ("E", [20.5], [31], [3]))
        file.write_text(json.dumps(memory)[:-1])
        self.sharpwave("report", "runs/net")
        (run,) = self.page()["runs"]
        self.assertIsNone(run["memory"])
        self.assertEqual(len(run["notes"]), 1)
        self.assertRegex(run["notes"][0], r"^The memory is not shown: memory\.json: is not JSON")
        self.assertGreater(len(run["raster"]["steps_u32"]), 100)

    def test_the_statistics_alone(self):
        self.sharpwave("run", "net.yaml")
        (statistics,) = json.loads(self.sharpwave("report", "runs/net", "--json").stdout)
        self.assertEqual([p["name"] for p in statistics["populations"]], ["E", "I", "quiet"])
        self.assertEqual(statistics["populations"][2]["rate_Hz"]["mean"], 0)
        self.assertIsNone(statistics["populations"][2]["cv_isi"]["mean"])
        run = json.loads((self.path / "runs/net/run.json").read_text())
        self.assertAlmostEqual(statistics["populations"][0]["rate_Hz"]["mean"], run["populations"][0]["rate_Hz"])

    def test_what_is_no_run_is_refused(self):
        self.assertIn("does not exist", self.sharpwave("report", "nowhere", expect=IO).stderr)
        (self.path / "empty").mkdir()
        self.assertIn("run.json", self.sharpwave("report", "empty", expect=IO).stderr)
        self.sharpwave("report", expect=USAGE)
        self.sharpwave("run", "net.yaml")
        (self.path / "runs/net/run.json").write_text('{"dt_ms": -1}')
        self.assertIn("run.json", self.sharpwave("report", "runs/net", expect=DAMAGED).stderr)

    def test_a_damaged_report_leaves_the_rest(self):
        self.sharpwave("run", "net.yaml")
        file = self.path / "runs/net/report_potential.h5"
        file.write_bytes(file.read_bytes()[:1000])
        self.sharpwave("report", "runs/net")
        (run,) = self.page()["runs"]
        self.assertEqual(run["traces"], [])
        self.assertIn("report_potential.h5", " ".join(run["notes"]))
        self.assertGreater(len(run["raster"]["steps_u32"]), 100)


if __name__ == "__main__":
    SHARPWAVE = sys.argv.pop(1)
    unittest.main()
