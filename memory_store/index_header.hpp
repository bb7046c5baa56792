// The header of a vector index as it lies in a store: docs/formats/memory.md, "index".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/sha256.hpp"

namespace sharpwave::memory {

/// How the graph of an index is made and searched (Malkov & Yashunin 2018, doi:10.1109/TPAMI.2018.2889473).
struct IndexParameters {
  std::uint32_t M = 16;                 ///< links of a vector, twice as many in the lowest layer; 2 to 1,024
  std::uint32_t ef_construction = 200;  ///< candidates for them
  std::uint32_t ef = 50;                ///< candidates that a search has at least
};

inline constexpr std::size_t kIndexHeaderBytes = 176;

/// What the file beside it is, and of what.
struct IndexHeader {
  std::string space;
  std::uint32_t dimension = 0;
  std::uint32_t M = 0;
  std::uint32_t ef_construction = 0;
  std::uint64_t n_vectors = 0;  ///< in the graph, with those that have been erased since they came into it
  std::uint64_t graph_bytes = 0;
  Sha256::Digest graph_digest{};

  [[nodiscard]] bool operator==(const IndexHeader&) const = default;
};

/// @param header  its space has at most 64 characters.
[[nodiscard]] std::string encode_index_header(const IndexHeader& header);
/// @throws Error(damaged_data) saying what in `bytes` is not as encode_index_header() writes it.
[[nodiscard]] IndexHeader decode_index_header(std::string_view bytes);

}  // namespace sharpwave::memory
