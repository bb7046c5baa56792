#include "memory_store/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "host/base/error.hpp"
#include "kernels/dot_product.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

namespace {

/// Candidates for each neighbour that is asked for: the last of as many as are wanted are the ones that the
/// graph misses first.
constexpr std::size_t kCandidatesOfEach = 2;
/// Where fewer are meant, the index would have to bring too many.
constexpr double kLeastShare = .5;
constexpr std::size_t kSampleSize = 256;

template <class T>
void check_range(const std::optional<Range<T>>& range, const char* what) {
  if (range && !(range->from <= range->until))
    throw Error(ExitCode::usage,
                fmt::format("{} from {} to {}: expected a range that does not end before it begins", what,
                            range->from, range->until));
}

template <class T>
bool is_within(T value, const std::optional<Range<T>>& range) {
  return !range || (value >= range->from && value <= range->until);
}

bool means_all(const Query& query) {
  return !query.kappa && !query.type && !query.event_ms && !query.recorded_us;
}

/// About the share of the items that are meant.
double share_of(const Searched& where, const Query& query) {
  if (means_all(query)) return 1;
  const std::span<const ItemId> ids = where.vectors.ids();
  const std::size_t n = std::min(kSampleSize, ids.size());
  std::size_t n_meant = 0;
  for (std::size_t i = 0; i < n; ++i)
    n_meant += is_meant(where.summaries.at(ids[i * ids.size() / n]), query) ? 1 : 0;
  return static_cast<double>(n_meant) / static_cast<double>(n);
}

/// How many candidates the index is asked for; 0: it is not asked.
std::size_t n_candidates(const Searched& where, const Query& query) {
  const double share = share_of(where, query);
  if (!(share >= kLeastShare)) return 0;
  const IndexOptions& options = where.index.options();
  const std::size_t wanted = std::max<std::size_t>(
      options.parameters.ef,
      static_cast<std::size_t>(std::ceil(static_cast<double>(kCandidatesOfEach * query.k) / share)));
  // A scan of `from_vectors` takes as long as `ef` candidates.
  return where.vectors.size() * options.parameters.ef >= options.from_vectors * wanted ? wanted : 0;
}

/// False where the index cannot tell.
bool ask_index(const Searched& where, std::span<const float> vector, const Query& query, std::size_t n,
               Answer& answer) {
  const std::optional<SpaceIndex::Candidates> candidates = where.index.candidates(vector, n);
  if (!candidates) return false;
  float least_similar = 1;  // of what the graph has found
  std::vector<Neighbour> found;
  const auto look_at = [&](ItemId id, bool is_from_graph) {
    const std::span<const float> row = where.vectors.find(id);
    if (row.empty()) return;  // it is gone
    const float similarity = dot_product(vector.data(), row.data(), where.vectors.dimension());
    ++answer.n_looked_at;
    if (is_from_graph) least_similar = std::min(least_similar, similarity);
    if (is_meant(where.summaries.at(id), query)) found.push_back({id, similarity});
  };
  for (const ItemId id : candidates->from_graph) look_at(id, true);
  for (const ItemId id : candidates->waiting) look_at(id, false);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()),
              found.end());  // it had waited, and came into the graph
  if (found.size() < query.k) return false;
  found.resize(query.k);
  // Others may be as near, and have smaller ids.
  if (candidates->from_graph.size() >= n && found.back().similarity <= least_similar) return false;
  answer.neighbours = std::move(found);
  answer.plan = means_all(query) ? Plan::index : Plan::filtered_index;
  if (means_all(query)) answer.n_matching = where.vectors.size();
  return true;
}

void scan(const Searched& where, std::span<const float> vector, const Query& query, Answer& answer) {
  if (means_all(query)) {
    answer.neighbours = where.vectors.nearest(vector, query.k, nullptr);
    answer.plan = Plan::exact_scan;
    answer.n_matching = where.vectors.size();
  } else {
    std::size_t n_matching = 0;
    answer.neighbours = where.vectors.nearest(vector, query.k, [&](ItemId id) {
      const bool is_one = is_meant(where.summaries.at(id), query);
      n_matching += is_one ? 1 : 0;
      return is_one;
    });
    answer.plan = Plan::filtered_scan;
    answer.n_matching = n_matching;
  }
  answer.n_looked_at += *answer.n_matching;
}

}  // namespace

const char* name_of(Plan plan) {
  switch (plan) {
    case Plan::exact_scan:
      return "exact_scan";
    case Plan::filtered_scan:
      return "filtered_scan";
    case Plan::index:
      return "index";
    case Plan::filtered_index:
      return "filtered_index";
  }
  SHARPWAVE_ASSERT(false);
}

void check(const Query& query) {
  if (query.k < 1 || query.k > kMostNeighbours)
    throw Error(ExitCode::usage, fmt::format("{} neighbours, expected 1 to {}", query.k, kMostNeighbours));
  check_range(query.kappa, "kappa");
  check_range(query.event_ms, "event time (ms)");
  check_range(query.recorded_us, "record time (us)");
}

bool is_meant(const Summary& summary, const Query& query) {
  return is_within(summary.kappa, query.kappa) && (!query.type || summary.type == *query.type) &&
         is_within(summary.event_ms, query.event_ms) && is_within(summary.recorded_us, query.recorded_us);
}

Answer search(const Searched& where, std::span<const float> vector, const Query& query) {
  const auto begin = std::chrono::steady_clock::now();
  Answer answer;
  answer.index_state = where.index.state();
  const std::size_t n =
      query.exact || answer.index_state != IndexState::ready ? 0 : n_candidates(where, query);
  if (n == 0 || !ask_index(where, vector, query, n, answer)) scan(where, vector, query, answer);
  answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return answer;
}

}  // namespace sharpwave::memory
