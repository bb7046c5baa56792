// `run --dry-run`: how much a config asks for.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "host/batch/batch_json.hpp"
#include "host/batch/batch_plan.hpp"
#include "host/cli/format.hpp"
#include "host/cli/simulation.hpp"
#include "host/io/json_place.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/run/resources.hpp"

namespace sharpwave::cli {
namespace {

void print_line(std::string_view label, const std::string& value) {
  fmt::print("{}", labelled(label, value));
}

std::string available_text(std::uint64_t available_bytes) {
  return available_bytes == kNoLimit ? "unknown" : bytes(available_bytes);
}

Json available_json(std::uint64_t available_bytes) {
  return available_bytes == kNoLimit ? Json() : Json(available_bytes);
}

void print(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

/// On the host, of a synapse of a plastic projection; nothing of another one.
std::optional<double> bytes_each(const Simulation& simulation, std::size_t projection) {
  const ModelSpec& spec = simulation.spec;
  const ProjectionSpec& p = spec.projections[projection];
  if (!p.plasticity) return {};
  const NetworkShape shape =
      simulation.device.on_gpu ? device_shape(spec) : choose_shape(spec, simulation.threads);
  return bytes_per_plastic_synapse(p, spec.simulation.dt_ms, shape);
}

// --- a run ------------------------------------------------------------------------------------------------

void print_table(const Simulation& simulation, const RunPlan& run_plan) {
  const NetworkPlan& plan = run_plan.network;
  const char* about = plan.synapses_exact ? "" : "about ";
  const auto count = [](double n) { return grouped(static_cast<std::uint64_t>(n)); };
  print_line("neurons", grouped(plan.n_neurons));
  if (plan.n_virtual_sources > 0) print_line("virtual sources", grouped(plan.n_virtual_sources));
  print_line("synapses", about + count(plan.n_synapses));
  for (std::size_t k = 0; k < plan.projections.size(); ++k) {
    const std::optional<double> each = bytes_each(simulation, k);
    fmt::print("  {} {}{}\n", left(plan.projections[k].name, 40),
               right(count(plan.projections[k].n_synapses), 18),
               each ? fmt::format("  plastic, {:.2f} B each", *each) : "");
  }
  print_line("memory", bytes(run_plan.host.needed_bytes));
  print_line("  synapses", bytes(plan.synapse_bytes));
  print_line("  program", bytes(plan.shared_bytes));
  print_line("  state", bytes(plan.state_bytes));
  print_line("  copies of it", bytes(plan.saved_bytes));
  print_line("  construction", bytes(plan.transient_bytes));
  print_line("available", available_text(run_plan.host.available_bytes));
  print_line("device", simulation.device.name);
  if (run_plan.device) {
    print_line("  steps", run_plan.device->kernels);
    print_line("device memory", bytes(run_plan.device_memory.needed_bytes));
    print_line("  synapses", bytes(run_plan.device->synapse_bytes));
    print_line("  construction", bytes(run_plan.device->transient_bytes));
    print_line("  state", bytes(run_plan.device->state_bytes));
    print_line("  input", bytes(run_plan.device->ring_bytes));
    print_line("  spike log", bytes(run_plan.device->log_bytes + run_plan.device->single_log_bytes));
    print_line("free", bytes(run_plan.device_memory.available_bytes));
  }
  print_line("threads", std::to_string(simulation.threads));
  print_line("fits", run_plan.fits() ? "yes" : "no");
}

Json to_json(const Simulation& simulation, const RunPlan& run_plan) {
  const NetworkPlan& plan = run_plan.network;
  Json projections = Json::array();
  for (std::size_t k = 0; k < plan.projections.size(); ++k) {
    const std::optional<double> each = bytes_each(simulation, k);
    projections.push_back({{"name", plan.projections[k].name},
                           {"synapses", plan.projections[k].n_synapses},
                           {"bytes_per_plastic_synapse", each ? Json(*each) : Json()}});
  }
  Json json;
  json["neurons"] = plan.n_neurons;
  json["virtual_sources"] = plan.n_virtual_sources;
  json["synapses"] = plan.n_synapses;
  json["synapses_exact"] = plan.synapses_exact;
  json["projections"] = std::move(projections);
  json["memory"] = {{"needed_bytes", run_plan.host.needed_bytes},
                    {"synapse_bytes", plan.synapse_bytes},
                    {"program_bytes", plan.shared_bytes},
                    {"state_bytes", plan.state_bytes},
                    {"saved_bytes", plan.saved_bytes},
                    {"transient_bytes", plan.transient_bytes},
                    {"available_bytes", available_json(run_plan.host.available_bytes)}};
  json["device"] = simulation.device.name;
  json["device_memory"] = nullptr;
  json["device_steps"] = nullptr;
  if (run_plan.device) json["device_steps"] = run_plan.device->kernels;
  if (const auto& device = run_plan.device)
    json["device_memory"] = {{"needed_bytes", run_plan.device_memory.needed_bytes},
                             {"synapse_bytes", device->synapse_bytes},
                             {"transient_bytes", device->transient_bytes},
                             {"state_bytes", device->state_bytes},
                             {"ring_bytes", device->ring_bytes},
                             {"log_bytes", device->log_bytes + device->single_log_bytes},
                             {"available_bytes", available_json(run_plan.device_memory.available_bytes)}};
  json["threads"] = simulation.threads;
  json["fits"] = run_plan.fits();
  return json;
}

// --- a batch ----------------------------------------------------------------------------------------------

void print_table(const BatchRecord& batch, std::uint64_t available_bytes, bool fits) {
  constexpr std::size_t kMostGroups = 40;
  print_line("instances", grouped(batch.instances.size()));
  print_line("groups", grouped(batch.groups.size()));
  fmt::print("  {}{}{}{}{}{}{}\n", right("instances", 10), right("at once", 10), right("threads", 10),
             right("synapses", 16), right("network", 12), right("state each", 12), right("in all", 12));
  for (std::size_t k = 0; k < std::min(batch.groups.size(), kMostGroups); ++k) {
    const BatchGroup& g = batch.groups[k];
    fmt::print("  {}{}{}{}{}{}{}\n", right(grouped(g.n_instances), 10), right(std::to_string(g.workers), 10),
               right(std::to_string(g.threads_each), 10),
               right(grouped(static_cast<std::uint64_t>(g.n_synapses)), 16),
               right(bytes(g.synapse_bytes), 12), right(bytes(g.state_bytes), 12),
               right(bytes(g.peak_bytes()), 12));
  }
  if (batch.groups.size() > kMostGroups)
    fmt::print("  … and {} more\n", grouped(batch.groups.size() - kMostGroups));
  print_line("available", available_text(available_bytes));
  print_line("device", batch.device);
  print_line("threads", std::to_string(batch.threads));
  print_line("fits", fits ? "yes" : "no");
}

bool dry_run_batch(const Simulation& simulation, bool json) {
  const BatchRecord& batch = *simulation.batch;
  const std::uint64_t available_bytes =
      simulation.device.on_gpu ? simulation.device.free_bytes : available_memory_bytes();
  const bool fits = lacking_room(batch, simulation.device).empty();
  if (json) {
    Json planned = to_json(batch);
    planned["available_bytes"] = available_json(available_bytes);
    planned["fits"] = fits;
    print(planned);
  } else {
    print_table(batch, available_bytes, fits);
  }
  return fits;
}

}  // namespace

ExitCode dry_run(const Simulation& simulation, bool json) {
  bool fits = false;
  if (simulation.batch) {
    fits = dry_run_batch(simulation, json);
  } else {
    const RunPlan plan = plan_run(simulation.spec, simulation.device, simulation.threads);
    fits = plan.fits();
    if (json)
      print(to_json(simulation, plan));
    else
      print_table(simulation, plan);
  }
  return fits ? ExitCode::ok : ExitCode::no_room;
}

}  // namespace sharpwave::cli
