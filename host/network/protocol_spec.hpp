// Experiments in trials: what can be presented to a network, in which order it is, and what is asked of the
// network's responses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sharpwave {

/// Items that can be presented to a population of sources, one at a time: rates to a poisson_source, spikes
/// to a spike_source.
struct StimulusSpec {
  std::string name;
  std::uint32_t population = 0;
  std::uint32_t size = 0;  ///< of that population
  std::uint32_t n_items = 0;
  std::vector<std::uint32_t> labels;  ///< [n_items] classes, or none
  // Rates: source i of an item has level_rates_Hz[levels[item * size + i]], times the gain of the trial.
  std::vector<double> level_rates_Hz;  ///< at most 65536
  std::vector<std::uint16_t> levels;   ///< [n_items * size]
  // Spikes: of an item those from spike_begin[item] to spike_begin[item + 1], by step, then by source.
  std::vector<std::uint64_t> spike_begin;    ///< [n_items + 1]; empty: it is of rates
  std::vector<std::uint64_t> spike_steps;    ///< since the item began, > 0
  std::vector<std::uint32_t> spike_sources;  ///< positions in the population
  [[nodiscard]] bool is_of_spikes() const { return !spike_begin.empty(); }
};

/// An item is presented again, stronger, while fewer spikes come of it.
struct RepeatSpec {
  std::uint64_t below = 0;       ///< spikes of the whole population in an attempt
  double gain_step = 0;          ///< added to the gain, which is 1 at first
  std::uint32_t most_times = 1;  ///< an item is presented
};

/// Trials of one kind. A trial is an attempt or several, an attempt a presentation and a rest after it.
struct PhaseSpec {
  std::string name;
  std::optional<std::uint32_t> stimulus{};  ///< none: it is one trial in which nothing is presented
  std::vector<std::uint32_t> items{};       ///< in this order, unless they are shuffled
  std::uint32_t epochs = 1;                 ///< so often all of them
  bool is_shuffled = false;                 ///< anew in each epoch
  std::uint64_t duration_steps = 0;
  std::uint64_t rest_steps = 0;              ///< the two together are > 0
  bool learning = true;                      ///< else weights and adaptive thresholds stay as they are
  std::optional<std::uint32_t> responses{};  ///< population of neurons whose spikes are counted
  RepeatSpec repeat{};
  bool is_to_label = false;  ///< the responses say what class a neuron stands for
  bool is_to_test = false;   ///< the neurons say what class an item is of

  [[nodiscard]] std::uint64_t n_trials() const { return stimulus ? std::uint64_t{items.size()} * epochs : 1; }
  [[nodiscard]] std::uint64_t attempt_steps() const { return duration_steps + rest_steps; }
  /// Are the spikes of each neuron kept for each trial?
  [[nodiscard]] bool keeps_responses() const { return is_to_label || is_to_test; }
};

struct ProtocolSpec {
  std::vector<StimulusSpec> stimuli;
  std::vector<PhaseSpec> phases;  ///< one after the other
  std::uint32_t n_classes = 0;    ///< labels are below

  [[nodiscard]] std::uint64_t n_trials() const;
  /// If none had to be repeated.
  [[nodiscard]] std::uint64_t least_steps() const;
  /// If each item had to be presented as often as it may be.
  [[nodiscard]] std::uint64_t most_steps() const;
  /// Spikes of one source in one step, at most, of what is presented to a population.
  [[nodiscard]] std::uint64_t largest_spike_count(std::uint32_t population) const;
};

inline constexpr std::uint32_t kNoClass = 0xffffffff;

}  // namespace sharpwave
