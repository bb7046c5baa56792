// The currents that inputs inject, as pure functions of (source, neuron, step): whoever evaluates them, on
// whatever device, gets the same bits.
//
// The value of time t acts in the step from t to t + dt, which is step t / dt + 1. A neuron's current in a
// step is I_e + the current_at() of every source of its population, added in double in the order of the
// inputs.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/bisection.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/math.hpp"
#include "kernels/philox.hpp"

namespace sharpwave {

/// One current input of one population. Plain data: it may be copied to a device, with what its pointers
/// name.
struct CurrentSource {
  enum class Kind : std::int32_t {
    steps,  ///< constant from one change to the next
    noise,  ///< Gaussian, drawn anew for every neuron once an interval
    sine,
  };
  Kind kind = Kind::steps;

  // Its targets: elements first, first + stride, ... below end of the population.
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  std::uint32_t stride = 1;

  // It is on in steps start_step < step <= stop_step, and 0 elsewhere.
  std::uint64_t start_step = 0;
  std::uint64_t stop_step = ~std::uint64_t{0};

  // steps: piece k holds from step piece_steps[k] (ascending) on; 0 before the first.
  std::uint32_t n_pieces = 0;
  const std::uint64_t* piece_steps = nullptr;  ///< [n_pieces]
  const double* piece_pA = nullptr;            ///< [n_pieces]

  // noise
  PhiloxKey key{};
  std::uint64_t interval_steps = 1;
  double mean_pA = 0;
  double std_pA = 0;

  // sine. Angles are whole numbers of 2^-64 turn, so that they are exact after any number of steps.
  double offset_pA = 0;
  double amplitude_pA = 0;
  std::uint64_t turns_per_step = 0;
  std::uint64_t phase_turns = 0;  ///< at time 0
};

namespace detail {

SHARPWAVE_HD bool is_target(const CurrentSource& s, std::uint32_t index) {
  return index >= s.first && index < s.end && (index - s.first) % s.stride == 0;
}

SHARPWAVE_HD bool is_on(const CurrentSource& s, std::uint64_t step) {
  return step > s.start_step && step <= s.stop_step;
}

SHARPWAVE_HD std::uint32_t pieces_begun(const CurrentSource& s, std::uint64_t step) {
  return count_up_to(s.piece_steps, s.n_pieces, step);
}

/// What a steps or sine source injects into each of its targets while it is on.
SHARPWAVE_HD double shared_current(const CurrentSource& s, std::uint64_t step) {
  if (s.kind == CurrentSource::Kind::steps) {
    const std::uint32_t begun = pieces_begun(s, step);
    return begun > 0 ? s.piece_pA[begun - 1] : 0.0;
  }
  const std::uint64_t turns = s.phase_turns + (step - 1) * s.turns_per_step;  // modulo one turn
  const double turn = grid_to_double(static_cast<std::int64_t>(turns)) * 0x1p-64;
  return std::fma(s.amplitude_pA, math::sin_of_turns(turn), s.offset_pA);
}

/// The number of the interval of noise that `step` lies in, from the start of the source.
SHARPWAVE_HD std::uint64_t noise_interval(const CurrentSource& s, std::uint64_t step) {
  return (step - 1 - s.start_step) / s.interval_steps;
}

SHARPWAVE_HD double noise_of_word(const CurrentSource& s, std::uint32_t word) {
  return std::fma(s.std_pA, math::standard_normal(word), s.mean_pA);
}

}  // namespace detail

/// What the source injects in `step` (> 0) into the neuron `index` of its population; pA. 0 where that is no
/// target. Noise is word 0 of philox(key, index, number of the interval).
SHARPWAVE_HD double current_at(const CurrentSource& s, std::uint32_t index, std::uint64_t step) {
  if (!detail::is_on(s, step) || !detail::is_target(s, index)) return 0.0;
  if (s.kind == CurrentSource::Kind::noise)
    return detail::noise_of_word(s, philox4x32_10(s.key, index, detail::noise_interval(s, step)).w0);
  return detail::shared_current(s, step);
}

/// False only if every target's current in `step` (> 0) is that of the step before; before step 1 there is
/// none.
SHARPWAVE_HD bool changes_at(const CurrentSource& s, std::uint64_t step) {
  if (!detail::is_on(s, step)) return detail::is_on(s, step - 1);
  if (step == s.start_step + 1) return true;
  switch (s.kind) {
    case CurrentSource::Kind::noise:
      return (step - 1 - s.start_step) % s.interval_steps == 0;
    case CurrentSource::Kind::sine:
      return s.turns_per_step != 0;
    case CurrentSource::Kind::steps:
      break;
  }
  const std::uint32_t begun = detail::pieces_begun(s, step);
  return begun > 0 && s.piece_steps[begun - 1] == step;
}

}  // namespace sharpwave
