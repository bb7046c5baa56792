#!/usr/bin/env python3
"""Faults of the machine as a user meets them: a full disk, no more open files, a directory that cannot be written
into, a signal at a bad moment, two runs at once. Each ends with its exit code, and nothing is lost.

Usage: faults_test.py PROGRAM [TEST...]

Small disks are tmpfs, mounted by root, or by anybody in namespaces of their own (unshare -Urm). Where neither is
allowed, what needs one is skipped.
"""

import errno
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from program import INTERRUPTED, IO, NO_ROOM, OK, USAGE, ProgramTest, is_instrumented

MIB = 1 << 20
IN_NAMESPACES = "SHARPWAVE_FAULTS_IN_NAMESPACES"

# Much is recorded: the files at the end are larger than the checkpoints.
TALKATIVE = """\
simulation: {dt: 0.1, duration: 400, warm_up: 20, seed: 3}
populations:
  E: {size: 1600, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 400, model: iaf_psc_exp}
projections:
  - {source: E, target: [E, I], rule: fixed_indegree, indegree: 80, weight: {normal: {mean: 12, sd: 2}, min: 0},
     delay: {uniform: {low: 0.5, high: 6.0}}}
  - {source: I, target: [E, I], rule: fixed_indegree, indegree: 20, weight: -25, delay: 1.0}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 13000, weight: 16}
record:
  traces:
    - {name: membrane, target: "E[0:40]", variables: [V_m], interval: 0.2}
checkpoint: {interval: 50, keep: 2}
device: {kind: cpu}
"""
# A state of a megabyte, and hardly anything recorded.
HEAVY = """\
simulation: {dt: 0.1, duration: DURATION, seed: 3}
populations:
  E: {size: 60000, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
inputs:
  - {name: background, type: poisson, target: E, rate: 13000, weight: 16}
record: {spikes: ["E[0:100]"]}
checkpoint: {interval: INTERVAL, keep: 3}
watchdog: {silent: off}
device: {kind: cpu}
"""


def can_mount():
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True).returncode != 0:
            return False
        return subprocess.run(["umount", folder], capture_output=True).returncode == 0


class FaultTest(ProgramTest):
    def run_json(self, directory):
        return json.loads((self.path / directory / "run.json").read_text())

    def expect_same_results(self, directory, whole):
        for file in sorted((self.path / whole).glob("*.h5")):
            self.assertEqual((self.path / directory / file.name).read_bytes(), file.read_bytes(), file.name)
        a, b = self.run_json(directory), self.run_json(whole)
        for key in ("spike_digest", "spikes_total", "synaptic_events", "populations", "simulated_ms", "interrupted",
                    "config_digest"):
            self.assertEqual(a[key], b[key], key)
        self.assertFalse(a["interrupted"])
        self.expect_nothing_half_written(directory)
        self.assertFalse((self.path / directory / "recording.swr").exists())

    def expect_nothing_half_written(self, directory):
        self.assertEqual(list((self.path / directory).rglob("*.partial")), [])
        self.assertFalse((self.path / directory / ".lock").exists())

    def has_checkpoint(self, directory):
        return any((self.path / directory).glob("checkpoints/step_*.h5"))

    def wait_for(self, what, process, seconds=120):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertIsNone(process.poll(), "it has ended")
            self.assertLess(time.monotonic(), deadline, "nothing has come of it")
            time.sleep(0.002)


class SmallDisk:
    """A file system of its own, most of it taken away where that is wanted."""

    def __init__(self, test, size=64 * MIB):
        if not can_mount():
            test.skipTest("no tmpfs can be mounted here: full and read-only disks are NOT tested")
        self.path = test.path / "disk"
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.path], check=True)
        test.addCleanup(subprocess.run, ["umount", "-l", self.path], check=True)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True)

    def free(self):
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize

    def leave(self, n_bytes):
        """That many bytes are free, to a page."""
        while True:
            self.make_room()
            try:
                with open(self.path / "ballast", "wb") as ballast:
                    os.posix_fallocate(ballast.fileno(), 0, max(self.free() - n_bytes, 1))
                return
            except OSError as error:  # a program that writes has taken it
                if error.errno != errno.ENOSPC:
                    raise

    def make_room(self):
        (self.path / "ballast").unlink(missing_ok=True)


class MemoryOnAFullDisk(FaultTest):
    """Each command of the memory, with so much room and so little: done, or exit code 6 and nothing lost."""

    def setUp(self):
        super().setUp()
        self.disk = SmallDisk(self, 4 * MIB)
        self.store = self.path / "disk/store"
        code, _, said = self.outcome("memory", "spaces", "create", "default", "--store", "store", expect=(OK, USAGE))
        if "was built without" in said:
            self.skipTest("NOTICE: built without the memory store")
        self.assertEqual(code, OK, said)
        for numbers in ("1,0,0", "0,1,0", "0,0,1"):
            self.memory("add", "--embedding", numbers, store="store")

    def memory(self, *words, expect=(OK,), store="disk/store"):
        return self.outcome("memory", *words, "--store", store, expect=expect)

    def items(self):
        return [item["id"] for item in json.loads(self.memory("list", "--json")[1])]

    def test_of_any_room_loses_nothing_and_ends_as_documented(self):
        commands = {
            "add": ["--embedding", "1,1,0"],
            "delete": ["1"],
            "backup": [],
            "spaces": ["create", "abc"],
            "consolidate": ["cycle"],
            "recover": ["reset-space", "--space", "default", "--confirm", "reset-space default"],
        }
        codes = {}
        for name, words in commands.items():
            for room in (0, 8, 16, 24, 40, 64, 100, 200, 1000):
                with self.subTest(command=name, room=room):
                    shutil.rmtree(self.store, ignore_errors=True)
                    shutil.copytree(self.path / "store", self.store)
                    self.disk.leave(room << 10)
                    # More than once: what a full disk left behind the first time is met by the second.
                    for _ in range(3):
                        code = self.memory(name, *words, expect=(OK, NO_ROOM))[0]
                        if code == OK:
                            break
                    self.disk.make_room()
                    codes.setdefault(name, []).append(code)
                    self.memory("verify")
                    expected = [1, 2, 3]
                    if code == OK:
                        expected = {"add": [1, 2, 3, 4], "delete": [2, 3], "recover": []}.get(name, expected)
                    self.assertEqual(self.items(), expected)
                    if name == "spaces":
                        listed = json.loads(self.memory("spaces", "list", "--json")[1])["spaces"]
                        self.assertEqual("abc" in listed, code == OK)
        print("ended with", codes, file=sys.stderr)
        for name in commands:
            self.assertEqual((codes[name][0], codes[name][-1]), (NO_ROOM, OK), name)


class FullDisk(FaultTest):
    def setUp(self):
        super().setUp()
        self.disk = SmallDisk(self)
        (self.path / "net.yaml").write_text(TALKATIVE)

    def sizes_of_a_run(self):
        """What it writes on a disk with room: of its recording, of a checkpoint, of the files at the end."""
        before = self.disk.free()
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        process = self.start("run", "net.yaml", "--out", "disk/cut", "--no-report")
        process.communicate(timeout=300)
        files = sum(file.stat().st_size for file in (self.path / "whole").glob("*.h5"))
        checkpoint = max(file.stat().st_size for file in (self.path / "whole/checkpoints").iterdir())
        n_samples = 40 * 4000 / 2
        recording = 4 * self.run_json("whole")["spikes_total"] + 4 * n_samples
        shutil.rmtree(self.path / "disk/cut")
        self.assertEqual(self.disk.free(), before)
        return recording, checkpoint, files

    def test_of_any_size_costs_nothing_but_time(self):
        recording, checkpoint, files = self.sizes_of_a_run()
        most = recording + 4 * checkpoint + files
        codes = []
        for share in (0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2):
            with self.subTest(share=share):
                self.disk.leave(int(share * most))
                code, _, said = self.outcome("run", "net.yaml", "--out", "disk/cut", "--no-report",
                                             expect=(OK, NO_ROOM))
                codes.append(code)
                self.disk.make_room()
                if code == OK:
                    self.expect_same_results("disk/cut", "whole")
                else:
                    self.assertIn("No space left on device", said)
                    if self.has_checkpoint("disk/cut"):
                        self.sharpwave("resume", "disk/cut", "--no-report")
                    else:
                        self.sharpwave("run", "net.yaml", "--out", "disk/cut", "--no-report", "--force")
                    self.expect_same_results("disk/cut", "whole")
                shutil.rmtree(self.path / "disk/cut")
        print("ended with", codes, file=sys.stderr)
        self.assertEqual(codes[0], NO_ROOM)
        self.assertEqual(codes[-1], OK)

    def log(self, directory):
        return [json.loads(line) for line in (self.path / directory / "log.jsonl").read_text().splitlines()]

    def test_when_the_files_are_made_leaves_what_was_recorded(self):
        recording, checkpoint, files = self.sizes_of_a_run()
        self.disk.leave(int(recording + 4 * checkpoint + 0.5 * files))
        _, said = self.sharpwave("run", "net.yaml", "--out", "disk/cut", "--no-report", expect=NO_ROOM)
        self.assertRegex(said, r"disk/cut/\S+\.h5\S*: .*No space left on device; what was recorded before stays")
        self.expect_nothing_half_written("disk/cut")
        self.assertFalse((self.path / "disk/cut/run.json").exists())
        self.assertIn("No space left on device", self.log("disk/cut")[-1]["message"])
        steps = [int(file.stem[5:]) for file in (self.path / "disk/cut/checkpoints").iterdir()]
        self.assertEqual(max(steps), 4200, "the end was saved")
        # Nor does what was said to do first do harm where there is no room yet.
        for words in (("report", "disk/cut"), ("resume", "disk/cut", "--no-report")):
            self.sharpwave(*words, expect=NO_ROOM)
            self.expect_nothing_half_written("disk/cut")
        self.disk.make_room()
        self.sharpwave("report", "disk/cut")
        self.assertTrue(self.run_json("disk/cut")["killed"])
        for file in (self.path / "whole").glob("*.h5"):
            self.assertEqual((self.path / "disk/cut" / file.name).read_bytes(), file.read_bytes())
        self.sharpwave("resume", "disk/cut", "--no-report")
        self.expect_same_results("disk/cut", "whole")

    def test_of_a_batch_ends_it_and_it_goes_on(self):
        self.sharpwave("run", "net.yaml", "--set", "batch.size=3", "--out", "whole", "--no-report", "--threads", "2")
        self.disk.leave(2 * sum(file.stat().st_size for file in (self.path / "whole/instances/0000").rglob("*.h5")))
        self.sharpwave("run", "net.yaml", "--set", "batch.size=3", "--out", "disk/cut", "--no-report", "--threads",
                       "2", expect=NO_ROOM)
        self.disk.make_room()
        self.sharpwave("resume", "disk/cut", "--no-report", "--threads", "1")
        for name in ("0000", "0001", "0002"):
            self.expect_same_results(f"disk/cut/instances/{name}", f"whole/instances/{name}")


class Log(FaultTest):
    def test_of_what_could_not_be_written_holds_whole_lines(self):
        (self.path / "net.yaml").write_text(TALKATIVE.replace("duration: 400", "duration: 4000"))
        process = self.start("run", "net.yaml", "--out", "stopped", "--no-report")
        self.wait_for(lambda: self.has_checkpoint("stopped"), process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        before = "{}\n" * 5_000_000  # more than any other file of the run has
        n_lines = set()
        for n in range(0, 700, 41):  # bytes that there is room for
            directory = self.path / f"cut{n}"
            shutil.copytree(self.path / "stopped", directory)
            (directory / "log.jsonl").write_text(before)
            self.outcome("resume", directory.name, "--no-report", "--log-level", "debug", expect=(OK,),
                         limits=((resource.RLIMIT_FSIZE, len(before) + n),))
            said = (directory / "log.jsonl").read_text()[len(before):]
            n_lines.add(len([json.loads(line) for line in said.splitlines()]))
            self.assertTrue(said == "" or said.endswith("\n"))
            shutil.rmtree(directory)
        self.assertGreater(len(n_lines), 1, n_lines)


class Checkpoints(FaultTest):
    """Trouble that begins and ends while a run goes on."""

    def expect_to_go_on_through(self, directory, begin, end, reason):
        (self.path / "net.yaml").write_text(HEAVY.replace("DURATION", "1000000").replace("INTERVAL", "20"))
        with open(self.path / "log", "w") as log:
            kept = {k: v for k, v in os.environ.items() if not k.startswith("SHARPWAVE_")}
            process = subprocess.Popen([self.program, "run", "net.yaml", "--out", directory, "--no-report", "--log-level",
                                        "debug"], cwd=self.path, env=kept, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(process.kill)
        said = (self.path / "log").read_text
        folder = self.path / directory / "checkpoints"
        newest = lambda: max(folder.glob("step_*.h5"), default=None)  # noqa: E731

        self.wait_for(newest, process)
        begin(process)
        # A file that was being written may still come.
        self.wait_for(lambda: "no checkpoint of step" in said(), process)
        self.assertRegex(said(), rf"no checkpoint of step \d+ was written: .*{reason}.*The run goes on; older")
        before = newest()
        self.assertIsNotNone(before, "older ones stay")
        self.sharpwave("inspect", str(before))
        end(process)
        self.wait_for(lambda: newest() > before, process)  # it tries again, after a second or two
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=120), INTERRUPTED, said())
        self.expect_nothing_half_written(directory)
        run = self.run_json(directory)
        self.assertEqual(int(newest().stem[5:]), round(run["simulated_ms"] / 0.1), "the end is saved")
        # Up to there it is the run that met no trouble.
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report", "--set",
                       f"simulation.duration={run['simulated_ms']}")
        whole = self.run_json("whole")
        for key in ("spike_digest", "spikes_total", "populations", "simulated_ms"):
            self.assertEqual(run[key], whole[key], key)

    def test_that_find_no_room_are_tried_again(self):
        disk = SmallDisk(self)
        self.expect_to_go_on_through("disk/run", lambda _: disk.leave(200_000), lambda _: disk.make_room(),
                                     "No space left on device")

    def test_for_which_no_file_can_be_opened_are_tried_again(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)

        def limit_to(n):
            return lambda process: resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (n, hard[1]))

        self.expect_to_go_on_through("run", limit_to(3), limit_to(hard[0]), "Too many open files")


class OpenFiles(FaultTest):
    def test_that_are_too_few_are_said_and_cost_nothing(self):
        (self.path / "net.yaml").write_text(TALKATIVE.replace("duration: 400", "duration: 60"))
        self.sharpwave("run", "net.yaml", "--out", "whole")
        refused = n_ok = 0
        for n in range(3, 60):
            limits = ((resource.RLIMIT_NOFILE, n),)
            if self.outcome("--version", expect=range(-64, 256), limits=limits)[0] != OK:
                continue  # not even the libraries can be loaded
            with self.subTest(n=n):
                code, _, said = self.outcome("run", "net.yaml", "--out", "few", "--force", expect=(OK, IO),
                                             limits=limits)
                if code == OK:
                    n_ok += 1
                else:
                    refused += 1
                    self.assertIn("Too many open files", said)
                    self.assertFalse((self.path / "few/run.json").exists(), "nothing says that it is whole")
                    if self.has_checkpoint("few"):
                        self.sharpwave("resume", "few")
                    else:
                        self.sharpwave("run", "net.yaml", "--out", "few", "--force")
                self.expect_same_results("few", "whole")
                if n_ok == 2:
                    break
        print(f"too few {refused} times", file=sys.stderr)
        self.assertGreater(refused, 0)
        self.assertGreater(n_ok, 0)


class ReadOnly(FaultTest):
    def test_a_directory_is_refused_and_left_as_it_is(self):
        disk = SmallDisk(self)
        (self.path / "net.yaml").write_text(TALKATIVE.replace("duration: 400", "duration: 4000"))
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        process = self.start("run", "net.yaml", "--out", "disk/cut", "--no-report")
        self.wait_for(lambda: self.has_checkpoint("disk/cut"), process)
        process.kill()
        process.communicate(timeout=60)
        files = {file: file.read_bytes() for file in disk.path.rglob("*") if file.is_file()}
        disk.remount("ro")
        for words in (("run", "net.yaml", "--out", "disk/new"), ("run", "net.yaml", "--out", "disk/cut", "--force"),
                      ("run", "net.yaml", "--set", "batch.size=2", "--out", "disk/new"), ("resume", "disk/cut"),
                      ("report", "disk/cut")):
            with self.subTest(words=words):
                _, said = self.sharpwave(*words, expect=IO)
                self.assertRegex(said, r"disk/(new|cut)\S*.*Read-only file system")
        self.sharpwave("inspect", "disk/cut")
        self.assertEqual({file: file.read_bytes() for file in disk.path.rglob("*") if file.is_file()}, files)
        disk.remount("rw")
        self.sharpwave("resume", "disk/cut", "--no-report")
        self.expect_same_results("disk/cut", "whole")


class Signals(FaultTest):
    def test_while_a_checkpoint_is_written_lose_nothing(self):
        seed = 20240613
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        # One checkpoint after the other.
        (self.path / "net.yaml").write_text(HEAVY.replace("DURATION", "300").replace("INTERVAL", "0.1"))
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        n_moments = 3 if is_instrumented() else 10
        n_met = 0
        for moment in range(n_moments):
            shutil.rmtree(self.path / "cut", ignore_errors=True)
            process = self.start("run", "net.yaml", "--out", "cut", "--no-report")
            folder = self.path / "cut/checkpoints"
            self.wait_for(lambda: self.has_checkpoint("cut"), process)
            time.sleep(chance.uniform(0, 0.05))
            while process.poll() is None and not any(folder.glob("*.partial")):
                continue
            process.send_signal(signal.SIGTERM)
            n_met += any(folder.glob("*.partial"))  # it was still there
            _, said = process.communicate(timeout=120)
            if process.returncode == OK:
                self.expect_same_results("cut", "whole")
                continue
            self.assertEqual(process.returncode, INTERRUPTED, f"moment {moment}: {said}")
            self.expect_nothing_half_written("cut")
            steps = [int(file.stem[5:]) for file in folder.iterdir()]
            self.assertEqual(max(steps), round(self.run_json("cut")["simulated_ms"] / 0.1), "the end is saved")
            self.assertLessEqual(len(steps), 3)
            self.sharpwave("resume", "cut", "--no-report")
            self.expect_same_results("cut", "whole")
        print(f"met {n_met} of {n_moments} half written", file=sys.stderr)
        self.assertGreater(n_met, n_moments // 3, "hardly any came while one was written")


class AtOnce(FaultTest):
    def test_of_several_runs_into_one_directory_one_goes_on_unharmed(self):
        (self.path / "net.yaml").write_text(TALKATIVE.replace("duration: 400", "duration: 1000"))
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        for _ in range(5):
            shutil.rmtree(self.path / "one", ignore_errors=True)
            processes = [self.start("run", "net.yaml", "--out", "one", "--no-report", "--threads", "1")
                         for _ in range(4)]
            ended = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
            self.assertEqual(sorted(code for _, code in ended), [OK, IO, IO, IO], ended)
            for said, code in ended:
                if code == IO:
                    self.assertRegex(said, "another run writes into one|an earlier run is not overwritten")
            self.expect_same_results("one", "whole")

    def test_of_several_resumes_of_one_run_one_goes_on_unharmed(self):
        (self.path / "net.yaml").write_text(TALKATIVE.replace("duration: 400", "duration: 2000"))
        self.sharpwave("run", "net.yaml", "--out", "whole", "--no-report")
        process = self.start("run", "net.yaml", "--out", "one", "--no-report", "--threads", "1")
        self.wait_for(lambda: self.has_checkpoint("one"), process)
        process.kill()
        process.communicate(timeout=60)
        processes = [self.start("resume", "one", "--no-report", "--threads", "1") for _ in range(3)]
        ended = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
        codes = [code for _, code in ended]
        self.assertIn(OK, codes, ended)
        self.assertTrue(set(codes) <= {OK, IO}, ended)
        for said, code in ended:
            self.assertIn("another run writes into one" if code == IO else "", said)
        self.expect_same_results("one", "whole")


if __name__ == "__main__":
    ProgramTest.program = os.path.abspath(sys.argv[1])
    if not can_mount() and IN_NAMESPACES not in os.environ:
        unshare = ["unshare", "--user", "--map-root-user", "--mount"]
        if shutil.which("unshare") and subprocess.run([*unshare, "true"], capture_output=True).returncode == 0:
            os.environ[IN_NAMESPACES] = "1"
            os.execvp(unshare[0], [*unshare, sys.executable, "-B", *sys.argv])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
