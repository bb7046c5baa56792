#!/usr/bin/env python3
"""Does a cue that was never seen recall a memory of the right class?

Usage: recall.py PROGRAM CONFIG [--from RUN] [--out DIR] [--form PHASE] [--cue PHASE]

Runs CONFIG twice, with the plugin `memory` and with `signal_log`: its signals are the same, by their digest. Items are
those of the phases up to and with `form`. For each presentation of the phase `cue` it asks which item is nearest (by
`sharpwave memory search`) and compares the classes; beside that, plain nearest neighbours among the same embeddings of
all presentations, not only of those that became items, and among the pixels of what was presented, where the stimuli
are images (of cues as many pixels are missing, but not the same).
"""

import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import yaml


def simulate(program, config, directory, origin, more):
    words = [program, "run", config, "--out", directory, "--force", "--quiet", "--no-report", *more]
    if origin:
        words += ["--from", origin]
    subprocess.run([str(word) for word in words], check=True)
    return json.loads((directory / "run.json").read_text())


def phase_times(directory, names):
    """Begin and end of each phase in ms, by its name."""
    times = {}
    with h5py.File(directory / "trials.h5") as file:
        for k, name in enumerate(names):
            begins = file[f"trials/{k}/time"][:]
            if len(begins):
                times[name] = begins[0]
    begins = sorted(times.values())
    return {name: (begin, min([b for b in begins if b > begin], default=np.inf)) for name, begin in times.items()}


def read_signals(directory):
    """Presentations: end in ms, embedding, label, each [n]."""
    with h5py.File(directory / "signals.h5") as file:
        (population,) = file["populations"].values()
        is_window = population["kind"][:] == 0
        return (population["end"][:][is_window], population["embedding"][:][is_window].astype(float),
                population["label"][:][is_window].astype(int))


def recalled(program, store, embedding, until_ms):
    """Class of the nearest episodic item, and the cosine."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as cue:
        np.savetxt(cue, embedding)
        cue.flush()
        found = subprocess.run([str(program), "memory", "search", "--store", str(store), "--file", cue.name, "-k", "1",
                                "--type", "episodic", "--to", str(until_ms), "--json"],
                               check=True, capture_output=True, text=True).stdout
    (item,) = json.loads(found)["items"]
    return json.loads(item["metadata"])["label"], item["cosine"]


def nearest(cues, known):
    """Index of the vector of `known` with the largest cosine to each of `cues`."""
    def unit(x):
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    return np.argmax(unit(cues) @ unit(known).T, axis=1)


def read_idx(name):
    data = gzip.open(pathlib.Path(os.environ["SHARPWAVE_DATA"]) / name).read()
    n = int.from_bytes(data[4:8], "big")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(n, -1)


def indices(text):
    first, last = map(int, text.split(":"))
    return np.arange(first, last)


def right_by_pixels(config, form, cue):
    """Share of the cues whose nearest image, of those of `form`, is of their class; None without images."""
    phases = {phase["name"]: phase for phase in config["protocol"]}
    stimuli = [config["stimuli"][phases[name]["present"]] for name in (form, cue)]
    if any("images" not in stimulus for stimulus in stimuli):
        return None
    known, cues = (indices(phases[name]["items"]) for name in (form, cue))
    images, labels = read_idx(stimuli[0]["images"]).astype(float), read_idx(stimuli[0]["labels"])[:, 0]
    missing = stimuli[1].get("missing", 0)
    shown = images[cues] * (np.random.default_rng(1).random((len(cues), images.shape[1])) >= missing)
    return float(np.mean(labels[known][nearest(shown, images[known])] == labels[cues]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--from", dest="origin", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/recall"))
    parser.add_argument("--form", default="form")
    parser.add_argument("--cue", default="cue")
    arguments = parser.parse_args()
    config = yaml.safe_load(arguments.config.read_text())
    names = [phase["name"] for phase in config["protocol"]]

    run = simulate(arguments.program, arguments.config, arguments.out / "memory", arguments.origin, [])
    log = simulate(arguments.program, arguments.config, arguments.out / "signals", arguments.origin,
                   ["--set", "memory.plugin=signal_log", "--set", "memory.options={}"])
    if run["memory"]["signal_digest"] != log["memory"]["signal_digest"]:
        sys.exit("the two runs told different signals")
    times = phase_times(arguments.out / "signals", names)
    ends, embeddings, labels = read_signals(arguments.out / "signals")
    until_ms = times[arguments.form][1]
    is_known = ends <= until_ms
    begin, end = times[arguments.cue]
    is_cue = (ends > begin) & (ends <= end)
    if not is_cue.any() or not is_known.any():
        sys.exit("there is no presentation in one of the phases")

    store = arguments.out / "memory" / "memory"
    answers = [recalled(arguments.program, store, cue, until_ms) for cue in embeddings[is_cue]]
    truth = labels[is_cue]
    result = {
        "cues": int(is_cue.sum()),
        "presentations": int(is_known.sum()),
        "items": run["memory"]["status"]["spaces"][0],
        "right_by_memory": float(np.mean([label for label, _ in answers] == truth)),
        "cosine_median": float(np.median([cosine for _, cosine in answers])),
        "right_by_all_embeddings": float(np.mean(labels[is_known][nearest(embeddings[is_cue], embeddings[is_known])] == truth)),
        "right_by_pixels": right_by_pixels(config, arguments.form, arguments.cue),
        "right_by_labelled_neurons": run["protocol"][names.index(arguments.cue)].get("accuracy"),
        "share_of_time": run["memory"]["share"],
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
