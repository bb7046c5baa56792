// A network as explicit values: what construction draws, and to what it rounds it, for those who want to
// write it down. It gives the spikes of the description that it was drawn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/base/thread_pool.hpp"
#include "host/network/distribution.hpp"
#include "host/network/grids.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Why the spikes are the same: each weight is an integer on its grid, and a list of the rounded weights gets
/// the same grid or a finer one, since its largest weight is at most the largest that could be drawn. On a
/// finer grid the weights are exact, and so are the sums, which are converted to the same reals.
class DrawnNetwork {
 public:
  /// Draws everything but the synapses.
  /// @param spec, pool  outlive this object.
  /// @param unrounded   projections whose weights are written as they are: of lists, which are rounded to the
  ///                    same grid when they are read.
  /// @throws Error(invalid_config) as build_network() does, for a spike at 0 ms or before, for a plastic
  ///         projection, and for neurons whose input neuromodulators scale.
  DrawnNetwork(const ModelSpec& spec, ThreadPool& pool, const std::vector<std::uint32_t>& unrounded = {});

  [[nodiscard]] const ModelSpec& spec() const { return spec_; }

  /// Parameters and initial values are constants or lists; times of spikes are on the grid.
  [[nodiscard]] const std::vector<PopulationSpec>& populations() const { return populations_; }

  /// The synapses of a projection as an explicit list between whole populations, by source. Weights are
  /// rounded to the grid and delays to steps; each is a constant where the description has one.
  /// 24 bytes a synapse, which are not kept here.
  [[nodiscard]] ProjectionSpec projection(std::size_t k);

  /// The inputs with their weights rounded to the grid.
  [[nodiscard]] const std::vector<InputSpec>& inputs() const { return inputs_; }

  /// To be called when every projection has been drawn: makes sure that the grids of the lists hold the
  /// rounded weights exactly.
  /// @throws Error(invalid_config) naming the projection or input where they do not.
  void require_exact_weights() const;

 private:
  struct DrawnWeights {
    std::size_t n = 0;
    Range range;
  };
  [[nodiscard]] int exponent(const Grids& grids, std::size_t projection, std::size_t sign) const;
  void round_inputs();

  const ModelSpec& spec_;
  ThreadPool& pool_;
  std::vector<PopulationPlace> places_;
  Connectivities connectivities_;
  Grids grids_;
  std::vector<PopulationSpec> populations_;
  std::vector<InputSpec> inputs_;
  std::vector<bool> is_rounded_;       // per projection
  std::vector<DrawnWeights> weights_;  // per projection, as far as they have been drawn
};

}  // namespace sharpwave
