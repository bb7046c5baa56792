#!/usr/bin/python3
"""Brunel's network (2000, doi:10.1023/A:1008925309027) as NEST's example brunel_delta_nest has it.

As in configs/brunel.yaml: N_E 10,000, N_I 2,500, in-degrees 1,000 and 250 (drawn with replacement),
J 0.1 mV, g 5, eta 2, delay 1.5 ms, V_reset 0.
"""
import pygenn
import timed_run

N_E, N_I, C_E, C_I = 10000, 2500, 1000, 250
J_MV, G, ETA = 0.1, 5.0, 2.0
TAU_M_MS, V_TH_MV, DELAY_STEPS = 20.0, 20.0, 15


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    model = timed_run.make_model(args, "brunel")
    params = {"tau_m": TAU_M_MS, "C_m": 1.0, "E_L": 0.0, "V_th": V_TH_MV, "V_reset": 0.0,
              "refractory_steps": 20.0, "I_dc": 0.0}
    populations = [model.add_neuron_population(name, size, timed_run.LIF, params, {"V": 0.0, "refractory": 0.0})
                   for name, size in (("E", N_E), ("I", N_I))]
    # C_E external sources per neuron, together; every neuron gets its own train.
    rate_Hz = ETA * V_TH_MV / (J_MV * C_E * TAU_M_MS) * 1e3 * C_E
    for target in populations:
        model.add_current_source(f"background_{target.name}", timed_run.POISSON_JUMPS, target,
                                 {"rate_Hz": rate_Hz, "weight_mV": J_MV})
        for source, indegree, weight in zip(populations, (C_E, C_I), (J_MV, -G * J_MV)):
            synapse = model.add_synapse_population(
                f"{source.name}_to_{target.name}", "SPARSE", source, target,
                pygenn.init_weight_update("StaticPulseConstantWeight", {"g": weight}),
                pygenn.init_postsynaptic("DeltaCurr"),
                pygenn.init_sparse_connectivity("FixedNumberPreWithReplacement", {"num": indegree}))
            synapse.axonal_delay_steps = DELAY_STEPS - 1
    timed_run.run_and_print(args, model, populations)


if __name__ == "__main__":
    main()
