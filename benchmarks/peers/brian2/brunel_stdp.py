#!/usr/bin/python3
"""Brunel's network (brunel.py) whose excitatory neurons learn: additive STDP of all pairs between them.

As in configs/brunel_stdp.yaml with `delay_kind: axonal`, which is how Brian2 reads a delay: A_plus 0.001,
A_minus 0.00105 of w_max, both time constants 20 ms, weights from 0.1 mV on within 0 and 0.2 mV. Traces are
event-driven, as in Brian2's own examples of STDP.
"""
import math

import brunel
import numpy as np
import timed_run
from brian2 import Hz, Network, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, ms, mV

TAU_MS, A_PLUS, A_MINUS, W_MAX_MV = 20.0, 0.001, 0.00105, 0.2

# Traces x of the source and y of the target. With the schedule of brunel.py a spike of the target acts in the step after its own, before what arrives
# then: so what it finds has decayed by one step too many, and what it leaves must have decayed by one. A spike
# that arrived in the target's own step is at no distance from it: no pair. Its source has fired 15 steps
# before, and not since, for it is refractory for longer.
PLASTIC = dict(
    model="""w : volt
             dx/dt = -x / tau : 1 (event-driven)
             dy/dt = -y / tau : 1 (event-driven)""",
    on_pre="""w = clip(w - minus * y, 0 * mV, w_max)
              x += 1
              v_post += w""",
    on_post="""w = clip(w + plus * (x / decay - int(timestep(t - lastspike_pre, dt) == 16)), 0 * mV, w_max)
               y += decay""")


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    timed_run.prepare(args)
    rng = np.random.default_rng(args.seed)
    neurons = NeuronGroup(
        brunel.N_E + brunel.N_I, "dv/dt = -v / tau_m : volt (unless refractory)", threshold="v >= V_th",
        reset="v = 0 * mV", refractory=2.1 * ms, method="exact",
        namespace=dict(tau_m=brunel.TAU_M_MS * ms, V_th=brunel.V_TH_MV * mV))
    external_Hz = brunel.ETA * brunel.V_TH_MV / (brunel.J_MV * brunel.C_E * brunel.TAU_M_MS) * 1e3
    background = PoissonInput(neurons, "v", brunel.C_E, external_Hz * Hz, brunel.J_MV * mV)
    delay = (brunel.DELAY_MS - brunel.DT_MS) * ms
    plastic = Synapses(
        neurons, neurons, **PLASTIC, delay={"pre": delay},
        namespace=dict(tau=TAU_MS * ms, plus=A_PLUS * W_MAX_MV * mV, minus=A_MINUS * W_MAX_MV * mV,
                       w_max=W_MAX_MV * mV, decay=math.exp(-brunel.DT_MS / TAU_MS)))
    plastic.post.order = -1
    excitatory = Synapses(neurons, neurons, on_pre="v_post += J_E", delay=delay,
                          namespace=dict(J_E=brunel.J_MV * mV))
    inhibitory = Synapses(neurons, neurons, on_pre="v_post += J_I", delay=delay,
                          namespace=dict(J_I=-brunel.G * brunel.J_MV * mV))
    source, target = brunel.source_ordered(rng, 0, brunel.N_E, brunel.C_E)
    to_excitatory = target < brunel.N_E
    plastic.connect(i=source[to_excitatory], j=target[to_excitatory])
    plastic.w = brunel.J_MV * mV
    excitatory.connect(i=source[~to_excitatory], j=target[~to_excitatory])
    source, target = brunel.source_ordered(rng, brunel.N_E, brunel.N_I, brunel.C_I)
    inhibitory.connect(i=source, j=target)
    monitor = SpikeMonitor(neurons, record=False)
    network = Network(neurons, background, plastic, excitatory, inhibitory, monitor)
    network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    timed_run.run_and_print(
        args, network, monitor, [("E", brunel.N_E), ("I", brunel.N_I)],
        plastic=lambda: [("E->E", brunel.J_MV, float(np.mean(plastic.w[:] / mV)))])


if __name__ == "__main__":
    main()
