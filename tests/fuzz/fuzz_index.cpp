// The files of a vector index: the input as a header, as it is and with a digest that fits; and as a graph,
// with a header that fits, so that changes reach what is behind the digests.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "memory_store/index_header.hpp"
#include "memory_store/vector_index.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::fuzz {
namespace {

using namespace sharpwave::memory;

// Of the corpus's graph.
constexpr std::uint32_t kDimension = 5;
constexpr IndexParameters kParameters{.M = 3, .ef_construction = 20, .ef = 10};
/// Where a graph says how many vectors it has.
constexpr std::size_t kCountAt = 16;

const std::filesystem::path& folder() {
  static const test::TemporaryFolder folder;
  return folder.path();
}

void write(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  require(out.good(), "cannot be written", file.string());
}

void read_header(const std::string& bytes) {
  const auto outcome = outcome_of([&] { return decode_index_header(bytes); });
  if (outcome.value)
    require(encode_index_header(*outcome.value) == bytes, "a header that is written otherwise");
}

std::string with_digest(std::string header) {
  if (header.size() != kIndexHeaderBytes) return header;
  const std::size_t at = header.size() - sizeof(Sha256::Digest);
  const Sha256::Digest digest = sha256(std::string_view(header).substr(0, at));
  std::memcpy(header.data() + at, digest.data(), digest.size());
  return header;
}

void read_graph(std::string_view bytes) {
  IndexHeader header{.space = "digits",
                     .dimension = kDimension,
                     .M = kParameters.M,
                     .ef_construction = kParameters.ef_construction,
                     .graph_bytes = bytes.size(),
                     .graph_digest = sha256(bytes)};
  if (bytes.size() >= kCountAt + sizeof header.n_vectors)
    std::memcpy(&header.n_vectors, bytes.data() + kCountAt, sizeof header.n_vectors);
  write(folder() / "graph", bytes);
  write(folder() / "header", encode_index_header(header));
  const auto outcome =
      outcome_of([] { return VectorIndex::load(folder(), "digits", kDimension, kParameters); });
  if (!outcome.value) return;
  VectorIndex& index = **outcome.value;
  require(index.size() == header.n_vectors && index.ids().size() == index.size(),
          "another number of vectors");
  const std::vector<float> vector(kDimension, .4472136F);
  require(index.candidates(vector, 7).size() <= 7, "more candidates than were asked for");
  ItemId id = 1;
  while (!index.find(id).empty()) ++id;
  index.insert(id, vector);
  require(index.find(id).size() == kDimension, "a vector that was inserted is not there");
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave::fuzz;
  const std::string bytes(text_of(data, size));
  read_header(bytes);
  read_header(with_digest(bytes));
  read_graph(bytes);
  return 0;
}
