#include "host/engine/poisson_rates.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "host/network/step_times.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {

std::size_t PoissonRate::piece_at(std::uint64_t step) const {
  const auto next = std::upper_bound(first_step.begin(), first_step.end(), step);
  return next == first_step.begin() ? 0 : static_cast<std::size_t>(next - first_step.begin()) - 1;
}

PoissonRate make_poisson_rate(const PiecewiseRate& rate, double dt_ms, PhiloxKey key) {
  PoissonRate result;
  result.key = key;
  result.table_begin.push_back(0);
  std::map<double, std::uint32_t> known;
  for (std::size_t i = 0; i < rate.times_ms.size(); ++i) {
    result.first_step.push_back(nearest_step(rate.times_ms[i], dt_ms) + 1);
    const auto [place, is_new] = known.emplace(rate.rates_Hz[i], static_cast<std::uint32_t>(known.size()));
    result.table.push_back(place->second);
    if (!is_new) continue;
    std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
    const int n = poisson_table(rate.rates_Hz[i] * dt_ms * 1e-3, thresholds);
    result.thresholds.insert(result.thresholds.end(), thresholds.begin(), thresholds.begin() + n);
    result.table_begin.push_back(result.thresholds.size());
  }
  return result;
}

std::vector<SpikeInput> make_spike_inputs(const ModelSpec& spec, StreamRegistry& streams) {
  const auto key = [&](RandomPurpose purpose, const InputSpec& input) {
    return streams.key(purpose, spec.simulation.seed, input.name);
  };
  std::vector<SpikeInput> inputs;
  for (const InputSpec& input : spec.inputs) {
    SpikeInput& result = inputs.emplace_back();
    const PoissonInputSpec* spikes = input.spikes();
    if (spikes == nullptr) continue;
    const auto* mip = std::get_if<MipInputSpec>(&input.kind);
    const PhiloxKey train =
        key(mip != nullptr ? RandomPurpose::mip_mother : RandomPurpose::poisson_input, input);
    result.rate = make_poisson_rate(spikes->rate, spec.simulation.dt_ms, train);
    if (mip == nullptr) continue;
    result.copies = {.key = key(RandomPurpose::mip_copy, input),
                     .threshold = static_cast<std::uint64_t>(mip->p_copy * 0x1p32 + 0.5)};
  }
  return inputs;
}

}  // namespace sharpwave
