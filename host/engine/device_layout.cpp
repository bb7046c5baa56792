#include "host/engine/device_layout.hpp"

#include <algorithm>
#include <string>

#include "host/base/environment.hpp"
#include "host/base/error.hpp"
#include "host/engine/device_models.hpp"
#include "kernels/owner_views.hpp"

namespace sharpwave {
namespace {

// Of a row for each owner: more would only be looked up.
constexpr std::uint32_t kMostSlots = 8;

std::string what_owners_lack_in_populations(const ModelSpec& spec) {
  for (const PopulationSpec& p : spec.populations) {
    if (std::holds_alternative<ParrotSpec>(p.kind)) return "'" + p.name + "' are parrots";
    if (std::holds_alternative<PoissonSourceSpec>(p.kind)) return "'" + p.name + "' are Poisson sources";
  }
  return {};
}

std::string what_owners_lack_in_projections(const ModelSpec& spec) {
  const NetworkShape shape = device_shape(spec);
  const std::vector<PopulationPlace> places = place_populations(spec);
  for (const ProjectionSpec& p : spec.projections) {
    if (p.plasticity) return "'" + p.name + "' is plastic";
    if (pair_bits_of(spec, p, places, shape)) return "'" + p.name + "' is held as bits";
  }
  return {};
}

std::string what_owners_lack(const ModelSpec& spec) {
  if (spec.protocol != nullptr) return "a protocol presents stimuli";
  if (!spec.regions.empty()) return "there are neuromodulators";
  if (!spec.reports.empty()) return "a report is sampled";
  if (std::string lacking = what_owners_lack_in_populations(spec); !lacking.empty()) return lacking;
  return what_owners_lack_in_projections(spec);
}

std::string what_shape_lacks(const ModelSpec& spec, const NetworkShape& shape) {
  if (shape.n_neurons == 0) return "there are no neurons";
  if (shape.slot_width == 1)
    return "an owner would have " + std::to_string(shape.part_size(0)) +
           " neurons, too many for 16-bit cells";
  std::size_t longest = 1;
  for (const auto& by_delay : delays_by_receptor(spec).synapses) longest = std::max(longest, by_delay.size());
  if (longest > std::size_t{kMostSlots} * shape.slot_width)
    return "delays of " + std::to_string(longest) + " steps are more than " + std::to_string(kMostSlots) +
           " slots of " + std::to_string(shape.slot_width);
  return {};
}

std::string why_no_owners(const ModelSpec& spec, const OwnerLimits& owners, std::uint32_t instances,
                          NetworkShape& shape) {
  if (instances > 1) return "several instances run at once";
  if (owners.n_owners == 0) return "the device's thread blocks cannot wait for each other";
  if (std::string lacking = what_owners_lack(spec); !lacking.empty()) return lacking;
  shape = owner_shape(spec, owners.n_owners);
  return what_shape_lacks(spec, shape);
}

}  // namespace

std::uint64_t DeviceLayout::owner_bytes() const {
  if (!by_owners) return 0;
  return std::uint64_t{device::kLetterSteps} * shape.n_groups *
         (device::kLetterWords + shape.cells_per_step) * sizeof(std::uint32_t);
}

DeviceLayout choose_device_layout(const ModelSpec& spec, const OwnerLimits& owners, std::uint32_t instances) {
  const std::string asked = choice_in_environment("SHARPWAVE_GPU_KERNEL", "persistent", "graph");
  DeviceLayout layout{.shape = device_shape(spec)};
  if (asked == "graph") {
    layout.why = "graph of kernels (SHARPWAVE_GPU_KERNEL=graph)";
    return layout;
  }
  NetworkShape shape;
  const std::string why_not = why_no_owners(spec, owners, instances, shape);
  if (!why_not.empty() && asked == "persistent" && owners.n_owners > 0 && instances == 1)
    throw Error(ExitCode::usage, "SHARPWAVE_GPU_KERNEL=persistent: " + why_not);
  if (!why_not.empty()) {
    layout.why = "graph of kernels (" + why_not + ")";
    return layout;
  }
  if (asked.empty()) {
    layout.why = "graph of kernels (owners could, with SHARPWAVE_GPU_KERNEL=persistent)";
    return layout;
  }
  return {.by_owners = true,
          .why = "one kernel of " + std::to_string(shape.n_groups) + " owners, where enough input fits them",
          .is_asked_for = true,
          .shape = shape};
}

}  // namespace sharpwave
