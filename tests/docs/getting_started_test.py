#!/usr/bin/python3
"""docs/getting_started.md says what happens: its configs, commands and program are run, and what it quotes is what comes.

Usage: getting_started_test.py SHARPWAVE PAGE
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SHARPWAVE, PAGE = sys.argv[1], pathlib.Path(sys.argv[2])
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


class GettingStarted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sharpwave_getting_started_")
        cls.addClassCleanup(folder.cleanup)
        cls.path = pathlib.Path(folder.name)
        cls.sharpwave("new", "mine.yaml")
        cls.mine = cls.sharpwave("run", "mine.yaml")

    @classmethod
    def sharpwave(cls, *words, expect=0):
        done = subprocess.run([SHARPWAVE, *words], cwd=cls.path, capture_output=True, text=True, check=False)
        if done.returncode != expect:
            raise AssertionError(f"{words}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout + done.stderr

    def assert_quoted(self, output, pattern):
        """What the pattern finds in the output stands on the page, at the beginning of a line."""
        found = re.findall(pattern, output, re.MULTILINE)
        self.assertGreater(len(found), 0, output)
        for text in found:
            self.assertTrue("\n" + text in TEXT, f"{text!r} is not on the page")

    def test_the_first_run(self):
        self.assert_quoted(self.mine, r"^[EI] +[\d,]+ +[\d,]+ +[\d.]+|^spike.*|^.* runs/mine/.*")

    def test_another_run_and_both(self):
        output = self.sharpwave("run", "mine.yaml", "--set", "parameters.g=8", "--out", "runs/more_inhibition")
        self.assertIn("14.16 Hz on average", output)
        self.assertIn("from 16.8 to 14.2 Hz", TEXT)
        self.sharpwave("report", "runs/mine", "runs/more_inhibition", "--out", "both.html")

    def test_mistakes(self):
        text = (self.path / "mine.yaml").read_text()
        wrong = text.replace("duration: 1000 ", "duration: 1000.05 ").replace("indegree: 40", "indegre: 40")
        (self.path / "wrong.yaml").write_text(wrong)
        self.assert_quoted(self.sharpwave("validate", "wrong.yaml", expect=3), r"^wrong.yaml.*")
        self.assertEqual(TEXT.count("\nwrong.yaml:"), 3)

    def test_the_ring(self):
        (ring,) = blocks("yaml")
        (self.path / "ring.yaml").write_text(ring)
        self.assert_quoted(self.sharpwave("run", "ring.yaml"), r"^[ABC] +100 +[\d,]+ +[\d.]+|^spike digest.*")
        broken = self.sharpwave("run", "ring.yaml", "--set", "projections[1].indegree=20", "--out", "runs/broken")
        self.assertRegex(broken, r"B +100 +0 ")

    def test_the_program(self):
        try:
            import h5py  # noqa: F401, pylint: disable=unused-import,import-outside-toplevel
        except ImportError:
            self.skipTest("NOT TESTED: the program that reads the results; needs python3-h5py")
        (program,) = blocks("python")
        done = subprocess.run([sys.executable, "-"], input=program, cwd=self.path, capture_output=True, text=True, check=True)
        self.assertIn(f"```\n{done.stdout}```", TEXT)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
