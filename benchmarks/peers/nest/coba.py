#!/usr/bin/python3
"""The Vogels-Abbott COBA network of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), benchmark 1.

As in configs/vogels_abbott_coba.yaml: 3,200 + 800 neurons, connection probability 0.02, delay one step. V by
the adaptive Runge-Kutta-Fehlberg method, the only one that NEST's iaf_cond_exp has.
"""
import timed_run  # before nest, which it keeps from greeting
import nest


def main():
    args = timed_run.arguments(__doc__.split("\n")[0], simulated_ms=1000.0)
    timed_run.prepare(args)
    timed_run.run_vogels_abbott(
        args, "iaf_cond_exp",
        {"C_m": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "E_ex": 0.0,
         "E_in": -80.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "V_m": nest.random.normal(-65.0, 5.0),
         "g_ex": nest.math.max(nest.random.normal(40.0, 15.0), 0.0),
         "g_in": nest.math.max(nest.random.normal(200.0, 120.0), 0.0)},
        w_ex=6.0, w_in=-67.0)


if __name__ == "__main__":
    main()
