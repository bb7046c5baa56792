#include "host/service/live_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "host/network/step_times.hpp"
#include "host/run/recording_header.hpp"

namespace sharpwave::service {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLevelsEvery{200};
constexpr std::chrono::milliseconds kWeightsEvery{2000};
constexpr std::chrono::milliseconds kWeightsFor{5000};  ///< after somebody has asked for them
constexpr std::chrono::seconds kSampledFor{10};         ///< likewise
constexpr std::uint64_t kRateWindow_ms = 100;

/// Rows of the raster, shared out by size, each population at least one.
std::vector<LiveRun::Population> shared_out(const ModelSpec& spec, const PopulationIds& ids) {
  std::vector<LiveRun::Population> populations;
  const std::size_t n = std::min(ids.count(), LiveRun::kRows);
  const double to_share = static_cast<double>(LiveRun::kRows - n);
  std::uint32_t row = 0;
  for (std::size_t rank = 0; rank < n; ++rank) {
    const double share = static_cast<double>(ids.size(rank)) / static_cast<double>(ids.n_ids());
    const auto rows = static_cast<std::uint32_t>(
        std::min<double>(1 + std::floor(share * to_share), static_cast<double>(ids.size(rank))));
    populations.push_back({.name = spec.populations[ids.index_in_spec(rank)].name,
                           .size = ids.size(rank),
                           .first_row = row,
                           .rows = rows});
    row += rows;
  }
  return populations;
}

}  // namespace

void LiveRun::begin(const std::string& id, const ModelSpec& spec) {
  const std::lock_guard lock(mutex_);
  id_ = id;
  is_running_ = true;
  spec_ = &spec;
  dt_ms_ = spec.simulation.dt_ms;
  ids_.emplace(spec);
  populations_ = shared_out(spec, *ids_);
  columns_.clear();
  first_column_ = 0;
  step_ = 0;
  sampled_.clear();
  order_.clear();
  rewards_.clear();
  levels_.clear();
  weights_.clear();
  weights_read_ = levels_read_ = {};
}

void LiveRun::end() {
  const std::lock_guard lock(mutex_);
  is_running_ = false;
  spec_ = nullptr;
  rewards_.clear();
}

RunObserver::Wishes LiveRun::wishes(bool is_new) {
  const std::lock_guard lock(mutex_);
  Wishes wishes{.rewards = std::exchange(rewards_, {})};
  const auto is_forgotten = [now = Clock::now()](const auto& entry) {
    return now - entry.second.asked > kSampledFor;
  };
  has_changed_ |= std::erase_if(sampled_, is_forgotten) > 0;
  if (!std::exchange(has_changed_, false) && !(is_new && !sampled_.empty())) return wishes;
  wishes.reports.emplace();
  order_.clear();
  for (const auto& [neuron, sampled] : sampled_) {
    order_.push_back(neuron);
    wishes.reports->push_back(
        {.name = "live",
         .slice = {.population = sampled.population, .start = neuron.index, .stop = neuron.index + 1},
         .variables = {StateVariable::V_m}});
  }
  return wishes;
}

LiveRun::Column& LiveRun::column_at(std::uint64_t ms) {
  if (columns_.empty()) first_column_ = ms;
  while (first_column_ + columns_.size() <= ms) {
    columns_.push_back({.spikes = std::vector<std::uint32_t>(populations_.size())});
    if (columns_.size() <= kMostColumns) continue;
    columns_.pop_front();
    ++first_column_;
  }
  return columns_[ms - first_column_];
}

void LiveRun::note_spikes(const Block& block) {
  const std::span<const std::uint32_t> ids(block.ids);
  for (std::uint64_t i = 0; i < block.n_steps; ++i) {
    const double end_ms = time_of_step_ms(block.first_step + i, dt_ms_);
    // A step belongs to the millisecond in which it begins; half a step keeps rounding from the edges.
    Column& column = column_at(static_cast<std::uint64_t>(std::max(0., end_ms - dt_ms_ / 2)));
    ids_->split(ids.subspan(block.offsets[i], block.offsets[i + 1] - block.offsets[i]),
                [&](std::size_t rank, std::span<const std::uint32_t> fired) {
                  if (rank >= populations_.size()) return;
                  const Population& population = populations_[rank];
                  column.spikes[rank] += static_cast<std::uint32_t>(fired.size());
                  for (const std::uint32_t id : fired) {
                    const std::uint64_t row = population.first_row +
                                              (id - ids_->first_id(rank)) * population.rows / population.size;
                    column.rows[row / 64] |= std::uint64_t{1} << (row % 64);
                  }
                });
  }
}

void LiveRun::look(const Engine& engine, const Block& block, std::span<const Block::ReportSamples> samples) {
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(mutex_);
  note_spikes(block);
  step_ = block.first_step + block.n_steps - 1;
  for (std::size_t k = 0; k < std::min(samples.size(), order_.size()); ++k) {
    const auto at = sampled_.find(order_[k]);
    if (at == sampled_.end()) continue;
    Sampled& sampled = at->second;
    if (sampled.V_mV.empty()) sampled.begin_ms = time_of_step_ms(block.first_step, dt_ms_);
    for (const float V_mV : samples[k].values) sampled.V_mV.push_back(V_mV);
    while (sampled.V_mV.size() > kMostSamples) {
      sampled.V_mV.pop_front();
      sampled.begin_ms += dt_ms_;
    }
  }
  if (!spec_->regions.empty() && now - levels_read_ >= kLevelsEvery) {
    levels_read_ = now;
    levels_.clear();
    const std::vector<ModulatorLevels> read = engine.read_modulators();
    for (std::size_t region = 0; region < read.size(); ++region) {
      Levels& levels = levels_.emplace_back(Levels{.region = spec_->regions[region].name, .levels = {}});
      for (std::size_t m = 0; m < kModulators; ++m)
        if (spec_->regions[region].modulators[m])
          levels.levels[m] = level_of(read[region], static_cast<Modulator>(m));
    }
  }
  if (now - weights_asked_ < kWeightsFor && now - weights_read_ >= kWeightsEvery) {
    weights_read_ = now;
    weights_.clear();
    for (const PlasticityReading& reading : engine.read_plasticity())
      weights_.push_back(metrics_of(learning_header(*spec_, reading.projection), reading));
  }
}

std::string LiveRun::id() const {
  const std::lock_guard lock(mutex_);
  return id_;
}

bool LiveRun::is_running() const {
  const std::lock_guard lock(mutex_);
  return is_running_;
}

std::vector<LiveRun::Population> LiveRun::populations() const {
  const std::lock_guard lock(mutex_);
  return populations_;
}

double LiveRun::time_ms() const {
  const std::lock_guard lock(mutex_);
  return time_of_step_ms(step_, dt_ms_);
}

std::vector<LiveRun::Column> LiveRun::columns(std::uint64_t& first) const {
  const std::lock_guard lock(mutex_);
  first = std::max(first, first_column_);
  // The last one may still get spikes.
  const std::uint64_t end = first_column_ + columns_.size();
  if (columns_.empty() || first + 1 >= end) return {};
  return {columns_.begin() + static_cast<std::ptrdiff_t>(first - first_column_), columns_.end() - 1};
}

std::vector<std::pair<std::string, double>> LiveRun::rates() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, double>> rates;
  const std::size_t n = std::min<std::size_t>(kRateWindow_ms, columns_.size() > 0 ? columns_.size() - 1 : 0);
  for (std::size_t p = 0; p < std::min(populations_.size(), kMostRates); ++p) {
    std::uint64_t spikes = 0;
    for (std::size_t i = 0; i < n; ++i) spikes += columns_[columns_.size() - 2 - i].spikes[p];
    const double seconds = static_cast<double>(n) / 1000;
    rates.emplace_back(populations_[p].name, n > 0 ? static_cast<double>(spikes) / seconds /
                                                         static_cast<double>(populations_[p].size)
                                                   : std::nan(""));
  }
  return rates;
}

bool LiveRun::choose(const std::vector<ChosenNeuron>& neurons) {
  const std::lock_guard lock(mutex_);
  if (!is_running_) return false;
  std::map<ChosenNeuron, Sampled> chosen;
  std::size_t n_new = 0;
  for (const ChosenNeuron& neuron : neurons) {
    const auto population = std::ranges::find(spec_->populations, neuron.population, &PopulationSpec::name);
    if (population == spec_->populations.end() || population->neurons() == nullptr ||
        neuron.index >= population->size)
      return false;
    chosen[neuron].population = static_cast<std::uint32_t>(population - spec_->populations.begin());
  }
  for (const auto& [neuron, sampled] : chosen) n_new += sampled_.contains(neuron) ? 0 : 1;
  if (sampled_.size() + n_new > kMostNeurons) return false;
  has_changed_ |= n_new > 0;
  sampled_.merge(chosen);
  for (const ChosenNeuron& neuron : neurons) sampled_.at(neuron).asked = Clock::now();
  return true;
}

std::optional<LiveRun::Trace> LiveRun::trace(const ChosenNeuron& neuron, double after_ms) const {
  const std::lock_guard lock(mutex_);
  const auto at = sampled_.find(neuron);
  if (at == sampled_.end()) return std::nullopt;
  const Sampled& sampled = at->second;
  const double behind = std::floor((after_ms - sampled.begin_ms) / dt_ms_ + 1.5);
  const std::size_t first = behind > 0 ? std::min(static_cast<std::size_t>(behind), sampled.V_mV.size()) : 0;
  return Trace{.neuron = neuron,
               .begin_ms = sampled.begin_ms + static_cast<double>(first) * dt_ms_,
               .step_ms = dt_ms_,
               .V_mV = {sampled.V_mV.begin() + static_cast<std::ptrdiff_t>(first), sampled.V_mV.end()}};
}

std::vector<LiveRun::Levels> LiveRun::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

std::vector<PlasticityMetrics> LiveRun::weights() {
  const std::lock_guard lock(mutex_);
  weights_asked_ = Clock::now();
  return weights_;
}

bool LiveRun::give_reward(const std::string& region, double reward) {
  const std::lock_guard lock(mutex_);
  if (!is_running_) return false;
  const auto at = std::ranges::find(spec_->regions, region, &RegionSpec::name);
  if (at == spec_->regions.end() || !at->has(Modulator::dopamine)) return false;
  rewards_.push_back({.region = static_cast<std::uint32_t>(at - spec_->regions.begin()), .reward = reward});
  return true;
}

}  // namespace sharpwave::service
