// A recording whose content can be worked out by hand, and what is done to recordings in tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/run/recorder.hpp"
#include "host/run/recording_format.hpp"
#include "tests/host/run/fake_engine.hpp"

namespace sharpwave {

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

/// Records blocks of these lengths from step `first` on.
inline void record_blocks(Recorder& recorder, const ModelSpec& spec, std::uint64_t first,
                          const std::vector<std::uint64_t>& lengths) {
  for (const std::uint64_t n : lengths) {
    recorder.record(example_block(spec, first, n));
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

}  // namespace sharpwave
