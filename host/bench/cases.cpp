#include "host/bench/cases.hpp"

#include <algorithm>

#include "host/base/error.hpp"
#include "host/bench/pulses.hpp"
#include "host/config/diagnostic.hpp"

namespace sharpwave::bench {
namespace {

std::vector<std::string> microcircuit(const std::string& scale, const std::string& poisson,
                                      const std::string& duration_ms) {
  return {"scaling.neurons=" + scale, "scaling.indegrees=" + scale, "parameters.poisson=" + poisson,
          "simulation.duration=" + duration_ms};
}

// Brunel's network of any size, with weights that are drawn: of one weight, pairs are kept as bits.
std::vector<std::string> brunel_of(const std::string& n_excitatory, const std::string& indegree,
                                   const std::string& duration_ms) {
  return {"parameters.N_E=" + n_excitatory,
          "parameters.N_I=${N_E / 4}",
          "parameters.C_E=" + indegree,
          "parameters.C_I=${C_E / 4}",
          "parameters.J=${100 / C_E}",
          "projections.0.weight={normal: {mean: \"${J}\", sd: \"${J / 10}\"}}",
          "projections.1.weight={normal: {mean: \"${-g * J}\", sd: \"${g * J / 10}\"}}",
          "simulation.duration=" + duration_ms};
}

std::vector<std::string> after(const std::string& warm_up_ms, std::vector<std::string> overrides) {
  overrides.push_back("simulation.warm_up=" + warm_up_ms);
  return overrides;
}

std::vector<std::string> saving(std::vector<std::string> overrides) {
  overrides.insert(overrides.end(), {"checkpoint.interval=100", "checkpoint.keep=1000"});
  return overrides;
}

}  // namespace

std::span<const Case> cases() {
  // At less than full scale a direct current leaves populations of the microcircuit silent: Poisson there.
  static const std::vector<Case> all{
      {"microcircuit_0.1_poisson", "microcircuit", microcircuit("0.1", "1", "4000"),
       "Potjans & Diesmann at scale 0.1, Poisson background, 4 s"},
      {"microcircuit_0.2_poisson", "microcircuit", microcircuit("0.2", "1", "2000"),
       "the same at scale 0.2, 2 s", Kind::run, false},
      {"microcircuit_0.5_poisson", "microcircuit", microcircuit("0.5", "1", "1000"),
       "the same at scale 0.5, 1 s", Kind::run, false},
      {"microcircuit_1_dc", "microcircuit", microcircuit("1", "0", "1000"),
       "the same at full scale, direct current as background, 1 s"},
      {"microcircuit_1_poisson", "microcircuit", microcircuit("1", "1", "1000"),
       "the same at full scale, Poisson background, 1 s"},
      {"brunel", "brunel", {"simulation.duration=1000"}, "Brunel 2000, 12,500 neurons, Poisson input, 1 s"},
      {"brunel_1e4", "brunel", brunel_of("80", "80", "10000"),
       "the same with 10^4 synapses of drawn weight and 100 neurons, 10 s", Kind::run, false},
      {"brunel_1e5", "brunel", brunel_of("252", "252", "10000"), "10^5 synapses and 315 neurons, 10 s",
       Kind::run, false},
      {"brunel_1e6", "brunel", brunel_of("800", "800", "10000"), "10^6 synapses and 1,000 neurons, 10 s",
       Kind::run, false},
      {"brunel_1e7", "brunel", brunel_of("8000", "800", "2000"), "10^7 synapses and 10,000 neurons, 2 s",
       Kind::run, false},
      {"brunel_1e8", "brunel", brunel_of("40000", "1600", "500"), "10^8 synapses and 50,000 neurons, 0.5 s",
       Kind::run, false},
      {"brunel_1e9", "brunel", after("50", brunel_of("160000", "4000", "100")),
       "10^9 synapses and 200,000 neurons, 0.1 s after 50 ms, in 9 GiB while it is built", Kind::run, false},
      {"vogels_abbott_cuba",
       "vogels_abbott_cuba",
       {"simulation.duration=10000"},
       "Vogels & Abbott, currents, 4,000 neurons, 10 s"},
      {"vogels_abbott_coba",
       "vogels_abbott_coba",
       {"simulation.duration=1000"},
       "Vogels & Abbott, conductances, 4,000 neurons, 1 s"},
      {"brunel_stdp",
       "brunel_stdp",
       {"simulation.duration=1000", "record.plasticity=none"},
       "Brunel's network with plastic synapses between excitatory neurons, 1 s"},
      {"hpc_benchmark",
       "hpc_benchmark",
       {"record.plasticity=none"},
       "NEST's hpc_benchmark with a tenth of the indegrees, 0.25 s"},
      {"hpc_benchmark_1", "hpc_benchmark", after("50", {"scaling.indegrees=1", "record.plasticity=none"}),
       "the same with all of them, 126.6 M synapses, of which 81 M learn, 0.25 s after 50 ms: later bursts "
       "grow",
       Kind::run, false},
      {"batch_64",
       "first",
       {"batch.size=64", "populations.E.size=800", "populations.I.size=200"},
       "64 instances of 1,000 neurons, 1 s, beside each of them alone",
       Kind::batch},
      {"batch_64_of_100",
       "first",
       {"batch.size=64", "populations.E.size=80", "populations.I.size=20"},
       "64 instances of 100 neurons, likewise",
       Kind::batch,
       false},
      {"watchdog_brunel",
       "brunel",
       {"simulation.duration=4000"},
       "what the watchdog costs: brunel with it and without, in turn, 4 s",
       Kind::watchdog},
      {"watchdog_microcircuit_0.1", "microcircuit", microcircuit("0.1", "1", "20000"),
       "the same of microcircuit_0.1_poisson, 20 s", Kind::watchdog},
      {"checkpoint_microcircuit_0.1", "microcircuit", saving(microcircuit("0.1", "1", "4000")),
       "a checkpoint of microcircuit_0.1_poisson every 100 ms, written and read", Kind::checkpoint},
      {"dopamine_pulse",
       kPulseConfig,
       {"checkpoint.at_end=false"},
       "what a pulse of dopamine costs 10^8 synapses with eligibility traces, 1 s",
       Kind::pulses,
       false},
  };
  return all;
}

std::vector<Case> choose_cases(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Case& c : cases()) known.emplace_back(c.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ExitCode::usage,
                "no case is named '" + name + "'" + perhaps(name, known) + "\nSee `sharpwave bench --list`.");
  }
  std::vector<Case> chosen;
  for (const Case& c : cases()) {
    if (names.empty() ? c.by_default : std::find(names.begin(), names.end(), c.name) != names.end())
      chosen.push_back(c);
  }
  return chosen;
}

}  // namespace sharpwave::bench
