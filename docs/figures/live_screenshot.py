#!/usr/bin/python3
"""Takes pictures of the page of a running service for the documentation: PREFIX_light.png and PREFIX_dark.png.

    docs/figures/live_screenshot.py http://127.0.0.1:8080/ docs/figures/live

Shown is the page from its title to the membrane potentials, or with --only the first element that the selector finds, once
the service has sent a raster for a while. Needs Debian's chromium, chromium-driver and python3-selenium.
"""
import argparse
import base64
import os
import pathlib
import sys

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

WIDTH = 1040
LAST_SHOWN = "#membrane"
IS_LIVE = """const raster = document.querySelector('canvas.raster');
    return document.documentElement.dataset.connection === 'live' && Number(raster.dataset.draws ?? 0) >= 12"""
BOX = """const element = document.querySelector(arguments[0]);
    if (element === null) return null;
    const box = element.getBoundingClientRect();
    return {x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height};"""


def clip(browser, only):
    box = browser.execute_script(BOX, only or LAST_SHOWN)
    if box is None:
        sys.exit(f"the page has no element {only or LAST_SHOWN}")
    return box if only else {"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 16}


def take(browser, args, theme, file):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    # As high as the page: what is not near the screen is not drawn.
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": WIDTH, "height": 4000, "deviceScaleFactor": args.scale, "mobile": False})
    browser.get(args.url)
    if token := os.environ.get("SHARPWAVE_PAGE_TOKEN"):
        browser.execute_script("sessionStorage.setItem('sharpwave-token', arguments[0])", token)
        browser.refresh()
    try:
        WebDriverWait(browser, args.patience).until(lambda b: b.execute_script(IS_LIVE))
    except TimeoutException:
        sys.exit(f"{args.url}: no raster within {args.patience} s; does a run go on?")
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {
        "format": "png", "captureBeyondViewport": True, "clip": {**clip(browser, args.only), "scale": 1}})
    file.write_bytes(base64.b64decode(picture["data"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="A token is taken from the environment, SHARPWAVE_PAGE_TOKEN.")
    parser.add_argument("url", help="of the page")
    parser.add_argument("prefix", help="of the files to write")
    parser.add_argument("--only", metavar="CSS_SELECTOR", help="an element of the page instead of its beginning")
    parser.add_argument("--scale", type=float, default=1.5, help="pixels of the picture for one of the page")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for a raster")
    args = parser.parse_args()
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    with webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options) as browser:
        for theme in ("light", "dark"):
            take(browser, args, theme, pathlib.Path(f"{args.prefix}_{theme}.png"))


if __name__ == "__main__":
    main()
