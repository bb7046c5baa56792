// What class a neuron stands for, and what class neurons tell (Diehl & Cook 2015,
// doi:10.3389/fncom.2015.00099): a neuron stands for the class to which it responds most, in the mean over
// the trials with it, and the class is told whose neurons respond most, in the mean over these.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sharpwave {

/// @param responses  [n_classes][n_neurons] spikes over all trials with items of the class.
/// @param trials     [n_classes] how many these were.
/// @return [n_neurons] classes; kNoClass where a neuron never fired. Of equal means the lower class wins;
/// they
///         are compared exactly.
[[nodiscard]] std::vector<std::uint32_t> classes_of_neurons(std::span<const std::uint64_t> responses,
                                                            std::span<const std::uint64_t> trials,
                                                            std::size_t n_neurons);

/// @param counts   [n_neurons] spikes of a trial.
/// @param classes  [n_neurons] as of classes_of_neurons().
/// @return kNoClass where no neuron that stands for a class fired; ties as above.
[[nodiscard]] std::uint32_t told_class(std::span<const std::uint32_t> counts,
                                       std::span<const std::uint32_t> classes, std::size_t n_classes);

}  // namespace sharpwave
