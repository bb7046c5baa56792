#include "host/network/connectivity.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "host/base/error.hpp"
#include "host/network/distribution.hpp"
#include "kernels/math.hpp"

namespace sharpwave {
namespace {

SelfPosition to_target(const ProjectionSpec& p) {
  return self_position(p, p.source, p.target);
}

// log(1 - p) without cancellation for small p (Kahan's form of log1p).
double log_of_complement(double p) {
  const double u = 1.0 - p;
  return u == 1.0 ? -p : math::log(u) * (-p / (u - 1.0));
}

// `degree` draws from [0, n) without `self`: with replacement, or distinct ones by Floyd's algorithm
// (Bentley & Floyd 1987, doi:10.1145/30401.315746), which needs one draw each.
void choose(std::uint32_t n, std::uint32_t self, std::uint32_t degree, bool with_replacement,
            const std::uint32_t* words0, const std::uint32_t* words3, std::vector<std::uint64_t>& seen,
            std::uint32_t* out) {
  const std::uint32_t choices = self == kNowhere ? n : n - 1;
  if (with_replacement) {
    for (std::uint32_t j = 0; j < degree; ++j) {
      const std::uint32_t k = number_below(choices, words0[j], words3[j]);
      out[j] = leaving_out(self, k);
    }
    return;
  }
  seen.assign((choices + 63) / 64, 0);
  for (std::uint32_t j = 0; j < degree; ++j) {
    const std::uint32_t last = choices - degree + j;
    std::uint32_t k = number_below(last + 1, words0[j], words3[j]);
    if ((seen[k / 64] >> (k % 64)) & 1) k = last;
    seen[k / 64] |= std::uint64_t{1} << (k % 64);
    out[j] = leaving_out(self, k);
  }
}

struct Context {
  const ProjectionSpec& projection;
  PhiloxKey key;         // words of the synapses, by (source position, ordinal)
  PhiloxKey select_key;  // whatever else the rule draws
  const CpuKernels& kernels;
  std::uint32_t n_sources;
  std::uint32_t n_targets;

  // Random words for the row's synapses; words0 and words3 choose targets.
  void draw_words(std::uint32_t position, SynapseRow& row) const {
    row.words0.resize(row.n);
    row.words3.resize(row.n);
    kernels.philox_words(key, position, 0, row.n, row.words0.data(), row.weight_words.data(),
                         row.delay_words.data(), row.words3.data());
  }
  void elements_are_targets(SynapseRow& row) const {
    std::copy_n(row.target.begin(), row.n, row.element.begin());
  }
  [[nodiscard]] std::uint32_t degree_of(std::uint32_t position) const {
    return projection.degree.size() == 1 ? projection.degree[0] : projection.degree[position];
  }
};

class OneToOne final : public Connectivity {
 public:
  explicit OneToOne(const Context& context) : context_(context) {}
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const SelfPosition self = to_target(context_.projection);
    row.resize(self.of(position) == position ? 0 : 1);
    if (row.n == 0) return;
    row.target[0] = position;
    context_.draw_words(position, row);
    context_.elements_are_targets(row);
  }

 private:
  Context context_;
};

class AllToAll final : public Connectivity {
 public:
  explicit AllToAll(const Context& context) : context_(context) {}
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const std::uint32_t self = to_target(context_.projection).of(position);
    row.resize(context_.n_targets - (self == kNowhere ? 0 : 1));
    for (std::uint32_t j = 0; j < row.n; ++j) row.target[j] = leaving_out(self, j);
    context_.draw_words(position, row);
    context_.elements_are_targets(row);
  }

 private:
  Context context_;
};

class FixedOutdegree final : public Connectivity {
 public:
  explicit FixedOutdegree(const Context& context) : context_(context) {}
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const ProjectionSpec& p = context_.projection;
    row.resize(context_.degree_of(position));
    context_.draw_words(position, row);
    choose(context_.n_targets, to_target(p).of(position), row.n, p.multapses, row.words0.data(),
           row.words3.data(), row.seen, row.target.data());
    context_.elements_are_targets(row);
  }

 private:
  Context context_;
};

// K pairs drawn with replacement. The sources are drawn first, which leaves the number of synapses of each
// source; its targets are drawn with its row.
class FixedTotalNumber final : public Connectivity {
 public:
  FixedTotalNumber(const Context& context, ThreadPool& pool)
      : context_(context), out_degree_(context.n_sources) {
    constexpr std::uint32_t kDraws = 1024;  // Philox blocks at a time, four draws each
    const std::uint64_t total = context.projection.total;
    const bool narrow = context.n_sources <= kMostNarrowChoices;
    const std::uint64_t per_block = narrow ? 4 : 2;
    const std::uint64_t n_blocks = (total + per_block - 1) / per_block;
    std::vector<std::vector<std::uint32_t>> counts(static_cast<std::size_t>(pool.size()));
    pool.parallel_for(
        n_blocks, std::uint64_t{64} * kDraws, [&](int thread, std::uint64_t begin, std::uint64_t end) {
          auto& count = counts[static_cast<std::size_t>(thread)];
          count.resize(context.n_sources);
          std::vector<std::uint32_t> words(4 * kDraws);
          std::uint32_t* const w = words.data();
          for (std::uint64_t block = begin; block < end; block += kDraws) {
            const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(kDraws, end - block));
            context.kernels.philox_words(context.select_key, 0, block, n, w, w + kDraws, w + 2 * kDraws,
                                         w + 3 * kDraws);
            for (std::uint32_t i = 0; i < n; ++i) {
              const std::uint64_t first = (block + i) * per_block;
              for (std::uint32_t k = 0; k < per_block && first + k < total; ++k) {
                const std::uint32_t low = w[(narrow ? k : 2 * k) * kDraws + i];
                const std::uint32_t high = narrow ? 0 : w[(2 * k + 1) * kDraws + i];
                ++count[number_below(context.n_sources, low, high)];
              }
            }
          }
        });
    for (const auto& count : counts)
      for (std::size_t i = 0; i < count.size(); ++i) out_degree_[i] += count[i];
  }
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const ProjectionSpec& p = context_.projection;
    row.resize(out_degree_[position]);
    context_.draw_words(position, row);
    choose(context_.n_targets, to_target(p).of(position), row.n, true, row.words0.data(), row.words3.data(),
           row.seen, row.target.data());
    context_.elements_are_targets(row);
  }

 private:
  Context context_;
  std::vector<std::uint32_t> out_degree_;
};

// Every pair with probability p: the gaps between connected targets are geometric, so the work is one draw
// per synapse and not one per pair.
class PairwiseBernoulli final : public Connectivity {
 public:
  explicit PairwiseBernoulli(const Context& context)
      : context_(context), inverse_log_(inverse_log_of_complement(context.projection.probability)) {}
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const ProjectionSpec& projection = context_.projection;
    const std::uint32_t self = to_target(projection).of(position);
    const std::uint32_t choices = context_.n_targets - (self == kNowhere ? 0 : 1);
    const double p = projection.probability;
    const double mean = p * choices;
    if (!(p > 0)) return row.resize(0);
    std::uint32_t capacity =
        static_cast<std::uint32_t>(std::min<double>(choices, mean + 6 * std::sqrt(mean) + 16));
    row.resize(capacity);
    context_.draw_words(position, row);
    std::uint32_t n = 0;
    for (double next = -1;;) {
      if (n ==
          row.n) {  // the rare row that is longer than foreseen; its words are drawn again from the start
        capacity = std::min(choices, 2 * row.n + 16);
        if (capacity == row.n) break;
        row.resize(capacity);
        context_.draw_words(position, row);
      }
      next += 1 + geometric_gap(inverse_log_, row.words0[n], row.words3[n]);
      if (!(next < choices)) break;
      const auto k = static_cast<std::uint32_t>(next);
      row.target[n++] = leaving_out(self, k);
    }
    row.n = n;
    context_.elements_are_targets(row);
  }

 private:
  Context context_;
  double inverse_log_;
};

// Rows by source of rules that are given by target or in any order.
class Transposed : public Connectivity {
 public:
  void fill(std::uint32_t position, SynapseRow& row) const override {
    const std::uint64_t begin = first_[position];
    row.resize(static_cast<std::uint32_t>(first_[position + 1] - begin));
    std::copy_n(target_.data() + begin, row.n, row.target.begin());
    context_.draw_words(position, row);
    fill_elements(begin, row);
  }

 protected:
  explicit Transposed(const Context& context)
      : context_(context), first_(context.n_sources + std::size_t{1}) {}
  virtual void fill_elements(std::uint64_t, SynapseRow& row) const { context_.elements_are_targets(row); }

  Context context_;
  std::vector<std::uint64_t> first_;   // [n_sources + 1]
  std::vector<std::uint32_t> target_;  // ascending within a row
};

// A fixed number of sources for every target. Made in a fixed number of ranges of targets, in parallel,
// twice: once to count, once to place; a row's targets come out ascending whoever worked on which range.
class FixedIndegree final : public Transposed {
 public:
  FixedIndegree(const Context& context, ThreadPool& pool) : Transposed(context) {
    constexpr std::uint32_t kRanges = 16;
    const std::uint32_t range = (context.n_targets + kRanges - 1) / kRanges;
    std::vector<std::vector<std::uint32_t>> place(kRanges, std::vector<std::uint32_t>(context.n_sources));
    for_each_draw(pool, kRanges, range,
                  [&](std::uint32_t r, std::uint32_t, std::uint32_t source) { ++place[r][source]; });
    std::uint64_t total = 0;
    for (std::uint32_t s = 0; s < context.n_sources; ++s) {
      first_[s] = total;
      std::uint32_t in_row = 0;
      for (auto& p : place) in_row += std::exchange(p[s], in_row);
      total += in_row;
    }
    first_[context.n_sources] = total;
    target_.resize(total);
    for_each_draw(pool, kRanges, range, [&](std::uint32_t r, std::uint32_t target, std::uint32_t source) {
      target_[first_[source] + place[r][source]++] = target;
    });
  }

 private:
  template <class Visit>
  void for_each_draw(ThreadPool& pool, std::uint32_t n_ranges, std::uint32_t range,
                     const Visit& visit) const {
    const ProjectionSpec& p = context_.projection;
    const SelfPosition self = self_position(p, p.target, p.source);
    pool.parallel_for(n_ranges, 1, [&](int, std::uint64_t r, std::uint64_t) {
      std::vector<std::uint32_t> words0, words1, words2, words3, chosen;
      std::vector<std::uint64_t> seen;
      const auto begin = static_cast<std::uint32_t>(std::min<std::uint64_t>(r * range, context_.n_targets));
      const auto end = std::min(context_.n_targets, begin + range);
      for (std::uint32_t t = begin; t < end; ++t) {
        const std::uint32_t degree = context_.degree_of(t);
        for (auto* words : {&words0, &words1, &words2, &words3, &chosen}) words->resize(degree);
        context_.kernels.philox_words(context_.select_key, t, 0, degree, words0.data(), words1.data(),
                                      words2.data(), words3.data());
        choose(context_.n_sources, self.of(t), degree, p.multapses, words0.data(), words3.data(), seen,
               chosen.data());
        for (std::uint32_t j = 0; j < degree; ++j) visit(static_cast<std::uint32_t>(r), t, chosen[j]);
      }
    });
  }
};

class ExplicitList final : public Transposed {
 public:
  explicit ExplicitList(const Context& context) : Transposed(context) {
    const auto& sources = context.projection.edge_sources;
    const auto& targets = context.projection.edge_targets;
    for (const std::uint32_t s : sources) ++first_[s + std::size_t{1}];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    edge_.resize(sources.size());
    std::vector<std::uint64_t> place(first_.begin(), first_.end() - 1);
    for (std::size_t e = 0; e < sources.size(); ++e)
      edge_[place[sources[e]]++] = static_cast<std::uint32_t>(e);
    for (std::uint32_t s = 0; s < context.n_sources; ++s)
      std::stable_sort(edge_.begin() + static_cast<std::ptrdiff_t>(first_[s]),
                       edge_.begin() + static_cast<std::ptrdiff_t>(first_[s + 1]),
                       [&](std::uint32_t x, std::uint32_t y) { return targets[x] < targets[y]; });
    target_.resize(edge_.size());
    for (std::size_t e = 0; e < edge_.size(); ++e) target_[e] = targets[edge_[e]];
  }

 private:
  void fill_elements(std::uint64_t begin, SynapseRow& row) const override {
    std::copy_n(edge_.data() + begin, row.n, row.element.begin());
  }
  std::vector<std::uint32_t> edge_;
};

// Sources are drawn uniformly, which is right only where all of them have equally many targets.
void require_equal_choices(const ProjectionSpec& p) {
  if (p.rule != ConnectionRule::fixed_total_number || p.autapses) return;
  const SelfPosition self = to_target(p);
  std::uint32_t n_own = 0;
  for (std::uint32_t s = 0; s < p.source.size(); ++s) n_own += self.of(s) == kNowhere ? 0 : 1;
  if (n_own != 0 && n_own != p.source.size())
    throw Error(ExitCode::invalid_config,
                "projection '" + p.name +
                    "': fixed_total_number without autapses draws its sources uniformly, but " +
                    std::to_string(n_own) + " of its " + std::to_string(p.source.size()) +
                    " sources are among the targets and the others are not; expected all of them or none, "
                    "or autapses");
}

}  // namespace

void SynapseRow::resize(std::uint32_t size) {
  n = size;
  if (target.size() >= size) return;
  for (auto* list : {&target, &weight_words, &delay_words, &element}) list->resize(size);
}

ConnectionKeys connection_keys(const ModelSpec& spec, const ProjectionSpec& projection,
                               StreamRegistry& streams) {
  require_equal_choices(projection);
  const std::uint64_t seed = spec.simulation.network_seed;
  const PhiloxKey synapse = streams.key(RandomPurpose::synapse, seed, projection.name);
  return {synapse, streams.key(RandomPurpose::connection, seed, projection.name)};
}

SelfPosition self_position(const ProjectionSpec& projection, const Slice& from, const Slice& to) {
  return {.excluded = !projection.autapses && from.population == to.population,
          .from_start = from.start,
          .from_stride = from.stride,
          .to_start = to.start,
          .to_stop = to.stop,
          .to_stride = to.stride};
}

double inverse_log_of_complement(double p) {
  return p < 1 && p > 0 ? 1.0 / log_of_complement(p) : 0;
}

std::unique_ptr<Connectivity> make_connectivity(const ModelSpec& spec, const ProjectionSpec& projection,
                                                StreamRegistry& streams, ThreadPool& pool,
                                                const CpuKernels& kernels) {
  const ConnectionKeys keys = connection_keys(spec, projection, streams);
  const Context context{.projection = projection,
                        .key = keys.synapse,
                        .select_key = keys.connection,
                        .kernels = kernels,
                        .n_sources = projection.source.size(),
                        .n_targets = projection.target.size()};
  switch (projection.rule) {
    case ConnectionRule::one_to_one:
      return std::make_unique<OneToOne>(context);
    case ConnectionRule::all_to_all:
      return std::make_unique<AllToAll>(context);
    case ConnectionRule::fixed_indegree:
      return std::make_unique<FixedIndegree>(context, pool);
    case ConnectionRule::fixed_outdegree:
      return std::make_unique<FixedOutdegree>(context);
    case ConnectionRule::fixed_total_number:
      return std::make_unique<FixedTotalNumber>(context, pool);
    case ConnectionRule::pairwise_bernoulli:
      return std::make_unique<PairwiseBernoulli>(context);
    case ConnectionRule::explicit_list:
      return std::make_unique<ExplicitList>(context);
  }
  fail_invariant("known connection rule", __FILE__, __LINE__);
}

double expected_synapses(const ProjectionSpec& p) {
  const double n_sources = p.source.size();
  const double n_targets = p.target.size();
  const bool own = !p.autapses && p.source.population == p.target.population;
  const auto degrees = [&](double n) {
    return p.degree.size() == 1 ? p.degree[0] * n : std::accumulate(p.degree.begin(), p.degree.end(), 0.0);
  };
  // Exact where both slices are the same; slices that overlap in part are not worth an exact count here.
  const double pairs = n_sources * n_targets - (own && p.source == p.target ? n_sources : 0);
  switch (p.rule) {
    case ConnectionRule::one_to_one:
      return own && p.source == p.target ? 0 : n_sources;
    case ConnectionRule::all_to_all:
      return pairs;
    case ConnectionRule::fixed_indegree:
      return degrees(n_targets);
    case ConnectionRule::fixed_outdegree:
      return degrees(n_sources);
    case ConnectionRule::fixed_total_number:
      return static_cast<double>(p.total);
    case ConnectionRule::pairwise_bernoulli:
      return pairs * p.probability;
    case ConnectionRule::explicit_list:
      return static_cast<double>(p.edge_sources.size());
  }
  return 0;
}

bool synapse_count_is_exact(const ProjectionSpec& p) {
  const bool overlap = !p.autapses && p.source.population == p.target.population && !(p.source == p.target);
  return p.rule != ConnectionRule::pairwise_bernoulli &&
         !(overlap && (p.rule == ConnectionRule::all_to_all || p.rule == ConnectionRule::one_to_one));
}

double transient_bytes(const ProjectionSpec& p) {
  const double n = expected_synapses(p);
  switch (p.rule) {
    case ConnectionRule::fixed_indegree:
      return 4 * n + 8.0 * p.source.size() + 16 * 4.0 * p.source.size();
    case ConnectionRule::fixed_total_number:
      return 12.0 * p.source.size();
    case ConnectionRule::explicit_list:
      return 8 * n + 16.0 * p.source.size();
    default:
      return 0;
  }
}

}  // namespace sharpwave
