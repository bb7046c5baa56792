#include "host/io/sonata.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/io/sonata_config.hpp"
#include "host/io/sonata_edges.hpp"
#include "host/io/sonata_nodes.hpp"
#include "host/io/spike_files.hpp"

namespace sharpwave {
namespace {

using sonata::NodePopulation;
using sonata::NodeSelection;

// 2^53 steps are more than any run does, and every number of steps below is exact in a double.
constexpr double kMostSteps = 9007199254740992.0;

// Relative distance from the grid below which a time of a config counts as on it: doubles of decimal
// fractions are off by their last bit.
constexpr double kGridTolerance = 1e-9;

/// How often dt fits into a time, if it does so without a rest.
std::optional<std::uint64_t> whole_steps(double time_ms, double dt_ms) {
  const double ratio = time_ms / dt_ms;
  const double steps = std::round(ratio);
  if (!(steps >= 0 && steps < kMostSteps &&
        std::abs(ratio - steps) <= kGridTolerance * std::max(1.0, steps))) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(steps);
}

/// The steps of a time that a config gives; a problem where it is not on the grid.
std::uint64_t steps_of(double time_ms, double dt_ms, const std::string& place, Problems& problems) {
  const std::optional<std::uint64_t> steps = whole_steps(time_ms, dt_ms);
  if (!steps) {
    problems.add(place + ": read " + std::to_string(time_ms) +
                 " ms; expected a multiple of the time step of " + std::to_string(dt_ms) + " ms, 0 or above");
  }
  return steps.value_or(0);
}

SimulationSpec simulation_spec(const sonata::SimulationConfig& config, const SonataOptions& options,
                               Problems& problems) {
  const std::string file = config.file.string();
  SimulationSpec simulation;
  simulation.seed = options.seed;
  simulation.network_seed = options.network_seed;
  simulation.precision = options.precision;
  const std::optional<double> dt_ms = options.dt_ms ? options.dt_ms : config.dt_ms;
  const std::optional<double> stop_ms = options.duration_ms ? options.duration_ms : config.tstop_ms;
  if (!dt_ms) problems.add(file + ": expected a key run.dt, the time step in ms");
  if (!stop_ms) problems.add(file + ": expected a key run.tstop, the duration in ms");
  if (!dt_ms || !stop_ms) return simulation;
  if (!(*dt_ms > 0) || !std::isfinite(*dt_ms)) {
    problems.add(file + ": run.dt: read " + std::to_string(*dt_ms) + "; expected a number of ms above 0");
    return simulation;
  }
  simulation.dt_ms = *dt_ms;
  simulation.steps = steps_of(*stop_ms, *dt_ms, file + ": run.tstop", problems);
  simulation.warm_up_steps = steps_of(options.warm_up_ms, *dt_ms, file + ": warm-up", problems);
  if (simulation.steps == 0) problems.add(file + ": run.tstop: expected at least one step");
  return simulation;
}

void check_refractory_times(const std::vector<NodePopulation>& populations, double dt_ms,
                            Problems& problems) {
  for (const NodePopulation& population : populations) {
    if (!population.neurons) continue;
    const Values& t_ref = population.neurons->parameters[static_cast<std::size_t>(NeuronParameter::t_ref)];
    const auto* list = std::get_if<std::vector<double>>(&t_ref);
    const std::vector<double> values =
        list != nullptr ? *list : std::vector<double>{std::get<Distribution>(t_ref).a};
    for (const double value : values) {
      if (whole_steps(value, dt_ms)) continue;
      problems.add(population.file + ": population '" + population.name + "': t_ref is " +
                   std::to_string(value) + " ms; expected a multiple of the time step of " +
                   std::to_string(dt_ms) + " ms");
      break;
    }
  }
}

// NEST first rounds a spike's time to its ticks of 1 us (nearest) and takes it for on the grid if that is;
// only others are rounded up to the grid, from the unrounded time (spike_train_injector.cpp,
// assert_valid_spike_time_and_insert_; nest_time.h). With dt 0.01 ms that moves one spike in twenty.
double on_nest_grid(double time_ms, double dt_ms) {
  constexpr double kTicksPerMs = 1000.0;
  const double nearest_step_ms = std::round(time_ms / dt_ms) * dt_ms;
  const bool same_tick = std::floor(time_ms * kTicksPerMs + 0.5) == std::round(nearest_step_ms * kTicksPerMs);
  // Before the first half tick NEST takes a time for 0 and loses the spike; here it is rounded up.
  return same_tick && nearest_step_ms > 0 ? nearest_step_ms : time_ms;
}

void drop_late_spikes(SpikeSourceSpec& spikes, double end_ms, const std::string& place,
                      const std::function<void(const std::string&)>& warn) {
  const auto late = std::upper_bound(spikes.times_ms.begin(), spikes.times_ms.end(), end_ms);
  const auto kept = static_cast<std::size_t>(late - spikes.times_ms.begin());
  if (kept == spikes.times_ms.size()) return;
  warn(place + ": " + std::to_string(spikes.times_ms.size() - kept) + " of " +
       std::to_string(spikes.times_ms.size()) + " spikes lie behind the end of the simulation at " +
       std::to_string(end_ms) + " ms and are left out");
  spikes.times_ms.resize(kept);
  spikes.indices.resize(kept);
}

/// Assembles the parts of one network; its members are what the parts share.
class Assembler {
 public:
  Assembler(const sonata::SimulationConfig& config, const std::vector<NodePopulation>& populations,
            const sonata::NodeSets& node_sets, const std::set<std::string>& poisson_sources,
            const std::function<void(const std::string&)>& warn, ModelSpec& spec)
      : config_(config),
        populations_(populations),
        node_sets_(node_sets),
        poisson_sources_(poisson_sources),
        warn_(warn),
        spec_(spec) {}

  void add_populations() {
    for (const NodePopulation& population : populations_) {
      PopulationSpec result{population.name, population.size, SpikeSourceSpec{}};
      if (population.is_parrot) result.kind = ParrotSpec{};
      if (population.neurons) result.kind = *population.neurons;
      const auto index = static_cast<std::uint32_t>(spec_.populations.size());
      if (!population.is_virtual) spec_.record_spikes.push_back({index, 0, population.size, 1});
      spec_.populations.push_back(std::move(result));
    }
  }

  void add_spike_inputs(Problems& problems) {
    std::vector<bool> has_input(populations_.size(), false);
    for (const sonata::SpikeInput& input : config_.inputs) {
      const auto selections = node_sets_.resolve(input.node_set, input.place + ".node_set", problems);
      if (!selections) continue;
      for (const NodeSelection& selection : *selections) {
        const NodePopulation& population = populations_[selection.population];
        if (!population.is_virtual || selection.nodes.size() != population.size) {
          problems.add(input.place + ".node_set: stands for " + std::to_string(selection.nodes.size()) +
                       " nodes of population '" + population.name + "'; expected " +
                       (population.is_virtual ? "all " + std::to_string(population.size) + " of them"
                                              : std::string("nodes of model_type virtual")));
          continue;
        }
        has_input[selection.population] = true;
        if (poisson_sources_.contains(population.name))
          problems.add(input.place + ".node_set: stands for population '" + population.name +
                       "', which is given a rate; expected spikes or a rate");
        add_spikes(input, population,
                   std::get<SpikeSourceSpec>(spec_.populations[selection.population].kind));
      }
    }
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      if (populations_[p].is_virtual && !has_input[p] && !poisson_sources_.contains(populations_[p].name)) {
        warn_(config_.file.string() + ": inputs: none for the virtual population '" + populations_[p].name +
              "', which stays silent");
      }
    }
  }

  void add_reports(Problems& problems) {
    for (const sonata::ReportRequest& request : config_.reports) {
      if (node_sets_.may_be_missing(request.cells)) {
        warn_(request.place + ": left out: its cells, " + request.cells.dump() + ", are no population, and " +
              *node_sets_.missing() + " does not exist");
        continue;
      }
      add_report(request, problems);
    }
  }

 private:
  void add_spikes(const sonata::SpikeInput& input, const NodePopulation& population, SpikeSourceSpec& into) {
    SpikeSourceSpec spikes = input.module == "csv"
                                 ? read_csv_spikes(input.file, population.name, population.size)
                                 : read_sonata_spikes(input.file, population.name, population.size);
    const SimulationSpec& simulation = spec_.simulation;
    for (double& time_ms : spikes.times_ms) time_ms = on_nest_grid(time_ms, simulation.dt_ms);
    const double end_ms = simulation.dt_ms * static_cast<double>(simulation.warm_up_steps + simulation.steps);
    sort_spikes(spikes);
    drop_late_spikes(spikes, end_ms, input.file.string(), warn_);
    into.indices.insert(into.indices.end(), spikes.indices.begin(), spikes.indices.end());
    into.times_ms.insert(into.times_ms.end(), spikes.times_ms.begin(), spikes.times_ms.end());
    sort_spikes(into);
  }

  /// The nodes as a slice, if they are evenly spaced.
  static std::optional<Slice> to_slice(const NodeSelection& selection) {
    const std::vector<std::uint32_t>& nodes = selection.nodes;
    const std::uint32_t stride = nodes.size() > 1 ? nodes[1] - nodes[0] : 1;
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      if (nodes[i] - nodes[i - 1] != stride) return std::nullopt;
    }
    return Slice{static_cast<std::uint32_t>(selection.population), nodes.front(), nodes.back() + 1, stride};
  }

  void add_report(const sonata::ReportRequest& request, Problems& problems) {
    const double dt_ms = spec_.simulation.dt_ms;
    ReportSpec report;
    report.variables = {StateVariable::V_m};
    if (request.variable != "V_m" && request.variable != "v") {
      problems.add(request.place + ".variable_name: read '" + request.variable + "'; expected 'V_m'");
    }
    if (request.dt_ms)
      report.times.interval = steps_of(*request.dt_ms, dt_ms, request.place + ".dt", problems);
    if (report.times.interval == 0) problems.add(request.place + ".dt: expected at least one time step");
    if (request.start_ms) {
      report.times.first_step = steps_of(*request.start_ms, dt_ms, request.place + ".start_time", problems);
    }
    if (request.end_ms) {
      report.times.last_step = steps_of(*request.end_ms, dt_ms, request.place + ".end_time", problems);
    }
    const auto selections = node_sets_.resolve(request.cells, request.place + ".cells", problems);
    if (!selections) return;
    for (const NodeSelection& selection : *selections) {
      const NodePopulation& population = populations_[selection.population];
      const std::optional<Slice> slice = to_slice(selection);
      if (!population.neurons || !slice) {
        problems.add(request.place + ".cells: stands for nodes of population '" + population.name + "' " +
                     (population.neurons ? "that are not evenly spaced, which is not supported"
                                         : "that are virtual or parrots; expected neurons"));
        continue;
      }
      report.slice = *slice;
      report.name = selections->size() == 1 ? request.name : request.name + "_" + population.name;
      spec_.reports.push_back(report);
    }
  }

  const sonata::SimulationConfig& config_;
  const std::vector<NodePopulation>& populations_;
  const sonata::NodeSets& node_sets_;
  const std::set<std::string>& poisson_sources_;
  const std::function<void(const std::string&)>& warn_;
  ModelSpec& spec_;
};

}  // namespace

ModelSpec read_sonata(const std::filesystem::path& simulation_config, const SonataOptions& options) {
  const auto warn = options.warn ? options.warn : [](const std::string& message) {
    logger_named("config")->warn("{}", message);
  };
  const sonata::SimulationConfig config = sonata::read_simulation_config(simulation_config);
  ModelSpec spec;
  spec.title = simulation_config.string();
  Problems problems;
  spec.simulation = simulation_spec(config, options, problems);
  const std::vector<NodePopulation> populations = sonata::read_nodes(config.circuit, problems);
  problems.throw_if_any();
  check_refractory_times(populations, spec.simulation.dt_ms, problems);
  const sonata::NodeSets node_sets(config.node_sets_file, populations);
  Assembler assembler(config, populations, node_sets, options.poisson_sources, warn, spec);
  assembler.add_populations();
  assembler.add_spike_inputs(problems);
  assembler.add_reports(problems);
  spec.projections = sonata::read_edges(config.circuit, populations, spec.simulation.dt_ms, problems);
  problems.throw_if_any();
  return spec;
}

}  // namespace sharpwave
