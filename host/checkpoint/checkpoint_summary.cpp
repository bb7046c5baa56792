#include "host/checkpoint/checkpoint_summary.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "host/base/number_text.hpp"

namespace sharpwave {
namespace {

template <typename T>
VariableSummary summarise_values(const std::string& name, const std::vector<T>& values) {
  VariableSummary summary{.name = name};
  double n = 0;
  double mean = 0;
  double squares = 0;
  for (const T value : values) {
    const auto x = static_cast<double>(value);
    if (!std::isfinite(x)) {
      ++summary.n_non_finite;
      continue;
    }
    summary.min = n > 0 ? std::min(summary.min, x) : x;
    summary.max = n > 0 ? std::max(summary.max, x) : x;
    // Welford 1962, doi:10.1080/00401706.1962.10490022: no difference of large sums.
    n += 1;
    const double before = x - mean;
    mean += before / n;
    squares += before * (x - mean);
  }
  if (n > 0) {
    summary.mean = mean;
    summary.sd = std::sqrt(squares / n);
  }
  return summary;
}

template <typename T>
bool same_bits(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
  } else {
    return a == b;
  }
}

/// Of integers it is taken before they are rounded.
template <typename T>
double distance(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    const double difference = std::abs(static_cast<double>(a) - static_cast<double>(b));
    return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
  } else {
    return a < b ? static_cast<double>(static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a))
                 : static_cast<double>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  }
}

std::string text_of(const std::string& value) {
  return value;
}
std::string text_of(double value) {
  return number_text(value);
}
std::string text_of(std::uint64_t value) {
  return std::to_string(value);
}
std::string text_of(bool value) {
  return value ? "yes" : "no";
}
std::string text_of(Precision precision) {
  return name_of(precision);
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}
std::string text_of(const std::vector<CheckpointPopulation>& populations) {
  std::string text;
  for (const CheckpointPopulation& population : populations)
    text += (text.empty() ? "" : ", ") + population.name + ": " + std::to_string(population.size);
  return text;
}
std::string text_of(const std::vector<ReceptorGrid>& grids) {
  std::string text;
  for (const ReceptorGrid& grid : grids)
    text += (text.empty() ? "" : ", ") + grid.population + "." + grid.receptor + ": 2^-" +
            std::to_string(grid.exponent) + " in " + std::to_string(grid.accumulator_bits) + " bits";
  return text;
}

class Comparer {
 public:
  CheckpointComparison compare(const Checkpoint& a, const Checkpoint& b) {
    compare_runs(a, b);
    if (!field(result_.state, "instances", a.instances.size(), b.instances.size())) return result_;
    for (instance_ = 0; instance_ < a.instances.size(); ++instance_)
      compare_instances(a.instances[instance_], b.instances[instance_]);
    return result_;
  }

 private:
  template <typename T>
  static bool field(std::vector<FieldDifference>& list, const std::string& name, const T& a, const T& b) {
    if (a == b) return true;
    list.push_back({name, text_of(a), text_of(b)});
    return false;
  }

  void compare_runs(const Checkpoint& a, const Checkpoint& b) {
    field(result_.run, "program_version", a.program_version, b.program_version);
    field(result_.run, "config_path", a.config_path, b.config_path);
    if (a.config != b.config)
      result_.run.push_back({"config", to_hex(sha256(a.config)), to_hex(sha256(b.config))});
    field(result_.run, "overrides", a.overrides, b.overrides);
    field(result_.run, "injections", a.injections, b.injections);
    field(result_.run, "config_digest", a.config_digest, b.config_digest);
    field(result_.run, "warm_up_steps", a.warm_up_steps, b.warm_up_steps);
    field(result_.run, "steps", a.steps, b.steps);
    field(result_.run, "wall_s", a.wall_s, b.wall_s);
    field(result_.state, "connectivity_digest", a.connectivity_digest, b.connectivity_digest);
    field(result_.state, "precision", a.precision, b.precision);
    field(result_.state, "dt", a.dt_ms, b.dt_ms);
    field(result_.state, "populations", a.populations, b.populations);
    field(result_.state, "grids", a.grids, b.grids);
  }

  void compare_instances(const InstanceState& a, const InstanceState& b) {
    const std::string place = "instances/" + std::to_string(instance_) + "/";
    field(result_.run, place + "recording_bytes", a.recording_bytes, b.recording_bytes);
    field(result_.state, place + "step", a.engine.step, b.engine.step);
    field(result_.state, place + "spike_digest", to_hex(a.spike_digest), to_hex(b.spike_digest));
    field(result_.state, place + "synaptic_events", a.synaptic_events, b.synaptic_events);
    compare_lists("", place, "spikes", a.spikes, b.spikes);
    compare_watch(place + "watchdog/", a.watch, b.watch);
    compare_lists("", place, "under_way/offsets", a.engine.under_way.offsets, b.engine.under_way.offsets);
    compare_lists("", place, "under_way/ids", a.engine.under_way.ids, b.engine.under_way.ids);
    const auto& populations = a.engine.populations;
    const auto& others = b.engine.populations;
    if (!field(result_.state, place + "populations", populations.size(), others.size())) return;
    for (std::size_t p = 0; p < populations.size(); ++p)
      compare_populations(place + "populations/" + std::to_string(p) + "/", populations[p], others[p]);
    if (!field(result_.state, place + "plastic", a.engine.plastic.size(), b.engine.plastic.size())) return;
    for (std::size_t q = 0; q < a.engine.plastic.size(); ++q)
      compare_plastic(place + "plastic/" + std::to_string(q) + "/", a.engine.plastic[q], b.engine.plastic[q]);
    if (!field(result_.state, place + "regions", a.engine.regions.size(), b.engine.regions.size())) return;
    for (std::size_t r = 0; r < a.engine.regions.size(); ++r)
      compare_region(place + "regions/" + std::to_string(r) + "/", a.engine.regions[r], b.engine.regions[r]);
    compare_presented(place + "presented/", a.engine.presented, b.engine.presented);
    for_each_protocol_column([&](const char* name, auto column) {
      compare_lists("", place + "protocol/", name, a.protocol.*column, b.protocol.*column);
    });
    compare_replay(place + "replay/", a.engine.replay, b.engine.replay);
    compare_signals(place + "signals/", a.signals, b.signals);
  }

  void compare_replay(const std::string& place, const Replay& a, const Replay& b) {
    field(result_.state, place + "after", a.after, b.after);
    field(result_.state, place + "until", a.until, b.until);
    field(result_.state, place + "live", a.live, b.live);
    compare_lists("", place, "current", a.current_pA, b.current_pA);
  }

  void compare_signals(const std::string& place, const SignalState& a, const SignalState& b) {
    field(result_.state, place + "digest", to_hex(a.digest), to_hex(b.digest));
    field(result_.state, place + "branch", a.branch, b.branch);
    field(result_.run, place + "dropped", a.dropped, b.dropped);
    field(result_.state, place + "is_coupled", a.is_coupled, b.is_coupled);
    field(result_.state, place + "replay_until", a.replay_until, b.replay_until);
    for_each_signal_column(
        [&](const char* name, auto column) { compare_lists("", place, name, a.*column, b.*column); });
    if (!field(result_.state, place + "streams", a.streams.size(), b.streams.size())) return;
    for (std::size_t k = 0; k < a.streams.size(); ++k) {
      const std::string at = place + "streams/" + std::to_string(k) + "/";
      field(result_.state, at + "population", a.streams[k].population, b.streams[k].population);
      for_each_stream_column([&](const char* name, auto column) {
        compare_lists(a.streams[k].population, at, name, a.streams[k].*column, b.streams[k].*column);
      });
    }
  }

  void compare_presented(const std::string& place, const std::vector<Presented>& a,
                         const std::vector<Presented>& b) {
    PresentedColumns columns[2];
    for (const Presented& p : a) columns[0].add(p);
    for (const Presented& p : b) columns[1].add(p);
    compare_lists("", place, "step", columns[0].step, columns[1].step);
    compare_lists("", place, "stimulus", columns[0].stimulus, columns[1].stimulus);
    compare_lists("", place, "item", columns[0].item, columns[1].item);
    compare_lists("", place, "gain", columns[0].gain, columns[1].gain);
    compare_lists("", place, "learning", columns[0].learning, columns[1].learning);
  }

  void compare_region(const std::string& place, const RegionState& a, const RegionState& b) {
    field(result_.state, place + "region", a.region, b.region);
    for_each_region_column(
        [&](const char* name, auto column) { compare_lists(a.region, place, name, a.*column, b.*column); });
  }

  void compare_plastic(const std::string& place, const PlasticState& a, const PlasticState& b) {
    field(result_.state, place + "projection", a.projection, b.projection);
    for_each_plastic_column([&](const char* name, auto column) {
      compare_lists(a.projection, place, name, a.*column, b.*column);
    });
  }

  void compare_watch(const std::string& place, const WatchState& a, const WatchState& b) {
    field(result_.state, place + "repairs", a.repairs, b.repairs);
    field(result_.state, place + "weight_gain", a.weight_gain, b.weight_gain);
    field(result_.state, place + "input_gain", a.input_gain, b.input_gain);
    field(result_.state, place + "divergence_is_known", a.divergence_is_known, b.divergence_is_known);
    field(result_.state, place + "non_finite_is_known", a.non_finite_is_known, b.non_finite_is_known);
    compare_lists("", place, "found", a.n_found, b.n_found);
    compare_lists("", place, "in_window", a.rates.in_window, b.rates.in_window);
    compare_lists("", place, "in_silent_window", a.rates.in_silent_window, b.rates.in_silent_window);
    compare_lists("", place, "signs", a.rates.signs, b.rates.signs);
    compare_lists("", place, "recent", a.rates.recent, b.rates.recent);
    compare_frozen(place + "frozen/", a.frozen, b.frozen);
  }

  void compare_frozen(const std::string& place, const FrozenState& a, const FrozenState& b) {
    field(result_.state, place + "since", a.since, b.since);
    compare_lists("", place, "updates", a.updates, b.updates);
    compare_lists("", place, "weight_sums", a.weight_sums, b.weight_sums);
    compare_lists("", place, "has_fired", a.has_fired, b.has_fired);
    compare_lists("", place, "weights_are_frozen", a.weights_are_frozen, b.weights_are_frozen);
    compare_lists("", place, "levels", a.levels, b.levels);
    compare_lists("", place, "modulator_events", a.modulator_events, b.modulator_events);
    compare_lists("", place, "modulator_is_frozen", a.modulator_is_frozen, b.modulator_is_frozen);
  }

  void compare_populations(const std::string& place, const PopulationState& a, const PopulationState& b) {
    field(result_.state, place + "name", a.name, b.name);
    compare_lists(a.name, place, "refractory_steps", a.refractory_steps, b.refractory_steps);
    if (!field(result_.state, place + "variables", a.variables.size(), b.variables.size())) return;
    for (std::size_t v = 0; v < a.variables.size(); ++v) {
      field(result_.state, place + "variables/" + std::to_string(v) + "/name", a.variables[v].name,
            b.variables[v].name);
      std::visit(
          [&](const auto& values) {
            // Of another precision: said already.
            if (const auto* others = std::get_if<std::decay_t<decltype(values)>>(&b.variables[v].values))
              compare_lists(a.name, place, a.variables[v].name, values, *others);
          },
          a.variables[v].values);
    }
  }

  template <typename List>
  void compare_lists(const std::string& population, const std::string& place, const std::string& list,
                     const List& a, const List& b) {
    if (!field(result_.state, place + list + ", size", a.size(), b.size())) return;
    ValueDifference difference{.instance = instance_, .population = population, .list = list};
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (same_bits(a[i], b[i])) continue;
      if (difference.n_different++ == 0) difference.first_index = i;
      difference.largest = std::max(difference.largest, distance(a[i], b[i]));
    }
    if (difference.n_different > 0) result_.values.push_back(difference);
  }

  std::size_t instance_ = 0;
  CheckpointComparison result_;
};

}  // namespace

PopulationSummary summarise(const PopulationState& state) {
  PopulationSummary summary{.name = state.name, .size = state.refractory_steps.size()};
  summary.n_refractory = static_cast<std::uint64_t>(
      std::ranges::count_if(state.refractory_steps, [](std::int32_t steps) { return steps > 0; }));
  for (const PopulationState::Variable& variable : state.variables)
    summary.variables.push_back(std::visit(
        [&](const auto& values) { return summarise_values(variable.name, values); }, variable.values));
  return summary;
}

VariableSummary summarise_weights(const PlasticState& state) {
  return summarise_values("weight", state.weights);
}

CheckpointComparison compare(const Checkpoint& a, const Checkpoint& b) {
  return Comparer().compare(a, b);
}

}  // namespace sharpwave
