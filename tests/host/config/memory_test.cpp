// `memory`.
#include <gtest/gtest.h>

#include <string>

#include "host/network/memory_spec.hpp"
#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

std::string with_memory(const std::string& memory) {
  return R"(simulation: {dt: 0.1, duration: 100}
populations:
  E: {size: 40, model: iaf_psc_exp}
  I: {size: 10, model: iaf_psc_exp}
  big: {size: 5000, model: iaf_psc_exp}
  P: {size: 3, model: poisson_source, rate: 10}
  relay: {size: 10, model: parrot}
neuromodulators:
  cortex: {dopamine: {}, noradrenaline: {}}
  other: {serotonin: {}}
projections:
  - {name: EE, source: E, target: E, rule: fixed_indegree, indegree: 5, weight: 1, plasticity: {rule: stdp, w_max: 2}}
  - {name: EI, source: E, target: I, rule: fixed_indegree, indegree: 5}
memory: )" +
         memory + "\n";
}

const MemorySpec& memory_of(const ModelSpec& spec) {
  return *spec.memory;
}

TEST(ConfigMemory, IsReadWithItsDefaults) {
  const ModelSpec spec =
      load_config_text(with_memory("{plugin: signal_log, populations: [E, I], window: 100}"), "net.yaml");
  const MemorySpec& memory = memory_of(spec);
  EXPECT_EQ(memory.plugin, "signal_log");
  ASSERT_EQ(memory.populations.size(), 2U);
  EXPECT_EQ(memory.populations[1].population, 1U);
  EXPECT_EQ(memory.populations[1].space, "default");
  EXPECT_EQ(memory.window_steps, 1000U);
  EXPECT_FALSE(memory.ripple);
  EXPECT_TRUE(memory.embedding.is_projected);
  EXPECT_EQ(memory.embedding.dimension, 256U);
  EXPECT_EQ(memory.embedding.seed, 1U);
  EXPECT_EQ(memory.embedding.settle, 10U);
  EXPECT_TRUE(memory.plasticity.empty());
  EXPECT_EQ(memory.region, 0U);
  EXPECT_EQ(memory.queue_capacity, 1024U);
  EXPECT_FALSE(memory.drops_when_full);
  EXPECT_EQ(memory.options, "{}");
  EXPECT_FALSE(memory.coupling);
  EXPECT_FALSE(spec.replayed_into);
  EXPECT_EQ(load_config_text(with_memory("null"), "net.yaml").memory, nullptr);
}

TEST(ConfigMemory, IsReadInFull) {
  const ModelSpec spec = load_config_text(
      with_memory(
          "{plugin: ../lib/mine.so, populations: [{population: I, space: small-1}, E],\n"
          "  window: 12.5, ripple: {rate: 20, shortest: 11, longest: 100},\n"
          "  embedding: {kind: counts, settle: 3}, plasticity: [EE], region: other,\n"
          "  queue: {capacity: 7}, options: {a: 1, b: [1.5, x, '2', true, null, -3], c: {d: 1e3, e: 0x1}},\n"
          "  couple: {delay: 0.5, novelty: {region: cortex, gain: 2},\n"
          "    replay: {population: E, blend: 0.25, duration: 50, current: 100}}}"),
      "net.yaml", {}, nullptr, "/configs");
  const MemorySpec& memory = memory_of(spec);
  EXPECT_EQ(memory.plugin, "/lib/mine.so");
  EXPECT_EQ(memory.populations[0].space, "small-1");
  EXPECT_EQ(memory.window_steps, 125U);
  ASSERT_TRUE(memory.ripple);
  EXPECT_EQ(memory.ripple->rate_Hz, 20);
  EXPECT_EQ(memory.ripple->shortest_bins, 3U);
  EXPECT_EQ(memory.ripple->longest_bins, 20U);
  EXPECT_FALSE(memory.embedding.is_projected);
  EXPECT_EQ(memory.plasticity, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(memory.region, 1U);
  EXPECT_EQ(memory.queue_capacity, 7U);
  EXPECT_EQ(memory.options, R"({"a":1,"b":[1.5,"x","2",true,null,-3],"c":{"d":1000.0,"e":"0x1"}})");
  ASSERT_TRUE(memory.coupling);
  EXPECT_EQ(memory.coupling->delay_steps, 5U);
  EXPECT_EQ(memory.coupling->novelty_region, 0U);
  EXPECT_EQ(memory.coupling->novelty_gain, 2);
  ASSERT_TRUE(memory.coupling->replay);
  EXPECT_EQ(memory.coupling->replay->blend, 0.25);
  EXPECT_EQ(memory.coupling->replay->duration_steps, 500U);
  EXPECT_EQ(memory.coupling->replay->current_pA, 100);
  EXPECT_EQ(spec.replayed_into, 0U);
}

TEST(ConfigMemory, ItIsInTheDigest) {
  const auto digest = [](const std::string& memory) {
    return load_config_text(with_memory(memory), "net.yaml").config_digest;
  };
  EXPECT_NE(digest("{plugin: a, populations: [E], window: 10}"),
            digest("{plugin: a, populations: [E], window: 20}"));
}

/// The faults of a memory, without the place, which is in the last line.
Messages faults(const std::string& memory) {
  Messages messages = faults_of(with_memory(memory));
  for (std::string& message : messages) {
    EXPECT_TRUE(message.starts_with("net.yaml:")) << message;
    message.erase(0, message.find(": ") + 2);
  }
  return messages;
}

TEST(ConfigMemory, SaysAllThatIsWrongWithItAtOnce) {
  EXPECT_EQ(
      faults(
          "{populations: [E, E, P, big], window: 0.05, embedding: {kind: counts, dimension: 5}, region: x,\n"
          "  plasticity: [EI], queue: {capacity: 0, when_full: block}, options: 3, more: 1}")
          .size(),
      12U);
  const auto only = [](const std::string& memory) {
    const Messages messages = faults(memory);
    EXPECT_EQ(messages.size(), 1U) << memory << (messages.size() > 1 ? messages[1] : "");
    return messages.empty() ? std::string() : messages[0];
  };
  const std::string fine = "plugin: a, populations: [E], window: 10";
  EXPECT_EQ(only("{" + fine + ", couple: {delay: 1}}"),
            "memory.couple: read a map, expected `novelty`, `replay`, or both");
  EXPECT_EQ(only("{plugin: a-b, populations: [E], window: 10}"),
            "memory.plugin: read 'a-b', expected a name of letters, digits and _, or a file with a / in it");
  EXPECT_NE(only("{plugin: a, populations: [E]}")
                .find("memory.window: read no such key, expected a number > 0 ms: it is required"),
            std::string::npos)
      << only("{plugin: a, populations: [E]}");
  EXPECT_NE(only("{plugin: a, populations: [E], window: presentation}").find("there is no `protocol`"),
            std::string::npos);
  EXPECT_NE(only("{plugin: a, populations: [E, I], window: 10, embedding: {kind: counts}}")
                .find("as many neurons as others of the space 'default', 40, not 10"),
            std::string::npos);
  EXPECT_NE(
      only("{plugin: a, populations: [big], window: 10, embedding: {kind: counts}}").find("at most 4096"),
      std::string::npos);
  EXPECT_NE(only("{plugin: a, populations: [P], window: 10}").find("a population of neurons or parrots"),
            std::string::npos);
  EXPECT_NE(
      only("{plugin: a, populations: [{population: E, space: UP}], window: 10}").find("3 to 64 of a to z"),
      std::string::npos);
  EXPECT_NE(only("{" + fine + ", ripple: {threshold: 2, rate: 5}}").find("either `threshold` or `rate`"),
            std::string::npos);
  EXPECT_NE(only("{" + fine + ", ripple: {shortest: 50, longest: 40}}").find("at least `shortest`"),
            std::string::npos);
  EXPECT_NE(only("{" + fine + ", plasticity: [EI]}").find("the name of a plastic projection"),
            std::string::npos);
  EXPECT_NE(only("{" + fine + ", couple: {delay: 1, novelty: {region: other}}}").find("has noradrenaline"),
            std::string::npos);
  EXPECT_NE(only("{" + fine + ", couple: {delay: 1, replay: {population: E, duration: 5, current: 5}}}")
                .find("`embedding: {kind: counts}` beside it"),
            std::string::npos);
  const std::string counts =
      "plugin: a, populations: [E, {population: relay, space: rrr}], window: 10, embedding: {kind: counts}";
  EXPECT_NE(only("{" + counts + ", couple: {delay: 1, replay: {population: I, duration: 5, current: 5}}}")
                .find("one of `memory.populations`"),
            std::string::npos);
  EXPECT_NE(only("{" + counts + ", couple: {delay: 1, replay: {population: relay, duration: 5, current: 5}}}")
                .find("neurons, which can be given a current"),
            std::string::npos);
  EXPECT_NE(only("{plugin: a, populations: [I, relay], window: 10, embedding: {kind: counts}, "
                 "couple: {delay: 1, replay: {population: I, duration: 5, current: 5}}}")
                .find("shares its `space` with no other"),
            std::string::npos);
  EXPECT_NE(only("{" + fine + ", queue: {when_full: drop}, couple: {delay: 1, novelty: {region: cortex}}}")
                .find("`wait` where the memory is coupled"),
            std::string::npos);
  const Messages messages =
      faults_of(with_memory("{" + fine + ", couple: {delay: 1, novelty: {region: cortex}}}"),
                parse_overrides({"watchdog.runaway=rollback"}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_NE(messages[0].find("no action of the watchdog that is `rollback`"), std::string::npos)
      << messages[0];
}

}  // namespace
}  // namespace sharpwave
