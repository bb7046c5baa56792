#!/usr/bin/env python3
"""`sharpwave memory` as a user runs it, on the store of a run and on one that is made by hand.

Usage: memory_program_test.py PROGRAM
"""

import fcntl
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
ROOT = pathlib.Path(__file__).resolve().parents[3]
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


def run(*words, folder=None):
    return subprocess.run([PROGRAM, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=120)


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.store = self.folder / "store"

    def memory(self, *words, code=OK):
        result = run("memory", *words, "--store", self.store.relative_to(self.folder), folder=self.folder)
        self.assertEqual(code, result.returncode, result.stdout + result.stderr)
        return result.stdout if code == OK else result.stderr

    def json(self, *words):
        return json.loads(self.memory(*words, "--json"))

    def make(self):
        """Three items: two alike, one across."""
        if not self.store.exists():
            self.memory("spaces", "create", "default")
        for numbers in ("1,0,0", "0.9,0.1,0", "0,0,2"):
            self.memory("add", f"--embedding={numbers}", "--metadata", numbers)


class OfARun(MemoryTest):
    def run_config(self, *settings, config=None, report=False):
        """Runs CONFIG, or another; returns what run.json says of its memory."""
        if config is None:
            config = self.folder / "net.yaml"
            config.write_text(CONFIG)
        words = [word for setting in settings for word in ("--set", setting)]
        result = run("run", config, "--out", self.folder / "run", "--force", "--quiet", *words, *([] if report else ["--no-report"]))
        self.assertEqual(OK, result.returncode, result.stderr)
        self.store = self.folder / "run" / "memory"
        return json.loads((self.folder / "run" / "run.json").read_text())["memory"]

    def shown(self):
        """What the report of the run has of its memory."""
        page = (self.folder / "run" / "report.html").read_text(encoding="utf-8")
        (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
        (one,) = json.loads(data)["runs"]
        self.assertEqual([], [note for note in one["notes"] if "memory" in note])
        return one["memory"]

    def test_a_run_makes_a_store_that_commands_look_at(self):
        record = self.run_config()
        taken = record["status"]["spaces"][0]["signals"]
        self.assertEqual(record["signals"], sum(taken.values()))
        self.assertLess(record["share"], 1)
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
        self.assertEqual("cold", page["spaces"][0]["recovery"]["start"])
        self.assertEqual([1, 2, 3], [moment["cycle"] for moment in page["spaces"][0]["course"]])

    def test_the_report_shows_what_the_plugin_wrote(self):
        self.run_config(report=True)
        (written,) = json.loads((self.folder / "run" / "memory.json").read_text())["spaces"]
        (shown,) = self.shown()["spaces"]
        for key in ("name", "dimension", "items", "by_type", "by_band", "kappa", "signals", "rejected"):
            self.assertEqual(written[key], shown[key], key)
        self.assertEqual([1, 2, 3], shown["course"]["cycles"])
        self.assertEqual([], shown["recall"])

    def test_patterns_rise_through_the_bands_and_are_recalled_from_cues(self):
        self.run_config(config=ROOT / "configs" / "memory_patterns.yaml", report=True)
        (space,) = self.shown()["spaces"]
        reached = [band for band, counts in space["course"]["by_band"].items() if any(counts)]
        self.assertGreaterEqual(len(reached), 3, "kappa rises from band to band")
        self.assertIn("semantic", reached)
        (recall,) = space["recall"]
        self.assertEqual(("recall", 20), (recall["name"], recall["cues"]))
        self.assertEqual(20, recall["right"], "as docs/memory.md says")
        self.assertEqual(recall["label"], recall["recalled"])
        self.assertEqual(sorted(list(range(5)) * 4), sorted(recall["label"]))
        self.assertGreater(sorted(recall["cosine"])[10], 0.85)

    def test_consolidation_goes_by_the_options_of_the_run(self):
        take = "memory.options.take={importance: 0, surprise_gain: 0}"  # so that prune would have all of them by default
        self.run_config(take, "memory.options.prune={below_importance: 0}", "memory.options.cycle={clock: simulated}")
        n_items = self.json("stats")["items"]
        self.assertGreater(n_items, 0)
        self.assertIn('"below_importance":0', self.memory("consolidate", "prune"))
        after = self.json("consolidate", "prune")
        self.assertEqual((n_items, 0), (after["items"], after["run_options"]["prune"]["below_importance"]))
        self.run_config(take, "memory.options.cycle={clock: simulated}")
        self.assertGreater(self.json("stats")["items"], 0)
        self.assertEqual(0, self.json("consolidate", "prune")["items"])

    def test_an_index_is_used_and_made_again(self):
        self.run_config("simulation.duration=60000", "memory.window=10", "memory.options.take={similarity: 1}", "memory.options.sync=none",
                        "memory.options.cycle={clock: simulated, simulated_every_ms: 1.0e+9}")
        n_items = self.json("stats")["items"]
        self.assertGreater(n_items, 5000)
        self.assertEqual(n_items, self.json("rebuild-index")["vectors"])
        self.assertEqual(("index", "ready"), tuple(self.json("search", "--like", "1")[key] for key in ("plan", "index_state")))
        self.assertEqual("exact_scan", self.json("search", "--like", "1", "--exact")["plan"])
        done = self.json("recover", "rebuild-indexes", "--space", "default", "--confirm", "rebuild-indexes default")
        self.assertIsNone(done[0]["failure"])
        self.assertFalse((self.store / "spaces" / "default" / "index").exists())

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
        self.assertRegex(self.memory("search", "--embedding", "1,0,0"), r"3 in [\d.]+ [nµm]s: exact_scan, 3 compared")
        self.assertEqual(3, self.json("show", "3")["accesses"])  # as often as it was found
        self.assertEqual(4, self.json("show", "3")["accesses"])

    def test_a_search_goes_by_type_and_time(self):
        self.make()
        self.memory("add", "--embedding=1,0.2,0", "--type", "semantic", "--time", "500")
        found = lambda *words: [item["id"] for item in self.json("search", "--embedding", "1,0,0", *words)["items"]]
        self.assertEqual([1, 2, 4, 3], found())
        self.assertEqual([4], found("--type", "semantic"))
        self.assertEqual([4], found("--from", "1"))
        self.assertEqual([1, 2, 3], found("--to", "499.5"))
        self.assertEqual([], found("--type", "procedural"))

    def test_text_of_others_does_not_act_on_the_terminal(self):
        self.memory("spaces", "create", "default")
        self.memory("add", "--embedding=1,0", "--metadata", "\x1b[31m\u009b31m" + 50 * "\u00e9")
        shown = self.memory("list")
        self.assertIn(" [31m 31m" + 31 * "\u00e9" + "\n", shown)
        self.assertNotIn("\ufffd", shown)

    def test_what_is_not_used_is_refused(self):
        self.make()
        self.assertIn("--kappa-to", self.memory("list", "--refused", "--kappa-to", "1", code=USAGE))
        self.assertIn("--space", self.memory("spaces", "--space", "default", code=USAGE))
        self.assertIn("--from", self.memory("list", "--from", "nan", code=USAGE))
        self.assertEqual([1], self.json("delete", "1", "1")["deleted"])
        cue = self.folder / "cue.txt"
        cue.write_text("0 " * (1 << 20))
        self.assertIn("an embedding is shorter", self.memory("search", "--file", cue, code=USAGE))
        cue.write_text("+1.0 1e-60 0")
        self.assertEqual(2, self.json("search", "--file", cue)["items"][0]["id"])

    def test_what_is_wrong_is_refused_counted_and_listed(self):
        self.make()
        for numbers, reason in {"1,0": "wrong_dimension", "nan,0,0": "not_finite", "0,0,0": "no_direction",
                                "1e39,0,0": "not_finite", "2,0,0": "duplicate", ",".join(5000 * "1"): "oversized"}.items():
            self.assertIn(reason, self.memory("add", "--embedding", numbers, code=USAGE))
        refused = self.json("list", "--refused")
        self.assertEqual(["wrong_dimension", "not_finite", "no_direction", "not_finite", "duplicate", "oversized"],
                         [r["reason"] for r in refused])
        self.assertEqual(6, sum(self.json("stats")["rejected"].values()))
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
        self.assertRegex(self.memory("stats"), r"nrem +20\d\d-\d\d-\d\dT")
        self.assertRegex(self.memory("stats"), r"sync +always")
        self.assertEqual(("always", None), tuple(stats["storage"][key] for key in ("sync", "synced_sequence")))

    def test_prototypes_are_made_and_what_is_unimportant_goes(self):
        self.memory("spaces", "create", "default")
        for numbers in ("1,0,0", "0.9,0.1,0", "0.9,0,0.1"):
            self.memory("add", f"--embedding={numbers}")
        self.memory("consolidate", "nrem")
        self.memory("consolidate", "nrem")  # to a kappa of .3, from which on REM looks at them
        after = self.json("consolidate", "rem")
        self.assertEqual({"episodic": 3, "semantic": 1, "procedural": 0}, after["by_type"])
        self.assertIsNone(after["run_options"])
        self.assertEqual([1, 2, 3], sorted(edge["to"] for edge in self.json("show", "4")["edges"] if edge["type"] == "abstracts"))
        self.assertEqual([4], [item["id"] for item in self.json("list", "--type", "semantic")])
        self.assertIn("those that a run has by default", self.memory("consolidate", "prune"))
        self.assertEqual(4, self.json("stats")["items"])  # they are important

    def test_spaces(self):
        self.memory("spaces", "create", "other")
        self.assertEqual(["other"], self.json("spaces")["spaces"])
        self.assertIn("which has other", self.memory("stats", code=USAGE))
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
        told = [one.communicate(timeout=120) for one in several]
        for one, (output, error) in zip(several, told):
            self.assertEqual(OK, one.returncode, error)
            self.assertEqual([2, 3], [item["id"] for item in json.loads(output)["items"]])


class Safety(MemoryTest):
    def flip_a_byte(self, pattern):
        """In each file of the space's database that matches and is not empty, in what lies there first."""
        for file in (self.store / "spaces" / "default" / "db").glob(pattern):
            content = bytearray(file.read_bytes())
            if len(content) > 10:
                content[10] ^= 1
                file.write_bytes(content)

    def test_a_backup_comes_back(self):
        self.make()
        self.assertEqual(3, self.json("backup")["items"])
        self.assertEqual([1], self.json("backup", "--list")["backups"])
        self.assertEqual(3, self.json("verify", "--backup", "1")["items"])
        self.memory("delete", "1", "2")
        self.assertIn('--confirm "restore default"', self.memory("restore", code=USAGE))
        self.assertIn("there is no backup 9 of the space 'default', but 1",
                      self.memory("restore", "--backup", "9", "--confirm", "restore default", code=USAGE))
        self.memory("restore", "--confirm", "restore default")
        self.assertEqual(3, len(self.json("list")))
        for words in (["restore"], ["restore", "--backup", "1", "--confirm", "restore other"], ["verify", "--backup", "1"]):
            self.assertIn("there is no backup", self.memory(*words, "--space", "other", code=USAGE))

    def test_damage_is_found_told_and_mended(self):
        self.make()
        self.memory("backup")
        self.assertIn("all values are as they were written", self.memory("verify"))
        self.flip_a_byte("*.sst")
        self.assertRegex(self.memory("verify", code=DAMAGED), r"\d{6}\.sst")
        plan = self.json("recover", "restore-latest", "--space", "default", "--dry-run")
        self.assertEqual("default", plan[0]["space"])
        self.assertIn("restore-latest default",
                      self.memory("recover", "restore-latest", "--space", "default", code=USAGE))
        self.memory("recover", "restore-latest", "--space", "default", "--confirm", "restore-latest default")
        self.assertIn("all values are as they were written", self.memory("verify"))
        self.assertEqual(3, len(self.json("list")))

    def test_read_only_and_back(self):
        self.make()
        self.memory("recover", "read-only", "--space", "default", "--confirm", "read-only default")
        self.memory("delete", "1", code=IO)
        self.assertTrue(self.json("stats")["read_only"])
        self.memory("recover", "writable", "--space", "default", "--confirm", "writable default")
        self.assertFalse(self.json("stats")["read_only"])
        self.memory("delete", "1")

    def recover(self, mode, *words):
        (plan,) = self.json("recover", mode, "--space", "default", "--dry-run")
        (done,) = self.json("recover", mode, "--space", "default", "--confirm", f"{mode} default", *words)
        self.assertIsNone(plan["failure"], plan)
        self.assertIsNone(done["failure"], done)
        return done

    def test_what_is_whole_is_taken_over(self):
        self.make()
        self.assertEqual(["everything is whole"], self.recover("sanitize-nan")["found"])
        self.flip_a_byte("*.sst")
        self.memory("verify", code=DAMAGED)
        done = self.recover("sanitize-nan", "--backup-first")
        self.assertIn("a copy of the space's directory lies in", done["done"][0])
        self.assertIn("all values are as they were written", self.memory("verify"))
        self.memory("add", "--embedding=1,1,1")
        self.assertEqual(2, len(list((self.store / "set_aside").glob("default-*"))))  # the copy, and the space of before

    def test_damaged_logs_are_set_aside(self):
        self.make()
        self.assertEqual(["the logs are whole"], self.recover("set-aside-wal")["found"])
        self.flip_a_byte("*.log")
        self.recover("set-aside-wal")
        self.assertIn("all values are as they were written", self.memory("verify"))
        self.memory("add", "--embedding=1,1,1")

    def test_a_last_change_that_is_damaged_is_told_and_kept(self):
        self.make()
        self.flip_a_byte("*.log")
        self.assertEqual(2, len(json.loads(run("memory", "list", "--json", "--store", self.store).stdout)))
        verified = run("memory", "verify", "--store", self.store)
        self.assertEqual(DAMAGED, verified.returncode, verified.stdout)
        self.assertIn("the end of the log was given up", verified.stdout)
        self.assertNotIn("as they were written", verified.stdout)
        verified = json.loads(run("memory", "verify", "--json", "--store", self.store).stdout)
        self.assertIn("the end of the log was given up", str(verified["notes"]))
        self.assertFalse(verified["read_only"])
        self.assertFalse(verified["whole"])
        backup = run("memory", "backup", "--store", self.store)
        self.assertEqual(OK, backup.returncode)
        self.assertIn("the end of the log was given up", backup.stderr)
        (kept,) = (self.store / "spaces/default").glob("given_up_*.log")
        self.assertIn(kept.name, backup.stderr)
        self.assertIn("all values are as they were written", self.memory("verify"))
        self.assertEqual(2, len(self.json("list")))

    def test_a_space_is_emptied(self):
        self.make()
        self.assertEqual(["the space is set aside, and is empty"], self.json("recover", "reset-space", "--space", "default", "--dry-run")[0]["would"])
        self.assertIn("recover reset-space --space default --dry-run", self.memory("spaces", "reset", "default", code=USAGE))
        self.assertEqual(3, len(self.json("list")))
        self.recover("reset-space")
        self.assertEqual([], self.json("list"))

    def test_results_as_json(self):
        self.assertEqual(["other"], self.json("spaces", "create", "other")["spaces"])
        self.make()
        self.assertEqual(["default"], self.json("spaces", "drop", "other", "--confirm", "drop other")["spaces"])
        self.assertEqual((3, [], "none_needed"), tuple(self.json("verify")[key] for key in ("items", "damage", "index")))
        self.assertEqual(1, self.json("backup")["backup"])
        self.assertEqual("default", self.json("spaces", "reset", "default", "--confirm", "reset-space default")[0]["space"])
        self.assertEqual(3, self.json("restore", "--confirm", "restore default")["items"])

    def test_an_index_is_made(self):
        self.make()
        self.assertEqual(0, self.json("rebuild-index")["vectors"])  # so few are compared


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
