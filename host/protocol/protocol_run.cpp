#include "host/protocol/protocol_run.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "host/base/error.hpp"
#include "host/network/random_streams.hpp"
#include "host/protocol/labels.hpp"

namespace sharpwave {

ProtocolRun::ProtocolRun(const ModelSpec& spec) : spec_(spec), protocol_(*spec.protocol) {
  const std::size_t n = protocol_.phases.size();
  state_.trials.resize(n);
  state_.repeats.resize(n);
  state_.correct.resize(n);
  const auto n_tests =
      static_cast<std::size_t>(std::ranges::count_if(protocol_.phases, &PhaseSpec::is_to_test));
  state_.confusion.resize(n_tests * protocol_.n_classes * (protocol_.n_classes + std::size_t{1}));
  begin_phase();
  begin_attempt();
}

ProtocolRun::ProtocolRun(const ModelSpec& spec, const ProtocolState& state, std::uint64_t step)
    : ProtocolRun(spec) {
  const ProtocolState fresh = std::exchange(state_, state);
  const auto refuse = [](const char* what) {
    throw Error(ExitCode::damaged_data, std::string("the state does not fit the protocol: ") + what);
  };
  if (const auto fault = find_fault(state); fault) refuse((fault->column + " " + fault->what).c_str());
  if (state.position.size() != kPositionNumbers) refuse("there is none");
  if (state.trials.size() != fresh.trials.size() || state.confusion.size() != fresh.confusion.size())
    refuse("it has another number of phases or classes");
  phase_ = state.position[0];
  trial_ = state.position[1];
  attempt_ = state.position[2];
  begin_ = state.position[3];
  spikes_ = state.position[4];
  if (phase_ > protocol_.phases.size()) refuse("it is in a phase that is not there");
  if (is_over()) return;
  if (trial_ >= phase().n_trials() || attempt_ >= phase().repeat.most_times)
    refuse("it is in a trial that is not there");
  if (begin_ > step || step - begin_ >= phase().attempt_steps()) refuse("it is in no attempt at that step");
  if (state.counts.size() != (phase().keeps_responses() ? n_neurons() : 0))
    refuse("it counts spikes of another number of neurons");
  const std::uint64_t n_classes = state.labelled.size();
  if ((n_classes != 0 && n_classes != protocol_.n_classes) ||
      (phase().keeps_responses() && (n_classes == 0 || state.responses.size() != n_classes * n_neurons())))
    refuse("it has responses of other neurons or classes");
  begin_phase();
}

// --- where it stands --------------------------------------------------------------------------------------

std::uint64_t ProtocolRun::steps_left(std::uint64_t step) const {
  if (is_over()) return 0;
  const std::uint64_t since = step - begin_;
  return since < phase().duration_steps ? phase().duration_steps - since : phase().attempt_steps() - since;
}

std::optional<Presented> ProtocolRun::due(std::uint64_t step) const {
  if (is_over()) return std::nullopt;
  Presented presented{.step = step, .learning = phase().learning};
  if (step == begin_ && phase().duration_steps > 0 && phase().stimulus) {
    presented.stimulus = *phase().stimulus;
    presented.item = item();
    presented.gain = gain();
    return presented;
  }
  if (step == begin_ || step == begin_ + phase().duration_steps) return presented;
  return std::nullopt;
}

double ProtocolRun::gain() const {
  return 1 + phase().repeat.gain_step * static_cast<double>(attempt_);
}

std::uint32_t ProtocolRun::item() const {
  return order_[trial_ % order_.size()];
}

std::size_t ProtocolRun::n_neurons() const {
  return phase().responses ? spec_.populations[*phase().responses].size : 0;
}

// --- what was fired ---------------------------------------------------------------------------------------

void ProtocolRun::count(const Block& block) {
  if (!phase().responses) return;
  const std::uint64_t last = begin_ + phase().duration_steps;
  const std::uint64_t end_id = first_id_ + n_neurons();
  for (std::uint64_t i = 0; i < block.n_steps && block.first_step + i <= last; ++i)
    for (std::uint64_t k = block.offsets[i]; k < block.offsets[i + 1]; ++k) {
      const std::uint32_t id = block.ids[k];
      if (id < first_id_ || id >= end_id) continue;
      ++spikes_;
      if (phase().keeps_responses()) ++state_.counts[id - first_id_];
    }
}

std::optional<Trial> ProtocolRun::take(const Block& block) {
  SHARPWAVE_ASSERT(!is_over() && block.first_step > begin_);
  const std::uint64_t step = block.first_step + block.n_steps - 1;
  count(block);
  const std::uint64_t end = begin_ + phase().attempt_steps();
  SHARPWAVE_ASSERT(step <= end);
  if (step < end) return std::nullopt;
  std::optional<Trial> trial = end_attempt();
  begin_ = end;
  if (!is_over()) begin_attempt();
  return trial;
}

std::optional<Trial> ProtocolRun::end_attempt() {
  const RepeatSpec& repeat = phase().repeat;
  if (spikes_ < repeat.below && attempt_ + 1 < repeat.most_times) {
    ++attempt_;
    return std::nullopt;
  }
  Trial trial = finished();
  learn_from(trial);
  ++state_.trials[phase_];
  state_.repeats[phase_] += attempt_;
  attempt_ = 0;
  const std::uint64_t epoch_length = phase().stimulus ? phase().items.size() : 1;
  if (++trial_ == phase().n_trials()) {
    ++phase_;
    trial_ = 0;
    if (!is_over()) begin_phase();
  } else if (trial_ % epoch_length == 0) {
    order_items();
  }
  return trial;
}

Trial ProtocolRun::finished() const {
  Trial trial{.phase = static_cast<std::uint32_t>(phase_),
              .attempts = static_cast<std::uint32_t>(attempt_ + 1),
              .gain = gain(),
              .first_step = begin_ + 1,
              .spikes = spikes_,
              .counts = state_.counts};
  if (stimulus() == nullptr) return trial;
  trial.item = item();
  if (!stimulus()->labels.empty()) trial.label = stimulus()->labels[trial.item];
  return trial;
}

void ProtocolRun::learn_from(Trial& trial) {
  if (phase().is_to_label) {
    ++state_.labelled[trial.label];
    std::uint64_t* sums = state_.responses.data() + trial.label * n_neurons();
    for (std::size_t i = 0; i < trial.counts.size(); ++i) sums[i] += trial.counts[i];
  }
  if (!phase().is_to_test) return;
  trial.told = told_class(trial.counts, classes_, protocol_.n_classes);
  if (trial.told == trial.label) ++state_.correct[phase_];
  ++confusion_of(phase_, trial.label)[std::min(trial.told, protocol_.n_classes)];
}

std::uint64_t* ProtocolRun::confusion_of(std::size_t phase, std::uint32_t label) {
  const auto before = static_cast<std::size_t>(
      std::count_if(protocol_.phases.begin(), protocol_.phases.begin() + static_cast<std::ptrdiff_t>(phase),
                    [](const PhaseSpec& p) { return p.is_to_test; }));
  return state_.confusion.data() +
         (before * protocol_.n_classes + label) * (protocol_.n_classes + std::size_t{1});
}

// --- what comes next --------------------------------------------------------------------------------------

// Also where a run goes on in the middle of it.
void ProtocolRun::begin_phase() {
  order_items();
  first_id_ = 0;
  for (std::uint32_t i = 0; phase().responses && i < *phase().responses; ++i)
    if (!spec_.populations[i].is_virtual()) first_id_ += spec_.populations[i].size;
  const bool is_at_its_beginning = trial_ == 0 && attempt_ == 0 && state_.trials[phase_] == 0;
  if (phase().is_to_label && is_at_its_beginning) {
    state_.labelled.assign(protocol_.n_classes, 0);
    state_.responses.assign(protocol_.n_classes * n_neurons(), 0);
  }
  if (!phase().is_to_test) return;
  if (state_.responses.size() != state_.labelled.size() * n_neurons())
    throw Error(ExitCode::damaged_data,
                "the state does not fit the protocol: it has responses of other neurons or classes");
  classes_ = classes_of_neurons(state_.responses, state_.labelled, n_neurons());
}

void ProtocolRun::begin_attempt() {
  spikes_ = 0;
  state_.counts.assign(phase().keeps_responses() ? n_neurons() : 0, 0);
}

void ProtocolRun::order_items() {
  order_ = phase().items;
  if (!phase().is_shuffled) return;
  const std::uint64_t epoch = trial_ / order_.size();
  const PhiloxKey key = stream_key(RandomPurpose::trial_order, spec_.simulation.seed, phase().name);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> drawn;
  for (std::uint32_t i = 0; i < order_.size(); ++i) {
    const PhiloxBlock words = philox4x32_10(key, i, epoch);
    drawn.emplace_back(std::uint64_t{words.w1} << 32 | words.w0, i);
  }
  std::ranges::sort(drawn);
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = phase().items[drawn[i].second];
}

// --- what it has come to ----------------------------------------------------------------------------------

ProtocolState ProtocolRun::state() const {
  ProtocolState state = state_;
  state.position = {phase_, trial_, attempt_, begin_, spikes_};
  return state;
}

TrialProgress ProtocolRun::progress(std::uint64_t before) const {
  TrialProgress progress{.n = protocol_.n_trials(), .before = before};
  for (std::size_t k = 0; k < protocol_.phases.size(); ++k) {
    progress.done += state_.trials[k];
    if (!protocol_.phases[k].is_to_test) continue;
    progress.tested += state_.trials[k];
    progress.correct += state_.correct[k];
  }
  if (!is_over()) progress.phase = phase().name;
  return progress;
}

std::vector<PhaseResult> ProtocolRun::results() const {
  std::vector<PhaseResult> results;
  const std::uint64_t* row = state_.confusion.data();
  for (std::size_t k = 0; k < protocol_.phases.size(); ++k) {
    const PhaseSpec& phase = protocol_.phases[k];
    PhaseResult& result = results.emplace_back(PhaseResult{.name = phase.name,
                                                           .n_trials = phase.n_trials(),
                                                           .trials = state_.trials[k],
                                                           .repeats = state_.repeats[k],
                                                           .is_to_test = phase.is_to_test,
                                                           .correct = state_.correct[k]});
    for (std::uint32_t c = 0; phase.is_to_test && c < protocol_.n_classes; ++c) {
      result.confusion.emplace_back(row, row + protocol_.n_classes + 1);
      row += protocol_.n_classes + 1;
    }
  }
  return results;
}

}  // namespace sharpwave
