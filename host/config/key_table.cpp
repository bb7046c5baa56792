// One table: what every key of a config is. It is long because there are many keys; the reader, the reference
// (docs/config.md), the schema and the suggestions for misspelt keys are made of it.
#include "host/config/key_table.hpp"

#include <algorithm>
#include <array>

#include "host/base/error.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::config {
namespace {

using enum KeyType;

constexpr KeyInfo kTop[] = {
    {"title", text, "", {}, "(the file's name)", "Name of the network in tables and reports."},
    {"simulation", map, "", {}, "required", "Time, seeds and precision."},
    {"device",
     map,
     "",
     {},
     "auto",
     "Where it runs: `cpu`, `cuda`, `auto` (on a GPU where there is one, else on the CPU), or a map."},
    {"parameters",
     map,
     "",
     {},
     "(none)",
     "Names for numbers, usable as `${name}` in every numeric field, also in other parameters."},
    {"population_defaults",
     map,
     "",
     {},
     "(none)",
     "Keys that every population of neurons takes unless it sets them itself; `params` and `initial` are "
     "merged key by key."},
    {"populations",
     map,
     "",
     {},
     "(required without `network`)",
     "Name -> population. Their order is the order of the global neuron ids. A name consists of letters, "
     "digits, `_`, `+` and `-`."},
    {"neuromodulators",
     map,
     "",
     {},
     "(none)",
     "Name of a region -> its neuromodulators. A name consists of letters, digits, `_` and `-`."},
    {"projections", list, "", {}, "(none)", "Connections between populations."},
    {"projection_table", map, "", {}, "(none)", "Connections between many populations as matrices."},
    {"inputs", list, "", {}, "(none)", "Poisson trains and currents from outside."},
    {"record", map, "", {}, "(all spikes)", "What is written."},
    {"scaling", map, "", {}, "(none)", "Shrinks the network and keeps its mean activity."},
    {"network", map, "", {}, "(none)", "A network from files, instead of `populations` and `projections`."},
    {"checkpoint",
     map,
     "",
     {},
     "(as below)",
     "When the state is saved, so that a run can go on after it was stopped."},
    {"watchdog",
     map,
     "",
     {},
     "(as below)",
     "What is looked for while a network runs, and what is done then."},
    {"batch", map, "", {}, "(none)", "Many runs of this config, each with a seed and values of its own."},
    {"stimuli", map, "", {}, "(none)", "Name -> what a `protocol` can present: images, rates, or spikes."},
    {"protocol", list, "", {}, "(none)", "An experiment in trials: its phases, one after the other."},
    {"memory",
     map,
     "",
     {},
     "(none)",
     "A consolidation plugin, and what it is told of the spikes. See docs/memory.md."},
};

constexpr KeyInfo kMemory[] = {
    {"plugin",
     text,
     "",
     {},
     "required",
     "Its name, of letters, digits and `_`: `libsharpwave_NAME.so` in the program's folder, or where the "
     "program's "
     "plugins are installed. Or a file, with a `/` in it, from the config's folder on. `signal_log` writes "
     "the "
     "signals to signals.h5."},
    {"populations",
     list,
     "",
     {},
     "required",
     "Populations of neurons or parrots whose spikes are told: names, or maps (see there)."},
    {"window", number, "ms", kPositive, "(required, or `ripple`)",
     "Windows follow each other from the start of the simulation on; a multiple of dt. `presentation`: a "
     "window "
     "is what a protocol presents an item for."},
    {"ripple", map, "", {}, "(none)", "Signals of bursts of a population as well; `{}` for the defaults."},
    {"embedding", map, "", {}, "(as below)", "What becomes of the counts of spikes."},
    {"plasticity",
     list,
     "",
     {},
     "(none)",
     "Names of plastic projections whose changes of weights and eligibilities are told. Looking at "
     "eligibilities takes a pass over all their synapses."},
    {"region",
     text,
     "",
     {},
     "(the first of `neuromodulators`)",
     "Region whose neuromodulators are told; what it does not have is told as 0.5."},
    {"queue", map, "", {}, "(as below)", "Between the simulation and the plugin."},
    {"options",
     map,
     "",
     {},
     "(none)",
     "Of the plugin, which gets them as JSON: unquoted numbers, `true`, `false` and `null` are such, all "
     "else is text."},
    {"couple",
     map,
     "",
     {},
     "(none)",
     "What the plugin's answers do to the network. Without it they do nothing."},
};

constexpr KeyInfo kRememberedPopulation[] = {
    {"population", text, "", {}, "required", "Of neurons or parrots."},
    {"space",
     text,
     "",
     {},
     "default",
     "Of the memory: 3 to 64 of a to z, 0 to 9, `_` and `-`. Populations of one space have embeddings of one "
     "dimension."},
};

constexpr KeyInfo kRipple[] = {
    {"threshold",
     number,
     "",
     {.low = 1, .high = 1e6, .low_open = true},
     "3",
     "In bins of 5 ms: spikes, in the mean of all bins before, of which there have to be 100."},
    {"rate", number, "Hz", kPositive, "(none)", "The threshold instead, as a rate of the population."},
    {"shortest",
     number,
     "ms",
     {.low = 5, .high = 1e6},
     "15",
     "What is shorter is no ripple; rounded up to bins."},
    {"longest",
     number,
     "ms",
     {.low = 5, .high = 1e6},
     "200",
     "One that is longer ends there, and another begins; rounded up to bins."},
};

constexpr KeyInfo kEmbedding[] = {
    {"kind",
     choice,
     "",
     {},
     "projection",
     "`counts`: a dimension for each neuron, at most 4096. `projection`: a random projection of these to "
     "`dimension`.",
     "counts|projection"},
    {"dimension", integer, "", {.low = 32, .high = 1024}, "256", "Of `projection`."},
    {"seed", integer, "", {.low = 0, .high = 18446744073709551615.0}, "1", "Of `projection`."},
    {"settle",
     integer,
     "",
     {.low = 1, .high = 1e6},
     "10",
     "So many windows, and so many ripples, teach means and standard deviations before the first signal; "
     "those of the warm-up count."},
};

constexpr KeyInfo kMemoryQueue[] = {
    {"capacity", integer, "", {.low = 1, .high = 1e6}, "1024", "Signals that wait for the plugin, at most."},
    {"when_full",
     choice,
     "",
     {},
     "wait",
     "`wait`: the simulation does. `drop`: the signal is lost to the plugin, which is counted and warned of.",
     "wait|drop"},
};

constexpr KeyInfo kCoupling[] = {
    {"delay", number, "ms", kPositive, "required",
     "From when a signal is told to when its answer acts; a multiple of dt. A window is told when it ends, a "
     "ripple a "
     "bin later. The simulation waits there."},
    {"novelty", map, "", {}, "(none)", "Novelty releases noradrenaline."},
    {"replay",
     map,
     "",
     {},
     "(none)",
     "What the plugin wants replayed is played into its population. On the processor only."},
};

constexpr KeyInfo kCoupledNovelty[] = {
    {"region", text, "", {}, "required", "A region that has noradrenaline."},
    {"gain", number, "", kModerateNotNegative, "1",
     "Times the novelty, 1 - the cosine to what is nearest in the memory; at most 1 is what noradrenaline "
     "rises "
     "by 0.7 of."},
};

constexpr KeyInfo kCoupledReplay[] = {
    {"population",
     text,
     "",
     {},
     "required",
     "One of `memory.populations`, the only one of its `space`; the embedding has to be `counts`."},
    {"blend", number, "", kProbability, "0.3",
     "The `inputs` of the population are multiplied by 1 - blend meanwhile."},
    {"duration", number, "ms", kPositive, "required", "Of one pattern; a multiple of dt."},
    {"current",
     number,
     "pA",
     {.low = 0, .high = 1e9, .low_open = true},
     "required",
     "Into the neuron that the pattern has most of; into others by their share, into those below their mean "
     "none."},
};

constexpr std::string_view kValueActions = "off|log|warn|clamp|rollback|halt";
constexpr std::string_view kQuietActions = "off|log|warn|halt";
constexpr KeyInfo kWatchdog[] = {
    {"non_finite", choice, "", {}, "halt", "A state variable is NaN or infinite.", kValueActions},
    {"divergence", choice, "", {}, "halt", "V is further from E_L than `bound`.", kValueActions},
    {"bound",
     number,
     "mV",
     {.low = 0, .high = 1e30, .low_open = true},
     "(none)",
     "Of divergence; looked at after every eighth step."},
    {"runaway",
     choice,
     "",
     {},
     "halt",
     "A population of neurons fires more than `runaway_rate` in a `window`.",
     "off|log|warn|throttle|rollback|halt"},
    {"runaway_rate", number, "Hz", kPositive, "(half of 1/max(t_ref, dt))", "Mean over the population."},
    {"window", number, "ms", kPositive, "20", "Of runaway and anomaly; a multiple of dt."},
    {"silent",
     choice,
     "",
     {},
     "warn",
     "A population of neurons does not fire in a `silent_window`.",
     kQuietActions},
    {"sparse",
     choice,
     "",
     {},
     "warn",
     "A population of neurons fires, but less than `sparse_share` of its `expected_rate`.",
     kQuietActions},
    {"silent_window", number, "ms", kPositive, "1000", "Of silent and sparse; a multiple of dt."},
    {"sparse_share", number, "", {.low = 0, .high = 1}, "0.01", "Of a population's `expected_rate`."},
    {"anomaly",
     choice,
     "",
     {},
     "log",
     "A population's rate in a `window` is further than `anomaly_score` from the median of the last 200 (50 "
     "at "
     "least), in robust standard deviations: 1.4826 times the median distance, or what the Poisson law "
     "gives.",
     "off|log|warn"},
    {"anomaly_score", number, "", kPositive, "3", "Of anomaly."},
    {"frozen_weights",
     choice,
     "",
     {},
     "warn",
     "No weight of a plastic projection changes in a `frozen_window` in which it learns and both of its "
     "sides fire, and not all are at a bound.",
     kQuietActions},
    {"frozen_modulator",
     choice,
     "",
     {},
     "warn",
     "The level of a neuromodulator stands still for a `frozen_window` in which something drives it.",
     kQuietActions},
    {"frozen_window", number, "ms", kPositive, "10000",
     "Of frozen_weights and frozen_modulator; a multiple of dt."},
    {"weight_gain",
     number,
     "",
     {.low = 0, .high = 1e3, .low_open = true},
     "0.9",
     "By which throttle and rollback multiply all weights of projections, each time."},
    {"input_gain",
     number,
     "",
     {.low = 0, .high = 1e3, .low_open = true},
     "1",
     "By which they multiply weights and currents of all inputs."},
    {"most_repairs",
     integer,
     "",
     {.low = 0, .high = 1000000},
     "3",
     "So often something is clamped, throttled or rolled back; then the run is halted."},
};

constexpr KeyInfo kCheckpoint[] = {
    {"interval", number, "ms", kNotNegative, "0",
     "Of simulated time, from one checkpoint to the next; a multiple of dt. Where one is still being "
     "written, the next follows as soon as it is. 0: none for this reason."},
    {"wall_interval", number, "s", kNotNegative, "300",
     "Of wall time, from one checkpoint to the next. 0: none for this reason."},
    {"at_end", boolean, "", {}, "true", "Whether there is one of the end of the run."},
    {"keep", integer, "", {.low = 1, .high = 1000}, "5", "The newest so many are kept."},
};

constexpr KeyInfo kBatch[] = {
    {"size",
     integer,
     "",
     {.low = 1, .high = kMostInstances},
     "(as `vary` gives)",
     "Number of instances: as many as `vary` gives combinations, or a multiple of it, of which each further "
     "round has further seeds. Required without `vary`."},
    {"vary",
     map,
     "",
     {},
     "(none)",
     "Key of this config, as in `--set` -> a list of values, or a range. Not for `batch`, `device`, "
     "`record`, `checkpoint` and `title`."},
    {"mode",
     choice,
     "",
     {},
     "product",
     "`product`: every combination of the values, the last key the fastest. `zip`: the first values of all "
     "keys, then the second ones, and so on.",
     "product|zip"},
    {"on_failure",
     choice,
     "",
     {},
     "continue",
     "What becomes of the other instances where one fails. `stop`: they are saved, as by SIGINT.",
     "continue|stop"},
};

constexpr KeyInfo kBatchRange[] = {
    {"from", number, "", kAnyNumber, "required", "The first value."},
    {"to", number, "", kAnyNumber, "required", "The last one, which `step` may miss."},
    {"count",
     integer,
     "",
     {.low = 2, .high = kMostInstances},
     "(one of the two)",
     "Values, both ends included."},
    {"step", number, "", kPositive, "(one of the two)",
     "Distance of the values; towards `to`, whether it is above `from` or below."},
    {"scale",
     choice,
     "",
     {},
     "linear",
     "`log`: with `count`, at equal ratios; both ends are > 0.",
     "linear|log"},
};

constexpr KeyInfo kSimulation[] = {
    {"dt", number, "ms", {.low = 1e-6, .high = 100}, "0.1", "Time step."},
    {"duration", number, "ms", kPositive, "required",
     "Recorded time, a multiple of dt. Not with a `protocol`: the run ends with its last trial."},
    {"warm_up", number, "ms", kNotNegative, "0",
     "Simulated before it, not recorded, not timed; a multiple of dt. Times in a config count from the start "
     "of the simulation, warm-up included."},
    {"seed",
     integer,
     "",
     {.low = 0, .high = 18446744073709551615.0},
     "(network_seed, else 1)",
     "Fixes what is drawn during the run."},
    {"network_seed",
     integer,
     "",
     {.low = 0, .high = 18446744073709551615.0},
     "(seed, else 1)",
     "Fixes connectivity and drawn parameters."},
    {"precision",
     choice,
     "",
     {},
     "float32",
     "Of the state. Digests differ between the two.",
     "float32|float64"},
};

constexpr KeyInfo kDevice[] = {
    {"kind", choice, "", {}, "auto", "`auto`: a GPU where there is one, else the CPU.", "auto|cpu|cuda"},
    {"threads",
     integer,
     "",
     {.low = 0, .high = kMostThreads},
     "0",
     "0: as many as processors this process may use, but no more than one for each 1,000 neurons. The spikes "
     "are the same for every number."},
};

#define kNeuronModels \
  "iaf_psc_exp|iaf_psc_alpha|iaf_psc_delta|iaf_cond_exp|aeif_cond_exp|izhikevich|lif_discrete"

constexpr KeyInfo kPopulationDefaults[] = {
    {"model", choice, "", {}, "(none)", "As in a population.", kNeuronModels},
    {"params", map, "", {}, "(none)", "As in a population."},
    {"initial", map, "", {}, "(none)", "As in a population."},
    {"refractory_input", boolean, "", {}, "(none)", "As in a population."},
    {"consistent_integration", boolean, "", {}, "(none)", "As in a population."},
    {"substeps", integer, "", {.low = 1, .high = 1000}, "(none)", "As in a population."},
};

constexpr KeyInfo kPopulation[] = {
    {"size", integer, "", {.low = 1, .high = kMostElements}, "required", "Number of elements."},
    {"model",
     choice,
     "",
     {},
     "required",
     "What the elements are.",
     kNeuronModels "|parrot|poisson_source|spike_source"},
    {"params", map, "", {}, "(NEST's defaults)", "Of neurons."},
    {"initial", map, "", {}, "(V_m at E_L or c, all else 0)", "State of neurons at time 0."},
    {"refractory_input",
     boolean,
     "",
     {},
     "false",
     "`iaf_psc_delta`: input during refractoriness is kept, discounted, and added when it ends."},
    {"consistent_integration",
     boolean,
     "",
     {},
     "true",
     "`izhikevich`: V and U_m advance from their values before the step, as in NEST; false: two half steps "
     "of V, "
     "then U_m, as the paper's programs do, for dt 1 ms."},
    {"substeps",
     integer,
     "",
     {.low = 1, .high = 1000},
     "(1; aeif_cond_exp: 4)",
     "`iaf_cond_exp`, `aeif_cond_exp`: Runge-Kutta steps in a time step."},
    {"rate", KeyType::rate, "Hz", kNotNegative, "(required for it)",
     "`poisson_source`: of each element; constant, or piecewise (see there)."},
    {"spikes", list, "", {}, "(none)", "`spike_source`: pairs `[index, time in ms]`."},
    {"times", list, "ms", {}, "(none)", "`spike_source`: instead, one list of times per element."},
    {"file",
     text,
     "",
     {},
     "(none)",
     "`spike_source`: instead, a file: lines of `index time_ms`, or SONATA spikes (`.h5`). Relative to the "
     "config."},
    {"file_population", text, "", {}, "(the only one)", "`spike_source` from `.h5`: the population in it."},
    {"expected_rate", number, "Hz", kNotNegative, "(none)",
     "Mean rate of the network at full size; `scaling` needs it for every source of connections."},
    {"input_gain",
     text,
     "",
     {},
     "(none)",
     "Of neurons: a region whose gate `input_gain` multiplies what they receive; by default noradrenaline's, "
     "by "
     "0.5 to 2."},
    {"external_gain",
     text,
     "",
     {},
     "(none)",
     "Of neurons: a region whose gate `external_gain` multiplies the weight of their `inputs` of spikes, not "
     "what projections bring nor currents; by default acetylcholine's, by 0.6 to 1.4."},
};

constexpr KeyInfo kNeuronParameters[] = {
    {"C_m", values, "pF", kPositive, "(by model)", "Membrane capacitance."},
    {"tau_m", values, "ms", kPositive, "(by model)", "Membrane time constant."},
    {"g_L", values, "nS", kPositive, "(by model)", "Leak conductance."},
    {"E_L", values, "mV", kAnyNumber, "(by model)", "Resting potential."},
    {"V_th", values, "mV", kAnyNumber, "(by model)",
     "Threshold; a neuron with V_m >= V_th spikes. `aeif_cond_exp`: where the upswing begins."},
    {"V_reset", values, "mV", kAnyNumber, "(by model)", "Potential after a spike, below V_th."},
    {"t_ref", values, "ms", kNotNegative, "(by model)",
     "Refractory time, a multiple of dt; constant or a list."},
    {"I_e", values, "pA", kAnyNumber, "0", "Constant current, from the first step on. `izhikevich`: mV/ms."},
    {"tau_syn_ex", values, "ms", kPositive, "(by model)", "Of excitatory input."},
    {"tau_syn_in", values, "ms", kPositive, "(by model)", "Of inhibitory input."},
    {"E_ex", values, "mV", kAnyNumber, "(by model)", "Reversal potential of excitatory conductance."},
    {"E_in", values, "mV", kAnyNumber, "(by model)", "Reversal potential of inhibitory conductance."},
    {"theta_plus", values, "mV", kNotNegative, "(by model)",
     "What a spike adds to theta, by which V_th is raised; 0: it does not adapt."},
    {"tau_theta", values, "ms", kPositive, "(by model)",
     "Time constant with which theta decays. In float32 its decay is off by more than 1 % where it is longer "
     "than "
     "168,000 dt, of which the program warns: `precision: float64`."},
    {"Delta_T", values, "mV", kNotNegative, "(by model)", "Sharpness of the upswing; 0: a spike at V_th."},
    {"V_peak", values, "mV", kAnyNumber, "(by model)", "Where the upswing ends in a spike."},
    {"tau_w", values, "ms", kPositive, "(by model)", "Time constant of the adaptation current w."},
    {"a", values, "", kAnyNumber, "(by model)",
     "`aeif_cond_exp`: adaptation by V_m, nS. `izhikevich`: rate of U_m, 1/ms."},
    {"b", values, "", kAnyNumber, "(by model)",
     "`aeif_cond_exp`: what a spike adds to w, pA. `izhikevich`: how U_m follows V_m, 1/ms."},
    {"c", values, "mV", kAnyNumber, "(by model)", "V_m after a spike."},
    {"d", values, "", kAnyNumber, "(by model)", "What a spike adds to U_m, mV/ms."},
    {"V_min", values, "mV", kAnyNumber, "(by model)", "V_m does not fall below it."},
    {"alpha", values, "", {.low = 0, .high = 1}, "(by model)", "What remains of V_m in a step."},
    {"beta", values, "", kNotNegative, "(by model)", "Part of V_th that a spike takes from V_m."},
};

constexpr KeyInfo kInitialValues[] = {
    {"V_m", values, "mV", kAnyNumber, "(E_L, c or 0)", "Membrane potential, absolute."},
    {"I_syn_ex", values, "pA", kAnyNumber, "0", "Excitatory current."},
    {"I_syn_in", values, "pA", kAnyNumber, "0", "Inhibitory current."},
    {"g_ex", values, "nS", kNotNegative, "0", "Excitatory conductance."},
    {"g_in", values, "nS", kNotNegative, "0", "Inhibitory conductance."},
    {"theta", values, "mV", kNotNegative, "0", "Rise of the threshold."},
    {"w", values, "pA", kAnyNumber, "0", "Adaptation current."},
    {"U_m", values, "", kAnyNumber, "0", "Recovery variable of `izhikevich`, mV/ms."},
};

constexpr KeyInfo kDistribution[] = {
    {"normal", map, "", {}, "(one of the three)", "`{mean, sd}`"},
    {"lognormal", map, "", {}, "(one of the three)", "`{mu, sigma}`, of the logarithm"},
    {"uniform", map, "", {}, "(one of the three)", "`{low, high}`, without `high` itself"},
    {"min", number, "", kAnyNumber, "(none)", "Lower bound."},
    {"max", number, "", kAnyNumber, "(none)", "Upper bound."},
    {"bounds",
     choice,
     "",
     {},
     "redraw",
     "What happens beyond a bound: drawn again (the truncated distribution), or set to the bound.",
     "redraw|clip"},
    {"keep_sign", boolean, "", {}, "false", "Bounds it at 0 so that every value has the sign of the mean."},
};
constexpr KeyInfo kNormal[] = {
    {"mean", number, "", kAnyNumber, "required", "Mean."},
    {"sd", number, "", kNotNegative, "required", "Standard deviation; 0 makes it a constant."},
};
constexpr KeyInfo kLognormal[] = {
    {"mu", number, "", {.low = -60, .high = 60}, "required", "Mean of the logarithm."},
    {"sigma", number, "", {.low = 0, .high = 10}, "required", "Standard deviation of the logarithm."},
};
constexpr KeyInfo kUniform[] = {
    {"low", number, "", kAnyNumber, "required", "Smallest value."},
    {"high", number, "", kAnyNumber, "required", "Upper end, above `low`."},
};
constexpr KeyInfo kPiecewiseRate[] = {
    {"times", list, "ms", kNotNegative, "(required without `file`)",
     "Ascending, multiples of dt, the first is 0."},
    {"rates", list, "Hz", kNotNegative, "(required without `file`)", "rates[i] holds from times[i] on."},
    {"file",
     text,
     "",
     {},
     "(none)",
     "Instead, a file: lines of `time_ms, rate_Hz`, separated by a comma or blanks, as the two lists; `#` "
     "starts a comment, a first line without numbers is a header. Relative to the config."},
};

constexpr std::string_view kRules =
    "one_to_one|all_to_all|fixed_indegree|fixed_outdegree|fixed_total_number|pairwise_bernoulli|"
    "explicit_list";

constexpr KeyInfo kProjection[] = {
    {"name",
     text,
     "",
     {},
     "(`SOURCE->TARGET`)",
     "Keys the random draws: a renamed projection is drawn anew. Must be unique."},
    {"source",
     text,
     "",
     {},
     "required",
     "A population or a slice of it (`E`, `E[0:100]`, `E[::10]`, `E[7]`), or a list of them, which makes one "
     "projection each."},
    {"target", text, "", {}, "required", "As `source`; neurons or parrots."},
    {"rule", choice, "", {}, "required", "How pairs are chosen; named as in NEST.", kRules},
    {"indegree",
     integer,
     "",
     {.low = 0, .high = kMostElements},
     "(required for it)",
     "`fixed_indegree`: connections per target; a number or one per target."},
    {"outdegree",
     integer,
     "",
     {.low = 0, .high = kMostElements},
     "(required for it)",
     "`fixed_outdegree`: connections per source; a number or one per source."},
    {"total",
     integer,
     "",
     {.low = 0, .high = 1e15},
     "(required for it)",
     "`fixed_total_number`: connections."},
    {"probability", number, "", kProbability, "(required for it)",
     "`pairwise_bernoulli`: of each pair. In `fixed_total_number`, instead of `total`: the number that gives "
     "a pair at least one connection with this probability, "
     "round(ln(1-p)/ln((N-1)/N)), N = sources x targets (Potjans & Diesmann 2014)."},
    {"edges",
     list,
     "",
     {},
     "(required for it)",
     "`explicit_list`: pairs `[source, target]`, positions within the slices."},
    {"autapses", boolean, "", {}, "true", "May an element connect to itself."},
    {"multapses",
     boolean,
     "",
     {},
     "(true where the rule can)",
     "May a pair be connected more than once: `fixed_indegree`, `fixed_outdegree`."},
    {"weight", values, "pA, mV or nS", kAnyNumber, "1",
     "Jump, or peak of the current or conductance, per spike; negative is inhibitory. A list has one value "
     "per target, in "
     "`explicit_list` one per edge. Of a plastic projection also `{file: weights_NAME.h5}`, those of an "
     "earlier run."},
    {"delay", values, "ms", kPositive, "1",
     "At least dt and a multiple of it; drawn ones are rounded to it, and never drawn below dt."},
    {"plasticity", map, "", {}, "(none)", "How its weights change with the spikes; without it they do not."},
};

constexpr KeyInfo kGivenWeights[] = {
    {"file",
     text,
     "",
     {},
     "required",
     "What `record.weights` has made with `every: 1`, or SONATA edges, each of one synapse with a "
     "`syn_weight`. "
     "Looked for as the files of `network`."},
    {"time", number, "ms", kNotNegative, "(the last)", "Of the sample in it."},
    {"edge_population", text, "", {}, "(the only one)", "Of SONATA edges."},
};

constexpr KeyInfo kPlasticity[] = {
    {"rule",
     choice,
     "",
     {},
     "required",
     "`stdp`: a spike of the target after one of the source strengthens the synapse, one before it weakens "
     "it. `stdp_pl` (Morrison et al. 2007): likewise, by a power of the weight. "
     "`stdp_triplet` (Pfister & Gerstner 2006): the more so, the more the same side has fired before. "
     "`vogels_sprekeler` (Vogels et al. 2011), of inhibitory synapses: any two spikes strengthen, each of "
     "the "
     "source weakens, so that the target comes to fire at `target_rate`. `stdp_dopamine` (Potjans et al. "
     "2010): pairs fill an eligibility trace c, which becomes weight as fast as a neuromodulator says, "
     "dw/dt = learning_rate c (level - baseline); `three_factor`: likewise, as all of the region's say "
     "together. See docs/models.md.",
     "stdp|stdp_pl|stdp_triplet|vogels_sprekeler|stdp_dopamine|three_factor"},
    {"region",
     text,
     "",
     {},
     "(required for it)",
     "`stdp_dopamine`, `three_factor`: whose neuromodulators act. `stdp`: a region whose gates "
     "`potentiation` and `depression` multiply the changes; without it they are as they are."},
    {"modulator",
     choice,
     "",
     {},
     "dopamine",
     "`stdp_dopamine`: which of the region's.",
     "dopamine|serotonin|noradrenaline|acetylcholine"},
    {"baseline", number, "", kModerate, "0", "`stdp_dopamine`: the level at which nothing is learnt."},
    {"tau_c", number, "ms", kPositive, "1000",
     "Time constant of the eligibility trace; at least dt, at most 500,000 of them."},
    {"learning_rate", number, "1/s", kModerateNotNegative, "1",
     "Of `stdp_dopamine` and `three_factor`. NEST's stdp_dopamine_synapse has 1000."},
    {"gated_tau_c",
     boolean,
     "",
     {},
     "false",
     "Does the region's gate `eligibility_time` multiply `tau_c`? By default serotonin's, by 0.5 to 1.5."},
    {"w_max",
     number,
     "pA, mV or nS",
     {.low = 0, .high = 1e23, .low_open = true},
     "required",
     "Upper bound of the weights' magnitudes. Of inhibitory synapses, too: their weights are negative, and "
     "bounds and changes are of what they are without the sign."},
    {"w_min", number, "pA, mV or nS", kNotNegative, "0", "Lower bound."},
    {"A_plus",
     number,
     "",
     {.low = 0, .high = 1e6},
     "(0.01; of triplets 5e-10)",
     "`stdp`, `stdp_triplet`: potentiation by a pair at no distance, of `w_max`."},
    {"A_minus", number, "", {.low = 0, .high = 1e6}, "(0.0105; of triplets 0.007)", "Likewise depression."},
    {"A3_plus",
     number,
     "",
     {.low = 0, .high = 1e6},
     "0.0062",
     "`stdp_triplet`: added to `A_plus` per unit of what is left of the target's spikes before."},
    {"A3_minus", number, "", {.low = 0, .high = 1e6}, "0.00023", "Likewise to `A_minus`, of the source's."},
    {"eta",
     number,
     "",
     {.low = 0, .high = 1e6},
     "0.001",
     "`vogels_sprekeler`: by which two spikes at no distance strengthen, of `w_max`."},
    {"target_rate", number, "Hz", kNotNegative, "5",
     "`vogels_sprekeler`: each spike of the source weakens by 2 eta tau target_rate."},
    {"tau", number, "ms", kPositive, "20", "`vogels_sprekeler`: time constant of both sides' traces."},
    {"lambda",
     number,
     "",
     {.low = 0, .high = 1e6},
     "(none; of stdp_pl 0.1)",
     "`stdp`, as NEST has it, instead of `A_plus` and `A_minus`: A_plus = lambda, A_minus = alpha x lambda. "
     "`stdp_pl`: a pair at no distance strengthens by lambda w_0^(1 - mu) w^mu, or weakens by alpha lambda "
     "w."},
    {"alpha", number, "", {.low = 0, .high = 1e6}, "1", "Of `lambda`."},
    {"tau_plus", number, "ms", kPositive, "(20; of triplets 16.8)",
     "Time constant of the sources' traces; at most 500,000 dt."},
    {"tau_minus", number, "ms", kPositive, "(20; of triplets 33.7)", "Likewise of the targets'."},
    {"tau_plus_triplet", number, "ms", kPositive, "101", "Of the sources' slow traces; at most 500,000 dt."},
    {"tau_minus_triplet", number, "ms", kPositive, "125", "Of the targets'."},
    {"mu_plus",
     number,
     "",
     {.low = 0, .high = 100},
     "0",
     "`stdp`: potentiation is multiplied by (1 - w/w_max)^mu_plus: 0 is additive, 1 multiplicative."},
    {"mu_minus", number, "", {.low = 0, .high = 100}, "0", "Likewise depression by (w/w_max)^mu_minus."},
    {"mu", number, "", {.low = 0, .high = 1}, "0.4", "`stdp_pl`: exponent of potentiation."},
    {"w_0", number, "pA, mV or nS", kPositive, "1",
     "`stdp_pl`: the weight that sets the scale; NEST has 1 pA."},
    {"pairing",
     choice,
     "",
     {},
     "all_to_all",
     "Which pairs count (Morrison et al. 2008): all; `symmetric`: each spike with the last one of the other "
     "side; `presynaptic`: each spike of the source with the last and the next one of the target; "
     "`restricted`: neighbours only. Of triplets the first two, `symmetric` with the last spike of either "
     "side.",
     "all_to_all|symmetric|presynaptic|restricted"},
    {"delay_kind",
     choice,
     "",
     {},
     "dendritic",
     "Where the delay is: `dendritic`, behind the synapse, as in NEST; `axonal`, before it, as in GeNN and "
     "Brian2.",
     "dendritic|axonal"},
    {"window", number, "ms", kPositive, "(none)",
     "`stdp`: pairs further apart do not count; a multiple of dt. Not for `all_to_all`."},
    {"enabled", boolean, "", {}, "true", "`false`: the weights stay as they are, bit for bit."},
    {"learning_windows", list, "ms", kNotNegative, "(always)",
     "Pairs `[from, to]` of times, ascending: only spikes in from <= t < to change weights, each by what was "
     "before it at any time."},
    {"homeostasis",
     map,
     "",
     {},
     "(none)",
     "What every so often changes all incoming weights of a target, besides the rule. Not while learning "
     "is off."},
};

constexpr KeyInfo kHomeostasis[] = {
    {"interval", number, "ms", kPositive, "required",
     "From one time to the next, from 0 on; a multiple of dt."},
    {"total", number, "pA, mV or nS", kPositive, "(this, `target_rate` or `relax_to`)",
     "What the magnitudes of a target's weights sum up to afterwards, where `w_min` and `w_max` let them."},
    {"target_rate", number, "Hz", kPositive, "(or this)",
     "Synaptic scaling (Turrigiano 2008): weights are multiplied by 1 + strength (1 - rate / target_rate), "
     "at "
     "least by 0, where the rate is of the target in the interval that ends."},
    {"strength", number, "", {.low = 0, .high = 1e6, .low_open = true}, "0.1", "Of `target_rate`."},
    {"relax_to", number, "pA, mV or nS", kNotNegative, "(or this)",
     "Weights of this magnitude are at rest: the others come nearer, dw/dt = relaxation_rate (relax_to - w), "
     "in "
     "one step every `interval`."},
    {"relaxation_rate", number, "1/s", {.low = 0, .high = 1e6, .low_open = true}, "1e-4", "Of `relax_to`."},
};

constexpr KeyInfo kRegion[] = {
    {"dopamine",
     map,
     "",
     {},
     "(none)",
     "A region has those neuromodulators that stand here. This one tells rewards."},
    {"serotonin", map, "", {}, "(none)", "Mood: it can stretch eligibility traces."},
    {"noradrenaline", map, "", {}, "(none)", "Arousal: it can be a gain of neurons."},
    {"acetylcholine", map, "", {}, "(none)", "Attention: it can be a gain of inputs."},
    {"crosstalk",
     boolean,
     "",
     {},
     "true",
     "Do those that are there act on each other: serotonin x (1 - 0.3 dopamine), acetylcholine + 0.4 "
     "noradrenaline, dopamine / (1 + exp(10 (acetylcholine - 0.5)))?"},
    {"rewards",
     map,
     "",
     {},
     "(none)",
     "Each releases dopamine, `release` per unit of its error of prediction, reward - expectation, which is "
     "bounded by -1 and 1."},
    {"expected_reward", number, "", kAnyNumber, "0.5", "At first."},
    {"reward_learning_rate", number, "", kProbability, "0.1",
     "Of the error, by which the expectation moves."},
    {"release", number, "", kNotNegative, "0.5", "Of dopamine."},
    {"surprise", number, "", kNotNegative, "0.05", "Errors that are no larger release nothing."},
    {"triggers", list, "", {}, "(none)", "Releases that follow a coincidence of spikes."},
    {"gates", map, "", {}, "(as below)", "What the levels multiply, and by how much."},
};

constexpr KeyInfo kGates[] = {
    {"potentiation",
     map,
     "",
     {},
     "(dopamine, slope 1, from 0.5 to 1.5)",
     "What strengthens synapses of rule `stdp` with this `region`."},
    {"depression", map, "", {}, "(dopamine, slope -0.6, from 0.7 to 1.3)", "What weakens them."},
    {"eligibility_time",
     map,
     "",
     {},
     "(serotonin, slope 1, from 0.5 to 1.5)",
     "`tau_c` of synapses with `gated_tau_c`; bounds from 0.5 to 2."},
    {"input_gain",
     map,
     "",
     {},
     "(noradrenaline, slope 2, from 0.5 to 2)",
     "What neurons with this `input_gain` receive."},
    {"external_gain",
     map,
     "",
     {},
     "(acetylcholine, slope 1, from 0 to 1.5)",
     "The weights of inputs of spikes of neurons with this `external_gain`."},
    {"learning_rate", map, "", {}, "(as below)", "How fast synapses of rule `three_factor` learn."},
};

constexpr KeyInfo kLevelGate[] = {
    {"modulator",
     choice,
     "",
     {},
     "(see `gates`)",
     "Whose level it is; one that the region has.",
     "dopamine|serotonin|noradrenaline|acetylcholine"},
    {"slope", number, "", kModerate, "(see `gates`)", "Of the factor, per unit of the level."},
    {"neutral", number, "", kModerate, "0.5", "The level at which the factor is 1."},
    {"min", number, "", kModerateNotNegative, "(see `gates`)", "Lower bound of the factor."},
    {"max", number, "", kModerateNotNegative, "(see `gates`)", "Upper bound."},
};

constexpr KeyInfo kLearningGate[] = {
    {"acetylcholine", number, "", kModerateNotNegative, "0.4", "Weight of its factor in the sum."},
    {"noradrenaline", number, "", kModerateNotNegative, "0.35",
     "Likewise; its factor is that of `input_gain`."},
    {"serotonin", number, "", kModerateNotNegative, "0.25",
     "Likewise; its factor is 1 - `mood` x the distance of the level from 0.5."},
    {"encoding_from", number, "", kModerate, "0.7", "The level of acetylcholine from which on one encodes."},
    {"retrieval_to", number, "", kModerate, "0.3", "The one up to which one retrieves."},
    {"encoding", number, "", kModerateNotNegative, "1.5", "Acetylcholine's factor where one encodes."},
    {"neutral", number, "", kModerateNotNegative, "1", "Between the two."},
    {"retrieval", number, "", kModerateNotNegative, "0.6", "Where one retrieves."},
    {"mood", number, "", kModerateNotNegative, "0.5", "See `serotonin`."},
    {"least_error", number, "", kProbability, "0.1", "Smaller errors of prediction count as this one."},
    {"min", number, "", kModerateNotNegative, "0.1", "Lower bound of the rate."},
    {"max", number, "", kModerateNotNegative, "3", "Upper bound."},
};

constexpr KeyInfo kModulator[] = {
    {"baseline", number, "", kModerate, "0.5", "The tonic level, until `levels` sets another."},
    {"min", number, "", kModerate, "(0.05; of acetylcholine 0.1)", "Lower bound of the level."},
    {"max", number, "", kModerate, "(1; of acetylcholine 0.9)", "Upper bound."},
    {"tau", number, "ms", kPositive, "(dopamine 200, noradrenaline 280, serotonin 949, acetylcholine 448)",
     "With which what was released fades."},
    {"tau_tonic", number, "ms", kPositive, "(949; of acetylcholine 448)",
     "With which the tonic level follows `levels`."},
    {"pulses", map, "", {}, "(none)", "Releases at given times."},
    {"levels", map, "", {}, "(none)", "Tonic levels to go to, from given times on."},
    {"volume", list, "", {}, "(none)", "Releases by each spike of populations."},
};

constexpr KeyInfo kPulses[] = {
    {"times", list, "ms", kPositive, "required", "Ascending multiples of dt."},
    {"amount", number, "", kModerate, "(this or `amounts`)", "By which each raises the level."},
    {"amounts", list, "", kModerate, "(this or `amount`)", "One for each time."},
};

constexpr KeyInfo kLevels[] = {
    {"times", list, "ms", kPositive, "required", "Ascending multiples of dt."},
    {"levels", list, "", kModerate, "required", "One for each time."},
};

constexpr KeyInfo kVolume[] = {
    {"source", text, "", {}, "required", "A population or slice."},
    {"per_spike", number, "", kModerate, "required", "By which each spike raises the level."},
    {"delay", number, "ms", kPositive, "(dt)", "From the spike on; a multiple of dt."},
};

constexpr KeyInfo kRewards[] = {
    {"times", list, "ms", kPositive, "(this or `file`)", "Ascending multiples of dt."},
    {"rewards", list, "", kModerate, "(beside `times`)", "One for each time."},
    {"file", text, "", {}, "(this or `times`)", "Lines of `time reward`. Relative to the config."},
};

constexpr KeyInfo kTrigger[] = {
    {"source", text, "", {}, "required", "One neuron, `NAME[i]`."},
    {"target",
     text,
     "",
     {},
     "required",
     "Likewise. Its spikes release, if they come soon after one of the source."},
    {"within", number, "ms", kPositive, "required",
     "So soon, at most; a multiple of dt. Both at once do not count."},
    {"after", list, "ms", kPositive, "required", "Two times, between which that of the release is drawn."},
    {"modulator",
     choice,
     "",
     {},
     "dopamine",
     "What is released.",
     "dopamine|serotonin|noradrenaline|acetylcholine"},
    {"amount", number, "", kModerate, "required", "How much."},
};

constexpr KeyInfo kStimulus[] = {
    {"population", text, "", {}, "required", "Sources that fire it."},
    {"images", text, "", {}, "(none)", "IDX file of bytes, also gzipped; a pixel for each source."},
    {"max_rate", number, "Hz", kNotNegative, "(required with images)",
     "Of a pixel of 255; others have that share of it."},
    {"missing", number, "", kProbability, "0",
     "Share of the pixels that are left out of each image; their sources stay silent. Which, is drawn from "
     "the "
     "stimulus' name alone."},
    {"rates", list, "Hz", kNotNegative, "(none)",
     "A rate for each source, of each item: a list of lists, or a file with a line for each item."},
    {"spikes",
     list,
     "",
     {},
     "(none)",
     "A file, or a list of files, each of them an item: SONATA's (.h5), or lines of index and time in ms "
     "since "
     "the item began."},
    {"window", number, "ms", kPositive, "(none)", "Of spikes: each file is cut into items of this length."},
    {"labels",
     list,
     "",
     {.low = 0, .high = 999},
     "(none)",
     "A class for each item: a list of whole numbers, or an IDX file."},
    {"obtain", text, "", {}, "(none)", "Where the files can be had, for the message when they are missing."},
};

constexpr KeyInfo kPhase[] = {
    {"name", text, "", {}, "required", "In results: letters, digits, `_` and `-`."},
    {"present", text, "", {}, "(nothing)", "Name of a stimulus."},
    {"items",
     list,
     "",
     {.low = 0, .high = 4294967295.0},
     "(all)",
     "In this order: `start:stop`, `start:stop:stride`, or a list of positions from 0 on."},
    {"epochs", integer, "", {.low = 1, .high = 1e6}, "1", "So often all of them."},
    {"order",
     choice,
     "",
     {},
     "listed",
     "`shuffled`: drawn anew for each epoch, from `seed` and the phase's name.",
     "listed|shuffled"},
    {"duration", number, "ms", kPositive, "(required with present)", "An item is presented for so long."},
    {"rest", number, "ms", kNotNegative, "0", "Nothing is presented after it for so long."},
    {"learning",
     boolean,
     "",
     {},
     "true",
     "false: weights and adaptive thresholds (theta) stay as they are. `enabled` and `learning_windows` of a "
     "projection hold as well."},
    {"responses", text, "", {}, "(none)", "Neurons whose spikes are counted while an item is presented."},
    {"repeat",
     map,
     "",
     {},
     "(none)",
     "An item is presented again, perhaps stronger, if few spikes came of it."},
    {"label",
     boolean,
     "",
     {},
     "false",
     "The responses give each neuron the class to which it responds most, in the mean."},
    {"test",
     boolean,
     "",
     {},
     "false",
     "The class of an item is told from the responses: that whose neurons respond most, in the mean."},
};

constexpr KeyInfo kPhaseRepeat[] = {
    {"below", integer, "", {.low = 1, .high = 1e12}, "required", "Spikes of all `responses` together."},
    {"gain_step",
     number,
     "",
     {.low = 0, .high = 1e6},
     "0",
     "All rates are multiplied by 1, then 1 + gain_step, then 1 + 2 gain_step, ..."},
    {"at_most", integer, "", {.low = 1, .high = 1000}, "20", "So often an item is presented."},
};

constexpr KeyInfo kProjectionTable[] = {
    {"sources", list, "", {}, "required", "Populations, the columns of the matrices."},
    {"targets", list, "", {}, "(the sources)", "Populations, the rows of the matrices."},
    {"rule",
     choice,
     "",
     {},
     "required",
     "As in a projection.",
     "all_to_all|fixed_indegree|fixed_outdegree|fixed_total_number|pairwise_bernoulli"},
    {"probability", list, "", kProbability, "(one of the four)",
     "Matrix [target][source]; a cell of 0 makes no projection. For its meaning see `projections`."},
    {"total", list, "", {.low = 0, .high = 1e15}, "(one of the four)", "Matrix for `fixed_total_number`."},
    {"indegree",
     list,
     "",
     {.low = 0, .high = kMostElements},
     "(one of the four)",
     "Matrix for `fixed_indegree`."},
    {"outdegree",
     list,
     "",
     {.low = 0, .high = kMostElements},
     "(one of the four)",
     "Matrix for `fixed_outdegree`."},
    {"autapses", boolean, "", {}, "true", "As in a projection."},
    {"multapses", boolean, "", {}, "(true where the rule can)", "As in a projection."},
    {"weight", values, "pA, mV or nS", kAnyNumber, "1",
     "A number, a row with one value per source, a matrix, a distribution, or `{mean, rel_sd, ...}`."},
    {"delay", values, "ms", kPositive, "1", "As `weight`."},
    {"except", list, "", {}, "(none)", "Single cells with a weight or delay of their own."},
};

constexpr KeyInfo kTableCells[] = {
    {"mean", number, "", kAnyNumber, "required",
     "A number, a row with one value per source, or a matrix [target][source]."},
    {"rel_sd",
     number,
     "",
     {.low = 0, .high = 1e6},
     "0",
     "Standard deviation of a normal distribution, as a fraction of the mean's magnitude."},
    {"min", number, "", kAnyNumber, "(none)", "Lower bound."},
    {"max", number, "", kAnyNumber, "(none)", "Upper bound."},
    {"bounds", choice, "", {}, "redraw", "As in a distribution.", "redraw|clip"},
    {"keep_sign", boolean, "", {}, "false", "As in a distribution."},
};

constexpr KeyInfo kTableException[] = {
    {"source", text, "", {}, "required", "One of the table's sources."},
    {"target", text, "", {}, "required", "One of the table's targets."},
    {"weight", values, "pA, mV or nS", kAnyNumber, "(the table's)",
     "A number, a distribution, or `{mean, rel_sd, ...}`."},
    {"delay", values, "ms", kPositive, "(the table's)", "As `weight`."},
};

constexpr KeyInfo kInput[] = {
    {"name", text, "", {}, "(`TYPE->TARGET`)", "Keys the random draws. Must be unique."},
    {"type",
     choice,
     "",
     {},
     "required",
     "`poisson`: each target neuron gets its own train. `mip`: each gets its own selection from one train, "
     "as "
     "with NEST's mip_generator. `dc`, `current_steps`, `noise`, `ac`: as NEST's generators, a current set "
     "at "
     "t acts on V_m from t + dt on. See docs/models.md.",
     "poisson|mip|dc|current_steps|noise|ac"},
    {"target",
     text,
     "",
     {},
     "required",
     "A population or slice, or a list of them: then `rate`, `amplitude`, `mean` and `std` may be lists with "
     "one value each."},
    {"rate", KeyType::rate, "Hz", kNotNegative, "(required for it)",
     "`poisson`, `mip` (of the train that is copied): constant, or piecewise (see there). 0 makes no input."},
    {"weight", number, "pA, mV or nS", kAnyNumber, "1", "`poisson`, `mip`: of every spike."},
    {"p_copy", number, "", kProbability, "(required for it)",
     "`mip`: with which an event of the train reaches a target, independently of the others. It is also the "
     "correlation of two targets' counts."},
    {"amplitude", number, "pA", kAnyNumber, "(required for it)", "`dc`, `ac`. In `dc`, 0 makes no input."},
    {"times", list, "ms", kNotNegative, "(required for it)", "`current_steps`: ascending, multiples of dt."},
    {"amplitudes", list, "pA", kAnyNumber, "(required for it)",
     "`current_steps`: amplitudes[i] holds from times[i] on; before the first it is 0."},
    {"mean", number, "pA", kAnyNumber, "0", "`noise`."},
    {"std", number, "pA", kNotNegative, "(required for it)",
     "`noise`: standard deviation, of a value for each neuron and interval."},
    {"interval", number, "ms", kPositive, "1", "`noise`: how long a value holds; a multiple of dt."},
    {"offset", number, "pA", kAnyNumber, "0", "`ac`: offset + amplitude sin(2 pi frequency t + phase)."},
    {"frequency", number, "Hz", kNotNegative, "(required for it)",
     "`ac`: at most 1 / (2 dt), two samples a period."},
    {"phase", number, "degrees", kAnyNumber, "0", "`ac`: at time 0."},
    {"start", number, "ms", kNotNegative, "0", "`noise`, `ac`: 0 pA before it; a multiple of dt."},
    {"stop", number, "ms", kPositive, "(none)", "`noise`, `ac`: 0 pA from it on; a multiple of dt."},
};

constexpr KeyInfo kRecord[] = {
    {"spikes", text, "", {}, "all", "`all`, `none`, or a list of populations and slices."},
    {"traces", list, "", {}, "(none)", "State variables, and what acts on neurons, over time."},
    {"plasticity",
     map,
     "",
     {},
     "(20 times a run, of more than a million synapses less often)",
     "Metrics of every plastic projection over time, in plasticity.h5; `none` for none."},
    {"weights", list, "", {}, "(none)", "Weights of plastic projections over time, in weights_NAME.h5."},
    {"neuromodulators",
     map,
     "",
     {},
     "(500 times a run)",
     "Levels of the neuromodulators of all regions over time, in neuromodulators.h5; `none` for none."},
};

constexpr KeyInfo kPlasticityRecord[] = {
    {"interval", number, "ms", kPositive, "required", "A multiple of dt."},
};

constexpr KeyInfo kModulatorRecord[] = {
    {"interval", number, "ms", kPositive, "required", "A multiple of dt."},
};

constexpr KeyInfo kWeightRecord[] = {
    {"name", text, "", {}, "required", "The file is weights_NAME.h5."},
    {"projection", text, "", {}, "required", "The name of a plastic projection."},
    {"interval", number, "ms", kPositive, "(required, or `at`)", "A multiple of dt."},
    {"at", choice, "", {}, "(none)", "`end`: once, at the end of the run, instead of `interval`.", "end"},
    {"every",
     integer,
     "",
     {.low = 1, .high = 1e9},
     "1",
     "Of the synapses, ordered by source, then by target, every so many-th, from the first on."},
};

constexpr KeyInfo kReport[] = {
    {"name", text, "", {}, "required", "The file is report_NAME.h5."},
    {"target", text, "", {}, "required", "A population of neurons or a slice of it."},
    {"fraction",
     number,
     "",
     {.low = 0, .high = 1, .low_open = true},
     "1",
     "Of the target, every n-th element from the first on, where n is 1 / fraction, rounded down: 0.1 takes "
     "0, 10, "
     "20, ..., and 0.4 every second."},
    {"variables",
     list,
     "",
     {},
     "V_m",
     "Of the model's state variables; `refractory`, ms that are left at the end of a step; what arrives in a "
     "step at "
     "the receptors, `input_ex` and `input_in`, or `input` of models with one, in the unit of a weight; "
     "`I_stim`, pA, "
     "`I_e` and the currents of inputs."},
    {"interval", number, "ms", kPositive, "(dt)", "Between samples, a multiple of dt."},
    {"from", number, "ms", kNotNegative, "(warm_up)", "Samples later than this."},
    {"to", number, "ms", kPositive, "(the end)", "Samples up to this."},
};

constexpr KeyInfo kScaling[] = {
    {"neurons", number, "", {.low = 0, .high = 1, .low_open = true}, "1", "Fraction of the neurons."},
    {"indegrees",
     number,
     "",
     {.low = 0, .high = 1, .low_open = true},
     "1",
     "Fraction of each neuron's connections."},
};

constexpr KeyInfo kNetwork[] = {
    {"sonata",
     text,
     "",
     {},
     "required",
     "A SONATA simulation config. Looked for beside the config, then in `$SHARPWAVE_DATA`, then in `data/` "
     "of the working folder and of the folder above the config."},
    {"obtain", text, "", {}, "(none)", "Where the files can be had; shown when they are not found."},
    {"poisson_sources",
     map,
     "Hz",
     {},
     "(none)",
     "Virtual populations that are independent Poisson sources, which SONATA cannot say: name -> rate of "
     "each "
     "element, constant or piecewise `{times: [...], rates: [...]}`. Their names key the random draws."},
};

constexpr std::array<SectionInfo, kSectionCount> kSections = {{
    {Section::top, "Top level", "", kTop},
    {Section::simulation, "simulation", "", kSimulation},
    {Section::device, "device", "", kDevice},
    {Section::population_defaults, "population_defaults", "", kPopulationDefaults},
    {Section::population, "populations.NAME", "", kPopulation},
    {Section::neuron_parameters, "populations.NAME.params",
     "Names, meaning and defaults are those of NEST, where NEST has the model; docs/models.md has the "
     "equations. "
     "A value is a number, a distribution, or a list with one number per neuron.",
     kNeuronParameters},
    {Section::initial_values, "populations.NAME.initial", "As `params`.", kInitialValues},
    {Section::distribution, "Distributions",
     "Where a value may be drawn: `{normal: {mean: -58, sd: 5}, max: -50}`.", kDistribution},
    {Section::normal, "normal", "", kNormal},
    {Section::lognormal, "lognormal", "", kLognormal},
    {Section::uniform, "uniform", "", kUniform},
    {Section::piecewise_rate, "Piecewise rates", "", kPiecewiseRate},
    {Section::projection, "projections[]", "", kProjection},
    {Section::given_weights, "projections[].weight of a file",
     "The file's synapses must be those that are built: of the same sources, targets and delays. Weights are "
     "as they were simulated, so that they go without `scaling`.",
     kGivenWeights},
    {Section::plasticity, "projections[].plasticity",
     "Weights are of one sign and within the bounds from the beginning. A source and a target spike at one "
     "time, "
     "delays included, are no pair.",
     kPlasticity},
    {Section::homeostasis, "projections[].plasticity.homeostasis",
     "Acts on the weights that spikes find which arrive in the next step.", kHomeostasis},
    {Section::region, "neuromodulators.NAME",
     "Levels are tonic + phasic, within bounds. What a step releases acts from its end on. See "
     "docs/models.md.",
     kRegion},
    {Section::modulator, "neuromodulators.NAME.MODULATOR", "", kModulator},
    {Section::pulses, "neuromodulators.NAME.MODULATOR.pulses", "", kPulses},
    {Section::levels, "neuromodulators.NAME.MODULATOR.levels", "", kLevels},
    {Section::volume, "neuromodulators.NAME.MODULATOR.volume[]", "", kVolume},
    {Section::rewards, "neuromodulators.NAME.rewards", "", kRewards},
    {Section::trigger, "neuromodulators.NAME.triggers[]", "", kTrigger},
    {Section::gates, "neuromodulators.NAME.gates", "", kGates},
    {Section::level_gate, "neuromodulators.NAME.gates.GATE",
     "A factor of 1 + slope (level - neutral), within bounds.", kLevelGate},
    {Section::learning_gate, "neuromodulators.NAME.gates.learning_rate",
     "g = the size of the error of prediction x the sum of what the levels of acetylcholine, noradrenaline "
     "and serotonin "
     "make of "
     "it, within bounds.",
     kLearningGate},
    {Section::projection_table, "projection_table",
     "One projection for each cell that is not 0, named `SOURCE->TARGET`.", kProjectionTable},
    {Section::table_cells, "weight, delay of projection_table", "", kTableCells},
    {Section::table_exception, "projection_table.except[]", "", kTableException},
    {Section::input, "inputs[]", "", kInput},
    {Section::record, "record", "", kRecord},
    {Section::report, "record.traces[]", "", kReport},
    {Section::plasticity_record, "record.plasticity", "", kPlasticityRecord},
    {Section::weight_record, "record.weights[]", "", kWeightRecord},
    {Section::modulator_record, "record.neuromodulators", "", kModulatorRecord},
    {Section::scaling, "scaling",
     "For current-based neurons with known rates. Sizes become round(neurons x N), numbers of connections "
     "round(K_total x neurons x indegrees), both to the even number at .5; weights and Poisson weights are "
     "divided by sqrt(indegrees), Poisson rates multiplied by `indegrees`. The mean input that is lost is "
     "added to each population's `I_e`: tau_syn (1 - sqrt(indegrees)) sum(w K nu) 0.001 for `iaf_psc_exp`, "
     "times e for `iaf_psc_alpha`, with C_m for tau_syn in `iaf_psc_delta`; K and nu are the full in-degree "
     "and the source's `expected_rate`. Currents stay as they are.",
     kScaling},
    {Section::network, "network",
     "`simulation` (all keys optional here), `inputs`, `device`, `checkpoint`, `batch` and `record` still "
     "apply.",
     kNetwork},
    {Section::checkpoint, "checkpoint",
     "Checkpoints lie in the folder `checkpoints` of the run's directory, and `sharpwave resume` goes on "
     "from the newest. "
     "SIGUSR1 makes one at once; SIGINT and SIGTERM make one and end the run.",
     kCheckpoint},
    {Section::watchdog, "watchdog",
     "Actions: `off`; `log`: kept in watchdog.json; `warn`: said as well; `clamp`: the values are replaced "
     "by "
     "those of the step before; `throttle`: the run goes on with other gains; `rollback`: likewise, but from "
     "the "
     "last multiple of the checkpoints' interval, or the beginning, on; `halt`: the run ends, with the "
     "results "
     "until then and an exit code for the sign. Windows follow each other from the start of the simulation "
     "on. What is done depends on "
     "the "
     "network alone, not on threads or devices.",
     kWatchdog},
    {Section::batch, "batch",
     "Instance i is this config with `--set simulation.seed=S+i --set simulation.network_seed=N` and what "
     "`vary` gives it; S and N are the config's own seeds. It has the spikes of that run alone, bit for bit. "
     "Instances whose networks are equal share one. See docs/batches.md. "
     "`--set batch=null` makes a single run of the config.",
     kBatch},
    {Section::batch_range, "Ranges in batch.vary",
     "`{from: 1, to: 2, count: 5}` is `[1, 1.25, 1.5, 1.75, 2]`. Values are rounded to 12 digits.",
     kBatchRange},
    {Section::stimulus, "stimuli.NAME",
     "Items that a phase of `protocol` presents one by one to a `poisson_source` or `spike_source`, which "
     "then "
     "has neither `rate` nor spikes of its own. Exactly one of `images`, `rates` and `spikes`. Files are "
     "looked for as those of `network`. See docs/protocols.md.",
     kStimulus},
    {Section::phase, "protocol[]",
     "One trial after the other: an item for `duration`, then nothing for `rest`. Without `present` the "
     "phase "
     "is a `rest` alone.",
     kPhase},
    {Section::phase_repeat, "protocol[].repeat", "", kPhaseRepeat},
    {Section::memory, "memory",
     "At the end of each window, and of each ripple, the plugin is told what the neurons of a population "
     "did: an "
     "embedding, the number of spikes, rate, synchrony, and what weights and neuromodulators did. Spikes are "
     "the "
     "same with it and without it, bit for bit, unless it is coupled. See docs/memory.md.",
     kMemory},
    {Section::remembered_population, "memory.populations[]", "A name stands for `{population: NAME}`.",
     kRememberedPopulation},
    {Section::ripple, "memory.ripple",
     "Bins of 5 ms in a row in each of which the population fires more than a threshold.", kRipple},
    {Section::embedding, "memory.embedding",
     "Counts of spikes, of each neuron less its mean and over its standard deviation in the windows so far, "
     "and of "
     "these a vector of length 1.",
     kEmbedding},
    {Section::memory_queue, "memory.queue", "", kMemoryQueue},
    {Section::coupling, "memory.couple",
     "At least one of `novelty` and `replay`. The run is as reproducible as without, but a store that it "
     "begins "
     "with has to be the same.",
     kCoupling},
    {Section::coupled_novelty, "memory.couple.novelty", "", kCoupledNovelty},
    {Section::coupled_replay, "memory.couple.replay", "", kCoupledReplay},
}};

}  // namespace

const SectionInfo& section_info(Section section) {
  const SectionInfo& info = kSections[static_cast<std::size_t>(section)];
  SHARPWAVE_ASSERT(info.section == section);
  return info;
}

std::string other_word_hint(Section section, std::string_view word) {
  struct OtherWord {
    Section section;
    std::string_view word;
    std::string_view key;
  };
  // SONATA's, NEST's, Brian's.
  constexpr OtherWord kOtherWords[] = {{Section::record, "reports", "traces"},
                                       {Section::record, "multimeters", "traces"},
                                       {Section::record, "monitors", "traces"}};
  for (const OtherWord& other : kOtherWords)
    if (other.section == section && other.word == word)
      return std::string("did you mean '").append(other.key).append("'?");
  return {};
}

std::vector<std::string> key_names(Section section) {
  std::vector<std::string> names;
  for (const KeyInfo& key : section_info(section).keys) names.emplace_back(key.name);
  return names;
}

const KeyInfo& key_info(Section section, std::string_view name) {
  const std::span<const KeyInfo> keys = section_info(section).keys;
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyInfo& k) { return k.name == name; });
  SHARPWAVE_ASSERT(found != keys.end());
  return *found;
}

}  // namespace sharpwave::config
