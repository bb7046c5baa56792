#!/usr/bin/python3
"""Brunel's network (2000, doi:10.1023/A:1008925309027) as NEST's example brunel_delta_nest has it.

As in configs/brunel.yaml: N_E 10,000, N_I 2,500, in-degrees 1,000 and 250, J 0.1 mV, g 5, eta 2, delay
1.5 ms, V_reset 0.
"""
import timed_run  # before nest, which it keeps from greeting
import nest

N_E, N_I, C_E, C_I = 10000, 2500, 1000, 250
J_MV, G, ETA = 0.1, 5.0, 2.0
TAU_M_MS, V_TH_MV, DELAY_MS = 20.0, 20.0, 1.5


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    timed_run.prepare(args)
    params = {"C_m": 1.0, "tau_m": TAU_M_MS, "t_ref": 2.0, "E_L": 0.0, "V_reset": 0.0, "V_th": V_TH_MV,
              "V_m": 0.0}
    excitatory = nest.Create("iaf_psc_delta", N_E, params=params)
    inhibitory = nest.Create("iaf_psc_delta", N_I, params=params)
    neurons = excitatory + inhibitory
    for name, sources, indegree, weight in (("from_E", excitatory, C_E, J_MV),
                                            ("from_I", inhibitory, C_I, -G * J_MV)):
        nest.CopyModel("static_synapse_hom_w", name, {"weight": weight, "delay": DELAY_MS})
        nest.Connect(sources, neurons, {"rule": "fixed_indegree", "indegree": indegree},
                     {"synapse_model": name})
    # C_E external sources per neuron, together; every neuron gets its own train.
    rate_Hz = ETA * V_TH_MV / (J_MV * C_E * TAU_M_MS) * 1e3 * C_E
    nest.Connect(nest.Create("poisson_generator", params={"rate": rate_Hz}), neurons,
                 syn_spec={"weight": J_MV, "delay": DELAY_MS})
    timed_run.run_and_print(args, [("E", excitatory), ("I", inhibitory)], DELAY_MS)


if __name__ == "__main__":
    main()
