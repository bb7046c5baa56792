#include "host/signals/stream.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "host/network/step_times.hpp"

namespace sharpwave {
namespace {

// Fewer would say little about what is usual.
constexpr std::uint64_t kLeastBins = 100;

// In StreamState::window and ::ripple.
enum WindowNumber : std::size_t { kBegin, kItem, kLabel, kSpikes, kBins, kMostInBin };
enum RippleNumber : std::size_t { kRippleBegin, kRippleBins, kRippleSpikes, kRippleMostInBin };
// In StreamState::bins.
enum BinNumber : std::size_t { kBinsBefore, kSpikesBefore };

}  // namespace

std::uint64_t signal_bin_steps(double dt_ms) {
  return std::max<std::uint64_t>(1, nearest_step(kSignalBin_ms, dt_ms));
}

SignalStream::SignalStream(const ModelSpec& spec, std::uint32_t index, std::uint64_t first_id)
    : memory_(*spec.memory),
      index_(index),
      first_id_(first_id),
      n_neurons_(spec.populations[memory_.populations[index].population].size),
      dt_ms_(spec.simulation.dt_ms),
      warm_up_steps_(spec.simulation.warm_up_steps),
      bin_steps_(signal_bin_steps(dt_ms_)),
      embedder_(memory_.embedding, spec.populations[memory_.populations[index].population].name, n_neurons_),
      is_in_bin_(n_neurons_) {
  state_.population = spec.populations[memory_.populations[index].population].name;
  if (memory_.has_windows()) {
    state_.window_mean.resize(n_neurons_);
    state_.window_squares.resize(n_neurons_);
  }
  if (!memory_.ripple) return;
  state_.bins.resize(2);
  state_.ripple_mean.resize(n_neurons_);
  state_.ripple_squares.resize(n_neurons_);
}

void SignalStream::restore(const StreamState& state) {
  if (state.population != state_.population || state.window_mean.size() != state_.window_mean.size() ||
      state.ripple_mean.size() != state_.ripple_mean.size())
    throw Error(ExitCode::damaged_data, "what was counted for the memory is of '" + state.population +
                                            "', or of another number of neurons; expected " +
                                            std::to_string(n_neurons_) + " of '" + state_.population + "'");
  state_ = state;
  is_in_bin_.assign(n_neurons_, false);
  for (const std::uint32_t i : state_.window_bin) is_in_bin_[i] = true;
}

StreamState SignalStream::state() const {
  StreamState state = state_;
  std::ranges::sort(state.window_bin);
  return state;
}

void SignalStream::open(std::uint64_t step, std::uint32_t item, std::uint32_t label) {
  end_window_bin();
  state_.window = {step, item, label, 0, 0, 0};
  state_.window_counts.assign(n_neurons_, 0);
}

void SignalStream::add(std::uint64_t step, std::span<const std::uint32_t> ids) {
  const auto begin = std::lower_bound(ids.begin(), ids.end(), first_id_);
  const auto end = std::lower_bound(begin, ids.end(), first_id_ + n_neurons_);
  if (begin == end) return;
  if (!state_.window.empty()) begin_window_bin(step);
  for (auto id = begin; id != end; ++id) {
    const auto i = static_cast<std::uint32_t>(*id - first_id_);
    if (!state_.window.empty()) count_in_window(i);
    if (memory_.ripple) state_.bin_indices.push_back(i);
  }
}

/// That of `step`, if another was running.
void SignalStream::begin_window_bin(std::uint64_t step) {
  const std::uint64_t bin = (step - state_.window[kBegin] - 1) / bin_steps_;
  if (bin == state_.window[kBins]) return;
  end_window_bin();
  state_.window[kBins] = bin;
}

void SignalStream::count_in_window(std::uint32_t index) {
  ++state_.window[kSpikes];
  ++state_.window_counts[index];
  if (is_in_bin_[index]) return;
  is_in_bin_[index] = true;
  state_.window_bin.push_back(index);
}

void SignalStream::end_window_bin() {
  if (!state_.window.empty())
    state_.window[kMostInBin] = std::max<std::uint64_t>(state_.window[kMostInBin], state_.window_bin.size());
  for (const std::uint32_t i : state_.window_bin) is_in_bin_[i] = false;
  state_.window_bin.clear();
}

std::optional<Signal> SignalStream::close(std::uint64_t step) {
  if (state_.window.empty()) return std::nullopt;
  end_window_bin();
  const std::vector<std::uint64_t> window = std::exchange(state_.window, {});
  const std::vector<std::uint32_t> counts = std::exchange(state_.window_counts, {});
  return finished({.kind = SignalKind::window,
                   .begin_step = window[kBegin],
                   .end_step = step,
                   .item = static_cast<std::uint32_t>(window[kItem]),
                   .label = static_cast<std::uint32_t>(window[kLabel]),
                   .n_spikes = window[kSpikes],
                   .synchrony = static_cast<double>(window[kMostInBin]) / n_neurons_},
                  counts, state_.window_mean, state_.window_squares, state_.told[kWindowsSeen]);
}

// --- ripples ----------------------------------------------------------------------------------------------

/// Spikes in a bin; more of them are a ripple. Infinite before it is known.
double SignalStream::threshold() const {
  const RippleSpec& ripple = *memory_.ripple;
  if (ripple.rate_Hz) return *ripple.rate_Hz * 1e-3 * dt_ms_ * static_cast<double>(bin_steps_) * n_neurons_;
  if (state_.bins[kBinsBefore] < kLeastBins) return std::numeric_limits<double>::infinity();
  return ripple.factor * static_cast<double>(state_.bins[kSpikesBefore]) /
         static_cast<double>(state_.bins[kBinsBefore]);
}

std::uint32_t SignalStream::distinct(std::vector<std::uint32_t> indices) const {
  std::ranges::sort(indices);
  return static_cast<std::uint32_t>(std::ranges::unique(indices).begin() - indices.begin());
}

std::optional<Signal> SignalStream::end_bin(std::uint64_t step) {
  const double most = threshold();
  const auto n_spikes = static_cast<double>(state_.bin_indices.size());
  std::optional<Signal> signal;
  if (n_spikes > most)
    add_to_ripple(step - bin_steps_, most > 0 ? n_spikes / most : n_spikes);
  else
    signal = end_ripple(step - bin_steps_);
  if (!state_.ripple.empty() && state_.ripple[kRippleBins] >= memory_.ripple->longest_bins)
    signal = end_ripple(step);
  ++state_.bins[kBinsBefore];
  state_.bins[kSpikesBefore] += state_.bin_indices.size();
  state_.bin_indices.clear();
  return signal;
}

void SignalStream::add_to_ripple(std::uint64_t begin_step, double burst) {
  if (state_.ripple.empty()) {
    state_.ripple = {begin_step, 0, 0, 0};
    state_.ripple_peak = {0};
    state_.ripple_counts.assign(n_neurons_, 0);
  }
  ++state_.ripple[kRippleBins];
  state_.ripple[kRippleSpikes] += state_.bin_indices.size();
  state_.ripple[kRippleMostInBin] =
      std::max<std::uint64_t>(state_.ripple[kRippleMostInBin], distinct(state_.bin_indices));
  state_.ripple_peak[0] = std::max(state_.ripple_peak[0], burst);
  for (const std::uint32_t i : state_.bin_indices) ++state_.ripple_counts[i];
}

std::optional<Signal> SignalStream::end_ripple(std::uint64_t step) {
  if (state_.ripple.empty()) return std::nullopt;
  const std::vector<std::uint64_t> ripple = std::exchange(state_.ripple, {});
  const std::vector<std::uint32_t> counts = std::exchange(state_.ripple_counts, {});
  const double burst = std::exchange(state_.ripple_peak, {})[0];
  if (ripple[kRippleBins] < memory_.ripple->shortest_bins) return std::nullopt;
  return finished({.kind = SignalKind::ripple,
                   .begin_step = ripple[kRippleBegin],
                   .end_step = step,
                   .n_spikes = ripple[kRippleSpikes],
                   .synchrony = static_cast<double>(ripple[kRippleMostInBin]) / n_neurons_,
                   .burst = burst},
                  counts, state_.ripple_mean, state_.ripple_squares, state_.told[kRipplesSeen]);
}

/// What they have in common: the embedding, and whether there is a signal at all.
std::optional<Signal> SignalStream::finished(Signal signal, std::span<const std::uint32_t> counts,
                                             std::vector<double>& mean, std::vector<double>& squares,
                                             std::uint64_t& n_seen) {
  learn(counts, ++n_seen, mean, squares);
  if (signal.begin_step < warm_up_steps_) return std::nullopt;
  if (n_seen <= memory_.embedding.settle) {
    ++state_.told[kSettling];
    return std::nullopt;
  }
  if (signal.n_spikes > 0) signal.embedding = embedder_.embed(counts, mean, squares, n_seen);
  if (signal.embedding.empty()) {
    ++state_.told[kSilent];
    return std::nullopt;
  }
  signal.stream = index_;
  signal.number = ++state_.told[kSignals];
  const double seconds = static_cast<double>(signal.end_step - signal.begin_step) * dt_ms_ / 1000;
  signal.mean_rate_Hz = static_cast<double>(signal.n_spikes) / (n_neurons_ * seconds);
  return signal;
}

}  // namespace sharpwave
