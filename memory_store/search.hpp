// What is asked of a memory space, and how the answer is found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "memory_store/item.hpp"
#include "memory_store/space_index.hpp"
#include "memory_store/vector_table.hpp"

namespace sharpwave::memory {

struct Summary;

inline constexpr std::size_t kMostNeighbours = 1024;

template <class T>
struct Range {
  T from;
  T until;  ///< both ends are in it
};

/// Which items are meant: those that fit all that is there.
struct Query {
  std::size_t k = 10;  ///< how many at most, 1 to kMostNeighbours
  std::optional<Range<double>> kappa;
  std::optional<ItemType> type;
  std::optional<Range<double>> event_ms;           ///< simulated time
  std::optional<Range<std::int64_t>> recorded_us;  ///< since 1970, UTC
  bool exact = false;                              ///< without the index
};

/// How the neighbours of an answer were found.
enum class Plan : std::uint8_t {
  exact_scan,     ///< among all vectors
  filtered_scan,  ///< among those of the items that are meant
  index,
  filtered_index  ///< among more candidates of the index, of which those that are not meant were left out
};
[[nodiscard]] const char* name_of(Plan plan);

struct Answer {
  std::vector<Neighbour> neighbours;  ///< nearest first, of equal ones the smaller id
  Plan plan = Plan::exact_scan;
  IndexState index_state = IndexState::none_needed;
  std::size_t n_looked_at = 0;            ///< vectors that were compared with the query
  std::optional<std::size_t> n_matching;  ///< items that are meant; none where the index left it open
  double seconds = 0;
};

/// @throws Error(usage) naming what of it is out of its range, NaN included.
void check(const Query& query);
[[nodiscard]] bool is_meant(const Summary& summary, const Query& query);

/// Where a search looks.
struct Searched {
  const VectorTable& vectors;
  const std::unordered_map<ItemId, Summary>& summaries;  ///< of the same items
  const SpaceIndex& index;
};

/// The index is asked where there is one, candidates enough cost less than a scan, and the query means most
/// items, as a sample of them tells. Where fewer than `k` of the candidates are meant, or the last of them is
/// as near as the last that is, a scan has the word.
///
/// @param vector  [dimension], of length 1.
/// @param query   checked.
[[nodiscard]] Answer search(const Searched& where, std::span<const float> vector, const Query& query);

}  // namespace sharpwave::memory
