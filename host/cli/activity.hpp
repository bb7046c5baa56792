// What the closing table draws: the rate of each population over the run, and a thinned raster.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/population_ids.hpp"

namespace sharpwave::cli {

/// Gathers while the run goes on, in memory that depends on neither its length nor the network's size.
class Activity {
 public:
  static constexpr std::size_t kRasterColumns = 72;  ///< characters; a braille character is 2 x 4 dots
  static constexpr std::size_t kRasterRows = 16;

  /// @param sparkline_columns  characters of a sparkline, > 0.
  Activity(const ModelSpec& spec, std::size_t sparkline_columns);

  /// Takes a block of the recorded part (no warm-up).
  void add(const Block& block);

  /// One character per column, scaled from 0 to the population's own maximum; columns of which no
  /// step was taken are blank. Ranks as in PopulationIds.
  [[nodiscard]] std::string sparkline(std::size_t rank) const;

  /// Neurons side by side in dot rows, populations top to bottom with their names, time from left to right.
  /// Of each dot row's neurons as many are drawn as keep the picture readable, the same number everywhere.
  /// @param colour  tell neighbouring populations apart by colour.
  [[nodiscard]] std::vector<std::string> raster(bool colour) const;

 private:
  /// A population's part of the raster: the neurons 0, stride, 2 stride, ... of it are drawn, `samples` of
  /// them in each of the dot rows from `first_dot_row` on.
  struct Band {
    std::size_t first_dot_row = 0;
    std::size_t dot_rows = 0;
    std::uint32_t samples = 0;
    std::uint32_t stride = 1;
  };

  void lay_out_bands();
  void draw_spike(std::size_t rank, std::uint32_t index, std::size_t dot_column);
  [[nodiscard]] unsigned readable_samples() const;
  [[nodiscard]] std::string raster_row(std::size_t row, std::uint64_t samples_mask) const;
  [[nodiscard]] std::uint64_t steps_in_column(std::size_t column) const;

  PopulationIds populations_;
  std::vector<std::string> names_;
  std::vector<std::uint32_t> sizes_;
  std::uint64_t warm_up_steps_;
  std::uint64_t steps_;
  double dt_ms_;
  std::size_t sparkline_columns_;
  std::uint64_t first_step_ = 0;  ///< of the blocks taken; a run that goes on begins later
  std::uint64_t steps_done_ = 0;
  std::vector<std::vector<std::uint64_t>> counts_;  // [rank][sparkline column]
  std::vector<Band> bands_;                         // of the ranks that are drawn
  std::vector<std::uint64_t> dots_;                 // [dot row][dot column]: bit s = sample s spiked
};

}  // namespace sharpwave::cli
