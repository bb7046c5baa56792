#!/usr/bin/python3
"""Sharpwave beside other simulators on the same networks, in turn, on this machine.

    benchmarks/peers/compare.py brian2 nest genn build/release/host/cli/sharpwave --out comparison.json

Each repeat draws other networks (seeds 1, 2, ...) and runs each peer, and Sharpwave right after it; a repeat's
ratio is the peer's time over Sharpwave's, and the summary is minimum, median and maximum over repeats. Times
are of the simulated part alone (see ../README.md). A fast wrong answer is no answer: before a ratio is
printed, the rates of every population must agree, and what plastic weights have come to (see means_agree);
where they do not, the exit status is 1.

A peer that is not installed is said to be so, and its figure is carried over from elsewhere by its ratio to
Brian2 (see CARRIED_RTF) and marked as not measured. An interpreter that has the peer is given with
--python nest=EXECUTABLE.

With --yardstick EXECUTABLE the full microcircuit is run instead beside a program that prints `RTF x.xxx`:

    benchmarks/peers/compare.py build/release/host/cli/sharpwave --threads 2 \\
        --yardstick ./microcircuit_pull --yardstick-arguments '2 1,2'
"""
import argparse
import json
import os
import pathlib
import platform
import re
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
CONFIGS = FOLDER.parents[1] / "configs"
PYTHON = "/usr/bin/python3"  # Debian's python3-brian belongs to Debian's interpreter
PEERS = {"brian2": ("Brian2", "brian2"), "nest": ("NEST", "nest"), "genn": ("GeNN", "pygenn")}  # name, module
LEAST_RATE_HZ = 0.1  # below it a network has died out
CONFIDENCE = 0.999
# A tolerance above this share of the rate would pass anything: more repeats are needed then.
LARGEST_TOLERANCE = 0.25
# Where other processes had more of the processors' time than this, a ratio is worth less; as in `sharpwave bench`.
LARGEST_OTHERS_SHARE = 0.05
WARM_UP_MS = 500

# name: config, simulated ms, further overrides
CASES = {
    "brunel": ("brunel.yaml", 1000, []),
    # Poisson background: at this scale the direct current does not keep the network active.
    "microcircuit": ("microcircuit.yaml", 4000,
                     ["scaling.neurons=0.1", "scaling.indegrees=0.1", "parameters.poisson=1"]),
    "cuba": ("vogels_abbott_cuba.yaml", 10000, []),
    "coba": ("vogels_abbott_coba.yaml", 1000, []),
    "brunel_stdp": ("brunel_stdp.yaml", 1000, ["record.plasticity=none"]),
}
# Of a case beside one peer: what Sharpwave then does as the peer does.
BESIDE = {
    # Its delays are before the synapse; by default they are behind it.
    ("brunel_stdp", "brian2"): ["projections.0.plasticity.delay_kind=axonal"],
}
# Direct current, as in the yardstick; `--set parameters.poisson=1` comes later and wins.
FULL_MICROCIRCUIT = ("microcircuit.yaml", 1000,
                     ["scaling.neurons=1", "scaling.indegrees=1", "parameters.poisson=0"])

# Real-time factors (medians) of these cases by (case, threads), taken once on one idle two-core machine with
# Brian2 2.5.1, GeNN 5.4 (float) and NEST 3.9 for Sharpwave's performance notes. Only their ratios are used; for
# GeNN they are larger than the scripts here measure (../README.md).
CARRIED_RTF = {
    ("brunel", 1): {"brian2": 12.2, "genn": 15.6, "nest": 19.3},
    ("brunel", 2): {"brian2": 9.5, "nest": 8.9},
    ("microcircuit", 1): {"brian2": 1.70, "genn": 3.96, "nest": 6.5},
    ("microcircuit", 2): {"brian2": 1.32, "nest": 2.6},
    ("cuba", 1): {"brian2": 0.075, "genn": 0.38, "nest": 1.06},
    ("coba", 1): {"brian2": 0.32, "genn": 0.75, "nest": 7.6},
    ("brunel_stdp", 1): {"brian2": 44.4, "genn": 28.6, "nest": 57.1},
    ("brunel_stdp", 2): {"brian2": 40.9, "nest": 24.3},
}


class ComparisonFailed(Exception):
    """What was run does not permit a comparison; the message says why."""


def processor_seconds():
    """Of all processors since the system started: (all, at work for whomever, at work for finished children).

    What other virtual machines took (steal) counts as work.
    """
    words = pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, idle, iowait, irq, softirq, steal = (
        int(word) / os.sysconf("SC_CLK_TCK") for word in words[1:9])
    at_work = user + nice + system + irq + softirq + steal
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return at_work + idle + iowait, at_work, children.ru_utime + children.ru_stime


def run(command):
    """(standard output, share of all processors' time that other processes had meanwhile).

    Standard error is shown only where the command fails.
    """
    before = processor_seconds()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise ComparisonFailed(f"exit status {done.returncode} from: {shlex.join(map(str, command))}\n"
                               f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
    total, at_work, ours = (after - b for after, b in zip(processor_seconds(), before))
    return done.stdout, max(0.0, at_work - ours) / total if total > 0 else 0.0


def run_sharpwave(binary, case, seed, threads, overrides):
    config, simulated_ms, of_case = case
    settings = [f"simulation.duration={simulated_ms}", f"simulation.warm_up={WARM_UP_MS}",
                f"simulation.seed={seed}", f"simulation.network_seed={seed}", "device.kind=cpu", *of_case,
                *overrides]
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "run", CONFIGS / config, "--threads", str(threads), "--out", folder, "--force",
                   "--no-report"]
        for setting in settings:
            command += ["--set", setting]
        _, others_share = run(command)
        with open(pathlib.Path(folder) / "run.json", encoding="utf-8") as file:
            return json.load(file) | {"others_share": others_share}


def is_installed(peer, python):
    """Whether `python` finds the peer's module. A folder of that name without an __init__.py is not it."""
    find = "import importlib.util, sys; s = importlib.util.find_spec(sys.argv[1]); sys.exit(not (s and s.origin))"
    return subprocess.run([python, "-c", find, PEERS[peer][1]], check=False).returncode == 0


def run_peer(peer, name, seed, args):
    output, others_share = run(
        [args.python[peer], "-W", "ignore", script(peer, name), "--seed", str(seed),
         "--simulated-ms", str(CASES[name][1]), "--warm-up-ms", str(WARM_UP_MS), "--threads", str(args.threads),
         *args.peer_option[peer]])
    try:
        return json.loads(output.splitlines()[-1]) | {"others_share": others_share}
    except (IndexError, json.JSONDecodeError) as error:
        raise ComparisonFailed(f"{peer}/{name}.py: expected a line of JSON at its end, read:\n"
                               f"{output[-2000:]}") from error


def means_agree(what, unit, mine, peer, peer_name):
    """Two-sample t test of a mean, both sides as many runs with networks of their own.

    The tolerance is the half-width of the 99.9 % interval of the difference of the means, from the pooled
    spread over the runs. Returns (mine, the peer's, difference, tolerance); raises where they disagree, or
    where the tolerance is so wide that agreement would mean nothing.
    """
    from scipy.special import stdtrit  # Student's quantile; scipy.stats has it too, and loads for a second
    n = len(mine)
    pooled_variance = 0.5 * (statistics.variance(mine) + statistics.variance(peer))
    tolerance = stdtrit(2 * n - 2, 0.5 + 0.5 * CONFIDENCE) * (2.0 * pooled_variance / n) ** 0.5
    difference = statistics.mean(mine) - statistics.mean(peer)
    if not tolerance <= LARGEST_TOLERANCE * abs(statistics.mean(peer)):
        raise ComparisonFailed(f"{what}: {n} repeats leave a tolerance of {tolerance:.3g} {unit} on "
                               f"{statistics.mean(peer):.3g} {unit}; --repeats needs to be larger")
    if not abs(difference) <= tolerance:
        raise ComparisonFailed(f"{what}: {statistics.mean(mine):.4g} {unit} in Sharpwave, "
                               f"{statistics.mean(peer):.4g} {unit} in {peer_name}; the difference may be "
                               f"{tolerance:.4g} {unit}. Times are not compared")
    return statistics.mean(mine), statistics.mean(peer), difference, tolerance


def rates_agree(ours, theirs):
    """means_agree() of each population's rate, as rows for the report."""
    peer_name = theirs[0]["simulator"]
    rows = []
    if len(theirs[0]["populations"]) != len(ours[0]["populations"]):
        raise ComparisonFailed(f"Sharpwave has {len(ours[0]['populations'])} populations, {peer_name} "
                               f"{len(theirs[0]['populations'])}")
    for p, population in enumerate(ours[0]["populations"]):
        name = population["name"]
        mine = [r["populations"][p]["rate_Hz"] for r in ours]
        peer = [r["populations"][p]["rate_Hz"] for r in theirs]
        if theirs[0]["populations"][p]["name"] != name or \
                theirs[0]["populations"][p]["size"] != population["size"]:
            raise ComparisonFailed(f"population {p}: Sharpwave has {name} of {population['size']}, {peer_name} "
                                   f"{theirs[0]['populations'][p]['name']} of "
                                   f"{theirs[0]['populations'][p]['size']}")
        mean, peer_mean, difference, tolerance = means_agree(f"{name}, mean rate", "Hz", mine, peer, peer_name)
        rows.append({"population": name, "sharpwave_Hz": mean, "peer_Hz": peer_mean,
                     "difference_Hz": difference, "tolerance_Hz": tolerance})
    return rows


def weights_agree(ours, theirs):
    """means_agree() of what the weights of each plastic projection have changed by in the mean, likewise."""
    rows = []
    peer_name = theirs[0]["simulator"]
    mine = [(r["projection"], r["weight_unit"]) for r in ours[0].get("plasticity", [])]
    peers = [r["projection"] for r in theirs[0].get("plastic", [])]
    if [name for name, _ in mine] != peers:
        raise ComparisonFailed(f"Sharpwave has the plastic projections {[name for name, _ in mine]}, {peer_name} {peers}")
    for p, (name, unit) in enumerate(mine):
        initial = theirs[0]["plastic"][p]["initial_weight"]
        changes = [[r["plasticity"][p]["mean_weight"] - initial for r in ours],
                   [r["plastic"][p]["mean_weight"] - initial for r in theirs]]
        mean, peer_mean, difference, tolerance = means_agree(f"{name}, mean change of a weight", unit, *changes,
                                                             peer_name)
        rows.append({"projection": name, "unit": unit, "sharpwave": initial + mean, "peer": initial + peer_mean,
                     "difference": difference, "tolerance": tolerance})
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


def measured_row(peer, ours, theirs):
    """The peer's row of the table; raises where the rates disagree, or what was learned."""
    return {"peer": peer, "measured": True, "simulator": theirs[0]["simulator"],
            "rates": rates_agree(ours, theirs), "weights": weights_agree(ours, theirs),
            "peer_wall_s": spread([r["wall_s"] for r in theirs]),
            "peer_cpu_s": spread([r["cpu_s"] for r in theirs]),
            "sharpwave_wall_s": spread([r["wall_s"] for r in ours]),
            "ratio": spread([t["wall_s"] / o["wall_s"] for o, t in zip(ours, theirs)]),
            "others_share": spread([r["others_share"] for r in ours + theirs])}


def script(peer, name):
    return FOLDER / peer / f"{name}.py"


def carried_row(peer, name, threads, brian2):
    """The row of a peer that is not measured; `brian2` is Brian2's measured row, or None."""
    why = "is not installed" if script(peer, name).exists() else "has no script for this case"
    row = {"peer": peer, "measured": False, "why": f"{PEERS[peer][0]} {why}"}
    known = CARRIED_RTF.get((name, threads), {})
    if brian2 is not None and peer in known:
        to_brian2 = known[peer] / known["brian2"]
        row["carried_over"] = {"peer_to_brian2": to_brian2, "wall_s": brian2["peer_wall_s"]["median"] * to_brian2,
                               "ratio": brian2["ratio"]["median"] * to_brian2}
    return row


def compare_case(name, args):
    runs = {peer: ([], []) for peer in args.installed if script(peer, name).exists()}
    errors = {}
    for repeat in range(1, args.repeats + 1):
        for peer in [peer for peer in runs if peer not in errors]:
            ours, theirs = runs[peer]
            try:
                theirs.append(alive(lambda seed, peer=peer: run_peer(peer, name, seed, args), repeat))
                overrides = BESIDE.get((name, peer), []) + args.set
                ours.append(alive(lambda seed, overrides=overrides: run_sharpwave(
                    args.sharpwave, CASES[name], seed, args.threads, overrides), repeat))
                print(f"{name} {repeat}/{args.repeats}: {PEERS[peer][0]} {theirs[-1]['wall_s']:.3f} s, "
                      f"Sharpwave {ours[-1]['wall_s']:.3f} s", file=sys.stderr, flush=True)
            except ComparisonFailed as error:
                errors[peer] = str(error)
    rows = {}
    for peer, (ours, theirs) in runs.items():
        try:
            rows[peer] = {"peer": peer, "error": errors[peer]} if peer in errors else measured_row(peer, ours, theirs)
        except ComparisonFailed as error:
            rows[peer] = {"peer": peer, "error": str(error)}
    brian2 = rows.get("brian2") if rows.get("brian2", {}).get("measured") else None
    for peer in args.peers:
        if peer not in rows:
            rows[peer] = carried_row(peer, name, args.threads, brian2)
    return {"case": name, "simulated_ms": CASES[name][1], "repeats": args.repeats, "threads": args.threads,
            "overrides": args.set, "peers": [rows[peer] for peer in args.peers]}


def table(result):
    """The lines printed for one case."""
    lines = [f"\n{result['case']}: {result['simulated_ms']} ms, {result['threads']} thread(s) each, "
             f"{result['repeats']} repeats in turn; seconds and ratios are min / median / max",
             f"  {'peer':24} {'peer, s':27} {'Sharpwave, s':23} Sharpwave is, times as fast"]
    for row in result["peers"]:
        name = PEERS[row["peer"]][0]
        if "error" in row:
            lines.append(f"  {name:24} no ratio: {row['error']}")
        elif row["measured"]:
            lines.append(f"  {row['simulator']:24} {text_of(row['peer_wall_s'], 3):27} "
                         f"{text_of(row['sharpwave_wall_s'], 3):23} {text_of(row['ratio'], 2)}")
            if row["others_share"]["max"] > LARGEST_OTHERS_SHARE:
                lines.append(f"  {'':24} noisy: other processes had {text_of(row['others_share'], 2)} of the "
                             "processors' time")
        elif "carried_over" in row:
            carried = row["carried_over"]
            lines.append(f"  {name:24} {carried['wall_s']:<27.3g} {'':23} {carried['ratio']:.3g}: not measured here "
                         f"({row['why']}); carried over, Brian2's median x {carried['peer_to_brian2']:.3g}")
        else:
            lines.append(f"  {name:24} not measured here ({row['why']}), and no figure to carry over")
    for row in result["peers"]:
        for rate in row.get("rates", []):
            lines.append(f"  {rate['population']:>5} {rate['sharpwave_Hz']:9.4f} Hz, {row['simulator']} "
                         f"{rate['peer_Hz']:9.4f} Hz, difference {rate['difference_Hz']:+.4f} within "
                         f"{rate['tolerance_Hz']:.4f}")
        for weight in row.get("weights", []):
            lines.append(f"  {weight['projection']:>5} {weight['sharpwave']:9.6f} {weight['unit']} in the mean, "
                         f"{row['simulator']} {weight['peer']:9.6f}, difference {weight['difference']:+.6f} within "
                         f"{weight['tolerance']:.6f}")
    return lines


def compare_yardstick(args):
    """The other program's rates are not checked: it has its own output. Its network is its user's claim."""
    ours, theirs = [], []
    for repeat in range(1, args.repeats + 1):
        output, _ = run([args.yardstick, *shlex.split(args.yardstick_arguments)])
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
    return {"processor": model.group(1) if model else platform.processor(), "cpus": os.cpu_count(),
            "load_average_at_start": os.getloadavg()[0]}


def by_peer(parser, option, values):
    """[(peer, value)] of an option PEER=VALUE that may be repeated."""
    pairs = []
    for value in values:
        peer, equals, rest = value.partition("=")
        if not equals or peer not in PEERS:
            parser.error(f"--{option} {value}: expected PEER=VALUE, PEER one of {', '.join(PEERS)}")
        pairs.append((peer, rest))
    return pairs


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"one or more of {', '.join(PEERS)}")
    parser.add_argument("sharpwave", metavar="SHARPWAVE", help="the built program")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5, help="at least 3")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="a further override for Sharpwave's config")
    parser.add_argument("--threads", type=int, default=1, help="of the peers and of Sharpwave")
    parser.add_argument("--python", action="append", default=[], metavar="PEER=EXECUTABLE",
                        help=f"the interpreter that has the peer (default: {PYTHON})")
    parser.add_argument("--peer-option", action="append", default=[], metavar="PEER=OPTION",
                        help="a further option for the peer's scripts, such as genn=--backend=cuda")
    parser.add_argument("--yardstick", metavar="EXECUTABLE")
    parser.add_argument("--yardstick-arguments", default="")
    parser.add_argument("--out", help="JSON file to write")
    args = parser.parse_args(arguments)
    if args.repeats < 3:
        parser.error(f"--repeats {args.repeats}: expected at least 3")
    for peer in args.peers:
        if peer not in PEERS:
            parser.error(f"{peer}: expected a peer, one of {', '.join(PEERS)}")
    if bool(args.peers) == bool(args.yardstick):
        parser.error("expected peers, or --yardstick without peers")
    if "genn" in args.peers and args.threads > 1:
        parser.error("genn: its CPU backend has one thread")
    args.python = dict.fromkeys(PEERS, PYTHON) | dict(by_peer(parser, "python", args.python))
    for program in [args.sharpwave, args.yardstick or args.sharpwave, *args.python.values()]:
        if not shutil.which(program):
            parser.error(f"{program}: no such program")
    options = by_peer(parser, "peer-option", args.peer_option)
    args.peer_option = {peer: [option for of, option in options if of == peer] for peer in PEERS}
    return args


def main(arguments):
    args = parse(arguments)
    report = {"command": shlex.join([sys.argv[0], *arguments]), "machine": machine(), "results": []}
    # Both programs compete with whatever else runs, not equally: such a ratio is worth less.
    if report["machine"]["load_average_at_start"] > 0.5:
        print(f"warning: load average {report['machine']['load_average_at_start']:.2f} at the start; this "
              "machine is not idle", file=sys.stderr)
    failed = False
    args.installed = [peer for peer in args.peers if is_installed(peer, args.python[peer])]
    for peer in [peer for peer in args.peers if peer not in args.installed]:
        print(f"{peer}: {args.python[peer]} has no module {PEERS[peer][1]}; {PEERS[peer][0]} is not measured",
              file=sys.stderr)
    if args.peers and not args.installed:
        print("no peer is installed: nothing was measured", file=sys.stderr)
        return 1
    for name in ["full microcircuit"] if args.yardstick else args.cases:
        try:
            result = compare_yardstick(args) if args.yardstick else compare_case(name, args)
        except ComparisonFailed as error:
            result = {"case": name, "error": str(error)}
            print(f"{name}: {error}", file=sys.stderr)
        if "peers" in result:
            print("\n".join(table(result)), flush=True)
        failed |= "error" in result or any("error" in row for row in result.get("peers", []))
        report["results"].append(result)
        if args.out:  # after every case, so that an interrupted run leaves what it has
            with open(args.out, "w", encoding="utf-8") as file:
                json.dump(report, file, indent=1)
                file.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
