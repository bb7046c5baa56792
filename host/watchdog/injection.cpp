#include "host/watchdog/injection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "host/base/error.hpp"
#include "host/network/neuron_models.hpp"
#include "host/watchdog/unsound.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(ExitCode::usage,
              fmt::format("--inject '{}': {}; expected "
                          "VALUE@step=N,population=NAME,neuron=INDEX,variable=NAME with nan, "
                          "inf, -inf or a number for VALUE",
                          text, why));
}

template <class Number>
std::optional<Number> number_in(std::string_view word) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

}  // namespace

Injection parse_injection(const std::string& text) {
  Injection injection{.text = text};
  const std::size_t at = text.find('@');
  if (at == std::string::npos) refuse(text, "there is no '@'");
  // from_chars reads nan and inf as well.
  const auto value = number_in<double>(std::string_view(text).substr(0, at));
  if (!value) refuse(text, "'" + text.substr(0, at) + "' is no value");
  injection.value = *value;
  std::set<std::string> given;
  for (std::size_t begin = at + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string key = word.substr(0, equals);
    const std::string rest = equals < word.size() ? word.substr(equals + 1) : "";
    bool understood = !rest.empty() && given.insert(key).second;
    if (key == "population") {
      injection.population = rest;
    } else if (key == "variable") {
      injection.variable = rest;
    } else if (key == "step") {
      const auto step = number_in<std::uint64_t>(rest);
      understood = understood && step.value_or(0) > 0;
      injection.step = step.value_or(1);
    } else if (key == "neuron") {
      const auto neuron = number_in<std::uint32_t>(rest);
      understood = understood && neuron.has_value();
      injection.neuron = neuron.value_or(0);
    } else {
      understood = false;
    }
    if (!understood) refuse(text, "'" + word + "' cannot be understood");
    begin = end + 1;
  }
  for (const char* key : {"step", "population", "neuron", "variable"})
    if (!given.contains(key)) refuse(text, fmt::format("'{}' is missing", key));
  return injection;
}

void check_injection(const Injection& injection, const ModelSpec& spec) {
  const SimulationSpec& simulation = spec.simulation;
  const std::uint64_t steps = simulation.warm_up_steps + simulation.steps;
  if (injection.step > steps)
    refuse(injection.text, fmt::format("the run has {} steps, warm-up included", steps));
  const auto population = std::ranges::find(spec.populations, injection.population, &PopulationSpec::name);
  if (population == spec.populations.end() || population->neurons() == nullptr)
    refuse(injection.text, fmt::format("there is no population of neurons '{}'", injection.population));
  if (injection.neuron >= population->size)
    refuse(injection.text, fmt::format("{} has {} neurons", population->name, population->size));
  const NeuronModelInfo& info = model_info(population->neurons()->model);
  std::string names;
  for (const StateVariable variable : info.variables) {
    if (quantity(variable).name == injection.variable) return;
    names += (names.empty() ? "" : ", ") + std::string(quantity(variable).name);
  }
  refuse(injection.text, fmt::format("{} has no variable '{}' but {}", info.name, injection.variable, names));
}

void inject(const Injection& injection, EngineState& state) {
  for (std::size_t p = 0; p < state.populations.size(); ++p) {
    const PopulationState& population = state.populations[p];
    if (population.name != injection.population) continue;
    for (std::size_t k = 0; k < population.variables.size(); ++k)
      if (population.variables[k].name == injection.variable)
        set_value(state, {p, k, injection.neuron}, injection.value);
  }
}

}  // namespace sharpwave
