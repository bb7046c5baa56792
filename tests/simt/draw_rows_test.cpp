// Rows drawn on a device against those that the host builds: the same synapses in every segment, and all that
// is known of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/device_engine.hpp"
#include "host/engine/device_rows.hpp"
#include "host/network/connectivity.hpp"
#include "tests/simt/simt_backend.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

using simt::SimtBackend;

const MakeExecutor kDrawing{.make = device::make_executor_on<SimtBackend>,
                            .draw_rows = device::draw_rows_on<SimtBackend>};

Network built(const ModelSpec& spec, const NetworkShape& shape) {
  ThreadPool pool(1);
  return build_network(spec, shape, pool, select_cpu_kernels());
}

/// What is the same for synapses in any order: of each segment, cells and weights, sorted.
using Segments = std::vector<std::vector<std::pair<std::uint32_t, std::int64_t>>>;

Segments segments_of(const device::NetworkOn<SimtBackend>& network, std::size_t n_segments) {
  const device::Connections& c = network.connections();
  Segments segments(n_segments);
  for (std::size_t s = 0; s < n_segments; ++s) {
    for (std::uint64_t at = c.segments[s]; at < c.segments[s + 1]; ++at)
      if (c.synapses != nullptr)
        segments[s].emplace_back(c.synapses[at] & 0xffffu, static_cast<std::int32_t>(c.synapses[at]) >> 16);
      else
        segments[s].emplace_back(c.wide_cells[at], c.wide_weights[at]);
    std::sort(segments[s].begin(), segments[s].end());
  }
  return segments;
}

void expect_the_hosts_rows(const ModelSpec& spec, const NetworkShape& shape) {
  const Network expected = built(spec, shape);
  const DrawnOnDevice drawn = draw_network(spec, shape, kDrawing, {});
  EXPECT_EQ(drawn.network.connectivity_sum, expected.connectivity_sum);
  EXPECT_EQ(drawn.network.n_synapses, expected.n_synapses);
  EXPECT_EQ(drawn.network.out_degrees, expected.out_degrees);
  EXPECT_EQ(drawn.network.burdens, expected.burdens);
  EXPECT_EQ(drawn.network.exponents, expected.exponents);
  EXPECT_EQ(drawn.network.longest_delay, expected.longest_delay);
  const Arithmetic arithmetic = arithmetic_of(spec, place_inputs(spec, expected));
  EXPECT_EQ(arithmetic_of(spec, place_inputs(spec, drawn.network)), arithmetic);
  std::size_t n_segments = 0;
  for (const SourceClass& c : expected.classes) n_segments += std::size_t{c.n_sources} * (c.stride - 1);
  SimtBackend backend;
  device::NetworkModel model = network_model(spec, drawn.network, arithmetic);
  model.drawn_rows = drawn.rows;
  const device::NetworkOn<SimtBackend> on_device(backend, model);
  const device::NetworkOn<SimtBackend> copied(backend, network_model(spec, expected, arithmetic));
  EXPECT_EQ(segments_of(on_device, n_segments), segments_of(copied, n_segments));
  for (std::size_t k = 0; k < expected.pair_bits.size(); ++k) {
    const auto& bits = expected.pair_bits[k].bits;
    EXPECT_TRUE(std::equal(bits.data(), bits.data() + bits.size(), on_device.connections().pair_bits[k].bits))
        << "bits " << k;
  }
}

ProjectionSpec& add(ModelSpec& spec, std::uint32_t source, std::uint32_t target, ConnectionRule rule) {
  ProjectionSpec p = projection(spec, source, target, rule, 0, 0);
  p.name += std::to_string(spec.projections.size());
  p.weight = redrawn(2, 0.5, 0, 5);
  p.delay_ms = redrawn(1.5, 0.75, 0.1, 8);
  return spec.projections.emplace_back(p);
}

ModelSpec two_populations() {
  ModelSpec spec;
  spec.populations = {population("E", 130, NeuronModel::iaf_psc_exp),
                      population("I", 47, NeuronModel::iaf_psc_exp)};
  return spec;
}

/// Every rule that is drawn, as it is and between slices that overlap, without autapses where it can be;
/// weights of one sign, of both, on grids of their own; delays that are bounded in either way.
ModelSpec all_rules() {
  ModelSpec spec = two_populations();
  spec.populations.push_back({.name = "relay", .size = 21, .kind = ParrotSpec{}});
  spec.populations.push_back({.name = "in", .size = 9, .kind = PoissonSourceSpec{{{0.0}, {900.0}}}});
  add(spec, 0, 0, ConnectionRule::fixed_total_number).total = 2003;
  ProjectionSpec& without_self = add(spec, 1, 1, ConnectionRule::fixed_total_number);
  without_self.total = 333;
  without_self.autapses = false;
  without_self.weight = normal(-1, 2);
  ProjectionSpec& by_target = add(spec, 0, 0, ConnectionRule::fixed_indegree);
  by_target.degree = {31};
  by_target.autapses = false;
  by_target.source = {0, 3, 101, 2};
  by_target.target = {0, 5, 90, 3};
  by_target.weight = Distribution{.kind = Distribution::Kind::lognormal, .a = 1, .b = 0.5};
  ProjectionSpec& by_source = add(spec, 0, 1, ConnectionRule::fixed_outdegree);
  by_source.source = {0, 0, 12, 5};
  by_source.degree = {0, 40, 1};
  by_source.delay_ms = Distribution{.kind = Distribution::Kind::uniform,
                                    .a = 0,
                                    .b = 3,
                                    .bounds = Distribution::Bounds::clip,
                                    .low = 0.5,
                                    .high = 2};
  ProjectionSpec& by_chance = add(spec, 1, 0, ConnectionRule::pairwise_bernoulli);
  by_chance.probability = 0.1;
  by_chance.weight = normal(-4, 1);
  add(spec, 1, 1, ConnectionRule::pairwise_bernoulli).probability = 1;
  spec.projections.back().autapses = false;
  add(spec, 0, 1, ConnectionRule::pairwise_bernoulli).probability = 0;
  add(spec, 1, 1, ConnectionRule::all_to_all).autapses = false;
  spec.projections.back().source = {1, 2, 40, 3};
  ProjectionSpec& straight = add(spec, 1, 1, ConnectionRule::one_to_one);
  straight.autapses = false;
  straight.target = {1, 0, 46, 1};
  straight.source = {1, 1, 47, 1};
  add(spec, 3, 2, ConnectionRule::fixed_indegree).degree = {2};
  add(spec, 2, 0, ConnectionRule::all_to_all);
  return spec;
}

class DrawnRows : public ::testing::TestWithParam<Precision> {};

TEST_P(DrawnRows, AreTheHostsByEveryRule) {
  ModelSpec spec = all_rules();
  spec.simulation.precision = GetParam();
  ASSERT_TRUE(choose_row_drawing(spec, kDrawing, {}).on_device);
  expect_the_hosts_rows(spec, device_shape(spec));
}

TEST_P(DrawnRows, AreTheHostsCutByOwner) {
  ModelSpec spec = all_rules();
  spec.simulation.precision = GetParam();
  for (const std::uint32_t n_owners : {1u, 3u, 7u}) {
    SCOPED_TRACE(n_owners);
    expect_the_hosts_rows(spec, owner_shape(spec, n_owners));
  }
}

TEST_P(DrawnRows, AreTheHostsInSeveralSubBlocksAndWithWideSlots) {
  ModelSpec spec = all_rules();
  spec.simulation.precision = GetParam();
  NetworkShape shape = device_shape(spec);
  shape.n_groups = 2;
  shape.n_sub_blocks = 3;
  shape.slot_width = 4;
  shape.cells_per_step = shape.part_size(0) + 1;
  expect_the_hosts_rows(spec, shape);
}

TEST_P(DrawnRows, OfNetworksOfTheContractAreTheHosts) {
  int n_drawn = 0;
  for (NamedNetwork& network : contract_networks()) {
    if (network.spec.simulation.precision != GetParam()) continue;
    const NetworkShape shape = device_shape(network.spec);
    if (!choose_row_drawing(network.spec, kDrawing, {}).on_device) continue;
    SCOPED_TRACE(network.name);
    ++n_drawn;
    expect_the_hosts_rows(network.spec, shape);
  }
  EXPECT_GE(n_drawn, 7);
}

INSTANTIATE_TEST_SUITE_P(Precisions, DrawnRows, ::testing::Values(Precision::float32, Precision::float64),
                         [](const auto& precision) {
                           return precision.param == Precision::float32 ? "float32" : "float64";
                         });

// More sources than 32 bits are enough for: two of a block of words.
TEST(DrawnSources, AreTheHostsAmongMany) {
  ModelSpec spec;
  spec.populations = {{.name = "in", .size = (1u << 20) + 5, .kind = PoissonSourceSpec{{{0.0}, {1.0}}}},
                      population("E", 10, NeuronModel::iaf_psc_exp)};
  ProjectionSpec& p = add(spec, 0, 1, ConnectionRule::fixed_total_number);
  p.total = 1001;
  ThreadPool pool(1);
  StreamRegistry streams;
  const ConnectionKeys keys = connection_keys(spec, p, streams);
  SimtBackend backend;
  const auto degrees = backend.allocate<std::uint32_t>(p.source.size());
  const device::DrawnPairs pairs{.select_key = keys.connection,
                                 .n_sources = p.source.size(),
                                 .n_targets = p.target.size(),
                                 .n_draws = p.total,
                                 .degrees = degrees.data()};
  backend.launch("draw_sources", device::draw_sources, {device::blocks_for<SimtBackend>(p.total)}, pairs);
  StreamRegistry again;
  const auto expected = make_connectivity(spec, p, again, pool, select_cpu_kernels());
  SynapseRow row;
  std::uint64_t n = 0;
  for (std::uint32_t s = 0; s < p.source.size(); ++s) {
    expected->fill(s, row);
    ASSERT_EQ(degrees.data()[s], row.n) << s;
    n += row.n;
  }
  EXPECT_EQ(n, p.total);
}

class RowDrawings : public ::testing::Test {
 protected:
  void SetUp() override { unsetenv("SHARPWAVE_GPU_CONSTRUCTION"); }
  void TearDown() override { unsetenv("SHARPWAVE_GPU_CONSTRUCTION"); }

  static std::string why(const ModelSpec& spec, const BuildOptions& options = {}) {
    return choose_row_drawing(spec, kDrawing, options).why;
  }
};

TEST_F(RowDrawings, SayWhatKeepsTheDevice) {
  ModelSpec spec = two_populations();
  ProjectionSpec& p = add(spec, 0, 1, ConnectionRule::fixed_indegree);
  p.name = "p";
  p.degree = {5};
  EXPECT_EQ(why(spec), "rows drawn on the device");
  EXPECT_EQ(why(spec, {.connection_statistics = true}), "rows drawn on the host (the report counts them)");
  EXPECT_EQ(choose_row_drawing(spec, {}, {}).why, "rows drawn on the host (the device draws none)");
  const auto because = [&](const auto& change) {
    ModelSpec changed = spec;
    change(changed.projections[0]);
    return why(changed);
  };
  const std::string begin = "rows drawn on the host ('p' ";
  EXPECT_EQ(because([](auto& q) { q.multapses = false; }), begin + "is without multapses)");
  EXPECT_EQ(because([](auto& q) { q.degree.assign(47, 3); }), begin + "has a list of degrees)");
  EXPECT_EQ(because([](auto& q) { q.weight = std::vector<double>(47, 1); }),
            begin + "has a list of weights)");
  EXPECT_EQ(because([](auto& q) { q.delay_ms = std::vector<double>(47, 1); }),
            begin + "has a list of delays)");
  EXPECT_EQ(because([](auto& q) { q.rule = ConnectionRule::explicit_list; }), begin + "is a list)");
  EXPECT_EQ(because([](auto& q) { q.plasticity = StdpSpec{}; }), begin + "is plastic)");
}

TEST_F(RowDrawings, AreAskedForInTheEnvironment) {
  ModelSpec spec = two_populations();
  add(spec, 0, 1, ConnectionRule::fixed_indegree).degree = {5};
  setenv("SHARPWAVE_GPU_CONSTRUCTION", "host", 1);
  EXPECT_EQ(why(spec), "rows drawn on the host (SHARPWAVE_GPU_CONSTRUCTION=host)");
  const auto on_host = make_device_engine(spec, 1, kDrawing)->construction();
  setenv("SHARPWAVE_GPU_CONSTRUCTION", "device", 1);
  const auto on_device = make_device_engine(spec, 1, kDrawing)->construction();
  EXPECT_NE(on_device.layout.find("; rows drawn on the device"), std::string::npos) << on_device.layout;
  EXPECT_EQ(on_device.connectivity_digest, on_host.connectivity_digest);
  EXPECT_EQ(on_device.out_degrees, on_host.out_degrees);
  spec.projections[0].multapses = false;
  EXPECT_THROW(static_cast<void>(why(spec)), Error);
  setenv("SHARPWAVE_GPU_CONSTRUCTION", "gpu", 1);
  EXPECT_THROW(static_cast<void>(why(spec)), Error);
}

TEST_F(RowDrawings, EndWhereTheyAreStoppedOrTheDeviceIsFull) {
  ModelSpec spec = two_populations();
  add(spec, 0, 1, ConnectionRule::fixed_total_number).total = 100;
  const auto code_of = [&](const MakeExecutor& make_executor, const std::function<bool()>& stop) {
    try {
      static_cast<void>(draw_network(spec, device_shape(spec), make_executor, stop));
    } catch (const Error& error) {
      return error.code();
    }
    return ExitCode::ok;
  };
  EXPECT_EQ(code_of(kDrawing, {}), ExitCode::ok);
  EXPECT_EQ(code_of(kDrawing, [] { return true; }), ExitCode::interrupted);
  MakeExecutor full = kDrawing;
  full.draw_rows = [](const auto&) -> std::shared_ptr<device::DrawnRows> {
    throw device::RuntimeError("full", true);
  };
  EXPECT_EQ(code_of(full, {}), ExitCode::no_room);
  spec.projections[0].total = std::uint64_t{1} << 36;
  EXPECT_EQ(code_of(kDrawing, {}), ExitCode::no_room);
}

}  // namespace
}  // namespace sharpwave::testing
