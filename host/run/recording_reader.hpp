// Reads a recording block by block, checking all of it: it may have been cut off by a kill, damaged, or made
// to do harm. docs/formats/recording.md describes the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/io/file_descriptor.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/recording_header.hpp"

namespace sharpwave {

/// What was recorded in some steps. Buffers are reused.
struct RecordedBlock {
  std::uint64_t first_step = 0;
  std::uint64_t n_steps = 0;
  std::vector<recording::SpikeGroup> groups;  ///< the steps with spikes, ascending
  std::vector<std::uint32_t> ids;             ///< of them all, of recorded populations only
  struct Samples {
    std::vector<std::uint64_t> steps;
    std::vector<float> values;  ///< [n_samples][n_variables][n_elements]
  };
  std::vector<Samples> samples;  ///< of each report
  /// After the last step, of each of the header's records; neither metrics nor weights where none was due.
  std::vector<LearningSample> learning;
  std::vector<ModulatorLevels> modulators;  ///< likewise, of each region; empty where none was due
  std::optional<Trial> trial;               ///< that the block ends
};

/// Where reading ended.
struct RecordingEnd {
  enum class Kind {
    whole,    ///< at the end of a block and of the file
    torn,     ///< within a block that the file does not hold to its end, as a kill leaves it
    damaged,  ///< at something that is not what was written
  };
  Kind kind = Kind::whole;
  std::uint64_t usable_bytes = 0;  ///< up to the end of the last whole block
  std::uint64_t file_bytes = 0;
  std::uint64_t last_step = 0;  ///< of the last whole block; without one the last of the warm-up
  std::string problem;          ///< file, byte, and what is wrong there; empty where whole
};

class RecordingReader {
 public:
  /// Reads the header. @param length  what comes behind it is not looked at.
  /// @throws Error(io); Error(damaged_data) naming the byte, where the header is not whole and genuine.
  explicit RecordingReader(const std::filesystem::path& path, std::optional<std::uint64_t> length = {});

  [[nodiscard]] const RecordingHeader& header() const { return header_; }

  /// Of each of the header's records of weights between which neurons they are; of metrics empty.
  [[nodiscard]] const std::vector<PlasticSynapses>& synapses() const { return synapses_; }

  /// Reads the next block. False where there is no further one that is whole and genuine: end() says why.
  /// Takes memory for one block, and never for more than the file holds.
  /// @throws Error(io) where the file cannot be read.
  [[nodiscard]] bool next(RecordedBlock& block);

  /// Once next() was false.
  [[nodiscard]] const RecordingEnd& end() const { return end_; }
  /// The digest of the last frame read: what a further one begins with, where the end is whole.
  [[nodiscard]] const recording::DigestChain::Value& last_digest() const { return chain_.last(); }

 private:
  struct Stop;

  void read_header();
  void read_block(RecordedBlock& block);
  recording::FrameHead begin_frame();
  void end_frame(const recording::FrameHead& frame);
  void read_synapses();
  void read_learning(const recording::FrameHead& frame, RecordedBlock& block);
  void read_trial(const recording::FrameHead& frame, RecordedBlock& block);
  void check_learning_is_all(const RecordedBlock& block) const;
  void read_modulators(const recording::FrameHead& frame, RecordedBlock& block);
  void check_modulators_are_there(const RecordedBlock& block) const;
  void read_samples(const recording::FrameHead& frame, RecordedBlock& block);
  void read_spikes(const recording::FrameHead& frame, RecordedBlock& block);
  void check_place(const recording::FrameHead& frame) const;
  void check_times(const recording::FrameHead& frame, const RecordedBlock::Samples& samples) const;
  void check_spikes(const RecordedBlock& block) const;
  void check_ids(std::span<const std::uint32_t> ids) const;

  /// The next `n` values of the payload.
  template <class T>
  void take(std::vector<T>& out, std::uint64_t n);
  std::uint64_t take_number();
  void take_padding();
  void read(void* out, std::uint64_t n_bytes);
  [[noreturn]] void damaged(const std::string& what) const;
  [[nodiscard]] std::string at_frame(const std::string& what) const;

  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t limit_ = 0;     // nothing is read from here on
  std::uint64_t position_ = 0;  // behind what was read
  std::uint64_t frame_at_ = 0;  // where the frame in hand begins
  std::uint64_t left_ = 0;      // of its payload
  std::vector<std::byte> buffer_;
  std::size_t buffer_used_ = 0;
  recording::DigestChain chain_;
  RecordingHeader header_;
  std::vector<PlasticSynapses> synapses_;
  std::vector<std::uint64_t> first_ids_;  // of the populations, and behind the last one
  bool ended_ = false;
  RecordingEnd end_;
};

}  // namespace sharpwave
