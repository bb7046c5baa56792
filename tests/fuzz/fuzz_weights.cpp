// The reader of weights, recorded ones and those of SONATA edges: a file whose bytes, or whose contents, are
// changed.
#include <cmath>
#include <string>

#include "host/io/hdf5.hpp"
#include "host/io/learning_writer.hpp"
#include "host/io/text_file.hpp"
#include "host/io/weight_file.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/hdf5_edits.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::fuzz {
namespace {

constexpr double kDt_ms = 0.1;

/// Where the file is put; away with the process.
const std::filesystem::path& folder() {
  static const test::TemporaryFolder folder;
  return folder.path();
}
const std::filesystem::path& file() {
  static const std::filesystem::path path = folder() / "weights_w.h5";
  return path;
}

std::string whole_file() {
  WeightWriter writer(folder(), {.name = "w", .w_max = 4, .is_negative = true, .dt_ms = kDt_ms},
                      {.sources = {0, 0, 3, 9}, .targets = {1, 2, 2, 0}, .delay_steps = {1, 15, 3, 40}});
  writer.append(10, {1, 0, 4, 0.5F});
  writer.append(20, {2, 0.125F, 3, 0});
  writer.finish();
  return read_text_file(file(), 1 << 20);
}

std::string whole_edges() {
  hdf5::File made = hdf5::File::create(file());
  {
    hdf5::Group root = made.root();
    hdf5::Group edges = root.create_group("edges");
    hdf5::Group population = edges.create_group("p");
    population.write("source_node_id", std::vector<std::uint64_t>{3, 0, 3, 9});
    population.write("target_node_id", std::vector<std::uint64_t>{1, 2, 1, 0});
    population.write("edge_group_id", std::vector<std::uint64_t>{0, 0, 0, 0});
    population.write("edge_group_index", std::vector<std::uint64_t>{0, 1, 2, 3});
    hdf5::Group group = population.create_group("0");
    group.write("syn_weight", std::vector<double>{1, 0, 4, 0.5});
    group.write("delay", std::vector<double>{0.2, 1, 0.1, 3});
  }
  made.close();
  return read_text_file(file(), 1 << 20);
}

void check(const WeightSample& sample) {
  const PlasticSynapses& synapses = sample.weighted.synapses;
  const std::size_t n = sample.weighted.magnitudes.size();
  require(synapses.sources.size() == n && synapses.targets.size() == n && synapses.delay_steps.size() == n,
          "lists of different lengths");
  for (const float w : sample.weighted.magnitudes) require(std::isfinite(w) && w >= 0, "no magnitude");
  for (const std::uint32_t steps : synapses.delay_steps) require(steps > 0 || !sample.time_ms, "no delay");
  require(n == 0 || (sample.least < n && sample.most < n), "no extremes");
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  static const std::string recorded = whole_file();
  static const std::string of_edges = whole_edges();
  static const Editable in_recorded{
      .objects = {"/", "/weights", "/weights/source", "/weights/target", "/weights/delay", "/weights/time",
                  "/weights/weight", "/weights/other"},
      .attributes = {"projection", "units"}};
  static const Editable in_edges{
      .objects = {"/", "/edges", "/edges/p", "/edges/p/source_node_id", "/edges/p/target_node_id",
                  "/edges/p/edge_group_id", "/edges/p/edge_group_index", "/edges/p/0",
                  "/edges/p/0/syn_weight", "/edges/p/0/delay", "/edges/p/0/nsyns", "/weights"},
      .attributes = {"node_population"}};
  if (size == 0) return 0;
  const bool takes_edges = data[0] >= 0x80;
  const Editable& editable = takes_edges ? in_edges : in_recorded;
  Choices choices({data + 1, size - 1});
  std::string bytes = takes_edges ? of_edges : recorded;
  while (data[0] % 0x80 == 'B' && !choices.empty()) {
    const std::size_t offset = choices.next() + 256U * choices.next();
    char& byte = bytes[offset % bytes.size()];
    byte = static_cast<char>(byte ^ choices.next());
  }
  test::write_text(file(), bytes);
  constexpr int kMostEdits = 16;
  for (int i = 0; data[0] % 0x80 != 'B' && i < kMostEdits && !choices.empty(); ++i)
    edit_hdf5(file(), editable, choices);
  const auto outcome = outcome_of([] { return read_weight_sample(file(), {}, kDt_ms); });
  if (outcome.value) {
    check(*outcome.value);
    require(read_weight_sample(file(), {}, kDt_ms).digest == outcome.value->digest, "read differently again");
  } else {
    require(outcome.message.find(file().string()) != std::string::npos, "a message without a file",
            outcome.message);
  }
  return 0;
}
