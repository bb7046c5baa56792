// What one sees of the run under way: its spikes by columns of time, traces of chosen neurons, levels,
// weights.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/json.hpp"
#include "host/io/plasticity_metrics.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/run_observer.hpp"

namespace sharpwave::service {

/// A neuron of a population that fires: index within it.
struct ChosenNeuron {
  std::string population;
  std::uint32_t index = 0;
  auto operator<=>(const ChosenNeuron&) const = default;
};

/// Watches the run under way, one at a time. What it keeps is bounded, whatever runs. Safe from several
/// threads: the run's, and those who look.
class LiveRun final : public RunObserver {
 public:
  static constexpr std::size_t kRows = 256;             ///< of the raster
  static constexpr std::size_t kMostColumns = 60'000;   ///< of a millisecond
  static constexpr std::size_t kMostNeurons = 16;       ///< whose potentials are sampled
  static constexpr std::size_t kMostSamples = 100'000;  ///< of each
  static constexpr std::size_t kMostRates = 32;         ///< populations

  struct Population {
    std::string name;
    std::uint64_t size = 0;
    std::uint32_t first_row = 0;
    std::uint32_t rows = 0;
  };
  /// A millisecond of simulated time.
  struct Column {
    std::array<std::uint64_t, kRows / 64> rows{};  ///< a bit where a neuron of the row fired
    std::vector<std::uint32_t> spikes;             ///< [population]
  };
  /// V, in mV, absolute.
  struct Trace {
    ChosenNeuron neuron;
    double begin_ms = 0;  ///< of the first sample; one a step
    double step_ms = 0;
    std::vector<float> V_mV;
  };
  struct Levels {
    std::string region;
    std::array<std::optional<double>, kModulators> levels;
  };

  /// A run begins, and takes the place of the last one. @param spec  lives until end().
  void begin(const std::string& id, const ModelSpec& spec);
  void end();

  [[nodiscard]] Wishes wishes(bool is_new) override;
  void look(const Engine& engine, const Block& block, std::span<const Block::ReportSamples> samples) override;

  /// The run that is, or was last; empty where there was none.
  [[nodiscard]] std::string id() const;
  [[nodiscard]] bool is_running() const;
  [[nodiscard]] std::vector<Population> populations() const;
  [[nodiscard]] double time_ms() const;  ///< how far it came, from its beginning
  /// Whole columns from `first` on, as many as there still are; `first` becomes that of the first one.
  [[nodiscard]] std::vector<Column> columns(std::uint64_t& first) const;
  /// Hz, over the last whole 100 ms.
  [[nodiscard]] std::vector<std::pair<std::string, double>> rates() const;

  /// Potentials are sampled from the next block on, until nobody has asked for ten seconds.
  /// @return false where the run has no such neuron, or too many are chosen.
  [[nodiscard]] bool choose(const std::vector<ChosenNeuron>& neurons);
  /// What there is after `after_ms`.
  [[nodiscard]] std::optional<Trace> trace(const ChosenNeuron& neuron, double after_ms) const;
  [[nodiscard]] std::vector<Levels> levels() const;
  /// Looked at once in two seconds, as long as somebody asks.
  [[nodiscard]] std::vector<PlasticityMetrics> weights();
  /// Gives a reward with the next block. @return false where the region is none of the run's, or has no
  /// dopamine.
  [[nodiscard]] bool give_reward(const std::string& region, double reward);

 private:
  struct Sampled {
    std::uint32_t population = 0;  ///< in the spec
    std::chrono::steady_clock::time_point asked{};
    double begin_ms = 0;
    std::deque<float> V_mV;
  };
  void note_spikes(const Block& block);
  [[nodiscard]] Column& column_at(std::uint64_t ms);

  mutable std::mutex mutex_;
  std::string id_;
  bool is_running_ = false;
  const ModelSpec* spec_ = nullptr;  ///< while it runs
  double dt_ms_ = 0.1;
  std::optional<PopulationIds> ids_;
  std::vector<Population> populations_;
  std::deque<Column> columns_;
  std::uint64_t first_column_ = 0;
  std::uint64_t step_ = 0;
  std::map<ChosenNeuron, Sampled> sampled_;
  std::vector<ChosenNeuron> order_;  ///< as their reports stand in the next block
  bool has_changed_ = false;
  std::vector<Reward> rewards_;
  std::vector<Levels> levels_;
  std::vector<PlasticityMetrics> weights_;
  std::chrono::steady_clock::time_point weights_asked_{};
  std::chrono::steady_clock::time_point weights_read_{};
  std::chrono::steady_clock::time_point levels_read_{};
};

}  // namespace sharpwave::service
