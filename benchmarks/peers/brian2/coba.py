#!/usr/bin/python3
"""The Vogels-Abbott COBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 1.

As in configs/vogels_abbott_coba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step. V by
exponential Euler, as Brian2's own example of this network has it.
"""
import timed_run
from brian2 import NeuronGroup, ms, mV, nS, pF


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    timed_run.prepare(args)
    # Refractory one step longer than t_ref: Brian2 counts the step of the spike, NEST and Sharpwave do not.
    neurons = NeuronGroup(
        4000,
        """dv/dt = (g_L * (E_L - v) + ge * (E_ex - v) + gi * (E_in - v)) / C_m : volt (unless refractory)
           dge/dt = -ge / tau_e : siemens
           dgi/dt = -gi / tau_i : siemens""",
        threshold="v >= V_th", reset="v = V_reset", refractory=5.1 * ms, method="exponential_euler",
        namespace=dict(C_m=200 * pF, g_L=10 * nS, tau_e=5 * ms, tau_i=10 * ms, E_L=-60 * mV, E_ex=0 * mV,
                       E_in=-80 * mV, V_th=-50 * mV, V_reset=-60 * mV))
    neurons.v = "-65 * mV + 5 * mV * randn()"
    neurons.ge = "clip(40 + 15 * randn(), 0, inf) * nS"
    neurons.gi = "clip(200 + 120 * randn(), 0, inf) * nS"
    timed_run.run_vogels_abbott(args, neurons, "ge_post += 6 * nS", "gi_post += 67 * nS")


if __name__ == "__main__":
    main()
