#!/usr/bin/python3
"""`sharpwave trace` as a user runs it, and its files as other tools read them.

Usage: program_test.py PROGRAM
"""

import csv
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = ""
CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs"

# One spike of 4,000 pA arrives 1.0 + 1.5 ms after the start, at two of three; they fire, and are refractory for 2 ms.
CONFIG = """\
simulation: {dt: 0.1, duration: 20, warm_up: 0, seed: 1}
populations:
  E: {size: 3, model: iaf_psc_exp}
  in: {size: 1, model: spike_source, times: [[1.0]]}
projections:
  - {source: in, target: "E[1:3]", rule: all_to_all, weight: 4000, delay: 1.5}
device: {kind: cpu}
"""


class TraceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "net.yaml").write_text(CONFIG)

    def trace(self, *words, expect=0):
        done = subprocess.run([PROGRAM, "trace", "net.yaml", "--population", "E", *words], cwd=self.path,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def rows(self, *words):
        return list(csv.DictReader(io.StringIO(self.trace("--csv", *words).stdout)))

    def test_the_examples_of_its_help_run(self):
        text = subprocess.run([PROGRAM, "help", "trace"], capture_output=True, text=True, timeout=60).stdout
        (self.path / "configs").symlink_to(CONFIGS)
        examples = [line.split() for line in text.splitlines() if line.startswith("  sharpwave trace configs/")]
        self.assertGreater(len(examples), 3)
        for _, *words in examples:
            done = subprocess.run([PROGRAM, *words, "--set", "device.kind=cpu"], cwd=self.path, capture_output=True,
                                  text=True, timeout=120)
            self.assertEqual(done.returncode, 0, f"{words}\n{done.stderr}")

    def test_csv_shows_one_arrival_and_what_follows(self):
        rows = self.rows("--neurons", "1")
        self.assertEqual(len(rows), 200)
        arrivals = [(row["time (ms)"], row["input_ex (pA)"]) for row in rows if float(row["input_ex (pA)"]) != 0]
        self.assertEqual(arrivals, [("2.5", "4000")])
        (spike,) = [i for i, row in enumerate(rows) if row["spike"] == "1"]
        left = [float(row["refractory (ms)"]) for row in rows[spike:spike + 22]]
        for k, ms in enumerate(left):
            self.assertAlmostEqual(ms, max(0, 2 - 0.1 * k), places=6)
        for row in rows[spike:spike + 20]:
            self.assertEqual(row["V_m (mV)"], "-70")

    def test_the_explanation_tells_the_two_apart(self):
        lines = self.trace("--neurons", "0,1").stdout.splitlines()
        self.assertTrue(lines[0].startswith("E[0] did not fire: V_m came up to -70.00 mV"), lines[0])
        self.assertTrue(lines[0].endswith("no input_ex arrived; no input_in arrived"), lines[0])
        fired = [line for line in lines if line.startswith("E[1]")]
        self.assertRegex(fired[0], r"^E\[1\] fired once in 20 ms, first at \d")

    def test_any_number_of_threads_and_sets_reach_it(self):
        one = self.trace("--csv", "--threads", "1", "--neurons", "0:3").stdout
        self.assertEqual(self.trace("--csv", "--threads", "2", "--neurons", "0:3").stdout, one)
        self.assertNotEqual(self.trace("--csv", "--neurons", "0:3", "--set", "projections[0].weight=100").stdout, one)

    def test_h5_holds_what_the_config_would_record(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        self.trace("--neurons", "1,2", "--variables", "V_m,input_ex", "--h5", "--out", "report_mine.h5")
        recorded = '[{name: its, target: "E[1:3]", variables: [V_m, input_ex]}]'
        subprocess.run([PROGRAM, "run", "net.yaml", "--quiet", "--no-report", "--out", "run",
                        "--set", f"record.traces={recorded}"], cwd=self.path, check=True, timeout=60)
        for variable, unit in (("V_m", "mV"), ("input_ex", "pA")):
            with h5py.File(self.path / f"report_mine_{variable}.h5") as mine, \
                 h5py.File(self.path / f"run/report_its_{variable}.h5") as its:
                for name in ("data", "mapping/node_ids", "mapping/time"):
                    self.assertEqual(mine["report/E"][name][:].tolist(), its["report/E"][name][:].tolist())
                self.assertEqual(mine["report/E/data"].attrs["units"], its["report/E/data"].attrs["units"])
                units = its["report/E/data"].attrs["units"]
                self.assertEqual(units.decode() if isinstance(units, bytes) else units, unit)
                self.assertEqual(its["report/E/data"].shape, (200, 2))

    def test_a_fraction_of_a_trace_is_every_nth(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        subprocess.run([PROGRAM, "run", "net.yaml", "--quiet", "--no-report", "--out", "run",
                        "--set", "record.traces=[{name: a, target: E, fraction: 0.5}]"], cwd=self.path, check=True,
                       timeout=60)
        with h5py.File(self.path / "run/report_a.h5") as file:
            self.assertEqual(file["report/E/mapping/node_ids"][:].tolist(), [0, 2])

    def test_plot_draws_in_the_terminal_and_as_svg(self):
        self.assertIn("NAME.svg", self.trace("--neurons", "0,1", "--plot", "--out", "e.png", expect=2).stderr)
        done = self.trace("--neurons", "0,1", "--plot", "--out", "e.svg")
        self.assertIn("▲", done.stdout)
        root = xml.etree.ElementTree.parse(self.path / "e.svg").getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        marks = [path for path in root.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "spike"]
        self.assertEqual(len(marks), 1 + 1)  # one is of the legend
        shades = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("class") == "refractory"]
        self.assertEqual(len(shades), 1 + 1)
        texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        self.assertLessEqual({"threshold", "V_m (mV)", "arriving in a step (pA)", "ms", "E[1]: 1 spike"}, texts)

    def test_what_is_wrong_is_said_at_once(self):
        said = self.trace("--neurons", "7", "--variables", "V_M", "--to", "30", expect=2).stderr
        for part in ("--neurons: read '7'", "did you mean 'V_m'?", "--to: read 30"):
            self.assertIn(part, said)
        self.assertIn("--out goes with", self.trace("--out", "x.csv", expect=2).stderr)
        self.assertIn("--h5 needs --out", self.trace("--h5", expect=2).stderr)
        self.assertIn("report_NAME.h5", self.trace("--h5", "--out", "x.h5", expect=2).stderr)
        self.assertIn("exclude each other", self.trace("--h5", "--csv", expect=2).stderr)
        (self.path / "there.csv").write_text("mine")
        self.assertIn("--force", self.trace("--csv", "--out", "there.csv", expect=4).stderr)
        self.assertEqual((self.path / "there.csv").read_text(), "mine")
        self.trace("--csv", "--out", "there.csv", "--force")
        self.assertTrue((self.path / "there.csv").read_text().startswith("neuron,time (ms)"))

    def test_nothing_else_is_written(self):
        self.trace()
        self.assertEqual([file.name for file in self.path.iterdir()], ["net.yaml"])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
