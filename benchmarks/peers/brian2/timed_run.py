"""What the three Brian2 scripts share: one timed, single-threaded C++ standalone run, and its JSON.

Brian2 is run as its manual recommends for speed: C++ standalone with its own default compiler flags
(-O3 -ffast-math -march=native), double precision (its default), no OpenMP, spikes only counted. The wall
clock is read inside the generated program just before and after the loop over the timed part, so code
generation, compilation, construction of the network and the warm-up are not in it.
"""
import argparse
import json
import os
import sys
import tempfile

import brian2
import numpy as np


def arguments(description, simulated_ms):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=1, help="of the network and of the run")
    parser.add_argument("--simulated-ms", type=float, default=simulated_ms)
    parser.add_argument("--warm-up-ms", type=float, default=500.0)
    return parser.parse_args()


def prepare(seed):
    """Call before any Brian2 object is made."""
    brian2.prefs.devices.cpp_standalone.openmp_threads = 0
    brian2.prefs.codegen.cpp.headers += ["<chrono>", "<cstdio>"]
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.defaultclock.dt = 0.1 * brian2.ms
    brian2.seed(seed)
    np.random.seed(seed)


def run_and_print(args, network, monitor, populations):
    """`populations`: [(name, size)] in the order of the neurons that `monitor` counts."""
    device = brian2.get_device()
    with tempfile.TemporaryDirectory() as folder:
        wall_file = os.path.join(folder, "wall_s.txt")
        monitor.active = False
        network.run(args.warm_up_ms * brian2.ms)
        monitor.active = True
        device.insert_code("main", "const auto wall_start = std::chrono::steady_clock::now();")
        network.run(args.simulated_ms * brian2.ms)
        device.insert_code("main", f"""
            const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_start;
            if (FILE* file = std::fopen("{wall_file}", "w")) {{
                std::fprintf(file, "%.9f", wall.count());
                std::fclose(file);
            }}""")
        device.build(directory=os.path.join(folder, "build"), compile=True, run=True, debug=False)
        with open(wall_file, encoding="ascii") as file:
            wall_s = float(file.read())
        counts = np.asarray(monitor.count)
    sizes = np.array([size for _, size in populations])
    spikes = np.add.reduceat(counts, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    simulated_s = args.simulated_ms * 1e-3
    json.dump({
        "simulator": "Brian2 " + brian2.__version__, "seed": args.seed, "threads": 1,
        "simulated_ms": args.simulated_ms, "warm_up_ms": args.warm_up_ms,
        "wall_s": wall_s, "cpu_s": device._last_run_time, "real_time_factor": wall_s / simulated_s,
        "spikes_total": int(spikes.sum()),
        "populations": [{"name": name, "size": int(size), "spikes": int(n), "rate_Hz": n / size / simulated_s}
                        for (name, size), n in zip(populations, spikes)]}, sys.stdout, indent=1)
    print()


def run_vogels_abbott(args, neurons, on_excitatory, on_inhibitory):
    """3,200 excitatory and 800 inhibitory of the 4,000 `neurons`, each pair connected with probability 0.02."""
    delay = 0.1 * brian2.ms
    excitatory = brian2.Synapses(neurons[:3200], neurons, on_pre=on_excitatory, delay=delay)
    inhibitory = brian2.Synapses(neurons[3200:], neurons, on_pre=on_inhibitory, delay=delay)
    excitatory.connect(p=0.02)
    inhibitory.connect(p=0.02)
    monitor = brian2.SpikeMonitor(neurons, record=False)
    run_and_print(args, brian2.Network(neurons, excitatory, inhibitory, monitor), monitor,
                  [("E", 3200), ("I", 800)])
