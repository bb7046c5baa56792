#!/usr/bin/env python3
"""Compiles a file with and one without a weak function and expects check_weak_symbols to tell them apart.

Usage: check_weak_symbols_test.py CXX AR NM
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
CXX, AR, NM = sys.argv[1:4]

CLEAN = """
#include <stdexcept>
namespace { __attribute__((noinline)) int twice(int x) { return 2 * x; } }
int four(int x) { if (x < 0) throw std::invalid_argument("x"); return twice(twice(x)); }
"""
WEAK = """
template <class T> __attribute__((noinline)) T twice(T x) { return x + x; }
int four(int x) { return twice(twice(x)); }
"""


class CheckWeakSymbols(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.root = pathlib.Path(self._folder.name)

    def compile(self, name, text):
        source = self.root / "host" / "engine" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")
        target = self.root / f"{name}.o"
        subprocess.run([CXX, "-std=c++20", "-O2", "-c", source, "-o", target], check=True)
        return target

    def check(self, *objects):
        archive = self.root / "libengine.a"
        subprocess.run([AR, "qc", archive, *objects], check=True)
        command = [sys.executable, HERE / "check_weak_symbols.py", NM, self.root, archive]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_file_without_weak_functions_passes(self):
        result = self.check(self.compile("a.cpp", WEAK), self.compile("a_avx512.cpp", CLEAN))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("1 sources and 1 objects", result.stdout)

    def test_a_weak_function_is_named(self):
        result = self.check(self.compile("a_avx512.cpp", WEAK))
        self.assertEqual(result.returncode, 1)
        self.assertIn("a_avx512.cpp: weak function int twice<int>(int)", result.stdout)

    def test_a_source_without_an_object_is_an_error(self):
        self.compile("a_avx512.cpp", CLEAN)
        result = self.check(self.compile("b.cpp", WEAK))
        self.assertEqual(result.returncode, 1)
        self.assertIn("no object of it", result.stdout)

    def test_nothing_above_the_baseline_passes(self):
        self.assertEqual(self.check(self.compile("a.cpp", WEAK)).returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
