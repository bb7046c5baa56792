// plasticity.h5 and weights_*.h5: what was recorded of plastic projections. docs/formats/plasticity.md
// describes both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "host/engine/plasticity_reading.hpp"
#include "host/io/plasticity_metrics.hpp"

namespace sharpwave {

/// Of one projection after one step: either metrics or weights.
struct LearningSample {
  std::optional<PlasticityReading> metrics;
  std::optional<std::vector<float>> weights;  ///< magnitudes
  [[nodiscard]] bool empty() const { return !metrics && !weights; }
  bool operator==(const LearningSample&) const = default;
};

/// Writes plasticity.h5. Names appear only in finish(); until then the file is called `<name>.partial`.
class PlasticityWriter {
 public:
  /// @throws Error(io) naming the file; so do all.
  PlasticityWriter(const std::filesystem::path& path, std::vector<LearningHeader> projections);
  ~PlasticityWriter();
  PlasticityWriter(PlasticityWriter&&) noexcept;
  PlasticityWriter& operator=(PlasticityWriter&&) noexcept;

  void append(std::size_t projection, std::uint64_t step, const PlasticityReading& reading);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes weights_<name>.h5, likewise.
class WeightWriter {
 public:
  WeightWriter(const std::filesystem::path& directory, const LearningHeader& header,
               const PlasticSynapses& synapses);
  ~WeightWriter();
  WeightWriter(WeightWriter&&) noexcept;
  WeightWriter& operator=(WeightWriter&&) noexcept;

  /// @param weights  [n_synapses] magnitudes.
  void append(std::uint64_t step, std::vector<float> weights);
  void finish();
  [[nodiscard]] const std::filesystem::path& path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sharpwave
