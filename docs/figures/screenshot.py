#!/usr/bin/python3
"""Takes the pictures of a report's page that README.md shows: PREFIX_light.png and PREFIX_dark.png.

    docs/figures/screenshot.py runs/quickstart/report.html docs/figures/quickstart

Shown is the page from its title to the rates of the first populations, without the list of facts and the table between
them. Needs Debian's chromium, chromium-driver and python3-selenium.
"""
import argparse
import base64
import pathlib

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

WIDTH, SCALE = 1040, 1.5  # GitHub shows 830 px or so: crisp on fine screens too
LEFT_OUT = ".facts, #populations, nav .buttons { display: none !important; } nav a { box-shadow: none !important; } .activity > .legend { margin-top: 0 !important; }"
LAST_SHOWN = "#rates .panel[data-population]:nth-child(2)"


def take(browser, page, theme, file):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": WIDTH, "height": 1400, "deviceScaleFactor": SCALE, "mobile": False})
    browser.get(page.resolve().as_uri())
    WebDriverWait(browser, 30).until(lambda b: b.execute_script("return document.documentElement.dataset.ready === 'true'"))
    bottom = browser.execute_script("""document.head.append(Object.assign(document.createElement('style'), {textContent: arguments[0]}));
        return document.querySelector(arguments[1]).getBoundingClientRect().bottom + scrollY""", LEFT_OUT, LAST_SHOWN)
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {
        "format": "png", "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": WIDTH, "height": bottom, "scale": 1}})
    file.write_bytes(base64.b64decode(picture["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=pathlib.Path, help="report.html of a run")
    parser.add_argument("prefix", help="of the files to write")
    args = parser.parse_args()
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    with webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options) as browser:
        for theme in ("light", "dark"):
            take(browser, args.report, theme, pathlib.Path(f"{args.prefix}_{theme}.png"))


if __name__ == "__main__":
    main()
