#include "memory_store/quarantine.hpp"

#include <algorithm>

#include "memory_store/codec.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostTextBytes = 2048;

}  // namespace

void put_into_quarantine(Transaction& change, const Refusal& refusal, std::string_view from,
                         std::string_view bytes) {
  const std::string counted = std::string(kRejectedPrefix) + name_of(refusal.reason);
  change.set_number(counted, change.number(counted) + 1);
  const std::uint64_t number = change.number(kQuarantinedKey) + 1;
  change.set_number(kQuarantinedKey, number);
  const std::string text = printable(from.substr(0, kMostTextBytes)) + ": " + refusal.what;
  change.set_meta(quarantine_key(number),
                  encode_quarantined({.number = number,
                                      .when_us = now_us(),
                                      .reason = name_of(refusal.reason),
                                      .from = text,
                                      .bytes = std::string(bytes.substr(0, kMostQuarantinedBytes))}));
  if (number > kMostQuarantined) change.erase_meta(quarantine_key(number - kMostQuarantined));
}

std::vector<Quarantined> quarantined(const Space& space) {
  std::vector<Quarantined> all;
  for (const auto& [key, payload] : space.meta(kQuarantinePrefix))
    all.push_back(decode_quarantined(key, payload));
  return all;
}

std::string_view bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace sharpwave::memory
