#include "host/network/random_streams.hpp"

#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "tests/host/network/rows.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

// By Python: hashlib.sha256(purpose + b'\0' + struct.pack('<Q', seed) + name).digest()[:8], as two u32.
TEST(RandomStreams, KeysAreTheDocumentedHash) {
  EXPECT_EQ(stream_key(RandomPurpose::synapse, 1, "E->E"), (PhiloxKey{0x5eb3de7f, 0x6d14db25}));
  EXPECT_EQ(stream_key(RandomPurpose::connection, 1, "E->E"), (PhiloxKey{0xfeb9b672, 0xa0322770}));
  EXPECT_EQ(stream_key(RandomPurpose::neuron_parameter, 0x8000000000000005u, "E"),
            (PhiloxKey{0x17e10088, 0x8e741c60}));
}

TEST(RandomStreams, EqualKeysAreRefusedNamingBoth) {
  StreamRegistry streams;
  streams.key(RandomPurpose::synapse, 1, "E to I");
  streams.key(RandomPurpose::connection, 1, "E to I");  // another purpose
  streams.key(RandomPurpose::synapse, 2, "E to I");     // another seed
  try {
    streams.key(RandomPurpose::synapse, 1, "E to I");
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    const std::string message = error.what();
    const auto first = message.find("synapse of 'E to I'");
    ASSERT_NE(first, std::string::npos) << message;
    EXPECT_NE(message.find("synapse of 'E to I'", first + 1), std::string::npos) << message;
  }
}

ModelSpec network() {
  ModelSpec spec;
  spec.populations = {neurons("E", 80), neurons("I", 20)};
  project(spec, "EE", 0, 0, ConnectionRule::pairwise_bernoulli).probability = 0.2;
  project(spec, "EI", 0, 1, ConnectionRule::fixed_indegree).degree = {10};
  project(spec, "II", 1, 1, ConnectionRule::fixed_total_number).total = 100;
  project(spec, "IE", 1, 0, ConnectionRule::fixed_outdegree).degree = {10};
  return spec;
}

TEST(RandomStreams, EditingOneObjectLeavesTheDrawsOfTheOthersAlone) {
  const ModelSpec before = network();
  ModelSpec after = network();
  after.populations[0].kind = NeuronSpec{.model = NeuronModel::iaf_psc_alpha};
  after.populations.push_back(neurons("new", 33));
  after.projections[1].weight = normal(5, 1);
  after.projections[1].delay_ms = uniform(1, 4);
  after.projections.insert(after.projections.begin(), after.projections[3]);
  after.projections[0].name = "another IE";
  for (std::size_t k = 0; k < before.projections.size(); ++k)
    EXPECT_EQ(rows_of(after, k + 1), rows_of(before, k)) << before.projections[k].name;
  EXPECT_NE(rows_of(after, 0), rows_of(before, 3));  // the name keys the draws
}

TEST(RandomStreams, OnlyTheNetworkSeedRedrawsTheNetwork) {
  const ModelSpec before = network();
  ModelSpec after = network();
  after.simulation.seed = 77;
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(rows_of(after, k), rows_of(before, k));
  after.simulation.network_seed = 77;
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NE(rows_of(after, k), rows_of(before, k));
}

}  // namespace
}  // namespace sharpwave::test
