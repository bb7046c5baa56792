#include "host/watchdog/watchdog.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/engine/construction.hpp"
#include "host/network/neuron_models.hpp"
#include "host/watchdog/unsound.hpp"
#include "kernels/soundness.hpp"

namespace sharpwave {
namespace {

constexpr double kHistory_ms = 50;
constexpr double kSnapshotShare = 1.0 / 200;  // of the time
constexpr std::uint64_t kMostHistorySpikes = 20'000;

std::uint64_t history_steps(const ModelSpec& spec) {
  return static_cast<std::uint64_t>(kHistory_ms / spec.simulation.dt_ms) + 1;
}

/// States hold V relative to E_L, recordings do not.
void use_absolute_potential(Finding& finding) {
  if (!finding.value) return;
  const HistoryTrace& trace = finding.history->trace;
  for (std::size_t k = 0; k < trace.variables.size(); ++k) {
    if (trace.variables[k] != finding.value->variable) continue;
    finding.value->value = trace.values[k].back();
    if (trace.values[k].size() > 1) finding.value->before = *(trace.values[k].end() - 2);
  }
}

}  // namespace

Watchdog::Watchdog(Engine& engine, const ModelSpec& spec, const WatchState& start,
                   std::vector<Injection> injections, Listener tell)
    : engine_(engine),
      spec_(spec),
      ids_(spec),
      rates_(spec),
      state_(start),
      injections_(std::move(injections)),
      tell_(std::move(tell)),
      bound_mV_(bound_mV(spec)),
      newer_(engine.save()) {
  if (!start.counts.in_window.empty()) rates_.go_on_from(start.counts);
  std::erase_if(injections_, [&](const Injection& injection) { return injection.step <= engine.step(); });
  std::ranges::stable_sort(injections_, std::less(), &Injection::step);
  older_ = newer_;
}

WatchState Watchdog::state() const {
  WatchState state = state_;
  state.counts = rates_.counts();
  return state;
}

void Watchdog::take_snapshot() {
  if (engine_.step() < newer_.step + history_steps(spec_)) return;
  if (since_snapshot_.seconds() * kSnapshotShare < snapshot_s_) return;
  const ProfileRange range("snapshot");
  const Stopwatch watch;
  older_ = std::exchange(newer_, engine_.save());
  snapshot_s_ = watch.seconds();
  since_snapshot_ = Stopwatch();
}

// --- running, also again ----------------------------------------------------------------------------------

/// Puts in what is to be there after the next step.
void Watchdog::poke() {
  const auto due = std::ranges::equal_range(injections_, engine_.step() + 1, std::less(), &Injection::step);
  if (due.empty()) return;
  EngineState state = engine_.save();
  for (const Injection& injection : due) inject(injection, state);
  engine_.restore(state);
}

std::uint64_t Watchdog::steps_until_poke() const {
  const auto next = std::ranges::upper_bound(injections_, engine_.step() + 1, std::less(), &Injection::step);
  return next == injections_.end() ? ~std::uint64_t{0} : next->step - 1 - engine_.step();
}

/// Stops before `step` where a block is not sound.
void Watchdog::run_to(std::uint64_t step, std::uint64_t at_once) {
  while (engine_.step() < step) {
    poke();
    engine_.advance(std::min({step - engine_.step(), steps_until_poke(), at_once}), scratch_);
    if (scratch_.unsound && at_once == 1) return;
  }
}

/// From the younger state of those that are old enough.
void Watchdog::come_again_to(std::uint64_t step) {
  engine_.restore(newer_.step <= step ? newer_ : older_);
  run_to(step, ~std::uint64_t{0});
}

// --- what is found ----------------------------------------------------------------------------------------

/// The engine stands at the finding's step then.
Finding Watchdog::find_first(const Block& block) {
  come_again_to(block.first_step - 1);
  run_to(block.first_step + block.n_steps - 1, 1);
  // V was looked at in every eighth step only: it may have left its bound somewhat earlier.
  const std::uint64_t seen = engine_.step();
  come_again_to(std::max(block.first_step, seen - std::min(seen, kBoundInterval - 1)) - 1);
  EngineState before;
  EngineState after = engine_.save();
  std::optional<Unsoundness> found;
  while (!found) {
    SHARPWAVE_ASSERT(engine_.step() < seen);
    before = std::exchange(after, EngineState());
    run_to(engine_.step() + 1, 1);
    after = engine_.save();
    found = find_unsound(after, bound_mV_);
  }
  const PopulationState& population = after.populations[found->first.population];
  Finding finding{.step = engine_.step(), .population = population.name};
  finding.value = {.neuron = found->first.neuron,
                   .variable = population.variables[found->first.variable].name,
                   .value = value_at(after, found->first),
                   .before = value_at(before, found->first),
                   .n_unsound = found->count};
  const bool finite = std::abs(finding.value->value) <= largest_real(spec_.simulation.precision);
  finding.sign = finite ? WatchdogSign::divergence : WatchdogSign::non_finite;
  return finding;
}

/// Runs the last steps again, with a look at one neuron; the engine stands at the finding's step then.
History Watchdog::history_of(const Finding& finding) {
  const auto population = static_cast<std::uint32_t>(
      std::ranges::find(spec_.populations, finding.population, &PopulationSpec::name) -
      spec_.populations.begin());
  const std::uint32_t neuron = finding.value ? finding.value->neuron : 0;
  const NeuronModelInfo& info = model_info(spec_.populations[population].neurons()->model);
  ReportSpec report{.name = "history",
                    .slice = {.population = population, .start = neuron, .stop = neuron + 1},
                    .variables = {info.variables.begin(), info.variables.end()}};
  History history;
  history.trace.population = finding.population;
  history.trace.neuron = neuron;
  for (const StateVariable variable : report.variables)
    history.trace.variables.emplace_back(quantity(variable).name);
  history.trace.values.resize(report.variables.size());

  const std::uint64_t wanted = finding.step - std::min(finding.step, history_steps(spec_) - 1);
  come_again_to(std::max(wanted, older_.step));
  history.first_step = engine_.step() + 1;
  engine_.record({report});
  while (engine_.step() < finding.step) {
    poke();
    engine_.advance(std::min(finding.step - engine_.step(), steps_until_poke()), scratch_);
    history.n_spikes += scratch_.ids.size();
    for (std::uint64_t i = 0; i < scratch_.n_steps; ++i)
      for (std::uint64_t k = scratch_.offsets[i]; k < scratch_.offsets[i + 1]; ++k) {
        if (history.spike_ids.size() == kMostHistorySpikes) break;
        history.spike_steps.push_back(scratch_.first_step + i);
        history.spike_ids.push_back(scratch_.ids[k]);
      }
    const std::vector<float>& values = scratch_.reports[0].values;
    for (std::size_t j = 0; j < values.size(); ++j)
      history.trace.values[j % report.variables.size()].push_back(values[j]);
  }
  engine_.record(spec_.reports);
  return history;
}

bool Watchdog::may_repair() {
  if (state_.repairs >= static_cast<std::uint64_t>(spec_.watchdog.most_repairs)) return false;
  ++state_.repairs;
  return true;
}

/// The engine stands at `step`, with values that are not sound.
void Watchdog::clamp(std::uint64_t step) {
  come_again_to(step - 1);
  const EngineState before = engine_.save();
  run_to(step, 1);
  EngineState state = engine_.save();
  clamp_unsound(state, before, bound_mV_);
  engine_.restore(state);
  // From here on nothing can be run again: the engine would not come to the same state.
  older_ = newer_ = std::move(state);
}

/// Does what the config says, or leaves it to the caller, and sees to it that block and engine end with the
/// finding's step where the run does not simply go on.
void Watchdog::act_on(Finding finding, Block& out, std::optional<Finding>& caller) {
  const std::uint64_t end = out.first_step + out.n_steps - 1;
  const bool repairs = finding.action == WatchdogAction::clamp ||
                       finding.action == WatchdogAction::throttle ||
                       finding.action == WatchdogAction::rollback;
  if (repairs && !may_repair()) finding.action = WatchdogAction::halt;
  if (finding.value || finding.action != WatchdogAction::log) {
    finding.history = history_of(finding);
    use_absolute_potential(finding);
  }
  if (finding.action == WatchdogAction::log || finding.action == WatchdogAction::warn) {
    if (engine_.step() != end) come_again_to(end);
    tell_(finding);
    return;
  }
  if (engine_.step() != finding.step) come_again_to(finding.step);
  out.cut_after(finding.step);
  if (finding.action == WatchdogAction::clamp) {
    clamp(finding.step);
    tell_(finding);
  } else {
    caller = std::move(finding);
  }
}

std::optional<Finding> Watchdog::advance(std::uint64_t n_steps, Block& out) {
  take_snapshot();
  poke();
  engine_.advance(std::min(n_steps, steps_until_poke()), out);
  std::optional<Finding> in_values;
  if (out.unsound && !unsound_is_known_) {
    in_values = find_first(out);
    in_values->action = spec_.watchdog.action(in_values->sign);
    unsound_is_known_ = in_values->action < WatchdogAction::clamp;
    if (unsound_is_known_)
      come_again_to(out.first_step + out.n_steps - 1);
    else
      out.cut_after(in_values->step);
  }
  std::optional<Finding> caller = look_at_rates(out);
  if (!caller && in_values && in_values->action != WatchdogAction::off)
    act_on(std::move(*in_values), out, caller);
  return caller;
}

std::optional<Finding> Watchdog::look_at_rates(Block& out) {
  std::optional<Finding> caller;
  const RateCounts before = rates_.counts();
  std::vector<Finding> findings;
  rates_.take(out, findings);
  for (Finding& finding : findings) {
    finding.action = spec_.watchdog.action(finding.sign);
    act_on(std::move(finding), out, caller);
    if (!caller) continue;
    rates_.go_on_from(before);
    findings.clear();
    rates_.take(out, findings);  // of the block that is shorter now, and told already
    break;
  }
  return caller;
}

}  // namespace sharpwave
