// What a rule connects, as plain lists.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/thread_pool.hpp"
#include "host/network/connectivity.hpp"

namespace sharpwave::test {

struct Row {
  std::vector<std::uint32_t> targets, weight_words, delay_words, elements;
  bool operator==(const Row&) const = default;
};

inline std::vector<Row> rows_of(const ProjectionSpec& projection, const Connectivity& connectivity) {
  std::vector<Row> rows;
  SynapseRow scratch;  // shared, as in the builder: what one row leaves behind must not reach the next
  for (std::uint32_t s = 0; s < projection.source.size(); ++s) {
    connectivity.fill(s, scratch);
    const auto first = [&](const std::vector<std::uint32_t>& list) {
      return std::vector<std::uint32_t>(list.begin(), list.begin() + scratch.n);
    };
    rows.push_back({first(scratch.target), first(scratch.weight_words), first(scratch.delay_words),
                    first(scratch.element)});
  }
  return rows;
}

inline std::vector<Row> rows_of(const ModelSpec& spec, std::size_t k, int threads = 1) {
  ThreadPool pool(threads);
  StreamRegistry streams;
  const auto& projection = spec.projections[k];
  return rows_of(projection, *make_connectivity(spec, projection, streams, pool, select_cpu_kernels()));
}

inline std::uint64_t synapses_in(const std::vector<Row>& rows) {
  std::uint64_t n = 0;
  for (const Row& row : rows) n += row.targets.size();
  return n;
}

}  // namespace sharpwave::test
