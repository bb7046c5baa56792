// What the CPU engine samples: the neurons' state at the end of a step, and what acts on them in it.
#include <algorithm>

#include "host/engine/cpu_engine.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/recorded_quantity.hpp"

namespace sharpwave {

void CpuEngine::record(std::vector<ReportSpec> reports) {
  spec_.reports = std::move(reports);
  prepare_reports();
}

void CpuEngine::prepare_reports() {
  const NetworkShape& shape = net_.shape;
  report_places_.clear();
  report_quantities_.clear();
  records_input_ = false;
  for (const ReportSpec& report : spec_.reports) {
    const std::uint32_t population = report.slice.population;
    std::vector<std::vector<ReportPlace>> places(shape.n_parts());
    for (std::uint32_t i = 0; i < report.slice.size(); ++i) {
      const std::uint32_t id = net_.places[population].first_source + report.slice[i];
      places[id % shape.n_parts()].push_back({id / shape.n_parts(), i});
    }
    report_places_.push_back(std::move(places));
    const NeuronModelInfo& info = model_info(spec_.populations[population].neurons()->model);
    std::vector<std::uint32_t>& quantities = report_quantities_.emplace_back();
    for (const Recordable& variable : report.variables)
      quantities.push_back(recorded_quantity(info, variable));
    records_input_ |= std::any_of(quantities.begin(), quantities.end(), acts_in_step);
  }
}

// Stores value(report, quantity, place) wherever this step is sampled and chosen(quantity).
template <class Chosen, class Value>
void CpuEngine::sample(const Part& part, std::uint64_t step, Block& out, const Chosen& chosen,
                       const Value& value) const {
  for (std::size_t r = 0; r < spec_.reports.size(); ++r) {
    const ReportSpec& report = spec_.reports[r];
    if (!report.times.includes(step)) continue;
    const auto& steps = out.reports[r].steps;
    const auto frame =
        static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
    const std::size_t n_elements = report.slice.size();
    for (std::size_t v = 0; v < report.variables.size(); ++v) {
      const std::uint32_t quantity = report_quantities_[r][v];
      if (!chosen(quantity)) continue;
      float* values = out.reports[r].values.data() + (frame * report.variables.size() + v) * n_elements;
      for (const ReportPlace& place : report_places_[r][part.index])
        values[place.position] = static_cast<float>(value(report.slice, quantity, place));
    }
  }
}

void CpuEngine::sample_state(const Part& part, std::uint64_t step, Block& out) const {
  const auto is_state = [](std::uint32_t quantity) { return !acts_in_step(quantity); };
  sample(part, step, out, is_state,
         [&](const Slice& slice, std::uint32_t quantity, const ReportPlace& place) {
           if (quantity == kRecordRefractory) return part.refractory[place.element] * spec_.simulation.dt_ms;
           const double value = load_real(part.state[quantity], place.element, real_size_);
           if (quantity != 0) return value;
           return value +
                  PopulationParameters::at(given_.parameters[slice.population].E_L_mV, slice[place.position]);
         });
}

// Before the update, which takes the sums away.
void CpuEngine::sample_input(Part& part, std::uint64_t step, std::size_t row, Block& out) const {
  sample(part, step, out, acts_in_step,
         [&](const Slice& slice, std::uint32_t quantity, const ReportPlace& place) {
           if (quantity == kRecordCurrent) return current_pA(slice.population, slice[place.position], step);
           const std::uint32_t receptor = quantity - kRecordInput;
           return arriving(part, static_cast<int>(receptor), row, place.element,
                           net_.exponents[slice.population][receptor]);
         });
}

// In the arithmetic of the neurons, so that it is what they get.
double CpuEngine::arriving(Part& part, int receptor, std::size_t row, std::uint32_t element,
                           int exponent) const {
  const void* sum = accumulator(part, receptor, row, element);
  const double scale = power_of_two(-exponent);
  switch (arithmetic_) {
    case Arithmetic::float_int32:
      return static_cast<double>(to_real<float>(*static_cast<const std::int32_t*>(sum)) *
                                 static_cast<float>(scale));
    case Arithmetic::float_int64:
      return static_cast<double>(to_real<float>(*static_cast<const std::int64_t*>(sum)) *
                                 static_cast<float>(scale));
    case Arithmetic::double_int64:
      break;
  }
  return to_real<double>(*static_cast<const std::int64_t*>(sum)) * scale;
}

double CpuEngine::current_pA(std::uint32_t population, std::uint32_t index, std::uint64_t step) const {
  double sum_pA = PopulationParameters::at(given_.parameters[population].I_e_pA, index);
  const Replay* replay = replay_into(population, step);
  double input_pA = 0;
  for (const CurrentSource& source : given_.currents.of(population))
    (replay == nullptr ? sum_pA : input_pA) += current_at(source, index, step);
  return replay == nullptr ? sum_pA : sum_pA + (replay->live * input_pA + replay->current_pA[index]);
}

}  // namespace sharpwave
