#include "memory_store/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/contents.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostChangesInAWrite = 1024;

Summary summary_of(const Item& item) {
  return {.kappa = item.kappa,
          .importance = item.importance,
          .event_ms = item.event_ms,
          .recorded_us = item.recorded_us,
          .last_used_cycle = item.last_used_cycle,
          .type = item.type};
}

IsMeant both(IsMeant a, const IsMeant& b) {
  if (!a || !b) return a ? std::move(a) : b;
  return [a = std::move(a), b](ItemId id) { return a(id) && b(id); };
}

}  // namespace

Space::Space(std::unique_ptr<StorageBackend> backend, bool sync, bool read_only, IndexOptions index)
    : backend_(std::move(backend)), sync_(sync), is_read_only_(read_only) {
  load();
  index_ = std::make_unique<SpaceIndex>(
      std::move(index), SpaceIndex::Owner{.vector_of = [this](ItemId id) { return vector_of(id); },
                                          .is_writable = [this] { return !is_read_only(); }});
  if (vectors_) index_->open(*vectors_, counters_.next_id);
}

void Space::load_column(Column column,
                        const std::function<void(std::string_view key, std::string_view payload)>& read) {
  const auto read_whole = [&](std::string_view key, std::string_view value) {
    try {
      read(key, unsealed(column, key, value));
    } catch (const DamagedValue& damaged) {
      note(name_of(column), damaged.what());
    }
  };
  const std::string damage = read_around_damage(*backend_, column, read_whole);
  if (!damage.empty()) note(name_of(column), damage);
}

void Space::load() {
  load_column(Column::meta, [&](std::string_view key, std::string_view payload) {
    if (key == "sequence") counters_.sequence = decode_number(Column::meta, key, payload);
    if (key == "next_id") counters_.next_id = decode_number(Column::meta, key, payload);
    if (key == "dimension") {
      const std::uint64_t dimension = decode_number(Column::meta, key, payload);
      if (dimension == 0 || dimension > kMaxDimension)
        throw DamagedValue(Column::meta, key,
                           fmt::format("{} dimensions, expected 1 to {}", dimension, kMaxDimension));
      counters_.dimension = static_cast<std::uint32_t>(dimension);
      vectors_.emplace(counters_.dimension);
    }
  });
  ItemId last_id = kNoItem;
  std::uint64_t last_sequence = 0;
  load_column(Column::items, [&](std::string_view key, std::string_view payload) {
    const Item item = decode_item(key, payload);
    summaries_.emplace(item.id, summary_of(item));
    last_id = std::max(last_id, item.id);
    last_sequence = std::max(last_sequence, item.sequence);
  });
  if (counters_.next_id <= last_id)
    note(name_of(Column::meta),
         fmt::format("next_id is {}, and there is an item {}", counters_.next_id, last_id));
  if (counters_.sequence < last_sequence)
    note(name_of(Column::meta),
         fmt::format("sequence is {}, and an item is of change {}", counters_.sequence, last_sequence));
  std::vector<float> vector(counters_.dimension);
  load_column(Column::vectors, [&](std::string_view key, std::string_view payload) {
    if (!vectors_) throw DamagedValue(Column::vectors, key, "a vector, but no dimension is known");
    decode_vector(key, payload, vector);
    const ItemId id = item_of_key(key);
    if (!summaries_.contains(id)) throw DamagedValue(Column::vectors, key, "a vector without an item");
    vectors_->insert(id, vector);
  });
  std::erase_if(summaries_, [&](const auto& entry) {
    const bool is_whole = vectors_ && !vectors_->find(entry.first).empty();
    if (!is_whole) note(name_of(Column::vectors), fmt::format("item {} has no vector", entry.first));
    return !is_whole;
  });
}

void Space::note(const std::string& where, const std::string& what) const {
  is_read_only_ = true;
  if (std::ranges::find(damage_, Damage{where, what}) != damage_.end()) return;
  if (damage_.size() < kMostDamage) damage_.push_back({where, what});
  ++n_damage_;
}

void Space::note_damage(const Damage& found) const {
  std::function<void(const Damage&)> tell;
  {
    const std::lock_guard lock(mutex_);
    note(found.where, found.what);
    tell = std::exchange(tell_damage_, nullptr);
  }
  if (tell) tell(found);  // who searches need not wait for that
}

void Space::when_damaged(std::function<void(const Damage&)> tell) {
  const std::lock_guard lock(mutex_);
  tell_damage_ = std::move(tell);
}

template <class Read>
auto Space::reading(const Read& read) const -> decltype(read()) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() == ExitCode::damaged_data) note_damage({.where = "read", .what = error.what()});
    throw;
  }
}

std::uint32_t Space::dimension() const {
  const std::shared_lock lock(mutex_);
  return counters_.dimension;
}

std::size_t Space::size() const {
  const std::shared_lock lock(mutex_);
  return summaries_.size();
}

std::uint64_t Space::sequence() const {
  const std::shared_lock lock(mutex_);
  return counters_.sequence;
}

bool Space::is_read_only() const {
  const std::shared_lock lock(mutex_);
  return is_read_only_;
}

std::vector<Damage> Space::damage() const {
  const std::shared_lock lock(mutex_);
  return damage_;
}

std::uint64_t Space::n_damage() const {
  const std::shared_lock lock(mutex_);
  return n_damage_;
}

void Space::commit(const std::function<void(Transaction&)>& change) {
  Waiting self{.change = &change, .failure = nullptr};
  std::unique_lock turn(queue_mutex_);
  queue_.push_back(&self);
  is_turn_.wait(turn, [&] { return self.is_done || queue_.front() == &self; });
  if (!self.is_done) lead(turn);
  turn.unlock();
  if (self.failure) std::rethrow_exception(self.failure);
}

/// Writes what waits, the own change first. Others that come meanwhile wait behind.
void Space::lead(std::unique_lock<std::mutex>& turn) {
  std::vector<Waiting*> group(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                   queue_.size(), kMostChangesInAWrite)));
  turn.unlock();
  Pending pending;
  {
    const std::shared_lock lock(mutex_);
    pending.counters = counters_;
  }
  const Transaction::Below lies_below = below(pending);
  std::vector<Waiting*> kept;
  for (Waiting* const waiting : group) {
    try {
      if (is_read_only()) throw Error(ExitCode::io, "the space is read-only");
      Transaction transaction(lies_below, pending.counters);
      reading([&] { (*waiting->change)(transaction); });
      Pending done = transaction.take();
      if (!done.is_empty()) pending.merge(std::move(done));
      kept.push_back(waiting);  // also where it did nothing: what it saw may fail to be kept
    } catch (...) {
      waiting->failure = std::current_exception();
    }
  }
  if (!pending.is_empty()) write(pending, kept);
  turn.lock();
  for (Waiting* const waiting : group) waiting->is_done = true;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
  is_turn_.notify_all();
}

void Space::write(Pending& group, std::vector<Waiting*>& kept) {
  try {
    backend_->write(group.batch(), sync_);
    apply(std::move(group));
  } catch (const std::exception& error) {
    // What of it has reached the disk is not known before the database is opened again.
    const std::lock_guard lock(mutex_);
    note("write", error.what());
    for (Waiting* const waiting : kept) waiting->failure = std::current_exception();
  }
}

void Space::apply(Pending&& group) {
  const std::lock_guard lock(mutex_);
  counters_ = group.counters;
  for (const auto& [id, item] : group.items) {
    if (item) {
      summaries_.insert_or_assign(id, summary_of(*item));
    } else {
      summaries_.erase(id);
      if (vectors_) vectors_->erase(id);
    }
  }
  if (!vectors_ && counters_.dimension > 0) vectors_.emplace(counters_.dimension);
  for (const auto& [id, vector] : group.vectors) vectors_->insert(id, vector);
  if (vectors_) index_->changed(group, *vectors_);
}

Transaction::Below Space::below(const Pending& group) const {
  return {.item =
              [this, &group](ItemId id) {
                const auto at = group.items.find(id);
                return at != group.items.end() ? at->second : find(id);
              },
          .edge = [this, &group](const std::string& key) -> std::optional<Edge> {
            const auto at = group.edges.find(key);
            if (at != group.edges.end()) return at->second;
            const auto payload = find_payload(*backend_, Column::edges, key);
            if (!payload) return std::nullopt;
            return decode_edge(key, *payload);
          },
          .edges_of =
              [this, &group](ItemId id) {
                std::vector<Edge> edges = edges_of(id);
                for (const auto& [key, edge] : group.edges)
                  if (edge && (edge->from == id || edge->to == id)) edges.push_back(*edge);
                return edges;
              },
          .watermark = [this, &group](const std::string& key) -> std::uint64_t {
            const auto at = group.watermarks.find(key);
            if (at != group.watermarks.end()) return at->second;
            const auto payload = find_payload(*backend_, Column::signals, key);
            return payload ? decode_number(Column::signals, key, *payload) : 0;
          },
          .meta = [this, &group](const std::string& key) -> std::optional<std::string> {
            const auto at = group.meta.find(key);
            return at != group.meta.end() ? at->second : find_payload(*backend_, Column::meta, key);
          },
          .nearest =
              [this, &group](std::span<const float> query, const IsMeant& is_meant) {
                const Neighbour new_one = group.nearest(query, is_meant);
                const std::shared_lock lock(mutex_);
                if (!vectors_) return new_one;
                const std::vector<Neighbour> old =
                    vectors_->nearest(query, 1, both(group.those_left(), is_meant));
                return old.empty() ? new_one : nearer(old[0], new_one);
              },
          .identical =
              [this, &group](std::span<const float> vector, const IsMeant& is_meant) {
                const std::shared_lock lock(mutex_);
                const ItemId old =
                    vectors_ ? vectors_->identical(vector, both(group.those_left(), is_meant)) : kNoItem;
                return old != kNoItem ? old : group.identical(vector, is_meant);
              }};
}

void Space::sync_every(std::chrono::milliseconds interval, std::uint64_t synced,
                       const std::function<void(std::uint64_t sequence)>& wrote) {
  SHARPWAVE_ASSERT(!sync_ && !interval_sync_);
  interval_sync_ =
      std::make_unique<IntervalSync>(IntervalSync::Work{.sequence = [this] { return sequence(); },
                                                        .sync =
                                                            [this, wrote](std::uint64_t sequence) {
                                                              backend_->sync();
                                                              wrote(sequence);
                                                            },
                                                        .failed =
                                                            [this](const std::string& what) {
                                                              const std::lock_guard lock(mutex_);
                                                              note("sync", what);
                                                            }},
                                     interval, synced);
}

void Space::sync() {
  if (interval_sync_) interval_sync_->sync_now();
}

std::optional<std::uint64_t> Space::synced() const {
  if (sync_) return sequence();
  if (interval_sync_) return interval_sync_->synced();
  return std::nullopt;
}

std::optional<Item> Space::find(ItemId id) const {
  return reading([&]() -> std::optional<Item> {
    const std::string key = item_key(id);
    const auto payload = find_payload(*backend_, Column::items, key);
    if (!payload) return std::nullopt;
    return decode_item(key, *payload);
  });
}

std::vector<float> Space::vector_of(ItemId id) const {
  const std::shared_lock lock(mutex_);
  if (!vectors_) return {};
  const std::span<const float> vector = vectors_->find(id);
  return {vector.begin(), vector.end()};
}

std::vector<Edge> Space::edges_of(ItemId id) const {
  return reading([&] {
    std::vector<Edge> edges;
    backend_->scan(Column::edges, edge_prefix(id), Order::ascending,
                   [&](std::string_view key, std::string_view value) {
                     edges.push_back(decode_edge(key, unsealed(Column::edges, key, value)));
                     return true;
                   });
    std::vector<std::string> incoming;
    backend_->scan(Column::edges, way_back_prefix(id), Order::ascending,
                   [&](std::string_view key, std::string_view value) {
                     static_cast<void>(unsealed(Column::edges, key, value));
                     incoming.emplace_back(key);
                     return true;
                   });
    for (const std::string& way_back : incoming) {
      const std::string key = edge_key(edge_of_way_back(way_back));
      const auto payload = find_payload(*backend_, Column::edges, key);
      if (payload)
        edges.push_back(decode_edge(key, *payload));
      else if (backend_->get(Column::edges, way_back))  // else both have gone meanwhile
        throw DamagedValue(Column::edges, key, "there is a way back, but no edge");
    }
    return edges;
  });
}

std::vector<Edge> Space::edges_from(ItemId id, EdgeType type) const {
  return reading([&] {
    std::vector<Edge> edges;
    const std::string prefix = edge_prefix(id) + static_cast<char>(type);
    backend_->scan(Column::edges, prefix, Order::ascending,
                   [&](std::string_view key, std::string_view value) {
                     edges.push_back(decode_edge(key, unsealed(Column::edges, key, value)));
                     return true;
                   });
    return edges;
  });
}

std::vector<std::pair<std::string, std::string>> Space::meta(std::string_view prefix) const {
  return reading([&] {
    std::vector<std::pair<std::string, std::string>> found;
    backend_->scan(Column::meta, prefix, Order::ascending, [&](std::string_view key, std::string_view value) {
      found.emplace_back(key, unsealed(Column::meta, key, value));
      return true;
    });
    return found;
  });
}

std::uint64_t Space::number(const std::string& meta_key) const {
  return reading([&]() -> std::uint64_t {
    const auto payload = find_payload(*backend_, Column::meta, meta_key);
    return payload ? decode_number(Column::meta, meta_key, *payload) : 0;
  });
}

std::vector<std::pair<ItemId, Summary>> Space::summaries() const {
  std::vector<std::pair<ItemId, Summary>> all;
  {
    const std::shared_lock lock(mutex_);
    all.assign(summaries_.begin(), summaries_.end());
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return all;
}

std::vector<Neighbour> Space::nearest(std::span<const float> query, std::size_t k,
                                      const Filter& filter) const {
  const std::shared_lock lock(mutex_);
  if (!vectors_) return {};
  SHARPWAVE_ASSERT(query.size() == vectors_->dimension());
  if (!filter) return vectors_->nearest(query, k, nullptr);
  return vectors_->nearest(query, k, [&](ItemId id) { return filter(id, summaries_.at(id)); });
}

Answer Space::search(std::span<const float> vector, const Query& query) const {
  check(query);
  const std::shared_lock lock(mutex_);
  const std::vector<float> unit = unit_vector(vector, counters_.dimension);
  if (!vectors_) return {.neighbours = {}, .n_matching = 0};
  return memory::search({.vectors = *vectors_, .summaries = summaries_, .index = *index_}, unit, query);
}

IndexBuild Space::rebuild_index() {
  const auto begin = std::chrono::steady_clock::now();
  {
    const std::shared_lock lock(mutex_);
    if (is_read_only_) throw Error(ExitCode::io, "the space is read-only");
    if (!vectors_) return {};
    index_->restart(*vectors_);
  }
  index_->wait_until_built();
  const IndexReport report = index_->report();
  if (report.state == IndexState::failed) throw Error(ExitCode::io, "the index: " + report.note);
  return {.n_vectors = report.n_vectors,
          .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
}

}  // namespace sharpwave::memory
