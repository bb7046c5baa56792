#include "host/watchdog/frozen_watch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "host/base/error.hpp"
#include "host/run/population_ids.hpp"

namespace sharpwave {
namespace {

constexpr std::size_t kNumbers = 5;  // of ModulatorLevels
// After so many time constants a release has left 2^-15 of itself, which a double sees.
constexpr double kTimeConstants = 10;

bool can_change(const StdpSpec& rule) {
  return rule.w_min < rule.w_max &&
         (rule.A_plus != 0 || rule.A_minus != 0 || rule.has_triplets() || rule.per_pre != 0);
}

bool is_prime(std::uint64_t n) {
  for (std::uint64_t k = 2; k * k <= n; ++k)
    if (n % k == 0) return false;
  return n > 1;
}

/// How far apart levels may be looked at so that no release is missed: a prime, since a drive of that very
/// period, or of one that divides it, would show the same level each time.
std::uint64_t level_steps(const ModelSpec& spec) {
  double tau_ms = std::numeric_limits<double>::infinity();
  for (const RegionSpec& region : spec.regions)
    for (const auto& modulator : region.modulators)
      if (modulator) tau_ms = std::min(tau_ms, modulator->tau_phasic_ms);
  const double most = std::clamp(kTimeConstants * tau_ms / spec.simulation.dt_ms, 2.0, 1e9);
  auto steps = static_cast<std::uint64_t>(most);
  while (!is_prime(steps)) --steps;
  return steps;
}

std::size_t at(std::size_t region, Modulator modulator) {
  return region * kModulators + static_cast<std::size_t>(modulator);
}

/// The first of the population's ids; nothing of a virtual one.
std::optional<std::uint32_t> first_id_of(const PopulationIds& ids, std::uint32_t population) {
  for (std::size_t rank = 0; rank < ids.count(); ++rank)
    if (ids.index_in_spec(rank) == population) return static_cast<std::uint32_t>(ids.first_id(rank));
  return {};
}

/// In the first `n_steps` of the block.
bool fired(const Block& block, std::uint64_t n_steps, const Slice& slice, std::uint32_t first_id) {
  const auto end = block.ids.begin() + static_cast<std::ptrdiff_t>(block.offsets[n_steps]);
  return std::any_of(block.ids.begin(), end, [&](std::uint32_t id) {
    const std::uint32_t index = id - first_id;  // of what is below it, too large
    return index >= slice.start && index < slice.stop && (index - slice.start) % slice.stride == 0;
  });
}

const PlasticityReading* reading_of(const std::vector<PlasticityReading>& readings,
                                    std::uint32_t projection) {
  const auto found = std::ranges::find(readings, projection, &PlasticityReading::projection);
  return found == readings.end() ? nullptr : &*found;
}

/// Whether it is so now where the window tells, and was not before; remembers it.
bool begins(std::uint32_t& was_so, bool is_so, bool tells) {
  const bool news = tells && is_so && was_so == 0;
  if (tells) was_so = is_so ? 1 : 0;
  return news;
}

}  // namespace

FrozenWatch::FrozenWatch(const ModelSpec& spec)
    : window_steps_(spec.watchdog.frozen_window_steps),
      last_step_(spec.simulation.warm_up_steps + spec.simulation.steps),
      judges_modulators_(spec.watchdog.action(WatchdogSign::frozen_modulator) != WatchdogAction::off) {
  const PopulationIds ids(spec);
  const bool judges_weights =
      spec.watchdog.action(WatchdogSign::frozen_weights) != WatchdogAction::off && spec.protocol == nullptr;
  for (std::uint32_t p = 0; judges_weights && p < spec.projections.size(); ++p) {
    const ProjectionSpec& given = spec.projections[p];
    if (!given.plasticity || !can_change(*given.plasticity)) continue;
    Projection& projection = projections_.emplace_back();
    projection.index = p;
    projection.name = given.name;
    projection.target = spec.populations[given.target.population].name;
    projection.rule = *given.plasticity;
    projection.slice = given.target;
    projection.first_id = first_id_of(ids, given.target.population).value_or(0);
  }
  const bool has_gates =
      std::ranges::any_of(projections_, [](const Projection& p) { return p.rule.eligibility.has_value(); });
  if (!spec.regions.empty() && (judges_modulators_ || has_gates)) {
    regions_ = spec.regions;
    level_steps_ = level_steps(spec);
  }
  for (std::size_t r = 0; r < regions_.size(); ++r)
    for (const VolumeSpec& volume : regions_[r].volumes)
      if (const auto first_id = first_id_of(ids, volume.source.population); first_id && volume.per_spike != 0)
        sources_.push_back({.at = at(r, volume.modulator), .volume = volume, .first_id = *first_id});
}

void FrozenWatch::begin(const Engine& engine, const FrozenState& state) {
  if (state != FrozenState()) {
    if (state.updates.size() != projections_.size() ||
        state.modulator_events.size() != regions_.size() * kModulators)
      throw Error(ExitCode::damaged_data, "what the watchdog remembers is of other projections or regions");
    state_ = state;
    return;
  }
  if (projections_.empty() && regions_.empty()) return;  // there is nothing to remember
  state_.weights_are_frozen.assign(projections_.size(), 0);
  state_.modulator_is_frozen.assign(regions_.size() * kModulators, 0);
  state_.levels.assign(regions_.size() * kNumbers, 0);
  if (!regions_.empty()) look_at_levels(engine.read_modulators());
  const bool ends_in_run = engine.step() / window_steps_ * window_steps_ + window_steps_ <= last_step_;
  begin_window(engine.step(), projections_.empty() || !ends_in_run ? std::vector<PlasticityReading>()
                                                                   : engine.read_plasticity());
}

std::uint64_t FrozenWatch::steps_left(std::uint64_t step) const {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  if (!projections_.empty() || !regions_.empty()) left = window_steps_ - step % window_steps_;
  if (!regions_.empty()) left = std::min(left, level_steps_ - step % level_steps_);
  return left;
}

void FrozenWatch::begin_window(std::uint64_t step, const std::vector<PlasticityReading>& readings) {
  state_.since = step;
  state_.updates.assign(projections_.size(), 0);
  state_.weight_sums.assign(projections_.size(), 0);
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const PlasticityReading* reading = reading_of(readings, projections_[k].index);
    if (reading == nullptr) continue;
    state_.updates[k] = reading->updates;
    state_.weight_sums[k] = reading->weight_sum;
  }
  state_.has_fired.assign(projections_.size(), 0);
  state_.modulator_events.assign(regions_.size() * kModulators, 0);
}

/// Spikes that release something within the window.
void FrozenWatch::note_drives(const Block& block) {
  const std::uint64_t end = (block.first_step - 1) / window_steps_ * window_steps_ + window_steps_;
  for (const Source& source : sources_) {
    if ((state_.modulator_events[source.at] & kWasDriven) != 0) continue;
    const std::uint64_t delay = source.volume.delay_steps;
    if (block.first_step + delay > end) continue;
    const std::uint64_t n_steps = std::min(block.n_steps, end - delay - block.first_step + 1);
    if (fired(block, n_steps, source.volume.source, source.first_id))
      state_.modulator_events[source.at] |= kWasDriven;
  }
}

void FrozenWatch::take(const Block& block, const Engine& engine, std::vector<Finding>& findings) {
  if (projections_.empty() && regions_.empty()) return;
  const std::uint64_t step = engine.step();
  SHARPWAVE_ASSERT(block.n_steps <= steps_left(block.first_step - 1));
  for (std::size_t k = 0; k < projections_.size(); ++k)
    if (state_.has_fired[k] == 0 &&
        fired(block, block.n_steps, projections_[k].slice, projections_[k].first_id))
      state_.has_fired[k] = 1;
  note_drives(block);
  const bool ends_window = step % window_steps_ == 0;
  if (!regions_.empty() && (ends_window || step % level_steps_ == 0))
    look_at_levels(engine.read_modulators());
  if (!ends_window) return;
  const std::vector<PlasticityReading> readings =
      projections_.empty() ? std::vector<PlasticityReading>() : engine.read_plasticity();
  if (state_.since + window_steps_ == step) {
    judge_weights(step, readings, findings);
    if (judges_modulators_) judge_modulators(step, findings);
  }
  begin_window(step, readings);
}

/// An error of prediction that moves is a reward that was taken note of, even if it released nothing.
void FrozenWatch::look_at_levels(const std::vector<ModulatorLevels>& levels) {
  SHARPWAVE_ASSERT(levels.size() == regions_.size());
  for (std::size_t region = 0; region < levels.size(); ++region) {
    double* before = state_.levels.data() + region * kNumbers;
    const bool error_moved = std::exchange(before[kModulators], levels[region].prediction_error) !=
                             levels[region].prediction_error;
    for (std::size_t m = 0; m < kModulators; ++m) {
      const auto modulator = static_cast<Modulator>(m);
      const double level = level_of(levels[region], modulator);
      const bool moved = std::exchange(before[m], level) != level;
      if (state_.modulator_events.empty()) continue;  // nothing was seen before
      if (moved || (modulator == Modulator::dopamine && error_moved))
        state_.modulator_events[at(region, modulator)] |= kHasMoved;
    }
  }
}

/// May the region's gates say, at some levels, that nothing is learnt?
bool FrozenWatch::may_be_shut(const StdpSpec& rule) const {
  if (rule.eligibility)
    return rule.eligibility->gated && regions_[rule.eligibility->region].gates.learning_rate.min == 0;
  if (!rule.rate_region) return false;
  const RegionGates& gates = regions_[*rule.rate_region].gates;
  return gates.potentiation.min == 0 && gates.depression.min == 0;
}

/// Is learning on in the whole window that ends with the step, and is the gate ever open?
bool FrozenWatch::may_learn(const StdpSpec& rule, std::uint64_t step) const {
  const std::vector<std::uint64_t>& switches = rule.learning_switches;
  const auto next = std::ranges::upper_bound(switches, state_.since);
  if ((next - switches.begin()) % 2 == 0) return false;       // it is off when the window begins
  if (next != switches.end() && *next <= step) return false;  // and here before it ends
  if (may_be_shut(rule)) return false;
  if (!rule.eligibility || rule.eligibility->gated) return true;
  const EligibilitySpec& gate = *rule.eligibility;
  const double level = state_.levels[gate.region * kNumbers + static_cast<std::size_t>(gate.modulator)];
  return level != gate.baseline ||
         (state_.modulator_events[at(gate.region, gate.modulator)] & kHasMoved) != 0;
}

/// What is counted is what spikes of the source have brought; what targets have done since the last of them
/// is in the weights alone.
void FrozenWatch::judge_weights(std::uint64_t step, const std::vector<PlasticityReading>& readings,
                                std::vector<Finding>& findings) {
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const Projection& projection = projections_[k];
    const PlasticityReading* reading = reading_of(readings, projection.index);
    if (reading == nullptr) continue;
    const bool moved =
        reading->unchanged_steps < window_steps_ || reading->weight_sum != state_.weight_sums[k];
    const bool was_active = reading->updates > state_.updates[k] && state_.has_fired[k] != 0;
    const std::uint64_t n =
        std::accumulate(reading->histogram.begin(), reading->histogram.end(), std::uint64_t{0});
    const bool are_at_bounds = reading->at_min + reading->at_max == n;
    const bool tells = moved || (was_active && !are_at_bounds && may_learn(projection.rule, step));
    if (!begins(state_.weights_are_frozen[k], !moved, tells)) continue;
    Finding finding{.sign = WatchdogSign::frozen_weights,
                    .step = step,
                    .seen_step = step,
                    .population = projection.target};
    finding.frozen = {.window_steps = window_steps_, .projection = projection.name};
    findings.push_back(std::move(finding));
  }
}

/// By pulses or rewards, within the window that ends with the step.
bool FrozenWatch::is_driven_by_times(const RegionSpec& region, Modulator modulator,
                                     std::uint64_t step) const {
  const auto is_in_window = [&](const auto& event) {
    return event.step > state_.since && event.step <= step;
  };
  return std::ranges::any_of(region.pulses,
                             [&](const ModulatorEvent& p) {
                               return p.modulator == modulator && p.value != 0 && is_in_window(p);
                             }) ||
         (modulator == Modulator::dopamine && std::ranges::any_of(region.rewards, is_in_window));
}

void FrozenWatch::judge_modulators(std::uint64_t step, std::vector<Finding>& findings) {
  for (std::size_t r = 0; r < regions_.size(); ++r)
    for (std::size_t m = 0; m < kModulators; ++m) {
      const auto modulator = static_cast<Modulator>(m);
      const auto& given = regions_[r].modulators[m];
      if (!given || !(given->min < given->max)) continue;
      const bool moved = (state_.modulator_events[at(r, modulator)] & kHasMoved) != 0;
      const bool was_driven = (state_.modulator_events[at(r, modulator)] & kWasDriven) != 0;
      const bool tells = moved || was_driven || is_driven_by_times(regions_[r], modulator, step);
      if (!begins(state_.modulator_is_frozen[at(r, modulator)], !moved, tells)) continue;
      Finding finding{.sign = WatchdogSign::frozen_modulator, .step = step, .seen_step = step};
      finding.frozen = {.window_steps = window_steps_,
                        .region = regions_[r].name,
                        .modulator = name_of(modulator),
                        .level = state_.levels[r * kNumbers + m]};
      findings.push_back(std::move(finding));
    }
}

}  // namespace sharpwave
