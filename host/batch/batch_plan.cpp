#include "host/batch/batch_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "host/network/network.hpp"
#include "host/network/step_times.hpp"
#include "host/run/resources.hpp"
#include "host/run/run.hpp"
#include "host/run/version.hpp"

namespace sharpwave {
namespace {

/// "0003", with more digits where the last one has more.
std::string instance_name(std::uint32_t i, std::uint32_t size) {
  const std::size_t digits = std::max<std::size_t>(4, std::to_string(size - 1).size());
  return fmt::format("{:0{}}", i, digits);
}

/// Each thing that is wrong, once, with the instances that have it.
class Faults {
 public:
  void add(const std::string& instance, const Diagnostic& diagnostic) {
    // A misspelt key is the same fault with each of its values.
    Diagnostic anywhere = diagnostic;
    anywhere.line = 0;
    Known& known = of_[to_string(anywhere)];
    if (known.instances.empty()) {
      known.order = of_.size();
      known.diagnostic = diagnostic;
    }
    known.instances.push_back(instance);
  }
  void add(const std::string& instance, const Error& error) {
    code_ = error.code();
    is_other_ = true;
    add(instance, Diagnostic{.file = error.what()});
  }
  /// More than anybody reads: what follows need not be looked at.
  [[nodiscard]] bool enough() const { return of_.size() >= kMost; }

  void throw_if_any() const {
    if (of_.empty()) return;
    std::vector<Known> known;
    for (const auto& [text, fault] : of_) known.push_back(fault);
    std::sort(known.begin(), known.end(), [](const Known& a, const Known& b) {
      return std::tuple(a.diagnostic.line, a.diagnostic.column, a.order) <
             std::tuple(b.diagnostic.line, b.diagnostic.column, b.order);
    });
    std::vector<Diagnostic> diagnostics;
    std::string text;
    for (Known& fault : known) {
      const std::string where = instances_text(fault.instances);
      std::string& hint = fault.diagnostic.hint;
      hint = hint.empty() ? where : fmt::format("{}; {}", hint, where);
      text.append(text.empty() ? "" : "\n").append(text_of(fault.diagnostic));
      diagnostics.push_back(std::move(fault.diagnostic));
    }
    if (is_other_) throw Error(code_, text);
    throw ConfigError(std::move(diagnostics));
  }

 private:
  static constexpr std::size_t kMost = 200;
  struct Known {
    std::size_t order = 0;
    Diagnostic diagnostic;
    std::vector<std::string> instances{};
  };

  /// That of an Error has nothing but its message, and the hint.
  static std::string text_of(const Diagnostic& d) {
    const bool is_error = d.read.empty() && d.expected.empty();
    return is_error ? fmt::format("{} ({})", d.file, d.hint) : to_string(d);
  }

  static std::string instances_text(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 3;
    std::string text = names.size() == 1 ? "instance" : "instances";
    for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
      text.append(i > 0 ? ", " : " ").append(names[i]);
    if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
    return text;
  }

  std::map<std::string, Known> of_;
  bool is_other_ = false;
  ExitCode code_ = ExitCode::invalid_config;
};

BatchInstance describe(const ModelSpec& spec, const std::string& name,
                       const std::vector<Override>& overrides) {
  constexpr std::size_t kSeeds = 2;  // stand before what is varied
  BatchInstance instance{.name = name, .seed = spec.simulation.seed, .config_digest = spec.config_digest};
  for (std::size_t k = 0; k < overrides.size(); ++k) {
    instance.overrides.push_back(to_text(overrides[k]));
    if (k >= kSeeds) instance.varied.emplace_back(overrides[k].path, overrides[k].value);
  }
  instance.planned_ms =
      time_of_step_ms(spec.simulation.warm_up_steps + spec.simulation.steps, spec.simulation.dt_ms);
  return instance;
}

/// A group as far as one look at each of its instances tells.
struct Seen {
  std::vector<Override> overrides;  ///< of its first instance
  NetworkShape shape;
  std::uint64_t first_state_bytes = 0;
  std::uint64_t largest_state_bytes = 0;
  std::uint64_t n_instances = 0;
};

class Planner {
 public:
  Planner(const ConfigText& config, const ModelSpec& base, const DeviceChoice& device, int threads)
      : config_(config), base_(base), device_(device), threads_(threads) {}

  BatchRecord plan() {
    BatchRecord batch{.version = version(),
                      .title = base_.title,
                      .device = device_.name,
                      .threads = threads_,
                      .stop_on_failure = base_.batch->stop_on_failure};
    Faults faults;
    for (std::uint32_t i = 0; i < base_.batch->size && !faults.enough(); ++i) {
      const std::string name = instance_name(i, base_.batch->size);
      try {
        batch.instances.push_back(look_at(i, name));
      } catch (const ConfigError& error) {
        for (const Diagnostic& diagnostic : error.diagnostics()) faults.add(name, diagnostic);
      } catch (const Error& error) {
        faults.add(name, error);
      }
    }
    faults.throw_if_any();
    for (const Seen& seen : groups_) batch.groups.push_back(plan_group(seen));
    return batch;
  }

 private:
  BatchInstance look_at(std::uint32_t i, const std::string& name) {
    std::vector<Override> overrides = instance_overrides(base_, i);
    const ModelSpec spec = config_.load_instance(overrides);
    BatchInstance instance = describe(spec, name, overrides);
    const auto [place, is_new] = group_of_.emplace(network_key(spec), groups_.size());
    instance.group = place->second;
    if (is_new) groups_.push_back({.overrides = std::move(overrides), .shape = choose_shape(spec, 1)});
    Seen& group = groups_[instance.group];
    ++group.n_instances;
    const std::uint64_t state_bytes = plan_state_bytes(spec, group.shape);
    if (is_new) group.first_state_bytes = state_bytes;
    group.largest_state_bytes = std::max(group.largest_state_bytes, state_bytes);
    return instance;
  }

  BatchGroup plan_group(const Seen& seen) {
    const ModelSpec spec = config_.load_instance(seen.overrides);
    const std::uint64_t more_state_bytes = seen.largest_state_bytes - seen.first_state_bytes;
    BatchGroup group{.n_instances = seen.n_instances};
    if (device_.on_gpu) {
      plan_on_device(spec, more_state_bytes, group);
      return group;
    }
    set_workers(group, seen.n_instances, seen.shape.n_neurons, threads_);
    const NetworkPlan plan = plan_network(spec, choose_shape(spec, group.threads_each), threads_);
    group.n_synapses = plan.n_synapses;
    group.synapse_bytes = plan.synapse_bytes - plan.engine_synapse_bytes;
    group.transient_bytes = plan.transient_bytes;
    group.shared_bytes = plan.shared_bytes;
    group.state_bytes = plan.engine_synapse_bytes + plan.state_bytes + plan.saved_bytes + more_state_bytes;
    return group;
  }

  void plan_on_device(const ModelSpec& spec, std::uint64_t more_state_bytes, BatchGroup& group) const {
    DevicePlan plan = plan_device_network(spec, threads_);
    plan.state_bytes += more_state_bytes;
    const std::uint64_t fitting = std::max<std::uint64_t>(plan.instances_in(device_.free_bytes), 1);
    group.workers = static_cast<int>(std::min({group.n_instances, fitting, kMostOnADevice}));
    group.threads_each = threads_;
    group.n_synapses = plan.host.n_synapses;
    group.synapse_bytes = plan.synapse_bytes;
    group.transient_bytes = plan.transient_bytes;
    group.state_bytes = plan.instance_bytes();
    const auto workers = static_cast<std::uint64_t>(group.workers);
    group.host_bytes = plan.host.peak_bytes() + (workers - 1) * plan.host.saved_bytes;
    group.shared_bytes =
        plan.bytes(workers) - plan.synapse_bytes - plan.transient_bytes - workers * plan.instance_bytes();
  }

  const ConfigText& config_;
  const ModelSpec& base_;
  const DeviceChoice& device_;
  int threads_;
  std::map<std::string, std::size_t> group_of_;
  std::vector<Seen> groups_;
};

double gibibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 0x1p30;
}

}  // namespace

BatchRecord plan_batch(const ConfigText& config, const ModelSpec& base, const DeviceChoice& device,
                       int threads) {
  return Planner(config, base, device, threads).plan();
}

void set_workers(BatchGroup& group, std::uint64_t n, std::uint64_t n_neurons, int threads) {
  group.workers = std::max(1, static_cast<int>(std::min(n, static_cast<std::uint64_t>(threads))));
  group.threads_each = std::min(threads / group.workers, useful_threads(n_neurons));
}

std::string lacking_room(const BatchRecord& batch, const DeviceChoice& device) {
  const auto lacking = [&](std::uint64_t (*needed)(const BatchGroup&), std::uint64_t available,
                           const char* whose, const char* advice) -> std::string {
    const auto largest =
        std::max_element(batch.groups.begin(), batch.groups.end(),
                         [&](const BatchGroup& a, const BatchGroup& b) { return needed(a) < needed(b); });
    if (needed(*largest) <= available) return {};
    return fmt::format(
        "a group of {} instances, {} of them at once, needs {:.3g} GiB of {} ({:.3g} GiB for the synapses "
        "that "
        "they share, {:.3g} GiB while these are built, {:.3g} GiB for the state of each), but only {:.3g} "
        "GiB "
        "are available; nothing was allocated{}",
        largest->n_instances, largest->workers, gibibytes(needed(*largest)), whose,
        gibibytes(largest->synapse_bytes), gibibytes(largest->transient_bytes),
        gibibytes(largest->state_bytes), gibibytes(available), advice);
  };
  const auto peak = [](const BatchGroup& group) { return group.peak_bytes(); };
  const std::uint64_t host_bytes = available_memory_bytes();
  if (!device.on_gpu)
    return lacking(peak, host_bytes, "memory", ". Fewer threads take fewer instances at once");
  const std::string of_device =
      lacking(peak, device.free_bytes, "the GPU's memory", ". `device: cpu` runs it on the processor");
  if (!of_device.empty()) return of_device;
  return lacking([](const BatchGroup& group) { return group.host_bytes; }, host_bytes, "memory", "");
}

}  // namespace sharpwave
