#!/usr/bin/env python3
"""What the page of `sharpwave report` shows of a protocol, in a browser, with made-up data: its phases, the course of
their trials, what was told of which class, and weights as images.

What it needs, and how to get pictures of it: browser.py.
"""
import unittest

import sample_runs
from browser import ActionChains, BrowserTest
from page_test import make_page


class ProtocolPageTest(BrowserTest):
    def open(self, runs, **how):
        self.open_page(make_page(runs), **how)

    def titles(self):
        return [title.text for title in self.all("#protocol .panel-title")]

    def panel(self, title):
        (found,) = [p for p in self.all("#protocol .panel") if p.find_element("css selector", ".panel-title").text.startswith(title)]
        return found

    def plot(self, title):
        return self.panel(title).find_element("css selector", ".plot")

    def cells(self, selector):
        return [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in self.all(f"#protocol {selector} tr")]

    def test_runs_without_one_have_no_such_section(self):
        self.open([sample_runs.sample_run()])
        self.assertEqual([], self.all("#protocol, nav a[href='#protocol']"))
        self.assert_quiet()

    def test_phases(self):
        run = sample_runs.protocol_run()
        self.open([run])
        self.assertEqual("4", self.data("#protocol [data-phases]", "phases"))
        right = f"{100 * run['run']['protocol'][3]['accuracy']:.1f} %"
        self.assertEqual([["phase", "trials", "repeats", "right"], ["settle", "1", "0", ""], ["train", "240", "17", ""],
                          ["label", "30", "0", ""], ["test", "60", "2", right]], self.cells("[data-phases]"))
        self.assertTrue(self.all("nav a[href='#protocol']"))
        self.assert_quiet()
        self.screenshot("protocol_light")

    def test_the_course_of_the_trials(self):
        run = sample_runs.protocol_run()
        self.open([run])
        self.assertEqual(["train: spikes of E in a trial, means of 3 trials", "label: spikes of E in a trial",
                          "test: spikes of E in a trial", "test: right until then",
                          "test: class of the item (rows), and class that was told"], self.titles()[:5])
        for title, points in [("train: spikes", 80), ("label: spikes", 30), ("test: spikes", 60), ("test: right", 60)]:
            self.assertEqual(str(points), self.plot(title).get_attribute("data-points"), title)
        self.assert_quiet()

    def test_the_curve_of_what_is_right_ends_at_the_accuracy(self):
        """Its axis is from 0 to 100 %; to a line's width in 100 pixels."""
        run = sample_runs.protocol_run()
        test = run["protocol"]["trials"][3]
        of_test = run["run"]["protocol"][3]
        halves = [1.0] * 30 + [0.0] * 30
        # 10 of 40 trials, and all of the 20 after them.
        for right, per_bin, end in [(test["right"], 1, of_test["accuracy"]), (halves, 1, 0.5), ([0.25, 1.0], 40, 0.5)]:
            with self.subTest(per_bin=per_bin, end=end):
                run["protocol"]["trials"][3] = sample_runs.of_phase("test", [1.0] * len(right), trials=60, per_bin=per_bin, right=right)
                self.open([run])
                self.assertAlmostEqual(end, self.end_of_curve(self.plot("test: right"), "accent"), delta=0.025)
                self.assert_quiet()

    def test_the_confusion_matrix(self):
        run = sample_runs.protocol_run()
        self.open([run])
        confusion = run["run"]["protocol"][3]["confusion"]
        self.assertEqual(1, len(self.all("#protocol .confusion")), "only of the phase that tests")
        self.assertEqual(str(sample_runs.CLASSES**2), self.data("#protocol .confusion", "points"))
        expected = [[str(c), *(str(n) if n > 0 else "" for n in row)] for c, row in enumerate(confusion)]
        self.assertEqual([["", "0", "1", "2", "none"], *expected], self.cells(".confusion"))
        # The more of a row's 20 items, the more colour: 80 % of it for all.
        colour = lambda cell: int(self.script("return arguments[0].getAttribute('style').match(/(\\d+)%/)[1]", cell))
        for row, counts in zip(self.all("#protocol .confusion tbody tr"), confusion):
            shares = [colour(cell) for cell in row.find_elements("css selector", "td")]
            self.assertEqual([80 * n // 20 for n in counts], shares)
        self.assert_quiet()

    def test_receptive_fields(self):
        run = sample_runs.protocol_run()
        fields = run["protocol"]["fields"][0]
        canvas, side, n = "#protocol canvas.fields", sample_runs.SIDE, len(fields["neurons"])
        strong = sum(k + 1 for k in range(n))
        for dark in (False, True):
            self.open([run], dark=dark)
            self.assertEqual(str(n), self.data(canvas, "points"))
            # Five images in two rows of three, a pixel apart.
            size = [self.one(canvas).get_attribute(name) for name in ("width", "height")]
            self.assertEqual([str(3 * (side + 1) - 1), str(2 * (side + 1) - 1)], size)
            self.assertEqual("weights of input_to_E onto 5 neurons of E", self.one(canvas).get_attribute("aria-label"))
            self.assertEqual("input_to_E: weights onto each neuron of E at 123.5 s, up to 0.988", self.titles()[-1])
            self.assertEqual(strong, self.pixels_of(canvas, "ink"))
            self.assertEqual(n * side * side - strong, self.pixels_of(canvas, "plot"))
            # Of the second neuron's image two of the first row, of the fifth's that row and the pixel below its first.
            column = lambda k: self.pixels_of(canvas, "ink", side + 1 + k, side + 2 + k)
            self.assertEqual([1 + 2, 1 + 1, 1, 1, 0], [column(k) for k in range(side + 1)])
        self.assert_quiet()
        self.screenshot("protocol_dark")

    def test_the_pointer_names_the_neuron(self):
        run = sample_runs.protocol_run()
        self.open([run])
        canvas = self.one("#protocol canvas.fields")
        self.script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        for column, row, name in [(0, 0, "E[0]"), (2, 0, "E[20]"), (1, 1, "E[40]"), (2, 1, "")]:
            size = canvas.size
            x, y = ((2 * column + 1) / 6 - 0.5) * size["width"], ((2 * row + 1) / 4 - 0.5) * size["height"]
            ActionChains(self.browser).move_to_element_with_offset(canvas, round(x), round(y)).perform()
            self.settle()
            self.assertEqual(name, self.panel("input_to_E").find_element("css selector", ".readout").text)
        self.assert_quiet()

    def test_several_runs(self):
        self.open([sample_runs.protocol_run("one"), sample_runs.sample_run("two")], width=1600)
        self.assertEqual("one", self.titles()[0])
        self.assertIn("two: This run has no protocol.", self.one("#protocol").text)
        self.assertEqual(1, len(self.all("#protocol [data-phases]")))
        self.assert_quiet()

    def test_little(self):
        """A run that was stopped in its first trials; and a killed one, of which the phases are not known."""
        run = sample_runs.protocol_run()
        phases, protocol = run["run"]["protocol"], run["protocol"]
        for phase, trials in zip(phases, (1, 1, 0, 0)):
            phase["trials"] = trials
        phases[3].update(correct=0, accuracy=None, confusion=[[0] * (sample_runs.CLASSES + 1)] * sample_runs.CLASSES)
        protocol["trials"][1:] = [sample_runs.of_phase("train", [3.0]), sample_runs.of_phase("label", []), sample_runs.of_phase("test", [])]
        protocol["fields"] = []
        self.open([run])
        self.assertEqual(["test", "0 of 60", "2", ""], self.cells("[data-phases]")[4])
        self.assertEqual([], self.all("#protocol .plot, #protocol canvas"))
        self.assertEqual(["2", "", "", "", ""], self.cells(".confusion")[3])
        self.assert_quiet()
        run = sample_runs.protocol_run()
        run["run"]["protocol"] = []
        self.open([run])
        self.assertEqual("0", self.data("#protocol [data-phases]", "phases"))
        self.assertEqual(3, len(self.all("#protocol .plot")), "spikes alone")
        self.assertEqual([], self.all("#protocol .confusion"))
        self.assertTrue(self.all("#protocol canvas.fields"))
        self.assert_quiet()

    def test_damaged_data(self):
        def bad_fields(run): run["protocol"]["fields"][0]["values_u16"] = "AAAA"
        def no_side(run): del run["protocol"]["fields"][0]["side"]
        def no_right(run): run["protocol"]["trials"][3]["right"] = "much"
        def no_trials(run): run["protocol"]["trials"] = None
        def bad_confusion(run): run["run"]["protocol"][3]["confusion"][1] = 7
        def no_phases(run): del run["run"]["protocol"]
        for damage in (bad_fields, no_side, no_right, no_trials, bad_confusion, no_phases):
            with self.subTest(damage.__name__):
                run = sample_runs.protocol_run()
                damage(run)
                self.open([run])
                self.assertIn("runs[0]", self.one("#errors").text)
                self.assertTrue(self.all("#protocol .failed"), "the section does not say that it failed")
                self.assertTrue(self.all("#raster [data-points]"))
                self.assertTrue([e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"])

    def test_narrow(self):
        self.open([sample_runs.protocol_run()], width=400, height=800)
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
        self.assert_quiet()
        self.screenshot("protocol_narrow")

    def test_everything_has_a_name(self):
        self.open([sample_runs.protocol_run()])
        unnamed = self.script("""return [...document.querySelectorAll('#protocol canvas, #protocol [tabindex="0"]')]
            .filter((e) => !(e.ariaLabel || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80))""")
        self.assertEqual([], unnamed)


if __name__ == "__main__":
    unittest.main()
