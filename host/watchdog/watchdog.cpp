#include "host/watchdog/watchdog.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/engine/construction.hpp"
#include "host/network/distribution.hpp"
#include "host/network/neuron_models.hpp"
#include "host/watchdog/unsound.hpp"
#include "kernels/soundness.hpp"

namespace sharpwave {
namespace {

constexpr double kHistory_ms = 50;
constexpr double kSnapshotShare = 1.0 / 400;  // of the time
constexpr std::uint64_t kMostHistorySpikes = 20'000;
constexpr std::uint64_t kMostHistories = 5;  // of a sign
constexpr WatchdogSign kValueSigns[] = {WatchdogSign::non_finite, WatchdogSign::divergence};
constexpr WatchdogSign kRateSigns[] = {WatchdogSign::runaway, WatchdogSign::silent, WatchdogSign::sparse,
                                       WatchdogSign::anomaly};

bool is_any_on(const ModelSpec& spec, std::span<const WatchdogSign> signs) {
  return std::ranges::any_of(
      signs, [&](WatchdogSign sign) { return spec.watchdog.action(sign) != WatchdogAction::off; });
}

std::uint64_t history_steps(const ModelSpec& spec) {
  return static_cast<std::uint64_t>(kHistory_ms / spec.simulation.dt_ms) + 1;
}

/// States hold V relative to it.
double E_L_mV(const ModelSpec& spec, const PopulationState& state, std::uint32_t neuron) {
  const auto population = std::ranges::find(spec.populations, state.name, &PopulationSpec::name);
  const NeuronSpec& neurons = *population->neurons();
  if (!model_info(neurons.model).has(NeuronParameter::E_L)) return 0;
  StreamRegistry streams;
  const std::vector<double> values =
      element_values(neurons[NeuronParameter::E_L], population->size,
                     population->name + "." + std::string(quantity(NeuronParameter::E_L).name),
                     RandomPurpose::neuron_parameter, spec.simulation.network_seed, streams);
  return values.size() == 1 ? values[0] : values[neuron];
}

/// Of the finding's step.
void add_inputs(Finding& finding) {
  const HistoryTrace& trace = finding.history->trace;
  for (std::size_t k = 0; k < trace.variables.size(); ++k) {
    const std::optional<Recordable> what = recordable_named(trace.variables[k]);
    if (what && std::holds_alternative<StepQuantity>(*what))
      finding.value->inputs.emplace_back(trace.variables[k], trace.values[k].back());
  }
}

}  // namespace

Watchdog::Watchdog(Engine& engine, const ModelSpec& spec, const WatchState& start,
                   std::vector<Injection> injections, Listener tell)
    : engine_(engine),
      spec_(spec),
      rates_(spec),
      frozen_(spec),
      watches_values_(is_any_on(spec, kValueSigns)),
      watches_rates_(is_any_on(spec, kRateSigns)),
      state_(start),
      reports_(spec.reports),
      injections_(std::move(injections)),
      tell_(std::move(tell)),
      bound_mV_(bound_mV(spec)),
      newer_(snapshot()) {
  if (!start.rates.in_window.empty()) rates_.go_on_from(start.rates);
  frozen_.begin(engine, start.frozen);
  if (start.divergence_is_known) bound_mV_ = largest_real(spec.simulation.precision);
  std::erase_if(injections_, [&](const Injection& injection) { return injection.step <= engine.step(); });
  std::ranges::stable_sort(injections_, std::less(), &Injection::step);
  older_ = newer_;
}

WatchState Watchdog::state() const {
  WatchState state = state_;
  state.rates = rates_.state();
  state.frozen = frozen_.state();
  return state;
}

bool Watchdog::has_seen_all() const {
  const bool looks_for_bound =
      watches_values_ && bound_mV_ < largest_real(spec_.simulation.precision) && !state_.non_finite_is_known;
  return !looks_for_bound || engine_.step() % kBoundInterval == 0 ||
         !find_unsound(engine_.save_neurons(), bound_mV_);
}

void Watchdog::let_go() {
  older_ = newer_ = nullptr;
}

Watchdog::Snapshot Watchdog::snapshot() {
  const Stopwatch watch;
  Snapshot taken = std::make_shared<const EngineState>(engine_.save());
  snapshot_s_ = watch.seconds();
  snapshots_s_ += snapshot_s_;
  since_snapshot_ = Stopwatch();
  return taken;
}

void Watchdog::take_snapshot() {
  if (engine_.step() < newer_->step + history_steps(spec_)) return;
  if (since_snapshot_.seconds() * kSnapshotShare < snapshot_s_) return;
  const ProfileRange range("snapshot");
  older_ = std::exchange(newer_, nullptr);  // the oldest is gone before there is another
  newer_ = snapshot();
  std::erase_if(presented_, [&](const Presented& p) { return p.step < older_->step; });
  std::erase_if(answered_, [&](const Answered& a) { return a.step < older_->step; });
}

// --- running, also again ----------------------------------------------------------------------------------

void Watchdog::present(const Presented& presented) {
  if (!watches_values_ && !watches_rates_)
    presented_.clear();  // nothing will be run again
  else if (!presented_.empty() && presented_.back().step == presented.step)
    presented_.pop_back();
  presented_.push_back(presented);
  engine_.present(presented);
}

void Watchdog::give_novelty(std::uint32_t region, double novelty) {
  answer({.step = engine_.step(), .region = region, .novelty = novelty});
}

void Watchdog::give_reward(std::uint32_t region, double reward) {
  answer({.step = engine_.step(), .region = region, .reward = reward});
}

void Watchdog::record(std::vector<ReportSpec> reports) {
  reports_ = std::move(reports);
  engine_.record(reports_);
}

void Watchdog::replay(Replay replay) {
  answer({.step = engine_.step(), .replay = std::move(replay)});
}

void Watchdog::answer(Answered answered) {
  if (!watches_values_ && !watches_rates_)  // nothing will be run again
    std::erase_if(answered_, [&](const Answered& a) { return a.step < answered.step; });
  answered_.push_back(std::move(answered));
}

/// Up to `n_steps`, no further than to where something is to be put in, which is there then, or presented.
void Watchdog::step_on(std::uint64_t n_steps, Block& out) {
  const auto presented = std::ranges::lower_bound(presented_, engine_.step(), std::less(), &Presented::step);
  const bool is_due_here = presented != presented_.end() && presented->step == engine_.step();
  if (is_due_here) engine_.present(*presented);
  const auto next_presented = is_due_here ? presented + 1 : presented;
  if (next_presented != presented_.end()) n_steps = std::min(n_steps, next_presented->step - engine_.step());
  for (const Answered& answered : answered_) {
    if (answered.step > engine_.step()) {
      n_steps = std::min(n_steps, answered.step - engine_.step());
      break;
    }
    if (answered.step < engine_.step()) continue;
    if (answered.reward)
      engine_.give_reward(answered.region, *answered.reward);
    else if (answered.replay.current_pA.empty())
      engine_.give_novelty(answered.region, answered.novelty, 0);
    else
      engine_.replay(answered.replay);
  }
  const auto next = std::ranges::upper_bound(injections_, engine_.step(), std::less(), &Injection::step);
  if (next != injections_.end()) n_steps = std::min(n_steps, next->step - engine_.step());
  engine_.advance(n_steps, out);
  const auto is_due = [&](const Injection& injection) { return injection.step == engine_.step(); };
  if (std::ranges::none_of(injections_, is_due)) return;
  EngineState state = engine_.save();
  for (const Injection& injection : injections_)
    if (is_due(injection)) inject(injection, state);
  engine_.restore(state);
  out.unsound = out.unsound || find_unsound(state, bound_mV_).has_value();
}

/// Stops before `step` where a block is not sound.
void Watchdog::run_to(std::uint64_t step, std::uint64_t at_once) {
  while (engine_.step() < step) {
    step_on(std::min(step - engine_.step(), at_once), scratch_);
    if (scratch_.unsound && at_once == 1) return;
  }
}

/// From the younger state of those that are old enough.
void Watchdog::come_again_to(std::uint64_t step) {
  engine_.restore(newer_->step <= step ? *newer_ : *older_);
  run_to(step, ~std::uint64_t{0});
}

// --- what is found ----------------------------------------------------------------------------------------

/// The engine's bit tells neither what is not sound nor whether it was so before. What is not finite stays so
/// to the end of the block; beside it, a V beyond its bound is nothing to look for any more.
bool Watchdog::is_news(const Block& block) const {
  if (!block.unsound || state_.non_finite_is_known) return false;
  return !state_.divergence_is_known || find_unsound(engine_.save_neurons(), bound_mV_).has_value();
}

/// Whether the run goes on with it.
void Watchdog::set_known(const Finding& finding, bool is_known) {
  if (finding.sign == WatchdogSign::non_finite) {
    state_.non_finite_is_known = is_known;
  } else {
    state_.divergence_is_known = is_known;
    bound_mV_ = is_known ? largest_real(spec_.simulation.precision) : bound_mV(spec_);
  }
}

/// At most one of either sign, the first first. The engine stands at the end of the block again, or, where
/// the run does not simply go on with the last of them, the block is cut to where that was seen.
std::vector<Finding> Watchdog::find_in_values(Block& out) {
  std::vector<Finding> findings;
  while (is_news(out)) {
    Finding& finding = findings.emplace_back(find_first(out));
    finding.action = spec_.watchdog.action(finding.sign);
    finding.history = history_of(finding);
    add_inputs(finding);
    if (finding.action >= WatchdogAction::clamp) {
      out.cut_after(finding.seen_step);
      break;
    }
    set_known(finding, true);
    come_again_to(out.first_step + out.n_steps - 1);
  }
  return findings;
}

/// The engine stands at the finding's step then.
Finding Watchdog::find_first(const Block& block) {
  std::uint64_t seen = block.first_step + block.n_steps - 1;
  come_again_to(block.first_step - 1);
  if (!state_.divergence_is_known) {
    run_to(seen, 1);
    seen = engine_.step();
    // V is looked at in every eighth step only: it may have left its bound somewhat earlier, also in the
    // block before.
    come_again_to(std::max(older_->step, seen - std::min(seen, kBoundInterval)));
  }
  EngineState before;
  EngineState after = engine_.save_neurons();
  std::optional<Unsoundness> found;
  while (!found) {
    SHARPWAVE_ASSERT(engine_.step() < seen);
    before = std::exchange(after, EngineState());
    run_to(engine_.step() + 1, 1);
    after = engine_.save_neurons();
    found = find_unsound(after, bound_mV_);
  }
  if (state_.divergence_is_known) seen = engine_.step();
  const PopulationState& population = after.populations[found->first.population];
  Finding finding{.step = engine_.step(), .seen_step = seen, .population = population.name};
  finding.value = {.neuron = found->first.neuron,
                   .variable = population.variables[found->first.variable].name,
                   .value = value_at(after, found->first),
                   .before = value_at(before, found->first),
                   .n_unsound = found->count};
  const bool finite = std::abs(finding.value->value) <= largest_real(spec_.simulation.precision);
  finding.sign = finite ? WatchdogSign::divergence : WatchdogSign::non_finite;
  if (found->first.variable == 0) {
    const double E_L = E_L_mV(spec_, population, found->first.neuron);
    finding.value->value += E_L;
    finding.value->before += E_L;
  }
  return finding;
}

/// Runs the last steps again, with a look at one neuron; the engine stands at the finding's step then.
History Watchdog::history_of(const Finding& finding) {
  const auto population = static_cast<std::uint32_t>(
      std::ranges::find(spec_.populations, finding.population, &PopulationSpec::name) -
      spec_.populations.begin());
  const std::uint32_t neuron = finding.value ? finding.value->neuron : 0;
  ReportSpec report{.name = "history",
                    .slice = {.population = population, .start = neuron, .stop = neuron + 1},
                    .variables = recordables(model_info(spec_.populations[population].neurons()->model))};
  History history;
  history.trace.population = finding.population;
  history.trace.neuron = neuron;
  for (const Recordable& variable : report.variables) history.trace.variables.emplace_back(name_of(variable));
  history.trace.values.resize(report.variables.size());

  const std::uint64_t wanted = finding.step - std::min(finding.step, history_steps(spec_) - 1);
  come_again_to(std::max(wanted, older_->step));
  history.first_step = engine_.step() + 1;
  engine_.record({report});
  while (engine_.step() < finding.step) {
    step_on(finding.step - engine_.step(), scratch_);
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
  engine_.record(reports_);
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
  const EngineState before = engine_.save_neurons();
  run_to(step, 1);
  // From here on nothing can be run again: the engine would not come to the same state.
  let_go();
  EngineState state = engine_.save();
  clamp_unsound(state, before, bound_mV_);
  engine_.restore(state);
  older_ = newer_ = std::make_shared<const EngineState>(std::move(state));
}

/// @return whether it keeps its history: the first few of a sign do, and what halts the run.
bool Watchdog::count(const Finding& finding) {
  const bool is_among_first = state_.n_found[static_cast<std::size_t>(finding.sign)]++ < kMostHistories;
  return finding.action == WatchdogAction::halt || (is_among_first && finding.action != WatchdogAction::log);
}

/// Does what the config says, or leaves it to the caller, and sees to it that block and engine end with the
/// finding's step where the run does not simply go on.
void Watchdog::act_on(Finding finding, Block& out, std::optional<Finding>& caller) {
  const std::uint64_t end = out.first_step + out.n_steps - 1;
  const bool repairs = finding.action == WatchdogAction::clamp ||
                       finding.action == WatchdogAction::throttle ||
                       finding.action == WatchdogAction::rollback;
  if (repairs && !may_repair()) finding.action = WatchdogAction::halt;
  if (!count(finding))
    finding.history.reset();
  else if (!finding.history && !finding.frozen)
    finding.history = history_of(finding);
  if (finding.action == WatchdogAction::log || finding.action == WatchdogAction::warn) {
    if (engine_.step() != end) come_again_to(end);
    tell_(finding);
    return;
  }
  if (engine_.step() != finding.seen_step) come_again_to(finding.seen_step);
  out.cut_after(finding.seen_step);
  if (finding.action == WatchdogAction::clamp) {
    clamp(finding.seen_step);
    tell_(finding);
  } else {
    caller = std::move(finding);
  }
}

/// Beside one that is acted on.
void Watchdog::tell_beside(Finding finding) {
  if (finding.action == WatchdogAction::off) return;
  finding.action = std::min(finding.action, WatchdogAction::warn);
  if (!count(finding)) finding.history.reset();
  tell_(finding);
}

std::optional<Finding> Watchdog::advance(std::uint64_t n_steps, Block& out) {
  if (watches_values_ || watches_rates_) take_snapshot();
  step_on(std::min(n_steps, frozen_.steps_left(engine_.step())), out);
  std::vector<Finding> in_values;
  if (watches_values_) in_values = find_in_values(out);
  std::optional<Finding> caller = look_at_rates(out);
  for (Finding& finding : in_values) {
    if (!caller) {
      if (finding.action != WatchdogAction::off) act_on(std::move(finding), out, caller);
    } else if (finding.step > caller->step ||
               (finding.action >= WatchdogAction::clamp && caller->action == WatchdogAction::throttle)) {
      set_known(finding, false);  // it did not happen, or is found again in the next step
    } else {
      tell_beside(std::move(finding));
    }
  }
  look_at_learning(out, caller);
  return caller;
}

/// After all else: the engine stands at the end of the block.
void Watchdog::look_at_learning(Block& out, std::optional<Finding>& caller) {
  std::vector<Finding> findings;
  frozen_.take(out, engine_, findings);
  for (Finding& finding : findings) {
    finding.action = spec_.watchdog.action(finding.sign);
    if (caller)
      tell_beside(std::move(finding));
    else
      act_on(std::move(finding), out, caller);
  }
}

std::optional<Finding> Watchdog::look_at_rates(Block& out) {
  std::optional<Finding> caller;
  if (!watches_rates_) return caller;
  std::vector<Finding> findings;
  if (!rates_.may_find(out)) {
    rates_.take(out, findings);
    return caller;
  }
  const RateState before = rates_.state();
  rates_.take(out, findings);
  for (std::size_t k = 0; k < findings.size(); ++k) {
    findings[k].action = spec_.watchdog.action(findings[k].sign);
    act_on(std::move(findings[k]), out, caller);
    if (!caller) continue;
    // Others of the same window are told, and one is acted on.
    for (++k; k < findings.size() && findings[k].step == caller->step; ++k) {
      findings[k].action = spec_.watchdog.action(findings[k].sign);
      tell_beside(std::move(findings[k]));
    }
    rates_.go_on_from(before);
    findings.clear();
    rates_.take(out, findings);  // of the block that is shorter now, and told already
    break;
  }
  return caller;
}

}  // namespace sharpwave
