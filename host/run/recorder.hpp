// Writes what a run records: the chosen spikes and the reports. While it runs they go into a recording
// (docs/formats/recording.md); the SONATA files are made of that at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/io/run_json.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/recording_writer.hpp"

namespace sharpwave {

class Recorder {
 public:
  /// Begins a recording in `directory`; also where nothing is recorded, as it tells how far the run came.
  /// @param about  what is known of the run, for what `sharpwave report` makes of it should it be killed.
  /// @throws Error(io), Error(no_room) naming the file.
  /// @param synapses  of each of the learning records of `spec` that is of weights, in their order.
  Recorder(const ModelSpec& spec, const std::filesystem::path& directory, const RunSummary& about,
           const std::vector<PlasticSynapses>& synapses = {});
  Recorder(const ModelSpec& spec, const std::filesystem::path& directory);

  /// Goes on with the recording that is there, when its length() was `length`; cuts off the rest.
  /// @throws Error(damaged_data) where it is not that of this run, or not whole up to there.
  Recorder(const ModelSpec& spec, const std::filesystem::path& directory, const RunSummary& about,
           std::uint64_t length);

  /// Takes the next block of the recorded part; the warm-up is not recorded.
  /// @throws Error(no_room) where the disk is full, Error(io): what was recorded before stays.
  /// @param learning    of each of the learning records of `spec` what is due after the block, else nothing.
  /// @param modulators  of each region, where levels are due after the block, else nothing.
  /// @param trial       that ends with the block.
  void record(const Block& block, const std::vector<LearningSample>& learning = {},
              const std::vector<ModulatorLevels>& modulators = {}, const std::optional<Trial>& trial = {});

  /// Of the recording: where to go on.
  [[nodiscard]] std::uint64_t length() const { return writer_.length(); }
  /// Waits until the disk has all that was recorded until now. Also while another thread records.
  void make_durable() const { writer_.make_durable(); }

  /// Makes spikes.h5, report_*.h5, plasticity.h5, weights_*.h5, neuromodulators.h5 and trials.h5 of what was
  /// recorded, where there is something to be in them; no record() after it. The recording stays.
  /// @return the files in the order spikes, reports, plasticity, weights, neuromodulators, trials.
  /// @throws Error(damaged_data) where the disk does not give back what was written.
  std::vector<std::filesystem::path> finish();

  /// To be called once all files of the run are there, and it is not to go on. @throws Error(io).
  void remove_recording();

 private:
  void choose(const ModelSpec& spec);
  /// Sets groups_. @return what is recorded of the block, which it may be a part of.
  std::span<const std::uint32_t> collect(const Block& block);

  std::filesystem::path directory_;
  std::filesystem::path path_;
  std::vector<bool> chosen_;  // [id]; empty: all of them
  RecordingWriter writer_;
  std::vector<recording::SpikeGroup> groups_;
  std::vector<std::uint32_t> ids_;  // where not all are recorded
};

}  // namespace sharpwave
