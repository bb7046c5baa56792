#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "benchmarks/memory/questions.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::bench_memory {

namespace {

constexpr std::size_t k = 10;
constexpr std::size_t kQueries = 200;
constexpr int kRepeats = 3;
constexpr double kSeconds = 1;
constexpr std::uint64_t kInserts = 1000;  ///< in a change

void fill(memory::Space& space, Vectors& vectors, std::uint64_t n) {
  for (std::uint64_t done = 0; done < n; done += kInserts)
    space.commit([&](memory::Transaction& change) {
      for (std::uint64_t i = done; i < std::min(n, done + kInserts); ++i)
        static_cast<void>(change.insert(memory::Item{.event_ms = static_cast<double>(i)}, vectors.next()));
    });
}

void wait_until_built(const memory::Space& space) {
  while (space.index().state == memory::IndexState::rebuilding || space.index().n_waiting > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (space.index().state != memory::IndexState::ready)
    throw std::runtime_error("there is no index: this did not measure what it says");
}

double recall(const memory::Space& space, const std::vector<std::vector<float>>& queries) {
  std::size_t found = 0;
  for (const std::vector<float>& query : queries) {
    const memory::Answer exact = space.search(query, {.k = k, .exact = true});
    const memory::Answer index = space.search(query, {.k = k});
    if (index.plan != memory::Plan::index) throw std::runtime_error("the index was not used");
    for (const memory::Neighbour& neighbour : index.neighbours)
      found +=
          std::find(exact.neighbours.begin(), exact.neighbours.end(), neighbour) != exact.neighbours.end()
              ? 1
              : 0;
  }
  return static_cast<double>(found) / static_cast<double>(k * queries.size());
}

/// Searches a second, of one thread.
Range rate(const memory::Space& space, const std::vector<std::vector<float>>& queries, bool exact) {
  std::vector<double> rates;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    std::size_t n = 0;
    const auto begin = Clock::now();
    for (; n == 0 || seconds_since(begin) < kSeconds; ++n)
      if (space.search(queries[n % queries.size()], {.k = k, .exact = exact}).neighbours.size() != k)
        throw std::runtime_error("too few were found");
    rates.push_back(static_cast<double>(n) / seconds_since(begin));
  }
  return range_of(rates);
}

Json json_of(const Range& range) {
  return {{"min", range.min}, {"median", range.median}, {"max", range.max}};
}

}  // namespace

Json measure_search(Shape shape, std::uint32_t dimension, std::uint64_t n_items) {
  const Folder folder;
  // The index also where a scan would be the default: where that is right is part of the question.
  const memory::StoreOptions options{.sync = memory::SyncMode::none, .index_from_vectors = 1};
  Vectors vectors(shape, dimension, 2);
  double build_s = 0;
  std::uint64_t bytes = 0;
  {
    memory::Store store(folder / "store", options);
    const auto space = store.space(memory::kDefaultSpace);
    const auto begin = Clock::now();
    fill(*space, vectors, n_items);
    wait_until_built(*space);
    build_s = seconds_since(begin);
    bytes = space->backend().bytes();
  }
  const auto begin = Clock::now();
  memory::Store store(folder / "store", options);
  const auto space = store.space(memory::kDefaultSpace);
  wait_until_built(*space);
  const double start_s = seconds_since(begin);
  if (space->size() != n_items) throw std::runtime_error("items are missing");

  std::vector<std::vector<float>> queries;
  for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(vectors.next());
  const double share = recall(*space, queries);
  const Range exact = rate(*space, queries, true);
  const Range index = rate(*space, queries, false);
  fmt::print("{:<10}{:>6}{:>10}{:>11.4f}{:>14.0f}{:>14.0f}{:>8.1f}{:>10.1f}{:>10.2f}{:>10.0f}{:>10.0f}\n",
             name_of(shape), dimension, n_items, share, exact.median, index.median,
             index.median / exact.median, build_s, start_s,
             static_cast<double>(bytes) / static_cast<double>(n_items),
             static_cast<double>(space->index().bytes) / static_cast<double>(n_items));
  return {{"shape", name_of(shape)},
          {"dimension", dimension},
          {"items", n_items},
          {"recall_at_10", share},
          {"exact_per_s", json_of(exact)},
          {"index_per_s", json_of(index)},
          {"build_s", build_s},
          {"start_s", start_s},
          {"bytes_per_item", static_cast<double>(bytes) / static_cast<double>(n_items)},
          {"index_bytes_per_item", static_cast<double>(space->index().bytes) / static_cast<double>(n_items)}};
}

}  // namespace sharpwave::bench_memory
