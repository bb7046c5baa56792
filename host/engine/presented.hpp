// What a protocol has an engine do: what its sources fire, and whether it learns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/network/protocol_spec.hpp"

namespace sharpwave {

/// From the step after `step` on.
struct Presented {
  static constexpr std::uint32_t kNothing = 0xffffffff;

  std::uint64_t step = 0;
  std::uint32_t stimulus = kNothing;  ///< of the protocol
  std::uint32_t item = 0;
  double gain = 1;       ///< of its rates
  bool learning = true;  ///< else weights and adaptive thresholds stay as they are
  bool operator==(const Presented&) const = default;
};

/// The same as lists of files.
struct PresentedColumns {
  std::vector<std::uint64_t> step;
  std::vector<std::uint32_t> stimulus;
  std::vector<std::uint32_t> item;
  std::vector<double> gain;
  std::vector<std::uint32_t> learning;  ///< 1, else 0

  void add(const Presented& p) {
    step.push_back(p.step);
    stimulus.push_back(p.stimulus);
    item.push_back(p.item);
    gain.push_back(p.gain);
    learning.push_back(p.learning ? 1 : 0);
  }
  [[nodiscard]] Presented at(std::size_t k) const {
    return {step[k], stimulus[k], item[k], gain[k], learning[k] != 0};
  }
};

/// What is in force in `step`; null: nothing that was presented before it.
/// @param presented  the oldest first.
[[nodiscard]] const Presented* in_force(const std::vector<Presented>& presented, std::uint64_t step);

/// Do weights and adaptive thresholds change in the step to come?
[[nodiscard]] bool is_learning(const std::vector<Presented>& presented);

/// Adds what is presented from the next step on, and lets go of what nothing depends on any more; what the
/// same step was told before is replaced.
/// @param step    the present one, which `next` is of.
/// @param steps   as forget_presented() has it.
void add_presented(std::vector<Presented>& presented, const Presented& next, const ModelSpec& spec,
                   std::uint64_t step, std::uint64_t steps);

/// Lets go of what spikes of the last `steps` steps do not depend on.
void forget_presented(std::vector<Presented>& presented, std::uint64_t step, std::uint64_t steps);

/// Why a list cannot be that of a network's protocol at `step`; nothing where it can.
[[nodiscard]] std::optional<std::string> find_fault(const std::vector<Presented>& presented,
                                                    const ModelSpec& spec, std::uint64_t step);

}  // namespace sharpwave
