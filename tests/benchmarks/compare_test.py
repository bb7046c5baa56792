#!/usr/bin/python3
"""The comparer's judgement, with programs that only claim to be Sharpwave and a peer.

Usage: compare_test.py SOURCE_ROOT
"""
import contextlib
import importlib.util
import io
import json
import pathlib
import sys
import tempfile
import textwrap
import unittest

try:
    import scipy.special  # noqa: F401  (what the comparer needs)
except ImportError as error:
    print(f"SKIPPED: {error}; install python3-scipy", file=sys.stderr)
    sys.exit(77)

COMPARER = pathlib.Path(sys.argv.pop()) / "benchmarks" / "peers" / "compare.py"
SPEC = importlib.util.spec_from_file_location("compare", COMPARER)
compare = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(compare)

# Simulates nothing: rates that scatter a little from seed to seed, and a time.
SHARPWAVE = """
    out, settings = sys.argv[sys.argv.index("--out") + 1], dict(s.split("=") for s in sys.argv if "=" in s)
    seed = int(settings["simulation.seed"])
    with open(out + "/run.json", "w") as file:
        json.dump({"wall_s": 0.5, "populations": [
            {"name": "E", "size": 3200, "rate_Hz": 10 + 0.01 * (seed % 3)},
            {"name": "I", "size": 800, "rate_Hz": 20 + 0.01 * (seed % 3)}]}, file)
"""
# An interpreter that has a peer, which is wrong by `error_Hz`; it prints something else before the result.
PEER = """
    if sys.argv[1] == "-c":
        sys.exit(0)
    seed = int(sys.argv[sys.argv.index("--seed") + 1])
    print("Brian2 greets you {{}}")
    print(json.dumps({{"simulator": "Brian2 0.0", "threads": 1, "wall_s": 2.0, "cpu_s": 1.0, "populations": [
        {{"name": "E", "size": 3200, "rate_Hz": 10 + 0.01 * (seed % 3) + {error_Hz}}},
        {{"name": "I", "size": 800, "rate_Hz": 20 + 0.01 * (seed % 3)}}]}}))
"""
NO_PEER = "sys.exit(1)"


def runs(*rates, name="E", size=3200):
    return [{"simulator": "Peer 1.0", "populations": [{"name": name, "size": size, "rate_Hz": rate}]}
            for rate in rates]


class Rates(unittest.TestCase):
    def test_the_tolerance_is_that_of_the_t_test(self):
        # Both variances are 0.01, so the mean of three has the variance 0.01 / 3, and the difference twice that.
        row, = compare.rates_agree(runs(10.0, 10.1, 10.2), runs(10.1, 10.2, 10.3))
        # 8.610 is Student's t for 99.9 % on both sides and 4 degrees of freedom, as in any printed table.
        self.assertAlmostEqual(row["tolerance_Hz"], 8.610 * (2 * 0.01 / 3) ** 0.5, places=4)
        self.assertAlmostEqual(row["difference_Hz"], -0.1)

    def test_disagreeing_rates_are_rejected(self):
        compare.rates_agree(runs(10.0, 10.1, 10.2), runs(10.7, 10.8, 10.9))  # the tolerance is 0.703 Hz
        with self.assertRaisesRegex(compare.ComparisonFailed, "Times are not compared"):
            compare.rates_agree(runs(10.0, 10.1, 10.2), runs(10.8, 10.9, 11.0))

    def test_a_tolerance_that_says_nothing_is_refused(self):
        with self.assertRaisesRegex(compare.ComparisonFailed, "--repeats needs to be larger"):
            compare.rates_agree(runs(9.0, 10.0, 11.0), runs(9.0, 10.0, 11.0))

    def test_rates_that_are_no_numbers_are_refused(self):
        with self.assertRaises(compare.ComparisonFailed):
            compare.rates_agree(runs(10.0, 10.1, 10.2), runs(10.0, float("nan"), 10.2))

    def test_another_network_is_refused(self):
        for other in (runs(10.0, 10.1, 10.2, name="I"), runs(10.0, 10.1, 10.2, size=3201)):
            with self.assertRaisesRegex(compare.ComparisonFailed, "Sharpwave has E of 3200"):
                compare.rates_agree(runs(10.0, 10.1, 10.2), other)
        fewer, more = runs(10.0, 10.1), runs(10.0, 10.1)
        for run in more:
            run["populations"] *= 2
        for ours, theirs in ((fewer, more), (more, fewer)):
            with self.assertRaisesRegex(compare.ComparisonFailed, r"Sharpwave has \d populations, Peer 1.0 \d"):
                compare.rates_agree(ours, theirs)


def learned(*means, projection="E->E", initial=0.1):
    """Runs of Sharpwave and of a peer alike: of both what compare.py reads."""
    return [{"simulator": "Peer 1.0", "plasticity": [{"projection": projection, "weight_unit": "mV", "mean_weight": m}],
             "plastic": [{"projection": projection, "initial_weight": initial, "mean_weight": m}]} for m in means]


class Weights(unittest.TestCase):
    def test_what_is_compared_is_the_change(self):
        row, = compare.weights_agree(learned(0.150, 0.151, 0.152), learned(0.151, 0.152, 0.153))
        self.assertAlmostEqual(row["sharpwave"], 0.151)
        self.assertAlmostEqual(row["peer"], 0.152)
        # As of rates: both variances are 1e-6.
        self.assertAlmostEqual(row["tolerance"], 8.610 * (2e-6 / 3) ** 0.5, places=5)
        # The mean weights are as close to each other as before, but they have hardly changed.
        with self.assertRaisesRegex(compare.ComparisonFailed, "--repeats needs to be larger"):
            compare.weights_agree(learned(0.100, 0.101, 0.102), learned(0.101, 0.102, 0.103))

    def test_disagreeing_weights_are_rejected(self):
        with self.assertRaisesRegex(compare.ComparisonFailed, "E->E, mean change of a weight: 0.011 mV in Sharpwave, "
                                                              "0.014 mV in Peer 1.0.*Times are not compared"):
            compare.weights_agree(learned(0.1109, 0.1110, 0.1111), learned(0.1139, 0.1140, 0.1141))

    def test_other_projections_are_refused(self):
        for other in (learned(0.11, 0.12, 0.13, projection="E->I"), runs(1.0, 2.0, 3.0)):
            with self.assertRaisesRegex(compare.ComparisonFailed, "Sharpwave has the plastic projections"):
                compare.weights_agree(learned(0.11, 0.12, 0.13), other)
        self.assertEqual(compare.weights_agree(runs(1.0, 2.0), runs(1.0, 2.0)), [])


class Alive(unittest.TestCase):
    def test_a_network_that_died_out_is_replaced_by_the_next_seed(self):
        tried = []

        def simulate(seed):
            tried.append(seed)
            return runs(0.0 if len(tried) < 3 else 5.0)[0]

        self.assertEqual(compare.alive(simulate, 7)["populations"][0]["rate_Hz"], 5.0)
        self.assertEqual(tried, [7, 107, 207])

    def test_it_gives_up_in_the_end(self):
        with self.assertRaisesRegex(compare.ComparisonFailed, "died out"):
            compare.alive(lambda seed: runs(0.0)[0], 1)


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def program(self, name, body):
        path = self.folder / name
        path.write_text("#!/usr/bin/python3 -SE\nimport json, sys\n" + textwrap.dedent(body))
        path.chmod(0o755)
        return str(path)

    def compare(self, *peers, brian2=PEER.format(error_Hz=0), arguments=()):
        """Runs one case with three repeats; NEST and GeNN are not installed. Leaves self.status and the like."""
        report, out, err = self.folder / "report.json", io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self.status = compare.main(
                    [*peers, self.program("sharpwave", SHARPWAVE), "--cases", "cuba", "--repeats", "3",
                     "--out", str(report), "--python", f"brian2={self.program('has_brian2', brian2)}",
                     "--python", f"nest={self.program('no_nest', NO_PEER)}",
                     "--python", f"genn={self.program('no_genn', NO_PEER)}", *arguments])
            except SystemExit as refused:
                self.status = refused.code
        self.output, self.complaints = out.getvalue(), err.getvalue()
        self.report = json.loads(report.read_text()) if report.exists() else None

    def test_a_ratio_is_printed_where_the_rates_agree(self):
        self.compare("brian2")
        self.assertEqual(self.status, 0, self.complaints)
        row, = self.report["results"][0]["peers"]
        self.assertTrue(row["measured"])
        self.assertEqual(row["ratio"], {"min": 4.0, "median": 4.0, "max": 4.0})
        self.assertIn("Brian2 0.0", self.output)
        self.assertIn("4.00 / 4.00 / 4.00", self.output)

    def test_a_noisy_measurement_is_marked(self):
        self.compare("brian2")
        result = self.report["results"][0]
        for share, marked in ((0.04, False), (0.06, True)):
            result["peers"][0]["others_share"] = {"min": 0.0, "median": 0.0, "max": share}
            text = "\n".join(compare.table(result))
            self.assertEqual("noisy: other processes had 0.00 / 0.00 / 0.06" in text, marked)

    def test_no_ratio_is_printed_where_they_do_not(self):
        self.compare("brian2", brian2=PEER.format(error_Hz=1))
        self.assertEqual(self.status, 1)
        self.assertIn("Times are not compared", self.output)
        self.assertNotIn("4.00", self.output)
        self.assertNotIn("ratio", self.report["results"][0]["peers"][0])

    def test_a_peer_that_fails_leaves_the_others_their_rows(self):
        self.compare("brian2", "nest", brian2=PEER.format(error_Hz=0) + "    sys.exit(3)\n")
        self.assertEqual(self.status, 1)
        brian2, nest = self.report["results"][0]["peers"]
        self.assertIn("exit status 3", brian2["error"])
        self.assertIs(nest["measured"], False)
        self.assertNotIn("carried_over", nest)  # there is no Brian2 to carry it over from
        self.assertIn("no figure to carry over", self.output)

    def test_output_without_a_result_is_no_result(self):
        self.compare("brian2", brian2='if sys.argv[1] != "-c": print("Segmentation fault")')
        self.assertEqual(self.status, 1)
        self.assertIn("expected a line of JSON at its end, read:\nSegmentation fault", self.output)

    def test_a_peer_that_is_not_installed_is_said_and_its_figure_marked(self):
        self.compare("brian2", "nest", "genn")
        self.assertEqual(self.status, 0, self.complaints)
        self.assertIn("has no module nest; NEST is not measured", self.complaints)
        self.assertIn("has no module pygenn; GeNN is not measured", self.complaints)
        for line in self.output.splitlines():
            if line.strip().startswith(("NEST", "GeNN")):
                self.assertIn("not measured here", line)
        nest = self.report["results"][0]["peers"][1]
        self.assertIs(nest["measured"], False)
        self.assertNotIn("ratio", nest)
        # Brian2 took 2 s, four times as long as Sharpwave; NEST's factor is 1.06, Brian2's 0.075.
        self.assertAlmostEqual(nest["carried_over"]["wall_s"], 2.0 * 1.06 / 0.075)
        self.assertAlmostEqual(nest["carried_over"]["ratio"], 4.0 * 1.06 / 0.075)

    def test_a_peer_without_a_script_for_the_case_is_said_so(self):
        row = compare.carried_row("nest", "brunel_stdp", 1, None)
        self.assertEqual(row, {"peer": "nest", "measured": False, "why": "NEST has no script for this case"})

    def test_without_any_peer_nothing_is_claimed(self):
        self.compare("nest", "genn")
        self.assertEqual(self.status, 1)
        self.assertIn("nothing was measured", self.complaints)
        self.assertIsNone(self.report)

    def test_impossible_command_lines_are_refused(self):
        for peers, arguments, message in (
                ((), (), "expected peers, or --yardstick"),
                (("brian3",), (), "brian3: expected a peer"),
                (("genn",), ("--threads", "2"), "one thread"),
                (("brian2",), ("--repeats", "2"), "at least 3"),
                (("brian2",), ("--python", "brian2=/nowhere/python3"), "/nowhere/python3: no such program"),
                (("brian2",), ("--python", "/usr/bin/python3"), "expected PEER=VALUE")):
            with self.subTest(message):
                self.compare(*peers, arguments=arguments)
                self.assertEqual(self.status, 2)
                self.assertIn(message, self.complaints)


if __name__ == "__main__":
    unittest.main()
