#!/usr/bin/python3
"""The Vogels-Abbott CUBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 2.

As in configs/vogels_abbott_cuba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step.
"""
import timed_run
from brian2 import NeuronGroup, ms, mV


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=10000.0)
    timed_run.prepare(args)
    # Refractory one step longer than t_ref: Brian2 counts the step of the spike, NEST and Sharpwave do not.
    neurons = NeuronGroup(
        4000,
        """dv/dt = (ge + gi - (v - E_L)) / tau_m : volt (unless refractory)
           dge/dt = -ge / tau_e : volt
           dgi/dt = -gi / tau_i : volt""",
        threshold="v >= V_th", reset="v = V_reset", refractory=5.1 * ms, method="exact",
        namespace=dict(tau_m=20 * ms, tau_e=5 * ms, tau_i=10 * ms, E_L=-49 * mV, V_th=-50 * mV,
                       V_reset=-60 * mV))
    neurons.v = "V_reset + rand() * (V_th - V_reset)"
    timed_run.run_vogels_abbott(args, neurons, "ge_post += 1.62 * mV", "gi_post += -9 * mV")


if __name__ == "__main__":
    main()
