#!/usr/bin/python3
"""Brunel's network (2000, doi:10.1023/A:1008925309027) as NEST's example brunel_delta_nest has it.

As in configs/brunel.yaml: N_E 10,000, N_I 2,500, in-degrees 1,000 and 250 (drawn with replacement),
J 0.1 mV, g 5, eta 2, delay 1.5 ms, V_reset 0.
"""
import numpy as np
import timed_run
from brian2 import Hz, Network, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, ms, mV

N_E, N_I, C_E, C_I = 10000, 2500, 1000, 250
J_MV, G, ETA = 0.1, 5.0, 2.0
TAU_M_MS, V_TH_MV, DT_MS, DELAY_MS = 20.0, 20.0, 0.1, 1.5


def source_ordered(rng, first, sources, indegree):
    """`indegree` random sources for every neuron, sorted by source: Brian2 delivers fastest so."""
    source = first + rng.integers(sources, size=(N_E + N_I) * indegree)
    target = np.repeat(np.arange(N_E + N_I), indegree)
    order = np.lexsort((target, source))
    return source[order], target[order]


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    timed_run.prepare(args)
    rng = np.random.default_rng(args.seed)
    # Refractory one step longer than t_ref: Brian2 counts the step of the spike, NEST and Sharpwave do not.
    neurons = NeuronGroup(
        N_E + N_I, "dv/dt = -v / tau_m : volt (unless refractory)", threshold="v >= V_th", reset="v = 0 * mV",
        refractory=2.1 * ms, method="exact", namespace=dict(tau_m=TAU_M_MS * ms, V_th=V_TH_MV * mV))
    # Every neuron has C_E independent external sources. Their summed events are binomial, not Poisson: the
    # variance is smaller by rate * dt = 0.2 %, and Brian2 draws them faster.
    external_Hz = ETA * V_TH_MV / (J_MV * C_E * TAU_M_MS) * 1e3
    background = PoissonInput(neurons, "v", C_E, external_Hz * Hz, J_MV * mV)
    # As in NEST, what arrives in a step counts for that step's threshold. A spike found by the threshold is
    # then delivered from the next step on, so the delay given here is one step shorter.
    delay = (DELAY_MS - DT_MS) * ms
    excitatory = Synapses(neurons, neurons, on_pre="v_post += J_E", delay=delay,
                          namespace=dict(J_E=J_MV * mV))
    inhibitory = Synapses(neurons, neurons, on_pre="v_post += J_I", delay=delay,
                          namespace=dict(J_I=-G * J_MV * mV))
    source, target = source_ordered(rng, 0, N_E, C_E)
    excitatory.connect(i=source, j=target)
    source, target = source_ordered(rng, N_E, N_I, C_I)
    inhibitory.connect(i=source, j=target)
    monitor = SpikeMonitor(neurons, record=False)
    network = Network(neurons, background, excitatory, inhibitory, monitor)
    network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    timed_run.run_and_print(args, network, monitor, [("E", N_E), ("I", N_I)])


if __name__ == "__main__":
    main()
