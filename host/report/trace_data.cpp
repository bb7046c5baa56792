#include "host/report/trace_data.hpp"

#include <algorithm>

#include "host/report/packing.hpp"

namespace sharpwave::report {
namespace {

constexpr std::uint64_t kMostNeurons = 20;
constexpr std::uint64_t kMostTraceSamples = 20'000;
// Fewer neurons rather than shorter traces.
constexpr std::uint64_t kWantedSamples = 2'000;
// A file holds the neurons of a sample together, so that those that are not shown are read too: of a report
// of very many neurons the page gets fewer samples rather than all of its gigabytes.
constexpr std::uint64_t kMostValuesRead = std::uint64_t{1} << 26;

Json threshold_of(const analysis::RecordedRun& run, const analysis::RecordedReport& report) {
  if (report.variable() != "V_m") return nullptr;
  const analysis::PopulationRecord* population = run.population(report.population());
  return population != nullptr && population->threshold_mV ? Json(*population->threshold_mV) : nullptr;
}

}  // namespace

void TracedNeurons::add(const analysis::RecordedRun& run, const analysis::PopulationRecord& population,
                        const analysis::Spikes& spikes) {
  const auto wanted = spikes_ms.find(population.name);
  if (wanted == spikes_ms.end()) return;
  for (std::size_t i = 0; i < spikes.steps.size(); ++i) {
    const auto neuron = wanted->second.find(spikes.fired[spikes.neurons[i]]);
    if (neuron != wanted->second.end())
      neuron->second.push_back(static_cast<double>(spikes.steps[i]) * run.dt_ms);
  }
}

TraceData::TraceData(const analysis::RecordedRun& run, const std::filesystem::path& file,
                     std::uint64_t most_values)
    : run_(run), report_(analysis::RecordedReport::open(run, file)) {
  const std::uint64_t n_recorded = report_.node_ids().size();
  const std::uint64_t samples_wanted = std::clamp<std::uint64_t>(report_.n_frames(), 1, kWantedSamples);
  const std::uint64_t n_neurons =
      std::min({n_recorded, kMostNeurons, std::max<std::uint64_t>(1, most_values / samples_wanted)});
  for (std::uint64_t k = 0; k < n_neurons; ++k)
    columns_.push_back(static_cast<std::uint32_t>(k * n_recorded / n_neurons));
  if (n_neurons > 0)
    n_samples_ = std::min({report_.n_frames(), kMostTraceSamples, most_values / n_neurons,
                           std::max<std::uint64_t>(1, kMostValuesRead / n_recorded)});
}

void TraceData::want_spikes(TracedNeurons& neurons) const {
  for (const std::uint32_t column : columns_)
    neurons.spikes_ms[report_.population()][report_.node_ids()[column]];
}

Json TraceData::finish(const TracedNeurons& neurons) const {
  const double stop_ms = report_.start_ms() + static_cast<double>(n_samples_) * report_.step_ms();
  Json list = Json::array();
  for (const std::uint32_t column : columns_) {
    const std::uint32_t id = report_.node_ids()[column];
    Json times = Json::array();
    for (const double time_ms : neurons.spikes_ms.at(report_.population()).at(id))
      if (time_ms >= report_.start_ms() && time_ms <= stop_ms) times.push_back(time_ms);
    list.push_back({{"id", id}, {"spikes_ms", std::move(times)}});
  }
  return {{"report", report_.name()},
          {"population", report_.population()},
          {"variable", report_.variable()},
          {"unit", report_.units()},
          {"start_ms", report_.start_ms()},
          {"step_ms", report_.step_ms()},
          {"samples", n_samples_},
          {"recorded_neurons", report_.node_ids().size()},
          {"recorded_samples", report_.n_frames()},
          {"neurons", std::move(list)},
          {"values_f32", packed<float>(report_.read(n_samples_, columns_))},
          {"threshold", threshold_of(run_, report_)}};
}

}  // namespace sharpwave::report
