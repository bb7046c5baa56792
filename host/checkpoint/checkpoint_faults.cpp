#include "host/checkpoint/checkpoint_faults.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "host/base/number_text.hpp"

namespace sharpwave {
namespace {

using Fault = std::optional<CheckpointFault>;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// None where they are more than ids can be.
std::optional<std::uint64_t> number_of_ids(const std::vector<CheckpointPopulation>& populations) {
  std::uint64_t n = 0;
  for (const CheckpointPopulation& population : populations) {
    if (population.size > kMostElements - n) return {};
    n += population.size;
  }
  return n;
}

Fault fault_of_run(const Checkpoint& c) {
  constexpr std::size_t kSha256Digits = 2 * sizeof(Sha256::Digest);
  if (c.config_digest.size() != kSha256Digits || !is_hex(c.config_digest))
    return {{"/", "attribute 'config_digest': expected " + std::to_string(kSha256Digits) +
                      " hexadecimal digits in lower case"}};
  if (c.connectivity_digest.empty() || !is_hex(c.connectivity_digest))
    return {{"/", "attribute 'connectivity_digest': expected hexadecimal digits in lower case"}};
  if (!(c.dt_ms > 0 && std::isfinite(c.dt_ms)))
    return {{"/", "attribute 'dt' is " + number_text(c.dt_ms) + "; expected a number of ms above 0"}};
  if (!(c.wall_s >= 0 && std::isfinite(c.wall_s)))
    return {{"/", "attribute 'wall_s' is " + number_text(c.wall_s) + "; expected seconds, 0 or more"}};
  if (!number_of_ids(c.populations))
    return {{"/populations", "have more elements than there can be ids, " + std::to_string(kMostElements)}};
  for (std::size_t i = 0; i < c.grids.size(); ++i) {
    if (const int bits = c.grids[i].accumulator_bits; bits != 32 && bits != 64)
      return {{"/grids/" + std::to_string(i),
               "attribute 'accumulator_bits' is " + std::to_string(bits) + "; expected 32 or 64"}};
  }
  if (c.instances.empty()) return {{"/instances", "has no instance; expected at least one"}};
  return std::nullopt;
}

Fault fault_of(const SpikesUnderWay& spikes, std::uint64_t n_ids, const std::string& path) {
  const std::vector<std::uint64_t>& offsets = spikes.offsets;
  const std::uint64_t n_rows = std::max<std::size_t>(offsets.size(), 1) - 1;
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != spikes.ids.size() ||
      !std::ranges::is_sorted(offsets))
    return {{path + "/offsets", "expected numbers from 0 to the size of ids, " +
                                    std::to_string(spikes.ids.size()) + ", none below the one before"}};
  const auto largest = std::ranges::max_element(spikes.ids);
  if (largest != spikes.ids.end() && *largest >= n_ids)
    return {{path + "/ids", "holds " + std::to_string(*largest) + "; expected ids below " +
                                std::to_string(n_ids) + ", the size of all populations"}};
  for (std::size_t row = 0; row < n_rows; ++row) {
    const auto begin = spikes.ids.begin();
    if (!std::is_sorted(begin + static_cast<std::ptrdiff_t>(offsets[row]),
                        begin + static_cast<std::ptrdiff_t>(offsets[row + 1])))
      return {{path + "/ids",
               "expected the ids of a step to ascend; those of row " + std::to_string(row) + " do not"}};
  }
  return std::nullopt;
}

Fault fault_of(const PopulationState& population, Precision precision, const std::string& path) {
  const std::size_t size = population.refractory_steps.size();
  for (std::size_t v = 0; v < population.variables.size(); ++v) {
    const Reals& values = population.variables[v].values;
    const std::string place = path + "/variables/" + std::to_string(v);
    const bool is_float = std::holds_alternative<std::vector<float>>(values);
    if (is_float != (precision == Precision::float32))
      return {{place, "is not of the precision that the checkpoint has"}};
    if (const std::size_t n = std::visit([](const auto& list) { return list.size(); }, values); n != size)
      return {{place, "has " + std::to_string(n) + " values; expected " + std::to_string(size) +
                          ", as there are refractory_steps"}};
  }
  const auto negative = std::ranges::find_if(population.refractory_steps, [](auto n) { return n < 0; });
  if (negative != population.refractory_steps.end())
    return {{path + "/refractory_steps",
             "value " + std::to_string(negative - population.refractory_steps.begin()) + " is " +
                 std::to_string(*negative) + "; expected steps that are left, 0 or more"}};
  return std::nullopt;
}

Fault fault_of(const FrozenState& frozen, const std::string& path) {
  const std::size_t n_projections = frozen.updates.size();
  const std::size_t n_modulators = frozen.modulator_events.size();
  const auto is_as_long = [](std::initializer_list<std::size_t> sizes, std::size_t n) {
    return std::ranges::all_of(sizes, [&](std::size_t size) { return size == n; });
  };
  if (!is_as_long({frozen.weight_sums.size(), frozen.has_fired.size(), frozen.weights_are_frozen.size()},
                  n_projections))
    return {{path, "has lists of projections of different lengths"}};
  if (!is_as_long({frozen.modulator_is_frozen.size(), frozen.levels.size() / 5 * kModulators},
                  n_modulators) ||
      frozen.levels.size() % 5 != 0)
    return {{path, "has lists of regions of different lengths"}};
  const auto goes_beyond = [](const std::vector<std::uint32_t>& bits, std::uint32_t most) {
    return std::ranges::any_of(bits, [&](std::uint32_t value) { return value > most; });
  };
  if (goes_beyond(frozen.has_fired, 1) || goes_beyond(frozen.weights_are_frozen, 1) ||
      goes_beyond(frozen.modulator_is_frozen, 1))
    return {{path, "holds a flag that is neither 0 nor 1"}};
  if (goes_beyond(frozen.modulator_events, kAllModulatorEvents))
    return {{path + "/modulator_events", "holds a number above " + std::to_string(kAllModulatorEvents)}};
  return std::nullopt;
}

Fault fault_of(const WatchState& watch, std::size_t n_populations, const std::string& path) {
  for (const double gain : {watch.weight_gain, watch.input_gain})
    if (!(gain > 0 && std::isfinite(gain)))
      return {{path, "has a gain of " + number_text(gain) + "; expected a number above 0"}};
  const RateState& rates = watch.rates;
  for (const std::size_t n : {rates.in_window.size(), rates.in_silent_window.size(), rates.signs.size()})
    if (n != n_populations)
      return {
          {path, "is of " + std::to_string(n) + " populations; expected " + std::to_string(n_populations)}};
  const auto unknown = std::ranges::find_if(rates.signs, [](auto signs) { return signs > kAllRateSigns; });
  if (unknown != rates.signs.end())
    return {{path + "/signs",
             "holds " + std::to_string(*unknown) + "; expected at most " + std::to_string(kAllRateSigns)}};
  const std::size_t n_recent = rates.recent.size();
  if (n_recent > kMostRecentWindows * n_populations || (n_recent > 0 && n_recent % n_populations != 0))
    return {{path + "/recent", "has " + std::to_string(n_recent) + " values; expected those of at most " +
                                   std::to_string(kMostRecentWindows) + " windows, one for each of " +
                                   std::to_string(n_populations) + " populations"}};
  return fault_of(watch.frozen, path + "/frozen");
}

Fault fault_of(const std::vector<Presented>& presented, std::uint64_t step, const std::string& path) {
  for (std::size_t k = 0; k < presented.size(); ++k) {
    if (presented[k].step > step || (k > 0 && presented[k].step <= presented[k - 1].step))
      return {{path + "/step", "expected steps that ascend, up to " + std::to_string(step)}};
    if (!(presented[k].gain >= 0 && std::isfinite(presented[k].gain)))
      return {{path + "/gain", "value " + std::to_string(k) + " is " + number_text(presented[k].gain) +
                                   "; expected 0 or more"}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<CheckpointFault> find_fault(const Checkpoint& checkpoint) {
  if (Fault fault = fault_of_run(checkpoint)) return fault;
  for (std::size_t i = 0; i < checkpoint.instances.size(); ++i) {
    const EngineState& engine = checkpoint.instances[i].engine;
    const std::string path = "/instances/" + std::to_string(i);
    if (const std::size_t n = checkpoint.instances[i].spikes.size(); n != checkpoint.populations.size())
      return {{path + "/spikes", "has " + std::to_string(n) + " values; expected " +
                                     std::to_string(checkpoint.populations.size()) +
                                     ", as there are populations"}};
    if (Fault fault =
            fault_of(checkpoint.instances[i].watch, checkpoint.populations.size(), path + "/watchdog"))
      return fault;
    if (Fault fault = fault_of(engine.under_way, *number_of_ids(checkpoint.populations), path + "/under_way"))
      return fault;
    for (std::size_t p = 0; p < engine.populations.size(); ++p) {
      const std::string place = path + "/populations/" + std::to_string(p);
      if (Fault fault = fault_of(engine.populations[p], checkpoint.precision, place)) return fault;
    }
    for (std::size_t q = 0; q < engine.plastic.size(); ++q)
      if (const auto fault = find_fault(engine.plastic[q]))
        return {{path + "/plastic/" + std::to_string(q) + "/" + fault->column, fault->what}};
    for (std::size_t r = 0; r < engine.regions.size(); ++r)
      if (const auto fault = find_fault(engine.regions[r]))
        return {{path + "/regions/" + std::to_string(r) + "/" + fault->column, fault->what}};
    if (Fault fault = fault_of(engine.presented, engine.step, path + "/presented")) return fault;
    if (const auto fault = find_fault(checkpoint.instances[i].protocol))
      return {{path + "/protocol/" + fault->column, fault->what}};
    if (const auto fault = find_fault(checkpoint.instances[i].signals))
      return {{path + "/signals/" + fault->column, fault->what}};
  }
  return std::nullopt;
}

}  // namespace sharpwave
