#!/usr/bin/python3
"""Draws what `sharpwave bench --out FILE` measured: real-time factor over threads and over size.

    build/release/host/cli/sharpwave bench --threads 1,2 --out bench.json
    benchmarks/plot_scaling.py bench.json scaling.svg

Points are medians, bars reach from minimum to maximum. A dashed line is what would follow from the leftmost
point: half the time with twice the threads, twice the time for twice the synapses. More sizes of the microcircuit
than two are measured where they are named (`sharpwave bench --list`). Needs python3-matplotlib.
"""
import argparse
import collections
import json

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "sharpwave"})  # text as text; equal files
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)
from matplotlib import ticker  # noqa: E402


def lines_of(results, line_of, place_of):
    """{line: [(place, range)]} of the lines that have more than one place, by place."""
    lines = collections.defaultdict(dict)
    for result in results:
        lines[line_of(result)][place_of(result)] = result["real_time_factor"]
    return {line: sorted(places.items()) for line, places in lines.items() if len(places) > 1}


def draw(axes, lines, expected):
    axes.set_xscale("log")
    axes.set_yscale("log")
    for line, points in lines.items():
        places = [place for place, _ in points]
        medians = [factor["median"] for _, factor in points]
        below = [factor["median"] - factor["min"] for _, factor in points]
        above = [factor["max"] - factor["median"] for _, factor in points]
        drawn = axes.errorbar(places, medians, yerr=[below, above], marker="o", markersize=4, capsize=2)
        colour = drawn[0].get_color()
        axes.plot(places, [medians[0] * expected(place / places[0]) for place in places], "--", color=colour,
                  alpha=0.4, linewidth=1)
        axes.annotate(line, (places[-1], medians[-1]), xytext=(8, 0), textcoords="offset points", va="center",
                      fontsize=8, color=colour)
    axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylabel("wall time / simulated time")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report", help="what `sharpwave bench --out` wrote")
    parser.add_argument("picture", help="SVG to write")
    args = parser.parse_args()
    with open(args.report, encoding="utf-8") as file:
        report = json.load(file)
    results = [result for result in report["results"] if not result.get("figures")]  # those of plain runs
    by_threads = lines_of(results, lambda r: r["case"], lambda r: r["threads"])
    # Cases that differ in their scale alone: microcircuit_0.1_poisson and so on.
    by_size = lines_of([r for r in results if r["case"].endswith("_poisson")],
                       lambda r: f"{r['case'].split('_')[0]}, {r['threads']} thread{'s' * (r['threads'] > 1)}",
                       lambda r: r["synapses"])
    panels = [(by_threads, "threads", lambda x: 1 / x), (by_size, "synapses", lambda x: x)]
    panels = [panel for panel in panels if panel[0]]
    if not panels:
        parser.error(f"{args.report}: expected a case with several numbers of threads, or one of several sizes")
    figure, all_axes = plt.subplots(1, len(panels), figsize=(5.5 * len(panels), 4), squeeze=False)
    for axes, (lines, label, expected) in zip(all_axes[0], panels):
        draw(axes, lines, expected)
        axes.set_xlabel(label)
        if label == "threads":
            ticks = sorted({place for points in lines.values() for place, _ in points})
            axes.set_xticks(ticks, labels=ticks)
            axes.minorticks_off()
    figure.suptitle(f"sharpwave {report['version']}, {report['machine']['processor']}", fontsize=9)
    figure.tight_layout()
    figure.savefig(args.picture, metadata={"Date": None})


if __name__ == "__main__":
    main()
