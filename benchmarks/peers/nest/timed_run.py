"""What the NEST scripts share: kernel settings, one timed run, the Vogels-Abbott connections.

NEST 3 is run for speed as its own benchmarks do: one process, threads, spikes recorded to memory only,
connections sorted by source and spikes compressed (its defaults). Synapses that share one weight are
`static_synapse_hom_w`, which store none. Use a build with -O3 -march=native; NEST's own default is -O2. Its
precision is double. Timed is nest.Run, after a nest.Run of the warm-up in the same nest.Prepare.
"""
import os
import pathlib
import sys
import time

os.environ.setdefault("PYNEST_QUIET", "1")  # no greeting
import nest  # noqa: E402  (reads the environment)

# Behind the others: this folder's neighbours are named like the packages that they drive.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import peer_script  # noqa: E402  (found only through the line above)

DT_MS = 0.1


def arguments(description, simulated_ms):
    return peer_script.option_parser(description, simulated_ms).parse_args()


def prepare(args):
    """Call before any node is made."""
    nest.set_verbosity("M_ERROR")
    nest.local_num_threads = args.threads
    nest.resolution = DT_MS
    nest.rng_seed = args.seed


def run_and_print(args, populations, delay_ms):
    """`populations`: [(name, nodes)]; `delay_ms` is the least delay of the network's synapses.

    The recorders' connections are given that delay, since the least of all delays is the interval at which
    NEST exchanges spikes.
    """
    recorders = [nest.Create("spike_recorder", params={"start": args.warm_up_ms}) for _ in populations]
    for (_, nodes), recorder in zip(populations, recorders):
        nest.Connect(nodes, recorder, syn_spec={"delay": delay_ms})
    nest.Prepare()
    nest.Run(args.warm_up_ms)
    cpu_start, wall_start = time.process_time(), time.perf_counter()
    nest.Run(args.simulated_ms)
    wall_s, cpu_s = time.perf_counter() - wall_start, time.process_time() - cpu_start
    nest.Cleanup()
    peer_script.print_result(args, "NEST " + nest.__version__, wall_s, cpu_s,
                             [(name, len(nodes), recorder.n_events)
                              for (name, nodes), recorder in zip(populations, recorders)])


def run_vogels_abbott(args, model, params, w_ex, w_in):
    """3,200 excitatory and 800 inhibitory neurons, each pair connected with probability 0.02."""
    excitatory, inhibitory = nest.Create(model, 3200, params=params), nest.Create(model, 800, params=params)
    for name, sources, weight in (("from_E", excitatory, w_ex), ("from_I", inhibitory, w_in)):
        nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": DT_MS})
        nest.Connect(sources, excitatory + inhibitory, {"rule": "pairwise_bernoulli", "p": 0.02},
                     {"synapse_model": name})
    run_and_print(args, [("E", excitatory), ("I", inhibitory)], DT_MS)
