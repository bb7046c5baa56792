#!/usr/bin/python3
"""Sharpwave beside Brian2 on the same networks, in turn, on this machine, one thread each.

    benchmarks/compare_brian2.py build/release/sharpwave --out comparison.json

Each repeat draws other networks (seeds 1, 2, ...) and runs Brian2, then Sharpwave; a repeat's ratio is
Brian2's time over Sharpwave's, and the summary is minimum, median and maximum over repeats. Times are of
the simulated part alone (see README.md). A fast wrong answer is no answer: before a ratio is printed, the
rates of every population must agree (see rates_agree); where they do not, the exit status is 1.

With --yardstick EXECUTABLE the full microcircuit is run instead beside a program that prints `RTF x.xxx`:

    benchmarks/compare_brian2.py build/release/sharpwave --threads 2 --yardstick ./microcircuit_pull \\
        --yardstick-arguments '2 1,2'
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PEERS = ROOT / "benchmarks" / "peers" / "brian2"
BRIAN2_PYTHON = "/usr/bin/python3"  # Debian's python3-brian belongs to Debian's interpreter
LEAST_RATE_HZ = 0.1  # below it a network has died out
CONFIDENCE = 0.999
# A tolerance above this share of the rate would pass anything: more repeats are needed then.
LARGEST_TOLERANCE = 0.25
WARM_UP_MS = 500

# name: config, simulated ms, further overrides
CASES = {
    "brunel": ("brunel.yaml", 1000, []),
    # Poisson background: at this scale the direct current does not keep the network active.
    "microcircuit": ("microcircuit.yaml", 4000,
                     ["scaling.neurons=0.1", "scaling.indegrees=0.1", "parameters.poisson=1"]),
    "cuba": ("vogels_abbott_cuba.yaml", 10000, []),
    "coba": ("vogels_abbott_coba.yaml", 1000, []),
}
# Direct current, as in the yardstick; `--set parameters.poisson=1` comes later and wins.
FULL_MICROCIRCUIT = ("microcircuit.yaml", 1000,
                     ["scaling.neurons=1", "scaling.indegrees=1", "parameters.poisson=0"])


class ComparisonFailed(Exception):
    """What was run does not permit a comparison; the message says why."""


def run(command):
    """Standard output of `command`; its standard error is shown only where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise ComparisonFailed(f"exit status {done.returncode} from: {shlex.join(map(str, command))}\n"
                               f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def run_sharpwave(binary, case, seed, threads, overrides):
    config, simulated_ms, of_case = case
    settings = [f"simulation.duration={simulated_ms}", f"simulation.warm_up={WARM_UP_MS}",
                f"simulation.seed={seed}", f"simulation.network_seed={seed}", *of_case, *overrides]
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "run", ROOT / "configs" / config, "--threads", str(threads), "--out", folder,
                   "--force"]
        for setting in settings:
            command += ["--set", setting]
        run(command)
        with open(pathlib.Path(folder) / "run.json", encoding="utf-8") as file:
            return json.load(file)


def run_brian2(name, seed):
    output = run([BRIAN2_PYTHON, "-W", "ignore", PEERS / f"{name}.py", "--seed", str(seed),
                  "--simulated-ms", str(CASES[name][1]), "--warm-up-ms", str(WARM_UP_MS)])
    return json.loads(output[output.index("{"):])


def rates_agree(ours, theirs):
    """Two-sample t test of each population's mean rate, both sides `repeats` runs with their own networks.

    The tolerance is the half-width of the 99.9 % interval of the difference of the means, from the pooled
    spread over repeats. Returns rows for the report; raises where a population disagrees, or where the
    tolerance is so wide that agreement would mean nothing.
    """
    from scipy.stats import t
    n = len(ours)
    rows = []
    for p, population in enumerate(ours[0]["populations"]):
        name = population["name"]
        mine = [r["populations"][p]["rate_Hz"] for r in ours]
        peer = [r["populations"][p]["rate_Hz"] for r in theirs]
        if theirs[0]["populations"][p]["name"] != name or \
                theirs[0]["populations"][p]["size"] != population["size"]:
            raise ComparisonFailed(f"population {p}: Sharpwave has {name} of {population['size']}, Brian2 "
                                   f"{theirs[0]['populations'][p]['name']} of "
                                   f"{theirs[0]['populations'][p]['size']}")
        pooled_variance = 0.5 * (statistics.variance(mine) + statistics.variance(peer))
        tolerance = t.ppf(0.5 + 0.5 * CONFIDENCE, 2 * n - 2) * (2.0 * pooled_variance / n) ** 0.5
        difference = statistics.mean(mine) - statistics.mean(peer)
        rows.append({"population": name, "sharpwave_Hz": statistics.mean(mine),
                     "brian2_Hz": statistics.mean(peer), "difference_Hz": difference,
                     "tolerance_Hz": tolerance})
        if not tolerance <= LARGEST_TOLERANCE * statistics.mean(peer):
            raise ComparisonFailed(f"{name}: {n} repeats leave a tolerance of {tolerance:.3g} Hz on "
                                   f"{statistics.mean(peer):.3g} Hz; --repeats needs to be larger")
        if not abs(difference) <= tolerance:
            raise ComparisonFailed(f"{name}: mean rate {statistics.mean(mine):.4f} Hz in Sharpwave, "
                                   f"{statistics.mean(peer):.4f} Hz in Brian2; the difference may be "
                                   f"{tolerance:.4f} Hz. Times are not compared")
    return rows


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def text_of(values, digits):
    return " / ".join(f"{values[key]:.{digits}f}" for key in ("min", "median", "max"))


def alive(simulate, seed):
    """The result of simulate(seed), or of the first of seeds seed + 100, seed + 200, ... that does not die out.

    A self-sustained network can fall silent by chance, in any simulator; that says nothing about speed.
    """
    for attempt in range(20):
        result = simulate(seed + 100 * attempt)
        if all(population["rate_Hz"] > LEAST_RATE_HZ for population in result["populations"]):
            return result
    raise ComparisonFailed(f"twenty networks died out, from seed {seed} on")


def compare_case(name, args):
    ours, theirs = [], []
    for repeat in range(1, args.repeats + 1):
        theirs.append(alive(lambda seed: run_brian2(name, seed), repeat))
        ours.append(alive(lambda seed: run_sharpwave(args.sharpwave, CASES[name], seed, 1, args.set), repeat))
        print(f"{name} {repeat}/{args.repeats}: Brian2 {theirs[-1]['wall_s']:.3f} s, Sharpwave "
              f"{ours[-1]['wall_s']:.3f} s", file=sys.stderr, flush=True)
    rates = rates_agree(ours, theirs)
    result = {"case": name, "simulated_ms": CASES[name][1], "repeats": args.repeats, "threads": 1,
              "peer": theirs[0]["simulator"], "rates": rates,
              "sharpwave_wall_s": spread([r["wall_s"] for r in ours]),
              "brian2_wall_s": spread([r["wall_s"] for r in theirs]),
              "brian2_cpu_s": spread([r["cpu_s"] for r in theirs]),
              "ratio": spread([t["wall_s"] / o["wall_s"] for o, t in zip(ours, theirs)])}
    print(f"\n{name}: {CASES[name][1]} ms, one thread, {args.repeats} repeats in turn, min / median / max")
    print(f"  Brian2     {text_of(result['brian2_wall_s'], 3)} s")
    print(f"  Sharpwave  {text_of(result['sharpwave_wall_s'], 3)} s")
    print(f"  Sharpwave is {text_of(result['ratio'], 2)} times as fast")
    for row in rates:
        print(f"  {row['population']:>5} {row['sharpwave_Hz']:9.4f} Hz, Brian2 {row['brian2_Hz']:9.4f} Hz, "
              f"difference {row['difference_Hz']:+.4f} within {row['tolerance_Hz']:.4f}")
    return result


def compare_yardstick(args):
    """The other program's rates are not checked: it has its own output. Its network is its user's claim."""
    ours, theirs = [], []
    for repeat in range(1, args.repeats + 1):
        output = run([args.yardstick, *shlex.split(args.yardstick_arguments)])
        factors = [float(x) for x in re.findall(r"\bRTF\s+(\d+(?:\.\d+)?)", output)]
        if not factors:
            raise ComparisonFailed(f"{args.yardstick}: expected `RTF x.xxx` in its output, read:\n{output}")
        theirs.append(statistics.median(factors))
        ours.append(run_sharpwave(args.sharpwave, FULL_MICROCIRCUIT, repeat, args.threads, args.set))
        print(f"full microcircuit {repeat}/{args.repeats}: yardstick {theirs[-1]:.3f}, Sharpwave "
              f"{ours[-1]['real_time_factor']:.3f}", file=sys.stderr, flush=True)
    factors = [r["real_time_factor"] for r in ours]
    result = {"case": "full microcircuit", "simulated_ms": FULL_MICROCIRCUIT[1], "repeats": args.repeats,
              "threads": args.threads, "peer": pathlib.Path(args.yardstick).name,
              "overrides": args.set, "sharpwave_rtf": spread(factors), "peer_rtf": spread(theirs),
              "time_ratio": spread([o / t for o, t in zip(factors, theirs)]),
              "construction_s": spread([r["construction_s"] for r in ours]),
              "peak_memory_bytes": spread([r["peak_memory_bytes"] for r in ours]),
              "rates_Hz": {p["name"]: p["rate_Hz"] for p in ours[-1]["populations"]}}
    print(f"\nfull microcircuit, {args.threads} thread(s), real-time factor, min / median / max")
    print(f"  yardstick  {text_of(result['peer_rtf'], 3)}")
    print(f"  Sharpwave  {text_of(result['sharpwave_rtf'], 3)}")
    print(f"  Sharpwave takes {text_of(result['time_ratio'], 2)} times as long")
    print("  rates " + ", ".join(f"{name} {rate:.3f}" for name, rate in result["rates_Hz"].items()) + " Hz")
    return result


def machine():
    model = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"),
                      re.MULTILINE)
    return {"processor": model.group(1) if model else platform.processor(),
            "cpus": os.cpu_count(), "load_average_at_start": os.getloadavg()[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sharpwave", help="the built program")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5, help="at least 3")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a further override for Sharpwave's config")
    parser.add_argument("--threads", type=int, default=1, help="of Sharpwave beside the yardstick")
    parser.add_argument("--yardstick", metavar="EXECUTABLE")
    parser.add_argument("--yardstick-arguments", default="")
    parser.add_argument("--out", help="JSON file to write")
    args = parser.parse_args()
    if args.repeats < 3:
        parser.error(f"--repeats {args.repeats}: expected at least 3")
    report = {"machine": machine(), "results": []}
    # Both programs compete with whatever else runs, not equally: such a ratio is worth less.
    if report["machine"]["load_average_at_start"] > 0.5:
        print(f"warning: load average {report['machine']['load_average_at_start']:.2f} at the start; this "
              "machine is not idle", file=sys.stderr)
    failed = False
    for name in ["full microcircuit"] if args.yardstick else args.cases:
        try:
            result = compare_yardstick(args) if args.yardstick else compare_case(name, args)
        except ComparisonFailed as error:
            print(f"{name}: {error}", file=sys.stderr)
            result, failed = {"case": name, "error": str(error)}, True
        report["results"].append(result)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
