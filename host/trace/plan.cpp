#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "host/base/error.hpp"
#include "host/config/diagnostic.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"
#include "host/trace/trace.hpp"

namespace sharpwave::trace {
namespace {

class Faults {
 public:
  void add(const std::string& fault) { text_ += (text_.empty() ? "" : "\n") + fault; }
  void end_if_any() const {
    if (!text_.empty()) throw Error(ExitCode::usage, text_);
  }

 private:
  std::string text_;
};

/// The numbers between the colons of one item of a list; nothing where that is not what stands there.
std::optional<std::vector<std::uint32_t>> numbers_in(std::string_view item) {
  std::vector<std::uint32_t> numbers;
  const char* at = item.data();
  const char* const end = at + item.size();
  for (;;) {
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    numbers.push_back(number);
    if (stop == end) return numbers;
    if (*stop != ':' || numbers.size() == 3) return std::nullopt;
    at = stop + 1;
  }
}

std::vector<std::uint32_t> neurons_of(const std::string& text, const PopulationSpec& population,
                                      Faults& faults) {
  std::set<std::uint32_t> chosen;
  std::string_view rest = text;
  for (;;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    const auto numbers = numbers_in(item);
    if (!numbers || (numbers->size() == 3 && numbers->back() == 0)) {
      faults.add("--neurons: read " + in_quotes(item) +
                 ", expected an index, or a range as 10:20 or 0:100:10");
      return {};
    }
    const std::uint64_t stop = numbers->size() > 1 ? (*numbers)[1] : std::uint64_t{numbers->front()} + 1;
    const std::uint64_t stride = numbers->size() > 2 ? numbers->back() : 1;
    if (numbers->front() >= stop) {
      faults.add("--neurons: read " + in_quotes(item) +
                 ", expected a range that ends behind its first index");
      return {};
    }
    if (stop > population.size) {
      faults.add("--neurons: read " + in_quotes(item) + ", expected indices below " +
                 std::to_string(population.size) + ", the size of '" + population.name + "'");
      return {};
    }
    for (std::uint64_t i = numbers->front(); i < stop; i += stride)
      chosen.insert(static_cast<std::uint32_t>(i));
    if (comma == rest.size()) return {chosen.begin(), chosen.end()};
    rest.remove_prefix(comma + 1);
  }
}

std::vector<Recordable> variables_of(const std::vector<std::string>& names, const NeuronModelInfo& info,
                                     Faults& faults) {
  const std::vector<Recordable> known = recordables(info);
  if (names.empty()) return known;
  std::vector<std::string> known_names;
  std::string list;
  for (const Recordable& what : known) {
    known_names.emplace_back(name_of(what));
    list.append(list.empty() ? "" : ", ").append(known_names.back());
  }
  std::vector<Recordable> chosen;
  for (const std::string& name : names) {
    const auto found = std::find(known_names.begin(), known_names.end(), name);
    if (found == known_names.end()) {
      faults.add("--variables: read " + in_quotes(name) + ", expected some of " + list +
                 perhaps(name, known_names));
      continue;
    }
    const Recordable what = known[static_cast<std::size_t>(found - known_names.begin())];
    if (std::find(chosen.begin(), chosen.end(), what) == chosen.end()) chosen.push_back(what);
  }
  return chosen;
}

/// Nothing after a fault.
std::optional<std::uint64_t> step_at(const char* option, double time_ms, std::uint64_t last, double dt_ms,
                                     Faults& faults) {
  const double in_steps = time_ms / dt_ms;
  const double nearest = std::nearbyint(in_steps);
  const double end_ms = time_of_step_ms(last, dt_ms);
  if (!(time_ms >= 0 && time_ms <= end_ms * (1 + 1e-12))) {
    faults.add(fmt::format("{}: read {} ms, expected a time from 0 to the end of the simulation, {} ms",
                           option, time_ms, end_ms));
    return {};
  }
  if (std::abs(in_steps - nearest) > 1e-6) {
    faults.add(fmt::format("{}: read {} ms, expected a multiple of dt = {} ms", option, time_ms, dt_ms));
    return {};
  }
  return static_cast<std::uint64_t>(nearest);
}

void read_window(const ModelSpec& spec, const Request& request, Plan& plan, Faults& faults) {
  const SimulationSpec& s = spec.simulation;
  const std::uint64_t end = s.warm_up_steps + s.steps;
  const double dt_ms = s.dt_ms;
  const auto step_of = [&](const char* option, const std::optional<double>& time_ms,
                           std::uint64_t otherwise) {
    return time_ms ? step_at(option, *time_ms, end, dt_ms, faults) : otherwise;
  };
  const auto first = step_of("--from", request.from_ms, s.warm_up_steps);
  const auto last = step_of("--to", request.to_ms, end);
  if (!first || !last) return;
  plan.first_step = *first;
  plan.last_step = *last;
  if (plan.last_step <= plan.first_step)
    faults.add(fmt::format("--from, --to: read {} ms to {} ms, expected a window of a step or more",
                           time_of_step_ms(plan.first_step, dt_ms), time_of_step_ms(plan.last_step, dt_ms)));
}

}  // namespace

Plan plan(const ModelSpec& spec, const Request& request) {
  Faults faults;
  Plan plan;
  if (spec.protocol != nullptr)
    faults.add(
        "protocol: expected a config without one, as nothing is presented to what is traced here; use "
        "`record.traces` "
        "in a run");
  read_window(spec, request, plan, faults);
  std::vector<std::string> names;
  const PopulationSpec* population = nullptr;
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    if (spec.populations[i].neurons() == nullptr) continue;
    names.push_back(spec.populations[i].name);
    if (names.back() != request.population) continue;
    population = &spec.populations[i];
    plan.population = i;
  }
  if (population == nullptr) {
    std::string known;
    for (const std::string& name : names) known.append(known.empty() ? "" : ", ").append(name);
    faults.add("--population: read " + in_quotes(request.population) +
               ", expected a population of neurons: " + known + perhaps(request.population, names));
  } else {
    const NeuronModelInfo& info = model_info(population->neurons()->model);
    plan.neurons = neurons_of(request.neurons, *population, faults);
    plan.variables = variables_of(request.variables, info, faults);
    const std::uint64_t n_steps = plan.last_step > plan.first_step ? plan.last_step - plan.first_step : 1;
    if (plan.neurons.size() * recordables(info).size() > kMostValues / n_steps)
      faults.add("--neurons, --from, --to: " + std::to_string(plan.neurons.size()) + " neurons over " +
                 std::to_string(n_steps) + " steps, expected at most " + std::to_string(kMostValues) +
                 " values of all their variables; `record.traces` of a config takes any number");
  }
  faults.end_if_any();
  return plan;
}

}  // namespace sharpwave::trace
