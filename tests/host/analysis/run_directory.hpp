// A run's directory for tests: small files like those that a run writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/json.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::analysis::test {

using sharpwave::test::read_text;
using sharpwave::test::TemporaryFolder;
using sharpwave::test::write_text;

/// Of one population, as the file has them.
struct FiledSpikes {
  std::string population;
  std::vector<double> times_ms;
  std::vector<std::uint64_t> node_ids;
};

/// The object of run.json: 100 recorded steps of 0.1 ms after 5 ms of warm-up; populations E of 4 neurons and
/// I of 2 that fired `n_spikes_E` and `n_spikes_I` times and were recorded in full.
[[nodiscard]] Json run_json(std::uint64_t n_spikes_E, std::uint64_t n_spikes_I);

void write_run_json(const std::filesystem::path& directory, const Json& json);

/// Eight synapses from E to I, and three connections that are left out.
void write_network_json(const std::filesystem::path& directory);

/// In small chunks, so that damage is tried in all parts of the format.
void write_spikes(const std::filesystem::path& directory, const std::vector<FiledSpikes>& spikes);

/// `report_v.h5`: V_m of neurons 1 and 3 of E in 20 frames, every 0.5 ms from 5.5 ms on; a value is the
/// frame's number, plus a half for neuron 3.
void write_report(const std::filesystem::path& directory);

/// All of them: six spikes of E, none of I.
void write_example(const std::filesystem::path& directory);

}  // namespace sharpwave::analysis::test
