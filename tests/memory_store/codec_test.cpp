#include "memory_store/codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

using std::string_literals::operator""s;

Item an_item() {
  return {.id = 0x0102030405060708,
          .type = ItemType::procedural,
          .kappa = .15,
          .importance = 1,
          .event_ms = 12.5,
          .recorded_us = -1,
          .valid_from_us = 2,
          .valid_until_us = 3,
          .accesses = 4,
          .replays = 5,
          .last_used_cycle = 6,
          .statistics = {.n_spikes = 7,
                         .mean_rate_Hz = 8,
                         .synchrony = .5,
                         .burst_strength = 9,
                         .weight_change = 10,
                         .eligibility = 11},
          .modulators = {.dopamine = 12, .serotonin = 13, .noradrenaline = 14, .acetylcholine = 15},
          .provenance = {.run = "run",
                         .config_digest = "ab",
                         .population = "E",
                         .instance = 16,
                         .branch = 17,
                         .begin_ms = 18,
                         .end_ms = 19,
                         .signal = 20},
          .metadata = "{\"\0\xff\"}"s,
          .sequence = 21};
}

TEST(Codec, AnItemIsLaidOutAsDocumented) {
  const Item item = an_item();
  const std::string payload = encode_item(item);
  // u8; 3 f64; 3 i64; 3 u64; 6 + 4 f64; texts of 3, 2, 1 bytes behind their lengths; 2 u32; 2 f64; u64; text
  // of 6; u64.
  ASSERT_EQ(payload.size(), 1 + 24 + 24 + 24 + 80 + (12 + 6) + 8 + 16 + 8 + (4 + 6) + 8U);
  EXPECT_EQ(payload[0], '\2');
  double kappa = 0;
  std::memcpy(&kappa, payload.data() + 1, sizeof kappa);
  EXPECT_EQ(kappa, .15);
  EXPECT_EQ(payload.substr(payload.size() - 8), "\x15\0\0\0\0\0\0\0"s);
  EXPECT_EQ(item_key(item.id), "\1\2\3\4\5\6\7\b"s) << "big-endian, so that keys are in the order of ids";
}

TEST(Codec, AnItemComesBackAsItWas) {
  const Item item = an_item();
  const std::string key = item_key(item.id);
  const Item back = decode_item(key, encode_item(item));
  EXPECT_EQ(back.id, item.id);
  EXPECT_EQ(back.metadata, item.metadata);
  EXPECT_EQ(back.provenance.population, "E");
  EXPECT_EQ(encode_item(back), encode_item(item)) << "every field";
}

TEST(Codec, EveryPayloadCutShortOrTooLongIsRefused) {
  const Item item = an_item();
  const std::string key = item_key(item.id);
  const std::string payload = encode_item(item);
  for (std::size_t n = 0; n < payload.size(); ++n)
    EXPECT_THROW(static_cast<void>(decode_item(key, std::string_view(payload).substr(0, n))), DamagedValue)
        << n;
  EXPECT_THROW(static_cast<void>(decode_item(key, payload + '\0')), DamagedValue);
  EXPECT_THROW(static_cast<void>(decode_item(key.substr(1), payload)), DamagedValue);
}

TEST(Codec, EveryFlippedBitOfAValueIsFound) {
  const Item item = an_item();
  const std::string key = item_key(item.id);
  const std::string value = sealed(Column::items, key, encode_item(item));
  EXPECT_EQ(unsealed(Column::items, key, value), encode_item(item));
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string flipped = value;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(static_cast<void>(unsealed(Column::items, key, flipped)), DamagedValue) << bit;
  }
}

TEST(Codec, AValueBelongsToItsKeyAndColumn) {
  const std::string value = sealed(Column::items, item_key(1), "x");
  EXPECT_EQ(test::refusal_of(ExitCode::damaged_data,
                             [&] { static_cast<void>(unsealed(Column::items, item_key(2), value)); }),
            "items/2: the checksum does not fit");
  EXPECT_THROW(static_cast<void>(unsealed(Column::vectors, item_key(1), value)), DamagedValue);
  EXPECT_THROW(
      static_cast<void>(unsealed(Column::items, item_key(1) + "x", sealed(Column::items, item_key(1), ""))),
      DamagedValue)
      << "key and payload cannot trade bytes";
}

TEST(Codec, NumbersOutsideOfTheirRangeAreRefused) {
  const auto refuses = [](const auto& spoil) {
    Item item = an_item();
    spoil(item);
    EXPECT_THROW(static_cast<void>(decode_item(item_key(item.id), encode_item(item))), DamagedValue);
  };
  refuses([](Item& item) { item.kappa = 1.0000001; });
  refuses([](Item& item) { item.kappa = -1e-300; });
  refuses([](Item& item) { item.kappa = std::nan(""); });
  refuses([](Item& item) { item.importance = 2; });
  refuses([](Item& item) { item.event_ms = std::numeric_limits<double>::infinity(); });
  refuses([](Item& item) { item.modulators.serotonin = std::nan(""); });
  refuses([](Item& item) { item.type = static_cast<ItemType>(3); });
  refuses([](Item& item) { item.id = kNoItem; });
}

TEST(Codec, VectorsAreOfTheDimensionFiniteAndOfLengthOne) {
  const std::vector<float> vector{.48F, -.6F, .64F};
  const std::string payload = encode_vector(vector);
  EXPECT_EQ(payload.size(), 12U);
  std::vector<float> back(3);
  decode_vector("k", payload, back);
  EXPECT_EQ(back, vector);
  std::vector<float> longer(4);
  EXPECT_THROW(decode_vector("k", payload, longer), DamagedValue);
  EXPECT_THROW(decode_vector("k", encode_vector(std::array{1.F, std::nanf(""), 0.F}), back), DamagedValue);
  for (const float length : {.9991F, 1.0009F})
    EXPECT_NO_THROW(decode_vector("k", encode_vector(std::array{0.F, -length, 0.F}), back)) << length;
  for (const float length : {0.F, .9989F, 1.0011F, 3e38F})
    EXPECT_THROW(decode_vector("k", encode_vector(std::array{0.F, -length, 0.F}), back), DamagedValue)
        << length;
}

TEST(Codec, KeysOfEdgesGoBothWays) {
  const Edge edge{.from = 1, .to = 258, .type = EdgeType::abstracts, .weight = .8};
  EXPECT_EQ(edge_key(edge), "\0\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0\1\2"s);
  EXPECT_EQ(way_back_key(edge), "\1\0\0\0\0\0\0\1\2\1\0\0\0\0\0\0\0\1"s);
  EXPECT_TRUE(edge_key(edge).starts_with(edge_prefix(1)));
  EXPECT_TRUE(way_back_key(edge).starts_with(way_back_prefix(258)));
  const Edge back = decode_edge(edge_key(edge), encode_weight(.8));
  EXPECT_EQ(std::tuple(back.from, back.to, back.type, back.weight),
            std::tuple(1, 258, EdgeType::abstracts, .8));
  const Edge same = edge_of_way_back(way_back_key(edge));
  EXPECT_EQ(edge_key(same), edge_key(edge));
  EXPECT_THROW(static_cast<void>(decode_edge(way_back_key(edge), encode_weight(.8))), DamagedValue);
  EXPECT_THROW(static_cast<void>(decode_edge(edge_key(edge), encode_weight(1.5))), DamagedValue);
}

TEST(Codec, ThePhasesRecordIsLaidOutAsDocumented) {
  const PhaseRecord record{.when_us = -1,
                           .seconds = .5,
                           .runs = 2,
                           .counts = {.looked_at = 3, .changed = 4, .made = 5, .removed = 6, .edges = 7}};
  const std::string payload = encode_phase(record);
  ASSERT_EQ(payload.size(), 8 * 8U);
  EXPECT_EQ(payload.substr(0, 8), std::string(8, '\xff'));
  for (char i = 2; i <= 7; ++i)
    EXPECT_EQ(payload.substr(8 * static_cast<std::size_t>(i), 8), i + "\0\0\0\0\0\0\0"s);
  const PhaseRecord back = decode_phase("phase/nrem", payload);
  EXPECT_EQ(back.when_us, -1);
  EXPECT_EQ(back.seconds, .5);
  EXPECT_EQ(back.runs, 2U);
  EXPECT_EQ(back.counts, record.counts);
  EXPECT_THROW(static_cast<void>(decode_phase("phase/nrem", payload + '\0')), DamagedValue);
  EXPECT_THROW(static_cast<void>(decode_phase("phase/nrem", payload.substr(1))), DamagedValue);
}

TEST(Codec, WhatWasRefusedIsLaidOutAsDocumented) {
  const Quarantined refused{
      .number = 0x0102, .when_us = 3, .reason = "why", .from = "whence", .bytes = "\0\xff"s};
  const std::string key = quarantine_key(refused.number);
  EXPECT_EQ(key, "quarantine/\0\0\0\0\0\0\1\2"s);
  const std::string payload = encode_quarantined(refused);
  EXPECT_EQ(payload, "\3\0\0\0\0\0\0\0\3\0\0\0why\6\0\0\0whence\2\0\0\0\0\xff"s);
  const Quarantined back = decode_quarantined(key, payload);
  EXPECT_EQ(back.number, 0x0102U);
  EXPECT_EQ(back.when_us, 3);
  EXPECT_EQ(back.reason, "why");
  EXPECT_EQ(back.from, "whence");
  EXPECT_EQ(back.bytes, "\0\xff"s);
  for (std::size_t n = 0; n < payload.size(); ++n)
    EXPECT_THROW(static_cast<void>(decode_quarantined(key, payload.substr(0, n))), DamagedValue) << n;
  EXPECT_THROW(static_cast<void>(decode_quarantined(key + "x", payload)), DamagedValue);
}

TEST(Codec, KeysOfSignalsOfDifferentSourcesDiffer) {
  const Provenance a{.run = "r", .config_digest = "", .population = "1E"};
  const Provenance b{.run = "r1", .config_digest = "", .population = "E"};
  EXPECT_NE(signal_key(a), signal_key(b));
}

TEST(Bands, BeginAtTheirBounds) {
  EXPECT_EQ(band_of(0), Band::episodic);
  EXPECT_EQ(band_of(std::nextafter(.15, 0)), Band::episodic);
  EXPECT_EQ(band_of(.15), Band::replayed);
  EXPECT_EQ(band_of(.4), Band::transitional);
  EXPECT_EQ(band_of(.85), Band::semantic);
  EXPECT_EQ(band_of(1), Band::semantic);
}

}  // namespace
}  // namespace sharpwave::memory
