// Values of a memory space: the input says of which kind, under which key, and then the value, as it is and
// with a checksum that fits, so that changes reach what is behind the checksum.
#include <array>
#include <string>
#include <string_view>

#include "memory_store/codec.hpp"
#include "memory_store/contents.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sharpwave::fuzz;
using namespace sharpwave::memory;

constexpr std::uint32_t kDimension = 4;

void read_value(Column column, std::string_view key, std::string_view value) {
  const auto outcome = outcome_of([&] { return unsealed(column, key, value); });
  if (outcome.value)
    require(sealed(column, key, *outcome.value) == value, "a value that is sealed otherwise");
  static_cast<void>(outcome_of([&] {
    expect_whole(column, key, value, kDimension);
    return true;
  }));
}

/// What is accepted is written as it was read.
void expect_same_bytes(std::string_view read, const std::string& written) {
  require(written == read, "a payload that is written otherwise");
}

void read_payload(Column column, std::string_view key, std::string_view payload) {
  if (column == Column::items) {
    const auto item = outcome_of([&] { return decode_item(key, payload); });
    if (!item.value) return;
    require(item_key(item.value->id) == key, "an item of another key");
    expect_same_bytes(payload, encode_item(*item.value));
  } else if (column == Column::vectors) {
    std::array<float, kDimension> vector{};
    const auto outcome = outcome_of([&] {
      decode_vector(key, payload, vector);
      return true;
    });
    if (outcome.value) expect_same_bytes(payload, encode_vector(vector));
  } else if (column == Column::edges) {
    const auto edge = outcome_of([&] { return decode_edge(key, payload); });
    if (!edge.value) return;
    require(edge_key(*edge.value) == key, "an edge of another key");
    expect_same_bytes(payload, encode_weight(edge.value->weight));
  } else if (column == Column::signals) {
    const auto number = outcome_of([&] { return decode_number(column, key, payload); });
    if (number.value) expect_same_bytes(payload, encode_number(*number.value));
  } else if (key.starts_with(kPhasePrefix)) {
    const auto phase = outcome_of([&] { return decode_phase(key, payload); });
    if (phase.value) expect_same_bytes(payload, encode_phase(*phase.value));
  } else {
    const auto refused = outcome_of([&] { return decode_quarantined(key, payload); });
    if (!refused.value) return;
    require(!key.starts_with(kQuarantinePrefix) || quarantine_key(refused.value->number) == key,
            "a number of another key");
    expect_same_bytes(payload, encode_quarantined(*refused.value));
  }
}

}  // namespace

/// A byte column, a byte length of the key, the key, and the rest is a value or a payload.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = text_of(data, size);
  if (size < 2) return 0;
  const Column column = kColumns[data[0] % std::size(kColumns)];
  const std::string_view key = bytes.substr(2, data[1]);
  const std::string_view rest = bytes.substr(2 + key.size());
  read_value(column, key, rest);
  read_value(column, key, sealed(column, key, rest));
  read_payload(column, key, rest);
  return 0;
}
