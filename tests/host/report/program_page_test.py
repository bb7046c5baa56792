#!/usr/bin/env python3
"""The pages that the program writes, in a browser: size, time until all is drawn, and that what run.json counts is there.

Usage: program_page_test.py SHARPWAVE. What it needs, and how to get pictures of it: browser.py.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from browser import BrowserTest, Keys

SHARPWAVE = ""
ROOT = pathlib.Path(__file__).resolve().parents[3]
MOST_BYTES = 5_000_000


def large_config():
    """Beyond every limit of a page: 70 populations, 450 connections, 350,000 spikes, 25 reports of 10,000 samples."""
    names = [f"area_{k}" for k in range(70)]
    populations = [f"  {name}: {{size: 60, model: iaf_psc_exp, params: {{I_e: {700 + 2 * k}}}, "
                   "initial: {V_m: {uniform: {low: -70, high: -56}}}}" for k, name in enumerate(names)]
    projections = [f"  - {{source: {names[k % 70]}, target: {names[(k + k // 70) % 70]}, rule: fixed_indegree, indegree: 5, "
                   "weight: {normal: {mean: 1, sd: 0.2}}, delay: {uniform: {low: 1, high: 5}}}" for k in range(450)]
    reports = [f"    - {{name: r{k}, target: {name}, variables: [V_m], interval: 0.1}}" for k, name in enumerate(names[:25])]
    return "\n".join(["title: As much as a page holds", "simulation: {dt: 0.1, duration: 1000, warm_up: 20, seed: 3}", "populations:",
                      *populations, "projections:", *projections, "record:", "  traces:", *reports, ""])


class ProgramPageTest(BrowserTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = pathlib.Path(cls.folder.name)

    def sharpwave(self, *words):
        done = subprocess.run([SHARPWAVE, *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)

    def run_of(self, config, name, *words):
        self.sharpwave("run", config, "--out", self.runs / name, "--force", *words)
        return json.loads((self.runs / name / "run.json").read_text())

    def page(self, path, **how):
        text = (self.runs / path).read_text(encoding="utf-8")
        self.assertLess(len(text.encode()), MOST_BYTES)
        self.assert_opens_fast(text, **how)
        self.assert_quiet()

    def points(self):
        return [int(canvas.get_attribute("data-points")) for canvas in self.all("canvas.raster")]

    def test_quickstart(self):
        run = self.run_of("configs/quickstart.yaml", "quickstart")
        self.page("quickstart/report.html")
        self.assertEqual([run["spikes_total"]], self.points())
        self.assertIn(f"{run['synapses']:,}", self.one(".tiles").text)
        self.assertEqual([f"{p['spikes']:,}" for p in run["populations"]],
                         [row.find_elements("css selector", "td")[2].text for row in self.all(".populations tbody tr")])
        self.assertEqual(8, len(self.all("#rates .panel")))
        self.assertEqual(64, len(self.all(".cell")))
        self.assertEqual("true", self.script("""const m = document.querySelector('.matrix');
            return String(m.scrollWidth <= m.clientWidth)"""), "the matrix is cut off")
        self.screenshot("quickstart")

    def test_two_runs(self):
        runs = [self.run_of("configs/first.yaml", "one"), self.run_of("configs/first.yaml", "two", "--set", "simulation.seed=2")]
        self.sharpwave("report", self.runs / "one", self.runs / "two", "--out", self.runs / "both.html")
        self.page("both.html", dark=True)
        self.assertEqual([run["spikes_total"] for run in runs], self.points())
        self.assertIn("simulation.seed=2", self.one("#config").text)
        self.press("canvas.raster", "+")
        self.assertLess(sum(self.points()), sum(run["spikes_total"] for run in runs))
        self.press("canvas.raster", "0")
        self.assertEqual([run["spikes_total"] for run in runs], self.points())
        traces = self.all("#traces .panel .plot")
        self.assertEqual(2, len(traces))
        self.press("#traces select[name=neuron]", Keys.ARROW_DOWN)
        self.assert_quiet()
        self.screenshot("two_runs")

    def test_as_much_as_a_page_holds(self):
        config = self.runs / "large.yaml"
        config.write_text(large_config())
        run = self.run_of(config, "large")
        self.page("large/report.html")
        size = (self.runs / "large" / "report.html").stat().st_size
        self.assertGreater(size, 3_500_000, "a page that tests the limits has to come near them")
        self.assertGreater(run["spikes_total"], 300_000)
        self.assertTrue(100_000 < self.points()[0] <= 170_000, self.points())
        self.assertIn("Shows every", self.one("#raster").text)
        self.assertIn("Of 70 populations the first 60 are shown", self.one("#notes").text)
        self.assertIn("Of 450 connections 400 are shown", self.one("#notes").text)
        self.screenshot("large")


if __name__ == "__main__":
    SHARPWAVE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
