#!/usr/bin/env python3
"""What the page of `sharpwave report` shows of learning, in a browser, with made-up data: plastic projections, weights over
time and over the distance of spikes, and neuromodulators.

What it needs, and how to get pictures of it: browser.py.
"""
import unittest

import sample_runs
from browser import BrowserTest
from page_test import make_page

LINES = {"mean": 1, "changes": 2, "synapses": 2}  # panels, and their curves


class LearningPageTest(BrowserTest):
    def open(self, runs, **how):
        self.open_page(make_page(runs), **how)

    def panel(self, projection, plot):
        return f"#learning [data-projection={projection}].learning [data-plot={plot}]"

    def test_networks_that_do_not_learn_have_no_such_sections(self):
        self.open([sample_runs.sample_run()])
        self.assertEqual([], self.all("#learning, #neuromodulators, nav a[href='#learning'], nav a[href='#neuromodulators']"))
        self.assert_quiet()

    def test_metrics(self):
        self.open([sample_runs.learning_run()])
        rows = self.all("#learning .metrics tbody tr")
        self.assertEqual(["E_to_E", "I_to_E"], [row.get_attribute("data-projection") for row in rows])
        cells = [cell.text for cell in rows[0].find_elements("css selector", "td")]
        self.assertEqual(["pA", "400", "12,345", "9,000", "10,000", "0.9", "0.001", "7.5", "\u2013", "9.5", "2 %", "4 %", "0.3 ms"], cells)
        self.assert_quiet()

    def test_weights_over_time(self):
        run = sample_runs.learning_run()
        self.open([run])
        for projection in run["learning"]:
            name, counts = projection["projection"], sample_runs.unpack("I", projection["histogram_u32"])
            filled = sum(1 for count in counts if count > 0)
            self.assertEqual(filled, int(self.data(self.panel(name, "heat") + " canvas", "points")))
            samples = len(projection["times_ms"])
            for plot, curves in LINES.items():
                # What was before the first sample has no interval of its own.
                missing = curves if plot == "changes" else 0
                self.assertEqual(curves * samples - missing, int(self.data(self.panel(name, plot) + " .plot", "points")), plot)
            self.assertEqual(2, len(self.all(self.panel(name, "histograms") + " path.outline")))
        self.assertIn("20 of 40 samples are drawn", self.one("#learning").text)
        self.assert_quiet()
        self.screenshot("learning_light")

    def test_the_strongest_cell_has_the_strongest_colour(self):
        run = sample_runs.learning_run()
        counts = [0] * (20 * sample_runs.BINS)
        counts[10 * sample_runs.BINS + 25] = 400
        run["learning"] = run["learning"][:1]
        run["learning"][0]["histogram_u32"] = sample_runs.pack("I", counts)
        self.open([run])
        canvas = self.panel("E_to_E", "heat") + " canvas"
        self.assertEqual("1", self.data(canvas, "points"))
        size = self.one(canvas).size
        # A column is a twentieth of the width between the margins, a row a fiftieth of the height; both rounded.
        least = ((size["width"] - 84 - 18) // 20 - 1) * ((190 - 8 - 44) // 50)
        self.assertGreaterEqual(self.pixels_of(canvas, "accent"), least)

    def test_zoom_by_keyboard(self):
        run = sample_runs.learning_run()
        self.open([run])
        plot = self.panel("E_to_E", "heat")
        before = int(self.data(plot + " canvas", "points"))
        self.press(plot, "+")
        self.assertLess(int(self.data(plot + " canvas", "points")), before)
        self.press(plot, "0")
        self.assertEqual(before, int(self.data(plot + " canvas", "points")))
        self.press("#neuromodulators .panel", "+")
        self.assert_quiet()

    def test_single_weights_and_pairs(self):
        run = sample_runs.learning_run()
        self.open([run])
        weights = run["weights"][0]
        self.assertEqual(len(weights["synapses"]) * len(weights["times_ms"]), int(self.data("#learning [data-plot=weights] .plot", "points")))
        self.assertEqual(len(weights["pairs"]["lag_ms"]), int(self.data("#learning [data-plot=pairs] .plot", "points")))
        self.assertIn("12 of 60 recorded synapses", self.one("#learning [data-plot=weights]").text)
        self.assertGreater(self.pixels_of("#learning [data-plot=pairs] canvas", "accent"), 80, "a point a synapse")
        run["weights"] = [{**weights, "pairs": None}]
        self.open([run])
        self.assertEqual([], self.all("#learning [data-plot=pairs]"))
        self.assert_quiet()

    def test_neuromodulators(self):
        run = sample_runs.learning_run()
        self.open([run])
        region = run["neuromodulators"][0]
        self.assertEqual(3 * len(region["times_ms"]), int(self.data("#neuromodulators .plot", "points")))
        self.assertIn("prediction error", self.one("#neuromodulators").text)
        self.assertGreater(self.pixels_of("#neuromodulators canvas", "p0"), 200, "dopamine")
        region["prediction_error"] = [0.0] * len(region["times_ms"])
        self.open([run])
        self.assertNotIn("prediction error", self.one("#neuromodulators").text)
        self.assert_quiet()

    def test_several_runs(self):
        self.open([sample_runs.learning_run("one"), sample_runs.learning_run("two", 2), sample_runs.sample_run("three")], width=1600)
        self.assertEqual(4, len(self.all("#learning [data-plot=heat]")))
        self.assertEqual(4, len(self.all("#learning .metrics tbody tr")))
        self.assertEqual(["one", "two"], [p.get_attribute("data-run") for p in self.all("#neuromodulators .panel")])
        self.assert_quiet()

    def test_little(self):
        """A run that was ended before the first sample, and a killed one, of which the metrics are not known."""
        run = sample_runs.learning_run()
        projection, weights, region = run["learning"][0], run["weights"][0], run["neuromodulators"][0]
        for key in ("times_ms", "potentiations", "depressions", "mean_weight", "share_at_min", "share_at_max", "histogram_times_ms"):
            projection[key] = []
        projection.update(histogram_u32="", samples=0)
        weights.update(times_ms=[], values_f32="", pairs=None)
        region.update(times_ms=[], prediction_error=[], levels={"dopamine": []}, samples=0)
        run["learning"] = [projection]
        run["run"]["plasticity"] = []
        self.open([run])
        self.assertEqual(2, self.one("#learning").text.count("No sample was due"))
        self.assertIn("no sample was due", self.one("#neuromodulators").text)
        self.assertIn("is not known", self.one("#learning").text)
        self.assert_quiet()

    def test_damaged_data(self):
        def bad_histogram(run): run["learning"][0]["histogram_u32"] = "AAAA"
        def no_weights(run): run["weights"] = 7
        def bad_levels(run): run["neuromodulators"][0]["levels"] = None
        def bad_metrics(run): run["run"]["plasticity"][0]["ratio"] = "much"
        for damage, section in [(bad_histogram, "learning"), (no_weights, "learning"), (bad_levels, "neuromodulators"), (bad_metrics, "learning")]:
            with self.subTest(damage.__name__):
                run = sample_runs.learning_run()
                damage(run)
                self.open([run])
                self.assertIn("runs[0]", self.one("#errors").text)
                self.assertTrue(self.all(f"#{section} .failed"), f"{section} does not say that it failed")
                self.assertTrue(self.all("#raster [data-points]"))
                self.assertTrue([e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"])

    def test_dark_and_narrow(self):
        self.open([sample_runs.learning_run()], dark=True)
        self.screenshot("learning_dark")
        self.open([sample_runs.learning_run()], width=400, height=800)
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
        self.assert_quiet()
        self.screenshot("learning_narrow")

    def test_everything_has_a_name(self):
        self.open([sample_runs.learning_run()])
        unnamed = self.script("""return [...document.querySelectorAll('canvas, svg[role=img], [tabindex="0"]')]
            .filter((e) => !(e.ariaLabel || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80))""")
        self.assertEqual([], unnamed)


if __name__ == "__main__":
    unittest.main()
