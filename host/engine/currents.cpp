#include "host/engine/currents.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "host/network/step_times.hpp"

namespace sharpwave {
namespace {

// The fraction of a turn in `x` turns, in units of 2^-64 turn.
std::uint64_t turns(double x) {
  const double fraction = x - std::floor(x);  // 1 where x is negative and tiny
  return fraction < 1 ? static_cast<std::uint64_t>(fraction * 0x1p64) : 0;
}

void describe(const NoiseInputSpec& noise, CurrentSource& source) {
  source.kind = CurrentSource::Kind::noise;
  source.start_step = noise.start_step;
  source.stop_step = noise.stop_step;
  source.interval_steps = noise.interval_steps;
  source.mean_pA = noise.mean_pA;
  source.std_pA = noise.std_pA;
}

void describe(const AcInputSpec& ac, double dt_ms, CurrentSource& source) {
  source.kind = CurrentSource::Kind::sine;
  source.start_step = ac.start_step;
  source.stop_step = ac.stop_step;
  source.offset_pA = ac.offset_pA;
  source.amplitude_pA = ac.amplitude_pA;
  source.turns_per_step = turns(ac.frequency_Hz * dt_ms / 1000);
  source.phase_turns = turns(ac.phase_deg / 360);
}

}  // namespace

Currents::Currents(const ModelSpec& spec, StreamRegistry& streams) : sources_(spec.populations.size()) {
  const double dt_ms = spec.simulation.dt_ms;
  for (const InputSpec& input : spec.inputs) {
    if (input.spikes() != nullptr) continue;
    CurrentSource source{
        .first = input.target.start, .end = input.target.stop, .stride = input.target.stride};
    if (const auto* steps = std::get_if<CurrentInputSpec>(&input.kind)) {
      std::vector<std::uint64_t>& first_steps = piece_steps_.emplace_back();
      for (const double time_ms : steps->times_ms) first_steps.push_back(nearest_step(time_ms, dt_ms) + 1);
      source.n_pieces = static_cast<std::uint32_t>(first_steps.size());
      source.piece_steps = first_steps.data();
      source.piece_pA = piece_pA_.emplace_back(steps->amplitudes_pA).data();
    } else if (const auto* noise = std::get_if<NoiseInputSpec>(&input.kind)) {
      describe(*noise, source);
      source.key = streams.key(RandomPurpose::noise_input, spec.simulation.seed, input.name);
    } else {
      describe(std::get<AcInputSpec>(input.kind), dt_ms, source);
    }
    sources_[input.target.population].push_back(source);
  }
}

bool Currents::change_at(std::uint32_t population, std::uint64_t step) const {
  const auto& sources = sources_[population];
  return std::any_of(sources.begin(), sources.end(),
                     [&](const CurrentSource& source) { return changes_at(source, step); });
}

static_assert(std::is_trivially_copyable_v<CurrentSource>);

}  // namespace sharpwave
