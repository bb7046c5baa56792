#!/usr/bin/python3
"""The Vogels-Abbott CUBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 2.

As in configs/vogels_abbott_cuba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step.
"""
import timed_run  # before nest, which it keeps from greeting
import nest


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=10000.0)
    timed_run.prepare(args)
    timed_run.run_vogels_abbott(
        args, "iaf_psc_exp",
        {"C_m": 200.0, "tau_m": 20.0, "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
         "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "V_m": nest.random.uniform(-60.0, -50.0)},
        w_ex=16.2, w_in=-90.0)


if __name__ == "__main__":
    main()
