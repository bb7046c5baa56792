#include "host/analysis/recorded_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "host/analysis/spike_statistics.hpp"
#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/json_place.hpp"
#include "host/io/text_file.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave::analysis {
namespace {

// With the config's text and the histograms of all connections it has kilobytes to some megabytes.
constexpr std::uint64_t kMostJsonBytes = std::uint64_t{256} << 20;
// Times are decimal numbers that were computed from steps; what is off by more than this was not.
constexpr double kOffGrid = 0.01;

/// A time in ms as a number of steps.
std::uint64_t steps_of(const JsonPlace& time_ms, double dt_ms) {
  const double steps = time_ms.number() / dt_ms;
  const double nearest = std::nearbyint(steps);
  if (!(nearest >= 0 && nearest <= static_cast<double>(kMostSteps) &&
        std::abs(steps - nearest) <= kOffGrid)) {
    time_ms.fail("a whole number of steps of dt_ms = " + number_text(dt_ms) + ", at most 2^40");
  }
  return static_cast<std::uint64_t>(nearest);
}

std::string read_run_json(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "run.json";
  std::error_code ignored;
  const char* problem = nullptr;
  if (!std::filesystem::exists(directory, ignored)) {
    problem = ": does not exist";
  } else if (!std::filesystem::is_directory(directory, ignored)) {
    problem = ": is not a directory";
  } else if (!std::filesystem::exists(file, ignored)) {
    problem = ": has no run.json";
  }
  if (problem != nullptr) {
    throw Error(ExitCode::io, directory.string() + problem + "; expected the directory of a finished run");
  }
  return read_text_file(file, kMostJsonBytes);
}

hdf5::File open_spikes(const std::filesystem::path& directory) {
  return hdf5::File::open(directory / "spikes.h5");
}

/// Names of the populations in spikes.h5; none where there is no such file.
std::set<std::string> populations_with_spikes(const std::filesystem::path& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory / "spikes.h5", ignored)) return {};
  const std::vector<std::string> names = open_spikes(directory).root().group("spikes").names();
  return {names.begin(), names.end()};
}

PopulationRecord read_population(const JsonPlace& place, const std::set<std::string>& with_spikes) {
  PopulationRecord population;
  population.name = place["name"].text();
  population.size =
      static_cast<std::uint32_t>(place["size"].unsigned_up_to(std::numeric_limits<std::uint32_t>::max()));
  population.spikes = place["spikes"].unsigned_up_to(std::numeric_limits<std::uint64_t>::max());
  if (place.value.contains("recorded")) {
    population.recorded = static_cast<std::uint32_t>(place["recorded"].unsigned_up_to(population.size));
    population.says_recorded = true;
  } else if (with_spikes.contains(population.name)) {
    population.recorded = population.size;
  }
  if (place.value.contains("threshold_mV") && !place["threshold_mV"].value.is_null())
    population.threshold_mV = place["threshold_mV"].number();
  return population;
}

void read_populations(const JsonPlace& list, RecordedRun& run) {
  std::set<std::string> with_spikes = populations_with_spikes(run.directory);
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonPlace place = list[i];
    run.populations.push_back(read_population(place, with_spikes));
    const std::string& name = run.populations.back().name;
    if (!names.insert(name).second) place["name"].fail("a name that is not there before");
  }
  for (const std::string& name : with_spikes) {
    const PopulationRecord* const population = run.population(name);
    if (population != nullptr && (population->recorded > 0 || population->size == 0)) continue;
    throw Error(ExitCode::damaged_data,
                (run.directory / "spikes.h5").string() + ": /spikes/" + name +
                    ": no such population was recorded, says run.json; expected files of one run");
  }
}

/// Takes a key out of the object; null where it is not there.
Json take(Json& object, const std::string& key) {
  const auto member = object.find(key);
  if (member == object.end()) return nullptr;
  Json value = std::move(*member);
  object.erase(member);
  return value;
}

/// What network.json holds, if there is one.
void read_network(RecordedRun& run) {
  const std::filesystem::path file = run.directory / "network.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  Json network = parse_json(read_text_file(file, kMostJsonBytes), file.string());
  const JsonPlace root{network, file.string()};
  run.connections_omitted = root["omitted"].unsigned_up_to(std::numeric_limits<std::uint64_t>::max());
  static_cast<void>(root["connections"].size());
  run.connections = take(network, "connections");
}

/// Times of spikes as steps.
std::vector<std::uint64_t> read_steps(const hdf5::Dataset& times, std::uint64_t n, const RecordedRun& run) {
  const auto first = static_cast<double>(run.first_step);
  const double last = first + static_cast<double>(run.n_steps);
  double before = first;
  std::vector<std::uint64_t> steps;
  steps.reserve(n);
  times.visit_doubles(n, [&](std::span<const double> block) {
    for (const double time_ms : block) {
      const double step = std::nearbyint(time_ms / run.dt_ms);
      if (!(step > first && step <= last && step >= before)) {
        const std::string found =
            times.where() + ": value " + std::to_string(steps.size()) + " is " + number_text(time_ms);
        throw Error(ExitCode::damaged_data,
                    step < before && step > first
                        ? found + ", less than the one before; expected times in ms that do not descend"
                        : found + "; expected a time in ms after " + number_text(run.start_ms()) +
                              " and up to " + number_text(run.stop_ms()) + ", says run.json");
      }
      before = step;
      steps.push_back(static_cast<std::uint64_t>(step));
    }
  });
  return steps;
}

}  // namespace

double RecordedRun::start_ms() const {
  return time_of_step_ms(first_step, dt_ms);
}

double RecordedRun::stop_ms() const {
  return time_of_step_ms(first_step + n_steps, dt_ms);
}

const PopulationRecord* RecordedRun::population(const std::string& name) const {
  const auto found = std::find_if(populations.begin(), populations.end(),
                                  [&](const PopulationRecord& record) { return record.name == name; });
  return found == populations.end() ? nullptr : &*found;
}

RecordedRun read_run(const std::filesystem::path& directory) {
  RecordedRun run;
  run.directory = directory;
  const std::string text = read_run_json(directory);
  const std::string where = (directory / "run.json").string();
  run.summary = parse_json(text, where);
  const JsonPlace root{run.summary, where};
  run.dt_ms = root["dt_ms"].number();
  if (!(run.dt_ms > 0 && std::isfinite(run.dt_ms))) root["dt_ms"].fail("a time in ms above 0");
  run.first_step = steps_of(root["warm_up_ms"], run.dt_ms);
  run.n_steps = steps_of(root["simulated_ms"], run.dt_ms);
  run.interrupted = root["interrupted"].boolean();
  read_populations(root["populations"], run);

  read_network(run);
  run.config = take(run.summary, "config");
  if (!run.config.is_null() && !run.config.is_string()) JsonPlace{run.config, where, "config"}.fail("text");
  return run;
}

Spikes read_spikes(const RecordedRun& run, const PopulationRecord& population) {
  Spikes spikes;
  if (population.recorded == 0) return spikes;
  const hdf5::File file = open_spikes(run.directory);
  const hdf5::Group group = file.root().group("spikes").group(population.name);
  const hdf5::Dataset times = group.dataset("timestamps");
  // Sizes are compared before values are read: a wrong one may stand for very many that were never written.
  const std::vector<std::uint64_t> shape = times.shape();
  const std::uint64_t n = shape.empty() ? 0 : shape[0];
  spikes.neurons =
      group.dataset("node_ids").read_indices(population.size, "a node id of " + population.name, n);
  spikes.steps = read_steps(times, n, run);
  spikes.fired = number_those_that_fired(spikes.neurons);
  if (spikes.fired.size() > population.recorded) {
    throw Error(ExitCode::damaged_data,
                group.where() + ": holds spikes of " + std::to_string(spikes.fired.size()) +
                    " neurons; expected at most the " + std::to_string(population.recorded) +
                    " that were recorded, says run.json");
  }
  const bool all = population.says_recorded && population.recorded == population.size;
  if (all ? n != population.spikes : n > population.spikes) {
    throw Error(ExitCode::damaged_data, group.where() + ": holds " + std::to_string(n) +
                                            " spikes; expected " + (all ? "" : "at most ") + "the " +
                                            std::to_string(population.spikes) +
                                            " that were fired, says run.json");
  }
  return spikes;
}

}  // namespace sharpwave::analysis
