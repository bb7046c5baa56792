#!/usr/bin/env python3
"""host/service/page: dist/ is what `npm run build` makes of src/, nothing is too large, nothing is inline, and what CMake puts
into the program are these files, byte by byte."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "host" / "service" / "page"
REPORT = ROOT / "host" / "report" / "page"
MOST_BYTES = 150_000
EMBEDDED = {"kPageHtml": "index.html", "kPageStyle": "dist/page.css", "kPageScript": "dist/page.js"}


class PageBundleTest(unittest.TestCase):
    def test_the_policy_has_nothing_to_refuse(self):
        html = (PAGE / "index.html").read_text(encoding="utf-8")
        self.assertNotRegex(html, r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")
        self.assertEqual(["data:,", "/assets/page.css", "/assets/page.js"], re.findall(r'(?:href|src)="([^"]*)"', html))
        script = (PAGE / "dist" / "page.js").read_text(encoding="utf-8")
        style = (PAGE / "dist" / "page.css").read_text(encoding="utf-8")
        self.assertLess(len(script) + len(style), MOST_BYTES)
        for word in ("eval(", "new Function", "innerHTML", "document.write", "EventSource"):
            self.assertNotIn(word, script)
        self.assertNotRegex(style, r"@import|url\(")
        self.assertIn("MIT License", script, "what is bundled keeps its licence")

    def test_it_draws_with_the_uplot_of_the_report(self):
        locks = [(folder / "package-lock.json").read_text(encoding="utf-8") for folder in (PAGE, REPORT)]
        self.assertEqual(*(re.sub(r"sharpwave-\w+-page", "", lock) for lock in locks))
        self.assertNotIn("://", locks[0])

    def test_what_is_put_into_the_program(self):
        with tempfile.TemporaryDirectory(prefix="sharpwave_page_") as name:
            output = pathlib.Path(name) / "embedded_page.cpp"
            subprocess.run(["cmake", f"-DOUTPUT={output}", f"-DPAGE={PAGE}", "-P", ROOT / "host" / "service" / "embed_page.cmake"], check=True)
            text = output.read_text()
        self.assertIn('#include "host/service/embedded_page.hpp"', text)
        for name, file in EMBEDDED.items():
            found = re.search(rf"constexpr char {name}Characters\[\] = \{{(.*?)\}};", text, re.DOTALL)
            self.assertEqual((PAGE / file).read_bytes(), bytes.fromhex("".join(re.findall(r"'\\x(..)'", found[1]))))
            self.assertIn(f"constexpr std::string_view {name}({name}Characters, sizeof {name}Characters);", text)

    def test_dist_is_what_the_build_makes(self):
        modules = PAGE / "node_modules"
        if not shutil.which("npm") or not modules.is_dir():
            self.skipTest("NOT TESTED: that host/service/page/dist is up to date; needs npm, and `npm ci` in host/service/page")
        with tempfile.TemporaryDirectory(prefix="sharpwave_page_") as name:
            copy = pathlib.Path(name) / "host" / "service" / "page"
            for folder in (PAGE / "src", REPORT / "src"):
                shutil.copytree(folder, pathlib.Path(name) / folder.relative_to(ROOT))
            for file in ("package.json", "package-lock.json", "build.mjs", ".npmrc"):
                shutil.copy(PAGE / file, copy / file)
            (copy / "node_modules").symlink_to(modules)
            subprocess.run(["npm", "run", "build"], cwd=copy, check=True, capture_output=True)
            for file in ("page.js", "page.css"):
                self.assertEqual((PAGE / "dist" / file).read_bytes(), (copy / "dist" / file).read_bytes(),
                                 f"dist/{file} is not what `npm run build` makes of src/")


if __name__ == "__main__":
    unittest.main()
