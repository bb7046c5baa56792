#include "host/engine/presented_sources.hpp"

#include <algorithm>

#include "host/base/error.hpp"
#include "host/engine/construction.hpp"
#include "host/network/random_streams.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {

PresentedSources::PresentedSources(const ModelSpec& spec, const Network& net, std::uint64_t thread,
                                   std::uint64_t n_threads)
    : protocol_(spec.protocol.get()), net_(net), dt_ms_(spec.simulation.dt_ms), fires_spikes_(thread == 0) {
  for (std::uint32_t i = 0; protocol_ != nullptr && i < spec.populations.size(); ++i) {
    const PopulationSpec& population = spec.populations[i];
    is_heard_.push_back(is_heard(spec, net, i));
    const auto* poisson = std::get_if<PoissonSourceSpec>(&population.kind);
    if (poisson == nullptr || !poisson->presented_up_to_Hz || !is_heard_[i]) continue;
    const std::uint64_t size = population.size;
    shares_.push_back(
        {.population = i,
         .begin = static_cast<std::uint32_t>(size * thread / n_threads),
         .end = static_cast<std::uint32_t>(size * (thread + 1) / n_threads),
         .first_id = net.places[i].first_source,
         .key = stream_key(RandomPurpose::poisson_source, spec.simulation.seed, population.name)});
  }
}

std::uint32_t PresentedSources::table_of(double rate_Hz) {
  const auto [place, is_new] = known_rates_.emplace(rate_Hz, static_cast<std::uint32_t>(tables_.size()));
  if (!is_new) return place->second;
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  const int n = poisson_table(rate_Hz * dt_ms_ * 1e-3, thresholds);
  tables_.emplace_back(thresholds.begin(), thresholds.begin() + n);
  return place->second;
}

void PresentedSources::change_to(const Presented& presented) {
  now_ = presented;
  is_set_ = true;
  share_ = nullptr;
  active_.clear();
  counted_draw_ = ~std::uint64_t{0};
  if (now_.stimulus == Presented::kNothing) return;
  const StimulusSpec& stimulus = protocol_->stimuli[now_.stimulus];
  const auto share = std::ranges::find(shares_, stimulus.population, &Share::population);
  if (stimulus.is_of_spikes() || share == shares_.end()) return;
  share_ = &*share;
  constexpr std::size_t kMostTables = 1 << 14;
  if (tables_.size() > kMostTables) {  // of many gains
    known_rates_.clear();
    tables_.clear();
  }
  const std::uint16_t* levels = stimulus.levels.data() + std::size_t{now_.item} * stimulus.size;
  for (std::uint32_t i = share->begin; i < share->end; ++i) {
    const std::uint32_t table = table_of(stimulus.level_rates_Hz[levels[i]] * now_.gain);
    if (!tables_[table].empty()) active_.push_back({.id = share->first_id + i, .index = i, .table = table});
  }
}

// As poisson_counts() of the kernels counts for sources of one rate.
void PresentedSources::count(std::uint64_t draw) {
  counted_draw_ = draw;
  for (Active& source : active_) {
    const PhiloxBlock words = philox4x32_10(share_->key, source.index, draw);
    const std::vector<std::uint32_t>& table = tables_[source.table];
    const std::uint32_t of_step[] = {words.w0, words.w1, words.w2, words.w3};
    for (std::size_t k = 0; k < 4; ++k)
      source.counts[k] = static_cast<std::uint16_t>(
          poisson_count(of_step[k], table.data(), static_cast<std::int32_t>(table.size())));
  }
}

void PresentedSources::fire_spikes(std::uint64_t step, std::vector<std::uint32_t>& fired) const {
  const StimulusSpec& stimulus = protocol_->stimuli[now_.stimulus];
  if (!is_heard_[stimulus.population]) return;
  const std::uint64_t since = step - now_.step;
  const auto begin = stimulus.spike_steps.begin();
  const auto first = begin + static_cast<std::ptrdiff_t>(stimulus.spike_begin[now_.item]);
  const auto end = begin + static_cast<std::ptrdiff_t>(stimulus.spike_begin[now_.item + 1]);
  const auto [from, to] = std::equal_range(first, end, since);
  for (auto spike = from; spike != to; ++spike)
    fired.push_back(net_.places[stimulus.population].first_source +
                    stimulus.spike_sources[static_cast<std::size_t>(spike - begin)]);
}

void PresentedSources::fire(const std::vector<Presented>& presented, std::uint64_t step,
                            std::vector<std::uint32_t>& fired) {
  const Presented* now = in_force(presented, step);
  if (now == nullptr) return;
  if (!is_set_ || *now != now_) change_to(*now);
  if (now_.stimulus == Presented::kNothing) return;
  if (protocol_->stimuli[now_.stimulus].is_of_spikes()) {
    if (fires_spikes_) fire_spikes(step, fired);
    return;
  }
  if (active_.empty()) return;
  const std::uint64_t draw = (step - 1) / 4;
  if (draw != counted_draw_) count(draw);
  for (const Active& source : active_) fired.insert(fired.end(), source.counts[(step - 1) % 4], source.id);
}

}  // namespace sharpwave
