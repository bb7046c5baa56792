#include "host/base/error.hpp"
#include "host/io/report_writer.hpp"
#include "host/trace/show.hpp"

namespace sharpwave::trace {
namespace {

constexpr std::string_view kPrefix = "report_";

std::string report_name(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  if (!stem.starts_with(kPrefix) || stem.size() == kPrefix.size() || file.extension() != ".h5")
    throw Error(ExitCode::usage, "--out: read '" + file.filename().string() +
                                     "', expected the name of a report, report_NAME.h5");
  return stem.substr(kPrefix.size());
}

}  // namespace

std::vector<std::filesystem::path> h5_files(const Plan& plan, const std::filesystem::path& file) {
  return report_files(file.parent_path(), report_name(file), plan.variables);
}

std::vector<std::filesystem::path> write_h5(const Trace& trace, const std::filesystem::path& file) {
  ReportHeader header{.name = report_name(file),
                      .population = trace.population,
                      .node_ids = {},
                      .variables = {},
                      .weight_unit = trace.weight_unit,
                      .dt_ms = trace.dt_ms};
  std::vector<std::size_t> shown;
  for (std::size_t v = 0; v < trace.variables.size(); ++v) {
    if (!trace.variables[v].shown) continue;
    shown.push_back(v);
    header.variables.push_back(trace.variables[v].what);
  }
  for (const Neuron& neuron : trace.neurons) header.node_ids.push_back(neuron.index);
  ReportWriter writer(file.parent_path(), header);
  std::vector<float> values;
  for (std::uint64_t i = 0; i < trace.n_samples; ++i) {
    values.clear();
    for (const std::size_t v : shown)
      for (const Neuron& neuron : trace.neurons) values.push_back(trace.values(neuron, v)[i]);
    const std::uint64_t step = trace.first_step + 1 + i;
    writer.append({&step, 1}, values);
  }
  writer.finish();
  return writer.files();
}

}  // namespace sharpwave::trace
