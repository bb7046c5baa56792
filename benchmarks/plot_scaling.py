#!/usr/bin/python3
"""Draws what `sharpwave bench --out FILE` measured: real-time factor over threads and over size, and what a synaptic
event costs over size.

    build/release/host/cli/sharpwave bench --threads 1,2 --out bench.json
    benchmarks/plot_scaling.py bench.json scaling.svg            # or several such files, of one machine

Points are medians, bars reach from minimum to maximum. A dashed line is what would follow from the leftmost
point: half the time with twice the threads, twice the time for twice the synapses, as much for each event. More
sizes of the microcircuit than two, and those of brunel_1e4 to brunel_1e9 are measured where they are named
(`sharpwave bench --list`). Needs python3-matplotlib.
"""
import argparse
import collections
import json
import pathlib

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "sharpwave"})  # text as text; equal files
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)
from matplotlib import ticker  # noqa: E402


def real_time_factor(result):
    return result["real_time_factor"]


def ns_an_event(result):
    """Nanoseconds of one thread for each synaptic event, whatever they were spent on."""
    scale = 1e9 * result["threads"] / result["synaptic_events"]
    return {place: seconds * scale for place, seconds in result["wall_s"].items()}


def threads_of(result):
    return f"{result['threads']} thread{'s' * (result['threads'] > 1)}"


def lines_of(results, line_of, place_of, value_of):
    """{line: [(place, range)]} of the lines that have more than one place, by place."""
    lines = collections.defaultdict(dict)
    for result in results:
        lines[line_of(result)][place_of(result)] = value_of(result)
    return {line: sorted(places.items()) for line, places in lines.items() if len(places) > 1}


def draw(axes, lines, expected):
    axes.set_xscale("log")
    axes.set_yscale("log")
    for line, points in lines.items():
        places = [place for place, _ in points]
        medians = [value["median"] for _, value in points]
        below = [value["median"] - value["min"] for _, value in points]
        above = [value["max"] - value["median"] for _, value in points]
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", nargs="+", metavar="report", help="what `sharpwave bench --out` wrote")
    parser.add_argument("picture", help="SVG to write")
    args = parser.parse_args()
    reports = [json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in args.reports]
    results = [result for report in reports for result in report["results"] if not result.get("figures")]  # of plain runs
    sizes = [r for r in results if r["case"].startswith("brunel_1e")]
    by_threads = lines_of([r for r in results if r not in sizes], lambda r: r["case"], lambda r: r["threads"],
                          real_time_factor)
    # Cases that differ in their scale alone: microcircuit_0.1_poisson and so on.
    by_size = lines_of([r for r in results if r["case"].endswith("_poisson")],
                       lambda r: f"{r['case'].split('_')[0]}, {threads_of(r)}", lambda r: r["synapses"], real_time_factor)
    cost = lines_of(sizes, threads_of, lambda r: r["synapses"], ns_an_event)
    panels = [(by_threads, "threads", "wall time / simulated time", lambda x: 1 / x),
              (by_size, "synapses", "wall time / simulated time", lambda x: x),
              (cost, "synapses", "ns of a thread / synaptic event", lambda x: 1)]
    panels = [panel for panel in panels if panel[0]]
    if not panels:
        parser.error(f"{args.reports[0]}: expected a case with several numbers of threads, or one of several sizes")
    figure, all_axes = plt.subplots(1, len(panels), figsize=(5.5 * len(panels), 4), squeeze=False)
    for axes, (lines, label, value, expected) in zip(all_axes[0], panels):
        draw(axes, lines, expected)
        axes.set_xlabel(label)
        axes.set_ylabel(value)
        if label == "threads":
            ticks = sorted({place for points in lines.values() for place, _ in points})
            axes.set_xticks(ticks, labels=ticks)
            axes.minorticks_off()
    figure.suptitle(f"sharpwave {reports[0]['version']}, {reports[0]['machine']['processor']}", fontsize=9)
    figure.tight_layout()
    figure.savefig(args.picture, metadata={"Date": None})


if __name__ == "__main__":
    main()
