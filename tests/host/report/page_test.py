#!/usr/bin/env python3
"""The page of `sharpwave report` in a browser, with made-up data: what it draws, that it asks nothing of the network,
that it can be worked by keyboard, and that damaged data costs no more than the section it belongs to.

What it needs, and how to get pictures of it: browser.py.
"""
import base64
import json
import math
import os
import pathlib
import re
import unittest

import sample_runs
from browser import ActionChains, BrowserTest, Keys

PAGE = pathlib.Path(__file__).resolve().parents[3] / "host" / "report" / "page"
def make_page(runs) -> str:
    """The page of these runs, as the program would write it."""
    data = json.dumps({"format": 1, "runs": runs}, allow_nan=False).replace("<", "\\u003c")
    parts = {
        "TITLE": "Report of the page&#39;s test", "DATA": data,
        "STYLE": (PAGE / "dist" / "report.css").read_text(encoding="utf-8"),
        "SCRIPT": (PAGE / "dist" / "report.js").read_text(encoding="utf-8"),
    }
    return re.sub(r"@REPORT_(\w+)@", lambda match: parts[match.group(1)], (PAGE / "template.html").read_text(encoding="utf-8"))


def points_in_view(run, start, stop, hidden=()):
    """What the raster has to draw, from the data alone."""
    raster = run["raster"]
    steps, rows = sample_runs.unpack("I", raster["steps_u32"]), sample_runs.unpack("I", raster["rows_u32"])
    of_row = [p["name"] for p in raster["populations"] for _ in range(p["rows"])]
    return sum(1 for step, row in zip(steps, rows)
               if start <= raster["start_ms"] + step * raster["dt_ms"] <= stop and of_row[row] not in hidden)


class PageTest(BrowserTest):
    def open(self, runs, **how):
        self.open_page(make_page(runs), **how)

    def test_one_run(self):
        run = sample_runs.sample_run()
        self.open([run])
        self.assertEqual(points_in_view(run, 500, 1500), int(self.data("canvas.raster", "points")))
        self.assertEqual(sum(p["shown"] for p in run["raster"]["populations"]), int(self.data("canvas.raster", "points")))
        self.assertIn("every 2nd neuron", self.one("#raster").text)
        self.assertEqual(4, len(self.all("#rates .panel")))
        populations = run["statistics"]["populations"]
        for population in populations:
            self.assertEqual(len(population["rate_over_time"]["Hz"]),
                             int(self.data(f"#rates .panel[data-population={population['name']}] .plot", "points")))
        spectra = [p["power_spectrum"] for p in populations]
        bands = [{math.floor(math.log2(f) * 16) for f in s["frequency_Hz"]} for s in spectra if s]
        self.assertEqual(sum(map(len, bands)), int(self.data("#spectra .plot", "points")))
        self.assertIn("None for quiet", self.one("#spectra").text)
        for measure in ("rate_Hz", "cv_isi", "correlation"):
            bins = [len(p[measure]["histogram"]["counts"]) for p in populations if p[measure]["histogram"]]
            self.assertEqual(sum(bins), int(self.data(f"#distributions [data-measure={measure}] svg", "points")))
            drawn = [max(1, path.get_attribute("d").count("V") - 1) for path in self.all(f"#distributions [data-measure={measure}] path.outline")]
            self.assertEqual(bins, drawn, f"steps of the outlines of {measure}")
        self.assertEqual(5, int(self.data("#timings .bars", "points")))
        self.assertIn("--set simulation.seed=1", self.one("#config").text)
        self.assertIn("duration: 1000", self.one("#config pre").text)
        self.assertIn(str(2**64 - 1), self.one("#top").text, "a seed beyond 2^53 must be shown exactly")
        self.assertIn("were not recorded", self.one("#notes").text)
        self.assert_quiet()
        self.screenshot("sample_light")

    def test_a_spike_is_a_dot(self):
        """Of few spikes each is a dot of 3 x 3 pixels in its population's colour, and there is nothing else of it."""
        run = sample_runs.sample_run()
        spikes = [(500, 10), (2500, 150), (2500, 202), (7000, 90), (9900, 240)]  # step, row
        run["raster"].update(steps_u32=sample_runs.pack("I", [step for step, _ in spikes]),
                             rows_u32=sample_runs.pack("I", [row for _, row in spikes]))
        self.open([run])
        self.assertEqual("5", self.data("canvas.raster", "points"))
        first_rows = [p["first_row"] for p in run["raster"]["populations"]]
        for k in range(3):
            of_it = sum(sum(row >= first for first in first_rows) == k + 1 for _, row in spikes)
            self.assertEqual(9 * of_it, self.pixels_of("canvas.raster", f"p{k}", left=105), f"population {k}")
        width = self.one("canvas.raster").size["width"]
        middle = 104 + (width - 104 - 18) / 2  # between its margins
        self.assertEqual(9, self.pixels_of("canvas.raster", "p0", left=middle), "one spike of E is in the second half")

    def test_lines_are_painted(self):
        run = sample_runs.sample_run()
        self.open([run])
        for k, name in enumerate(["E", "I", "TC"]):
            self.assertGreater(self.pixels_of(f"#rates .panel[data-population={name}] canvas", f"p{k}"), 300)
            self.assertGreater(self.pixels_of("#spectra canvas", f"p{k}"), 100)
        self.assertGreater(self.pixels_of("#traces canvas", "p0"), 300)
        self.assertGreater(self.pixels_of("#traces canvas", "alert"), 200, "the threshold")
        self.assertGreater(self.pixels_of("#traces canvas", "ink"), 20, "the triangles of the spikes")

    def test_tab_reaches_everything(self):
        self.open([sample_runs.sample_run()], height=2000)
        wanted = {"#theme", "#help", "canvas.raster", "#rates .panel", "#traces .panel", ".chip[data-population=TC]", ".cell[aria-pressed=true]",
                  "select[name=source]", "select[name=neuron]", "pre.config", "nav a[href='#config']"}
        reached, invisible = set(), []
        for _ in range(120):
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
            matched, seen, what = self.script("""const e = document.activeElement, style = getComputedStyle(e);
                return [arguments[0].filter((s) => e.matches(s)), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                        e.outerHTML.slice(0, 80)];""", sorted(wanted))
            if what.startswith("<body"):
                break
            reached |= set(matched)
            if not seen:
                invisible.append(what)
        self.assertEqual(set(), wanted - reached)
        self.assertEqual([], invisible, "in focus without an outline")
        self.assert_quiet()

    def test_zoom_by_keyboard(self):
        run = sample_runs.sample_run()
        self.open([run])
        for keys, (start, stop) in [
            ("+", (750, 1250)), ("+", (875, 1125)), (Keys.ARROW_RIGHT, (925, 1175)), ("-", (800, 1300)),
            ("0", (500, 1500)), ("++" + Keys.ARROW_LEFT * 10, (500, 750)),
        ]:
            self.press("canvas.raster", keys)
            self.assertEqual((start, stop), (float(self.data("canvas.raster", "start-ms")), float(self.data("canvas.raster", "stop-ms"))))
            self.assertEqual(points_in_view(run, start, stop), int(self.data("canvas.raster", "points")), (start, stop))
        self.press("#rates .panel[data-population=I]", "0")
        self.assertEqual("1500", self.data("canvas.raster", "stop-ms"), "rates and raster share their time")
        self.press("canvas.raster", "]")
        self.assertLess(int(self.data("canvas.raster", "points")), points_in_view(run, 500, 1500))
        self.press("canvas.raster", "0")
        self.assertEqual(points_in_view(run, 500, 1500), int(self.data("canvas.raster", "points")))
        self.assert_quiet()

    def test_zoom_by_pointer(self):
        run = sample_runs.sample_run()
        self.open([run])
        canvas = self.one("canvas.raster")
        self.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", canvas)
        ActionChains(self.browser).move_to_element(canvas).click_and_hold().move_by_offset(200, 3).release().perform()
        self.settle()
        start, stop = (float(self.data("canvas.raster", name)) for name in ("start-ms", "stop-ms"))
        self.assertTrue(500 < start < stop < 1500, (start, stop))
        self.assertEqual(points_in_view(run, start, stop), int(self.data("canvas.raster", "points")))
        ActionChains(self.browser).scroll_by_amount(0, 0).double_click(canvas).perform()
        self.settle()
        self.assertEqual("500", self.data("canvas.raster", "start-ms"))
        turn = lambda control: self.script("""arguments[0].dispatchEvent(new WheelEvent('wheel',
            {deltaY: -300, ctrlKey: arguments[1], bubbles: true, cancelable: true}))""", canvas, control)
        self.script("arguments[0].blur()", canvas)
        turn(False)
        self.settle()
        self.assertEqual("500", self.data("canvas.raster", "start-ms"), "without focus or Ctrl the wheel is the page's")
        turn(True)
        self.settle()
        start, stop = (float(self.data("canvas.raster", name)) for name in ("start-ms", "stop-ms"))
        self.assertLess(stop - start, 900)
        self.assertEqual(points_in_view(run, start, stop), int(self.data("canvas.raster", "points")))
        self.assert_quiet()

    def test_populations_toggle(self):
        run = sample_runs.sample_run()
        self.open([run])
        chip = '.legend .chip[data-population="I"]'
        self.press(chip, Keys.ENTER)
        self.assertEqual("false", self.one(chip).get_attribute("aria-pressed"))
        self.assertEqual(points_in_view(run, 500, 1500, {"I"}), int(self.data("canvas.raster", "points")))
        self.assertFalse(self.one("#rates .panel[data-population=I]").is_displayed())
        self.assertEqual([], self.all("#distributions .ridge[data-population=I]"))
        self.press(chip, Keys.ENTER)
        self.assertEqual(points_in_view(run, 500, 1500), int(self.data("canvas.raster", "points")))
        for name in ("E", "I", "TC", "quiet"):
            self.press(f'.legend .chip[data-population="{name}"]', Keys.ENTER)
        self.assertEqual("0", self.data("canvas.raster", "points"))
        self.assert_quiet()

    def test_dark(self):
        self.open([sample_runs.sample_run()], dark=True)
        background = "return getComputedStyle(document.body).backgroundColor"
        # By way of another canvas: the browser remarks on a canvas that is read repeatedly.
        pixel = """const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
            c.drawImage(document.querySelector('canvas.raster'), -300, -12);
            return [...c.getImageData(0, 0, 1, 1).data]"""
        dark = self.script(background)
        self.assertLess(sum(self.script(pixel)[:3]), 3 * 128)
        self.screenshot("sample_dark")
        self.press("#theme", Keys.ENTER)
        self.assertNotEqual(dark, self.script(background))
        self.assertGreater(sum(self.script(pixel)[:3]), 3 * 128, "the canvas did not follow")
        self.assert_quiet()

    def test_traces(self):
        run = sample_runs.sample_run()
        self.open([run])
        plot = "#traces .panel .plot"
        first = run["traces"][0]
        self.assertEqual(2000, int(self.data(plot, "points")))
        self.assertEqual("-50", self.data(plot, "threshold"))
        self.assertEqual(len(first["neurons"][0]["spikes_ms"]), int(self.data(plot, "spikes")))
        self.assertGreater(len(first["neurons"][0]["spikes_ms"]), 0)
        self.press("#traces select[name=neuron]", Keys.ARROW_DOWN)
        self.assertEqual(len(first["neurons"][1]["spikes_ms"]), int(self.data(plot, "spikes")))
        self.press("#traces select[name=trace]", Keys.ARROW_DOWN)  # the neuron stays, where both have it
        self.assertEqual(len(run["traces"][1]["neurons"][1]["spikes_ms"]), int(self.data(plot, "spikes")))
        self.assertIn("2 of 40 recorded neurons", self.one("#traces").text)
        self.press("#traces .panel", "+")
        self.assert_quiet()

    def test_watchdog(self):
        quiet, run = sample_runs.sample_run(), sample_runs.sample_run()
        self.open([quiet])
        self.assertIn("The watchdog found nothing.", self.one("#watchdog").text)
        run["watchdog"] = sample_runs.findings()
        self.open([run])
        text = self.one("#watchdog").text
        self.assertIn("5 findings, of which the first 2 are here", text)
        self.assertEqual(2, len(self.all("#watchdog li")))
        self.assertIn("V_m of neuron 7 of E is NaN", text)
        self.assertIn("halted the run", text)
        panels = self.all("#watchdog .panel[data-finding]")
        self.assertEqual(["non_finite"], [panel.get_attribute("data-finding") for panel in panels])
        before = run["watchdog"]["findings"][0]["history"]
        shown = sum(p["shown"] for p in before["raster"]["populations"])
        self.assertEqual(shown, int(self.data("#watchdog canvas.raster", "points")))
        self.assertEqual(1, len(self.all("#watchdog .plot")))
        self.assert_quiet()
        self.screenshot("watchdog_light")

    def test_a_damaged_finding_costs_its_section_only(self):
        run = sample_runs.sample_run()
        run["watchdog"] = sample_runs.findings()
        run["watchdog"]["findings"][0]["time_ms"] = "late"
        self.open([run])
        self.assertIn("watchdog.findings[0]", self.one("#watchdog").text)
        self.assertEqual(4, len(self.all("#rates .panel")))

    def test_connections(self):
        run = sample_runs.sample_run()
        self.open([run])
        self.assertEqual(["20"] * 4, [svg.get_attribute("data-points") for svg in self.all("#connections .panels svg")])
        self.press("#connections select[name=source]", Keys.ARROW_DOWN)
        self.assertEqual("true", self.one('.cell[data-source="I"][data-target="E"]').get_attribute("aria-pressed"))
        self.press('.cell[aria-pressed="true"]', Keys.ARROW_DOWN)
        self.assertEqual("I", self.one("#connections select[name=target]").get_property("value"))
        self.assertEqual(4, len(self.all("#connections .panels svg")))
        self.assert_quiet()

    def test_several_runs(self):
        runs = [sample_runs.sample_run("first", 1), sample_runs.sample_run("second", 2, factor=1.5),
                sample_runs.sample_run("third", 3, duration_ms=600.0)]
        self.open(runs, width=1600)
        canvases = self.all("canvas.raster")
        self.assertEqual(3, len(canvases))
        for canvas, run in zip(canvases, runs):
            self.assertEqual(points_in_view(run, 500, 1500), int(canvas.get_attribute("data-points")))
        self.press("canvas.raster", "+")
        for canvas, run in zip(canvases, runs):
            self.assertEqual(points_in_view(run, 750, 1250), int(canvas.get_attribute("data-points")))
        # 500 ms are seen, in bins of 1 ms; drawn two as one, since at most some 200 are told apart.
        lengths = [len(r["statistics"]["populations"][0]["rate_over_time"]["Hz"]) // 2 for r in runs]
        self.assertEqual(sum(lengths), int(self.data("#rates .panel[data-population=E] .plot", "points")))
        for measure in ("rate_Hz", "cv_isi", "correlation"):
            bins = [len(p[measure]["histogram"]["counts"]) for r in runs for p in r["statistics"]["populations"] if p[measure]["histogram"]]
            self.assertEqual(sum(bins), int(self.data(f"#distributions [data-measure={measure}] svg", "points")))
            self.assertEqual(len(bins), len(self.all(f"#distributions [data-measure={measure}] path.outline")))
        self.assertEqual(3, len(self.all("#spectra .panel")), "of the populations that fire")
        self.assertEqual(["60"] * 4, [svg.get_attribute("data-points") for svg in self.all("#connections .panels svg")])
        self.assertEqual(3, len(self.all("#traces .panel")))
        self.assertIn("differ", self.one(".banner").text)
        self.assertEqual(15, int(self.data("#timings .bars", "points")))
        self.press("canvas.raster", "0")
        self.assert_quiet()
        self.screenshot("sample_several")

    def test_weights_of_other_units_have_an_axis_of_their_own(self):
        runs = [sample_runs.sample_run("currents"), sample_runs.sample_run("jumps", 2)]
        for connection in runs[1]["statistics"]["connections"]:
            connection["weight"]["unit"] = "mV"
        self.open(runs)
        panel = "#connections [data-measure=weight]"
        self.assertEqual(["weight (pA)", "weight (mV)"], [label.text for label in self.all(f"{panel} svg text.label") if "weight" in label.text])
        self.assertEqual(["20", "20"], [svg.get_attribute("data-points") for svg in self.all(f"{panel} svg")])
        currents, jumps = self.one(f"{panel} .fine").text.split("\n")
        self.assertTrue(currents.endswith(" pA") and jumps.endswith(" mV"), (currents, jumps))
        self.assert_quiet()

    def test_equal_runs_say_so(self):
        self.open([sample_runs.sample_run("a"), sample_runs.sample_run("b")])
        self.assertIn("The same spikes in all runs", self.one(".banner").text)
        self.assert_quiet()
        self.open([sample_runs.sample_run("a"), sample_runs.sample_run("b", 2), sample_runs.sample_run("c")])
        self.assertIn("The same spikes, bit for bit: a = c.", self.one(".banner").text)
        self.assert_quiet()

    def test_nulls(self):
        run = sample_runs.sample_run()
        for key in ("wall_s", "real_time_factor", "construction_s"):
            run["run"][key] = None
        population = run["statistics"]["populations"][0]
        population["cv_isi"] = {"neurons": 0, "mean": None, "sd": None, "histogram": None}
        population["correlation"] = {"neurons": 0, "pairs": 0, "bin_ms": 2.0, "mean": None, "sd": None, "histogram": None}
        population["power_spectrum"] = None
        run["raster"]["populations"] = [dict(p) for p in run["raster"]["populations"]]
        self.open([run])
        dashes = self.all(".populations tr[data-population=E] .none")
        self.assertEqual(["\u2013"] * 2, [dash.text for dash in dashes])
        self.assertIn("no neuron fired three or more spikes", dashes[0].get_attribute("aria-label"))
        self.press(".populations tr[data-population=E] .none")
        self.assertTrue(self.one("#tip").is_displayed())
        self.assertIn("three or more", self.one("#tip").text)
        text = self.one("#page").text
        for wrong in ("NaN", "undefined", "Infinity", "null"):
            self.assertNotIn(wrong, text)
        self.assertIn("were not recorded", self.one(".populations tr[data-population=unrecorded] .none").get_attribute("aria-label"))
        self.assert_quiet()

    def test_little(self):
        """No reports, no connections, no spikes, one population."""
        run = sample_runs.sample_run(connections=False, traces=False)
        for part in (run["statistics"], run["raster"], run["run"]):
            part["populations"] = [p for p in part["populations"] if p["name"] == "quiet"]
        run["raster"]["populations"][0]["first_row"] = 0
        run["raster"].update(steps_u32="", rows_u32="")
        run.update(notes=[], config=None)
        run["run"]["interrupted"] = True
        self.open([run])
        self.assertEqual("0", self.data("canvas.raster", "points"))
        self.assertIn("No traces", self.one("#traces").text)
        self.assertIn("No connections", self.one("#connections").text)
        self.assertIn("No spectra", self.one("#spectra").text)
        self.assertIn("was not kept", self.one("#config").text)
        self.assertIn("interrupted early", self.one(".banner").text)
        self.assert_quiet()

    def test_damaged_data(self):
        def base64_damaged(run): run["raster"]["steps_u32"] = "%%%"
        def row_beyond(run): run["raster"]["rows_u32"] = sample_runs.pack("I", [10**6] * (len(run["raster"]["rows_u32"]) * 3 // 16))
        def no_raster(run): del run["raster"]
        def wrong_type(run): run["statistics"]["populations"][0]["rate_over_time"] = 7
        def no_statistics(run): del run["statistics"]
        def bad_trace(run): run["traces"][0]["samples"] = 3
        def bad_weight(run): run["statistics"]["connections"][0]["weight"] = []
        def no_run(run): run["run"] = None
        def name_is_markup(run): run["notes"] = "<img src=x onerror=alert(1)>"
        for damage, section in [(base64_damaged, "raster"), (row_beyond, "raster"), (no_raster, "raster"), (wrong_type, "rates"),
                                (no_statistics, "rates"), (bad_trace, "traces"), (bad_weight, "connections"), (no_run, "timings"),
                                (name_is_markup, "notes")]:
            with self.subTest(damage.__name__):
                run = sample_runs.sample_run()
                damage(run)
                self.open([run])
                self.assertTrue(self.one("#errors").is_displayed())
                self.assertIn("runs[0]", self.one("#errors").text)
                self.assertTrue(self.all(f"#{section} .failed"), f"{section} does not say that it failed")
                self.assertTrue([e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"])
                drawn = {s for s in ("raster", "traces", "connections", "timings") if self.all(f"#{s} [data-points]")}
                self.assertGreaterEqual(len(drawn), 2, drawn)
                self.assertEqual("true", self.script("return document.documentElement.dataset.ready"))
                self.assert_no_network()

    def test_text_is_never_markup(self):
        run = sample_runs.sample_run("<b>bold</b></script><script>document.title='no'</script>")
        run["run"]["title"] = "<i>title</i> & more"
        self.open([run])
        self.assertEqual("<i>title</i> & more", self.one("h1").text)
        self.assertNotEqual("no", self.browser.title)
        self.assert_quiet()

    def test_narrow(self):
        for runs in ([sample_runs.sample_run()], [sample_runs.sample_run("a_rather_long_name_of_a_run"), sample_runs.sample_run("b", 2)]):
            self.open(runs, width=400, height=800)
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
            self.assert_quiet()
            self.screenshot("sample_narrow" if len(runs) == 1 else "sample_narrow_several")

    def test_window_becomes_narrow(self):
        run = sample_runs.sample_run()
        self.open([run])
        self.resize(400, 800)
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
        self.assertLess(int(self.one("canvas.raster").get_property("width")), 400)
        self.assertEqual(points_in_view(run, 500, 1500), int(self.data("canvas.raster", "points")))
        self.assert_quiet()

    def test_print(self):
        self.open([sample_runs.sample_run()], dark=True)
        paper = self.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
        self.assertGreater(len(paper), 50_000)
        self.settle()
        self.assertTrue(self.script("return matchMedia('(prefers-color-scheme: dark)').matches && document.documentElement.dataset.theme === 'dark'"),
                        "after printing the theme is what it was")
        if os.environ.get("SCREENSHOTS"):
            (pathlib.Path(os.environ["SCREENSHOTS"]) / "sample.pdf").write_bytes(base64.b64decode(paper))
        self.assert_quiet()

    def test_help_and_focus(self):
        self.open([sample_runs.sample_run()])
        self.one("body").send_keys("?")
        self.assertTrue(self.one("dialog").is_displayed())
        ActionChains(self.browser).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(self.one("dialog").is_displayed())
        unnamed = self.script("""return [...document.querySelectorAll('button, select, canvas, svg[role=img], [tabindex="0"]')]
            .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML.slice(0, 80))""")
        self.assertEqual([], unnamed)
        self.press("canvas.raster")
        self.assertNotEqual("none", self.script("return getComputedStyle(document.activeElement).outlineStyle"))
        self.assert_quiet()

    def test_large_page_opens_fast(self):
        """250,000 spikes in four runs, more than the program puts on a page."""
        runs = []
        for k in range(4):
            run = sample_runs.sample_run(f"run {k}", k + 1)
            spikes = 62_500
            rows = sum(p["rows"] for p in run["raster"]["populations"])
            run["raster"]["steps_u32"] = sample_runs.pack("I", [i * 10000 // spikes for i in range(spikes)])
            run["raster"]["rows_u32"] = sample_runs.pack("I", [(i * 7919) % rows for i in range(spikes)])
            runs.append(run)
        self.assert_opens_fast(make_page(runs), width=1600)
        self.assertEqual(250_000, sum(int(c.get_attribute("data-points")) for c in self.all("canvas.raster")))
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main()
