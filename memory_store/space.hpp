// A memory space: its items, their embeddings and edges, on top of a backend.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory_store/interval_sync.hpp"
#include "memory_store/item.hpp"
#include "memory_store/search.hpp"
#include "memory_store/space_index.hpp"
#include "memory_store/storage_backend.hpp"
#include "memory_store/transaction.hpp"
#include "memory_store/vector_table.hpp"

namespace sharpwave::memory {

/// Something that is not as it was written: where, and what.
struct Damage {
  std::string where;
  std::string what;
  [[nodiscard]] bool operator==(const Damage&) const = default;
};

/// What of an item is in memory, for searches and for choosing who is replayed.
struct Summary {
  double kappa = 0;
  double importance = 0;
  double event_ms = 0;
  std::int64_t recorded_us = 0;
  std::uint64_t last_used_cycle = 0;
  ItemType type = ItemType::episodic;
};

struct IndexBuild {
  std::size_t n_vectors = 0;  ///< in it; 0: they are so few that they are scanned
  double seconds = 0;
};

class Space {
 public:
  /// Reads all of what `backend` has into memory. Whatever is damaged is listed in damage(), is not served,
  /// and makes the space read-only; so does `read_only`.
  /// @param sync   whether a change is on the disk when commit() returns.
  /// @param index  how, and where its files are; by default they are nowhere.
  Space(std::unique_ptr<StorageBackend> backend, bool sync, bool read_only, IndexOptions index = {});

  [[nodiscard]] std::uint32_t dimension() const;  ///< 0: nothing was put into it yet
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::uint64_t sequence() const;  ///< of the last change
  [[nodiscard]] bool is_read_only() const;
  static constexpr std::size_t kMostDamage = 100;
  /// Each once, the first kMostDamage.
  [[nodiscard]] std::vector<Damage> damage() const;
  /// Also of what is not listed, where the same may count several times.
  [[nodiscard]] std::uint64_t n_damage() const;
  /// For who reads the backend beside it: what is damaged is listed, and the space is read-only from now on.
  void note_damage(const Damage& found) const;
  /// Calls `tell` with the first damage that is found from now on.
  void when_damaged(std::function<void(const Damage&)> tell);

  /// Does `change`, all of it or nothing, and returns when it is kept; one that does nothing is none. Changes
  /// that wait for the disk at the same time share one write, in the order in which they came. What `change`
  /// throws is thrown to the caller, and then nothing has happened; it is called once, maybe by another
  /// thread, and must not call the space. Where the backend fails, the space is read-only from then on:
  /// whether the change was kept is known when it is opened again.
  /// @throws Error(io) where the space is read-only; what the backend throws.
  void commit(const std::function<void(Transaction&)>& change);

  /// @throws Error(damaged_data), and then the space is read-only from now on.
  [[nodiscard]] std::optional<Item> find(ItemId id) const;
  [[nodiscard]] std::vector<float> vector_of(ItemId id) const;  ///< empty where there is none
  [[nodiscard]] std::vector<Edge> edges_of(ItemId id) const;    ///< from it and to it
  [[nodiscard]] std::vector<Edge> edges_from(ItemId id, EdgeType type) const;
  [[nodiscard]] std::uint64_t number(const std::string& meta_key) const;
  /// Keys of `meta` that begin with `prefix`, ascending, and their payloads.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> meta(std::string_view prefix) const;
  /// Of all, by id; [size].
  [[nodiscard]] std::vector<std::pair<ItemId, Summary>> summaries() const;

  using Filter = std::function<bool(ItemId, const Summary&)>;
  /// The `k` nearest to `query`, [dimension], of length 1, nearest first, exactly; of those that `filter`
  /// takes, all where it is null. Ties go to the smaller id.
  [[nodiscard]] std::vector<Neighbour> nearest(std::span<const float> query, std::size_t k,
                                               const Filter& filter) const;

  /// The nearest to `vector` of the items that `query` means; with the index, where there is one, about them.
  /// What was committed before it is called is found.
  /// @param vector  [dimension], or of any dimension where the space is empty; finite, not 0, of any length.
  /// @throws Error(usage) where `vector` is none such, or `query` is out of its range.
  [[nodiscard]] Answer search(std::span<const float> vector, const Query& query) const;
  [[nodiscard]] IndexReport index() const { return index_->report(); }
  /// Makes the index anew, also its files, and returns when it is there. The space goes on working.
  /// @throws Error(io) where the space is read-only, or the index cannot be made.
  IndexBuild rebuild_index();

  /// From now on what was written is brought to the disk every `interval`, and when the space is closed; with
  /// an interval of 0 only by sync(). `wrote` is told up to which change. Where that fails, the space is
  /// read-only.
  /// @param synced  up to which change everything is on the disk already.
  void sync_every(std::chrono::milliseconds interval, std::uint64_t synced,
                  const std::function<void(std::uint64_t sequence)>& wrote);
  /// Up to which change everything is on the disk; none where nobody knows.
  [[nodiscard]] std::optional<std::uint64_t> synced() const;
  /// Returns when all that was written is on the disk. @throws what the backend throws, now or the last time,
  /// and then the space is read-only.
  void sync();

  [[nodiscard]] StorageBackend& backend() { return *backend_; }
  [[nodiscard]] const StorageBackend& backend() const { return *backend_; }

 private:
  struct Waiting {
    const std::function<void(Transaction&)>* change;
    std::exception_ptr failure;
    bool is_done = false;
  };

  void load();
  void load_column(Column column,
                   const std::function<void(std::string_view key, std::string_view payload)>& read);
  void note(const std::string& where, const std::string& what) const;
  void lead(std::unique_lock<std::mutex>& turn);
  void write(Pending& group, std::vector<Waiting*>& kept);
  void apply(Pending&& group);
  [[nodiscard]] Transaction::Below below(const Pending& group) const;
  template <class Read>
  auto reading(const Read& read) const -> decltype(read());

  std::unique_ptr<StorageBackend> backend_;
  bool sync_;

  mutable std::mutex queue_mutex_;  ///< of the queue; whoever is first in it writes for all
  std::condition_variable is_turn_;
  std::deque<Waiting*> queue_;

  mutable std::shared_mutex mutex_;  ///< of all below
  mutable bool is_read_only_;
  mutable std::vector<Damage> damage_;
  mutable std::uint64_t n_damage_ = 0;
  mutable std::function<void(const Damage&)> tell_damage_;
  Pending::Counters counters_;
  std::optional<VectorTable> vectors_;
  std::unordered_map<ItemId, Summary> summaries_;
  // The last two, for their threads use all above.
  std::unique_ptr<SpaceIndex> index_;
  std::unique_ptr<IntervalSync> interval_sync_;
};

}  // namespace sharpwave::memory
