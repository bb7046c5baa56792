// spikes.h5 in SONATA layout; the format is described in docs/formats/spikes.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sharpwave {

struct RecordedPopulation {
  std::string name;
  std::uint64_t size = 0;
};

/// Writes the spikes of a run. Blocks are appended in order of time; the file gets its name only in
/// finish(), so that a run that was killed leaves none that looks whole (`<name>.partial` remains).
class SpikeWriter {
 public:
  /// Creates `<path>.partial`, replacing an old one.
  /// @throws Error(io) naming the file; Error(invalid_config) for a name that HDF5 cannot hold.
  SpikeWriter(const std::filesystem::path& path, const std::vector<RecordedPopulation>& populations);
  ~SpikeWriter();  ///< without finish(): leaves `<path>.partial`
  SpikeWriter(SpikeWriter&&) noexcept;
  SpikeWriter& operator=(SpikeWriter&&) noexcept;

  /// @param population     index into the constructor's list.
  /// @param node_ids       [n] within the population, each below its size.
  /// @param timestamps_ms  [n] not descending, also against the block before.
  /// @throws Error(io) naming the file, e.g. where the disk is full; the writer is then unusable.
  void append(std::size_t population, std::span<const std::uint64_t> node_ids,
              std::span<const double> timestamps_ms);

  /// Writes what is buffered, closes, syncs, and gives the file its name. To be called once, last.
  /// @throws Error(io) naming the file.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sharpwave
