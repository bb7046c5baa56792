#!/usr/bin/python3
"""Takes the pictures of a report's page that the documentation shows: PREFIX_light.png and PREFIX_dark.png, or one.

    docs/figures/screenshot.py runs/quickstart/report.html docs/figures/quickstart
    docs/figures/screenshot.py runs/stdp_window/report.html docs/figures/stdp_window --only CSS_SELECTOR

Shown is the page from its title to the rates of the first populations, without the list of facts and the table between
them; with --only, the first element that the selector finds. Needs Debian's chromium, chromium-driver and python3-selenium.
"""
import argparse
import base64
import pathlib
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

WIDTH = 1040
LEFT_OUT = ".facts, #populations, nav .buttons { display: none !important; } nav a { box-shadow: none !important; } .activity > .legend { margin-top: 0 !important; }"
LAST_SHOWN = "#rates .panel[data-population]:nth-child(2)"


def clip(browser, only):
    if only is None:
        bottom = browser.execute_script("""document.head.append(Object.assign(document.createElement('style'), {textContent: arguments[0]}));
            return document.querySelector(arguments[1]).getBoundingClientRect().bottom + scrollY""", LEFT_OUT, LAST_SHOWN)
        return {"x": 0, "y": 0, "width": WIDTH, "height": bottom}
    box = browser.execute_script("""const element = document.querySelector(arguments[0]);
        if (element === null) return null;
        element.scrollIntoView();  // panels are drawn when they come into sight
        return new Promise((done) => setTimeout(() => {
          const box = element.getBoundingClientRect();
          done({x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height});
        }, 1000))""", only)
    if box is None:
        sys.exit(f"the page has no element {only}")
    return box


def take(browser, page, theme, file, only, scale):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": WIDTH, "height": 1400, "deviceScaleFactor": scale, "mobile": False})
    browser.get(page.resolve().as_uri())
    WebDriverWait(browser, 30).until(lambda b: b.execute_script("return document.documentElement.dataset.ready === 'true'"))
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {
        "format": "png", "captureBeyondViewport": True, "clip": {**clip(browser, only), "scale": 1}})
    file.write_bytes(base64.b64decode(picture["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=pathlib.Path, help="report.html of a run")
    parser.add_argument("prefix", help="of the files to write")
    parser.add_argument("--only", metavar="CSS_SELECTOR", help="an element of the page instead of its beginning")
    parser.add_argument("--theme", choices=("light", "dark"), help="only this one, as PREFIX.png")
    parser.add_argument("--scale", type=float, default=1.5,
                        help="pixels of the picture for one of the page, by default 1.5: a page shows 830 or so, so that it is crisp on fine screens too")
    args = parser.parse_args()
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    with webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options) as browser:
        for theme in (args.theme,) if args.theme else ("light", "dark"):
            name = f"{args.prefix}.png" if args.theme else f"{args.prefix}_{theme}.png"
            take(browser, args.report, theme, pathlib.Path(name), args.only, args.scale)


if __name__ == "__main__":
    main()
