#!/usr/bin/python3
"""The Potjans-Diesmann microcircuit at scale 0.1 with Poisson background, as in configs/microcircuit.yaml.

Its numbers, and the current that replaces lost input, are those of tests/reference/brian2/microcircuit_rates.py.
"""
import math
import pathlib
import sys

import numpy as np
import timed_run  # before nest, which it keeps from greeting
import nest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "reference" / "brian2"))
import microcircuit_rates as pd14  # noqa: E402  (found only through the line above)

SCALE = 0.1  # of the neurons and of the in-degrees


def create(sizes):
    dc_pA = pd14.dc_pA(SCALE)
    return [nest.Create("iaf_psc_exp", int(size), params={
        "C_m": pd14.C_M_PF, "tau_m": pd14.TAU_M_MS, "E_L": pd14.E_L_MV, "V_th": pd14.V_TH_MV,
        "V_reset": pd14.V_RESET_MV, "t_ref": pd14.T_REF_MS, "tau_syn_ex": pd14.TAU_SYN_MS,
        "tau_syn_in": pd14.TAU_SYN_MS, "I_e": dc_pA[p],
        "V_m": nest.random.normal(pd14.V_INIT_MEAN_MV[p], pd14.V_INIT_SD_MV[p])})
        for p, size in enumerate(sizes)]


def connect(populations):
    numbers = np.round(pd14.full_synapse_numbers() * SCALE * SCALE).astype(int)
    weights_pA = pd14.mean_weights_pA() / math.sqrt(SCALE)
    for s, source in enumerate(populations):
        delay_ms = pd14.DELAY_MS[pd14.POPULATIONS[s][-1]]
        # Redrawn where the sign changes, or below one step.
        delay = nest.math.redraw(nest.random.normal(delay_ms, pd14.RELATIVE_SD_DELAY * delay_ms),
                                 min=pd14.DT_MS, max=math.inf)
        for t, target in enumerate(populations):
            if numbers[t, s] == 0:
                continue
            w = weights_pA[t, s]
            weight = nest.math.redraw(nest.random.normal(w, pd14.RELATIVE_SD_WEIGHT * abs(w)),
                                      min=0.0 if w > 0 else -math.inf, max=math.inf if w > 0 else 0.0)
            nest.Connect(source, target, {"rule": "fixed_total_number", "N": int(numbers[t, s])},
                         {"synapse_model": "static_synapse", "weight": weight, "delay": delay})


def connect_background(populations):
    for p, population in enumerate(populations):
        rate_Hz = round(SCALE * pd14.K_EXT[p]) * pd14.BACKGROUND_RATE_HZ
        nest.Connect(nest.Create("poisson_generator", params={"rate": rate_Hz}), population,
                     syn_spec={"weight": pd14.PSC_PA / math.sqrt(SCALE), "delay": pd14.DT_MS})


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=4000.0)
    timed_run.prepare(args)
    populations = create(np.round(SCALE * pd14.FULL_SIZES).astype(int))
    connect(populations)
    connect_background(populations)
    timed_run.run_and_print(args, list(zip(pd14.POPULATIONS, populations)), pd14.DT_MS)


if __name__ == "__main__":
    main()
