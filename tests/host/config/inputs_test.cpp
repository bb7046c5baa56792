// The `inputs` section: what its types become, and what is refused.
#include <gtest/gtest.h>

#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

std::string with_input(const std::string& keys) {
  return config_with(kNeuronsAndParrots, "inputs:\n  - {" + keys + "}\n");
}

TEST(ConfigInputs, Noise) {
  const ModelSpec spec =
      load(with_input("type: noise, target: E, mean: 2, std: 3, interval: 0.5, start: 10, stop: 20"));
  const auto& noise = std::get<NoiseInputSpec>(spec.inputs.at(0).kind);
  EXPECT_EQ(spec.inputs[0].name, "noise->E");
  EXPECT_EQ(noise.mean_pA, 2);
  EXPECT_EQ(noise.std_pA, 3);
  EXPECT_EQ(noise.interval_steps, 5U);
  EXPECT_EQ(noise.start_step, 100U);
  EXPECT_EQ(noise.stop_step, 200U);
}

TEST(ConfigInputs, NoiseHasNestsDefaultsAndAValueForEachTarget) {
  const ModelSpec spec = load(with_input("type: noise, target: ['E[:4]', 'E[4:]'], std: [3, 4]"));
  ASSERT_EQ(spec.inputs.size(), 2U);
  const auto& second = std::get<NoiseInputSpec>(spec.inputs[1].kind);
  EXPECT_EQ(second.mean_pA, 0);
  EXPECT_EQ(second.std_pA, 4);
  EXPECT_EQ(second.interval_steps, 10U);  // 1 ms
  EXPECT_EQ(second.start_step, 0U);
  EXPECT_EQ(second.stop_step, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(load(with_input("type: noise, target: E, std: 0")).inputs.empty());
}

TEST(ConfigInputs, Ac) {
  const ModelSpec spec =
      load(with_input("type: ac, target: E, amplitude: 5, frequency: 40, phase: 90, stop: 8"));
  const auto& ac = std::get<AcInputSpec>(spec.inputs.at(0).kind);
  EXPECT_EQ(ac.amplitude_pA, 5);
  EXPECT_EQ(ac.offset_pA, 0);
  EXPECT_EQ(ac.frequency_Hz, 40);
  EXPECT_EQ(ac.phase_deg, 90);
  EXPECT_EQ(ac.start_step, 0U);
  EXPECT_EQ(ac.stop_step, 80U);
}

TEST(ConfigInputs, MipReachesNeuronsAndParrots) {
  const ModelSpec spec =
      load(with_input("type: mip, target: [E, P], rate: [100, 200], p_copy: 0.25, weight: -2"));
  ASSERT_EQ(spec.inputs.size(), 2U);
  const auto& mip = std::get<MipInputSpec>(spec.inputs[1].kind);
  EXPECT_EQ(mip.mother.rate.rates_Hz, std::vector<double>{200});
  EXPECT_EQ(mip.mother.weight, -2);
  EXPECT_EQ(mip.p_copy, 0.25);
  EXPECT_TRUE(load(with_input("type: mip, target: E, rate: 5, p_copy: 0")).inputs.empty());
  EXPECT_TRUE(load(with_input("type: mip, target: E, rate: 0, p_copy: 1")).inputs.empty());
}

TEST(ConfigInputs, Faults) {
  EXPECT_EQ(
      faults_of(with_input("type: noise, target: P, std: 1")),
      Messages{"net.yaml:6:27: inputs[0].target: read 'P', expected neurons: only they take a current"});
  EXPECT_EQ(
      faults_of(with_input("type: noise, target: E, std: -1, interval: 0.25")),
      (Messages{"net.yaml:6:35: inputs[0].std: read '-1', expected a number >= 0 pA",
                "net.yaml:6:49: inputs[0].interval: read '0.25', expected a multiple of dt = 0.1 ms (it "
                "lies between 0.2 and 0.3)"}));
  EXPECT_EQ(
      faults_of(with_input("type: noise, target: E")),
      Messages{"net.yaml:6:5: inputs[0].std: read no such key, expected a number >= 0 pA: it is required"});
  EXPECT_EQ(faults_of(with_input("type: noise, target: E, std: 1, start: 5, stop: 5")),
            Messages{"net.yaml:6:54: inputs[0].stop: read '5', expected a time after `start`"});
  EXPECT_EQ(
      faults_of(with_input("type: ac, target: E, amplitude: 1, frequency: 5001, phse: 1")),
      (Messages{"net.yaml:6:52: inputs[0].frequency: read '5001', expected at most 5000 Hz: two samples a "
                "period at dt = 0.1 ms",
                "net.yaml:6:58: inputs[0].phse: read key 'phse', expected a known key (did you mean "
                "'phase'?)"}));
  EXPECT_EQ(faults_of(with_input("type: mip, target: E, rate: 5, p_copy: 1.5")),
            Messages{"net.yaml:6:45: inputs[0].p_copy: read '1.5', expected a number from 0 to 1"});
  EXPECT_EQ(
      faults_of(with_input("type: dc, target: E, amplitude: 5, p_copy: 1")),
      Messages{"net.yaml:6:41: inputs[0].p_copy: read key 'p_copy', expected no such key here: it is not for "
               "type dc"});
}

// The default is 1 ms whatever dt is, so that a dt that does not divide it needs an interval.
TEST(ConfigInputs, TheDefaultIntervalMustLieOnTheGridToo) {
  const std::string text =
      "simulation: {dt: 0.3, duration: 3}\npopulations: {E: {size: 1, model: iaf_psc_exp, params: {t_ref: "
      "3}}}\n"
      "inputs: [{type: noise, target: E, std: 1}]";
  EXPECT_EQ(faults_of(text),
            Messages{"net.yaml:3:10: inputs[0].interval: read a map, expected a multiple of dt = "
                     "0.3 ms (it lies between 0.9 and 1.2)"});
}

TEST(ConfigInputs, ScalingRefusesCopiedTrainsAndLeavesCurrents) {
  EXPECT_EQ(
      faults_of(with_input("type: mip, target: E, rate: 5, p_copy: 0.5") + "scaling: {indegrees: 0.5}"),
      Messages{"net.yaml:6:5: inputs[0]: read mip input 'mip->E', expected independent trains: fewer of them "
               "and larger weights change what correlation does, because `scaling` is used"});
  const ModelSpec spec =
      load(with_input("type: noise, target: E, std: 5") + "scaling: {neurons: 0.5, indegrees: 0.5}");
  EXPECT_EQ(std::get<NoiseInputSpec>(spec.inputs.at(0).kind).std_pA, 5);
  EXPECT_EQ(spec.inputs[0].target.stop, 5U);
}

}  // namespace
}  // namespace sharpwave
