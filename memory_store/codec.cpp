#include "memory_store/codec.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>
#include <type_traits>

namespace sharpwave::memory {

static_assert(std::endian::native == std::endian::little, "values are little-endian");

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;
constexpr double kLengthTolerance = 1e-3;
constexpr std::size_t kSealBytes = kChecksumBytes + 1;

std::uint32_t add_to_checksum(std::uint32_t checksum, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// Lengths are in it, so that no two triples read the same.
std::uint32_t checksum_of(Column column, std::string_view key, std::string_view rest) {
  std::uint32_t checksum = add_to_checksum(0, name_of(column));
  const auto key_bytes = static_cast<std::uint32_t>(key.size());
  checksum = add_to_checksum(checksum, {reinterpret_cast<const char*>(&key_bytes), sizeof key_bytes});
  return add_to_checksum(add_to_checksum(checksum, key), rest);
}

template <std::unsigned_integral Number>
void append_big_endian(std::string& key, Number number) {
  for (std::size_t i = sizeof number; i-- > 0;)
    key += static_cast<char>(static_cast<std::uint8_t>(number >> (8 * i)));
}

template <std::unsigned_integral Number>
Number big_endian(std::string_view bytes) {
  Number number = 0;
  for (const char c : bytes.substr(0, sizeof number))
    number = static_cast<Number>(number << 8 | static_cast<std::uint8_t>(c));
  return number;
}

class Writer {
 public:
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator()(const Number& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(Column column, std::string_view key, std::string_view payload)
      : column_(column), key_(key), rest_(payload) {}

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator()(Number& number) {
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    if constexpr (std::floating_point<Number>)
      if (!std::isfinite(number)) fail("a number that is not finite");
  }
  void operator()(std::string& text) {
    std::uint32_t n_bytes = 0;
    (*this)(n_bytes);
    text = take(n_bytes);
  }
  void expect_end() const {
    if (!rest_.empty()) fail(fmt::format("{} bytes too many", rest_.size()));
  }
  void expect(bool holds, const char* what) const {
    if (!holds) fail(what);
  }
  [[noreturn]] void fail(const std::string& what) const { throw DamagedValue(column_, key_, what); }

 private:
  std::string_view take(std::size_t n_bytes) {
    if (n_bytes > rest_.size()) fail(fmt::format("it ends {} bytes too early", n_bytes - rest_.size()));
    const std::string_view taken = rest_.substr(0, n_bytes);
    rest_.remove_prefix(n_bytes);
    return taken;
  }

  Column column_;
  std::string_view key_;
  std::string_view rest_;
};

/// Everything of an item but its id, in the order of docs/formats/memory.md.
template <class ItemLike, class Visit>
void for_each_field(ItemLike& item, Visit&& visit) {
  visit(item.kappa);
  visit(item.importance);
  visit(item.event_ms);
  visit(item.recorded_us);
  visit(item.valid_from_us);
  visit(item.valid_until_us);
  visit(item.accesses);
  visit(item.replays);
  visit(item.last_used_cycle);
  auto& s = item.statistics;
  for (auto* value :
       {&s.n_spikes, &s.mean_rate_Hz, &s.synchrony, &s.burst_strength, &s.weight_change, &s.eligibility})
    visit(*value);
  auto& m = item.modulators;
  for (auto* value : {&m.dopamine, &m.serotonin, &m.noradrenaline, &m.acetylcholine}) visit(*value);
  auto& p = item.provenance;
  visit(p.run);
  visit(p.config_digest);
  visit(p.population);
  visit(p.instance);
  visit(p.branch);
  visit(p.begin_ms);
  visit(p.end_ms);
  visit(p.signal);
  visit(item.metadata);
  visit(item.sequence);
}

template <class RecordLike, class Visit>
void for_each_field_of_phase(RecordLike& record, Visit&& visit) {
  visit(record.when_us);
  visit(record.seconds);
  visit(record.runs);
  auto& c = record.counts;
  for (auto* count : {&c.looked_at, &c.changed, &c.made, &c.removed, &c.edges}) visit(*count);
}

template <class QuarantinedLike, class Visit>
void for_each_field_of_quarantined(QuarantinedLike& refused, Visit&& visit) {
  visit(refused.when_us);
  visit(refused.reason);
  visit(refused.from);
  visit(refused.bytes);
}

// In front of the keys of edges.
constexpr char kAway = '\0';
constexpr char kBack = '\1';

bool is_share(double x) {
  return x >= 0 && x <= 1;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '\\')
      text += c;
    else
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

namespace {

/// For people: ids as numbers.
std::string readable_key(Column column, std::string_view key) {
  if ((column == Column::items || column == Column::vectors) && item_of_key(key) != kNoItem)
    return std::to_string(item_of_key(key));
  const std::size_t id = sizeof(ItemId);
  if (column == Column::edges && key.size() == 2 + 2 * id && (key[0] == kAway || key[0] == kBack))
    return fmt::format("{} {} {}, type {}", big_endian<ItemId>(key.substr(1)),
                       key[0] == kAway ? "to" : "from", big_endian<ItemId>(key.substr(2 + id)),
                       static_cast<unsigned char>(key[1 + id]));
  return printable(key);
}

}  // namespace

DamagedValue::DamagedValue(Column column, std::string_view key, const std::string& what)
    : Error(ExitCode::damaged_data,
            fmt::format("{}/{}: {}", name_of(column), readable_key(column, key), what)),
      column_(column),
      key_(key) {}

std::string sealed(Column column, std::string_view key, std::string_view payload) {
  std::string value(kSealBytes, '\0');
  value[kChecksumBytes] = static_cast<char>(kVersion);
  value += payload;
  const std::uint32_t checksum = checksum_of(column, key, std::string_view(value).substr(kChecksumBytes));
  std::memcpy(value.data(), &checksum, sizeof checksum);
  return value;
}

std::string_view unsealed(Column column, std::string_view key, std::string_view value) {
  if (value.size() < kSealBytes)
    throw DamagedValue(column, key, fmt::format("{} bytes, expected at least {}", value.size(), kSealBytes));
  std::uint32_t checksum = 0;
  std::memcpy(&checksum, value.data(), sizeof checksum);
  if (checksum != checksum_of(column, key, value.substr(kChecksumBytes)))
    throw DamagedValue(column, key, "the checksum does not fit");
  const auto version = static_cast<std::uint8_t>(value[kChecksumBytes]);
  if (version != kVersion)
    throw DamagedValue(column, key, fmt::format("layout {}, this program reads {}", version, kVersion));
  return value.substr(kSealBytes);
}

std::optional<std::string> find_payload(const StorageBackend& backend, Column column, std::string_view key) {
  const std::optional<std::string> value = backend.get(column, key);
  if (!value) return std::nullopt;
  return std::string(unsealed(column, key, *value));
}

std::string item_key(ItemId id) {
  std::string key;
  append_big_endian(key, id);
  return key;
}

ItemId item_of_key(std::string_view key) {
  return key.size() == sizeof(ItemId) ? big_endian<ItemId>(key) : kNoItem;
}

namespace {

std::string edge_prefix(char direction, ItemId of) {
  std::string key(1, direction);
  append_big_endian(key, of);
  return key;
}

std::string edge_key(char direction, ItemId of, EdgeType type, ItemId other) {
  std::string key = edge_prefix(direction, of);
  key += static_cast<char>(type);
  append_big_endian(key, other);
  return key;
}

struct EdgeKey {
  ItemId of;
  EdgeType type;
  ItemId other;
};

EdgeKey read_edge_key(char direction, std::string_view key) {
  const std::size_t id = sizeof(ItemId);
  if (key.size() != 2 + 2 * id || key[0] != direction)
    throw DamagedValue(Column::edges, key, "no key of an edge");
  const auto type = static_cast<std::uint8_t>(key[1 + id]);
  if (type > static_cast<std::uint8_t>(EdgeType::abstracts))
    throw DamagedValue(Column::edges, key, fmt::format("type {} of an edge, expected 0 or 1", type));
  return {big_endian<ItemId>(key.substr(1)), static_cast<EdgeType>(type),
          big_endian<ItemId>(key.substr(2 + id))};
}

}  // namespace

std::string edge_key(const Edge& edge) {
  return edge_key(kAway, edge.from, edge.type, edge.to);
}
std::string edge_prefix(ItemId from) {
  return edge_prefix(kAway, from);
}
std::string way_back_key(const Edge& edge) {
  return edge_key(kBack, edge.to, edge.type, edge.from);
}
std::string way_back_prefix(ItemId to) {
  return edge_prefix(kBack, to);
}

std::string signal_key(const Provenance& provenance) {
  std::string key;
  append_big_endian(key, static_cast<std::uint32_t>(provenance.run.size()));
  key += provenance.run;
  append_big_endian(key, provenance.branch);
  append_big_endian(key, provenance.instance);
  append_big_endian(key, static_cast<std::uint32_t>(provenance.population.size()));
  key += provenance.population;
  return key;
}

std::string quarantine_key(std::uint64_t number) {
  std::string key(kQuarantinePrefix);
  append_big_endian(key, number);
  return key;
}

std::string encode_item(const Item& item) {
  Writer writer;
  writer(static_cast<std::uint8_t>(item.type));
  for_each_field(item, writer);
  return writer.take();
}

Item decode_item(std::string_view key, std::string_view payload) {
  Item item;
  Reader reader(Column::items, key, payload);
  item.id = item_of_key(key);
  reader.expect(item.id != kNoItem, "no key of an item");
  std::uint8_t type = 0;
  reader(type);
  reader.expect(type <= static_cast<std::uint8_t>(ItemType::procedural), "an item's type above 2");
  item.type = static_cast<ItemType>(type);
  for_each_field(item, reader);
  reader.expect_end();
  reader.expect(is_share(item.kappa), "kappa outside of [0, 1]");
  reader.expect(is_share(item.importance), "an importance outside of [0, 1]");
  return item;
}

std::string encode_vector(std::span<const float> vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size_bytes()};
}

void decode_vector(std::string_view key, std::string_view payload, std::span<float> out) {
  const Reader reader(Column::vectors, key, payload);
  if (payload.size() != out.size_bytes())
    reader.fail(
        fmt::format("{} bytes, expected {} of {} dimensions", payload.size(), out.size_bytes(), out.size()));
  std::memcpy(out.data(), payload.data(), payload.size());
  double sum = 0;
  for (const float x : out) {
    reader.expect(std::isfinite(x), "a number that is not finite");
    sum += static_cast<double>(x) * static_cast<double>(x);
  }
  if (const double length = std::sqrt(sum); !(std::abs(length - 1) <= kLengthTolerance))
    reader.fail(fmt::format("a vector of length {}, expected 1 within {}", length, kLengthTolerance));
}

std::string encode_number(std::uint64_t number) {
  Writer writer;
  writer(number);
  return writer.take();
}

std::uint64_t decode_number(Column column, std::string_view key, std::string_view payload) {
  Reader reader(column, key, payload);
  std::uint64_t number = 0;
  reader(number);
  reader.expect_end();
  return number;
}

std::string encode_phase(const PhaseRecord& record) {
  Writer writer;
  for_each_field_of_phase(record, writer);
  return writer.take();
}

PhaseRecord decode_phase(std::string_view key, std::string_view payload) {
  PhaseRecord record;
  Reader reader(Column::meta, key, payload);
  for_each_field_of_phase(record, reader);
  reader.expect_end();
  return record;
}

std::string encode_quarantined(const Quarantined& refused) {
  Writer writer;
  for_each_field_of_quarantined(refused, writer);
  return writer.take();
}

Quarantined decode_quarantined(std::string_view key, std::string_view payload) {
  Quarantined refused;
  Reader reader(Column::meta, key, payload);
  reader.expect(key.size() == kQuarantinePrefix.size() + sizeof refused.number,
                "no key of something refused");
  refused.number = big_endian<std::uint64_t>(key.substr(kQuarantinePrefix.size()));
  for_each_field_of_quarantined(refused, reader);
  reader.expect_end();
  return refused;
}

std::string encode_weight(double weight) {
  Writer writer;
  writer(weight);
  return writer.take();
}

Edge decode_edge(std::string_view key, std::string_view payload) {
  const auto [from, type, to] = read_edge_key(kAway, key);
  Edge edge{.from = from, .to = to, .type = type};
  Reader reader(Column::edges, key, payload);
  reader(edge.weight);
  reader.expect_end();
  reader.expect(is_share(edge.weight), "a weight outside of [0, 1]");
  return edge;
}

Edge edge_of_key(std::string_view key) {
  const auto [from, type, to] = read_edge_key(kAway, key);
  return {.from = from, .to = to, .type = type, .weight = 0};
}

Edge edge_of_way_back(std::string_view key) {
  const auto [to, type, from] = read_edge_key(kBack, key);
  return {.from = from, .to = to, .type = type, .weight = 0};
}

}  // namespace sharpwave::memory
