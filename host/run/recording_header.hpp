// What a recording says about itself: enough to make the files of its run without the process that ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/io/json_place.hpp"
#include "host/io/learning_writer.hpp"
#include "host/io/modulator_writer.hpp"
#include "host/io/report_writer.hpp"
#include "host/io/run_json.hpp"
#include "host/io/trial_writer.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

struct RecordedReport {
  ReportHeader header;  ///< without its node ids, which are
  Slice slice;
  SampleTimes times;

  /// Values in one sample: of all variables and elements.
  [[nodiscard]] std::uint64_t n_values() const {
    return std::uint64_t{slice.size()} * header.variables.size();
  }
};

/// Of a plastic projection.
struct RecordedLearning {
  LearningHeader header;    ///< without its synapses
  std::uint32_t every = 0;  ///< 0: metrics; else weights of every so many-th synapse
  SampleTimes times;
};

/// The levels of neuromodulators in all regions.
struct RecordedModulators {
  std::vector<ModulatorHeader> regions;
  SampleTimes times;
};

struct RecordingHeader {
  RunSummary run;  ///< as far as it is known at the start; populations in the order of the global ids
  std::uint64_t warm_up_steps = 0;
  std::uint64_t steps = 0;  ///< of the recorded part, if it gets to its end
  std::vector<RecordedReport> reports;
  std::vector<RecordedLearning> learning;
  std::optional<RecordedModulators> modulators;
  std::vector<TrialPhase> phases;  ///< of a protocol
  std::uint32_t n_classes = 0;     ///< likewise
};

/// Of a plastic projection of `spec`.
[[nodiscard]] LearningHeader learning_header(const ModelSpec& spec, std::uint32_t projection);

/// Of a region of `spec`.
[[nodiscard]] ModulatorHeader modulator_header(const ModelSpec& spec, std::uint32_t region);

/// The header of a run of `spec`.
[[nodiscard]] RecordingHeader recording_header(const ModelSpec& spec, RunSummary about);

/// As the recording holds it; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string to_json_text(const RecordingHeader& header);

/// @param where  the file's name, for messages.
/// @throws Error(damaged_data) naming the key and what was expected: types, ranges, names that are there
/// twice or cannot be a file's or a group's, reports of what is no population.
[[nodiscard]] RecordingHeader read_recording_header(const std::string& text, const std::string& where);

/// Throws where a recording is not the one that a run of `expected` goes on with. What may change between a
/// run and its resume, as threads and device, is not compared.
/// @throws Error(damaged_data) naming the first difference.
void require_same_recording(const RecordingHeader& found, const RecordingHeader& expected,
                            const std::string& where);

}  // namespace sharpwave
