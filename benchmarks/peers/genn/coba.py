#!/usr/bin/python3
"""The Vogels-Abbott COBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 1.

As in configs/vogels_abbott_coba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step. V by
exponential Euler, as in the Brian2 script.
"""
import numpy as np
import pygenn
import timed_run


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    model = timed_run.make_model(args, "coba")
    params = {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "E_ex": 0.0, "E_in": -80.0, "V_th": -50.0,
              "V_reset": -60.0, "refractory_steps": 50.0}
    v_init = pygenn.init_var("Normal", {"mean": -65.0, "sd": 5.0})
    initial = {"V": v_init, "refractory": 0.0}
    populations = [model.add_neuron_population(name, size, timed_run.LIF_COND, params, initial)
                   for name, size in (("E", 3200), ("I", 800))]
    synapses = timed_run.connect_vogels_abbott(
        model, populations, (6.0, 67.0),
        [pygenn.init_postsynaptic(timed_run.CONDUCTANCE, {"tau_syn": tau_ms}) for tau_ms in (5.0, 10.0)],
        ("g_ex", "g_in"))

    def draw_conductances():
        rng = np.random.default_rng(args.seed)
        for target in ("E", "I"):
            for source, mean, sd in (("E", 40.0, 15.0), ("I", 200.0, 120.0)):
                conductance = synapses[source, target].out_post
                conductance.view[:] = np.maximum(rng.normal(mean, sd, conductance.view.shape), 0.0)
                conductance.push_to_device()

    timed_run.run_and_print(args, model, populations, draw_conductances)


if __name__ == "__main__":
    main()
