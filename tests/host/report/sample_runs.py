"""Runs for the tests of the page: data as host/report/page/README.md describes it, made up, the same every time.

Only the standard library, so that the test needs no more than a browser.
"""
import base64
import math
import random
import statistics
import struct

DT_MS = 0.1
START_MS = 500.0


def pack(letter, values):
    """Text of the values: `letter` as of struct, little-endian, then base64."""
    return base64.b64encode(struct.pack(f"<{len(values)}{letter}", *values)).decode()


def unpack(letter, text):
    raw = base64.b64decode(text)
    return struct.unpack(f"<{len(raw) // struct.calcsize(letter)}{letter}", raw)


def histogram(values, bins=20):
    if not values:
        return None
    low, high = min(values), max(values)
    if low == high:
        return {"start": low, "width": 0.0, "counts": [len(values)]}
    width = (high - low) / bins
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    return {"start": low, "width": width, "counts": counts}


def summary(values, **more):
    mean = statistics.fmean(values) if values else None
    sd = statistics.stdev(values) if len(values) > 1 else None
    return {**more, "mean": mean, "sd": sd, "histogram": histogram(values)}


def spike_trains(chance, rows, rate_Hz, duration_ms):
    """Steps of every neuron's spikes: gamma intervals, of a rate of its own, in a common rhythm of 40 ms."""
    trains = []
    for _ in range(rows):
        own = rate_Hz * chance.lognormvariate(0, 0.4)
        time, train = chance.uniform(0, 1000 / own) if own > 0 else math.inf, []
        while time < duration_ms:
            if chance.random() < 0.6 + 0.4 * math.sin(2 * math.pi * time / 40):
                train.append(int(time / DT_MS))
            time += chance.gammavariate(2, 350 / own)
        trains.append(sorted(set(train)))
    return trains


def population_statistics(chance, name, size, trains, duration_ms):
    rates = [1000 * len(train) / duration_ms for train in trains]
    cvs = []
    for train in trains:
        intervals = [b - a for a, b in zip(train, train[1:])]
        if len(intervals) >= 2:
            cvs.append(statistics.stdev(intervals) / statistics.fmean(intervals))
    correlations = [chance.gauss(0.02, 0.03) for _ in range(400)] if len(cvs) > 1 else []
    n_bins = int(duration_ms)
    counts = [0] * n_bins
    for train in trains:
        for step in train:
            counts[int(step * DT_MS)] += 1
    frequencies = [k * 1000 / 256 for k in range(1, 129)]
    return {
        "name": name, "size": size, "recorded": len(trains), "spikes": sum(map(len, trains)),
        "rate_Hz": summary(rates),
        "cv_isi": summary(cvs, neurons=len(cvs)),
        "correlation": summary(correlations, neurons=29 if correlations else 0, pairs=len(correlations), bin_ms=2.0),
        "rate_over_time": {"start_ms": START_MS, "bin_ms": 1.0, "Hz": [1000 * n / max(1, len(trains)) for n in counts]},
        "power_spectrum": {
            "bin_ms": 1.0, "segment_ms": 256.0, "segments": 7, "frequency_Hz": frequencies,
            "Hz2_per_Hz": [(2 + 40 / (1 + ((f - 25) / 4) ** 2)) / (1 + (f / 120) ** 2) * chance.lognormvariate(0, 0.2)
                           for f in frequencies],
        } if any(counts) else None,
    }


def connection(chance, source, target, inhibitory):
    sign = -1 if inhibitory else 1
    degrees = lambda: summary([max(0, round(chance.gauss(50, 7))) for _ in range(300)])
    weights = [sign * chance.gauss(87.8, 8.8) * (4 if inhibitory else 1) for _ in range(1500)]
    delays = [max(0.1, round(chance.gauss(0.75 if inhibitory else 1.5, 0.4), 1)) for _ in range(1500)]
    limits = lambda values: {"min": min(values), "max": max(values)}
    return {
        "source": source, "target": target, "synapses": chance.randrange(2000, 90000),
        "out_degree": degrees(), "in_degree": degrees(),
        "weight": {"unit": "pA", **summary(weights), **limits(weights)},
        "delay_ms": {**summary(delays), **limits(delays)},
    }


def trace(chance, population, n_neurons, samples):
    """V_m that drifts up to the threshold and falls back; and when it did."""
    values, neurons = [], []
    for k in range(n_neurons):
        v, times = -65.0, []
        for sample in range(samples):
            v += 0.12 * (-52 - v) * 0.1 + chance.gauss(0, 0.5)
            if v >= -50:
                times.append(START_MS + sample * DT_MS)
                v = -65.0
            values.append(v)
        neurons.append({"id": 7 * k, "spikes_ms": times})
    return {
        "report": "potential", "population": population, "variable": "V_m", "unit": "mV", "start_ms": START_MS,
        "step_ms": DT_MS, "samples": samples, "recorded_neurons": 40, "recorded_samples": 2 * samples,
        "neurons": neurons, "values_f32": pack("f", values), "threshold": -50.0,
    }


def raster(named_trains, sizes, stride, duration_ms):
    populations, spikes, first_row = [], [], 0
    for (name, trains), size in zip(named_trains, sizes):
        kept = trains[::stride]
        for row, train in enumerate(kept):
            spikes += [(step, first_row + row) for step in train]
        populations.append({"name": name, "size": size, "recorded": len(trains), "stride": stride, "rows": len(kept),
                            "first_row": first_row, "shown": sum(map(len, kept)), "spikes": sum(map(len, trains))})
        first_row += len(kept)
    spikes.sort()
    return {"start_ms": START_MS, "stop_ms": START_MS + duration_ms, "dt_ms": DT_MS, "populations": populations,
            "steps_u32": pack("I", [step for step, _ in spikes]), "rows_u32": pack("I", [row for _, row in spikes])}


def sample_run(name="sample", seed=1, *, duration_ms=1000.0, stride=2, connections=True, traces=True, factor=1.0):
    """One run: four populations of which one is silent, and one whose spikes were not recorded."""
    chance = random.Random(seed)
    layout = [("E", 400, 4.0), ("I", 100, 9.0), ("TC", 60, 15.0), ("quiet", 20, 0.0)]
    named = [(p, spike_trains(chance, size, factor * rate, duration_ms)) for p, size, rate in layout]
    spikes = {p: sum(map(len, trains)) for p, trains in named}
    sizes = [size for _, size, _ in layout]
    everyone = [(p, size, spikes[p]) for p, size, _ in layout] + [("unrecorded", 30, 12)]
    return {
        "name": name,
        "run": {
            "version": "0.2.0", "title": "A sample of the page", "config_path": "configs/sample.yaml",
            "overrides": [f"simulation.seed={seed}"], "config_digest": f"{seed:02x}" * 32, "device": "cpu", "threads": 2,
            "precision": "float32", "dt_ms": DT_MS, "seed": 2**64 - 1, "network_seed": seed, "simulated_ms": duration_ms,
            "warm_up_ms": START_MS, "wall_s": 1.25 * seed, "real_time_factor": 1.25 * seed, "construction_s": 0.43,
            "peak_memory_bytes": 50753536, "synapses": 298880, "layout": "2 threads x 1 sub-blocks, avx512",
            "spikes_total": sum(spikes.values()) + 12, "spike_digest": f"{seed:02x}" * 32, "interrupted": False,
            "populations": [{"name": p, "size": size, "spikes": n, "rate_Hz": 1000 * n / size / duration_ms}
                            for p, size, n in everyone],
            "phases": [{"name": p, "seconds": s * seed} for p, s in
                       [("construction", 0.43), ("gather", 0.03), ("deliver", 0.04), ("wait", 0.91), ("update", 0.21)]],
            "grids": [], "plasticity": [], "neuromodulators": [],
        },
        "config": "# A sample\ntitle: A sample of the page\nsimulation:\n  dt: 0.1   # ms\n  duration: 1000\n",
        "statistics": {
            "start_ms": START_MS, "stop_ms": START_MS + duration_ms,
            "populations": [population_statistics(chance, p, len(trains), trains, duration_ms) for p, trains in named],
            "connections": [connection(chance, s, t, s == "I") for s in ("E", "I") for t in ("E", "I", "TC")] if connections else [],
        },
        "raster": raster(named, sizes, stride, duration_ms),
        "learning": [], "weights": [], "neuromodulators": [],
        "watchdog": {"total": 0, "findings": []}, "protocol": None, "memory": None,
        "traces": [trace(chance, "E", 3, 2000), trace(chance, "I", 2, 2000)] if traces else [],
        "notes": ["The spikes of population unrecorded were not recorded."],
    }


def findings(seed=1):
    """What a watchdog found: the first with the 50 ms before it, of which the second has none; 3 of them are not here."""
    chance = random.Random(seed)
    trains = [("E", spike_trains(chance, 40, 20.0, 50.0))]
    history = {"raster": raster(trains, [40], 1, 50.0), "traces": [trace(chance, "E", 1, 500)]}
    return {"total": 5, "findings": [
        {"sign": "non_finite", "action": "halt", "time_ms": START_MS + 50, "message": "V_m of neuron 7 of E is NaN",
         "history": history},
        {"sign": "silent", "action": "log", "time_ms": START_MS + 40, "message": "I was silent for 40 ms", "history": None}]}


BINS = 50


def plastic_projection(chance, *, negative=False, samples=20):
    """Weights that spread from the middle to both bounds."""
    sign = -1 if negative else 1
    times = [START_MS + 50.0 * (k + 1) for k in range(samples)]
    counts = []
    for k in range(samples):
        weights = [min(0.999, max(0.0, chance.gauss(0.5, 0.02 + 0.02 * k))) for _ in range(400)]
        counts += [sum(1 for w in weights if int(w * BINS) == b) for b in range(BINS)]
    return {
        "projection": "I_to_E" if negative else "E_to_E", "source": "I" if negative else "E", "target": "E", "unit": "pA",
        "samples": 2 * samples, "times_ms": times, "potentiations": [900 * (k + 1) + k * k for k in range(samples)],
        "depressions": [1000 * (k + 1) for k in range(samples)], "mean_weight": [sign * (10 - 0.05 * k) for k in range(samples)],
        "share_at_min": [0.001 * k for k in range(samples)], "share_at_max": [0.002 * k for k in range(samples)],
        "edges": [sign * 0.4 * b for b in range(BINS + 1)], "histogram_times_ms": times, "histogram_u32": pack("I", counts),
    }


def metrics(projection):
    return {"projection": projection, "weight_unit": "pA", "synapses": 400, "updates": 12345, "potentiations": 9000,
            "depressions": 10000, "ratio": 0.9, "raised": 3.5, "lowered": 4.0, "mean_change": 0.001, "mean_dt_plus_ms": 7.5,
            "mean_dt_minus_ms": None, "unchanged_for_ms": 0.3, "mean_weight": 9.5, "share_at_min": 0.02, "share_at_max": 0.04,
            "w_min": 0.0, "w_max": 20.0, "histogram": [8] * BINS}


def recorded_weights(chance, *, synapses=12, samples=50, pairs=False):
    lags = [-60 + 120 * k / 80 for k in range(81) if k != 40]
    change = lambda lag: 0.3 * math.exp(-lag / 20) if lag > 0 else -0.32 * math.exp(lag / 30)
    walks = []
    for _ in range(synapses):
        weight = 10.0
        for _ in range(samples):
            weight += chance.gauss(0, 0.2)
            walks.append(weight)
    return {
        "name": "some", "projection": "E_to_E", "source": "E", "target": "E", "unit": "pA", "recorded_synapses": 5 * synapses,
        "times_ms": [START_MS + 20.0 * (k + 1) for k in range(samples)],
        "synapses": [{"source": 3 * k, "target": k, "delay_ms": 1.5} for k in range(synapses)], "values_f32": pack("f", walks),
        "pairs": {"per_synapse": 1, "synapses": len(lags), "lag_ms": lags, "change": [change(lag) for lag in lags]} if pairs else None,
    }


def region(*, samples=200):
    """Pulses of dopamine that fade, and acetylcholine that follows a target."""
    times = [START_MS + 5.0 * (k + 1) for k in range(samples)]
    phasic = [sum(math.exp(-(t - p) / 200) for p in (700, 1100) if t >= p) for t in times]
    return {"region": "striatum", "samples": samples, "times_ms": times,
            "levels": {"dopamine": [min(1.0, 0.5 + 0.4 * v) for v in phasic],
                       "acetylcholine": [0.8 - 0.3 * math.exp(-(t - START_MS) / 300) for t in times]},
            "prediction_error": [0.5 * v for v in phasic]}


def learning_run(name="learns", seed=1):
    """One that has all that there is to be shown of learning."""
    chance = random.Random(seed)
    run = sample_run(name, seed)
    run["learning"] = [plastic_projection(chance), plastic_projection(chance, negative=True)]
    run["weights"] = [recorded_weights(chance, pairs=True)]
    run["neuromodulators"] = [region()]
    run["run"]["plasticity"] = [metrics("E_to_E"), metrics("I_to_E")]
    return run


CLASSES, SIDE = 3, 4


def of_phase(name, values, *, population="E", trials=None, per_bin=1, right=None):
    """What is shown of the trials of a phase: means over `per_bin` of them."""
    return {"name": name, "population": population, "trials": trials or len(values) * per_bin, "per_bin": per_bin,
            "spikes": values, "attempts": [1.0] * len(values), "right": right or [0.0] * len(values)}


def receptive_fields(neurons=5):
    """Of neuron k the first k + 1 pixels are as strong as any, and the others have no weight."""
    shares = [65535 if pixel <= k else 0 for k in range(neurons) for pixel in range(SIDE * SIDE)]
    return {"projection": "input_to_E", "target": "E", "time_ms": 123456.0, "side": SIDE, "largest": 0.98765,
            "neurons": [10 * k for k in range(neurons)], "values_u16": pack("H", shares)}


def protocol_run(name="trials", seed=1):
    """Phases that settle, train, label and test; of each class 20 items, of which class 2 is never told."""
    chance = random.Random(seed)
    run = sample_run(name, seed)
    items = [(label, chance.choice((label, label, 0, CLASSES)) if label < 2 else chance.choice((0, 1, CLASSES)))
             for label in range(CLASSES) for _ in range(20)]
    chance.shuffle(items)
    confusion = [[items.count((label, told)) for told in range(CLASSES + 1)] for label in range(CLASSES)]
    right = [float(label == told) for label, told in items]
    plain = lambda name, n, repeats=0: {"name": name, "n_trials": n, "trials": n, "repeats": repeats}
    run["run"]["protocol"] = [
        plain("settle", 1), plain("train", 240, 17), plain("label", 30),
        {**plain("test", len(items), 2), "correct": int(sum(right)), "accuracy": sum(right) / len(items), "confusion": confusion}]
    run["protocol"] = {
        "trials": [of_phase("settle", [0.0], population=""),
                   of_phase("train", [10 + 0.1 * k + chance.gauss(0, 1) for k in range(80)], per_bin=3),
                   of_phase("label", [chance.gauss(18, 2) for _ in range(30)]),
                   of_phase("test", [chance.gauss(18, 2) for _ in items], right=right)],
        "fields": [receptive_fields()]}
    return run


BANDS = ["episodic", "replayed", "transitional", "semantic"]
LIMITS = [0.15, 0.4, 0.85]
KAPPA_BINS = 20
OUTCOMES = ["formed", "replayed", "gated", "known", "rejected"]


def kappa_histogram(kappas):
    counts = [0] * KAPPA_BINS
    for kappa in kappas:
        counts[min(KAPPA_BINS - 1, int(kappa * KAPPA_BINS))] += 1
    return counts


def by_band(kappas):
    counts = [0] * len(BANDS)
    for kappa in kappas:
        counts[sum(kappa >= limit for limit in LIMITS)] += 1
    return counts


def course(chance, cycles):
    """Three items more in each cycle, all of which are consolidated a little; the last items of it."""
    kappas, histories = [], []
    for _ in range(cycles):
        kappas = [min(1.0, kappa + chance.uniform(0, 0.12)) for kappa in kappas] + [0.0] * 3
        histories.append(list(kappas))
    times = [START_MS + 40.0 * (k + 1) for k in range(cycles)]
    return {
        "samples": cycles, "times_ms": times, "cycles": [k + 1 for k in range(cycles)],
        "mean_kappa": [statistics.fmean(h) for h in histories], "by_band": {band: [by_band(h)[k] for h in histories] for k, band in enumerate(BANDS)},
        "histogram_times_ms": times, "histogram_u32": pack("I", [n for h in histories for n in kappa_histogram(h)]),
    }, kappas


def similarity(chance, kappas, groups=4):
    """Items of one group point in about the same direction."""
    n = min(64, len(kappas))
    centres = [[chance.gauss(0, 1) for _ in range(8)] for _ in range(groups)]
    vectors = [[x + chance.gauss(0, 0.5) for x in centres[k % groups]] for k in range(n)]
    vectors = [[x / math.hypot(*v) for x in v] for v in vectors]
    cosines = [max(-1.0, min(1.0, sum(a * b for a, b in zip(u, v)))) for u in vectors for v in vectors]
    return {"ids": [3 * k + 1 for k in range(n)], "kappa": kappas[:n], "cosines_f32": pack("f", cosines)}


def memory_space(chance, name="default", *, cycles=20):
    over_time, kappas = course(chance, cycles)
    bands = by_band(kappas)
    phase = lambda name, seconds: {"name": name, "runs": 4 * cycles, "seconds": seconds, "looked_at": 60, "changed": 48, "made": 2, "removed": 1, "edges": 90}
    return {
        "name": name, "dimension": 128, "items": len(kappas), "by_band": dict(zip(BANDS, bands)),
        "by_type": {"episodic": len(kappas) - bands[3], "semantic": bands[3], "procedural": 0},
        "kappa": {"mean": statistics.fmean(kappas) if kappas else None, "sd": statistics.pstdev(kappas) if kappas else None, "histogram": kappa_histogram(kappas)},
        "course": over_time, "similarity": similarity(chance, kappas),
        "phases": [phase("nrem", 0.0125), phase("reinjection", 0.0004), phase("rem", 0.2), phase("prune", 0.0001)],
        "signals": dict(zip(OUTCOMES, [60, 31, 7, 2, 5])), "rejected": {"not finite": 4, "of another dimension": 1},
        "recall": [{"name": "recall", "cues": 20, "right": 15, "item": [3, 0, 4], "label": [3, 0, 4], "id": [12, 1234, None],
                    "recalled": [3, 2, None], "cosine": [0.902, 0.5, None]}],
        "storage": {"bytes": 1234567, "bytes_per_item": 20576.0, "sync": "interval", "sequence": 4321, "synced_sequence": 4300, "index": "exact"},
    }


def ripples(populations=("E", "TC"), n=6):
    """Every 150 ms one of 60 ms in each population; the item of the k-th is k, but for those whose outcome has none."""
    of = {"begin_ms": [START_MS + 50 + 150.0 * k for k in range(n)], "end_ms": [START_MS + 110 + 150.0 * k for k in range(n)],
          "burst_f32": pack("f", [1.5 + k for k in range(n)]), "outcome": [k % 3 for k in range(n)], "item": [k if k % 3 < 2 else 0 for k in range(n)]}
    return {"total": 20, "shown": n * len(populations), "outcomes": OUTCOMES, "populations": [{"name": p, **of} for p in populations]}


def memory_run(name="remembers", seed=1, *, spaces=("default",)):
    """One with a memory: its spaces, and ripples of two populations."""
    chance = random.Random(seed)
    run = sample_run(name, seed)
    run["memory"] = {"spaces_total": len(spaces), "spaces": [memory_space(chance, space) for space in spaces], "ripples": ripples()}
    return run
