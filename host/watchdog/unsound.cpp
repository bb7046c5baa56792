#include "host/watchdog/unsound.hpp"

#include <cmath>
#include <limits>

namespace sharpwave {
namespace {

/// NaN is beyond every limit.
template <class Real>
bool is_sound_value(Real value, double most) {
  return std::abs(static_cast<double>(value)) <= most;
}

double most_of(std::size_t variable, double bound_mV) {
  return variable == 0 ? bound_mV : std::numeric_limits<double>::max();
}

}  // namespace

double value_at(const EngineState& state, const StatePlace& place) {
  return std::visit([&](const auto& values) { return static_cast<double>(values[place.neuron]); },
                    state.populations[place.population].variables[place.variable].values);
}

void set_value(EngineState& state, const StatePlace& place, double value) {
  std::visit(
      [&](auto& values) {
        using Real = std::remove_reference_t<decltype(values[0])>;
        values[place.neuron] = static_cast<Real>(value);
      },
      state.populations[place.population].variables[place.variable].values);
}

std::optional<Unsoundness> find_unsound(const EngineState& state, double bound_mV) {
  std::optional<Unsoundness> found;
  for (std::size_t p = 0; p < state.populations.size(); ++p) {
    const PopulationState& population = state.populations[p];
    for (std::size_t k = 0; k < population.variables.size(); ++k)
      std::visit(
          [&](const auto& values) {
            for (std::uint32_t i = 0; i < values.size(); ++i) {
              if (is_sound_value(values[i], most_of(k, bound_mV))) continue;
              if (!found) found = Unsoundness{.first = {p, k, i}};
              // Of the neurons of one population the first, whichever of its variables it is.
              if (found->first.population == p && i < found->first.neuron) found->first = {p, k, i};
              ++found->count;
            }
          },
          population.variables[k].values);
  }
  return found;
}

void clamp_unsound(EngineState& state, const EngineState& before, double bound_mV) {
  for (std::size_t p = 0; p < state.populations.size(); ++p)
    for (std::size_t k = 0; k < state.populations[p].variables.size(); ++k) {
      const double most = most_of(k, bound_mV);
      std::visit(
          [&](auto& values) {
            const auto& good =
                std::get<std::decay_t<decltype(values)>>(before.populations[p].variables[k].values);
            for (std::size_t i = 0; i < values.size(); ++i)
              if (!is_sound_value(values[i], most)) values[i] = is_sound_value(good[i], most) ? good[i] : 0;
          },
          state.populations[p].variables[k].values);
    }
}

}  // namespace sharpwave
