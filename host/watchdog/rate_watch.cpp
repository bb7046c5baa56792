#include "host/watchdog/rate_watch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/base/error.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave {
namespace {

// An anomaly is told from the windows before it: a second at the usual window of 20 ms, at least.
constexpr std::size_t kFewestWindows = 50;
constexpr std::size_t kMostWindows = 200;

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

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
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
  counts_.in_window.resize(ids_.count());
  counts_.in_silent_window.resize(ids_.count());
}

void RateWatch::go_on_from(const RateCounts& counts) {
  if (counts.in_window.size() != ids_.count() || counts.in_silent_window.size() != ids_.count())
    throw Error(ExitCode::damaged_data, "the watchdog's counts are of other populations");
  counts_ = counts;
}

double RateWatch::rate_Hz(std::uint64_t count, std::uint64_t steps, const Population& population) const {
  const double seconds = static_cast<double>(steps) * dt_ms_ / 1000;
  return static_cast<double>(count) / (static_cast<double>(population.size) * seconds);
}

void RateWatch::take(const Block& block, std::vector<Finding>& findings) {
  const std::span<const std::uint32_t> ids(block.ids);
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    ids_.split(ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]),
               [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                 counts_.in_window[rank] += of_population.size();
                 counts_.in_silent_window[rank] += of_population.size();
               });
    const std::uint64_t step = block.first_step + i;
    if (step % spec_.window_steps == 0) end_window(step, findings);
    if (step % spec_.silent_window_steps == 0) end_silent_window(step, findings);
  }
}

void RateWatch::look_at_anomaly(Population& population, std::uint64_t count, Finding finding,
                                std::vector<Finding>& findings) const {
  std::deque<std::uint64_t>& recent = population.recent;
  if (recent.size() >= kFewestWindows) {
    std::vector<double> values(recent.begin(), recent.end());
    const double middle = median(values);
    for (double& value : values) value = std::abs(value - middle);
    // Counts scatter at least as the Poisson law has it, also where the last ones happened to be equal.
    const double deviation = std::max(1.4826 * median(values), std::sqrt(std::max(middle, 1.0)));
    const double score = (static_cast<double>(count) - middle) / deviation;
    const bool was = std::exchange(population.is_unusual, std::abs(score) > spec_.anomaly_score);
    if (population.is_unusual && !was) {
      finding.sign = WatchdogSign::anomaly;
      finding.rate->limit_Hz = rate_Hz(1, spec_.window_steps, population) * middle;
      finding.rate->score = score;
      findings.push_back(std::move(finding));
    }
    if (recent.size() == kMostWindows) recent.pop_front();
  }
  recent.push_back(count);
}

void RateWatch::end_window(std::uint64_t step, std::vector<Finding>& findings) {
  for (std::size_t rank = 0; rank < populations_.size(); ++rank) {
    Population& population = populations_[rank];
    const std::uint64_t count = std::exchange(counts_.in_window[rank], 0);
    if (!population.is_watched) continue;
    const double rate = rate_Hz(count, spec_.window_steps, population);
    Finding finding{
        .sign = WatchdogSign::runaway, .step = step, .seen_step = step, .population = population.name};
    finding.rate = {.window_steps = spec_.window_steps, .rate_Hz = rate, .limit_Hz = population.most_Hz};
    const bool was = std::exchange(population.is_running_away, rate > population.most_Hz);
    if (spec_.action(WatchdogSign::anomaly) != WatchdogAction::off)
      look_at_anomaly(population, count, finding, findings);
    if (!population.is_running_away || was) continue;
    if (spec_.action(WatchdogSign::runaway) != WatchdogAction::off) findings.push_back(std::move(finding));
  }
}

void RateWatch::end_silent_window(std::uint64_t step, std::vector<Finding>& findings) {
  for (std::size_t rank = 0; rank < populations_.size(); ++rank) {
    Population& population = populations_[rank];
    const std::uint64_t count = std::exchange(counts_.in_silent_window[rank], 0);
    if (!population.is_watched) continue;
    const double rate = rate_Hz(count, spec_.silent_window_steps, population);
    const bool was_silent = std::exchange(population.is_silent, count == 0);
    const bool was_sparse = std::exchange(population.is_sparse, count > 0 && rate < population.least_Hz);
    const bool silent = population.is_silent && !was_silent;
    if (!silent && !(population.is_sparse && !was_sparse)) continue;
    const WatchdogSign sign = silent ? WatchdogSign::silent : WatchdogSign::sparse;
    if (spec_.action(sign) == WatchdogAction::off) continue;
    Finding finding{.sign = sign, .step = step, .seen_step = step, .population = population.name};
    finding.rate = {.window_steps = spec_.silent_window_steps,
                    .rate_Hz = rate,
                    .limit_Hz = silent ? 0.0 : population.least_Hz};
    findings.push_back(std::move(finding));
  }
}

}  // namespace sharpwave
