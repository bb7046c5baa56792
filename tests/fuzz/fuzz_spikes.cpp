// The readers of spikes from text: lines of `index time_ms`, and SONATA's CSV.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/io/sonata.hpp"
#include "host/io/spike_files.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::fuzz {
namespace {

constexpr std::uint32_t kNodes = 7;

/// Where the text is put; away with the process.
const std::filesystem::path& file() {
  static const test::TemporaryFolder folder;
  static const std::filesystem::path path = folder / "spikes";
  return path;
}

/// A message about a text names the file, and a line that the text has.
void check_place(const std::string& message, std::string_view text) {
  const std::string prefix = file().string() + ":";
  require(message.starts_with(prefix), "a message without a place", message);
  std::int64_t line = 0;
  std::from_chars(message.data() + prefix.size(), message.data() + message.size(), line);
  require(line >= 1 && line <= 1 + std::count(text.begin(), text.end(), '\n'), "a line that is not there",
          message);
}

void check(const SpikeSourceSpec& spikes, std::uint32_t n_nodes) {
  require(spikes.indices.size() == spikes.times_ms.size(), "lists of different lengths");
  for (std::size_t i = 0; i < spikes.indices.size(); ++i) {
    const double time_ms = spikes.times_ms[i];
    require(n_nodes == 0 || spikes.indices[i] < n_nodes, "an index out of range");
    require(std::isfinite(time_ms) && time_ms > 0, "no time");
    if (i == 0) continue;
    const double before_ms = spikes.times_ms[i - 1];
    require(before_ms < time_ms || (before_ms == time_ms && spikes.indices[i - 1] <= spikes.indices[i]),
            "not sorted");
  }
}

std::string written(const SpikeSourceSpec& spikes) {
  std::string text;
  for (std::size_t i = 0; i < spikes.indices.size(); ++i) {
    char buffer[64];
    const auto time = std::to_chars(buffer, buffer + sizeof buffer, spikes.times_ms[i]);
    text += std::to_string(spikes.indices[i]) + ' ' + std::string(buffer, time.ptr) + '\n';
  }
  return text;
}

template <typename Read>
Outcome<SpikeSourceSpec> read_checked(std::string_view text, std::uint32_t n_nodes, Read read) {
  Outcome<SpikeSourceSpec> outcome = outcome_of(read);
  if (outcome.value) {
    check(*outcome.value, n_nodes);
  } else {
    check_place(outcome.message, text);
  }
  return outcome;
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  const std::string text(text_of(data, size));
  test::write_text(file(), text);
  read_checked(text, kNodes, [] { return read_csv_spikes(file(), "input", kNodes); });
  const auto any = read_checked(text, 0, [] { return read_text_spikes(file()); });
  const auto bounded = read_checked(text, kNodes, [] { return read_text_spikes(file(), kNodes); });
  require(any.value || !bounded.value, "accepted with a bound, refused without", text);
  if (!any.value) return 0;
  test::write_text(file(), written(*any.value));
  const SpikeSourceSpec again = read_text_spikes(file());
  require(again.indices == any.value->indices && again.times_ms == any.value->times_ms,
          "written and read again it is something else", text);
  return 0;
}
