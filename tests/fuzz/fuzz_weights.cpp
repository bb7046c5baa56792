// The reader of recorded weights: a file whose bytes, or whose contents, are changed.
#include <cmath>
#include <string>

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

void check(const WeightSample& sample) {
  const PlasticSynapses& synapses = sample.weighted.synapses;
  const std::size_t n = sample.weighted.magnitudes.size();
  require(synapses.sources.size() == n && synapses.targets.size() == n && synapses.delay_steps.size() == n,
          "lists of different lengths");
  for (const float w : sample.weighted.magnitudes) require(std::isfinite(w) && w >= 0, "no magnitude");
  for (const std::uint32_t steps : synapses.delay_steps) require(steps > 0, "no delay");
  require(n == 0 || (sample.least < n && sample.most < n), "no extremes");
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  static const std::string whole = whole_file();
  static const Editable editable{
      .objects = {"/", "/weights", "/weights/source", "/weights/target", "/weights/delay", "/weights/time",
                  "/weights/weight", "/weights/other"},
      .attributes = {"projection", "units"}};
  if (size == 0) return 0;
  Choices choices({data + 1, size - 1});
  std::string bytes = whole;
  while (data[0] == 'B' && !choices.empty()) {
    const std::size_t offset = choices.next() + 256U * choices.next();
    char& byte = bytes[offset % bytes.size()];
    byte = static_cast<char>(byte ^ choices.next());
  }
  test::write_text(file(), bytes);
  constexpr int kMostEdits = 16;
  for (int i = 0; data[0] != 'B' && i < kMostEdits && !choices.empty(); ++i)
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
