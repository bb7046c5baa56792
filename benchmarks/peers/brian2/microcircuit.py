#!/usr/bin/python3
"""The Potjans-Diesmann microcircuit at scale 0.1 with Poisson background, as in configs/microcircuit.yaml.

The network is the one of tests/reference/brian2/microcircuit_rates.py: one group and one explicit,
source-ordered set of synapses, which Brian2 simulates faster than eight populations and 64 projections.
"""
import pathlib
import sys

import timed_run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "reference" / "brian2"))
import microcircuit_rates  # noqa: E402  (found only through the line above)


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=4000.0)
    timed_run.prepare(args)
    network, monitor, sizes = microcircuit_rates.build(args.seed, neurons=0.1, indegrees=0.1)
    timed_run.run_and_print(args, network, monitor, list(zip(microcircuit_rates.POPULATIONS, sizes)))


if __name__ == "__main__":
    main()
