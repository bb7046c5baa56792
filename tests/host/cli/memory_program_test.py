#!/usr/bin/env python3
"""`sharpwave memory` as a user runs it, on the store of a run and on one that is made by hand.

Usage: memory_program_test.py PROGRAM
"""

import fcntl
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
OK, USAGE, IO, DAMAGED = 0, 2, 4, 5

CONFIG = """\
simulation: {dt: 0.5, duration: 2000, seed: 1}
populations:
  E: {size: 40, model: iaf_psc_exp, params: {I_e: 450}, initial: {V_m: {uniform: {low: -70, high: -55}}}}
inputs:
  - {target: E, type: poisson, rate: 8000, weight: 30}
memory:
  plugin: memory
  populations: [E]
  window: 50
  embedding: {kind: counts}
  options: {cycle: {clock: simulated, simulated_every_ms: 500}}
device: {kind: cpu}
"""


def run(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=120)


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.store = self.folder / "store"

    def memory(self, *words, code=OK):
        result = run("memory", *words, "--store", self.store)
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return result.stdout if code == OK else result.stderr

    def json(self, *words):
        return json.loads(self.memory(*words, "--json"))

    def make(self):
        """Three items: two alike, one across."""
        self.memory("spaces", "create", "other")
        self.json("list", "--space", "other")
        for numbers in ("1,0,0", "0.9,0.1,0", "0,0,2"):
            self.memory("add", f"--embedding={numbers}", "--metadata", numbers)


class OfARun(MemoryTest):
    def test_a_run_makes_a_store_that_commands_look_at(self):
        (self.folder / "net.yaml").write_text(CONFIG)
        result = run("run", self.folder / "net.yaml", "--out", self.folder / "run", "--quiet")
        self.assertEqual(OK, result.returncode, result.stderr)
        self.store = self.folder / "run" / "memory"
        record = json.loads((self.folder / "run" / "run.json").read_text())["memory"]
        taken = record["status"]["spaces"][0]["signals"]
        self.assertEqual(record["signals"], sum(taken.values()))
        self.assertGreater(taken["formed"], 0)
        stats = self.json("stats")
        self.assertEqual(40, stats["dimension"])
        self.assertEqual(stats["items"], sum(stats["by_band"].values()))
        self.assertEqual(3, stats["cycle"])  # after 500, 1000 and 1500 ms
        items = self.json("list", "--limit", "1000")
        self.assertEqual(stats["items"], len(items))
        shown = self.json("show", str(items[0]["id"]))
        self.assertEqual("E", shown["provenance"]["population"])
        self.assertEqual(50, shown["provenance"]["end_ms"] - shown["provenance"]["begin_ms"])
        self.assertIn("of run " + shown["provenance"]["run"], self.memory("show", str(items[0]["id"])))
        page = json.loads((self.folder / "run" / "memory.json").read_text())
        self.assertEqual([1, 2, 3], [moment["cycle"] for moment in page["spaces"][0]["course"]])

    def test_spikes_are_the_same_without_it(self):
        (self.folder / "net.yaml").write_text(CONFIG)
        digests = set()
        for name, words in {"with": [], "without": ["--set", "memory=null"]}.items():
            result = run("run", self.folder / "net.yaml", "--out", self.folder / name, "--quiet", *words)
            self.assertEqual(OK, result.returncode, result.stderr)
            digests.add(json.loads((self.folder / name / "run.json").read_text())["spike_digest"])
        self.assertEqual(1, len(digests))


class ByHand(MemoryTest):
    def test_items_come_and_go(self):
        self.make()
        self.assertEqual([1, 2, 3], [item["id"] for item in self.json("list")])
        self.assertEqual([2, 3], [item["id"] for item in self.json("list", "--after", "1")])
        self.memory("delete", "2")
        self.assertEqual([1, 3], [item["id"] for item in self.json("list")])
        self.assertIn("there is no item 2", self.memory("show", "2", code=USAGE))
        self.assertIn("there is no item 2", self.memory("delete", "1", "2", code=USAGE))
        self.assertEqual([1, 3], [item["id"] for item in self.json("list")])

    def test_a_search_says_how_it_found_what(self):
        self.make()
        answer = self.json("search", "--like", "1", "-k", "1")
        self.assertEqual([2], [item["id"] for item in answer["items"]])
        self.assertAlmostEqual(0.9 / 0.82**0.5, answer["items"][0]["cosine"], places=6)
        self.assertEqual(("exact_scan", "none_needed"), (answer["plan"], answer["index_state"]))
        cue = self.folder / "cue.txt"
        cue.write_text("# a cue\n0\n0\n1\n")
        self.assertEqual(3, self.json("search", "--file", cue)["items"][0]["id"])
        self.assertEqual([], self.json("search", "--file", cue, "--kappa-from", "0.5")["items"])
        self.assertIn("exact_scan", self.memory("search", "--embedding", "1,0,0"))
        self.assertEqual(2, self.json("show", "3")["accesses"])  # as often as it was found
        self.assertEqual(3, self.json("show", "3")["accesses"])

    def test_what_is_wrong_is_refused_counted_and_listed(self):
        self.make()
        for numbers, reason in {"1,0": "wrong_dimension", "nan,0,0": "not_finite", "0,0,0": "no_direction",
                                "2,0,0": "duplicate"}.items():
            self.assertIn(reason, self.memory("add", "--embedding", numbers, code=USAGE))
        refused = self.json("list", "--refused")
        self.assertEqual(["wrong_dimension", "not_finite", "no_direction", "duplicate"], [r["reason"] for r in refused])
        self.assertEqual(4, sum(self.json("stats")["rejected"].values()))
        self.memory("search", "--embedding", "1,0", code=USAGE)
        self.memory("search", "--embedding", "x", code=USAGE)
        self.memory("search", "--file", self.folder / "none", code=IO)

    def test_phases(self):
        self.make()
        self.memory("consolidate", "nrem")
        self.assertEqual([0.15] * 3, [item["kappa"] for item in self.json("list")])
        self.memory("consolidate", "cycle")
        stats = self.json("stats")
        self.assertEqual(1, stats["cycle"])
        self.assertEqual(0, stats["by_band"]["episodic"])
        self.assertIn("nrem", self.memory("stats"))

    def test_spaces(self):
        self.make()
        self.assertEqual(["default", "other"], self.json("spaces")["spaces"])
        self.assertEqual([], self.json("list", "--space", "other"))
        self.assertIn('--confirm "drop other"', self.memory("spaces", "drop", "other", code=USAGE))
        self.memory("spaces", "drop", "other", "--confirm", "drop other")
        self.assertEqual(["default"], self.json("spaces")["spaces"])
        self.assertIn("no memory space", self.memory("stats", "--space", "other", code=USAGE))
        self.memory("spaces", "create", "No", code=USAGE)
        self.memory("spaces", "reset", "default", "--confirm", "reset-space default")
        self.assertEqual([], self.json("list"))
        self.assertTrue(list((self.store / "set_aside").glob("default-*")))

    def test_there_has_to_be_a_store(self):
        for words in (["stats"], ["search", "--like", "1"], ["add", "--embedding", "1"], ["spaces"], ["backup"]):
            self.assertIn("there is no memory store", self.memory(*words, code=IO))
            self.assertFalse(self.store.exists())

    def test_beside_an_owner_commands_only_read(self):
        self.make()
        with open(self.store / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(3, len(self.json("list")))
            self.assertEqual(2, self.json("search", "--like", "1")["items"][0]["id"])
            self.assertIn("another process owns", self.memory("delete", "1", code=IO))
        self.assertEqual(1, self.json("show", "1")["id"])


    def test_many_at_once_find_the_same(self):
        """Each is the owner for a moment, and rewrites files that the others read."""
        self.make()
        words = [PROGRAM, "memory", "search", "--store", self.store, "--like", "1", "--json"]
        several = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(12)]
        for one in several:
            output, error = one.communicate(timeout=120)
            self.assertEqual(OK, one.returncode, error)
            self.assertEqual([2, 3], [item["id"] for item in json.loads(output)["items"]])


class Safety(MemoryTest):
    def test_a_backup_comes_back(self):
        self.make()
        self.assertEqual(3, self.json("backup")["items"])
        self.assertEqual([1], self.json("backup", "--list")["backups"])
        self.assertEqual(3, self.json("verify", "--backup", "1")["items"])
        self.memory("delete", "1", "2")
        self.assertIn('--confirm "restore default"', self.memory("restore", code=USAGE))
        self.memory("restore", "--confirm", "restore default")
        self.assertEqual(3, len(self.json("list")))
        self.memory("restore", "--space", "other", code=USAGE)  # it has none

    def test_damage_is_found_told_and_mended(self):
        self.make()
        self.memory("backup")
        self.assertIn("all is as it was written", self.memory("verify"))
        for table in (self.store / "spaces" / "default" / "db").glob("*.sst"):
            content = bytearray(table.read_bytes())
            content[len(content) // 10] ^= 1
            table.write_bytes(content)
        self.memory("verify", code=DAMAGED)
        plan = self.json("recover", "restore-latest", "--space", "default", "--dry-run")
        self.assertEqual("default", plan[0]["space"])
        self.assertIn("restore-latest default",
                      self.memory("recover", "restore-latest", "--space", "default", code=USAGE))
        self.memory("recover", "restore-latest", "--space", "default", "--confirm", "restore-latest default")
        self.assertIn("all is as it was written", self.memory("verify"))
        self.assertEqual(3, len(self.json("list")))

    def test_read_only_and_back(self):
        self.make()
        self.memory("recover", "read-only", "--space", "default", "--confirm", "read-only default")
        self.memory("delete", "1", code=IO)
        self.memory("recover", "writable", "--space", "default", "--confirm", "writable default")
        self.memory("delete", "1")

    def test_an_index_is_made(self):
        self.make()
        self.assertEqual(0, self.json("rebuild-index")["vectors"])  # so few are compared


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
