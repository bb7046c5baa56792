// The vector index of a space: when there is one, how it follows the space, and its files.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "memory_store/transaction.hpp"
#include "memory_store/vector_index.hpp"
#include "memory_store/vector_table.hpp"

namespace sharpwave::memory {

enum class IndexState : std::uint8_t {
  none_needed,  ///< the vectors are so few that scanning them is as quick
  ready,
  rebuilding,  ///< searches scan until it is made
  failed       ///< it could not be made; searches scan
};
[[nodiscard]] const char* name_of(IndexState state);

struct IndexOptions {
  std::filesystem::path folder;     ///< of its files; empty: it has none
  std::string space;                ///< whose name stands in them
  std::size_t from_vectors = 5000;  ///< fewer are scanned; at least 1
  IndexParameters parameters;
};

/// How the index is doing.
struct IndexReport {
  IndexState state = IndexState::none_needed;
  std::size_t n_vectors = 0;     ///< in the graph, with tombstones
  std::size_t n_tombstones = 0;  ///< of items that are gone
  std::size_t n_waiting = 0;     ///< in the space and not yet in the graph
  std::size_t n_inserted = 0;    ///< came into the graph since the space was opened
  std::uint64_t bytes = 0;       ///< in memory
  std::string note;              ///< why its files were not used, or what failed last; empty: nothing
};

/// A graph over the vectors of a space, which a thread of its own brings up to date.
///
/// What is in the space and not in the graph waits; while few do, searches look at them one by one, so that
/// nothing is missed, and while many do, at everything. So a build is a graph with nothing in it, and all
/// that the space has waits. Items that are gone stay in the graph as tombstones until these are 30 % of it;
/// then it is built anew.
///
/// Whoever has it guards the table of vectors: open(), changed(), restart() and candidates() are called while
/// it cannot change. Otherwise safe from several threads.
class SpaceIndex {
 public:
  /// What it asks of its space; never while it is called by it.
  struct Owner {
    std::function<std::vector<float>(ItemId)> vector_of;  ///< empty where the item is gone
    std::function<bool()> is_writable;
  };
  SpaceIndex(IndexOptions options, Owner owner);
  /// Stops its thread, after one insertion or save at most, and saves what is not.
  ~SpaceIndex();
  SpaceIndex(const SpaceIndex&) = delete;
  SpaceIndex& operator=(const SpaceIndex&) = delete;

  /// Takes what the files have, where each vector of theirs whose item is in `vectors` is the same there, and
  /// the others are of items that were there once.
  /// @param next_id  no item of the space had this id or one above.
  void open(const VectorTable& vectors, ItemId next_id);
  /// @param group    what has changed.
  /// @param vectors  with these changes.
  void changed(const Pending& group, const VectorTable& vectors);
  /// Forgets the graph and removes its files. @throws Error(io) where these stay.
  void restart(const VectorTable& vectors);
  /// Until the graph has everything, and was saved, or there is none.
  void wait_until_built();

  struct Candidates {
    std::vector<ItemId> from_graph;  ///< about those nearest to the query, maybe tombstones
    std::vector<ItemId> waiting;
  };
  /// @param n  how many of the graph.
  /// @return none where the state is not `ready`.
  [[nodiscard]] std::optional<Candidates> candidates(std::span<const float> query, std::size_t n) const;
  [[nodiscard]] IndexState state() const;
  [[nodiscard]] IndexReport report() const;
  [[nodiscard]] const IndexOptions& options() const { return options_; }

 private:
  // With mutex_ held:
  [[nodiscard]] IndexState current_state() const;
  [[nodiscard]] std::size_t n_tombstones() const { return n_in_graph_ + waiting_.size() - n_live_; }
  void settle(const VectorTable& vectors);
  void begin_build(const VectorTable& vectors);
  void drop();
  void give_up(const std::string& why);
  void wake_worker();

  [[nodiscard]] std::shared_ptr<VectorIndex> load(const VectorTable& vectors, ItemId next_id) const;
  void work(const std::stop_token& stop);
  void insert_next(std::unique_lock<std::mutex>& lock);
  void save(std::unique_lock<std::mutex>& lock);

  const IndexOptions options_;
  const Owner owner_;

  mutable std::mutex mutex_;  ///< of all below; never held while the owner is asked
  std::shared_ptr<VectorIndex> graph_;
  std::set<ItemId> waiting_;    ///< in the space and not in the graph; where there is one
  std::size_t n_live_ = 0;      ///< in the space
  std::size_t n_in_graph_ = 0;  ///< with tombstones
  std::size_t n_inserted_ = 0;
  bool is_building_ = false;  ///< until nothing waits, and that was saved
  bool is_saved_ = false;
  bool has_failed_ = false;
  std::string note_;
  std::condition_variable_any has_work_;
  std::condition_variable_any is_built_;
  std::jthread worker_;  ///< since there was a graph
};

}  // namespace sharpwave::memory
