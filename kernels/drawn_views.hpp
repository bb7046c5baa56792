// What the kernels see that draw the rows of a network (docs/decisions/0024).
#pragma once

#include <array>
#include <cstdint>

#include "kernels/connection_rule.hpp"
#include "kernels/distribution.hpp"
#include "kernels/philox.hpp"

namespace sharpwave::device {

enum class PairRule {
  random_targets,  ///< as many as the source has synapses, with replacement
  all_targets,
  same_position,
  fixed_indegree,  ///< with replacement
  bernoulli,
};

/// Who is connected to whom. A synapse is known by the position of its source and its ordinal in the row.
struct DrawnPairs {
  PairRule rule = PairRule::random_targets;
  PhiloxKey key{};                       ///< of the synapses
  PhiloxKey select_key{};                ///< of whatever else the rule draws
  std::uint32_t n_sources = 0;           ///< of the slice, likewise
  std::uint32_t n_targets = 0;           ///< likewise
  SelfPosition to_target;                ///< of a source among the targets
  SelfPosition to_source;                ///< of a target among the sources
  std::uint64_t n_draws = 0;             ///< random_targets: sources that are drawn, else 0
  std::uint32_t indegree = 0;            ///< fixed_indegree
  bool connects = false;                 ///< bernoulli: is the probability above 0?
  double inverse_log = 0;                ///< bernoulli: of geometric_gap()
  std::uint32_t* degrees = nullptr;      ///< [n_sources] synapses of each
  const std::uint64_t* first = nullptr;  ///< [n_sources + 1] where a row begins in `targets`
  std::uint32_t* targets = nullptr;  ///< of all rows, ascending in each; null: the synapses' words say them
};

/// Weights and delays, and what segment a synapse is in.
struct DrawnValues {
  DrawParameters weight;
  DrawParameters delay;  ///< ms
  double steps_per_ms = 1;
  std::uint32_t first_delay = 1;           ///< steps
  std::uint32_t last_delay = 1;            ///< steps
  bool is_wide = false;                    ///< are weights of 64 bits?
  std::array<int, 2> exponent{};           ///< of the stored weight, by sign
  std::array<std::uint32_t, 2> channel{};  ///< within the row, by sign
  std::uint32_t first_target = 0;          ///< id of the first element of the slice
  std::uint32_t target_stride = 1;
  std::uint32_t first_source = 0;  ///< likewise
  std::uint32_t source_stride = 1;
  unsigned long long* bits = nullptr;  ///< as PairBits has them, where pairs are held so, else null
  std::uint32_t first_element = 0;     ///< likewise
  std::uint32_t n_words = 0;           ///< likewise
};

/// What is written of synapses. Arrays of synapses as Connections has them.
struct DrawnSynapses {
  std::uint32_t* left = nullptr;         ///< [segment] synapses that are not yet written
  const std::uint64_t* begin = nullptr;  ///< [segment]
  std::uint32_t* synapses = nullptr;
  std::uint16_t* wide_cells = nullptr;
  std::int64_t* wide_weights = nullptr;
  std::uint32_t* arrivals = nullptr;  ///< [sign][n_targets] synapses of the projection
  unsigned long long* connectivity_sum = nullptr;
};

}  // namespace sharpwave::device
