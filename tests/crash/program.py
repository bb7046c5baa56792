"""The program in a folder of its own, as its user starts it: what the tests of this folder have in common."""

import os
import pathlib
import subprocess
import tempfile
import unittest

OK, USAGE, INVALID_CONFIG, IO, NON_FINITE, INTERRUPTED, NO_CHECKPOINT, RUNAWAY, SILENT = 0, 2, 3, 4, 8, 9, 12, 13, 14


class ProgramTest(unittest.TestCase):
    program = ""  # to be set before the first test
    further_words = ()  # of every command

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def start(self, *words):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_") or k == "SHARPWAVE_DATA"}
        return subprocess.Popen([ProgramTest.program, *words, *self.further_words], cwd=self.path, env=kept,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def sharpwave(self, *words, expect=OK):
        """What it has written on stdout and on stderr."""
        process = self.start(*words)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, expect, f"{words}\n{out}\n{err}")
        return out, err

    def stderr_of(self, *words, expect=OK):
        return self.sharpwave(*words, expect=expect)[1]
