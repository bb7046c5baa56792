// A built network read back, and what it should hold, as lists of synapses.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "host/network/network.hpp"

namespace sharpwave::test {

struct Synapse {
  std::uint32_t source = 0;  ///< source id
  std::uint32_t target = 0;  ///< global id
  std::uint32_t delay = 0;   ///< steps
  std::int64_t units = 0;    ///< on the receptor's grid
  int receptor = 0;          ///< 0 where the weight is 0: its receptor makes no difference
  auto operator<=>(const Synapse&) const = default;
};

struct Reading {
  std::vector<Synapse> synapses;  ///< sorted
  std::uint64_t n_chunks = 0;     ///< that belong to rows
  std::uint64_t offset_bytes = 0;
  std::uint64_t n_bits = 0;  ///< synapses that are held as bits
  std::uint64_t bit_bytes = 0;
  std::uint64_t repeated_cells = 0;    ///< synapses that name a cell of an earlier one of their chunk
  std::uint64_t misplaced = 0;         ///< synapses of a cell that no neuron has
  std::uint64_t weighty_padding = 0;   ///< padding whose weight is not 0
  std::uint64_t overlapping_rows = 0;  ///< chunks that belong to two rows

  /// Bytes that the layout takes, without the unused ends of allocations.
  [[nodiscard]] std::uint64_t bytes(const Network& net) const;
};

[[nodiscard]] Reading read_network(const Network& net);

/// The synapses that the rules make, on the grids of the network, one by one. Sorted.
[[nodiscard]] std::vector<Synapse> expected_network(const ModelSpec& spec);

}  // namespace sharpwave::test
