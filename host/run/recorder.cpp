#include "host/run/recorder.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/folder.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/summary.hpp"

namespace sharpwave {

Recorder::Recorder(const ModelSpec& spec, const std::filesystem::path& directory, const RunSummary& about,
                   const std::vector<PlasticSynapses>& synapses)
    : directory_(directory),
      path_(directory / recording::kFileName),
      writer_(path_, recording_header(spec, about)) {
  choose(spec);
  std::size_t next = 0;
  for (std::uint32_t k = 0; k < spec.learning_records.size(); ++k)
    if (spec.learning_records[k].every > 0) writer_.synapses(k, synapses.at(next++));
}

Recorder::Recorder(const ModelSpec& spec, const std::filesystem::path& directory)
    : Recorder(spec, directory, summary_of(spec)) {}

Recorder::Recorder(const ModelSpec& spec, const std::filesystem::path& directory, const RunSummary& about,
                   std::uint64_t length)
    : directory_(directory),
      path_(directory / recording::kFileName),
      writer_(path_, recording_header(spec, about), length) {
  choose(spec);
}

void Recorder::choose(const ModelSpec& spec) {
  const PopulationIds populations(spec);
  chosen_.resize(populations.n_ids());
  for (std::size_t rank = 0; rank < populations.count(); ++rank) {
    for (const Slice& slice : spec.record_spikes) {
      if (slice.population != populations.index_in_spec(rank)) continue;
      for (std::uint32_t i = 0; i < slice.size(); ++i) chosen_[populations.first_id(rank) + slice[i]] = true;
    }
  }
  if (std::find(chosen_.begin(), chosen_.end(), false) == chosen_.end()) chosen_.clear();
}

std::span<const std::uint32_t> Recorder::collect(const Block& block) {
  groups_.clear();
  ids_.clear();
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const std::size_t before = ids_.size();
    std::size_t n = block.offsets[i + 1] - block.offsets[i];
    if (!chosen_.empty()) {
      const std::uint32_t* const ids = block.ids.data() + block.offsets[i];
      std::copy_if(ids, ids + n, std::back_inserter(ids_), [&](std::uint32_t id) { return chosen_[id]; });
      n = ids_.size() - before;
    }
    if (n > 0) groups_.push_back({.step = static_cast<std::uint32_t>(i), .n = static_cast<std::uint32_t>(n)});
  }
  return chosen_.empty() ? block.ids : ids_;
}

void Recorder::record(const Block& block, const std::vector<LearningSample>& learning,
                      const std::vector<ModulatorLevels>& modulators, const std::optional<Trial>& trial) {
  for (std::uint32_t i = 0; i < block.reports.size(); ++i) {
    const Block::ReportSamples& samples = block.reports[i];
    if (samples.steps.empty()) continue;
    writer_.samples(block.first_step, block.n_steps, i, samples.steps, samples.values);
  }
  for (std::uint32_t k = 0; k < learning.size(); ++k)
    if (!learning[k].empty()) writer_.learning(block.first_step, block.n_steps, k, learning[k]);
  if (!modulators.empty()) writer_.modulators(block.first_step, block.n_steps, modulators);
  if (trial) writer_.trial(block.first_step, block.n_steps, *trial);
  const std::span<const std::uint32_t> ids = collect(block);
  writer_.spikes(block.first_step, block.n_steps, groups_, ids);
}

std::vector<std::filesystem::path> Recorder::finish() {
  RecordedFiles made = write_recorded_files(path_, directory_);
  if (made.end.kind != RecordingEnd::Kind::whole || made.end.usable_bytes != writer_.length()) {
    throw Error(ExitCode::damaged_data, path_.string() + ": holds " + std::to_string(made.end.usable_bytes) +
                                            " bytes that can be used, but " +
                                            std::to_string(writer_.length()) + " were written; " +
                                            made.end.problem);
  }
  return std::move(made.files);
}

void Recorder::remove_recording() {
  remove_file(path_);
}

}  // namespace sharpwave
