#!/usr/bin/python3
"""The Potjans-Diesmann microcircuit at scale 0.1 with Poisson background, as in configs/microcircuit.yaml.

Its numbers, and the current that replaces lost input, are those of tests/reference/brian2/microcircuit_rates.py;
populations, projections and dendritic delays as in GeNN's own potjans_microcircuit.py.
"""
import math
import pathlib
import sys

import numpy as np
import pygenn
import timed_run

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "reference" / "brian2"))
import microcircuit_rates as pd14  # noqa: E402  (found only through the line above)

SCALE = 0.1  # of the neurons and of the in-degrees
MEMBRANE = {"tau_m": pd14.TAU_M_MS, "C_m": pd14.C_M_PF}
# GeNN's delay slots are bounded: a delay beyond 5 sd, of 3 million one or so, is redrawn.
LONGEST_DELAY_SD = 5.0
LARGEST = float(np.finfo(np.float32).max)


def longest_delay_ms(kind):
    return pd14.DELAY_MS[kind] * (1.0 + LONGEST_DELAY_SD * pd14.RELATIVE_SD_DELAY)


def create(model):
    dc_pA = pd14.dc_pA(SCALE)
    populations = []
    for p, name in enumerate(pd14.POPULATIONS):
        params = MEMBRANE | {"E_L": pd14.E_L_MV, "V_th": pd14.V_TH_MV, "V_reset": pd14.V_RESET_MV,
                             "refractory_steps": round(pd14.T_REF_MS / pd14.DT_MS), "I_dc": float(dc_pA[p])}
        v_init = pygenn.init_var("Normal", {"mean": float(pd14.V_INIT_MEAN_MV[p]),
                                            "sd": float(pd14.V_INIT_SD_MV[p])})
        population = model.add_neuron_population(name, int(round(SCALE * pd14.FULL_SIZES[p])), timed_run.LIF,
                                                 params, {"V": v_init, "refractory": 0.0})
        rate_Hz = round(SCALE * pd14.K_EXT[p]) * pd14.BACKGROUND_RATE_HZ
        model.add_current_source(f"background_{name}", timed_run.POISSON_CURRENT, population,
                                 MEMBRANE | {"rate_Hz": rate_Hz, "weight_pA": pd14.PSC_PA / math.sqrt(SCALE),
                                             "tau_syn": pd14.TAU_SYN_MS}, {"current": 0.0})
        populations.append(population)
    return populations


def connect(model, populations):
    numbers = np.round(pd14.full_synapse_numbers() * SCALE * SCALE).astype(int)
    weights_pA = pd14.mean_weights_pA() / math.sqrt(SCALE)
    slots = 1 + round(longest_delay_ms("E") / pd14.DT_MS)
    current = pygenn.init_postsynaptic(timed_run.CURRENT, MEMBRANE | {"tau_syn": pd14.TAU_SYN_MS})
    for s, source in enumerate(populations):
        kind = source.name[-1]
        delay = pygenn.init_var("NormalClippedDelay", {
            "mean": pd14.DELAY_MS[kind], "sd": pd14.RELATIVE_SD_DELAY * pd14.DELAY_MS[kind],
            "min": pd14.DT_MS, "max": longest_delay_ms(kind)})
        for t, target in enumerate(populations):
            if numbers[t, s] == 0:
                continue
            w = float(weights_pA[t, s])
            weight = pygenn.init_var("NormalClipped", {
                "mean": w, "sd": pd14.RELATIVE_SD_WEIGHT * abs(w), "min": 0.0 if w > 0 else -LARGEST,
                "max": LARGEST if w > 0 else 0.0})
            synapse = model.add_synapse_population(
                f"{source.name}_to_{target.name}", "SPARSE", source, target,
                pygenn.init_weight_update("StaticPulseDendriticDelay", {}, {"g": weight, "d": delay}), current,
                pygenn.init_sparse_connectivity("FixedNumberTotalWithReplacement", {"num": int(numbers[t, s])}))
            synapse.max_dendritic_delay_timesteps = slots


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=4000.0)
    model = timed_run.make_model(args, "microcircuit")
    populations = create(model)
    connect(model, populations)
    timed_run.run_and_print(args, model, populations)


if __name__ == "__main__":
    main()
