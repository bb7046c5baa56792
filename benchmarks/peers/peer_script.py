"""What every peer script has in common: its options, and the one JSON object it ends with.

A peer script simulates one network with one seed in an installed simulator and prints, as the last line of
its output, one JSON object:

    simulator       name, version, and a variant that changes its speed
    seed, threads, simulated_ms, warm_up_ms
    wall_s, cpu_s   of the simulated part alone: no construction, no compilation, no warm-up
    populations     [{name, size, spikes, rate_Hz}], names and sizes as in Sharpwave's config
    plastic         [{projection, initial_weight, mean_weight}], at the end, in the unit of Sharpwave's config;
                    named as there

compare.py runs them, and a script can be run alone.
"""
import argparse
import json


def option_parser(description, simulated_ms):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=1, help="of the network and of the run")
    parser.add_argument("--simulated-ms", type=float, default=simulated_ms)
    parser.add_argument("--warm-up-ms", type=float, default=500.0, help="simulated, but not timed or counted")
    parser.add_argument("--threads", type=int, default=1)
    return parser


def print_result(args, simulator, wall_s, cpu_s, populations, plastic=()):
    """`populations`: [(name, size, spikes)]; spikes are those of the timed part.

    `plastic`: [(projection, weight at first, mean weight)].
    """
    simulated_s = args.simulated_ms * 1e-3
    print(json.dumps({
        "simulator": simulator, "seed": args.seed, "threads": args.threads, "simulated_ms": args.simulated_ms,
        "warm_up_ms": args.warm_up_ms, "wall_s": wall_s, "cpu_s": cpu_s,
        "real_time_factor": wall_s / simulated_s,
        "populations": [{"name": name, "size": int(size), "spikes": int(spikes),
                         "rate_Hz": spikes / size / simulated_s} for name, size, spikes in populations],
        "plastic": [{"projection": name, "initial_weight": initial, "mean_weight": mean}
                    for name, initial, mean in plastic]}))
