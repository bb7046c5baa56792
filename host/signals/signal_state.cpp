#include "host/signals/signal_state.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave {
namespace {

using Fault = std::optional<SignalFault>;

constexpr std::uint64_t kMost = std::uint64_t{1} << 60;

bool is_finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double x) { return std::isfinite(x); });
}

bool is_from_0(const std::vector<double>& values) {
  return is_finite(values) && std::ranges::all_of(values, [](double x) { return x >= 0; });
}

bool is_below(const std::vector<std::uint64_t>& values, std::uint64_t bound) {
  return std::ranges::all_of(values, [&](std::uint64_t x) { return x < bound; });
}

/// What one of two lists of numbers is, where both are there or neither.
Fault fault_of_span(const std::string& column, const std::vector<std::uint64_t>& numbers, std::size_t n,
                    std::size_t counts, std::size_t neurons) {
  if (numbers.empty() && counts == 0) return std::nullopt;
  if (numbers.size() != n || !is_below(numbers, kMost))
    return {{column, "expected none, or " + std::to_string(n) + " numbers below 2^60"}};
  if (counts != neurons)
    return {{column + "_counts", "has " + std::to_string(counts) + " values; expected " +
                                     std::to_string(neurons) + ", as there are neurons"}};
  return std::nullopt;
}

Fault fault_of(const StreamState& s) {
  const std::size_t n = std::max(s.window_mean.size(), s.ripple_mean.size());
  if (s.told.size() != kToldNumbers || !is_below(s.told, kMost))
    return {{"told", "expected " + std::to_string(kToldNumbers) + " numbers below 2^60"}};
  if (auto fault = fault_of_span("window", s.window, kWindowNumbers, s.window_counts.size(), n)) return fault;
  if (auto fault = fault_of_span("ripple", s.ripple, kRippleNumbers, s.ripple_counts.size(), n)) return fault;
  for (const auto* mean : {&s.window_mean, &s.ripple_mean})
    if ((!mean->empty() && mean->size() != n) || !is_from_0(*mean))
      return {{mean == &s.window_mean ? "window_mean" : "ripple_mean",
               "expected none, or numbers of 0 or more, one for each neuron"}};
  for (const auto& [name, squares, mean] : {std::tuple{"window_squares", &s.window_squares, &s.window_mean},
                                            std::tuple{"ripple_squares", &s.ripple_squares, &s.ripple_mean}})
    if (squares->size() != mean->size() || !is_from_0(*squares))
      return {{name, "expected numbers of 0 or more, as many as means"}};
  if (std::ranges::adjacent_find(s.window_bin, std::greater_equal()) != s.window_bin.end() ||
      (!s.window_bin.empty() && s.window_bin.back() >= n))
    return {{"window_bin", "expected indices of neurons, ascending"}};
  if (std::ranges::any_of(s.bin_indices, [&](std::uint32_t i) { return i >= n; }))
    return {{"bin_indices", "expected indices of neurons"}};
  if (s.bins.size() != (s.ripple_mean.empty() ? 0u : 2u) || !is_below(s.bins, kMost))
    return {{"bins", "expected none, or where ripples are looked for 2 numbers below 2^60"}};
  if (s.ripple_peak.size() != (s.ripple.empty() ? 0u : 1u) || !is_from_0(s.ripple_peak))
    return {{"ripple_peak", "expected a number of 0 or more where a ripple has begun, else none"}};
  return std::nullopt;
}

}  // namespace

std::optional<SignalFault> find_fault(const SignalState& state) {
  for (std::size_t k = 0; k < state.streams.size(); ++k)
    if (auto fault = fault_of(state.streams[k]))
      return {{"streams/" + std::to_string(k) + "/" + fault->column, fault->what}};
  const std::size_t n_answers = state.answer_due.size();
  if (state.answer_novelty.size() != n_answers || state.answer_patterns.size() != n_answers ||
      !std::ranges::is_sorted(state.answer_due))
    return {{"answer_due", "expected steps, none below the one before, of as many answers as other lists"}};
  if (!is_finite(state.answer_novelty)) return {{"answer_novelty", "expected finite numbers"}};
  std::uint64_t n_values = 0;
  for (const std::uint64_t n : state.answer_patterns) n_values += std::min(n, kMost / (n_answers + 1));
  if (n_values != state.patterns.size())
    return {{"patterns", "expected as many values as answer_patterns says"}};
  for (const auto* values : {&state.patterns, &state.to_replay})
    if (std::ranges::any_of(*values, [](float x) { return !std::isfinite(x); }))
      return {{values == &state.patterns ? "patterns" : "to_replay", "expected finite numbers"}};
  return std::nullopt;
}

}  // namespace sharpwave
