#include "memory_store/vector_index.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/vector_table.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/clustered_vectors.hpp"
#include "tests/memory_store/store_files.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

namespace fs = std::filesystem;
using testing::ClusteredVectors;
using testing::content;
using testing::overwrite;

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
  return bytes;
}

/// The largest number that `n` draws, each of which hits with probability `p`, stay below less often than
/// `alpha`.
int binomial_bound(int n, double p, double alpha) {
  double below = 0;
  for (int hits = 0;; ++hits) {
    below += std::exp(std::lgamma(n + 1.) - std::lgamma(hits + 1.) - std::lgamma(n - hits + 1.) +
                      hits * std::log(p) + (n - hits) * std::log1p(-p));
    if (below >= alpha) return hits;
  }
}

TEST(VectorIndex, FindsTheNearestOfClusteredVectors) {
  constexpr std::uint32_t kDimension = 64;
  constexpr std::size_t kVectors = 4'000;
  constexpr int kQueries = 200;
  constexpr std::size_t k = 10;
  ClusteredVectors draw(kDimension, 40, 1);
  VectorTable table(kDimension);
  VectorIndex index(kDimension, {});
  for (ItemId id = 1; id <= kVectors; ++id) {
    table.insert(id, draw.next());
    index.insert(id, table.find(id));
  }
  EXPECT_EQ(index.size(), kVectors);
  int n_hits = 0;
  for (int i = 0; i < kQueries; ++i) {
    const std::vector<float> query = draw.next();
    const std::vector<ItemId> found = index.candidates(query, 50);
    EXPECT_EQ(found.size(), 50U);
    for (const Neighbour& neighbour : table.nearest(query, k, nullptr))
      n_hits += static_cast<int>(std::ranges::count(found, neighbour.id));
  }
  std::cout << "recall@10: " << n_hits / 10. / kQueries << "\n";
  EXPECT_GE(n_hits, binomial_bound(kQueries * k, .999, 1e-6));
}

TEST(VectorIndex, OfFewVectorsHasThemAll) {
  VectorIndex index(2, {});
  EXPECT_TRUE(index.candidates(std::vector<float>{1, 0}, 5).empty());
  for (ItemId id = 1; id <= 3; ++id) index.insert(id, std::vector<float>{1, 0});
  std::vector<ItemId> found = index.candidates(std::vector<float>{0, 1}, 5);
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<ItemId>{1, 2, 3}));
  EXPECT_EQ(index.candidates(std::vector<float>{0, 1}, 2).size(), 2U);
}

class VectorIndexFiles : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDimension = 5;
  static constexpr std::size_t kVectors = 100;
  VectorIndexFiles() : index_(kDimension, kParameters) {
    for (ItemId id = 1; id <= kVectors; ++id) index_.insert(3 * id, draw_.next());
    index_.save(folder(), "digits");
  }
  [[nodiscard]] fs::path folder() const { return directory_.path() / "index"; }
  [[nodiscard]] std::unique_ptr<VectorIndex> load() const {
    return VectorIndex::load(folder(), "digits", kDimension, kParameters);
  }
  [[nodiscard]] std::string refusal(const std::string& space = "digits", std::uint32_t dimension = kDimension,
                                    const IndexParameters& parameters = kParameters) const {
    return test::refusal_of(ExitCode::damaged_data, [&] {
      static_cast<void>(VectorIndex::load(folder(), space, dimension, parameters));
    });
  }

  // So few links that there are several layers.
  static constexpr IndexParameters kParameters{.M = 3, .ef_construction = 20, .ef = 10};
  ClusteredVectors draw_{kDimension, 4, 2};
  TemporaryDirectory directory_;
  VectorIndex index_;
};

TEST_F(VectorIndexFiles, GiveBackWhatWasSaved) {
  const std::unique_ptr<VectorIndex> loaded = load();
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(loaded->size(), kVectors);
  std::vector<ItemId> ids = loaded->ids();
  std::ranges::sort(ids);
  EXPECT_EQ(ids.front(), 3U);
  EXPECT_EQ(ids.back(), 3 * kVectors);
  EXPECT_TRUE(loaded->find(4).empty());
  for (const ItemId id : ids) EXPECT_TRUE(std::ranges::equal(loaded->find(id), index_.find(id)));
  for (int i = 0; i < 20; ++i) {
    const std::vector<float> query = draw_.next();
    EXPECT_EQ(loaded->candidates(query, 7), index_.candidates(query, 7));
  }
  for (ItemId id = 1000; id < 3000; ++id) loaded->insert(id, draw_.next());  // more than it had room for
  EXPECT_EQ(loaded->size(), kVectors + 2000);
  loaded->save(folder(), "digits");
  EXPECT_EQ(load()->size(), kVectors + 2000);
}

TEST_F(VectorIndexFiles, ThatAreNotThereAreNoIndex) {
  fs::remove(folder() / "header");
  EXPECT_EQ(load(), nullptr);
  fs::remove_all(folder());
  EXPECT_EQ(load(), nullptr);
}

TEST_F(VectorIndexFiles, OfSomethingElseAreRefused) {
  EXPECT_EQ(refusal("letters"), "the index: it is of the space 'digits', expected 'letters'");
  EXPECT_EQ(refusal("digits", 6), "the index: its vectors have 5 values, expected 6");
  EXPECT_EQ(refusal("digits", 5, {.M = 3, .ef_construction = 21, .ef = 10}),
            "the index: made with M 3 and ef_construction 20, expected 3 and 21");
  EXPECT_EQ(refusal("digits", 5, {.M = 3, .ef_construction = 20, .ef = 99}), "") << "ef is a search's";
}

TEST_F(VectorIndexFiles, WithAnyByteFlippedOrMissingAreRefused) {
  for (const char* name : {"header", "graph"}) {
    const std::string whole = content(folder() / name);
    for (std::size_t at = 0; at < whole.size(); at += name[0] == 'h' ? 1 : 41) {
      overwrite(folder() / name, flipped(whole, at));
      EXPECT_NE(refusal(), "") << name << " byte " << at;
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
      overwrite(folder() / name, whole.substr(0, size));
      EXPECT_NE(refusal(), "") << name << " of " << size << " bytes";
    }
    overwrite(folder() / name, whole + '\0');
    EXPECT_NE(refusal(), "") << name;
    overwrite(folder() / name, whole);
  }
  EXPECT_EQ(refusal(), "");
}

// Whoever can compute a digest can write any graph. It must not lead out of memory.
TEST_F(VectorIndexFiles, WithForgedDigestsAreRefusedOrHarmless) {
  const std::string whole = content(folder() / "graph");
  const IndexHeader header = decode_index_header(content(folder() / "header"));
  int n_refused = 0;
  int n_harmless = 0;
  for (std::size_t at = 0; at < whole.size(); at += at < 96 ? 1 : 29) {
    const std::string forged = flipped(whole, at);
    IndexHeader fitting = header;
    fitting.graph_digest = sha256(forged);
    overwrite(folder() / "graph", forged);
    overwrite(folder() / "header", encode_index_header(fitting));
    try {
      const std::unique_ptr<VectorIndex> loaded = load();
      EXPECT_LE(loaded->candidates(draw_.next(), 10).size(), 10U);
      loaded->insert(1'000'000, draw_.next());
      ++n_harmless;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data) << error.what();
      ++n_refused;
    }
  }
  std::cout << n_refused << " refused, " << n_harmless << " harmless\n";
  EXPECT_GT(n_refused, 90) << "what stands in front of the vectors";
  EXPECT_GT(n_harmless, 50) << "most bytes are those of vectors";
}

TEST_F(VectorIndexFiles, ThatArePipesAndFoldersAreRefused) {
  fs::remove(folder() / "graph");
  ASSERT_EQ(mkfifo((folder() / "graph").c_str(), 0600), 0);
  EXPECT_NE(refusal(), "");
  fs::remove(folder() / "header");
  fs::create_directory(folder() / "header");
  EXPECT_THROW(static_cast<void>(load()), Error);
}

TEST_F(VectorIndexFiles, ThatCannotBeWrittenLeaveTheOldOnes) {
  fs::create_directory(folder() / "graph.partial");
  index_.insert(1, draw_.next());
  EXPECT_THROW(index_.save(folder(), "digits"), Error);
  EXPECT_EQ(load()->size(), kVectors);
  overwrite(directory_.path() / "file", "x");
  EXPECT_THROW(index_.save(directory_.path() / "file", "digits"), Error);
}

TEST(IndexHeader, IsReadAsItWasWritten) {
  const IndexHeader header{.space = std::string(64, 'x'),
                           .dimension = 128,
                           .M = 16,
                           .ef_construction = 200,
                           .n_vectors = 5,
                           .graph_bytes = 6,
                           .graph_digest = sha256("graph")};
  const std::string bytes = encode_index_header(header);
  EXPECT_EQ(bytes.size(), kIndexHeaderBytes);
  EXPECT_EQ(decode_index_header(bytes), header);
  EXPECT_EQ(bytes.substr(0, 12), std::string("SWHNSW\x01\n\x01\0\0\0", 12));
  EXPECT_EQ(bytes.substr(16, 4), std::string("\x80\0\0\0", 4)) << "docs/formats/memory.md: the dimension";
}

TEST(IndexHeader, ThatIsNoneIsRefusedAndItSaysWhy) {
  const auto refusal = [](const std::string& bytes) {
    return test::refusal_of(ExitCode::damaged_data, [&] { static_cast<void>(decode_index_header(bytes)); });
  };
  const auto with = [](std::size_t at, char byte) {
    std::string bytes = encode_index_header({.space = "digits"});
    bytes[at] = byte;
    const Sha256::Digest digest = sha256(bytes.substr(0, kIndexHeaderBytes - sizeof(Sha256::Digest)));
    std::ranges::copy(digest,
                      reinterpret_cast<std::uint8_t*>(bytes.data()) + kIndexHeaderBytes - digest.size());
    return bytes;
  };
  const std::string place = "the header of the index: ";
  EXPECT_EQ(refusal(""), place + "0 bytes, expected 176");
  EXPECT_EQ(refusal(std::string(176, '\0')), place + "the magic is not there");
  EXPECT_EQ(refusal(flipped(encode_index_header({}), 20)), place + "its digest does not fit");
  EXPECT_EQ(refusal(with(8, 2)), place + "format 2, expected 1");
  EXPECT_EQ(refusal(with(12, 2)), place + "metric 2, expected 1");
  EXPECT_EQ(refusal(with(28, 1)), place + "bytes that have to be zero are not");
  EXPECT_EQ(refusal(with(48 + 63, 'x')), place + "bytes that have to be zero are not") << "behind the name";
  EXPECT_EQ(refusal(with(48, 'D')), "");
}

}  // namespace
}  // namespace sharpwave::memory
