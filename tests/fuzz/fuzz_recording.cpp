// The reader of recordings, and what is made of one that a killed run left. An input that begins as a
// recording does is read as it is, and once more with digests that fit; any other is made into one: its first
// line is the header, and behind it come frames without their digests, so that changes reach the parser of
// each part.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "host/analysis/recorded_run.hpp"
#include "host/run/killed_run.hpp"
#include "host/run/recording_reader.hpp"
#include "host/run/recording_writer.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/run/recorded_example.hpp"

namespace sharpwave::fuzz {
namespace {

using recording::FrameHead;

// Of more the files would only be larger.
constexpr std::uint64_t kMostElements = 1000;
constexpr std::uint64_t kMostSamples = 10'000;

const std::filesystem::path& folder() {
  static const test::TemporaryFolder folder;
  return folder.path();
}

const std::filesystem::path& file() {
  static const std::filesystem::path path = folder() / recording::kFileName;
  return path;
}

struct Read {
  RecordingHeader header;
  std::vector<PlasticSynapses> synapses;
  std::vector<RecordedBlock> blocks;
  RecordingEnd end;
};

Read read(const std::filesystem::path& path) {
  RecordingReader reader(path);
  Read result{.header = reader.header(), .synapses = reader.synapses(), .blocks = {}, .end = {}};
  RecordedBlock block;
  while (reader.next(block)) result.blocks.push_back(block);
  result.end = reader.end();
  return result;
}

void check_end(const Read& read) {
  const RecordingEnd& end = read.end;
  require(end.usable_bytes <= end.file_bytes, "more is usable than there is");
  require((end.kind == RecordingEnd::Kind::whole) == end.problem.empty(), "a problem, or none", end.problem);
  require(end.problem.empty() || end.problem.starts_with(file().string() + ": byte "),
          "a message without a place", end.problem);
  std::uint64_t last_step = read.header.warm_up_steps;
  for (const RecordedBlock& block : read.blocks) {
    require(block.first_step == last_step + 1 && block.n_steps > 0, "blocks that do not follow each other");
    last_step += block.n_steps;
    require(std::is_sorted(block.groups.begin(), block.groups.end(),
                           [](const auto& a, const auto& b) { return a.step < b.step; }),
            "steps that do not ascend");
  }
  require(end.last_step == last_step && last_step <= read.header.warm_up_steps + read.header.steps,
          "another last step");
}

/// What was read is written again and must be read as the same.
void check_written_again(const Read& before) {
  static const std::filesystem::path again = folder() / "again.swr";
  {
    RecordingWriter writer(again, before.header);
    for (std::uint32_t k = 0; k < before.synapses.size(); ++k)
      if (before.header.learning[k].every > 0) writer.synapses(k, before.synapses[k]);
    for (const RecordedBlock& block : before.blocks) {
      for (std::uint32_t i = 0; i < block.samples.size(); ++i) {
        const RecordedBlock::Samples& samples = block.samples[i];
        if (samples.steps.empty()) continue;
        writer.samples(block.first_step, block.n_steps, i, samples.steps, samples.values);
      }
      for (std::uint32_t k = 0; k < block.learning.size(); ++k)
        if (!block.learning[k].empty())
          writer.learning(block.first_step, block.n_steps, k, block.learning[k]);
      if (!block.modulators.empty()) writer.modulators(block.first_step, block.n_steps, block.modulators);
      writer.spikes(block.first_step, block.n_steps, block.groups, block.ids);
    }
  }
  const Read after = read(again);
  require(after.end.kind == RecordingEnd::Kind::whole && after.end.last_step == before.end.last_step,
          "written again it is not whole", after.end.problem);
  require(to_json_text(after.header) == to_json_text(before.header), "written again it has another header");
  require(std::equal(after.blocks.begin(), after.blocks.end(), before.blocks.begin(), before.blocks.end(),
                     [](const RecordedBlock& a, const RecordedBlock& b) {
                       return a.ids == b.ids && a.groups.size() == b.groups.size() &&
                              a.samples.size() == b.samples.size() && a.learning == b.learning &&
                              a.modulators.size() == b.modulators.size();
                     }),
          "written again it holds other blocks");
}

bool is_small(const Read& read) {
  std::uint64_t n_elements = 0;
  for (const RecordedReport& report : read.header.reports) n_elements += report.n_values();
  std::uint64_t n_values = 0;
  for (const RecordedBlock& block : read.blocks)
    for (const RecordedBlock::Samples& samples : block.samples) n_values += samples.values.size();
  return n_elements <= kMostElements && n_values <= kMostSamples;
}

/// Makes a run of it, as `sharpwave report` does, and reads that.
void recover() {
  const auto recovered = outcome_of([] { return recover_killed_run(folder()).has_value(); });
  std::filesystem::remove(folder() / "run.json.partial");
  if (!recovered.value) return;
  require(*recovered.value, "no run was made");
  outcome_of([] {
    const analysis::RecordedRun run = analysis::read_run(folder());
    for (const analysis::PopulationRecord& population : run.populations)
      static_cast<void>(analysis::read_spikes(run, population));
    return 0;
  });
  for (const auto& entry : std::filesystem::directory_iterator(folder()))
    if (entry.path() != file()) std::filesystem::remove(entry.path());
}

void read_checked(const std::string& bytes) {
  write_bytes(file(), bytes);
  const Outcome<Read> outcome = outcome_of([] { return read(file()); });
  if (!outcome.value) {
    require(outcome.message.starts_with(file().string() + ":"), "a message without a place", outcome.message);
    return;
  }
  check_end(*outcome.value);
  check_written_again(*outcome.value);
  if (is_small(*outcome.value)) recover();
}

/// A frame's kind, report, and steps; where it begins, as an offset from where it should; bytes of its
/// payload.
struct FrameOfInput {
  std::uint8_t kind = 0;
  std::uint8_t report = 0;
  std::uint8_t n_steps = 0;
  std::int8_t gap = 0;
  std::uint16_t payload_bytes = 0;
};

std::string recording_of(std::string_view input) {
  std::string text(input.substr(0, input.find('\n')));
  input.remove_prefix(std::min(input.size(), text.size() + 1));
  const auto header = outcome_of([&] { return read_recording_header(text, "header"); });
  std::uint64_t step = header.value ? header.value->warm_up_steps + 1 : 1;
  text.append(recording::padding_of(text.size()), ' ');

  const recording::FileHead head;
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  const auto append = [&](const FrameHead& frame, std::string_view payload) {
    bytes.append(reinterpret_cast<const char*>(&frame), sizeof frame).append(payload);
  };
  append({.payload_bytes = text.size()}, text);
  for (FrameOfInput frame; input.size() >= sizeof frame;) {
    std::memcpy(&frame, input.data(), sizeof frame);
    input.remove_prefix(sizeof frame);
    std::string payload(input.substr(0, frame.payload_bytes));
    input.remove_prefix(payload.size());
    payload.append(recording::padding_of(payload.size()), '\0');
    append({.kind = frame.kind,
            .payload_bytes = payload.size(),
            .first_step = step + static_cast<std::uint64_t>(std::int64_t{frame.gap}),
            .n_steps = frame.n_steps,
            .report = frame.report},
           payload);
    if (frame.kind == static_cast<std::uint8_t>(recording::FrameKind::spikes)) step += frame.n_steps;
  }
  return bytes;
}

}  // namespace
}  // namespace sharpwave::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sharpwave;
  using namespace sharpwave::fuzz;
  std::string bytes(text_of(data, size));
  if (size > 0 && data[0] == recording::FileHead{}.magic[0]) {
    read_checked(bytes);
  } else {
    bytes = recording_of(bytes);
  }
  seal(bytes);
  read_checked(bytes);
  return 0;
}
