// The reader of checkpoints, behind the digest: what the input makes of a small one is sealed again, as
// whoever can write the file can do. By the input's first byte:
//   'B'  bytes of the file behind its header: (offset, offset, what to xor) again and again
//   else edits that leave it valid HDF5 (hdf5_edits.hpp)
#include "host/checkpoint/checkpoint_faults.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_summary.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/hdf5_edits.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::fuzz {
namespace {

constexpr const char* kName = "checkpoint.h5";
constexpr std::uint64_t kStep = 120;

const std::string kInstance = "/instances/0";
const std::string kPopulation = kInstance + "/populations/0";
const Editable kEditable = {
    {"/config",
     "/config_path",
     "/overrides",
     "/overrides/0",
     "/overrides/2",
     "/grids",
     "/grids/0",
     "/grids/1",
     "/instances",
     kInstance,
     "/instances/1",
     kInstance + "/spikes",
     kInstance + "/under_way",
     kInstance + "/under_way/offsets",
     kInstance + "/under_way/ids",
     kInstance + "/populations",
     kPopulation,
     kPopulation + "/refractory_steps",
     kPopulation + "/variables",
     kPopulation + "/variables/0",
     kPopulation + "/variables/1",
     kPopulation + "/variables/2",
     kInstance + "/populations/1",
     kInstance + "/watchdog",
     kInstance + "/watchdog/in_window",
     kInstance + "/watchdog/in_silent_window",
     kInstance + "/watchdog/signs",
     kInstance + "/watchdog/recent",
     kInstance + "/watchdog/found",
     "/injections",
     "/injections/0",
     "/"},
    {"name", "step", "dt", "precision", "spike_digest", "population", "config_digest", "exponent", "wall_s",
     "repairs", "weight_gain", "input_gain", "divergence_is_known", "non_finite_is_known"}};

const std::string& whole() {
  static const std::string bytes = encode_checkpoint(test::sample_checkpoint());
  return bytes;
}

std::string with_other_bytes(Choices choices) {
  std::string bytes = whole();
  const std::size_t n_bytes = bytes.size() - kCheckpointHeaderBytes;
  while (!choices.empty()) {
    const std::size_t offset = choices.next() + 256U * choices.next();
    char& byte = bytes[kCheckpointHeaderBytes + offset % n_bytes];
    byte = static_cast<char>(byte ^ choices.next());
  }
  return bytes;
}

std::string with_other_content(Choices choices) {
  static const test::TemporaryFolder folder;
  constexpr int kMostEdits = 16;
  const std::filesystem::path file = folder / kName;
  test::write_text(file, whole());
  for (int i = 0; i < kMostEdits && !choices.empty(); ++i) edit_hdf5(file, kEditable, choices);
  return test::read_text(file);
}

/// What everything behind the reader takes for granted.
void check(const Checkpoint& checkpoint) {
  require(!find_fault(checkpoint), "accepted with a fault");
  for (const InstanceState& instance : checkpoint.instances)
    for (const PopulationState& population : instance.engine.populations)
      static_cast<void>(summarise(population));
  const Checkpoint again = decode_checkpoint(encode_checkpoint(checkpoint), kName);
  require(compare(checkpoint, again).identical(), "written and read again it is something else");
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  if (size == 0) return 0;
  const Choices choices({data + 1, size - 1});
  std::string bytes = data[0] == 'B' ? with_other_bytes(choices) : with_other_content(choices);
  seal_checkpoint(bytes, kStep);
  const Outcome<Checkpoint> outcome = outcome_of([&] { return decode_checkpoint(bytes, kName); });
  if (outcome.value) {
    check(*outcome.value);
  } else {
    require(outcome.message.starts_with(std::string(kName) + ": "), "a message without a file",
            outcome.message);
  }
  return 0;
}
