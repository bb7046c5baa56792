// The network and the instance that owners simulate: what they need beyond that, and their launch.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cuda/instance_on.hpp"
#include "cuda/owner_windows.hpp"
#include "kernels/run_owners.cuh"

namespace sharpwave::device {

/// Beyond this share of far synapses the ring in global memory would be what takes the time, and owners have
/// nothing before the graph of kernels.
inline constexpr double kMostFarShare = 0.5;

template <class Backend, class Real, class Acc>
class OwnersOn {
 public:
  /// @param model  whose rows are cut by owner.
  OwnersOn(Backend& backend, const NetworkOn<Backend>& network, const NetworkModel& model);

  /// For the instance that is simulated from now on.
  void place(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model,
             std::size_t n_variables);
  /// Can the instance be simulated? Samples are of the graph.
  [[nodiscard]] bool can_run(const InstanceOn<Backend, Real, Acc>& instance) const {
    return why_not_.empty() && instance.reports.empty();
  }
  /// One line of where things are, or why they are not.
  [[nodiscard]] std::string description(const InstanceOn<Backend, Real, Acc>& instance) const;
  /// Starts these steps.
  void run(Backend& backend, const NetworkOn<Backend>& network, InstanceOn<Backend, Real, Acc>& instance,
           const OwnerSteps& steps);

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;

  void make_rows(Backend& backend, const NetworkOn<Backend>& network, const NetworkModel& model);
  void make_populations(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model);
  void choose_schedule(const NetworkOn<Backend>& network, const InstanceModel& model);
  void choose_windows();

  OwnersModel model_;
  Owners owners_;
  int models_ = kAnyModel;  ///< the model of all neurons, or that
  OwnerWindows windows_;
  std::string why_not_;

  Kept<Backend, OwnedRows> rows_;
  Kept<Backend, SegmentKind> kinds_;
  Buffer<std::uint32_t> letters_, rest_, n_arrived_;
  std::optional<Kept<Backend, OwnedPopulation>> populations_;
  std::optional<Kept<Backend, std::uint32_t>> ids_;
};

template <class Backend, class Real, class Acc>
OwnersOn<Backend, Real, Acc>::OwnersOn(Backend& backend, const NetworkOn<Backend>& network,
                                       const NetworkModel& model)
    : model_(model.owners) {
  owners_.n = model.connections.n_groups;
  owners_.n_neurons = static_cast<std::uint32_t>(model.n_neurons);
  owners_.n_receptors = model.n_receptors;
  owners_.log_words = network.lists().n_logged_blocks * (Backend::kBlockThreads / kWarp);
  owners_.sizes = {.cells_per_step = model.connections.cells_per_step,
                   .real_bytes = sizeof(Real),
                   .acc_bytes = sizeof(Acc)};
  make_rows(backend, network, model);
  const std::size_t n_letters = std::size_t{kLetterSteps} * owners_.n;
  letters_ = backend.template allocate<std::uint32_t>(n_letters * kLetterWords);
  rest_ = backend.template allocate<std::uint32_t>(n_letters * owners_.sizes.cells_per_step);
  n_arrived_ = backend.template allocate<std::uint32_t>(1);
  owners_.mail = {letters_.data(), rest_.data()};
  owners_.n_arrived = n_arrived_.data();
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::make_rows(Backend& backend, const NetworkOn<Backend>& network,
                                             const NetworkModel& model) {
  std::vector<OwnedRows> rows;
  std::vector<SegmentKind> kinds;
  for (std::size_t k = 0; k < network.classes().size(); ++k) {
    const SourceClass& c = network.classes()[k];
    const std::uint32_t per_owner = c.n_segments / owners_.n;
    rows.push_back({.first_segment = c.first_segment,
                    .first_source = c.first_source,
                    .n_segments = c.n_segments,
                    .per_owner = per_owner,
                    .first_kind = static_cast<std::uint32_t>(kinds.size())});
    for (std::uint32_t s = 0; s < per_owner; ++s) {
      const Channel& channel = model.channels[model.classes[k].channels[s % c.n_channels]];
      kinds.push_back({.first_delay = (c.first_slot + s / c.n_channels) * model.connections.slot_width + 1,
                       .receptor = static_cast<std::uint16_t>(channel.receptor),
                       .shift = static_cast<std::uint16_t>(channel.shift)});
    }
  }
  owners_.tables.rows = rows_.keep(backend, std::span<const OwnedRows>(rows));
  owners_.tables.kinds = kinds_.keep(backend, std::span<const SegmentKind>(kinds));
  owners_.tables.n_rows = owners_.sizes.n_rows = static_cast<std::uint32_t>(rows.size());
  owners_.tables.n_kinds = owners_.sizes.n_kinds = static_cast<std::uint32_t>(kinds.size());
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::place(Backend& backend, const NetworkOn<Backend>& network,
                                         const InstanceModel& model, std::size_t n_variables) {
  owners_.n_variables = owners_.sizes.n_variables = static_cast<std::uint32_t>(n_variables);
  make_populations(backend, network, model);
  choose_schedule(network, model);
  choose_windows();
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::make_populations(Backend& backend, const NetworkOn<Backend>& network,
                                                    const InstanceModel& model) {
  std::vector<OwnedPopulation> populations;
  std::vector<std::uint32_t> ids;
  std::vector<std::uint32_t> inputs;
  for (std::uint32_t b = 0; b < network.lists().n_logged_blocks; ++b) {
    const SourceBlock& block = network.blocks()[b];
    if (block.first_index > 0) continue;
    const PopulationShape& shape = network.populations()[block.population];
    OwnedPopulation population{.model = model.populations[block.population].model,
                               .first_source = shape.first_source,
                               .end_source = shape.first_source + shape.size,
                               .is_heard = shape.source_class != kNone,
                               .first_log_word = b * (Backend::kBlockThreads / kWarp),
                               .first_input = static_cast<std::uint32_t>(inputs.size())};
    for (std::uint32_t k = 0; k < model.spike_inputs.size(); ++k)
      if (model.spike_inputs[k].input.first_source == shape.first_source) inputs.push_back(k);
    population.end_input = static_cast<std::uint32_t>(inputs.size());
    populations.push_back(population);
    ids.push_back(block.population);
  }
  populations_.emplace();
  ids_.emplace();
  OwnerTables& tables = owners_.tables;
  tables.populations = populations_->keep(backend, std::span<const OwnedPopulation>(populations));
  tables.population_ids = ids_->keep(backend, std::span<const std::uint32_t>(ids));
  tables.inputs = ids_->keep(backend, std::span<const std::uint32_t>(inputs));
  tables.n_populations = owners_.sizes.n_populations = static_cast<std::uint32_t>(populations.size());
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::choose_schedule(const NetworkOn<Backend>& network,
                                                   const InstanceModel& model) {
  bool is_late = true;
  std::optional<int> of_all;
  for (std::size_t i = 0; i < model.populations.size(); ++i) {
    if (network.populations()[i].kind != PopulationKind::neurons) continue;
    const UpdateModel own = model.populations[i].model;
    is_late &=
        with_model(own, [](auto kind) { return input_acts_later<ModelType<decltype(kind)::value, Real>>(); });
    const int number = static_cast<int>(own);
    of_all = of_all.value_or(number) == number ? number : kAnyModel;
  }
  models_ = of_all.value_or(kAnyModel);
  owners_.schedule = model_.shortest_delay > 1 ? OwnerSchedule::after_update
                     : is_late                 ? OwnerSchedule::input_is_late
                                               : OwnerSchedule::at_once;
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::choose_windows() {
  windows_ = fit_windows(model_, owners_.n_receptors, owners_.sizes);
  char line[160] = "";
  if (!windows_.fit)
    std::snprintf(line, sizeof line,
                  "an owner's %u neurons and its tables do not fit its shared memory, %.1f KiB",
                  owners_.n_elements(0), static_cast<double>(model_.shared_bytes) / 1024);
  else if (windows_.far_share > kMostFarShare && !model_.is_asked_for)
    std::snprintf(
        line, sizeof line,
        "%.0f %% of the synapses have longer delays than the %u and %u steps that fit shared memory",
        100 * windows_.far_share, windows_.near_steps[0], windows_.near_steps[1]);
  why_not_ = line;
  std::copy(std::begin(windows_.near_steps), std::end(windows_.near_steps), owners_.near_steps);
  owners_.sizes.window_rows = 0;
  for (std::uint32_t r = 0; r < owners_.n_receptors; ++r) {
    owners_.sizes.window_rows += owners_.near_steps[r];
    owners_.has_far[r] = owners_.near_steps[r] < model_.synapses[r].size();
  }
  owners_.layout = owner_layout(owners_.sizes);
}

template <class Backend, class Real, class Acc>
std::string OwnersOn<Backend, Real, Acc>::description(const InstanceOn<Backend, Real, Acc>& instance) const {
  if (!why_not_.empty()) return "graph of kernels (" + why_not_ + ")";
  if (!can_run(instance)) return "graph of kernels (a report is sampled)";
  char line[160];
  std::snprintf(
      line, sizeof line,
      "%u owners with %.1f KiB each, input of %u and %u steps in it, %.2g %% of the synapses beyond",
      owners_.n, owners_.layout.end / 1024.0, owners_.near_steps[0],
      owners_.n_receptors > 1 ? owners_.near_steps[1] : 0, 100 * windows_.far_share);
  return line;
}

template <class Backend, class Real, class Acc>
void OwnersOn<Backend, Real, Acc>::run(Backend& backend, const NetworkOn<Backend>& network,
                                       InstanceOn<Backend, Real, Acc>& instance, const OwnerSteps& steps) {
  // Bits of the log are set one by one.
  backend.clear(instance.log_bits, (steps.first - steps.log_first) * owners_.log_words,
                (steps.last + 1 - steps.first) * owners_.log_words);
  backend.clear(n_arrived_, 0, 1);
  const auto launch = [&](auto kernel) {
    backend.launch_together("run_owners", kernel, owners_.n, owners_.layout.end, instance.view(),
                            network.connections(), owners_, steps);
  };
  if (models_ == kAnyModel)
    launch(run_owners<kAnyModel, Real, Acc>);
  else
    with_model(static_cast<UpdateModel>(models_),
               [&](auto kind) { launch(run_owners<static_cast<int>(decltype(kind)::value), Real, Acc>); });
}

}  // namespace sharpwave::device
