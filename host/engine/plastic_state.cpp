#include "host/engine/plastic_state.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/number_text.hpp"

namespace sharpwave {
namespace {

using PlasticStateFault = std::optional<PlasticFault>;

constexpr float kLargestTrace = 1e30f;                     // no train gives it
constexpr std::uint64_t kOldest = std::uint64_t{1} << 60;  // sums of it stay far from overflow

template <class List>
PlasticStateFault fault_of_size(const char* column, const List& list, std::size_t size, const char* other) {
  if (list.size() == size) return {};
  return {{column, "has " + std::to_string(list.size()) + " values; expected " + std::to_string(size) +
                       ", as " + other + " has"}};
}

PlasticStateFault fault_of_counts(const char* column, const std::vector<std::uint64_t>& counts) {
  const std::size_t n = PlasticState{}.counts.size();
  if (counts.size() != n)
    return {{column, "has " + std::to_string(counts.size()) + " values; expected " + std::to_string(n)}};
  for (std::size_t i = 0; i < n; ++i)
    if (counts[i] > kOldest && !(i == n - 1 && counts[i] == PlasticState::kNever))
      return {{column, "value " + std::to_string(i) + " is " + std::to_string(counts[i]) +
                           "; expected at most 2^60, and of the last 2^64 - 1 for never"}};
  return {};
}

/// @param least  0, 1, or the negative of the largest.
PlasticStateFault fault_of_reals(const char* column, const std::vector<float>& values, float least) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] >= least && values[i] <= kLargestTrace))
      return {{column, "value " + std::to_string(i) + " is " + number_text(double{values[i]}) +
                           "; expected a number from " + (least < 0 ? "-1e30" : number_text(double{least})) +
                           " to 1e30"}};
  return {};
}

PlasticStateFault fault_of_ages(const char* column, const std::vector<std::uint64_t>& ages,
                                bool may_be_never) {
  for (std::size_t i = 0; i < ages.size(); ++i)
    if (ages[i] > kOldest && !(may_be_never && ages[i] == PlasticState::kNever))
      return {{column, "value " + std::to_string(i) + " is " + std::to_string(ages[i]) +
                           "; expected at most 2^60" + (may_be_never ? ", or 2^64 - 1 for never" : "")}};
  return {};
}

/// The spike before the last one was earlier.
PlasticStateFault fault_of_order(const char* column, const std::vector<std::uint64_t>& last,
                                 const std::vector<std::uint64_t>& before_last) {
  for (std::size_t i = 0; i < last.size(); ++i)
    if (before_last[i] != PlasticState::kNever && before_last[i] <= last[i])
      return {{column, "value " + std::to_string(i) + " is " + std::to_string(before_last[i]) +
                           "; expected more than " + std::to_string(last[i]) +
                           ", the age of the spike after it"}};
  return {};
}

PlasticStateFault fault_of_descent(const char* column, const std::vector<std::uint64_t>& ages) {
  if (std::ranges::is_sorted(ages, std::greater())) return {};
  return {{column, "expected the oldest first"}};
}

/// Traces are divided by what was left of one at a time: it is above 0.
PlasticStateFault fault_of_gate(const std::vector<double>& gate) {
  constexpr double kMostSteps = 0x1p53;
  if (gate.empty()) return {};
  const auto fault = [&](std::size_t i, const char* expected) -> PlasticStateFault {
    return {
        {"gate", "value " + std::to_string(i) + " is " + number_text(gate[i]) + "; expected " + expected}};
  };
  if (gate.size() % 2 == 0)
    return {{"gate", "has " + std::to_string(gate.size()) + " values; expected an odd number"}};
  if (!(gate[0] >= 0 && gate[0] <= kMostSteps && gate[0] == std::floor(gate[0])))
    return fault(0, "a number of steps, up to 2^53");
  const std::size_t n = (gate.size() - 1) / 2;
  for (std::size_t i = 1; i < gate.size(); ++i) {
    if (i <= n && !(gate[i] > 0 && gate[i] <= 1)) return fault(i, "more than 0, at most 1");
    if (i > n && !(std::fabs(gate[i]) <= double{kLargestTrace}))
      return fault(i, "a number from -1e30 to 1e30");
  }
  return {};
}

PlasticStateFault first_of(std::initializer_list<PlasticStateFault> faults) {
  for (const PlasticStateFault& fault : faults)
    if (fault) return fault;
  return {};
}

PlasticStateFault fault_of_sizes(const PlasticState& s) {
  const std::size_t n = s.source_last_age.size();
  const std::size_t f = s.flight_source.size();
  const std::size_t p = s.post_neuron.size();
  const PlasticStateFault of_traces =
      s.traces.empty() ? PlasticStateFault() : fault_of_size("traces", s.traces, s.weights.size(), "weights");
  const std::size_t triplets = s.source_slow.empty() ? 0 : 1;
  const std::size_t eligibilities = s.gate.empty() ? 0 : 1;
  const std::size_t modulated = s.flight_rate.empty() && s.post_rate.empty() ? 0 : 1;
  return first_of(
      {of_traces,
       fault_of_size("source_slow", s.source_slow, n * triplets, "source_last_age"),
       fault_of_size("flight_slow", s.flight_slow, f * triplets, "flight_source"),
       fault_of_size("post_slow", s.post_slow, p * triplets, "post_neuron"),
       fault_of_size("source_since_age", s.source_since_age, n * eligibilities, "source_last_age"),
       fault_of_size("flight_since_age", s.flight_since_age, f * eligibilities, "flight_source"),
       fault_of_size("flight_rate", s.flight_rate, f * modulated, "flight_source"),
       fault_of_size("post_rate", s.post_rate, p * modulated, "post_neuron"),
       fault_of_counts("counts", s.counts),
       fault_of_size("source_before_last_age", s.source_before_last_age, n, "source_last_age"),
       fault_of_size("source_trace", s.source_trace, n, "source_last_age"),
       fault_of_size("source_spikes", s.source_spikes, n, "source_last_age"),
       fault_of_size("flight_age", s.flight_age, f, "flight_source"),
       fault_of_size("flight_last_age", s.flight_last_age, f, "flight_source"),
       fault_of_size("flight_before_last_age", s.flight_before_last_age, f, "flight_source"),
       fault_of_size("flight_trace", s.flight_trace, f, "flight_source"),
       fault_of_size("flight_spikes", s.flight_spikes, f, "flight_source"),
       fault_of_size("post_age", s.post_age, p, "post_neuron"),
       fault_of_size("post_trace", s.post_trace, p, "post_neuron"),
       s.scaled_age.size() == 1
           ? PlasticStateFault()
           : PlasticStateFault(
                 {"scaled_age", "has " + std::to_string(s.scaled_age.size()) + " values; expected 1"})});
}

}  // namespace

std::optional<PlasticFault> find_fault(const PlasticState& s) {
  if (PlasticStateFault fault = fault_of_sizes(s)) return fault;
  for (const std::uint32_t source : s.flight_source)
    if (source >= s.source_last_age.size())
      return {{"flight_source", "holds " + std::to_string(source) + "; expected a position below " +
                                    std::to_string(s.source_last_age.size())}};
  return first_of({fault_of_reals("weights", s.weights, 0),
                   fault_of_reals("traces", s.traces, s.gate.empty() ? 0 : -kLargestTrace),
                   fault_of_ages("source_last_age", s.source_last_age, true),
                   fault_of_ages("source_before_last_age", s.source_before_last_age, true),
                   fault_of_order("source_before_last_age", s.source_last_age, s.source_before_last_age),
                   fault_of_reals("source_trace", s.source_trace, 0),
                   fault_of_reals("source_spikes", s.source_spikes, 1),
                   fault_of_ages("flight_age", s.flight_age, false),
                   fault_of_descent("flight_age", s.flight_age),
                   fault_of_ages("flight_last_age", s.flight_last_age, true),
                   fault_of_ages("flight_before_last_age", s.flight_before_last_age, true),
                   fault_of_order("flight_before_last_age", s.flight_last_age, s.flight_before_last_age),
                   fault_of_reals("flight_trace", s.flight_trace, 0),
                   fault_of_reals("flight_spikes", s.flight_spikes, 1),
                   fault_of_ages("post_age", s.post_age, false),
                   fault_of_descent("post_age", s.post_age),
                   fault_of_reals("post_trace", s.post_trace, 0),
                   fault_of_reals("source_slow", s.source_slow, 0),
                   fault_of_reals("flight_slow", s.flight_slow, 0),
                   fault_of_reals("post_slow", s.post_slow, 0),
                   fault_of_ages("source_since_age", s.source_since_age, true),
                   fault_of_ages("flight_since_age", s.flight_since_age, true),
                   fault_of_reals("flight_rate", s.flight_rate, 0),
                   fault_of_reals("post_rate", s.post_rate, 0),
                   fault_of_gate(s.gate),
                   fault_of_ages("scaled_age", s.scaled_age, true)});
}

}  // namespace sharpwave
