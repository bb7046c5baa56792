#!/usr/bin/python3
"""Prints what docs/validation.md says of runs of configs/song_2000.yaml and configs/izhikevich_2007.yaml.

    tests/validation/learning_figures.py song_2000 runs/song_2000
    tests/validation/learning_figures.py izhikevich_2007 runs/izhikevich_2007
"""
import json
import pathlib
import sys

import h5py
import numpy as np


def song_2000(folder, metrics):
    with h5py.File(folder / "spikes.h5") as file:
        times_ms = file["spikes/neuron/timestamps"][:]
    learning = metrics["learning"]
    end_ms = learning["time"][-1]
    for begin, end in ((0, 1e4), (1e5, 5e5), (end_ms - 2.5e5, end_ms)):
        if begin < 0 or end > end_ms:
            continue  # a shorter run
        within = times_ms[(times_ms >= begin) & (times_ms < end)]
        intervals = np.diff(within)
        print(f"{begin / 1e3:.0f} to {end / 1e3:.0f} s: {len(within) / (end - begin) * 1e3:.1f} Hz,"
              f" coefficient of variation {intervals.std() / intervals.mean():.2f}")
    print("synapses in the fifths of the range at the end:", *learning["histogram"][-1].reshape(5, -1).sum(axis=1))


def izhikevich_2007(folder, metrics):
    times_s = metrics["reinforced/time"][:] / 1e3
    own = metrics["reinforced/mean_weight"][:]
    if not (own >= 3.999).any():
        print(f"reinforced: not at its bound within {times_s[-1]:.0f} s")
        return
    first = np.argmax(own >= 3.999)
    print(f"reinforced: at its bound after {times_s[first]:.0f} s, from then on {own[first:].mean():.1f} mV on average,"
          f" {own[first:].min():.1f} mV at least")
    others = [metrics["E->E"], metrics["E->I"]]
    # Of those in the bin of its weight half count as stronger.
    edges = others[0]["histogram_edges"][:]
    counts = sum(other["histogram"][:] for other in others)
    bins = np.minimum(np.searchsorted(edges, own, side="right") - 1, counts.shape[1] - 1)
    stronger = [counts[k, b + 1:].sum() + counts[k, b] / 2 for k, b in enumerate(bins)]
    print(f"stronger: {100 * np.mean(np.array(stronger)[first:] / counts[0].sum()):.1f} % on average")
    print("mean of the others at the end:", *(f"{other['mean_weight'][-1]:.2f} mV" for other in others))
    with open(folder / "run.json") as file:
        print("rates:", *(f"{p['name']} {p['rate_Hz']:.2f} Hz" for p in json.load(file)["populations"]))


if __name__ == "__main__":
    kind, run = sys.argv[1], pathlib.Path(sys.argv[2])
    with h5py.File(run / "plasticity.h5") as metrics_file:
        {"song_2000": song_2000, "izhikevich_2007": izhikevich_2007}[kind](run, metrics_file["plasticity"])
