#include "host/signals/collector.hpp"

#include <algorithm>
#include <limits>

#include "host/base/error.hpp"
#include "host/network/memory_spec.hpp"
#include "host/run/population_ids.hpp"

namespace sharpwave {
namespace {

std::uint64_t first_id_of(const PopulationIds& ids, std::uint32_t population) {
  for (std::size_t rank = 0; rank < ids.count(); ++rank)
    if (ids.index_in_spec(rank) == population) return ids.first_id(rank);
  SHARPWAVE_ASSERT(false && "a virtual population");
  return 0;
}

/// @param period  0: there is none.
std::uint64_t first_multiple_from(std::uint64_t step, std::uint64_t period) {
  if (period == 0) return std::numeric_limits<std::uint64_t>::max();
  return (step + period - 1) / period * period;
}

}  // namespace

SignalCollector::SignalCollector(const ModelSpec& spec, const Engine& engine, const SignalState* start,
                                 Listener listen)
    : spec_(spec),
      memory_(*spec.memory),
      engine_(engine),
      bin_steps_(signal_bin_steps(spec.simulation.dt_ms)),
      reads_engine_(!memory_.plasticity.empty() || memory_.region),
      listen_(std::move(listen)) {
  const PopulationIds ids(spec);
  for (std::uint32_t k = 0; k < memory_.populations.size(); ++k)
    streams_.emplace_back(spec, k, first_id_of(ids, memory_.populations[k].population));
  if (start != nullptr) state_.branch = start->branch;
  if (start != nullptr && !start->streams.empty()) {
    if (start->streams.size() != streams_.size() || start->changes.size() != memory_.plasticity.size())
      throw Error(ExitCode::damaged_data,
                  "what was counted for the memory is of other populations or projections");
    state_.digest = start->digest;
    state_.changes = start->changes;
    for (std::size_t k = 0; k < streams_.size(); ++k) streams_[k].restore(start->streams[k]);
    return;
  }
  if (memory_.window_steps > 0)
    open(engine.step(), Signal::kNothing, Signal::kNothing);
  else if (!memory_.plasticity.empty())
    state_.changes = changes(engine.read_learning());
}

std::uint64_t SignalCollector::steps_left(std::uint64_t step) const {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  if (memory_.window_steps > 0) left = memory_.window_steps - step % memory_.window_steps;
  if (memory_.ripple && (reads_engine_ || memory_.coupling))
    left = std::min(left, bin_steps_ - step % bin_steps_);
  return left;
}

void SignalCollector::take(const Block& block) {
  const std::span<const std::uint32_t> ids(block.ids);
  std::uint64_t window_end = first_multiple_from(block.first_step, memory_.window_steps);
  std::uint64_t bin_end = first_multiple_from(block.first_step, memory_.ripple ? bin_steps_ : 0);
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const std::uint64_t step = block.first_step + i;
    const auto of_step = ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]);
    if (!of_step.empty())
      for (SignalStream& stream : streams_) stream.add(step, of_step);
    if (step == window_end) {
      close(step);
      open(step, Signal::kNothing, Signal::kNothing);
      window_end += memory_.window_steps;
    }
    if (step == bin_end) {
      end_bins(step);
      bin_end += bin_steps_;
    }
  }
}

void SignalCollector::present(std::uint32_t item, std::uint32_t label) {
  if (!memory_.window_is_presentation) return;
  // A run that goes on presents once more what begins at that step.
  if (item != Signal::kNothing && streams_.front().window_begin() == engine_.step()) return;
  close(engine_.step());
  if (item != Signal::kNothing) open(engine_.step(), item, label);
}

void SignalCollector::open(std::uint64_t step, std::uint32_t item, std::uint32_t label) {
  for (SignalStream& stream : streams_) stream.open(step, item, label);
  if (memory_.plasticity.empty()) return;
  state_.changes = changes(read_step_ == step ? readings_ : engine_.read_learning());
}

void SignalCollector::close(std::uint64_t step) {
  for (SignalStream& stream : streams_)
    if (std::optional<Signal> signal = stream.close(step)) tell(std::move(*signal));
}

void SignalCollector::end_bins(std::uint64_t step) {
  for (SignalStream& stream : streams_)
    if (std::optional<Signal> signal = stream.end_bin(step)) {
      tell(std::move(*signal));
      if (!memory_.has_windows() && !memory_.plasticity.empty()) state_.changes = changes(readings_);
    }
}

void SignalCollector::tell(Signal&& signal) {
  if (reads_engine_) read(signal);
  state_.digest = chained(hash_, state_.digest, signal);
  listen_(std::move(signal));
}

/// What is read is of the step that ended, which is the engine's: blocks end there.
void SignalCollector::read(Signal& signal) {
  if (read_step_ != engine_.step()) {
    read_step_ = engine_.step();
    if (!memory_.plasticity.empty()) readings_ = engine_.read_learning();
    if (memory_.region) levels_ = engine_.read_modulators()[*memory_.region];
  }
  signal.levels = levels_;
  const std::vector<std::uint64_t> now = changes(readings_);
  for (std::size_t k = 0; k < now.size(); ++k) {
    const std::uint32_t projection = memory_.plasticity[k];
    const double unit = PlasticityReading::kUnit * spec_.projections[projection].plasticity->w_max;
    signal.weight_change += static_cast<double>(now[k] - state_.changes[k]) * unit;
    const auto reading = std::ranges::find(readings_, projection, &LearningReading::projection);
    if (reading != readings_.end()) signal.eligibility += static_cast<double>(reading->eligibility) * unit;
  }
}

/// Of each projection that is told, since the beginning; 0 where it has no synapse.
std::vector<std::uint64_t> SignalCollector::changes(const std::vector<LearningReading>& readings) const {
  std::vector<std::uint64_t> sums;
  for (const std::uint32_t projection : memory_.plasticity) {
    const auto reading = std::ranges::find(readings, projection, &LearningReading::projection);
    sums.push_back(reading == readings.end() ? 0 : reading->changed);
  }
  return sums;
}

SignalState SignalCollector::state() const {
  SignalState state = state_;
  for (const SignalStream& stream : streams_) state.streams.push_back(stream.state());
  return state;
}

}  // namespace sharpwave
