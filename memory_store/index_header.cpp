#include "memory_store/index_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "host/base/error.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::string_view kHeaderMagic = "SWHNSW\x01\n";
constexpr std::uint32_t kHeaderFormat = 1;
constexpr std::uint32_t kInnerProduct = 1;

/// The bytes of the file.
struct Layout {
  std::array<char, 8> magic{};
  std::uint32_t format = kHeaderFormat;
  std::uint32_t metric = kInnerProduct;
  std::uint32_t dimension = 0;
  std::uint32_t M = 0;
  std::uint32_t ef_construction = 0;
  std::uint32_t zero = 0;
  std::uint64_t n_vectors = 0;
  std::uint64_t graph_bytes = 0;
  std::array<char, 64> space{};
  Sha256::Digest graph_digest{};
  Sha256::Digest digest{};  ///< of all above
};
static_assert(sizeof(Layout) == kIndexHeaderBytes);
static_assert(std::endian::native == std::endian::little && std::has_unique_object_representations_v<Layout>,
              "little-endian, and no padding");

std::string_view bytes_of(const Layout& layout) {
  return {reinterpret_cast<const char*>(&layout), sizeof layout};
}

Sha256::Digest digest_of(const Layout& layout) {
  return sha256(bytes_of(layout).substr(0, offsetof(Layout, digest)));
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ExitCode::damaged_data, "the header of the index: " + what);
}

}  // namespace

std::string encode_index_header(const IndexHeader& header) {
  Layout layout{.dimension = header.dimension,
                .M = header.M,
                .ef_construction = header.ef_construction,
                .n_vectors = header.n_vectors,
                .graph_bytes = header.graph_bytes,
                .graph_digest = header.graph_digest};
  std::copy(kHeaderMagic.begin(), kHeaderMagic.end(), layout.magic.begin());
  SHARPWAVE_ASSERT(header.space.size() <= layout.space.size());
  std::copy(header.space.begin(), header.space.end(), layout.space.begin());
  layout.digest = digest_of(layout);
  return std::string(bytes_of(layout));
}

IndexHeader decode_index_header(std::string_view bytes) {
  Layout layout;
  if (bytes.size() != sizeof layout)
    refuse(fmt::format("{} bytes, expected {}", bytes.size(), sizeof layout));
  std::memcpy(&layout, bytes.data(), sizeof layout);
  if (!std::equal(kHeaderMagic.begin(), kHeaderMagic.end(), layout.magic.begin()))
    refuse("the magic is not there");
  if (layout.digest != digest_of(layout)) refuse("its digest does not fit");
  if (layout.format != kHeaderFormat)
    refuse(fmt::format("format {}, expected {}", layout.format, kHeaderFormat));
  if (layout.metric != kInnerProduct)
    refuse(fmt::format("metric {}, expected {}", layout.metric, kInnerProduct));
  const auto end = std::find(layout.space.begin(), layout.space.end(), '\0');
  if (layout.zero != 0 || std::any_of(end, layout.space.end(), [](char c) { return c != '\0'; }))
    refuse("bytes that have to be zero are not");
  return {.space = {layout.space.begin(), end},
          .dimension = layout.dimension,
          .M = layout.M,
          .ef_construction = layout.ef_construction,
          .n_vectors = layout.n_vectors,
          .graph_bytes = layout.graph_bytes,
          .graph_digest = layout.graph_digest};
}

}  // namespace sharpwave::memory
