#include "memory_store/salvage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "memory_store/codec.hpp"
#include "memory_store/contents.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostInAWrite = 1000;
constexpr std::size_t kMostNotes = 100;
constexpr const char* kIncomplete = "incomplete";

class Salvaging {
 public:
  Salvaging(const StorageBackend& from, StorageBackend* into, std::int64_t now_us)
      : from_(from), into_(into), now_us_(now_us) {}

  Salvage run() {
    read_meta();
    read_vectors();
    take_items();
    take_vectors();
    take_edges();
    take_signals();
    write_meta();
    return std::move(found_);
  }

 private:
  /// Calls take(key, value) for what is whole; the rest goes into quarantine, but is not put there again
  /// where a column is read for the second time.
  void read(Column column, bool is_first_time, const auto& take) {
    const std::string damage =
        read_around_damage(from_, column, [&](std::string_view key, std::string_view value) {
          try {
            expect_whole(column, key, value, dimension_);
          } catch (const DamagedValue& damaged) {
            if (is_first_time) quarantine(reason_of(column, key, value), damaged.what(), key, value);
            if (is_first_time && column == Column::edges) edges_seen_.emplace(key);
            return;
          }
          take(key, value);
        });
    if (!damage.empty() && is_first_time)
      found_.notes.push_back(fmt::format("{}: not all of it can be read: {}", name_of(column), damage));
  }

  static const char* reason_of(Column column, std::string_view key, std::string_view value) {
    try {
      static_cast<void>(unsealed(column, key, value));
    } catch (const DamagedValue&) {
      return "checksum";
    }
    return "not_valid";
  }

  /// The newest of what was in quarantine stays there. Its numbers come first: they go on from them.
  void read_meta() {
    read(Column::meta, false, [&](std::string_view key, std::string_view value) {
      const std::string_view payload = unsealed(Column::meta, key, value);
      std::uint64_t number = 0;
      if (key == kQuarantinedKey)
        number = decode_number(Column::meta, key, payload);
      else if (key.starts_with(kQuarantinePrefix))
        number = decode_quarantined(key, payload).number;
      n_quarantined_before_ = std::max(n_quarantined_before_, number);
    });
    read(Column::meta, true, [&](std::string_view key, std::string_view value) {
      const std::string_view payload = unsealed(Column::meta, key, value);
      if (key.starts_with(kQuarantinePrefix)) {
        if (n_quarantined_before_ - decode_quarantined(key, payload).number < kMostQuarantined)
          put(Column::meta, key, std::string(value));
      } else {
        meta_.insert_or_assign(std::string(key), std::string(payload));
      }
    });
    const std::optional<std::uint64_t> dimension = counter("dimension");
    if (dimension && *dimension <= kMaxDimension) dimension_ = static_cast<std::uint32_t>(*dimension);
  }

  [[nodiscard]] std::optional<std::uint64_t> counter(const std::string& key) const {
    const auto at = meta_.find(key);
    if (at == meta_.end()) return std::nullopt;
    return decode_number(Column::meta, key, at->second);
  }

  void read_vectors() {
    read(Column::vectors, true, [&](std::string_view key, std::string_view value) {
      if (dimension_ == 0)  // it is lost: that of the first
        dimension_ = static_cast<std::uint32_t>(unsealed(Column::vectors, key, value).size() / sizeof(float));
      has_vector_.insert(item_of_key(key));
    });
  }

  void take_items() {
    read(Column::items, true, [&](std::string_view key, std::string_view value) {
      const Item item = decode_item(key, unsealed(Column::items, key, value));
      last_id_ = std::max(last_id_, item.id);
      last_sequence_ = std::max(last_sequence_, item.sequence);
      if (!has_vector_.contains(item.id)) {
        quarantine(kIncomplete, fmt::format("items/{}: its vector is not whole", item.id), key, value);
        return;
      }
      is_whole_.insert(item.id);
      ++found_.items;
      put(Column::items, key, std::string(value));
    });
  }

  void take_vectors() {
    read(Column::vectors, false, [&](std::string_view key, std::string_view value) {
      const ItemId id = item_of_key(key);
      last_id_ = std::max(last_id_, id);
      if (is_whole_.contains(id))
        put(Column::vectors, key, std::string(value));
      else
        quarantine(kIncomplete, fmt::format("vectors/{}: its item is not whole", id), key, value);
    });
  }

  // Ways back are made anew from the edges. One whose edge is lost has no weight.
  void take_edges() {
    std::uint64_t n_edges = 0;
    std::uint64_t n_ways_back = 0;
    read(Column::edges, true, [&](std::string_view key, std::string_view value) {
      const std::string_view payload = unsealed(Column::edges, key, value);
      if (payload.empty()) {
        ++n_ways_back;
        return;
      }
      ++n_edges;
      edges_seen_.emplace(key);
      const Edge edge = decode_edge(key, payload);
      if (!is_whole_.contains(edge.from) || !is_whole_.contains(edge.to)) {
        quarantine(kIncomplete, fmt::format("edges/{} to {}: an end is not whole", edge.from, edge.to), key,
                   value);
        return;
      }
      ++found_.edges;
      put(Column::edges, key, std::string(value));
      const std::string back = way_back_key(edge);
      put(Column::edges, back, sealed(Column::edges, back, {}));
    });
    if (n_ways_back != n_edges)
      found_.notes.push_back(fmt::format("edges: {}, and {} ways back", n_edges, n_ways_back));
    read(Column::edges, false, [&](std::string_view key, std::string_view value) {
      if (!unsealed(Column::edges, key, value).empty()) return;
      const Edge edge = edge_of_way_back(key);
      if (edges_seen_.contains(edge_key(edge))) return;
      // There is nothing to keep but this message.
      note(kIncomplete, fmt::format("edges/{} to {}: its weight is lost", edge.from, edge.to));
    });
  }

  void take_signals() {
    read(Column::signals, true, [&](std::string_view key, std::string_view value) {
      put(Column::signals, key, std::string(value));
    });
  }

  void write_meta() {
    found_.sequence = counter("sequence").value_or(last_sequence_) + 1;
    for (const char* key : {"sequence", "next_id"})
      if (last_id_ > 0 && !meta_.contains(key))
        found_.notes.push_back(fmt::format("meta/{}: it is lost, and is put above all that is there", key));
    meta_["sequence"] = encode_number(found_.sequence);
    meta_["next_id"] = encode_number(std::max(counter("next_id").value_or(1), last_id_ + 1));
    if (dimension_ > 0) meta_["dimension"] = encode_number(dimension_);
    for (const auto& [reason, n] : found_.quarantined) {
      const std::string key = std::string(kRejectedPrefix) + reason;
      meta_[key] = encode_number(counter(key).value_or(0) + n);
    }
    if (n_quarantined_before_ > 0) meta_[kQuarantinedKey] = encode_number(n_quarantined_before_);
    for (const auto& [key, payload] : meta_) put(Column::meta, key, sealed(Column::meta, key, payload));
    write();
  }

  void note(const std::string& reason, const std::string& where) {
    if (++found_.quarantined[reason] <= kMostNotes) found_.notes.push_back(where);
  }

  void quarantine(const std::string& reason, const std::string& where, std::string_view key,
                  std::string_view value) {
    note(reason, where);
    const std::uint64_t number = ++n_quarantined_before_;
    const std::string name = quarantine_key(number);
    std::string bytes = std::string(key) + std::string(value);
    if (bytes.size() > kMostQuarantinedBytes) bytes.resize(kMostQuarantinedBytes);
    const std::string payload = encode_quarantined(
        {.number = number, .when_us = now_us_, .reason = reason, .from = where, .bytes = bytes});
    put(Column::meta, name, sealed(Column::meta, name, payload));
    if (number > kMostQuarantined) erase(Column::meta, quarantine_key(number - kMostQuarantined));
  }

  void put(Column column, std::string_view key, std::string value) {
    if (into_ == nullptr) return;
    batch_.put(column, std::string(key), std::move(value));
    write_what_is_enough();
  }
  void erase(Column column, std::string key) {
    if (into_ == nullptr) return;
    batch_.erase(column, std::move(key));
    write_what_is_enough();
  }
  void write_what_is_enough() {
    if (batch_.operations().size() >= kMostInAWrite) write();
  }
  void write() {
    if (into_ != nullptr) into_->write(batch_, false);
    batch_ = {};
  }

  const StorageBackend& from_;
  StorageBackend* into_;
  std::int64_t now_us_;
  Salvage found_;
  WriteBatch batch_;
  std::map<std::string, std::string> meta_;  ///< payloads by key
  std::uint64_t n_quarantined_before_ = 0;   ///< the last number that was given
  std::uint32_t dimension_ = 0;
  ItemId last_id_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::unordered_set<ItemId> has_vector_;
  std::unordered_set<ItemId> is_whole_;
  std::unordered_set<std::string> edges_seen_;  ///< keys, also of damaged values
};

}  // namespace

Salvage salvage(const StorageBackend& from, StorageBackend* into, std::int64_t now_us) {
  return Salvaging(from, into, now_us).run();
}

}  // namespace sharpwave::memory
