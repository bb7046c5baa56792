#include "host/engine/presented.hpp"

#include <algorithm>

#include "host/base/error.hpp"

namespace sharpwave {

const Presented* in_force(const std::vector<Presented>& presented, std::uint64_t step) {
  const auto later = std::ranges::find_if(presented, [&](const Presented& p) { return p.step >= step; });
  return later == presented.begin() ? nullptr : &*(later - 1);
}

void forget_presented(std::vector<Presented>& presented, std::uint64_t step, std::uint64_t steps) {
  const auto is_over = [&](const Presented& next) { return next.step + steps <= step; };
  const auto first_needed = std::ranges::find_if_not(presented, is_over);
  if (first_needed - presented.begin() > 1) presented.erase(presented.begin(), first_needed - 1);
}

namespace {

/// The proof that no sum overflows knows the rate that a population is presented at most.
bool is_within_bounds(const Presented& p, const StimulusSpec& stimulus, const ModelSpec& spec) {
  if (stimulus.is_of_spikes()) return p.gain == 1;
  const auto* sources = std::get_if<PoissonSourceSpec>(&spec.populations[stimulus.population].kind);
  const double largest_Hz = *std::ranges::max_element(stimulus.level_rates_Hz);
  return sources != nullptr && p.gain >= 0 && largest_Hz * p.gain <= sources->presented_up_to_Hz.value_or(0);
}

}  // namespace

std::optional<std::string> find_fault(const std::vector<Presented>& presented, const ModelSpec& spec,
                                      std::uint64_t step) {
  if (spec.protocol == nullptr && !presented.empty()) return "something is presented without a protocol";
  for (std::size_t k = 0; k < presented.size(); ++k) {
    const Presented& p = presented[k];
    if (p.step > step || (k > 0 && p.step <= presented[k - 1].step))
      return "what is presented is not in the order of its steps";
    if (p.stimulus == Presented::kNothing) continue;
    if (p.stimulus >= spec.protocol->stimuli.size() || p.item >= spec.protocol->stimuli[p.stimulus].n_items)
      return "an item is presented that is not there";
    if (!is_within_bounds(p, spec.protocol->stimuli[p.stimulus], spec))
      return "an item is presented with a gain that is out of bounds";
  }
  return std::nullopt;
}

bool is_learning(const std::vector<Presented>& presented) {
  return presented.empty() || presented.back().learning;
}

void add_presented(std::vector<Presented>& presented, const Presented& next, const ModelSpec& spec,
                   std::uint64_t step, std::uint64_t steps) {
  SHARPWAVE_ASSERT(next.step == step);
  if (!presented.empty() && presented.back().step == step) presented.pop_back();
  presented.push_back(next);
  SHARPWAVE_ASSERT(!find_fault(presented, spec, step));
  forget_presented(presented, step, steps);
}

}  // namespace sharpwave
