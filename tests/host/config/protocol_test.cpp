// `stimuli` and `protocol`.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "host/network/protocol_spec.hpp"
#include "tests/host/config/faults_of.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

/// Of the sources those that nothing is presented to fire by themselves.
std::string with_protocol(const std::string& stimuli, const std::string& protocol,
                          const std::string& simulation = "{dt: 0.5}") {
  const auto own = [&](const char* population, const char* key) {
    return stimuli.find(std::string("population: ") + population) == std::string::npos ? key : "";
  };
  return "simulation: " + simulation + "\npopulations:\n  P: {size: 2, model: poisson_source" +
         own("P", ", rate: 0") + "}\n  S: {size: 2, model: spike_source" + own("S", ", times: [[1], [2]]") +
         "}\n  E: {size: 3, model: iaf_psc_exp}\nstimuli:\n" + stimuli + "\nprotocol:\n" + protocol + "\n";
}

const std::string kRates = "  r: {population: P, rates: [[0, 10], [20, 0], [10, 10]], labels: [0, 2, 0]}";

std::shared_ptr<const ProtocolSpec> protocol_of(const std::string& stimuli, const std::string& protocol,
                                                const std::filesystem::path& folder = {}) {
  return load_config_text(with_protocol(stimuli, protocol), "net.yaml", {}, nullptr, folder).protocol;
}

TEST(ConfigProtocol, IsReadWithItsDefaults) {
  const ModelSpec spec = load_config_text(
      with_protocol(
          kRates,
          "  - {name: settle, rest: 100}\n"
          "  - {name: train, present: r, duration: 10, rest: 5, epochs: 2, order: shuffled, responses: E,\n"
          "     repeat: {below: 4, gain_step: 0.5, at_most: 3}}\n"
          "  - {name: label, present: r, items: '0:2', duration: 10, learning: false, responses: E, label: "
          "true}\n"
          "  - {name: test, present: r, items: [2, 0], duration: 10, learning: false, responses: E, test: "
          "true}"),
      "net.yaml");
  const ProtocolSpec& protocol = *spec.protocol;
  ASSERT_EQ(protocol.phases.size(), 4U);
  EXPECT_EQ(protocol.n_classes, 3U);
  const PhaseSpec& settle = protocol.phases[0];
  EXPECT_FALSE(settle.stimulus);
  EXPECT_EQ(settle.rest_steps, 200U);
  EXPECT_TRUE(settle.learning);
  const PhaseSpec& train = protocol.phases[1];
  EXPECT_EQ(train.items, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(train.n_trials(), 6U);
  EXPECT_TRUE(train.is_shuffled);
  EXPECT_EQ(train.duration_steps, 20U);
  EXPECT_EQ(train.rest_steps, 10U);
  EXPECT_EQ(train.responses, 2U);
  EXPECT_EQ(train.repeat.most_times, 3U);
  EXPECT_EQ(protocol.phases[2].items, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_FALSE(protocol.phases[2].learning);
  EXPECT_EQ(protocol.phases[3].items, (std::vector<std::uint32_t>{2, 0}));
  EXPECT_EQ(spec.simulation.steps, 200U + 6 * 3 * 30 + 2 * 20 + 2 * 20);
  EXPECT_EQ(protocol.least_steps(), 200U + 6 * 30 + 2 * 20 + 2 * 20);
  const StimulusSpec& rates = protocol.stimuli[0];
  EXPECT_EQ(rates.labels, (std::vector<std::uint32_t>{0, 2, 0}));
  EXPECT_EQ(rates.level_rates_Hz, (std::vector<double>{0, 10, 20}));
  EXPECT_EQ(rates.levels, (std::vector<std::uint16_t>{0, 1, 2, 0, 1, 1}));
  // The last attempt has twice the rates.
  EXPECT_EQ(std::get<PoissonSourceSpec>(spec.populations[0].kind).presented_up_to_Hz, 40);
}

TEST(ConfigProtocol, SpikesOfFilesAreCutIntoItems) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "a.txt") << "0 0.5\n1 10.2\n0 10.5\n1 20\n";
  std::ofstream(folder / "b.txt") << "# none\n";
  const auto whole = protocol_of("  s: {population: S, spikes: [a.txt, b.txt]}",
                                 "  - {name: p, present: s, duration: 5}", folder / ".");
  EXPECT_EQ(whole->stimuli[0].spike_begin, (std::vector<std::uint64_t>{0, 4, 4}));
  const auto cut = protocol_of("  s: {population: S, spikes: a.txt, window: 10}",
                               "  - {name: p, present: s, duration: 5}", folder / ".");
  EXPECT_EQ(cut->stimuli[0].spike_begin, (std::vector<std::uint64_t>{0, 1, 4}));
  EXPECT_EQ(cut->stimuli[0].spike_steps, (std::vector<std::uint64_t>{1, 1, 1, 20}));
  EXPECT_EQ(cut->stimuli[0].spike_sources, (std::vector<std::uint32_t>{0, 0, 1, 1}));
  EXPECT_EQ(cut->largest_spike_count(1), 1U);
}

TEST(ConfigProtocol, ImagesAndTablesAreFoundBesideTheConfig) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "images") << std::string("\0\0\10\3\0\0\0\2\0\0\0\1\0\0\0\2\0\377\377\63", 20);
  std::ofstream(folder / "labels") << std::string("\0\0\10\1\0\0\0\2\7\1", 10);
  const auto images = protocol_of("  i: {population: P, images: images, labels: labels, max_rate: 50}",
                                  "  - {name: p, present: i, duration: 5}", folder / ".");
  EXPECT_EQ(images->n_classes, 8U);
  EXPECT_EQ(images->stimuli[0].n_items, 2U);
  EXPECT_EQ(images->stimuli[0].levels, (std::vector<std::uint16_t>{0, 255, 255, 51}));
  EXPECT_EQ(images->stimuli[0].level_rates_Hz[255], 50);
  EXPECT_EQ(images->stimuli[0].level_rates_Hz[51], 10);
  std::ofstream(folder / "table") << "# Hz\n1, 2\n\n2 3  # too\n";
  const auto table = protocol_of("  t: {population: P, rates: table}",
                                 "  - {name: p, present: t, duration: 5}", folder / ".");
  EXPECT_EQ(table->stimuli[0].levels, (std::vector<std::uint16_t>{0, 1, 1, 2}));
}

TEST(ConfigProtocol, PixelsAreLeftOutOfImages) {
  const test::TemporaryFolder folder;
  constexpr std::size_t kImages = 1000;
  std::ofstream(folder / "images") << std::string("\0\0\10\3\0\0\3\350\0\0\0\1\0\0\0\2", 16)
                                   << std::string(2 * kImages, '\377');
  const auto levels_of = [&](const std::string& name, const std::string& keys) {
    return protocol_of("  " + name + ": {population: P, images: images, max_rate: 50" + keys + "}",
                       "  - {name: p, present: " + name + ", duration: 5}", folder / ".")
        ->stimuli[0]
        .levels;
  };
  const std::vector<std::uint16_t> levels = levels_of("i", ", missing: 0.4");
  EXPECT_EQ(levels, levels_of("i", ", missing: 0.4"));
  EXPECT_NE(levels, levels_of("j", ", missing: 0.4"));
  const auto n_missing = std::ranges::count(levels, 0);
  EXPECT_EQ(n_missing + std::ranges::count(levels, 255), 2 * kImages);
  EXPECT_NEAR(static_cast<double>(n_missing), 800, 5 * std::sqrt(2000 * .4 * .6));
  EXPECT_EQ(std::ranges::count(levels_of("i", ", missing: 1"), 0), 2 * kImages);
  EXPECT_EQ(std::ranges::count(levels_of("i", ""), 0), 0);
}

TEST(ConfigProtocol, FaultsNameTheirPlaceAndAreAllTold) {
  const auto expect = [](const std::string& stimuli, const std::string& protocol,
                         const std::vector<std::string>& parts) {
    const Messages messages = faults_of(with_protocol(stimuli, protocol));
    for (const std::string& part : parts)
      EXPECT_TRUE(std::ranges::any_of(
          messages, [&](const std::string& message) { return message.find(part) != std::string::npos; }))
          << part << " is not in\n"
          << (messages.empty() ? "nothing" : messages.front());
    EXPECT_EQ(messages.size(), parts.size()) << stimuli << protocol;
  };
  const auto phase = [&](const std::string& keys, const std::vector<std::string>& parts) {
    expect(kRates, "  - {name: p, " + keys + "}", parts);
  };
  const std::string good = "present: r, duration: 10";
  phase("present: x, duration: 10.1", {"protocol[0].present", "protocol[0].duration"});
  phase("present: r", {"protocol[0]"});
  phase("rest: 0", {"protocol[0].rest"});
  phase("rest: 5, label: true", {"not in a phase that presents nothing"});
  phase(good + ", items: '0:4'", {"within the 3 items"});
  phase(good + ", items: '2:2'", {"within the 3 items"});
  phase(good + ", items: '2'", {"within the 3 items"});
  phase(good + ", items: [3]", {"within the 3 items"});
  phase(good + ", items: [0.5]", {"within the 3 items"});
  phase(good + ", responses: P", {"protocol[0].responses"});
  phase(good + ", repeat: {below: 3}", {"`responses` beside it"});
  phase(good + ", responses: E, repeat: {gain_step: -1}", {"repeat.below", "repeat.gain_step"});
  phase(good + ", responses: E, repeat: {below: 1, gain_step: 1.0e+6, at_most: 1000}", {"repeat.gain_step"});
  phase(good + ", label: true", {"`responses` beside it"});
  phase(good + ", responses: E, label: true, test: true", {"either `label` or `test`"});
  phase(good + ", responses: E, test: true", {"a phase before it that labels"});
  expect(kRates, "  - {name: a/b, rest: 5}\n  - {name: c, rest: 5}\n  - {name: c, rest: 5}",
         {"protocol[0].name", "protocol[2].name"});
  expect(kRates, "  {}", {"a list of 1 to 1000 phases"});
  expect("  r: {population: P, rates: [[0, 1]]}",
         "  - {name: p, present: r, duration: 5, responses: E, label: true}",
         {"`labels` of what is presented"});
  const std::string any = "  - {name: p, rest: 5}";
  expect("  r: {population: E, rates: [[1, 2, 3]]}", any, {"stimuli.r.population"});
  expect("  r: {population: S, rates: [[1, 2]]}", any, {"a poisson_source"});
  expect("  r: {population: P}", any, {"exactly one of images, rates, spikes"});
  expect("  r: {population: P, rates: [[1]]}", any, {"rows of 2 rates"});
  expect("  r: {population: P, rates: [[1, -1]]}", any, {"rates"});
  expect("  r: {population: P, rates: [[1, 1.0e+9]]}", any, {"at most"});
  expect("  r: {population: P, rates: [[1, 2]], labels: [1, 2]}", any, {"as many as there are items, 1"});
  expect("  r: {population: P, rates: [[1, 2]], window: 5}", any, {"not for stimuli of this kind"});
  expect("  r: {population: P, images: none, max_rate: 5, obtain: THERE}", any, {"it can be had from THERE"});
}

TEST(ConfigProtocol, TimesAndRatesComeFromNowhereElse) {
  const auto one_fault = [](const std::string& text, const std::string& part) {
    const Messages messages = faults_of(text);
    ASSERT_EQ(messages.size(), 1U) << part;
    EXPECT_NE(messages[0].find(part), std::string::npos) << messages[0];
  };
  const std::string any = "  - {name: p, rest: 5}";
  one_fault(with_protocol(kRates, any, "{dt: 0.5, duration: 100}"), "simulation.duration");
  one_fault(with_protocol(kRates, any, "{dt: 0.5, warm_up: 100}"), "simulation.warm_up");
  one_fault(with_protocol(kRates, any) + "scaling: {neurons: 0.5}\n", "no scaling");
  std::string with_rate = with_protocol(kRates, any);
  with_rate.replace(with_rate.find("poisson_source"), 14, "poisson_source, rate: 5");
  one_fault(with_rate, "not where `stimuli` bring it");
  one_fault(
      "simulation: {duration: 1}\npopulations:\n  P: {size: 2, model: poisson_source}\nstimuli:\n" + kRates,
      "a `protocol` beside them");
}

}  // namespace
}  // namespace sharpwave
