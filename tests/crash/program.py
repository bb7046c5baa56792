"""The program in a folder of its own, as its user starts it: what the tests of this folder have in common."""

import os
import pathlib
import resource
import subprocess
import tempfile
import unittest

OK, USAGE, INVALID_CONFIG, IO, DAMAGED_DATA, NO_ROOM, NON_FINITE, INTERRUPTED = 0, 2, 3, 4, 5, 6, 8, 9
NO_CHECKPOINT, RUNAWAY, SILENT = 12, 13, 14


class ProgramTest(unittest.TestCase):
    program = ""  # to be set before the first test
    further_words = ()  # of every command

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def start(self, *words, limits=()):
        """`limits` are resources and how much of them it may take."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_") or k == "SHARPWAVE_DATA"}

        def limit():
            for what, soft in limits:
                resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))

        return subprocess.Popen([ProgramTest.program, *words, *self.further_words], cwd=self.path, env=kept,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                preexec_fn=limit if limits else None)

    def outcome(self, *words, expect, limits=()):
        """Its exit code, one of those expected, and what it has written on stdout and on stderr."""
        process = self.start(*words, limits=limits)
        out, err = process.communicate(timeout=300)
        self.assertIn(process.returncode, expect, f"{words}\n{out}\n{err}")
        return process.returncode, out, err

    def sharpwave(self, *words, expect=OK):
        """What it has written on stdout and on stderr."""
        return self.outcome(*words, expect=(expect,))[1:]

    def stderr_of(self, *words, expect=OK):
        return self.sharpwave(*words, expect=expect)[1]


def is_instrumented():
    """With sanitizers runs take ten times as long, and memory of their own."""
    program = pathlib.Path(ProgramTest.program).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program
