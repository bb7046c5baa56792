"""What the GeNN scripts share: the model's settings, neuron and synapse models, one timed run.

PyGeNN 5 is run for speed as its own microcircuit example does: single precision, postsynaptic models fused,
narrow synapse indices, optimised code (-O3 -ffast-math, here with -march=native, on a GPU -use_fast_math),
spikes recorded in its recording buffer. Its CPU backend has one thread; --backend cuda runs the same on a
GPU. Timed are the calls of step_time after those of the warm-up, and fetching the recorded spikes, which
on a GPU waits for the last step.

The models are GeNN's built-in ones with the conventions of NEST: linear equations integrated exactly,
refractoriness counted in whole steps. In a step GeNN first delivers the spikes of the step before, then
updates the neurons; a delay of n of NEST's steps is therefore n of GeNN's for currents and conductances,
which NEST adds after its update, and n - 1 for jumps of the potential, which it adds within.
"""
import math
import os
import pathlib
import sys
import tempfile
import time

os.environ.setdefault("CXX", "g++ -march=native")  # of the generated makefile
import pygenn  # noqa: E402

# Behind the others: this folder's neighbours are named like the packages that they drive.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import peer_script  # noqa: E402  (found only through the line above)

DT_MS = 0.1
BACKENDS = {"cpu": "single_threaded_cpu", "cuda": "cuda"}

# Input is what a unit of it adds to V in one step.
LIF = pygenn.create_neuron_model(
    "LIF_in_whole_steps", params=["tau_m", "E_L", "V_th", "V_reset", "refractory_steps", "I_dc", "C_m"],
    vars=[("V", "scalar"), ("refractory", "scalar")],
    derived_params=[
        ("v_v", lambda p, dt: math.exp(-dt / p["tau_m"])),
        ("v_dc", lambda p, dt: (1.0 - math.exp(-dt / p["tau_m"])) * p["tau_m"] / p["C_m"] * p["I_dc"])],
    sim_code="""
        if (refractory == 0.0) {
            V = E_L + v_v * (V - E_L) + v_dc + Isyn;
        }
        else {
            refractory -= 1.0;
        }""",
    threshold_condition_code="V >= V_th", reset_code="V = V_reset; refractory = refractory_steps;")

# Exponential Euler, as in the Brian2 script.
LIF_COND = pygenn.create_neuron_model(
    "LIF_conductances", params=["C_m", "g_L", "E_L", "E_ex", "E_in", "V_th", "V_reset", "refractory_steps"],
    vars=[("V", "scalar"), ("refractory", "scalar")],
    additional_input_vars=[("g_ex", "scalar", 0.0), ("g_in", "scalar", 0.0)],
    sim_code="""
        if (refractory == 0.0) {
            const scalar g = g_L + g_ex + g_in;
            const scalar V_inf = (g_L * E_L + g_ex * E_ex + g_in * E_in) / g;
            V = V_inf + (V - V_inf) * exp(-dt * g / C_m);
        }
        else {
            refractory -= 1.0;
        }""",
    threshold_condition_code="V >= V_th", reset_code="V = V_reset; refractory = refractory_steps;")


def _v_i(p, dt):
    """What 1 pA that decays with tau_syn adds to V within a step."""
    return (math.exp(-dt / p["tau_m"]) - math.exp(-dt / p["tau_syn"])) / \
        (1.0 / p["tau_syn"] - 1.0 / p["tau_m"]) / p["C_m"]


def _decay(p, dt):
    return math.exp(-dt / p["tau_syn"])


CURRENT = pygenn.create_postsynaptic_model(
    "exponential_current", params=["tau_syn", "tau_m", "C_m"], derived_params=[("v_i", _v_i), ("decay", _decay)],
    sim_code="injectCurrent(v_i * inSyn); inSyn *= decay;")

CONDUCTANCE = pygenn.create_postsynaptic_model(
    "exponential_conductance", params=["tau_syn"], derived_params=[("decay", _decay)],
    sim_code="injectCurrent(inSyn); inSyn *= decay;")

# As GeNN's PoissonExp draws them.
_POISSON = """
    scalar p = 1.0;
    unsigned int events = 0;
    do {
        events++;
        p *= gennrand_uniform();
    } while (p > exp_minus_mean);
"""


def _exp_minus_mean(p, dt):
    return math.exp(-p["rate_Hz"] * 1e-3 * dt)


POISSON_JUMPS = pygenn.create_current_source_model(
    "poisson_jumps", params=["rate_Hz", "weight_mV"], derived_params=[("exp_minus_mean", _exp_minus_mean)],
    injection_code=_POISSON + "injectCurrent(weight_mV * (scalar)(events - 1));")

POISSON_CURRENT = pygenn.create_current_source_model(
    "poisson_current", params=["rate_Hz", "weight_pA", "tau_syn", "tau_m", "C_m"], vars=[("current", "scalar")],
    derived_params=[("exp_minus_mean", _exp_minus_mean), ("v_i", _v_i), ("decay", _decay)],
    injection_code=_POISSON + """
        current += weight_pA * (scalar)(events - 1);
        injectCurrent(v_i * current);
        current *= decay;""")


def arguments(description, simulated_ms):
    parser = peer_script.option_parser(description, simulated_ms)
    parser.add_argument("--backend", choices=list(BACKENDS), default="cpu")
    args = parser.parse_args()
    if args.threads != 1:
        parser.error(f"--threads {args.threads}: GeNN's CPU backend has one thread")
    return args


def make_model(args, name):
    model = pygenn.GeNNModel("float", name, backend=BACKENDS[args.backend], optimize_code=True)
    model.dt = DT_MS
    model.seed = args.seed
    model.fuse_postsynaptic_models = True
    model.default_narrow_sparse_ind_enabled = True
    return model


def run_and_print(args, model, populations, after_load=lambda: None):
    """`populations`: GeNN's, named as in Sharpwave's config; after_load() may set state."""
    for population in populations:
        population.spike_recording_enabled = True
    warm_up_steps, steps = (round(ms / DT_MS) for ms in (args.warm_up_ms, args.simulated_ms))
    with tempfile.TemporaryDirectory() as folder:
        model.build(folder)
        model.load(num_recording_timesteps=steps)  # a ring: at the end it holds the last `steps`, the timed ones
        after_load()
        for _ in range(warm_up_steps):
            model.step_time()
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        for _ in range(steps):
            model.step_time()
        model.pull_recording_buffers_from_device()
        wall_s, cpu_s = time.perf_counter() - wall_start, time.process_time() - cpu_start
        counted = [(p.name, p.num_neurons, len(p.spike_recording_data[0][0])) for p in populations]
        model.unload()
    peer_script.print_result(args, f"GeNN {pygenn.__version__} (float, {args.backend})", wall_s, cpu_s, counted)


def connect_vogels_abbott(model, populations, weights, postsynaptic, targeted=("Isyn", "Isyn")):
    """Each pair with probability 0.02, delay one step. The synapse populations by (source, target).

    All but the model are pairs, of the excitatory and the inhibitory; `targeted` are the neurons' variables.
    """
    synapses = {}
    for source, weight, psm, variable in zip(populations, weights, postsynaptic, targeted):
        for target in populations:
            synapse = model.add_synapse_population(
                f"{source.name}_to_{target.name}", "SPARSE", source, target,
                pygenn.init_weight_update("StaticPulseConstantWeight", {"g": weight}), psm,
                pygenn.init_sparse_connectivity("FixedProbability", {"prob": 0.02}))
            synapse.axonal_delay_steps = 1
            synapse.post_target_var = variable
            synapses[source.name, target.name] = synapse
    return synapses
