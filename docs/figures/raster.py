#!/usr/bin/python3
"""Draws a run: every population's spikes over time, and its mean rate beside it.

    docs/figures/raster.py RUN_DIRECTORY docs/figures/microcircuit.png

Reads run.json and the SONATA spikes.h5 of the run. Populations stand in the order of run.json, from top to
bottom, with heights in proportion to their sizes. Too many spikes would be an even grey, so only every n-th
neuron of each population is drawn, and the figure says so. Needs python3-h5py and python3-matplotlib.
"""
import argparse
import json
import pathlib
import sys

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen before)
from matplotlib.ticker import MaxNLocator  # noqa: E402

# Opaque and dark, so that it reads the same on a light and on a dark page.
BACKGROUND, FOREGROUND, FAINT = "#10151f", "#e6e9ef", "#7d8798"
# In pairs, a strong and a pale tone: the excitatory and the inhibitory population of one layer.
COLOURS = ["#4f9fe8", "#a9d3f7", "#46c28a", "#a8e8c8", "#f0ae3c", "#f9dc9c", "#ea6559", "#f7b3ab"]
MOST_SPIKES_DRAWN = 16000
SMALLEST_BAND = 0.035  # share of the height that even the smallest population gets


def read_run(directory):
    """run.json, and {population: (times in ms, ids)}; a message that names the file where one is lacking."""
    summary_file, spike_file = directory / "run.json", directory / "spikes.h5"
    for path in (summary_file, spike_file):
        if not path.is_file():
            sys.exit(f"{path}: not found; expected the directory of a finished run that records spikes")
    summary = json.loads(summary_file.read_text(encoding="utf-8"))
    spikes = {}
    with h5py.File(spike_file, "r") as file:
        for name, group in file["spikes"].items():
            spikes[name] = (group["timestamps"][()], group["node_ids"][()])
    return summary, spikes


def bands(sizes):
    """Top edge and height of each population's band; the whole is 1, top to bottom."""
    heights = np.maximum(np.asarray(sizes) / sum(sizes), SMALLEST_BAND)
    heights /= heights.sum()
    return np.concatenate([[0.0], np.cumsum(heights)[:-1]]), heights


def draw_raster(axes, populations, spikes, start_ms, stop_ms):
    """Returns n, where every n-th neuron is drawn."""
    in_window = {name: (times > start_ms) & (times <= stop_ms) for name, (times, _) in spikes.items()}
    stride = max(1, -(-sum(int(mask.sum()) for mask in in_window.values()) // MOST_SPIKES_DRAWN))
    tops, heights = bands([p["size"] for p in populations])
    for index, (population, top, height) in enumerate(zip(populations, tops, heights)):
        name, colour = population["name"], COLOURS[index % len(COLOURS)]
        axes.axhline(top, color=FAINT, linewidth=0.4, alpha=0.5)
        axes.text(-0.012, top + 0.5 * height, name, transform=axes.get_yaxis_transform(), color=colour,
                  ha="right", va="center", fontsize=11, fontweight="bold")
        if name not in spikes:
            continue
        times, ids = spikes[name]
        shown = in_window[name] & (ids % stride == 0)
        y = top + height * (0.04 + 0.92 * (ids[shown] + 0.5) / population["size"])
        axes.scatter(times[shown], y, s=3.2, color=colour, linewidths=0, rasterized=True)
    axes.set_xlim(start_ms, stop_ms)
    axes.set_ylim(1.0, 0.0)
    axes.set_yticks([])
    axes.set_xlabel("time (ms)")
    return stride


def draw_rates(axes, populations):
    tops, heights = bands([p["size"] for p in populations])
    rates = [p["rate_Hz"] for p in populations]
    centres = tops + 0.5 * heights
    # Bars of one thickness, but none thicker than its band.
    axes.barh(centres, rates, height=np.minimum(0.72 * heights, 0.06),
              color=[COLOURS[i % len(COLOURS)] for i in range(len(populations))])
    for centre, rate in zip(centres, rates):
        axes.text(rate + 0.02 * max(rates), centre, f"{rate:.2f}", color=FOREGROUND, va="center", fontsize=10)
    axes.set_xlim(0, 1.22 * max(rates) if max(rates) > 0 else 1)
    axes.set_ylim(1.0, 0.0)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_xlabel("mean rate (Hz)")


def every(stride):
    if stride == 1:
        return "every neuron drawn"
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(stride % 10 if stride % 100 not in (11, 12, 13) else 0, "th")
    return f"every {stride}{suffix} neuron drawn"


def figure(summary, spikes, title, window_ms):
    populations = summary["populations"]
    last_ms = max((times.max() for times, _ in spikes.values() if times.size), default=None)
    if last_ms is None:
        sys.exit("spikes.h5 holds no spikes: nothing to draw")
    stop_ms = np.ceil(last_ms / 10.0) * 10.0
    start_ms = max(0.0, stop_ms - window_ms)
    plt.rcParams.update({"font.family": "DejaVu Sans", "text.color": FOREGROUND,
                         "axes.labelcolor": FOREGROUND, "xtick.color": FAINT, "ytick.color": FAINT,
                         "axes.edgecolor": FAINT, "axes.facecolor": BACKGROUND})
    drawing, (left, right) = plt.subplots(1, 2, figsize=(14, 7.2), dpi=100, facecolor=BACKGROUND,
                                          gridspec_kw={"width_ratios": [4.2, 1], "wspace": 0.05})
    stride = draw_raster(left, populations, spikes, start_ms, stop_ms)
    draw_rates(right, populations)
    for axes in (left, right):
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    facts = [f"{sum(p['size'] for p in populations):,} neurons"]
    if summary.get("synapses"):
        facts.append(f"{summary['synapses']:,} synapses")
    facts.append(f"{summary['simulated_ms']:,.0f} ms simulated")
    facts.append(every(stride))
    drawing.text(0.07, 0.955, title or summary.get("title") or "Spikes", fontsize=16, fontweight="bold",
                 va="center")
    drawing.text(0.07, 0.915, "  ·  ".join(facts), fontsize=10.5, color=FAINT, va="center")
    drawing.subplots_adjust(left=0.07, right=0.985, top=0.885, bottom=0.085)
    return drawing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="directory with run.json and spikes.h5")
    parser.add_argument("out", type=pathlib.Path, help="PNG to write")
    parser.add_argument("--window", type=float, default=500.0, metavar="MS", help="drawn: the last MS of the run")
    parser.add_argument("--title", help="default: the run's own")
    args = parser.parse_args()
    if not args.window > 0:
        parser.error(f"--window {args.window}: expected more than 0 ms")
    summary, spikes = read_run(args.run)
    # No metadata: the same run then gives the same file.
    figure(summary, spikes, args.title, args.window).savefig(args.out, facecolor=BACKGROUND,
                                                             metadata={"Software": None})


if __name__ == "__main__":
    main()
