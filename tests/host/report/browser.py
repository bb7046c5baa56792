#!/usr/bin/env python3
"""What the tests of the report's page share: Chromium, and how a page is opened, worked and looked at.

Needs Debian's chromium, chromium-driver and python3-selenium; the tests are skipped, loudly, without them. With
SCREENSHOTS=folder they leave pictures of the page there.
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = ActionChains = Keys = None

MISSING = [what for what, there in [
    ("python3-selenium", webdriver), ("chromium", shutil.which("chromium")), ("chromium-driver", shutil.which("chromedriver")),
] if not there]
MOST_MS = 2000
ANIMATION_FRAMES = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));"

END_OF_CURVE = """const plot = arguments[0], over = plot.querySelector('.u-over'), canvas = plot.querySelector('canvas');
    const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height});
    const context = copy.getContext('2d', {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[1]}`).trim();
    const tone = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const {data} = context.getImageData(over.offsetLeft + over.offsetWidth - 3, 0, 1, copy.height);
    const offs = [...Array(copy.height).keys()].map((y) => tone.reduce((sum, v, k) => sum + Math.abs(data[4 * y + k] - v), 0));
    return 1 - (offs.indexOf(Math.min(...offs)) + 0.5 - over.offsetTop) / over.offsetHeight;"""


@unittest.skipIf(MISSING, f"NOT TESTED: the report's page; missing: {', '.join(MISSING)}")
class BrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="sharpwave_page_")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-device-scale-factor=1",
                         "--disable-background-networking", "--no-first-run", f"--user-data-dir={cls.folder.name}/profile"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        cls.browser.set_script_timeout(20)

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.folder.cleanup()

    def open_page(self, text, *, width=1280, height=900, dark=False):
        """Opens a page of this text and waits until everything is drawn."""
        path = pathlib.Path(self.folder.name) / f"{self.id().split('.')[-1]}.html"
        path.write_text(text, encoding="utf-8")
        scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
        self.resize(width, height)
        for kind in ("browser", "performance"):
            self.browser.get_log(kind)  # of the page before
        self.browser.get(path.as_uri())
        WebDriverWait(self.browser, 20).until(
            lambda b: b.execute_script("return document.documentElement.dataset.ready === 'true'"))

    def resize(self, width, height):
        # Not the window, which has a least width that a telephone's screen is below.
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.settle()

    def assert_opens_fast(self, text, **how):
        """Everything is drawn in under two seconds. The best of five counts: a machine that does other things besides
        makes a page slower, never faster."""
        took = []
        for _ in range(5):
            self.open_page(text, **how)
            took.append(float(self.script("return document.documentElement.dataset.readyMs")))
            if took[-1] < MOST_MS:
                break
        print(f"\n{self.id().split('.')[-1]}: {len(text) / 1e6:.2f} MB, drawn after {min(took):.0f} ms", file=sys.stderr)
        self.assertLess(min(took), MOST_MS)

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def settle(self):
        self.browser.execute_async_script(ANIMATION_FRAMES)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def data(self, selector, name):
        return self.one(selector).get_attribute(f"data-{name}")

    def press(self, selector, *keys):
        element = self.one(selector)
        self.script("arguments[0].focus()", element)
        self.assertTrue(self.script("return document.activeElement === arguments[0]", element), f"{selector} takes no focus")
        ActionChains(self.browser).send_keys(*keys).perform()
        self.settle()

    def pixels_of(self, selector, colour, left=0, right=10**6):
        """How many pixels of the canvas have exactly this colour, a variable of theme.css, between two columns."""
        return self.script("""const canvas = document.querySelector(arguments[0]);
            // By way of another canvas: the browser remarks on a canvas that is read repeatedly.
            const copy = Object.assign(document.createElement('canvas'), {width: canvas.width, height: canvas.height});
            const context = copy.getContext('2d', {willReadFrequently: true});
            context.drawImage(canvas, 0, 0);
            const {data} = context.getImageData(0, 0, copy.width, copy.height);
            const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[1]}`).trim();
            const tone = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
            let n = 0;
            for (let at = 0; at < data.length; at += 4) {
                const x = (at / 4) % copy.width;
                if (x >= arguments[2] && x < arguments[3] && tone.every((v, k) => data[at + k] === v)) ++n;
            }
            return n;""", selector, colour, left, right)

    def end_of_curve(self, plot, colour):
        """Where the curve of this colour is at its right end, by the pixel that is most like it: 0 at the bottom of the
        plot, 1 at its top."""
        return self.script(END_OF_CURVE, plot, colour)

    def assert_quiet(self):
        """Nothing on the console, nothing asked of the network, no box with errors."""
        self.assertEqual([], self.browser.get_log("browser"))
        self.assertEqual([], self.all("#errors"))
        self.assert_no_network()

    def assert_no_network(self):
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        self.assertEqual([], [url for url in asked if not url.startswith("file:")])
        self.assertLessEqual(len(asked), 1, asked)

    def screenshot(self, name):
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        whole = self.script("return document.documentElement.scrollHeight")
        width = self.script("return innerWidth")
        self.resize(width, whole)
        self.browser.save_screenshot(str(pathlib.Path(folder) / f"{name}.png"))
