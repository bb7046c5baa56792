#!/usr/bin/python3
"""The page of `sharpwave serve` in Chromium: that it draws what comes, goes on after the service was away, can be worked by
keyboard, says all that is wrong, and stays quick.

    tests/host/service/page_test.py                   with the stand-in of page_mock.py
    tests/host/service/page_test.py --url URL         with a service in which a run goes on: what can be seen of any service
    tests/host/service/page_test.py --long            also that it takes no more memory after a minute

What it needs, and how to get pictures of it: tests/host/report/browser.py. Ends with 77 where that is missing.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "report"))
from browser import MISSING, ActionChains, BrowserTest, Keys, WebDriverWait  # noqa: E402

import page_mock  # noqa: E402

TOKEN = "a-token-of-the-test-0123456789abcdef"
CHECKED = {"url": None, "long": False}
MOST_TASK_MS = 200
MOST_GROWTH = 1.5e6  # bytes in a minute, after what is collected has been
# Text that is no longer on the page where something was read that was not there.
WRONG = ("NaN", "undefined", "Infinity", "[object")
# Those of the stand-in; of any service the first two are there.
PLOTS = ["canvas.raster", "#activity .plot canvas", "#membrane .plot canvas", "#modulators .panel:not([hidden]) .plot canvas"]


class Mock:
    """page_mock.py as a process of its own, which can be killed."""

    def __init__(self, *options, port=0):
        self.process = subprocess.Popen([sys.executable, "-B", HERE / "page_mock.py", "--port", str(port), *options], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1] + "/"
        self.port = urllib.parse.urlsplit(self.url).port

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def tell(self, **how):
        request = urllib.request.Request(f"{self.url}mock", json.dumps(how).encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).read()


class LivePageTest(BrowserTest):
    def open(self, url, *, dark=False, width=1280, height=900):
        scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
        self.resize(width, height)
        self.browser.get_log("browser")  # of the page before
        self.browser.get(url)
        self.script("sessionStorage.clear()")

    def until(self, what, why, seconds=20):
        WebDriverWait(self.browser, seconds, poll_frequency=0.1).until(lambda _: what(), why)

    def await_live(self):
        self.until(lambda: self.script("return document.documentElement.dataset.connection") == "live", "the page does not become live")

    def see(self, selector):
        """Scrolls to it, and waits until it has been drawn."""
        scroll = "document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})"
        self.script(scroll, selector.split()[0] if selector.startswith("#") else selector)  # what is far away is not there yet
        self.until(lambda: self.all(selector), f"there is no {selector}")
        self.script(scroll, selector)
        self.settle()

    def pixels(self, selector):
        """A digest of a canvas, and how many colours it has."""
        return self.script("""const canvas = document.querySelector(arguments[0]);
            const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height});
            const context = copy.getContext('2d', {willReadFrequently: true});
            context.drawImage(canvas, 0, 0);
            const words = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
            let digest = 0;
            for (const word of words) digest = (Math.imul(digest, 31) + word) | 0;
            return [digest, new Set(words).size]""", selector)

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def type(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()
        self.settle()

    def put(self, selector, value):
        self.script("arguments[0].value = arguments[1]", self.one(selector), value)

    def errors(self):
        return [e for e in self.browser.get_log("browser") if e["level"] == "SEVERE"]

    def assert_quiet(self, induced=None):
        """Nothing on the console, but of the network what the test has `induced`, a pattern."""
        self.assertEqual([], self.all("#errors"), self.all("#errors") and self.text("#errors"))
        self.assertEqual([], [e["message"] for e in self.errors()
                              if not (induced and e["source"] == "network" and re.search(induced, e["message"]))])

    def screenshot_of(self, name):
        self.settle()
        self.screenshot(name)


class AnyServiceTest(LivePageTest):
    """What holds of every service in which a run goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = None if CHECKED["url"] else Mock()
        cls.url = CHECKED["url"] or cls.mock.url

    @classmethod
    def tearDownClass(cls):
        if cls.mock:
            cls.mock.kill()
        super().tearDownClass()

    def test_draws_what_comes_and_goes_on(self):
        self.open(self.url)
        self.await_live()
        plots = PLOTS if self.mock else PLOTS[:2]
        for selector in plots:
            with self.subTest(selector):
                self.see(selector)
                self.until(lambda: self.pixels(selector)[1] > 3, f"{selector} is empty")
                before = self.pixels(selector)[0]
                self.until(lambda: self.pixels(selector)[0] != before, f"{selector} does not change")
        if self.mock:
            for selector in ("#weights .svg-frame path.outline", "#memory .svg-frame path.outline"):
                self.see(selector)
                before = self.one(selector).get_attribute("d")
                self.until(lambda: self.one(selector).get_attribute("d") != before, f"{selector} does not change")
            self.see("canvas.heat")
            self.until(lambda: int(self.data("canvas.heat", "points") or 0) > 20, "the course of kappa is not drawn")
            self.assertEqual(2, len(self.all("#weights .panel")))
            self.assertEqual(["striatum", "cortex"], [p.get_attribute("data-region") for p in self.all("#modulators .panel:not([hidden])")])
        self.until(lambda: "GB" in self.text("[data-tile=free]"), "storage is not shown")
        self.until(lambda: self.all("#runs tbody tr"), "the queue is not shown")
        self.script("scrollTo({top: 0, behavior: 'instant'})")
        for wrong in WRONG:
            self.assertNotIn(wrong, self.text("#page"))
        self.screenshot_of("live")
        self.assert_quiet()

    def test_nothing_is_asked_of_anybody_else(self):
        self.browser.get_log("performance")
        self.open(self.url)
        self.await_live()
        time.sleep(1)
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        self.assertEqual([], [url for url in asked if not url.startswith((self.url, "data:"))])
        self.assertIn(f"{self.url}assets/page.css", asked)

    def test_light_and_dark(self):
        for dark in (False, True):
            self.open(self.url, dark=dark)
            self.await_live()
            self.see("canvas.raster")
            ground = "#121822" if dark else "#ffffff"
            self.assertEqual(ground, self.script("return getComputedStyle(document.documentElement).getPropertyValue('--plot').trim()"))
            self.until(lambda: self.pixels_of("canvas.raster", "plot") > 1000, "the raster has not the theme's ground")
            self.type("t")
            self.assertEqual("light" if dark else "dark", self.script("return document.documentElement.dataset.theme"))
            self.until(lambda: self.pixels_of("canvas.raster", "plot") > 1000, "the raster does not follow the theme")
            self.until(lambda: self.pixels_of("canvas.raster", "p0") > 10, "the spikes do not follow the theme")
        self.assert_quiet()

    def test_keys(self):
        self.open(self.url)
        self.await_live()
        self.type("?")
        self.assertTrue(self.one("#help-title").is_displayed())
        self.type("p")
        self.assertNotEqual("true", self.script("return document.documentElement.dataset.paused"), "keys work behind a dialog")
        self.type(Keys.ESCAPE)
        self.assertFalse(self.one("#help-title").is_displayed())
        for key, section in (("r", "recall"), ("s", "submit"), ("n", "membrane")):
            self.type(key)
            self.assertTrue(self.script("return document.activeElement.closest('section')?.id === arguments[0]", section), f"{key} does not lead to {section}")
            self.assertNotEqual("none", self.script("return getComputedStyle(document.activeElement).outlineStyle"))
            self.type(Keys.ESCAPE)
        self.script("scrollTo({top: 0, behavior: 'instant'})")
        self.see("canvas.raster")
        self.until(lambda: int(self.data("canvas.raster", "draws") or 0) > 1, "the raster is not drawn")
        self.type("p")
        drawn = self.data("canvas.raster", "draws")
        time.sleep(1.2)
        self.assertEqual(drawn, self.data("canvas.raster", "draws"), "it draws while it is held")
        self.type("p")
        self.until(lambda: self.data("canvas.raster", "draws") != drawn, "it does not go on")
        span = float(self.data("canvas.raster", "stop-ms")) - float(self.data("canvas.raster", "start-ms"))
        self.type("]")
        self.until(lambda: float(self.data("canvas.raster", "stop-ms")) - float(self.data("canvas.raster", "start-ms")) > 1.5 * span, "no more time is shown")
        unnamed = self.script("""return [...document.querySelectorAll('button, input, textarea, select, canvas, progress, svg[role=img], [tabindex="0"]')]
            .filter((e) => !(e.ariaLabel || e.ariaLabelledBy || e.textContent.trim() || e.labels?.length || e.closest('[aria-hidden]') || !e.checkVisibility()))
            .map((e) => e.outerHTML.slice(0, 120))""")
        self.assertEqual([], unnamed)
        self.assert_quiet()

    def test_narrow(self):
        self.open(self.url, width=400, height=800)
        self.await_live()
        for section in ("alerts", "activity", "membrane", "memory", "storage", "runs", "submit"):
            self.see(f"#{section}")
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 400)
        self.screenshot_of("live_narrow")
        self.assert_quiet()

    def test_hidden_page_does_not_draw(self):
        self.open(self.url)
        self.await_live()
        self.see("canvas.raster")
        self.until(lambda: int(self.data("canvas.raster", "draws") or 0) > 1, "the raster is not drawn")
        self.script("""Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
            document.dispatchEvent(new Event('visibilitychange'));""")
        self.settle()
        drawn = self.data("canvas.raster", "draws")
        time.sleep(1.2)
        self.assertEqual(drawn, self.data("canvas.raster", "draws"))
        self.script("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'));")
        self.until(lambda: self.data("canvas.raster", "draws") != drawn, "it does not go on when it is seen again")
        self.assert_quiet()


class StandInTest(LivePageTest):
    def start(self, *options, **how):
        mock = Mock(*options, **how)
        self.addCleanup(mock.kill)
        return mock

    def test_goes_on_after_a_restart(self):
        mock = Mock()
        try:
            self.open(mock.url)
            self.await_live()
            self.see("canvas.raster")
            self.script("window.notReloaded = true")
        finally:
            mock.kill()
        self.until(lambda: self.script("return document.documentElement.dataset.connection") != "live", "the page does not notice")
        self.until(lambda: self.one("#away").is_displayed(), "the page does not say so")
        self.assertIn("What is shown is of", self.text("#away"))
        time.sleep(2)
        self.screenshot_of("live_away")
        drawn = int(self.data("canvas.raster", "draws"))
        self.start(port=mock.port)
        self.await_live()
        self.assertFalse(self.one("#away").is_displayed())
        self.until(lambda: int(self.data("canvas.raster", "draws")) > drawn + 2, "the raster does not go on")
        self.assertLess(float(self.data("canvas.raster", "stop-ms")), 60_000)
        self.assertTrue(self.script("return window.notReloaded === true"), "it was loaded again")
        self.assert_quiet("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")

    def test_goes_on_after_a_broken_stream_and_a_503(self):
        mock = self.start()
        self.open(mock.url)
        self.await_live()
        mock.tell(fail=503, drop=True)
        self.until(lambda: self.one("#away").is_displayed() and "storage is away" in self.text("#away"), "it does not say what the service says")
        self.script("scrollTo(0, 0)")
        mock.tell(fail=None)
        self.press("#away button", Keys.ENTER)
        self.await_live()
        self.assert_quiet("status of 503")

    def test_alerts(self):
        mock = self.start()
        self.open(mock.url)
        self.await_live()
        self.assertIn("No alerts", self.text("#alerts"))
        mock.tell(alerts=page_mock.ALERTS)
        self.until(lambda: len(self.all("[data-alert]")) == 2, "alerts are not shown")
        self.assertIn("93 % of the disk", self.text("#alerts"))
        self.assertIn("docs/operations/runbooks/storage.md", self.text("#alerts"))
        self.assertEqual("https://example.org/runbooks/spiking#sparse", self.one("#alerts a").get_attribute("href"))
        self.assertEqual("assertive", self.one("#alerts ul").get_attribute("aria-live"))
        self.assertIn("2 alerts", self.browser.title)
        self.type("a")
        mock.tell(alerts=[])
        self.until(lambda: not self.all("[data-alert]"), "alerts stay")
        self.assert_quiet()

    def test_recall(self):
        mock = self.start()
        self.open(mock.url)
        self.await_live()
        self.type("r")
        self.type("like 12", Keys.ENTER)
        self.until(lambda: len(self.all("#recall tbody tr")) == 10, "nothing is recalled")
        self.assertIn("0.99", self.text("#recall tbody tr"))
        self.assertIn("10 items", self.text("#recall [role=status]"))
        self.press("#recall tbody tr:nth-child(2) button", Keys.ENTER)
        self.assertEqual("like 11", self.one("[name=cue]").get_property("value"))
        self.put("[name=cue]", "[0.1, -0.2; 0.7 1e-3]")
        self.put("[name=k]", "3")
        self.press("[name=cue]", Keys.ENTER)
        self.until(lambda: len(self.all("#recall tbody tr")) == 3, "numbers recall nothing")
        self.put("[name=cue]", "0.1 0.2")
        self.press("[name=cue]", Keys.ENTER)
        self.until(lambda: "another dimension" in self.text("#recall [role=status]"), "what is wrong is not said")
        self.put("[name=cue]", "something")
        self.press("[name=cue]", Keys.ENTER)
        self.assertIn("A cue is", self.text("#recall [role=status]"))
        self.assert_quiet("episodes/search.* status of 400")

    def test_submit_and_cancel(self):
        mock = self.start()
        self.open(mock.url)
        self.await_live()
        self.type("s")
        self.type("a: faulty\nb: 2\nc: 3\nd: 4\ne: 5")
        ActionChains(self.browser).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        self.until(lambda: len(self.all("#faults tbody tr")) == len(page_mock.FAULTS), "not all faults are shown")
        for fault in page_mock.FAULTS:
            row = self.text(f"#faults tr[data-line='{fault['line']}']")
            for part in (f"{fault['line']}:{fault['column']}", fault["key"], fault["read"], fault["expected"], fault["hint"]):
                self.assertIn(part, row)
        self.press("#faults tr[data-line='4'] button", Keys.ENTER)
        self.assertEqual("d: 4", self.script("const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd)"))
        self.screenshot_of("live_faults")
        self.put("[name=config]", "sound: true")
        self.press("#submit-form button[type=submit]", Keys.ENTER)
        self.until(lambda: "Queued as r4" in self.text("#submit-said"), "it is not queued")
        self.assertEqual([], self.all("#faults tr"))
        self.until(lambda: self.all("#runs tr[data-run=r4]"), "the queue does not show it")
        self.assertEqual(["running", "queued", "queued", "done"], [r.get_attribute("data-state") for r in self.all("#runs tbody tr")])
        self.press("#runs tr[data-run=r4] button", Keys.ENTER)
        self.until(lambda: self.all("dialog.confirm[open]"), "it does not ask")
        self.press("dialog.confirm .primary", Keys.ENTER)
        self.until(lambda: self.all("#runs tr[data-run=r4][data-state=cancelled]"), "it is not cancelled")
        self.assert_quiet("api/v1/runs.* status of 422")

    def test_token(self):
        mock = self.start("--token", TOKEN)
        self.open(mock.url)
        self.until(lambda: self.all("#token-dialog[open]"), "no token is asked for")
        self.type("wrong", Keys.ENTER)
        self.until(lambda: self.all("#token-dialog[open]") and "does not know this token" in self.text("#token-why"), "a wrong token is not told")
        self.type(Keys.ESCAPE)
        self.until(lambda: self.script("return document.documentElement.dataset.connection") == "locked", "it goes on asking")
        time.sleep(1)
        self.assertEqual([], self.all("#token-dialog[open]"), "it asks again by itself")
        self.press("#away button", Keys.ENTER)
        self.type(TOKEN, Keys.ENTER)
        self.await_live()
        self.assertEqual(TOKEN, self.script("return sessionStorage.getItem('sharpwave-token')"))
        self.until(lambda: self.all("#runs tbody tr"), "the queue is not asked for with the token")
        self.browser.refresh()
        self.await_live()
        self.assertEqual([], self.all("#token-dialog[open]"))
        self.assert_quiet("status of 401")

    def test_no_numbers(self):
        """A service that has no number for anything costs no more than the numbers."""
        mock = self.start()
        mock.tell(nulls=True, alerts=[None, {}, {"name": None}])
        self.open(mock.url)
        self.await_live()
        for section in ("alerts", "activity", "membrane", "modulators", "weights", "memory", "recall", "storage", "runs"):
            self.see(f"#{section}")
            time.sleep(0.3)
        for wrong in (*WRONG, "null"):
            self.assertNotIn(wrong, self.text("#page"))
        self.assert_quiet()

    def test_names_are_never_markup(self):
        mock = self.start()
        mock.tell(populations=[{"name": "<img src=x onerror=alert(1)>", "size": 10, "rows": 10}, {"name": "b,c:d", "size": 3, "rows": 3}], alerts=[{"name": "<b>", "severity": "page", "text": "<script>", "runbook": "javascript:alert(1)"}])
        self.open(mock.url)
        self.await_live()
        self.until(lambda: self.all("[data-alert]"), "alerts are not shown")
        self.assertEqual([], self.all("#page img, #page script, #alerts b, #alerts a"))
        self.assertIn("<img src=x", self.text("#activity .legend"))
        self.assert_quiet()

    def test_neurons_are_chosen(self):
        mock = self.start()
        self.open(mock.url)
        self.await_live()
        self.see("#membrane .plot canvas")
        self.until(lambda: len(self.all("#membrane .chips li")) == 2, "no neuron is shown by itself")
        self.script("const s = document.querySelector('[name=population]'); s.value = 'L5E'; s.dispatchEvent(new Event('change'))")
        self.put("#membrane [name=index]", "17")
        self.press("#membrane [name=index]", Keys.ENTER)
        self.assertIn("L5E 17", self.text("#membrane .chips"))
        self.await_live()
        self.until(lambda: self.pixels_of("#membrane .plot canvas", "p2") > 20, "the third neuron is not drawn")
        self.press("#membrane .chips li:first-child button", Keys.ENTER)
        self.assertEqual(2, len(self.all("#membrane .chips li")))
        self.assert_quiet()

    def test_is_quick_with_100_000_neurons(self):
        """No task takes long while all is drawn, four times as fast as real time."""
        mock = self.start("--neurons", "100000", "--speed", "4")
        self.browser.execute_cdp_cmd("Page.enable", {})
        added = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """window.tasks = [];
            new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.tasks.push(entry.duration); }).observe({type: 'longtask', buffered: true});"""})
        try:
            # So high that everything is near the screen.
            self.open(mock.url, width=1600, height=4000)
            self.await_live()
            time.sleep(3)
            self.script("window.loading = window.tasks.splice(0)")
            before = int(self.data("canvas.raster", "draws"))
            time.sleep(8)
            tasks, loading = self.script("return [window.tasks, window.loading]")
            drawn = int(self.data("canvas.raster", "draws")) - before
        finally:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added["identifier"]})
        print(f"\ntasks above 50 ms: while loading {[round(t) for t in loading]}, in 8 s after it {[round(t) for t in tasks]} ms; {drawn} rasters drawn", file=sys.stderr)
        self.assertLess(max([0, *tasks]), MOST_TASK_MS)
        self.assertGreater(drawn, 16, "it draws too seldom to tell")
        self.assert_quiet()

    def test_takes_no_more_memory(self):
        if not CHECKED["long"]:
            self.skipTest("NOT TESTED: the page's memory over a minute; needs --long")
        mock = self.start("--speed", "4")
        self.open(mock.url, width=1600, height=4000)
        self.await_live()
        sizes = []
        for seconds in (20, 20, 20, 20):
            time.sleep(seconds)
            self.browser.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
            sizes.append(self.browser.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"])
            self.browser.get_log("performance")
        print(f"\nheap, every 20 s: {[f'{s / 1e6:.2f} MB' for s in sizes]}", file=sys.stderr)
        self.assertLess(sizes[-1] - sizes[0], MOST_GROWTH)
        self.assert_quiet()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a service in which a run goes on; default: the stand-in")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("tests", nargs="*", help="names of classes or methods, as of unittest")
    args = parser.parse_args()
    if MISSING:
        print(f"NOT TESTED: the service's page; missing: {', '.join(MISSING)}")
        sys.exit(77)
    CHECKED.update(url=args.url, long=args.long)
    names = args.tests or (["AnyServiceTest"] if args.url else None)
    unittest.main(argv=[sys.argv[0], *(names or [])], verbosity=1)


if __name__ == "__main__":
    main()
