"""What the Brian2 scripts share: one timed run in C++ standalone mode.

Brian2 is run as its manual recommends for speed: C++ standalone with its own default compiler flags
(-O3 -ffast-math -march=native), double precision (its default), spikes only counted; OpenMP where --threads
is more than one. The clocks are read inside the generated program just before and after the loop over the
timed part, so code generation, compilation, construction of the network and the warm-up are not in it.
"""
import os
import pathlib
import sys
import tempfile

import brian2
import numpy as np

# Behind the others: this folder's neighbours are named like the packages that they drive.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import peer_script  # noqa: E402  (found only through the line above)


def arguments(description, simulated_ms):
    return peer_script.option_parser(description, simulated_ms).parse_args()


def prepare(args):
    """Call before any Brian2 object is made."""
    # 0 is a program without OpenMP, which is faster than OpenMP with one thread.
    brian2.prefs.devices.cpp_standalone.openmp_threads = args.threads if args.threads > 1 else 0
    brian2.prefs.codegen.cpp.headers += ["<chrono>", "<cstdio>", "<ctime>"]
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.defaultclock.dt = 0.1 * brian2.ms
    brian2.seed(args.seed)
    np.random.seed(args.seed)


def run_and_print(args, network, monitor, populations, plastic=lambda: []):
    """`populations`: [(name, size)] in the order of the neurons that `monitor` counts.

    plastic(): [(projection, weight at first, mean weight)], asked after the run.
    """
    device = brian2.get_device()
    with tempfile.TemporaryDirectory() as folder:
        times_file = os.path.join(folder, "times_s.txt")
        monitor.active = False
        network.run(args.warm_up_ms * brian2.ms)
        monitor.active = True
        device.insert_code("main", """
            const std::clock_t cpu_start = std::clock();
            const auto wall_start = std::chrono::steady_clock::now();""")
        network.run(args.simulated_ms * brian2.ms)
        device.insert_code("main", f"""
            const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_start;
            const double cpu = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
            if (FILE* file = std::fopen("{times_file}", "w")) {{
                std::fprintf(file, "%.9f %.9f", wall.count(), cpu);
                std::fclose(file);
            }}""")
        device.build(directory=os.path.join(folder, "build"), compile=True, run=True, debug=False)
        with open(times_file, encoding="ascii") as file:
            wall_s, cpu_s = (float(word) for word in file.read().split())
        counts = np.asarray(monitor.count)
        learned = plastic()
    sizes = np.array([size for _, size in populations])
    spikes = np.add.reduceat(counts, np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    peer_script.print_result(args, "Brian2 " + brian2.__version__, wall_s, cpu_s,
                             [(name, size, n) for (name, size), n in zip(populations, spikes)], learned)


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
