#!/usr/bin/env python3
"""host/report/page: dist/ is what `npm run build` makes of src/, the template has its places, and nothing is too large."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PAGE = pathlib.Path(__file__).resolve().parents[3] / "host" / "report" / "page"
PLACES = ["@REPORT_TITLE@", "@REPORT_STYLE@", "@REPORT_DATA@", "@REPORT_SCRIPT@"]
MOST_BYTES = 160_000
BUILT_FROM = ["package.json", "package-lock.json", "build.mjs", ".npmrc", "src"]


class BundleTest(unittest.TestCase):
    def test_template(self):
        template = (PAGE / "template.html").read_text(encoding="utf-8")
        for place in PLACES:
            self.assertEqual(1, template.count(place), place)
        self.assertIn("default-src 'none'", template)

    def test_bundle_can_be_embedded(self):
        script = (PAGE / "dist" / "report.js").read_text(encoding="utf-8")
        style = (PAGE / "dist" / "report.css").read_text(encoding="utf-8")
        self.assertLess(len(script) + len(style), MOST_BYTES)
        for text, ends in ((script, ("</script", "<!--", "<script")), (style, ("</style", "@import", "url("))):
            for end in (*ends, "@REPORT_"):
                self.assertNotIn(end, text.lower() if end.islower() else text)
        self.assertIn("MIT License", script, "what is bundled keeps its licence")

    def test_lock_file_names_no_host(self):
        self.assertNotIn("://", (PAGE / "package-lock.json").read_text(encoding="utf-8"))

    def test_dist_is_what_the_build_makes(self):
        modules = PAGE / "node_modules"
        if not shutil.which("npm") or not modules.is_dir():
            self.skipTest("NOT TESTED: that host/report/page/dist is up to date; needs npm, and `npm ci` in host/report/page")
        with tempfile.TemporaryDirectory(prefix="sharpwave_bundle_") as name:
            folder = pathlib.Path(name)
            for part in BUILT_FROM:
                if (PAGE / part).is_dir():
                    shutil.copytree(PAGE / part, folder / part)
                else:
                    shutil.copy(PAGE / part, folder / part)
            (folder / "node_modules").symlink_to(modules)
            subprocess.run(["npm", "run", "build"], cwd=folder, check=True, capture_output=True)
            for file in ("report.js", "report.css"):
                self.assertEqual((PAGE / "dist" / file).read_bytes(), (folder / "dist" / file).read_bytes(),
                                 f"dist/{file} is not what `npm run build` makes of src/")


if __name__ == "__main__":
    unittest.main()
