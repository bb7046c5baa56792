// A recording whose content can be worked out by hand, and what is done to recordings in tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/engine/engine.hpp"
#include "host/run/recorder.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/recording_header.hpp"
#include "host/run/recording_writer.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave {

/// Of the examples in most tests.
inline constexpr std::uint64_t kExampleWarmUp = 10;

/// FakeEngine's network with a second report, of two variables of two neurons every third step from step 7
/// on.
inline ModelSpec recorded_example(std::uint64_t warm_up_steps, std::uint64_t steps) {
  ModelSpec spec = five_neurons(warm_up_steps, steps);
  spec.title = "five neurons";
  spec.config_digest = "ab12";
  spec.reports.push_back({.name = "pair",
                          .slice = {.population = 0, .start = 0, .stop = 2},
                          .variables = {StateVariable::V_m, StateVariable::I_syn_ex},
                          .times = {.first_step = 4, .last_step = 1000, .interval = 3}});
  return spec;
}

/// What FakeEngine fires, and values that tell report, step and place.
inline Block example_block(const ModelSpec& spec, std::uint64_t first, std::uint64_t n) {
  Block block;
  block.begin(first, n, spec.reports);
  block.offsets.assign(1, 0);
  for (std::uint64_t step = first; step < first + n; ++step) {
    for (std::uint32_t id = 0; id < FakeEngine::kNeurons; ++id)
      if (step % (id + 1) == 0) block.ids.push_back(id);
    block.offsets.push_back(block.ids.size());
  }
  for (std::size_t i = 0; i < block.reports.size(); ++i) {
    const std::size_t n_values = spec.reports[i].variables.size() * spec.reports[i].slice.size();
    for (const std::uint64_t step : block.reports[i].steps)
      for (std::size_t k = 0; k < n_values; ++k)
        block.reports[i].values.push_back(static_cast<float>(step) + 0.125F * static_cast<float>(k + i));
  }
  return block;
}

/// The same with a plastic projection of three synapses: its metrics every tenth step, and the weights of two
/// of them every twentieth.
inline ModelSpec learning_example(std::uint64_t warm_up_steps, std::uint64_t steps) {
  ModelSpec spec = recorded_example(warm_up_steps, steps);
  spec.projections = {{.name = "A/B",
                       .source = {.population = 0, .start = 0, .stop = 2},
                       .target = {.population = 2, .start = 0, .stop = 3},
                       .weight = Distribution::constant(-1),
                       .plasticity = StdpSpec{.w_min = 0.5, .w_max = 4}}};
  spec.learning_records = {
      {.projection = 0, .times = {.first_step = warm_up_steps, .last_step = 1000, .interval = 10}},
      {.name = "few",
       .projection = 0,
       .every = 2,
       .times = {.first_step = warm_up_steps, .last_step = 1000, .interval = 20}}};
  return spec;
}

inline std::vector<PlasticSynapses> example_synapses() {
  return {{.sources = {0, 1}, .targets = {2, 1}, .delay_steps = {15, 3}}};
}

/// What is due after a step.
inline std::vector<LearningSample> example_learning(const ModelSpec& spec, std::uint64_t step) {
  std::vector<LearningSample> samples(spec.learning_records.size());
  for (std::size_t k = 0; k < samples.size(); ++k) {
    if (!spec.learning_records[k].times.includes(step)) continue;
    if (spec.learning_records[k].every > 0) {
      samples[k].weights = {0.5F + static_cast<float>(step) / 1024, 4.0F};
      continue;
    }
    PlasticityReading& reading = samples[k].metrics.emplace();
    reading.updates = step;
    reading.potentiations = step / 2;
    reading.raised = (1 << 24) * step;  // a w_max a step
    reading.steps_plus = 3 * (step / 2);
    reading.unchanged_steps = 5;
    reading.weight_sum = 3 << 22;
    reading.at_max = 1;
    reading.histogram[49] = 1;
    reading.histogram[0] = 2;
  }
  return samples;
}

/// Records blocks of these lengths from step `first` on.
inline void record_blocks(Recorder& recorder, const ModelSpec& spec, std::uint64_t first,
                          const std::vector<std::uint64_t>& lengths) {
  for (const std::uint64_t n : lengths) {
    recorder.record(example_block(spec, first, n), example_learning(spec, first + n - 1));
    first += n;
  }
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Removes it first: file systems wait for the disk where a file is cut to nothing and written again.
inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary) << bytes;
}

/// Where frames begin, as far as their lengths say; and the end of the last one.
inline std::vector<std::size_t> frame_starts(const std::string& bytes) {
  std::vector<std::size_t> starts{sizeof(recording::FileHead)};
  while (bytes.size() >= starts.back() + sizeof(recording::FrameHead)) {
    recording::FrameHead frame;
    std::memcpy(&frame, bytes.data() + starts.back(), sizeof frame);
    const std::size_t room = bytes.size() - starts.back() - sizeof frame;
    if (frame.payload_bytes > room) break;
    starts.push_back(starts.back() + sizeof frame + frame.payload_bytes);
  }
  return starts;
}

/// Makes the digests of all frames fit what they hold, so that what is behind them gets read.
inline void seal(std::string& bytes) {
  const std::vector<std::size_t> starts = frame_starts(bytes);
  if (bytes.size() < sizeof(recording::FileHead)) return;
  recording::FileHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  recording::DigestChain chain(head);
  for (std::size_t i = 0; i < starts.size() && bytes.size() >= starts[i] + sizeof(recording::FrameHead);
       ++i) {
    recording::FrameHead frame;
    std::memcpy(&frame, bytes.data() + starts[i], sizeof frame);
    frame.head_digest = chain.head(frame);
    if (i + 1 < starts.size()) {
      chain.add(bytes.data() + starts[i] + sizeof frame, frame.payload_bytes);
      frame.payload_digest = chain.end_frame();
    }
    std::memcpy(bytes.data() + starts[i], &frame, sizeof frame);
  }
}

/// Why a run with `spec` does not go on with the recording; empty where it does.
inline std::string refusal_to_go_on(const std::filesystem::path& path, const ModelSpec& spec,
                                    std::uint64_t length) {
  return test::refusal_of(ExitCode::damaged_data,
                          [&] { RecordingWriter(path, recording_header(spec, summary_of(spec)), length); });
}

}  // namespace sharpwave
