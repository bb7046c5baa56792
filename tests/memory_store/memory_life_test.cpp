// A store lives through random operations in several spaces, closed and opened again all the time, and is
// each time what the oracle says. SHARPWAVE_OPERATIONS sets how many, SHARPWAVE_SEED which.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "memory_store/by_hand.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/space_status.hpp"
#include "memory_store/store.hpp"
#include "memory_store/take.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/kept_space.hpp"
#include "tests/memory_store/memory_life_oracle.hpp"
#include "tests/support/settings.hpp"

namespace sharpwave::memory {
namespace {

using test::setting;
using testing::LifeOracle;

ConsolidationParameters parameters_for_short_lives() {
  ConsolidationParameters p;
  p.take.gate_floor.dopamine = .05;
  p.nrem.most_items = 25;
  p.rem.most_leaders = 15;
  p.rem.most_members = 6;
  p.cycle.rounds = 1;
  p.cycle.half_life = 2;
  return p;
}

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {
    for (const char* name : {"default", "one", "two"}) spaces_.emplace(name, Lived(parameters_));
    reopen();
    for (const char* name : {"one", "two"}) store_->create(name);
    for (std::vector<float>& base : bases_) base = direction();
  }

  void step() {
    if (n_steps_++ % 200 == 0) change_space();
    const std::uint64_t kind = random_() % 1000;
    if (kind < 600) return take();
    if (kind < 680) return add();
    if (kind < 680 + std::min<std::uint64_t>(200, oracle().items.size())) return remove();
    if (kind < 900) return access();
    if (kind < 998) return phase();
    reopen();
  }

  void compare() {
    const Space& space = *space_;
    ASSERT_TRUE(space.damage().empty()) << space.damage()[0].what;
    ASSERT_EQ(space.size(), oracle().items.size());
    LifeOracle::Edges replayed_together;
    LifeOracle::Edges abstracts;
    for (const auto& [id, summary] : space.summaries()) {
      ASSERT_TRUE(oracle().items.contains(id)) << id;
      const LifeOracle::Known& known = oracle().items.at(id);
      const Item item = *space.find(id);
      ASSERT_EQ(space.vector_of(id), known.vector) << id;
      ASSERT_EQ(item.kappa, static_cast<double>(known.kappa) / 1e6) << id;
      ASSERT_EQ(summary.kappa, item.kappa) << id;
      ASSERT_NEAR(item.importance, known.importance, 1e-9) << id;
      ASSERT_EQ(summary.importance, item.importance) << id;
      ASSERT_EQ(item.event_ms, known.event_ms) << id;
      ASSERT_EQ(item.accesses, known.accesses) << id;
      ASSERT_EQ(item.replays, known.replays) << id;
      ASSERT_EQ(item.last_used_cycle, known.used) << id;
      ASSERT_EQ(item.type, known.type) << id;
      for (const Edge& edge : space.edges_of(id))
        (edge.type == EdgeType::abstracts ? abstracts : replayed_together)[{edge.from, edge.to}] =
            std::llround(edge.weight * 1e6);
    }
    ASSERT_EQ(replayed_together, oracle().replayed_together);
    ASSERT_EQ(abstracts, oracle().abstracts);
    const SpaceStatus status = status_of(space);
    ASSERT_EQ(status.rejected, oracle().rejected);
    ASSERT_EQ(status.gated, oracle().gated);
    ASSERT_EQ(status.cycle, oracle().cycle);
  }

  std::map<std::string, std::uint64_t> happened;

 private:
  struct Lived {
    explicit Lived(const ConsolidationParameters& p) : oracle(p) {}
    LifeOracle oracle;
    std::map<std::uint32_t, std::uint64_t> numbers;  ///< of signals, by instance
  };

  LifeOracle& oracle() { return spaces_.at(name_).oracle; }
  double share() { return static_cast<double>(random_() % 10'000) / 10'000; }
  std::vector<float> direction() {
    std::normal_distribution<float> normal;
    std::vector<float> values(8);
    for (float& x : values) x = normal(random_);
    return values;
  }
  std::vector<float> pattern() {
    std::vector<float> values = direction();
    const std::vector<float>& base = bases_[random_() % std::size(bases_)];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = base[i] + .4F * values[i];
    return values;
  }
  ItemId any() {
    auto at = oracle().items.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % oracle().items.size()));
    return at->first;
  }

  void reopen() {
    ++happened["reopened"];
    space_.reset();
    store_.reset();
    StoreOptions options;
    options.sync = SyncMode::none;
    options.most_open_spaces = 2;
    options.limits.write_buffer_bytes = 1 << 20;
    store_.emplace(directory_.path() / "store", options);
    space_ = store_->space(name_);
  }
  void change_space() {
    compare();
    auto at = spaces_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % spaces_.size()));
    name_ = at->first;
    space_ = store_->space(name_);
    compare();
  }

  void take() {
    std::vector<ConsolidationSignal> signals;
    std::vector<const char*> reasons;
    for (std::uint64_t n = 1 + random_() % 4; n > 0; --n) {
      const auto instance = static_cast<std::uint32_t>(random_() % 3);
      std::uint64_t& number = spaces_.at(name_).numbers[instance];
      ConsolidationSignal signal = testing::signal_of(pattern(), random_() % 12 == 0 ? number : ++number);
      signal.provenance.instance = instance;
      signal.modulators.dopamine = share();
      signal.statistics.weight_change = random_() % 3 == 0 ? 10 * share() : 0;
      reasons.push_back(spoil(signal));
      signals.push_back(std::move(signal));
    }
    const std::vector<Taken> taken = memory::take(*space_, parameters_.take, signals);
    for (std::size_t i = 0; i < signals.size(); ++i) {
      // Number 0 is refused before anything else.
      const Outcome expected = signals[i].provenance.signal == 0 ? oracle().refuse("bad_number")
                                                                 : oracle().take(signals[i], reasons[i]);
      ASSERT_EQ(taken.at(i).outcome, expected);
      ++happened["outcome " + std::to_string(static_cast<int>(expected))];
    }
  }
  const char* spoil(ConsolidationSignal& signal) {
    switch (random_() % 40) {
      case 0:
        signal.embedding[3] = std::numeric_limits<float>::quiet_NaN();
        return "not_finite";
      case 1:
        signal.embedding.assign(8, 0);
        return "no_direction";
      case 2:
        signal.provenance.end_ms = 0;
        return "bad_window";
      case 3:
        signal.embedding.assign(5000, 1);
        return "oversized";
      default:
        return nullptr;
    }
  }

  void add() {
    const double kappa = random_() % 2 == 0 ? 0 : std::round(share() * 1e6) / 1e6;
    const double importance = (random_() % 2 == 0 ? .2 : 1) * share();
    const bool is_again = random_() % 4 == 0 && !oracle().items.empty();
    const std::vector<float> vector = is_again ? oracle().items.at(any()).vector : pattern();
    const double event_ms = static_cast<double>(random_() % 1000);
    const Added added =
        memory::add(*space_, {.kappa = kappa, .importance = importance, .event_ms = event_ms}, vector);
    const ItemId expected = oracle().add(vector, kappa, importance, event_ms);
    ASSERT_EQ(added.refusal.has_value(), expected == kNoItem);
    ++happened[expected == kNoItem ? "duplicate" : "added"];
    if (expected != kNoItem) {
      ASSERT_EQ(added.id, expected);
    }
  }
  void remove() {
    const ItemId id = random_() % 10 == 0 ? 1'000'000 : any();
    ASSERT_EQ(memory::remove(*space_, id), oracle().items.contains(id));
    oracle().remove(id);
    ++happened["removed"];
  }
  void access() {
    if (oracle().items.empty()) return;
    AccessCounts counts;
    for (int i = 0; i < 3; ++i) {
      const ItemId id = any();
      counts.note({&id, 1});
      oracle().access(id);
    }
    counts.write(*space_);
    ++happened["accessed"];
  }
  void phase() {
    switch (random_() % 4) {
      case 0:
        nrem(*space_, parameters_.nrem);
        return oracle().nrem();
      case 1: {
        const std::vector<ItemId> expected = oracle().reinject();
        ASSERT_EQ(reinject(*space_, parameters_.reinjection).items, expected);
        return;
      }
      case 2: {
        const PhaseCounts counts = rem(*space_, parameters_.rem);
        oracle().rem();
        happened["prototypes"] += counts.made;
        happened["linked"] += counts.changed;
        return;
      }
      default:
        ASSERT_TRUE(run_cycle(*space_, parameters_).is_complete);
        oracle().nrem();
        static_cast<void>(oracle().reinject());
        oracle().rem();
        const std::size_t before_prune = oracle().items.size();
        oracle().decay_and_prune();
        happened["pruned"] += before_prune - oracle().items.size();
    }
  }

  std::mt19937_64 random_;
  const ConsolidationParameters parameters_ = parameters_for_short_lives();
  std::vector<float> bases_[30];
  TemporaryDirectory directory_;
  std::map<std::string, Lived> spaces_;
  std::string name_ = "default";
  std::optional<Store> store_;
  std::shared_ptr<Space> space_;
  std::uint64_t n_steps_ = 0;
};

TEST(MemoryLife, IsWhatTheOracleSays) {
  const std::uint64_t n_operations = setting("SHARPWAVE_OPERATIONS", 2000);
  const std::uint64_t seed = setting("SHARPWAVE_SEED", std::random_device()());
  std::cout << n_operations << " operations, SHARPWAVE_SEED=" << seed << "\n";
  Life life(seed);
  for (std::uint64_t i = 0; i < n_operations && !::testing::Test::HasFatalFailure(); ++i) life.step();
  if (!::testing::Test::HasFatalFailure()) life.compare();
  for (const auto& [what, n] : life.happened) std::cout << what << ": " << n << "\n";
  for (const char* what : {"reopened", "outcome 0", "outcome 1", "outcome 2", "outcome 3", "outcome 4",
                           "added", "duplicate", "removed", "accessed", "prototypes", "linked", "pruned"})
    EXPECT_GT(life.happened[what], 0U) << what << ", or it was not tested";
}

}  // namespace
}  // namespace sharpwave::memory
