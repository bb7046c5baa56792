// `batch`: which instances a config asks for, and what is wrong with it.
#include <gtest/gtest.h>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

const std::string kNet = "  E: {size: 10, model: iaf_psc_exp}";
const std::string kInputs = "inputs: [{name: x, type: poisson, target: E, rate: 10, weight: 1}]\n";

ModelSpec load_with(const std::string& rest, const std::vector<Override>& overrides = {}) {
  return load_config_text(config_with(kNet, kInputs + rest), "net.yaml", overrides);
}

/// "a=1 b=2" for each instance, without the seeds.
std::vector<std::string> varied(const ModelSpec& spec) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < spec.batch.value().size; ++i) {
    const std::vector<Override> overrides = instance_overrides(spec, i);
    std::string& text = all.emplace_back();
    for (std::size_t k = 2; k < overrides.size(); ++k)
      text += (text.empty() ? "" : " ") + to_text(overrides[k]);
  }
  return all;
}

std::vector<std::string> values(const std::string& of_rate) {
  std::vector<std::string> all;
  for (const std::string& text : varied(load_with("batch: {vary: {inputs.x.rate: " + of_rate + "}}")))
    all.push_back(text.substr(text.find('=') + 1));
  return all;
}

std::string fault(const std::string& rest) {
  const Messages faults = faults_of(config_with(kNet, kInputs + rest));
  return faults.size() == 1 ? faults.front() : std::to_string(faults.size()) + " faults";
}

using Texts = std::vector<std::string>;

TEST(BatchConfig, WithoutOneThereIsNone) {
  EXPECT_FALSE(load_with("").batch.has_value());
  EXPECT_FALSE(load_with("batch: ~").batch.has_value());
  EXPECT_FALSE(load_with("batch: {size: 3}", {{"batch", "null"}}).batch.has_value());
  EXPECT_FALSE(load_with("batch: {size: 3}", {{"batch", "~"}}).batch.has_value());
}

TEST(BatchConfig, EachInstanceHasASeedOfItsOwnAndTheNetworkOfAll) {
  const ModelSpec spec = load_with("batch: {size: 3}", {{"simulation.seed", "18446744073709551613"}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::vector<Override> overrides = instance_overrides(spec, i);
    ASSERT_EQ(overrides.size(), 2u);
    EXPECT_EQ(to_text(overrides[0]), "simulation.seed=" + std::to_string(18446744073709551613u + i));
    EXPECT_EQ(to_text(overrides[1]), "simulation.network_seed=18446744073709551613");
  }
}

TEST(BatchConfig, SeedsDoNotWrapAround) {
  const std::string text =
      "simulation: {dt: 0.1, duration: 100, seed: 18446744073709551614}\npopulations:\n" + kNet;
  EXPECT_EQ(faults_of(text + "\nbatch: {size: 2}"), Messages{});
  EXPECT_EQ(
      faults_of(text + "\nbatch: {size: 3}"),
      Messages{"net.yaml:4:15: batch.size: read '3', expected a `simulation.seed` that leaves room for as "
               "many after it, up to 18446744073709551615"});
}

TEST(BatchConfig, AProductHasEveryCombination) {
  EXPECT_EQ(varied(load_with("batch: {vary: {inputs.x.rate: [1, 2], populations.E.size: [5, 6, 7]}}")),
            (Texts{"inputs.x.rate=1 populations.E.size=5", "inputs.x.rate=1 populations.E.size=6",
                   "inputs.x.rate=1 populations.E.size=7", "inputs.x.rate=2 populations.E.size=5",
                   "inputs.x.rate=2 populations.E.size=6", "inputs.x.rate=2 populations.E.size=7"}));
}

TEST(BatchConfig, ZipGoesThroughAllListsAtOnce) {
  EXPECT_EQ(
      varied(load_with("batch: {mode: zip, vary: {inputs.x.rate: [1, 2], populations.E.size: [5, 6]}}")),
      (Texts{"inputs.x.rate=1 populations.E.size=5", "inputs.x.rate=2 populations.E.size=6"}));
}

TEST(BatchConfig, AMultipleOfTheCombinationsGoesRoundAgainWithFurtherSeeds) {
  for (const std::string mode : {"product", "zip"}) {
    const ModelSpec spec = load_with("batch: {size: 4, mode: " + mode + ", vary: {inputs.x.rate: [1, 2]}}");
    EXPECT_EQ(varied(spec),
              (Texts{"inputs.x.rate=1", "inputs.x.rate=2", "inputs.x.rate=1", "inputs.x.rate=2"}));
    EXPECT_EQ(to_text(instance_overrides(spec, 3)[0]), "simulation.seed=4");
  }
}

TEST(BatchConfig, Ranges) {
  EXPECT_EQ(values("{from: 1, to: 2, count: 5}"), (Texts{"1", "1.25", "1.5", "1.75", "2"}));
  EXPECT_EQ(values("{from: 0, to: 0.3, step: 0.1}"), (Texts{"0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(values("{from: 0, to: 0.35, step: 0.1}"), (Texts{"0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(values("{from: 3, to: 1, step: 1}"), (Texts{"3", "2", "1"}));
  EXPECT_EQ(values("{from: 1, to: 1000, count: 4, scale: log}"), (Texts{"1", "10", "100", "1000"}));
}

// What an instance reads is what stands in the list, also where YAML would make something else of plain text.
TEST(BatchConfig, ValuesKeepTheirMeaning) {
  EXPECT_EQ(values("[1e3, \"${1 + 1}\", \"7\", ~, {times: [0, 5], rates: [1, 2]}, a b, \"x\\\"y\"]"),
            (Texts{"1e3", "\"${1 + 1}\"", "\"7\"", "~", "{times: [0, 5], rates: [1, 2]}", "\"a b\"",
                   "\"x\\\"y\""}));
}

TEST(BatchConfig, AnInstanceIsTheConfigWithItsOverrides) {
  const std::string batch = "batch: {vary: {inputs.x.rate: [1, \"${2 * 3}\"], populations.E.size: [7]}}";
  const ModelSpec spec = load_with(batch);
  const ConfigText config(config_with(kNet, kInputs + batch), "net.yaml", {}, ".");
  const std::vector<Override> overrides = instance_overrides(spec, 1);
  const ModelSpec instance = config.load_instance(overrides);
  EXPECT_FALSE(instance.batch.has_value());
  EXPECT_EQ(instance.simulation.seed, 2u);
  EXPECT_EQ(instance.simulation.network_seed, 1u);
  EXPECT_EQ(instance.populations[0].size, 7u);
  EXPECT_EQ(instance.inputs[0].spikes()->rate.rates_Hz, std::vector<double>{6});
  // The digest knows nothing of the batch.
  EXPECT_EQ(instance.config_digest, load_with("", overrides).config_digest);
  EXPECT_EQ(instance.config_digest, load_with(batch, overrides).config_digest);
}

TEST(BatchConfig, OverridesReachTheBatch) {
  EXPECT_EQ(load_with("batch: {size: 3}", {{"batch.size", "5"}}).batch.value().size, 5u);
  const ConfigText config(config_with(kNet, kInputs + "batch: {size: 3}"), "net.yaml", {{"batch.size", "5"}},
                          ".");
  EXPECT_EQ(config.load().batch.value().size, 5u);
  EXPECT_FALSE(config.load_instance({}).batch.has_value());
}

// A short text must not ask for memory without limit.
TEST(BatchConfig, AllRangesTogetherAreBounded) {
  std::string vary;
  for (int i = 0; i < 30; ++i)
    vary += (i > 0 ? ", " : "") + std::string("parameters.p") + std::to_string(i) +
            ": {from: 0, to: 1, count: 100000}";
  const Messages faults = faults_of(config_with(kNet, kInputs + "batch: {mode: zip, vary: {" + vary + "}}"));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("more than 2000000 values in all"), std::string::npos) << faults[0];
}

TEST(BatchConfig, Faults) {
  const auto begins = [](const std::string& rest, const std::string& expected) {
    EXPECT_EQ(fault(rest).substr(0, expected.size()), expected) << rest;
  };
  begins("batch: 5", "net.yaml:5:8: batch: read '5', expected a map");
  begins("batch: {}", "net.yaml:5:8: batch.size: read no such key, expected an integer from 1 to 100000");
  begins("batch: {sise: 5, size: 5}",
         "net.yaml:5:9: batch.sise: read key 'sise', expected a known key (did you "
         "mean 'size'?)");
  begins("batch: {size: 0}", "net.yaml:5:15: batch.size: read '0', expected an integer from 1 to 100000");
  begins("batch: {size: 3, vary: {inputs.x.rate: [1, 2]}}",
         "net.yaml:5:15: batch.size: read '3', expected 2, the number of combinations");
  begins("batch: {size: 4, vary: {simulation.seed: [1, 2]}}",
         "net.yaml:5:15: batch.size: read '4', expected 2: `vary` gives the seeds");
  begins("batch: {vary: {inputs.x.rate: []}}",
         "net.yaml:5:31: batch.vary.inputs.x.rate: read a list of 0, expected a list of values, or a range");
  begins("batch: {vary: {inputs.x.rate: {from: 1, to: 2}}}",
         "net.yaml:5:31: batch.vary.inputs.x.rate: read neither `count` nor `step`, expected one of the two");
  begins("batch: {vary: {inputs.x.rate: {from: 0, to: 2, count: 3, scale: log}}}",
         "net.yaml:5:38: batch.vary.inputs.x.rate.from: read '0', expected a number > 0");
  begins("batch: {vary: {inputs.x.rate: {from: 0, to: 2, step: 1e-9}}}",
         "net.yaml:5:54: batch.vary.inputs.x.rate.step: read '1e-9', expected at most 100000 values");
  begins("batch: {mode: zip, vary: {inputs.x.rate: [1, 2], populations.E.size: [1]}}",
         "net.yaml:5:70: batch.vary.populations.E.size: read a list of 1, expected as many values as "
         "`inputs.x.rate` has, 2");
  begins(
      "batch: {vary: {inputs.x.rate: {from: 0, to: 1, count: 400}, populations.E.size: {from: 1, to: 400, "
      "step: 1}}}",
      "net.yaml:5:15: batch.vary: read more than 100000 instances, expected at most 100000");
  begins("batch: {vary: {inptus.x.rate: [1]}}",
         "net.yaml:5:16: batch.vary.inptus.x.rate: read key 'inptus.x.rate', expected a key of the config, "
         "as in "
         "--set (did you mean 'inputs'?)");
  for (const std::string key : {"batch.size", "device", "record", "checkpoint.keep", "title"})
    begins("batch: {vary: {" + key + ": [1]}}", "net.yaml:5:16: batch.vary." + key + ": read key '" + key +
                                                    "', expected a key that changes the "
                                                    "simulation");
}

}  // namespace
}  // namespace sharpwave
