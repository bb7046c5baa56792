// What every rule promises exactly: counts, no self, no pair twice.
#include "host/network/connectivity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "host/base/error.hpp"
#include "tests/host/network/rows.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

using Targets = std::vector<std::uint32_t>;

ModelSpec two_populations(std::uint32_t n_sources, std::uint32_t n_targets) {
  ModelSpec spec;
  spec.populations = {neurons("A", n_sources), neurons("B", n_targets)};
  return spec;
}

std::vector<std::uint32_t> in_degrees(const std::vector<Row>& rows, std::uint32_t n_targets) {
  std::vector<std::uint32_t> degrees(n_targets);
  for (const Row& row : rows)
    for (const std::uint32_t t : row.targets) ++degrees.at(t);
  return degrees;
}

bool has_duplicates(const std::vector<Row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return std::set(row.targets.begin(), row.targets.end()).size() != row.targets.size();
  });
}

std::uint64_t self_connections(const ProjectionSpec& p, const std::vector<Row>& rows) {
  std::uint64_t n = 0;
  for (std::uint32_t s = 0; s < rows.size(); ++s)
    for (const std::uint32_t t : rows[s].targets) n += p.source[s] == p.target[t] ? 1 : 0;
  return n;
}

TEST(Connectivity, OneToOne) {
  ModelSpec spec = two_populations(5, 5);
  project(spec, "p", 0, 1, ConnectionRule::one_to_one);
  const auto rows = rows_of(spec, 0);
  for (std::uint32_t s = 0; s < 5; ++s) EXPECT_EQ(rows[s].targets, Targets{s});
}

TEST(Connectivity, AllToAll) {
  ModelSpec spec = two_populations(3, 4);
  project(spec, "p", 0, 1, ConnectionRule::all_to_all);
  for (const Row& row : rows_of(spec, 0)) EXPECT_EQ(row.targets, (Targets{0, 1, 2, 3}));
}

TEST(Connectivity, FixedIndegreeOneForAllOrOnePerTarget) {
  ModelSpec spec = two_populations(30, 40);
  project(spec, "one", 0, 1, ConnectionRule::fixed_indegree).degree = {7};
  std::vector<std::uint32_t> each;
  for (std::uint32_t t = 0; t < 40; ++t) each.push_back(t % 11);
  project(spec, "list", 0, 1, ConnectionRule::fixed_indegree).degree = each;
  EXPECT_EQ(in_degrees(rows_of(spec, 0), 40), std::vector<std::uint32_t>(40, 7));
  EXPECT_EQ(in_degrees(rows_of(spec, 1), 40), each);
}

TEST(Connectivity, FixedOutdegreeOneForAllOrOnePerSource) {
  ModelSpec spec = two_populations(30, 40);
  project(spec, "one", 0, 1, ConnectionRule::fixed_outdegree).degree = {7};
  auto& list = project(spec, "list", 0, 1, ConnectionRule::fixed_outdegree);
  for (std::uint32_t s = 0; s < 30; ++s) list.degree.push_back(s % 11);
  for (const Row& row : rows_of(spec, 0)) EXPECT_EQ(row.targets.size(), 7u);
  const auto rows = rows_of(spec, 1);
  for (std::uint32_t s = 0; s < 30; ++s) EXPECT_EQ(rows[s].targets.size(), s % 11);
}

TEST(Connectivity, FixedTotalNumber) {
  ModelSpec spec = two_populations(30, 40);
  for (const std::uint64_t total : {0u, 1u, 3u, 4u, 1023u, 1024u * 64 * 4 + 1}) {
    spec.projections.clear();
    project(spec, "p", 0, 1, ConnectionRule::fixed_total_number).total = total;
    const auto rows = rows_of(spec, 0);
    EXPECT_EQ(synapses_in(rows), total);
    EXPECT_EQ(in_degrees(rows, 40).size(), 40u);  // in_degrees throws where a target does not exist
  }
}

TEST(Connectivity, ExplicitListKeepsEveryEdgeAndItsPlaceInTheList) {
  ModelSpec spec = two_populations(3, 9);
  auto& p = project(spec, "p", 0, 1, ConnectionRule::explicit_list);
  p.edge_sources = {2, 0, 2, 0, 2};
  p.edge_targets = {8, 5, 1, 5, 4};
  const auto rows = rows_of(spec, 0);
  EXPECT_EQ(rows[0].targets, (Targets{5, 5}));
  EXPECT_EQ(rows[0].elements, (Targets{1, 3}));
  EXPECT_TRUE(rows[1].targets.empty());
  EXPECT_EQ(rows[2].targets, (Targets{1, 4, 8}));
  EXPECT_EQ(rows[2].elements, (Targets{2, 4, 0}));
}

TEST(Connectivity, ExplicitListMayBeEmpty) {
  ModelSpec spec = two_populations(3, 9);
  project(spec, "p", 0, 1, ConnectionRule::explicit_list);
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 0u);
}

TEST(Connectivity, PairwiseBernoulliAtTheEnds) {
  ModelSpec spec = two_populations(20, 50);
  project(spec, "never", 0, 1, ConnectionRule::pairwise_bernoulli).probability = 0;
  project(spec, "always", 0, 1, ConnectionRule::pairwise_bernoulli).probability = 1;
  project(spec, "self", 0, 0, ConnectionRule::pairwise_bernoulli).probability = 1;
  spec.projections.back().autapses = false;
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 0u);
  EXPECT_EQ(synapses_in(rows_of(spec, 1)), 1000u);
  EXPECT_EQ(synapses_in(rows_of(spec, 2)), 380u);
}

// A target is the index into lists that have one entry per target.
TEST(Connectivity, ElementsAreTargetsWhereThereAreNoEdges) {
  ModelSpec spec = two_populations(20, 50);
  for (const auto rule :
       {ConnectionRule::all_to_all, ConnectionRule::fixed_indegree, ConnectionRule::fixed_outdegree,
        ConnectionRule::pairwise_bernoulli, ConnectionRule::fixed_total_number}) {
    spec.projections.clear();
    auto& p = project(spec, "p", 0, 1, rule);
    p.degree = {5};
    p.total = 100;
    p.probability = 0.1;
    const auto rows = rows_of(spec, 0);
    EXPECT_GT(synapses_in(rows), 0u);
    for (const Row& row : rows) EXPECT_EQ(row.elements, row.targets);
  }
}

struct SelfCase {
  const char* name;
  ConnectionRule rule;
  Slice source, target;
  std::uint64_t n_synapses;  // 0: random
};
void PrintTo(const SelfCase& c, std::ostream* out) {
  *out << c.name;
}

class WithoutAutapses : public ::testing::TestWithParam<SelfCase> {};

TEST_P(WithoutAutapses, NobodyIsConnectedToItself) {
  const SelfCase& c = GetParam();
  ModelSpec spec;
  spec.populations = {neurons("A", 100)};
  for (const bool autapses : {true, false}) {
    spec.projections = {{.name = "p",
                         .source = c.source,
                         .target = c.target,
                         .rule = c.rule,
                         .autapses = autapses,
                         .probability = 0.5,
                         .total = 2000,
                         .degree = {20}}};
    const auto rows = rows_of(spec, 0);
    if (autapses) {
      EXPECT_GT(self_connections(spec.projections[0], rows), 0u);  // the switch has something to do
    } else {
      EXPECT_EQ(self_connections(spec.projections[0], rows), 0u);
      if (c.n_synapses > 0) {
        EXPECT_EQ(synapses_in(rows), c.n_synapses);
      }
    }
  }
}

constexpr Slice kWhole{.population = 0, .start = 0, .stop = 100};
constexpr Slice kHalf{.population = 0, .start = 50, .stop = 100};
constexpr Slice kThird{.population = 0, .start = 1, .stop = 100, .stride = 3};  // 1, 4, ..., 97
constexpr Slice kEven{.population = 0, .start = 0, .stop = 100, .stride = 2};   // shares 16 with kThird

INSTANTIATE_TEST_SUITE_P(
    Rules, WithoutAutapses,
    ::testing::Values(SelfCase{"one_to_one", ConnectionRule::one_to_one, kWhole, kWhole, 0},
                      SelfCase{"all_to_all", ConnectionRule::all_to_all, kWhole, kWhole, 9900},
                      SelfCase{"all_to_all_strided", ConnectionRule::all_to_all, kThird, kEven, 33 * 50 - 16},
                      SelfCase{"all_to_all_half", ConnectionRule::all_to_all, kHalf, kWhole, 50 * 99},
                      SelfCase{"indegree", ConnectionRule::fixed_indegree, kWhole, kWhole, 2000},
                      SelfCase{"indegree_strided", ConnectionRule::fixed_indegree, kThird, kEven, 1000},
                      SelfCase{"outdegree", ConnectionRule::fixed_outdegree, kWhole, kWhole, 2000},
                      SelfCase{"outdegree_strided", ConnectionRule::fixed_outdegree, kThird, kEven, 660},
                      SelfCase{"total", ConnectionRule::fixed_total_number, kWhole, kWhole, 2000},
                      SelfCase{"total_half", ConnectionRule::fixed_total_number, kHalf, kWhole, 2000},
                      SelfCase{"bernoulli", ConnectionRule::pairwise_bernoulli, kWhole, kWhole, 0},
                      SelfCase{"bernoulli_strided", ConnectionRule::pairwise_bernoulli, kThird, kEven, 0}),
    [](const auto& test) { return std::string(test.param.name); });

// Equal positions in different slices are different elements, and the reverse.
TEST(Connectivity, OneToOneBetweenShiftedSlicesKeepsAllButTheSame) {
  ModelSpec spec;
  spec.populations = {neurons("A", 10)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::one_to_one);
  p.autapses = false;
  p.source = {.population = 0, .start = 0, .stop = 5};
  p.target = {.population = 0, .start = 1, .stop = 6};
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 5u);
  p.target = {.population = 0, .start = 0, .stop = 10, .stride = 2};  // meets itself at 0 only
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 4u);
}

TEST(Connectivity, ElementsOfDifferentPopulationsAreNeverTheSame) {
  ModelSpec spec = two_populations(10, 10);
  project(spec, "p", 0, 1, ConnectionRule::all_to_all).autapses = false;
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 100u);
}

// Sources are drawn uniformly, which is wrong where some have one target less than others.
TEST(Connectivity, FixedTotalNumberRefusesWhatItWouldBias) {
  ModelSpec spec;
  spec.populations = {neurons("A", 100)};
  auto& p = project(spec, "partly", 0, 0, ConnectionRule::fixed_total_number);
  p.total = 100;
  p.target = kEven;
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 100u);
  p.autapses = false;
  try {
    rows_of(spec, 0);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    EXPECT_NE(std::string(error.what()).find("'partly'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("50 of its 100 sources"), std::string::npos) << error.what();
  }
  p.source = {.population = 0, .start = 1, .stop = 100, .stride = 2};  // disjoint: nothing to exclude
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 100u);
}

TEST(Connectivity, WithoutMultapsesNoPairOccursTwice) {
  ModelSpec spec = two_populations(60, 50);
  for (const auto rule : {ConnectionRule::fixed_indegree, ConnectionRule::fixed_outdegree})
    for (const bool multapses : {true, false}) {
      spec.projections.clear();
      auto& p = project(spec, "p", 0, 1, rule);
      p.multapses = multapses;
      p.degree = {40};
      EXPECT_EQ(has_duplicates(rows_of(spec, 0)), multapses);
    }
  project(spec, "b", 0, 1, ConnectionRule::pairwise_bernoulli).probability = 0.9;
  EXPECT_FALSE(has_duplicates(rows_of(spec, 1)));
}

TEST(Connectivity, WithoutMultapsesTheLargestDegreeIsEverybody) {
  ModelSpec spec = two_populations(60, 50);
  auto& in = project(spec, "in", 0, 0, ConnectionRule::fixed_indegree);
  in.degree = {59};
  in.multapses = in.autapses = false;
  auto& out = project(spec, "out", 0, 1, ConnectionRule::fixed_outdegree);
  out.degree = {50};
  out.multapses = false;
  EXPECT_FALSE(has_duplicates(rows_of(spec, 0)));
  EXPECT_EQ(self_connections(spec.projections[0], rows_of(spec, 0)), 0u);
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 60u * 59);
  EXPECT_FALSE(has_duplicates(rows_of(spec, 1)));
}

TEST(Connectivity, TheSameRowsAtAnyNumberOfThreads) {
  ModelSpec spec = two_populations(300, 700);
  project(spec, "in", 0, 1, ConnectionRule::fixed_indegree).degree = {30};
  project(spec, "total", 0, 1, ConnectionRule::fixed_total_number).total = 600'000;  // several work items
  project(spec, "bernoulli", 0, 1, ConnectionRule::pairwise_bernoulli).probability = 0.1;
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const auto rows = rows_of(spec, k, 1);
    for (const int threads : {2, 3, 7}) EXPECT_EQ(rows_of(spec, k, threads), rows) << k << " " << threads;
  }
}

TEST(Connectivity, ExpectedSynapsesAreExactWhereItSaysSo) {
  ModelSpec spec;
  spec.populations = {neurons("A", 100)};
  for (const auto rule :
       {ConnectionRule::one_to_one, ConnectionRule::all_to_all, ConnectionRule::fixed_indegree,
        ConnectionRule::fixed_outdegree, ConnectionRule::fixed_total_number})
    for (const bool autapses : {true, false}) {
      spec.projections.clear();
      auto& p = project(spec, "p", 0, 0, rule);
      p.autapses = autapses;
      p.degree = {5};
      p.total = 321;
      EXPECT_TRUE(synapse_count_is_exact(p));
      EXPECT_EQ(expected_synapses(p), static_cast<double>(synapses_in(rows_of(spec, 0))));
    }
  auto& p = spec.projections[0];
  p.rule = ConnectionRule::pairwise_bernoulli;
  p.probability = 0.25;
  p.autapses = true;
  EXPECT_FALSE(synapse_count_is_exact(p));
  EXPECT_EQ(expected_synapses(p), 2500);
}

}  // namespace
}  // namespace sharpwave::test
