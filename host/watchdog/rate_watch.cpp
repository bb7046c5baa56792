#include "host/watchdog/rate_watch.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave {
namespace {

// An anomaly is told from the windows before it: a second at the usual window of 20 ms, at least.
constexpr std::size_t kFewestWindows = 50;

double least_of(const Values& values) {
  if (const auto* list = std::get_if<std::vector<double>>(&values))
    return list->empty() ? 0 : *std::ranges::min_element(*list);
  const auto& d = std::get<Distribution>(values);
  switch (d.kind) {
    case Distribution::Kind::constant:
    case Distribution::Kind::uniform:
      return std::max(d.a, d.low);
    default:
      return std::max(d.low, 0.0);
  }
}

/// The median of how far `ascending` values are from their own: of as many on either side the nearest come
/// first.
std::uint64_t median_deviation(const std::vector<std::uint64_t>& ascending) {
  const std::size_t middle = ascending.size() / 2;
  std::size_t below = middle;
  std::size_t above = middle;
  std::uint64_t deviation = 0;
  for (std::size_t k = 0; k < middle; ++k) {
    const bool is_above =
        above + 1 < ascending.size() &&
        (below == 0 || ascending[above + 1] - ascending[middle] < ascending[middle] - ascending[below - 1]);
    deviation = is_above ? ascending[++above] - ascending[middle] : ascending[middle] - ascending[--below];
  }
  return deviation;
}

}  // namespace

double default_runaway_rate_Hz(const NeuronSpec& neurons, double dt_ms) {
  const bool rests = model_info(neurons.model).has(NeuronParameter::t_ref);
  const double t_ref_ms = rests ? least_of(neurons[NeuronParameter::t_ref]) : 0.0;
  return 0.5 * 1000 / std::max(t_ref_ms, dt_ms);
}

RateWatch::RateWatch(const ModelSpec& spec)
    : spec_(spec.watchdog), dt_ms_(spec.simulation.dt_ms), ids_(spec) {
  for (std::size_t rank = 0; rank < ids_.count(); ++rank) {
    const PopulationSpec& given = spec.populations[ids_.index_in_spec(rank)];
    Population& population = populations_.emplace_back();
    population.name = given.name;
    population.size = given.size;
    const NeuronSpec* neurons = given.neurons();
    population.is_watched = neurons != nullptr && given.size > 0;
    if (!population.is_watched) continue;
    population.most_Hz = spec_.runaway_rate_Hz.value_or(default_runaway_rate_Hz(*neurons, dt_ms_));
    population.least_Hz = spec_.sparse_share * given.expected_rate_Hz.value_or(0);
  }
  state_.in_window.resize(ids_.count());
  state_.in_silent_window.resize(ids_.count());
  state_.signs.resize(ids_.count());
}

void RateWatch::go_on_from(const RateState& state) {
  const std::size_t n = ids_.count();
  if (state.in_window.size() != n || state.in_silent_window.size() != n || state.signs.size() != n ||
      state.recent.size() % std::max<std::size_t>(n, 1) != 0)
    throw Error(ExitCode::damaged_data, "what the watchdog remembers is of other populations");
  state_ = state;
  for (std::size_t rank = 0; rank < n; ++rank) {
    std::vector<std::uint64_t>& ascending = populations_[rank].ascending;
    ascending.clear();
    for (std::size_t k = rank; k < state_.recent.size(); k += n) ascending.push_back(state_.recent[k]);
    std::ranges::sort(ascending);
  }
}

double RateWatch::rate_Hz(std::uint64_t count, std::uint64_t steps, const Population& population) const {
  const double seconds = static_cast<double>(steps) * dt_ms_ / 1000;
  return static_cast<double>(count) / (static_cast<double>(population.size) * seconds);
}

bool RateWatch::may_find(const Block& block) const {
  const std::uint64_t before = block.first_step - 1;
  const std::uint64_t last = before + block.n_steps;
  return before / spec_.window_steps != last / spec_.window_steps ||
         before / spec_.silent_window_steps != last / spec_.silent_window_steps;
}

void RateWatch::take(const Block& block, std::vector<Finding>& findings) {
  const std::span<const std::uint32_t> ids(block.ids);
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    ids_.split(ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]),
               [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                 state_.in_window[rank] += of_population.size();
                 state_.in_silent_window[rank] += of_population.size();
               });
    const std::uint64_t step = block.first_step + i;
    if (step % spec_.window_steps == 0) end_window(step, findings);
    if (step % spec_.silent_window_steps == 0) end_silent_window(step, findings);
  }
}

/// Remembers whether it is so. @return whether it is now, and was not before.
bool RateWatch::begins(std::size_t rank, RateSign sign, bool is_so) {
  const bool was_so = (state_.signs[rank] & sign) != 0;
  if (is_so != was_so) state_.signs[rank] ^= sign;
  return is_so && !was_so;
}

void RateWatch::look_at_anomaly(std::size_t rank, std::uint64_t count, Finding finding,
                                std::vector<Finding>& findings) {
  const std::vector<std::uint64_t>& ascending = populations_[rank].ascending;
  if (ascending.size() < kFewestWindows) return;
  const auto middle = static_cast<double>(ascending[ascending.size() / 2]);
  // Counts scatter at least as the Poisson law has it, also where the last ones happened to be equal.
  const double deviation =
      std::max(1.4826 * static_cast<double>(median_deviation(ascending)), std::sqrt(std::max(middle, 1.0)));
  const double score = (static_cast<double>(count) - middle) / deviation;
  if (!begins(rank, kIsUnusual, std::abs(score) > spec_.anomaly_score)) return;
  finding.sign = WatchdogSign::anomaly;
  finding.rate->limit_Hz = rate_Hz(1, spec_.window_steps, populations_[rank]) * middle;
  finding.rate->score = score;
  findings.push_back(std::move(finding));
}

void RateWatch::remember_window() {
  const std::size_t n = populations_.size();
  std::vector<std::uint64_t>& recent = state_.recent;
  const bool is_full = recent.size() == kMostRecentWindows * n;
  for (std::size_t rank = 0; rank < n; ++rank) {
    std::vector<std::uint64_t>& ascending = populations_[rank].ascending;
    if (is_full) ascending.erase(std::ranges::lower_bound(ascending, recent[rank]));
    const std::uint64_t count = state_.in_window[rank];
    ascending.insert(std::ranges::upper_bound(ascending, count), count);
  }
  if (is_full) recent.erase(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(n));
  recent.insert(recent.end(), state_.in_window.begin(), state_.in_window.end());
}

void RateWatch::end_window(std::uint64_t step, std::vector<Finding>& findings) {
  const bool looks_at_anomalies = spec_.action(WatchdogSign::anomaly) != WatchdogAction::off;
  for (std::size_t rank = 0; rank < populations_.size(); ++rank) {
    const Population& population = populations_[rank];
    if (!population.is_watched) continue;
    const std::uint64_t count = state_.in_window[rank];
    const double rate = rate_Hz(count, spec_.window_steps, population);
    Finding finding{
        .sign = WatchdogSign::runaway, .step = step, .seen_step = step, .population = population.name};
    finding.rate = {.window_steps = spec_.window_steps, .rate_Hz = rate, .limit_Hz = population.most_Hz};
    if (looks_at_anomalies) look_at_anomaly(rank, count, finding, findings);
    if (begins(rank, kIsRunningAway, rate > population.most_Hz) &&
        spec_.action(WatchdogSign::runaway) != WatchdogAction::off)
      findings.push_back(std::move(finding));
  }
  if (looks_at_anomalies) remember_window();
  std::ranges::fill(state_.in_window, 0);
}

void RateWatch::end_silent_window(std::uint64_t step, std::vector<Finding>& findings) {
  for (std::size_t rank = 0; rank < populations_.size(); ++rank) {
    const Population& population = populations_[rank];
    if (!population.is_watched) continue;
    const std::uint64_t count = state_.in_silent_window[rank];
    const double rate = rate_Hz(count, spec_.silent_window_steps, population);
    const bool silent = begins(rank, kIsSilent, count == 0);
    const bool sparse = begins(rank, kIsSparse, count > 0 && rate < population.least_Hz);
    if (!silent && !sparse) continue;
    const WatchdogSign sign = silent ? WatchdogSign::silent : WatchdogSign::sparse;
    if (spec_.action(sign) == WatchdogAction::off) continue;
    Finding finding{.sign = sign, .step = step, .seen_step = step, .population = population.name};
    finding.rate = {.window_steps = spec_.silent_window_steps,
                    .rate_Hz = rate,
                    .limit_Hz = silent ? 0.0 : population.least_Hz};
    findings.push_back(std::move(finding));
  }
  std::ranges::fill(state_.in_silent_window, 0);
}

}  // namespace sharpwave
