#!/usr/bin/python3
"""Mean rates of the scaled-down Potjans-Diesmann microcircuit in Brian2, seed by seed.

The program that made microcircuit_rates.json, which Sharpwave's own microcircuit is tested against:

    /usr/bin/python3 tests/reference/brian2/microcircuit_rates.py --out tests/reference/brian2/microcircuit_rates.json

Every seed draws another network (multapses, weights, delays) and other initial potentials, simulates a
warm-up and then `--duration` seconds. The summary holds the rates of each seed, their mean and sd over
seeds, and a prediction interval (see prediction_interval) for one further run of the same length.

Needs Brian2 (Debian: python3-brian) and g++. Brian2 runs as C++ standalone, one thread.

Network: Potjans & Diesmann 2014, doi:10.1093/cercor/bhs358, with the constants and the down-scaling
(van Albada, Helias & Diesmann 2015, doi:10.1371/journal.pcbi.1004490) of the INM-6 implementation in NEST.
"""
import argparse
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

POPULATIONS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
FULL_SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
# Row = target, column = source.
CONNECTION_PROBABILITY = np.array([
    [.1009, .1689, .0437, .0818, .0323, .0, .0076, .0],
    [.1346, .1371, .0316, .0515, .0755, .0, .0042, .0],
    [.0077, .0059, .0497, .135, .0067, .0003, .0453, .0],
    [.0691, .0029, .0794, .1597, .0033, .0, .1057, .0],
    [.1004, .0622, .0505, .0057, .0831, .3726, .0204, .0],
    [.0548, .0269, .0257, .0022, .06, .3158, .0086, .0],
    [.0156, .0066, .0211, .0166, .0572, .0197, .0396, .2252],
    [.0364, .001, .0034, .0005, .0277, .008, .0658, .1443]])
# Mean rates of the full-scale model in NEST, from which the DC that replaces lost input is computed.
FULL_RATES_HZ = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
K_EXT = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
BACKGROUND_RATE_HZ = 8.0
V_INIT_MEAN_MV = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])
V_INIT_SD_MV = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])
C_M_PF, TAU_M_MS, TAU_SYN_MS, T_REF_MS = 250.0, 10.0, 0.5, 2.0
E_L_MV, V_TH_MV, V_RESET_MV = -65.0, -50.0, -65.0
PSC_PA, INHIBITION, RELATIVE_SD_WEIGHT = 87.81, -4.0, 0.1
DELAY_MS, RELATIVE_SD_DELAY = {"E": 1.5, "I": 0.75}, 0.5
DT_MS = 0.1
CONFIDENCE = 0.999


def mean_weights_pA():
    """Mean weight of each (target, source) pair at full scale; L4E to L23E is doubled."""
    excitatory = np.array([name.endswith("E") for name in POPULATIONS])
    weights = np.tile(np.where(excitatory, PSC_PA, INHIBITION * PSC_PA), (8, 1))
    weights[0, 2] *= 2.0
    return weights


def full_synapse_numbers():
    """K = round(ln(1-p) / ln((N-1)/N)), N = N_pre * N_post."""
    pairs = np.outer(FULL_SIZES, FULL_SIZES).astype(float)
    return np.round(np.log(1.0 - CONNECTION_PROBABILITY) / np.log((pairs - 1.0) / pairs)).astype(int)


def dc_pA(k):
    """What in-degrees scaled by k and weights by 1/sqrt(k) take from the mean input."""
    background = PSC_PA * K_EXT * BACKGROUND_RATE_HZ
    indegrees = full_synapse_numbers() / FULL_SIZES[:, None]
    recurrent = (mean_weights_pA() * indegrees) @ FULL_RATES_HZ
    return 1e-3 * TAU_SYN_MS * (1.0 - np.sqrt(k)) * (background + recurrent)


def redrawn_normal(rng, mean, sd, size, accept):
    values = rng.normal(mean, sd, size)
    while (rejected := np.flatnonzero(~accept(values))).size:
        values[rejected] = rng.normal(mean, sd, rejected.size)
    return values


def draw_network(seed, neurons, indegrees):
    """Sizes, source, target, weight (pA), delay (ms) and initial V (mV): all that a seed decides."""
    rng = np.random.default_rng(seed)
    sizes = np.round(neurons * FULL_SIZES).astype(int)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    numbers = np.round(full_synapse_numbers() * neurons * indegrees).astype(int)
    weights = mean_weights_pA() / np.sqrt(indegrees)
    parts = []
    for target in range(8):
        for source in range(8):
            number, w = numbers[target, source], weights[target, source]
            d = DELAY_MS[POPULATIONS[source][-1]]
            drawn_delay = redrawn_normal(rng, d, RELATIVE_SD_DELAY * d, number, lambda x: x >= DT_MS)
            parts.append((first[source] + rng.integers(sizes[source], size=number),
                          first[target] + rng.integers(sizes[target], size=number),
                          redrawn_normal(rng, w, RELATIVE_SD_WEIGHT * abs(w), number,
                                         lambda x, w=w: x * np.sign(w) > 0),
                          np.round(drawn_delay / DT_MS) * DT_MS))
    source, target, weight, delay = (np.concatenate(column) for column in zip(*parts))
    order = np.lexsort((target, source))  # source-major, the order in which Brian2 delivers fastest
    v_init = rng.normal(np.repeat(V_INIT_MEAN_MV, sizes), np.repeat(V_INIT_SD_MV, sizes))
    return sizes, source[order], target[order], weight[order], delay[order], v_init


def build(seed, neurons, indegrees):
    """The Brian2 network and the population sizes; call after set_device."""
    from brian2 import NeuronGroup, SpikeMonitor, Network, Synapses, defaultclock, mV, ms, pA, pF
    defaultclock.dt = DT_MS * ms
    sizes, source, target, weight, delay, v_init = draw_network(seed, neurons, indegrees)
    # Refractory one step longer than t_ref: Brian2 counts the step of the spike itself, NEST does not, and
    # both then clamp V for 20 updates. Everything else in Brian2's default order is NEST's: exact update,
    # threshold, and an event of step t acts on the current at the end of step t + delay.
    group = NeuronGroup(
        int(sizes.sum()),
        """dV/dt = -(V - E_L) / tau_m + (I_syn + I_dc) / C_m : volt (unless refractory)
           dI_syn/dt = -I_syn / tau_syn : amp
           I_dc : amp
           n_ext : 1 (constant)""",
        threshold="V >= V_th", reset="V = V_reset", refractory=(T_REF_MS + DT_MS) * ms, method="exact",
        namespace=dict(C_m=C_M_PF * pF, tau_m=TAU_M_MS * ms, tau_syn=TAU_SYN_MS * ms, E_L=E_L_MV * mV,
                       V_th=V_TH_MV * mV, V_reset=V_RESET_MV * mV,
                       w_ext=PSC_PA / np.sqrt(indegrees) * pA))
    group.V = v_init * mV
    group.I_dc = np.repeat(dc_pA(indegrees), sizes) * pA
    group.n_ext = np.repeat(np.round(indegrees * K_EXT) * BACKGROUND_RATE_HZ * 1e-3 * DT_MS, sizes)
    synapses = Synapses(group, group, "w : amp", on_pre="I_syn_post += w")
    synapses.connect(i=source, j=target)
    synapses.w = weight * pA
    synapses.delay = delay * ms
    # True Poisson numbers; PoissonInput would draw binomial ones, of a variance smaller by rate * dt.
    group.run_regularly("I_syn += w_ext * poisson(n_ext)", dt=DT_MS * ms, when="synapses")
    # Counts only: cheaper than recording, and all that a rate needs.
    monitor = SpikeMonitor(group, record=False)
    return Network(group, synapses, monitor), monitor, sizes


def one_seed(args):
    """Simulates one seed in this process and prints its rates as JSON."""
    import brian2
    from brian2 import second, ms
    with tempfile.TemporaryDirectory() as folder:
        brian2.set_device("cpp_standalone", build_on_run=False)
        brian2.seed(args.one_seed)  # of the Poisson background, drawn during the run
        network, monitor, sizes = build(args.one_seed, args.neurons, args.indegrees)
        monitor.active = False
        network.run(args.warm_up_ms * ms)
        monitor.active = True
        network.run(args.duration * second)
        brian2.device.build(directory=folder, compile=True, run=True, debug=False)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        spikes = np.add.reduceat(np.asarray(monitor.count), starts)
    json.dump({"seed": args.one_seed, "sizes": sizes.tolist(), "spikes": spikes.tolist(),
               "rates_Hz": (spikes / sizes / args.duration).tolist()}, sys.stdout)


def prediction_interval(rates):
    """The two-sided 99.9 % prediction interval for the rate in ONE new, independent run.

    Not a confidence interval for the mean: it is wider, because it also holds the new run's own scatter.
    For n normally distributed rates it is mean +- t(n-1, 0.9995) * sd * sqrt(1 + 1/n). It is per
    population: with eight of them a correct simulator misses at least one in at most 0.8 % of seeds.
    """
    from scipy.stats import t
    n = len(rates)
    mean, sd = rates.mean(axis=0), rates.std(axis=0, ddof=1)
    half = t.ppf(0.5 + 0.5 * CONFIDENCE, n - 1) * sd * np.sqrt(1.0 + 1.0 / n)
    return mean, sd, mean - half, mean + half


def all_seeds(args):
    import brian2

    def run(seed):
        command = [sys.executable, "-W", "ignore", os.path.abspath(__file__), "--one-seed", str(seed)]
        for name in ("neurons", "indegrees", "duration", "warm_up_ms"):
            command += ["--" + name.replace("_", "-"), repr(getattr(args, name))]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        result = json.loads(output[output.index('{"seed"'):])
        print(seed, np.round(result["rates_Hz"], 3), file=sys.stderr, flush=True)
        return result

    seeds = list(range(args.first_seed, args.first_seed + args.seeds))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = list(pool.map(run, seeds))
    mean, sd, low, high = prediction_interval(np.array([r["rates_Hz"] for r in runs]))
    summary = {
        "what": "Mean rates of the Potjans-Diesmann microcircuit, scaled down, Poisson background, in Brian2; "
                "interval = 99.9 % prediction interval for the mean rate in one new run of the same length",
        "command": shlex.join(["/usr/bin/python3"] + sys.argv),
        "brian2_version": brian2.__version__, "numpy_version": np.__version__,
        "scaling": {"neurons": args.neurons, "indegrees": args.indegrees},
        "dt_ms": DT_MS, "warm_up_ms": args.warm_up_ms, "duration_ms": args.duration * 1e3,
        "seeds": seeds, "confidence": CONFIDENCE, "synapses": int(np.round(
            full_synapse_numbers() * args.neurons * args.indegrees).sum()),
        "populations": [
            {"name": name, "size": runs[0]["sizes"][p], "dc_pA": round(float(dc_pA(args.indegrees)[p]), 6),
             "mean_Hz": round(mean[p], 6), "sd_Hz": round(sd[p], 6),
             "interval_Hz": [round(low[p], 6), round(high[p], 6)],
             "rates_Hz": [round(r["rates_Hz"][p], 6) for r in runs]}
            for p, name in enumerate(POPULATIONS)]}
    with open(args.out, "w", encoding="utf-8") as file:
        json.dump(summary, file, indent=1)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="seeds simulated at a time")
    parser.add_argument("--neurons", type=float, default=0.1, help="scale of the population sizes")
    parser.add_argument("--indegrees", type=float, default=0.1, help="scale of the in-degrees")
    parser.add_argument("--duration", type=float, default=10.0, help="seconds after the warm-up")
    parser.add_argument("--warm-up-ms", type=float, default=500.0)
    parser.add_argument("--out", default="microcircuit_rates.json")
    parser.add_argument("--one-seed", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    one_seed(args) if args.one_seed is not None else all_seeds(args)


if __name__ == "__main__":
    main()
