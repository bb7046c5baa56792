#!/usr/bin/env python3
"""What the page of `sharpwave report` shows of a memory, in a browser, with made-up data: what lies in its spaces, how far
it has been consolidated, what is like what, and the ripples on the raster.

What it needs, and how to get pictures of it: browser.py.
"""
import math
import unittest

import sample_runs
from browser import ActionChains, BrowserTest
from page_test import make_page

# Rows, and columns, of a canvas that have a pixel of this colour.
PLACES = """const canvas = document.querySelector(arguments[0]);
    const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height});
    const context = copy.getContext('2d', {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const {data} = context.getImageData(0, 0, copy.width, copy.height);
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[1]}`).trim();
    const tone = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const rows = new Set(), columns = new Set();
    for (let at = 0; at < data.length; at += 4) {
        if (!tone.every((v, k) => data[at + k] === v)) continue;
        rows.add(Math.floor(at / 4 / copy.width));
        columns.add((at / 4) % copy.width);
    }
    return [[...rows].sort((a, b) => a - b), [...columns].sort((a, b) => a - b)];"""
RASTER_LEFT, RASTER_RIGHT, RASTER_TOP = 104, 18, 6  # px around it
HEAT_TOP, HEAT_BOTTOM = 8, 190 - 44


def space_of(run):
    return run["memory"]["spaces"][0]


class MemoryPageTest(BrowserTest):
    def open(self, runs, **how):
        self.open_page(make_page(runs), **how)

    def cells(self, selector):
        return [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in self.all(f"#memory {selector} tr")]

    def plot(self, what):
        return self.one(f"#memory [data-plot={what}] .plot")

    def readout(self, what):
        return self.one(f"#memory [data-plot={what}] .readout").text

    def point_at(self, element, x, y):
        """At these shares of its width and height."""
        self.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        size = element.size
        ActionChains(self.browser).move_to_element_with_offset(element, round((x - 0.5) * size["width"]), round((y - 0.5) * size["height"])).perform()
        self.settle()

    def test_runs_without_one_have_no_such_section(self):
        self.open([sample_runs.sample_run()])
        self.assertEqual([], self.all("#memory, nav a[href='#memory']"))
        self.assertIsNone(self.data("canvas.raster", "ripples"))
        self.assertEqual(0, self.pixels_of("canvas.raster", "ripple"))
        self.assertNotIn("ripple", self.one("#raster").text)
        self.assert_quiet()

    def test_numbers(self):
        self.open([sample_runs.memory_run()])
        self.assertTrue(self.all("nav a[href='#memory']"))
        self.assertIn("space default, 60 items of dimension 128", self.one("#memory").text)
        facts = dict(row.text.split("\n") for row in self.all("#memory .facts > div"))
        self.assertEqual({"Items, episodic": "44", "Items, semantic": "16", "Items, procedural": "0", "On disk": "1.23 MB", "Bytes an item": "20.6 kB",
                          "Changes": "4,321", "Changes that are synced": "4,300", "Sync": "interval", "Index": "exact"}, facts)
        self.assertEqual([["signals", *sample_runs.OUTCOMES], ["of this run", "60", "31", "7", "2", "5"]], self.cells("[data-signals]"))
        self.assertIn("Rejected since the space exists: not finite 4, of another dimension 1.", self.one("#memory").text)
        counts = ["60", "48", "2", "1", "90"]
        self.assertEqual([["phase", "runs", "took", "looked at", "changed", "made", "removed", "edges"], ["nrem", "80", "12.5 ms", *counts],
                          ["reinjection", "80", "400 \u00b5s", *counts], ["rem", "80", "200 ms", *counts], ["prune", "80", "100 \u00b5s", *counts]],
                         self.cells("[data-phases]"))
        self.assertEqual("4", self.data("#memory [data-phases]", "phases"))
        self.assert_quiet()
        self.screenshot("memory_light")

    def test_recall(self):
        run = sample_runs.memory_run()
        self.open([run])
        self.assertEqual([["recall", "label", "recalls item", "its label", "cosine", ""], ["3", "3", "12", "3", "0.902", "right"],
                          ["0", "0", "1234", "2", "0.5", "wrong"], ["4", "4", "\u2013", "\u2013", "\u2013", "wrong"]], self.cells("[data-recall=recall]"))
        self.assertIn("Of 20 cues 15 (75 %) recall their label, of what was known before.", self.one("#memory").text)
        space_of(run)["recall"] = []
        self.open([run])
        self.assertEqual([], self.all("#memory [data-recall]"))
        self.assert_quiet()

    def test_items_by_band(self):
        run = sample_runs.memory_run()
        self.open([run])
        self.assertEqual("4", self.data("#memory .bars", "points"))
        counts = list(space_of(run)["by_band"].values())
        self.assertEqual([str(n) for n in counts], [value.text for value in self.all("#memory .bar-value")])
        widths = [bar.size["width"] / self.one("#memory .bar-track").size["width"] for bar in self.all("#memory .bar")]
        for width, n in zip(widths, counts):
            self.assertAlmostEqual(n / max(counts), width, delta=0.01)

    def test_bands_over_time_lie_upon_each_other(self):
        """Their axis is from 0 to 1.06 times the largest sum."""
        run = sample_runs.memory_run()
        self.open([run])
        bands = list(space_of(run)["course"]["by_band"].values())
        self.assertEqual(str(4 * 20), self.plot("bands").get_attribute("data-points"))
        ends = [band[-1] for band in bands]
        for k in range(4):
            self.assertAlmostEqual(sum(ends[:k + 1]) / sum(ends) / 1.06, self.end_of_curve(self.plot("bands"), f"p{k}"), delta=0.025, msg=sample_runs.BANDS[k])
        self.point_at(self.one("#memory [data-plot=bands] .u-over"), 0.99, 0.5)
        said = ", ".join(f"{band} {n}" for band, n in zip(sample_runs.BANDS, ends))
        self.assertEqual(f"1,300 ms, cycle 20: {said}", self.readout("bands"))
        self.assert_quiet()

    def test_mean_kappa_over_time(self):
        run = sample_runs.memory_run()
        means = [0.1 + 0.02 * k for k in range(20)]
        space_of(run)["course"]["mean_kappa"] = means
        self.open([run])
        self.assertEqual("20", self.plot("mean").get_attribute("data-points"))
        self.assertAlmostEqual(1.06 / 1.12, self.end_of_curve(self.plot("mean"), "accent"), delta=0.025)
        means[7] = None  # there was no item then
        self.open([run])
        self.assertEqual("19", self.plot("mean").get_attribute("data-points"))
        self.assert_quiet()

    def test_the_histogram_of_kappa(self):
        run = sample_runs.memory_run()
        self.open([run])
        kappa = space_of(run)["kappa"]
        image = "#memory [data-plot=kappa] svg"
        self.assertEqual("20", self.data(image, "points"))
        base = float(self.one(f"{image} .base").get_attribute("y1"))
        tops = [base - float(part.split("H")[0]) for part in self.one(f"{image} path").get_attribute("d").split("V")[1:-1]]
        self.assertEqual(20, len(tops))
        for top, n in zip(tops, kappa["histogram"]):
            self.assertAlmostEqual(n / max(kappa["histogram"]), top / max(tops), delta=0.01)
        left, right = (float(self.one(f"{image} .base").get_attribute(end)) for end in ("x1", "x2"))
        for limit, line in zip(sample_runs.LIMITS, self.all(f"{image} .limit"), strict=True):
            self.assertAlmostEqual(limit, (float(line.get_attribute("x1")) - left) / (right - left), places=3)
        self.assertEqual(f"mean {kappa['mean']:.3g}, sd {kappa['sd']:.3g}", self.readout("kappa"))

    def test_kappa_over_time(self):
        run = sample_runs.memory_run()
        counts = sample_runs.unpack("I", space_of(run)["course"]["histogram_u32"])
        limits = [round(HEAT_BOTTOM - limit * (HEAT_BOTTOM - HEAT_TOP)) for limit in sample_runs.LIMITS]
        for dark in (False, True):
            self.open([run], dark=dark)
            heat = "#memory [data-plot=heat] canvas"
            self.assertEqual(str(sum(n > 0 for n in counts)), self.data(heat, "points"))
            rows, _ = self.script(PLACES, heat, "ink2")
            self.assertEqual(sorted(limits), rows, "the limits of the bands, and nothing else, are in that colour")
        self.point_at(self.one(heat), 0.95, 0.05)  # the top row at the end
        self.assertEqual(f"1,300 ms: {counts[-1]} items from 0.95 to 1", self.readout("heat"))
        self.press("#memory [data-plot=heat]", "+")
        self.assertLess(int(self.data(heat, "points")), sum(n > 0 for n in counts))
        self.assert_quiet()

    def test_similarity(self):
        run = sample_runs.memory_run()
        space_of(run)["similarity"] = {"ids": [4, 9, 1234], "kappa": [0.25, 1.0, 0.0], "cosines_f32": sample_runs.pack("f", [1, -1, 0, -1, 1, 1, 0, 0.5, 1])}
        canvas = "#memory [data-plot=similarity] canvas"
        for dark in (False, True):
            self.open([run], dark=dark)
            self.assertEqual("9", self.data(canvas, "points"))
            self.assertEqual(["3", "3"], [self.one(canvas).get_attribute(name) for name in ("width", "height")])
            self.assertEqual([4, 2, 2], [self.pixels_of(canvas, name) for name in ("accent", "alert", "plot")])
            # By column: 1 -1 0, -1 1 0.5, 0 1 1.
            self.assertEqual([1, 1, 2], [self.pixels_of(canvas, "accent", k, k + 1) for k in range(3)])
            self.assertEqual([1, 1, 0], [self.pixels_of(canvas, "alert", k, k + 1) for k in range(3)])
        self.assertIn("The 3 items of the highest \u03ba, by id.", self.one("#memory").text)
        for column, row, said in [(0, 0, "items 4 (\u03ba 0.25) and 4 (\u03ba 0.25): 1"), (1, 0, "items 4 (\u03ba 0.25) and 9 (\u03ba 1): \u22121"),
                                  (1, 2, "items 1,234 (\u03ba 0) and 9 (\u03ba 1): 0.5")]:
            self.point_at(self.one(canvas), (column + 0.5) / 3, (row + 0.5) / 3)
            self.assertEqual(said, self.readout("similarity"))
        self.point_at(self.one("#memory h2"), 0.5, 0.5)
        self.assertEqual("", self.readout("similarity"))
        self.assert_quiet()
        self.screenshot("memory_dark")

    def test_ripples_are_shaded_on_the_raster(self):
        run = sample_runs.memory_run()
        run["raster"].update(steps_u32="", rows_u32="")  # what is shaded is seen alone
        of_e, of_tc = run["memory"]["ripples"]["populations"]
        rows = {p["name"]: p["rows"] for p in run["raster"]["populations"]}
        for dark in (False, True):
            self.open([run], dark=dark)
            self.assertEqual("12", self.data("canvas.raster", "ripples"))
            self.assertIn("Shaded: 12 of 20 ripples.", self.one("#raster").text)
            width = self.one("canvas.raster").size["width"] - RASTER_LEFT - RASTER_RIGHT
            at = lambda time: RASTER_LEFT + math.floor((time - 500) / 1000 * width + 0.5)
            expected = [x for begin, end in zip(of_e["begin_ms"], of_e["end_ms"]) for x in range(at(begin), at(end))]
            shaded_rows, columns = self.script(PLACES, "canvas.raster", "ripple")
            self.assertEqual(expected, columns)
            # E is at the top, I below it has none, TC has some, and the last is silent.
            gap = [b for a, b in zip(shaded_rows, shaded_rows[1:]) if b > a + 1]
            self.assertEqual(1, len(gap))
            tall = sum(row < gap[0] for row in shaded_rows)
            self.assertAlmostEqual(rows["E"] / rows["TC"], tall / (len(shaded_rows) - tall), delta=0.4)
            edges, columns = self.script(PLACES, "canvas.raster", "ink2")
            self.assertTrue({RASTER_TOP + 1, RASTER_TOP + 2} <= set(edges), "the edge above, but for the frame")
        self.press("canvas.raster", "+")  # from 750 ms to 1,250 ms
        inside = sum(end >= 750 and begin <= 1250 for begin, end in zip(of_e["begin_ms"], of_e["end_ms"]))
        self.assertEqual(str(2 * inside), self.data("canvas.raster", "ripples"))
        self.one(".chip[data-population=E]").click()
        self.settle()
        self.assertEqual(str(inside), self.data("canvas.raster", "ripples"))
        self.assert_quiet()

    def test_spikes_lie_above_ripples(self):
        run, plain = sample_runs.memory_run(), sample_runs.sample_run("remembers")
        spikes = [(1000, 10), (2500, 150)]  # step, row; of E, each within a ripple
        for one in (run, plain):
            one["raster"].update(steps_u32=sample_runs.pack("I", [step for step, _ in spikes]), rows_u32=sample_runs.pack("I", [row for _, row in spikes]))
        self.open([plain])
        expected = self.pixels_of("canvas.raster", "p0", RASTER_LEFT + 1)
        self.open([run])
        self.assertEqual(2 * 9, expected)
        self.assertEqual(expected, self.pixels_of("canvas.raster", "p0", RASTER_LEFT + 1))
        self.assertEqual("2", self.data("canvas.raster", "points"))
        self.assert_quiet()

    def test_the_pointer_tells_the_ripple(self):
        self.open([sample_runs.memory_run()])
        canvas = self.one("canvas.raster")
        size = canvas.size
        x = lambda time: (RASTER_LEFT + (time - 500) / 1000 * (size["width"] - RASTER_LEFT - RASTER_RIGHT)) / size["width"]
        for time, ripple in [(580, "ripple from 550 ms to 610 ms, burst 1.5, formed"), (730, "ripple from 700 ms to 760 ms, burst 2.5, replayed item 1"),
                             (880, "ripple from 850 ms to 910 ms, burst 3.5, gated"), (650, None)]:
            self.point_at(canvas, x(time), 0.2)
            said = self.one("#raster .readout").text
            self.assertTrue(said.startswith("E, recorded neuron"), said)
            self.assertEqual(ripple, said.split("; ")[1] if "; " in said else None)
        self.point_at(canvas, x(580), 0.7)  # I
        self.assertTrue(self.one("#raster .readout").text.startswith("I, "))
        self.assertNotIn("ripple", self.one("#raster .readout").text)
        self.assert_quiet()

    def test_a_short_ripple_is_seen(self):
        run = sample_runs.memory_run()
        run["raster"].update(steps_u32="", rows_u32="")
        for population in run["memory"]["ripples"]["populations"]:
            population["end_ms"] = population["begin_ms"]
        self.open([run])
        self.assertEqual(6, len(self.script(PLACES, "canvas.raster", "ripple")[1]))
        self.assert_quiet()

    def test_several_spaces_and_runs(self):
        self.open([sample_runs.memory_run("one", spaces=("default", "other")), sample_runs.sample_run("two", 2), sample_runs.memory_run("three", 3)], width=1600)
        self.assertEqual([("one", "default"), ("one", "other"), ("three", "default")],
                         [(e.get_attribute("data-run"), e.get_attribute("data-space")) for e in self.all("#memory [data-space]")])
        self.assertIn("one: space other, 60 items", self.one("#memory").text)
        self.assertIn("two: This run has no memory.", self.one("#memory").text)
        self.assertEqual(["12", None, "12"], [canvas.get_attribute("data-ripples") for canvas in self.all("canvas.raster")])
        self.assert_quiet()
        self.screenshot("memory_several")

    def test_little(self):
        """A memory of no space; a space of no item; one of a single item and cycle."""
        run = sample_runs.memory_run(spaces=())
        run["memory"]["ripples"] = {"total": 0, "shown": 0, "outcomes": sample_runs.OUTCOMES, "populations": []}
        self.open([run])
        self.assertIn("The memory has no space.", self.one("#memory").text)
        self.assertIsNone(self.data("canvas.raster", "ripples"))
        self.assert_quiet()
        run["memory"]["spaces"] = [sample_runs.memory_space(sample_runs.random.Random(1), cycles=0)]
        space_of(run).update(rejected={}, phases=[])
        space_of(run)["storage"].update(bytes_per_item=None, synced_sequence=None)
        self.open([run])
        text = self.one("#memory").text
        for said in ("space default, 0 items", "There is no item.", "No cycle of consolidation in this run."):
            self.assertIn(said, text)
        self.assertEqual([], self.all("#memory .plot, #memory canvas, #memory svg, #memory [data-phases]"))
        self.assertEqual(["there is no item", "not known"], [e.get_attribute("data-tip") for e in self.all("#memory .none")])
        self.assert_quiet()
        single = sample_runs.memory_space(sample_runs.random.Random(1), cycles=1)
        single["course"].update(times_ms=[500.0], histogram_times_ms=[500.0])  # when the recording began
        run["memory"]["spaces"] = [single]
        self.open([run])
        self.assertEqual("4", self.plot("bands").get_attribute("data-points"))
        self.assert_quiet()

    def test_fewer_cycles_than_there_were(self):
        run = sample_runs.memory_run()
        space_of(run)["course"]["samples"] = 1000
        self.open([run])
        self.assertIn("20 of 1,000 cycles are drawn.", self.one("#memory").text)
        self.assert_quiet()

    def test_damaged_data(self):
        def no_spaces(run): run["memory"]["spaces"] = None
        def a_text(run): run["memory"] = "much"
        def no_storage(run): del space_of(run)["storage"]
        def no_band(run): del space_of(run)["by_band"]["replayed"]
        def bad_kappa(run): space_of(run)["kappa"]["histogram"] = 7
        def short_course(run): space_of(run)["course"]["mean_kappa"].pop()
        def bad_histogram(run): space_of(run)["course"]["histogram_u32"] = "AAAA"
        def bad_similarity(run): space_of(run)["similarity"]["ids"].pop()
        def no_signals(run): space_of(run)["signals"]["formed"] = "many"
        def bad_phase(run): space_of(run)["phases"][1]["edges"] = -1
        def bad_recall(run): space_of(run)["recall"][0]["cosine"].pop()
        for damage in (no_spaces, a_text, no_storage, no_band, bad_kappa, short_course, bad_histogram, bad_similarity, no_signals, bad_phase, bad_recall):
            with self.subTest(damage.__name__):
                run = sample_runs.memory_run()
                damage(run)
                self.open([run])
                self.assertIn("runs[0]", self.one("#errors").text)
                self.assertTrue(self.all("#memory .failed"), "the section does not say that it failed")
                self.assertTrue(self.all("#raster [data-points]"))
                if "space" not in damage.__name__ and damage is not a_text:
                    self.assertGreaterEqual(len(self.all("#memory [data-points], #memory table")), 5, "the rest of the space")
                self.assertTrue([e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"])

    def test_damaged_ripples_leave_the_raster(self):
        def no_ripples(run): del run["memory"]["ripples"]
        def too_few(run): run["memory"]["ripples"]["populations"][0]["end_ms"].pop()
        def no_bursts(run): run["memory"]["ripples"]["populations"][1]["burst_f32"] = "%"
        for damage in (no_ripples, too_few, no_bursts):
            with self.subTest(damage.__name__):
                run = sample_runs.memory_run()
                damage(run)
                self.open([run])
                self.assertIn("ripples of remembers", self.one("#errors").text)
                self.assertTrue(self.all("#raster .failed"))
                self.assertGreater(int(self.data("canvas.raster", "points")), 0)
                self.assertTrue(self.all("#memory [data-points]"))
                self.assertTrue([e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"])

    def test_text_is_never_markup(self):
        run = sample_runs.memory_run(spaces=("<b>bold</b>",))
        space_of(run)["rejected"] = {"<img src=x onerror=alert(1)>": 1}
        space_of(run)["storage"]["index"] = "<i>exact</i>"
        run["memory"]["ripples"]["outcomes"] = ["<u>formed</u>"] * 5
        self.open([run])
        self.assertEqual([], self.all("#memory b, #memory img, #memory i, #raster u"))
        self.assertIn("space <b>bold</b>", self.one("#memory").text)
        self.assert_quiet()

    def test_narrow(self):
        self.open([sample_runs.memory_run()], width=400, height=800)
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
        self.assert_quiet()
        self.screenshot("memory_narrow")

    def test_everything_has_a_name(self):
        self.open([sample_runs.memory_run()])
        unnamed = self.script("""return [...document.querySelectorAll('#memory canvas, #memory svg[role=img], #memory [tabindex="0"]')]
            .filter((e) => !(e.ariaLabel || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80))""")
        self.assertEqual([], unnamed)

    def test_as_much_as_a_page_takes_opens_fast(self):
        run = sample_runs.memory_run(spaces=[f"space {k}" for k in range(6)])
        for space in run["memory"]["spaces"]:
            course = space["course"]
            course.update(times_ms=[500 + 5.0 * k for k in range(200)], cycles=list(range(200)), mean_kappa=[k / 200 for k in range(200)],
                          histogram_times_ms=[500 + 10.0 * k for k in range(100)], histogram_u32=sample_runs.pack("I", [(7 * k) % 50 for k in range(2000)]),
                          by_band={band: [k % 40 for k in range(200)] for band in sample_runs.BANDS})
        n = 3000
        run["memory"]["ripples"] = {"total": n, "shown": n, "outcomes": sample_runs.OUTCOMES, "populations": [
            {"name": "E", "begin_ms": [500 + k / 3 for k in range(n)], "end_ms": [500.2 + k / 3 for k in range(n)],
             "burst_f32": sample_runs.pack("f", [1.0] * n), "outcome": [0] * n, "item": list(range(n))}]}
        self.assert_opens_fast(make_page([run]))
        self.assertEqual(str(n), self.data("canvas.raster", "ripples"))
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main()
