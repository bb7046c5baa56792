#!/usr/bin/env python3
"""Compares the statistics of runs with numpy's and scipy's, on files that h5py wrote.

Usage: reference_test.py SHARPWAVE
Exits with 77, and says so, where numpy, scipy or h5py are missing.
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

DEBIAN_PYTHON = "/usr/bin/python3"  # for which the packages are, where another one is found first
try:
    import h5py
    import numpy as np
    import scipy.signal
except ImportError as missing:
    if os.path.exists(DEBIAN_PYTHON) and "SHARPWAVE_REFERENCE_TEST" not in os.environ:
        os.environ["SHARPWAVE_REFERENCE_TEST"] = "once"
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, "-B", *sys.argv])
    print(f"SKIPPED, NOT TESTED: {missing}; install python3-numpy, python3-scipy and python3-h5py")
    sys.exit(77)

COMMAND = []
# Both sides sum some 10^5 terms in double, in another order: relative errors of 1e-16 times the root of that,
# and those of Fourier transforms and variances are of the largest term.
RELATIVE = 1e-11


class Population:
    def __init__(self, name, size, counts, recorded=None):
        """counts: [steps, neurons] spikes."""
        self.name, self.size, self.counts = name, size, counts
        self.recorded = recorded or size
        self.steps, self.ids = np.nonzero(counts)
        times = counts[self.steps, self.ids]
        self.steps, self.ids = np.repeat(self.steps, times), np.repeat(self.ids, times)


def write_run(folder, dt_ms, warm_up_steps, n_steps, populations):
    with h5py.File(folder / "spikes.h5", "w") as file:
        for population in populations:
            group = file.create_group(f"spikes/{population.name}")
            # As the writer has it: the double nearest to the decimal number where 1/dt is whole.
            ends = population.steps + 1 + warm_up_steps
            per_ms = round(1 / dt_ms)
            times = ends / per_ms if abs(per_ms * dt_ms - 1) < 1e-12 else ends * dt_ms
            group["timestamps"] = times.astype(np.float64)
            group["node_ids"] = population.ids.astype(np.uint64)
    run = {"dt_ms": dt_ms, "warm_up_ms": warm_up_steps * dt_ms, "simulated_ms": n_steps * dt_ms, "interrupted": False,
           "populations": [{"name": p.name, "size": p.size, "spikes": len(p.ids), "recorded": p.recorded}
                           for p in populations]}
    (folder / "run.json").write_text(json.dumps(run))


def statistics_of(dt_ms, warm_up_steps, n_steps, populations):
    with tempfile.TemporaryDirectory() as folder:
        write_run(pathlib.Path(folder), dt_ms, warm_up_steps, n_steps, populations)
        output = subprocess.run([*COMMAND, folder], check=True, capture_output=True, text=True).stdout
    (statistics,) = json.loads(output)
    return statistics


def rebinned(counts, bin_steps):
    """[bins, ...] of counts [steps, ...]; without the bin that is not full."""
    n_bins = len(counts) // bin_steps
    return counts[:n_bins * bin_steps].reshape(n_bins, bin_steps, *counts.shape[1:]).sum(axis=1)


def random_counts(random, n_steps, n_neurons, rate_per_step, modulation=0.0, period=1000):
    """Poisson spikes; rates differ between neurons and are modulated together."""
    of_neuron = rate_per_step * random.gamma(2, 0.5, n_neurons)
    of_step = 1 + modulation * np.sin(2 * np.pi * np.arange(n_steps) / period)
    return (random.random((n_steps, n_neurons)) < of_step[:, None] * of_neuron).astype(np.int64)


class Reference(unittest.TestCase):
    def assert_close(self, found, expected, scale=None):
        found, expected = np.asarray(found, float), np.asarray(expected, float)
        self.assertEqual(found.shape, expected.shape)
        scale = np.abs(expected).max(initial=0) if scale is None else scale
        self.assertLessEqual(np.abs(found - expected).max(initial=0), RELATIVE * scale)

    def assert_summary(self, found, values):
        """values: at least two, not all equal."""
        scale = np.abs(values).max()
        self.assert_close(found["mean"], np.mean(values), scale)
        self.assert_close(found["sd"], np.std(values, ddof=1), scale)

    def assert_histogram(self, found, values):
        n_bins = min(200, math.ceil(math.sqrt(len(values))))
        counts, edges = np.histogram(values, n_bins)
        self.assertEqual(found["counts"], counts.tolist())
        self.assert_close(found["start"] + found["width"] * np.arange(n_bins + 1), edges)

    def assert_rates(self, found, counts, recorded, duration_s):
        spikes = np.concatenate([counts.sum(axis=0), np.zeros(recorded - counts.shape[1], int)])
        self.assert_summary(found, spikes / duration_s)
        width = math.ceil((spikes.max() - spikes.min() + 1) / min(200, math.ceil(math.sqrt(recorded))))
        expected, _ = np.histogram(spikes, np.arange(spikes.min(), spikes.max() + width + 1, width) - 0.5)
        self.assertEqual(found["histogram"]["counts"], expected[:len(found["histogram"]["counts"])].tolist())
        self.assertEqual(sum(found["histogram"]["counts"]), recorded)
        self.assert_close(found["histogram"]["start"], spikes.min() / duration_s, scale=spikes.max() / duration_s)
        self.assert_close(found["histogram"]["width"], width / duration_s)

    def assert_cvs(self, found, counts):
        cvs = []
        for train in counts.T:
            intervals = np.diff(np.nonzero(train)[0])
            if len(intervals) >= 2:
                cvs.append(np.std(intervals, ddof=1) / np.mean(intervals))
        self.assertEqual(found["neurons"], len(cvs))
        self.assert_summary(found, cvs)
        self.assert_histogram(found["histogram"], cvs)

    def assert_correlations(self, found, counts, dt_ms):
        bin_steps = max(1, round(2 / dt_ms))
        self.assert_close(found["bin_ms"], bin_steps * dt_ms)
        binned = rebinned(counts, bin_steps)
        candidates = np.nonzero(binned.std(axis=0) > 0)[0]
        n = min(250, len(candidates))
        chosen = candidates[np.arange(n) * len(candidates) // n]
        self.assertEqual(found["neurons"], n)
        coefficients = np.corrcoef(binned[:, chosen].T)[np.triu_indices(n, 1)]
        self.assertEqual(found["pairs"], len(coefficients))
        self.assert_summary(found, coefficients)
        self.assert_histogram(found["histogram"], coefficients)

    def assert_rate_over_time(self, found, population, dt_ms):
        n_steps = len(population.counts)
        bin_steps = max(1, math.ceil(n_steps / 1000))
        self.assert_close(found["bin_ms"], bin_steps * dt_ms)
        edges = np.arange(0, n_steps + 1, bin_steps)
        spikes, _ = np.histogram(population.steps + 0.5, edges)
        self.assert_close(found["Hz"], spikes / (population.recorded * bin_steps * dt_ms / 1000))

    def assert_spectrum(self, found, population, dt_ms):
        bin_steps = max(1, round(1 / dt_ms))
        bin_s = bin_steps * dt_ms / 1000
        rate_Hz = rebinned(population.counts.sum(axis=1), bin_steps) / (population.recorded * bin_s)
        length = min(1024, 2 ** int(math.log2(len(rate_Hz))))
        frequencies, power = scipy.signal.welch(rate_Hz, fs=1 / bin_s, nperseg=length)
        self.assert_close(found["bin_ms"], bin_s * 1000)
        self.assert_close(found["segment_ms"], length * bin_s * 1000)
        self.assertEqual(found["segments"], (len(rate_Hz) - length) // (length // 2) + 1)
        self.assert_close(found["frequency_Hz"], frequencies[1:])
        self.assert_close(found["Hz2_per_Hz"], power[1:])

    def compare(self, dt_ms, warm_up_steps, n_steps, populations):
        statistics = statistics_of(dt_ms, warm_up_steps, n_steps, populations)
        self.assert_close(statistics["start_ms"], warm_up_steps * dt_ms)
        self.assert_close(statistics["stop_ms"], (warm_up_steps + n_steps) * dt_ms)
        self.assertEqual([p["name"] for p in statistics["populations"]], [p.name for p in populations])
        for found, population in zip(statistics["populations"], populations):
            with self.subTest(population=population.name):
                self.assertEqual(found["spikes"], len(population.ids))
                self.assertEqual((found["size"], found["recorded"]), (population.size, population.recorded))
                # Of a population recorded in part the matrix has the recorded neurons first.
                counts = population.counts[:, :population.recorded]
                self.assert_rates(found["rate_Hz"], counts, population.recorded, n_steps * dt_ms / 1000)
                self.assert_cvs(found["cv_isi"], counts)
                self.assert_correlations(found["correlation"], counts, dt_ms)
                self.assert_rate_over_time(found["rate_over_time"], population, dt_ms)
                self.assert_spectrum(found["power_spectrum"], population, dt_ms)

    def test_two_populations(self):
        random = np.random.default_rng(1)
        self.compare(0.1, 500, 50_000, [
            Population("E", 400, random_counts(random, 50_000, 400, 1e-3, modulation=0.8, period=300)),
            Population("I", 90, random_counts(random, 50_000, 90, 3e-3))])

    def test_a_population_recorded_in_part(self):
        random = np.random.default_rng(2)
        counts = np.zeros((20_011, 500), np.int64)
        counts[:, :60] = random_counts(random, 20_011, 60, 5e-4)
        self.compare(0.1, 0, 20_011, [Population("E", 500, counts, recorded=60)])

    def test_steps_that_do_not_divide_a_bin(self):
        random = np.random.default_rng(3)
        self.compare(0.3, 17, 5_003, [Population("E", 40, random_counts(random, 5_003, 40, 2e-2))])

    def test_steps_longer_than_a_bin(self):
        random = np.random.default_rng(4)
        self.compare(4.0, 3, 777, [Population("E", 30, random_counts(random, 777, 30, 0.2))])

    def test_a_short_run(self):
        random = np.random.default_rng(5)
        self.compare(0.125, 0, 8 * 70, [Population("E", 50, random_counts(random, 8 * 70, 50, 2e-2))])

    def test_a_damaged_run_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "run.json").write_text("{")
            result = subprocess.run([*COMMAND, folder], check=False, capture_output=True, text=True)
        self.assertEqual(result.returncode, 5)
        self.assertIn("run.json", result.stderr)


if __name__ == "__main__":
    COMMAND = [sys.argv[1], "report", "--json"]
    unittest.main(argv=sys.argv[:1])
