// What a run takes beside its synapses, held against the plan. Counted is what operator new gives: all but
// the arrays of whole pages, which are synapses and states of neurons, and what HDF5 has for itself.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "host/base/stopwatch.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/plasticity_plan.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "host/run/saver.hpp"
#include "host/run/step_loop.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/silent_sink.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/spec_builder.hpp"

namespace {

constexpr std::size_t kCopyBytes = std::size_t{5} << 18;  // of a state; no buffer of ours has as much

/// Since the last reset().
class Counted {
 public:
  void allocated(std::size_t bytes) {
    raise(most_bytes_, bytes_ += static_cast<std::int64_t>(bytes));
    if (bytes >= kCopyBytes) raise(most_copies_, ++copies_);
  }
  void freed(std::size_t bytes) {
    bytes_ -= static_cast<std::int64_t>(bytes);
    if (bytes >= kCopyBytes) --copies_;
  }
  void reset() {
    most_bytes_ = 0;
    bytes_ = 0;
    most_copies_ = 0;
    copies_ = 0;
  }
  [[nodiscard]] double bytes() const { return static_cast<double>(bytes_); }
  [[nodiscard]] double most_bytes() const { return static_cast<double>(most_bytes_); }
  [[nodiscard]] std::int64_t most_copies() const { return most_copies_; }

 private:
  static void raise(std::atomic<std::int64_t>& most, std::int64_t to) {
    std::int64_t known = most;
    while (known < to && !most.compare_exchange_weak(known, to)) continue;
  }
  std::atomic<std::int64_t> bytes_, most_bytes_, copies_, most_copies_;
};

constinit Counted counted;

}  // namespace

// All kinds that we use but those of larger alignment: a sanitizer has its own of each, which do not go
// together with these.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  void* pointer = std::malloc(bytes > 0 ? bytes : 1);
  if (pointer != nullptr) counted.allocated(malloc_usable_size(pointer));
  return pointer;
}

void* operator new(std::size_t bytes) {
  if (void* pointer = operator new(bytes, std::nothrow)) return pointer;
  throw std::bad_alloc();
}

void* operator new[](std::size_t bytes) {
  return operator new(bytes);
}

void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  counted.freed(malloc_usable_size(pointer));
  std::free(pointer);
}

void operator delete(void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

void operator delete[](void* pointer) noexcept {
  operator delete(pointer);
}

void operator delete[](void* pointer, std::size_t) noexcept {
  operator delete(pointer);
}

namespace sharpwave::test {
namespace {

/// As configs/brunel_stdp.yaml, smaller; it fires at about 30 Hz.
ModelSpec plastic_network() {
  ModelSpec spec;
  spec.simulation.steps = 7000;
  for (const auto& [name, size] : {std::pair{"E", 1000u}, std::pair{"I", 250u}})
    spec.populations.push_back({name, size, default_neurons(NeuronModel::iaf_psc_delta)});
  ProjectionSpec& plastic = project(spec, "E->E", 0, 0, ConnectionRule::fixed_indegree);
  plastic.degree = {300};
  plastic.weight = Distribution::constant(0.01);
  plastic.delay_ms = Distribution::constant(1.5);
  plastic.plasticity = StdpSpec{.w_max = 0.02};
  for (const std::uint32_t population : {0u, 1u})
    spec.inputs.push_back({.name = "in " + spec.populations[population].name,
                           .target = whole(spec, population),
                           .kind = PoissonInputSpec{.rate = {{0.0}, {12'500.0}}, .weight = 0.12}});
  return spec;
}

TEST(MemoryPlan, CoversConstruction) {
  const ModelSpec spec = plastic_network();
  for (const int threads : {1, 3}) {
    const NetworkPlan plan = plan_network(spec, threads);
    ThreadPool pool(threads);
    counted.reset();
    const Network net = build_network(spec, choose_shape(spec, threads), pool, select_cpu_kernels());
    const auto transient = static_cast<double>(plan.transient_bytes);
    EXPECT_LE(counted.most_bytes(), transient + static_cast<double>(plan.state_bytes - kRunBytes));
    EXPECT_GE(counted.most_bytes(), 0.7 * transient) << threads << " threads";
  }
}

// Also after so long that the oldest spikes are forgotten.
TEST(MemoryPlan, CoversWhatAnEngineKnowsOfSpikesAndItsStates) {
  const ModelSpec spec = plastic_network();
  for (const int threads : {1, 3}) {
    const NetworkPlan plan = plan_network(spec, threads);
    counted.reset();
    const std::unique_ptr<Engine> engine = make_cpu_engine(spec, threads);
    Block block;
    std::size_t n_spikes = 0;
    double most = 0;
    for (int i = 0; i < 100; ++i) {
      engine->advance(spec.simulation.steps / 100, block);
      n_spikes += block.ids.size();
      most = std::max(most, counted.bytes());
    }
    const double rate_Hz = static_cast<double>(n_spikes) / 1250 / 0.7;
    ASSERT_GT(rate_Hz, 20);
    ASSERT_LT(rate_Hz, kPlannedRate_Hz);
    const auto state = static_cast<double>(plan.state_bytes - kRunBytes);
    EXPECT_LE(most, state) << threads << " threads";
    EXPECT_GE(most, 0.4 * state) << threads << " threads";

    counted.reset();
    const EngineState saved = engine->save();
    const double planned = saved_state_bytes(spec, choose_shape(spec, threads));
    EXPECT_LE(counted.bytes(), planned) << threads << " threads";
    EXPECT_GE(counted.bytes(), 0.7 * planned) << threads << " threads";
    const StateCopies copies = plan_state_copies(spec);
    EXPECT_LE(counted.most_bytes() + static_cast<double>(copies.running - 1) * counted.bytes(),
              static_cast<double>(plan.saved_bytes));
  }
}

/// What it saves is one large array.
class LargeEngine : public FakeEngine {
 public:
  void advance(std::uint64_t n_steps, Block& out) override {
    FakeEngine::advance(n_steps, out);
    blocks.clear();  // or it would be a large array itself one day
  }
  [[nodiscard]] EngineState save() const override {
    EngineState state = FakeEngine::save();
    PlasticState& plastic = state.plastic.emplace_back();
    plastic.projection = "p";
    plastic.weights.resize(kCopyBytes / sizeof(float));
    return state;
  }
  [[nodiscard]] EngineState save_neurons() const override { return FakeEngine::save(); }
};

class CountingSink : public SilentSink {
 public:
  void checkpoint_ended(const CheckpointOutcome& outcome) override {
    EXPECT_EQ(outcome.error, "");
    ++n_checkpoints;
  }
  int n_checkpoints = 0;
};

/// The most copies of the state at once, but those within HDF5, of a run that goes on for a while after there
/// were as many as are planned: the watchdog takes one seldom.
std::int64_t most_copies(const ModelSpec& spec, std::int64_t planned) {
  const TemporaryDirectory directory;
  const Stopwatch watch;
  constexpr double kPatience_s = 300;
  LargeEngine engine;
  CountingSink sink;
  Recorder recorder(spec, directory.path());
  Saver saver(
      spec.checkpoint, CheckpointStore(directory.path(), 1),
      {.config_digest = std::string(64, 'a'),
       .connectivity_digest = "0",
       .dt_ms = 0.1,
       .populations = {{"A", 2}, {"B", 3}}},
      recorder, sink, [] { return false; }, 0);
  counted.reset();
  int n_blocks = 0;
  const auto stop = [&] {
    if (counted.most_copies() < planned) sink.n_checkpoints = n_blocks = 0;
    const bool has_gone_on =
        ++n_blocks > 100 && (spec.checkpoint.interval_steps == 0 || sink.n_checkpoints > 5);
    return has_gone_on || watch.seconds() > kPatience_s;
  };
  static_cast<void>(simulate(engine, spec, recorder, sink, {.stop = stop, .saver = &saver}));
  return counted.most_copies();
}

TEST(MemoryPlan, HasAsManyStatesAsTheHostLoop) {
  const auto set = [](ModelSpec& spec, WatchdogSign sign, WatchdogAction action) {
    spec.watchdog.actions[static_cast<std::size_t>(sign)] = action;
  };
  ModelSpec spec = five_neurons(0, 1'000'000'000);
  set(spec, WatchdogSign::non_finite, WatchdogAction::halt);
  spec.checkpoint = {.wall_interval_s = 0, .at_end = false, .keep = 1};
  EXPECT_EQ(plan_state_copies(spec).running, 2u);
  EXPECT_EQ(most_copies(spec, 2), 2) << "the watchdog's two";

  spec.checkpoint.interval_steps = 1000;
  EXPECT_EQ(plan_state_copies(spec).running, 4u);
  EXPECT_EQ(most_copies(spec, 3), 3) << "and that of a checkpoint, or its file; it is in HDF5 besides";

  set(spec, WatchdogSign::divergence, WatchdogAction::rollback);
  EXPECT_EQ(plan_state_copies(spec).running, 5u);
  EXPECT_EQ(most_copies(spec, 4), 4) << "and the one to go back to";
}

TEST(MemoryPlan, HasWhatIsBuiltAndWhatRunsOneAfterTheOther) {
  NetworkPlan plan;
  plan.synapse_bytes = 100;
  plan.engine_synapse_bytes = 40;
  plan.state_bytes = 7;
  plan.shared_bytes = 1000;
  plan.saved_bytes = 50;
  plan.transient_bytes = 30;
  EXPECT_EQ(plan.peak_bytes(), 1060u + 7 + 40 + 50);
  plan.transient_bytes = 200;
  EXPECT_EQ(plan.peak_bytes(), 1060u + 7 + 200);
}

}  // namespace
}  // namespace sharpwave::test
