// Which synapses leave a source: the connection rules, turned around so that every rule yields rows by
// source. Everything is a pure function of the projection's name and the network seed, so rows can be made
// in any order by any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "host/base/thread_pool.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/random_streams.hpp"
#include "kernels/connection_rule.hpp"

namespace sharpwave {

/// The synapses of one projection that leave one source. Reused between calls; grows as needed.
struct SynapseRow {
  std::uint32_t n = 0;
  std::vector<std::uint32_t> target;        ///< [n] position within the target slice
  std::vector<std::uint32_t> weight_words;  ///< [n] random bits for the weight
  std::vector<std::uint32_t> delay_words;   ///< [n] random bits for the delay
  std::vector<std::uint32_t> element;       ///< [n] index into explicit weight and delay lists

  void resize(std::uint32_t size);

  // Scratch of the rules.
  std::vector<std::uint32_t> words0, words3;
  std::vector<std::uint64_t> seen;
};

/// Keys of what is drawn for a projection.
struct ConnectionKeys {
  PhiloxKey synapse;     ///< words of the synapses, by (source position, ordinal)
  PhiloxKey connection;  ///< whatever else the rule draws
};
/// @throws Error(invalid_config) where streams are equal, or the rule cannot draw these sources uniformly.
[[nodiscard]] ConnectionKeys connection_keys(const ModelSpec& spec, const ProjectionSpec& projection,
                                             StreamRegistry& streams);

/// Where an element of `from` stands in `to`, unless autapses are allowed.
[[nodiscard]] SelfPosition self_position(const ProjectionSpec& projection, const Slice& from,
                                         const Slice& to);

/// Of geometric_gap(), for pairs that are connected with probability p.
[[nodiscard]] double inverse_log_of_complement(double p);

/// One projection's rule.
class Connectivity {
 public:
  virtual ~Connectivity() = default;
  /// Fills `row` with the synapses of the source at `position` of the source slice, in order of ordinal.
  /// Safe from several threads with a row each.
  virtual void fill(std::uint32_t position, SynapseRow& row) const = 0;
};

[[nodiscard]] std::unique_ptr<Connectivity> make_connectivity(const ModelSpec& spec,
                                                              const ProjectionSpec& projection,
                                                              StreamRegistry& streams, ThreadPool& pool,
                                                              const CpuKernels& kernels);

/// Number of synapses; exact except for pairwise_bernoulli, where it is the expectation.
[[nodiscard]] double expected_synapses(const ProjectionSpec& projection);
[[nodiscard]] bool synapse_count_is_exact(const ProjectionSpec& projection);
/// Bytes that the rule holds while rows are made.
[[nodiscard]] double transient_bytes(const ProjectionSpec& projection);

}  // namespace sharpwave
