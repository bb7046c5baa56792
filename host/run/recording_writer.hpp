// Writes what a run records as it comes, so that a kill loses the block in hand at most and a resume can go
// on. docs/formats/recording.md describes the file.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <vector>

#include "host/io/file_descriptor.hpp"
#include "host/protocol/trial.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/recording_header.hpp"

namespace sharpwave {

/// One block is samples() for each report that was sampled in it, in their order, learning() likewise,
/// modulators() where they are due, and then spikes(), also where nothing fired. Functions throw
/// Error(no_room) where the disk is full and Error(io) else, naming the file and the system's reason; what
/// was whole before stays usable, the writer does not.
class RecordingWriter {
 public:
  /// Begins a recording, replacing the file.
  RecordingWriter(const std::filesystem::path& path, const RecordingHeader& header);

  /// Goes on with the recording of the same run when its length() was `length`; what came later is
  /// cut off. Reads all of it before.
  /// @throws Error(damaged_data) where the file is shorter, not whole and genuine up to there, or of another
  /// run: naming the byte; nothing is then changed.
  RecordingWriter(const std::filesystem::path& path, const RecordingHeader& header, std::uint64_t length);

  /// @param report  its place in the header's list.
  /// @param steps   [n] sampled, of the block's.
  /// @param values  [n][n_variables][n_elements].
  void samples(std::uint64_t first_step, std::uint64_t n_steps, std::uint32_t report,
               std::span<const std::uint64_t> steps, std::span<const float> values);

  /// Between which neurons a list of weights is. Of each that is recorded, in their order, before the first
  /// block.
  /// @param record  its place in the header's list.
  void synapses(std::uint32_t record, const PlasticSynapses& synapses);

  /// Metrics or weights of a plastic projection after the last step of the block; in the order of the header,
  /// behind all samples().
  void learning(std::uint64_t first_step, std::uint64_t n_steps, std::uint32_t record,
                const LearningSample& sample);

  /// The levels in all regions after the last step of the block, behind all learning().
  void modulators(std::uint64_t first_step, std::uint64_t n_steps, std::span<const ModulatorLevels> levels);

  /// The trial that the block ends; behind all learning().
  void trial(std::uint64_t first_step, std::uint64_t n_steps, const Trial& trial);

  /// Ends the block and hands it to the system: from here on a kill does not take it.
  /// @param groups  the steps with spikes, ascending, and how many each.
  /// @param ids     of them all, ascending within a step.
  void spikes(std::uint64_t first_step, std::uint64_t n_steps, std::span<const recording::SpikeGroup> groups,
              std::span<const std::uint32_t> ids);

  /// Waits until the disk has all whole blocks of now. Also while another thread writes. Once it has failed,
  /// it fails for ever: no checkpoint may count on this file. Opens nothing: to be short of descriptors is no
  /// such failure.
  void make_durable() const;

  /// Of all whole blocks: where to go on.
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  using Bytes = std::span<const std::byte>;

  void append(recording::FrameHead head, std::initializer_list<Bytes> payload);
  void put(Bytes bytes);
  void flush();

  std::filesystem::path path_;
  FileDescriptor file_;
  FileDescriptor folder_;     // open, to be synced
  std::uint64_t length_ = 0;  // with what is buffered
  recording::DigestChain chain_;
  std::vector<std::byte> buffer_;
  mutable std::atomic<bool> sync_failed_{false};
};

}  // namespace sharpwave
