#!/usr/bin/python3
"""The Vogels-Abbott CUBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 2.

As in configs/vogels_abbott_cuba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step.
"""
import pygenn
import timed_run

TAU_M_MS, C_M_PF = 20.0, 200.0


def current(tau_syn_ms):
    return pygenn.init_postsynaptic(timed_run.CURRENT, {"tau_syn": tau_syn_ms, "tau_m": TAU_M_MS, "C_m": C_M_PF})


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=10000.0)
    model = timed_run.make_model(args, "cuba")
    params = {"tau_m": TAU_M_MS, "C_m": C_M_PF, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0,
              "refractory_steps": 50.0, "I_dc": 0.0}
    v_init = pygenn.init_var("Uniform", {"min": -60.0, "max": -50.0})
    initial = {"V": v_init, "refractory": 0.0}
    populations = [model.add_neuron_population(name, size, timed_run.LIF, params, initial)
                   for name, size in (("E", 3200), ("I", 800))]
    timed_run.connect_vogels_abbott(model, populations, (16.2, -90.0), (current(5.0), current(10.0)))
    timed_run.run_and_print(args, model, populations)


if __name__ == "__main__":
    main()
