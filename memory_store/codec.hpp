// Keys and values as they lie in a store: docs/formats/memory.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/item.hpp"
#include "memory_store/records.hpp"
#include "memory_store/storage_backend.hpp"

namespace sharpwave::memory {

/// A value that is not what was written there.
class DamagedValue : public Error {
 public:
  DamagedValue(Column column, std::string_view key, const std::string& what);
  [[nodiscard]] Column column() const { return column_; }
  [[nodiscard]] const std::string& key() const { return key_; }

 private:
  Column column_;
  std::string key_;
};

/// Control characters and what is not ASCII as \xNN.
[[nodiscard]] std::string printable(std::string_view bytes);

/// With the checksum and the version in front.
[[nodiscard]] std::string sealed(Column column, std::string_view key, std::string_view payload);
/// The payload within `value`. @throws DamagedValue.
[[nodiscard]] std::string_view unsealed(Column column, std::string_view key, std::string_view value);

/// The payload under `key` in `backend`, if there is one. @throws DamagedValue; what the backend throws.
[[nodiscard]] std::optional<std::string> find_payload(const StorageBackend& backend, Column column,
                                                      std::string_view key);

// Keys.
[[nodiscard]] std::string item_key(ItemId id);
/// 0 where it is none.
[[nodiscard]] ItemId item_of_key(std::string_view key);
[[nodiscard]] std::string edge_key(const Edge& edge);
/// All keys of edges that leave `from` begin so.
[[nodiscard]] std::string edge_prefix(ItemId from);
[[nodiscard]] std::string way_back_key(const Edge& edge);
/// All ways back from `to` begin so.
[[nodiscard]] std::string way_back_prefix(ItemId to);
[[nodiscard]] std::string signal_key(const Provenance& provenance);
/// All keys of what was refused begin so; their order is that of the numbers.
inline constexpr std::string_view kQuarantinePrefix = "quarantine/";
/// Then comes a phase's name: nrem, reinjection, rem, decay, prune, cycle.
inline constexpr std::string_view kPhasePrefix = "phase/";
/// The last number that was given there.
inline constexpr const char* kQuarantinedKey = "quarantined";
/// `memory.options` of the run that used the space last, as JSON.
inline constexpr const char* kRunOptionsKey = "run_options";
[[nodiscard]] std::string quarantine_key(std::uint64_t number);

// Payloads. Reading one that is no such thing @throws DamagedValue; column and key are for its message.
[[nodiscard]] std::string encode_item(const Item& item);
[[nodiscard]] Item decode_item(std::string_view key, std::string_view payload);
[[nodiscard]] std::string encode_vector(std::span<const float> vector);
/// @param[out] out  [dimension]: the payload has to be as long, finite, and a vector of length 1.
void decode_vector(std::string_view key, std::string_view payload, std::span<float> out);
[[nodiscard]] std::string encode_number(std::uint64_t number);
[[nodiscard]] std::uint64_t decode_number(Column column, std::string_view key, std::string_view payload);
[[nodiscard]] std::string encode_phase(const PhaseRecord& record);
[[nodiscard]] PhaseRecord decode_phase(std::string_view key, std::string_view payload);
[[nodiscard]] std::string encode_quarantined(const Quarantined& refused);
/// Its number is that of the key.
[[nodiscard]] Quarantined decode_quarantined(std::string_view key, std::string_view payload);
[[nodiscard]] std::string encode_weight(double weight);
/// The edge of a key, with the weight of its payload.
[[nodiscard]] Edge decode_edge(std::string_view key, std::string_view payload);
/// The edges of keys, without their weights.
[[nodiscard]] Edge edge_of_key(std::string_view key);
[[nodiscard]] Edge edge_of_way_back(std::string_view key);

}  // namespace sharpwave::memory
