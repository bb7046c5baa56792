#include "host/engine/plasticity.hpp"

#include <algorithm>
#include <cmath>

#include "host/network/plastic_rows.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/learning_rates.hpp"

namespace sharpwave {
namespace {

/// Of a time constant far below a step nothing is left after it.
DecayRate rate_of(double tau_ms, double dt_ms) {
  return DecayRate::of(std::min(dt_ms / tau_ms, 1e6));
}

std::uint64_t table_size(double tau_ms, double dt_ms, std::uint64_t window_steps) {
  constexpr double kNothing = 87;  // e^-87 is the smallest normal float; a step may be longer than 28 of them
  const double steps = std::min(std::ceil(kTimeConstants * tau_ms / dt_ms), kNothing * tau_ms / dt_ms);
  const auto size = static_cast<std::uint64_t>(steps) + 1;
  return window_steps > 0 ? std::min(size, window_steps + 1) : size;
}

std::vector<float> decays(double tau_ms, double dt_ms, std::uint64_t window_steps) {
  return decay_values(rate_of(tau_ms, dt_ms), table_size(tau_ms, dt_ms, window_steps));
}

DecayTable table(const std::vector<float>& values, double tau_ms, double dt_ms) {
  return {values.data(), static_cast<std::int64_t>(values.size()), rate_of(tau_ms, dt_ms)};
}

}  // namespace

std::vector<float> decay_values(const DecayRate& rate, std::size_t size) {
  std::vector<float> values;
  for (std::size_t k = 0; k < size; ++k) values.push_back(rate.after(static_cast<std::int32_t>(k)));
  return values;
}

StdpTables::StdpTables(const StdpSpec& spec, double dt_ms)
    : plus_(decays(spec.tau_plus_ms, dt_ms, spec.window_steps)),
      minus_(decays(spec.tau_minus_ms, dt_ms, spec.window_steps)),
      slow_plus_(spec.has_triplets() ? decays(spec.tau_slow_plus_ms, dt_ms, 0) : std::vector<float>()),
      slow_minus_(spec.has_triplets() ? decays(spec.tau_slow_minus_ms, dt_ms, 0) : std::vector<float>()),
      switches_(spec.learning_switches.begin(), spec.learning_switches.end()),
      constants_{.pairing = spec.pairing,
                 .axonal = spec.axonal,
                 .power_law = spec.power_law,
                 .plus = static_cast<float>(spec.A_plus * spec.w_max),
                 .minus = static_cast<float>(spec.A_minus * spec.w_max),
                 .triplet_plus = static_cast<float>(spec.triplet_plus * spec.w_max),
                 .triplet_minus = static_cast<float>(spec.triplet_minus * spec.w_max),
                 .per_pre = static_cast<float>(spec.per_pre * spec.w_max),
                 .mu_plus = static_cast<float>(spec.mu_plus),
                 .mu_minus = static_cast<float>(spec.mu_minus),
                 .w_min = static_cast<float>(spec.w_min),
                 .w_max = static_cast<float>(spec.w_max),
                 .decay_plus = table(plus_, spec.tau_plus_ms, dt_ms),
                 .decay_minus = table(minus_, spec.tau_minus_ms, dt_ms),
                 .decay_slow_plus = table(slow_plus_, spec.tau_slow_plus_ms, dt_ms),
                 .decay_slow_minus = table(slow_minus_, spec.tau_slow_minus_ms, dt_ms),
                 .learning = {switches_.data(), static_cast<std::int64_t>(switches_.size())},
                 .homeostasis = homeostasis_constants(spec, dt_ms)} {
  // What was there before the first step is part of it.
  if (!switches_.empty() && switches_.front() == 0) switches_.front() = kNeverFired;
}

StdpTableSizes::StdpTableSizes(const StdpSpec& spec, double dt_ms) {
  const auto add = [&](double tau_ms, std::uint64_t window_steps) {
    const std::uint64_t size = table_size(tau_ms, dt_ms, window_steps);
    longest = std::max(longest, size);
    sum += size;
  };
  add(spec.tau_plus_ms, spec.window_steps);
  add(spec.tau_minus_ms, spec.window_steps);
  if (!spec.has_triplets()) return;
  add(spec.tau_slow_plus_ms, 0);
  add(spec.tau_slow_minus_ms, 0);
}

std::int64_t StdpTables::memory_steps() const {
  return static_cast<std::int64_t>(
      std::max({plus_.size(), minus_.size(), slow_plus_.size(), slow_minus_.size()}));
}

std::optional<StdpRowArguments> stdp_row_arguments(const StdpConstants& c, const PreSpike& pre,
                                                   std::int64_t epoch) {
  const auto on_clock = [&](std::int64_t step) { return static_cast<std::int32_t>(step - epoch); };
  const std::int64_t late = c.axonal ? 1 : 0;
  StdpRowArguments a{.constants = &c, .origin = on_clock(pre.origin), .end = on_clock(pre.origin - late)};
  if (pre.last == kNeverFired) return a;
  const std::int64_t after = detail::begin_of(pre) - late;
  if (after < epoch) return std::nullopt;
  a.after = on_clock(after);
  a.last = on_clock(pre.last);
  a.trace_after_last = c.pairing == StdpPairing::all_to_all ? pre.trace_at_last + pre.n_at_last : 1.0f;
  if (pre.before_last == kNeverFired) return a;
  a.between = static_cast<std::int32_t>(pre.last - pre.before_last);
  a.trace_at_last = pre.trace_at_last;
  return a;
}

PlasticProjection::PlasticProjection(const ModelSpec& spec, const Network& net, const PlasticRows& rows,
                                     std::uint32_t first_part, std::uint32_t n_parts,
                                     const CpuKernels& kernels, const Neuromodulation& modulation)
    : kernels_(kernels),
      net_(net),
      rows_(rows),
      rule_(*spec.projections[rows.projection].plasticity),
      tables_(rule_, spec.simulation.dt_ms),
      has_triplets_(rule_.has_triplets()),
      has_traces_(has_synapse_traces(rule_)),
      takes_rows_(takes_rows(tables_.constants()) && !rule_.eligibility && !rule_.rate_region),
      keeps_rates_(rule_.rate_region || spec.protocol != nullptr),
      first_part_(first_part),
      first_id_(net.places[rows.source.population].first_source),
      first_target_(net.places[spec.projections[rows.projection].target.population].first_source),
      n_targets_(spec.populations[spec.projections[rows.projection].target.population].size),
      sources_(rows.source.size()),
      flights_(rows.first_delay + rows.n_delays) {
  const std::int64_t longest = rows.longest_delay();
  patience_ = tables_.memory_steps() + 2 * longest + 1;
  if (rule_.eligibility) {
    gate_.emplace(*rule_.eligibility, spec.simulation.dt_ms, longest);
    patience_ = patience_of(*gate_, longest);
    open_gate(0, modulation);
  }
  silent_.resize(static_cast<std::size_t>(patience_) + 1);
  const Slice& target = spec.projections[rows.projection].target;
  for (std::uint32_t p = first_part; p < first_part + n_parts; ++p) {
    const PlasticRows::OfPart& from = rows.parts[p];
    Part part{.posts = PostHistory(net.shape.part_size(p)),
              .weights = HugeBuffer<float>(from.weights.size()),
              .traces = {},
              .first_element = net.shape.first_element(p, first_target_ + target.start),
              .end_element = net.shape.first_element(p, first_target_ + target.stop),
              .spikes = {}};
    if (tables_.constants().homeostasis.is_towards_rate()) part.spikes.resize(net.shape.part_size(p));
    if (has_traces_) part.traces = HugeBuffer<float>(from.weights.size());
    std::copy_n(from.weights.data(), from.weights.size(), part.weights.data());
    parts_.push_back(std::move(part));
  }
}

void PlasticProjection::open_gate(std::int64_t step, const Neuromodulation& modulation) {
  gate_->advance(step, modulation.levels_of_step(rule_.eligibility->region), learns_at(step));
}

void PlasticProjection::set_learning(bool learning, std::int64_t step) {
  learning_ = learning;
  learning_since_ = step;
}

const GateFactors* PlasticProjection::modulating(const Neuromodulation& modulation) const {
  return rule_.rate_region ? &modulation.factors(*rule_.rate_region) : nullptr;
}

void PlasticProjection::fire(std::uint32_t id, std::int64_t step, const Neuromodulation& modulation) {
  const Slice& slice = rows_.source;
  const std::uint32_t index = id - first_id_;  // of what is below it, too large
  if (index < slice.start || index >= slice.stop || (index - slice.start) % slice.stride != 0) return;
  const std::uint32_t position = (index - slice.start) / slice.stride;
  PlasticSource& source = sources_[position];
  std::vector<Flight>& flights = flights_of(step);
  const float rate =
      learning_ ? rate_of_pre(tables_.constants().learning, step, modulating(modulation)) : 0.0f;
  if (source.last == step) {  // once more: of what was before it nothing is left to do
    ++source.n_at_last;
    flights.push_back({position, repeated({.origin = step, .slow = source.slow_at_last, .rate = rate})});
    return;
  }
  const PreSpike spike = following(source, step, rate);
  flights.push_back({position, spike});
  source = {.last = step,
            .before_last = spike.last,
            .since = step,
            .trace_at_last = pre_trace(tables_.constants(), spike),
            .slow_at_last = spike.slow};
  silent_at(step + patience_).push_back(position);
}

bool PlasticProjection::learns_throughout(std::int64_t first, std::int64_t last) const {
  const LearningTimes& learning = tables_.constants().learning;
  if (first == kNeverFired) return true;
  if (!learning_ || first < learning_since_) return false;
  const auto is_between = [&](std::int64_t step) { return step > first && step <= last; };
  return learning.includes(first) &&
         std::none_of(learning.switches, learning.switches + learning.n, is_between);
}

float PlasticProjection::reach(const PostHistory::OfNeuron& posts, const PreSpike& pre, std::uint32_t delay,
                               bool is_spike, float w, float& trace, StdpCounts& counts) const {
  const StdpConstants& c = tables_.constants();
  if (gate_) {
    const GateTable gate = gate_->table();
    const EligibilitySynapse synapse(c, posts, gate, c.axonal ? 0 : std::int64_t{delay});
    return is_spike ? synapse.on_pre(pre, w, trace, counts) : synapse.at(pre, w, trace, counts);
  }
  const StdpSynapse synapse(c, posts);
  return is_spike ? synapse.on_pre(pre, w, trace, counts) : synapse.at(pre, w, trace, counts);
}

template <class Acc>
void PlasticProjection::deliver_synapse(Part& part, const PlasticRows::OfPart& rows, std::uint32_t index,
                                        const PreSpike& pre, std::uint32_t delay, Acc* acc) {
  const std::uint32_t element = rows.elements[index];
  const PostHistory::OfNeuron posts(part.posts, element);
  float none = 0;
  float& trace = has_traces_ ? part.traces[index] : none;
  const float w = reach(posts, pre, delay, true, part.weights[index], trace, counts_);
  part.weights[index] = w;
  acc[element] += static_cast<Acc>(round_to_even(static_cast<double>(w) * rows_.units_per_weight));
}

template <class Acc>
void PlasticProjection::deliver_row(Part& part, const PlasticRows::OfPart& rows, const Flight& flight,
                                    const Flight* next, std::uint32_t delay, bool found_traces, Acc* acc) {
  const PreSpike pre = delayed(flight.spike, delay);
  const std::size_t row = rows_.row(flight.source, delay);
  const std::uint32_t begin = rows.begin[row];
  const std::uint32_t end = rows.begin[row + 1];
  std::optional<StdpRowArguments> arguments;
  if (takes_rows_ && pre.rate != 0.0f && learns_throughout(pre.last, pre.origin))
    arguments = stdp_row_arguments(tables_.constants(), pre, part.posts.epoch());
  if (!arguments) {
    const bool may_stay = !has_traces_ && tables_.constants().per_pre == 0;
    for (std::uint32_t i = begin; i < end; ++i) {
      if (!may_stay || !leaves_as_it_is(part, rows.elements[i], pre)) {
        deliver_synapse(part, rows, i, pre, delay, acc);
        continue;
      }
      ++counts_.updates;
      acc[rows.elements[i]] +=
          static_cast<Acc>(round_to_even(static_cast<double>(part.weights[i]) * rows_.units_per_weight));
    }
    return;
  }
  if (left_.size() < end - begin) left_.resize(end - begin);
  arguments->units_per_weight = rows_.units_per_weight;
  arguments->elements = rows.elements.data() + begin;
  arguments->weights = part.weights.data() + begin;
  arguments->n = end - begin;
  if (next != nullptr) {
    const std::uint32_t next_begin = rows.begin[rows_.row(next->source, delay)];
    arguments->next_elements = rows.elements.data() + next_begin;
    arguments->next_weights = part.weights.data() + next_begin;
  }
  arguments->spikes = part.posts.recent();
  arguments->traces = found_traces ? nullptr : part.posts.recent_traces();
  if constexpr (sizeof(Acc) == sizeof(std::int32_t))
    arguments->narrow = acc;
  else
    arguments->wide = acc;
  arguments->left = left_.data();
  arguments->counts = &counts_;
  const std::uint32_t n_left = kernels_.stdp_row(*arguments);
  for (std::uint32_t k = 0; k < n_left; ++k) deliver_synapse(part, rows, begin + left_[k], pre, delay, acc);
}

// All that left in one step act at the same time: what they find of a target's trace is worth working out
// once where it is asked for often enough.
bool PlasticProjection::find_traces(Part& part, const PlasticRows::OfPart& rows,
                                    const std::vector<Flight>& flights, std::uint32_t delay) {
  if (!takes_rows_) return false;
  const std::uint32_t n_targets = part.end_element - part.first_element;
  std::size_t n_arrivals = 0;
  for (const Flight& flight : flights) {
    const std::size_t row = rows_.row(flight.source, delay);
    n_arrivals += rows.begin[row + 1] - rows.begin[row];
  }
  if (n_arrivals < n_targets) return false;
  part.posts.find_traces(kernels_, tables_.constants(), delayed(flights.front().spike, delay).origin,
                         part.first_element, n_targets);
  return true;
}

void PlasticProjection::deliver(std::int64_t step, std::uint64_t from, std::uint64_t until,
                                const std::vector<PlasticTarget>& targets) {
  const auto end = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(until, std::uint64_t{rows_.first_delay} + rows_.n_delays));
  const std::int64_t changes_before = n_changes();
  const auto first = static_cast<std::uint32_t>(std::max<std::uint64_t>(from, rows_.first_delay));
  for (std::uint32_t delay = first; delay < end; ++delay) {
    const std::vector<Flight>& flights = flights_of(step - delay);
    if (flights.empty()) continue;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const PlasticRows::OfPart& rows = rows_.parts[first_part_ + p];
      const bool found = find_traces(parts_[p], rows, flights, delay);
      for (std::size_t i = 0; i < flights.size(); ++i) {
        const Flight* next = i + 1 < flights.size() ? &flights[i + 1] : nullptr;
        if (targets[p].narrow != nullptr)
          deliver_row(parts_[p], rows, flights[i], next, delay, found, targets[p].narrow);
        else
          deliver_row(parts_[p], rows, flights[i], next, delay, found, targets[p].wide);
      }
    }
  }
  if (n_changes() != changes_before) last_change_ = step;
}

void PlasticProjection::note(std::uint32_t part, std::span<const std::uint32_t> ids, std::int64_t step,
                             const Neuromodulation& modulation) {
  Part& to = parts_[part - first_part_];
  const float rate =
      learning_ ? rate_of_post(tables_.constants().learning, step, modulating(modulation)) : 0.0f;
  for (const std::uint32_t id : ids) {
    const std::uint32_t element = id / net_.shape.n_parts();
    if (element < to.first_element || element >= to.end_element) continue;
    to.posts.add(tables_.constants(), element, step, rate);
    if (!to.spikes.empty()) ++to.spikes[element];
  }
}

void PlasticProjection::follow_up_silent(std::int64_t step) {
  const std::int64_t changes_before = n_changes();
  std::vector<std::uint32_t>& silent = silent_at(step);
  for (const std::uint32_t source : silent)
    if (sources_[source].last != kNeverFired && sources_[source].since + patience_ <= step)
      follow_up(source, step);
  silent.clear();
  if (n_changes() != changes_before) last_change_ = std::max(last_change_, step);
}

void PlasticProjection::end_step(std::int64_t step, bool knows_sources, const Neuromodulation& modulation) {
  if (gate_) open_gate(step, modulation);
  // Room for the spikes of the next step, and of the delays before it.
  flights_of(step + 1).clear();
  if (knows_sources) follow_up_silent(step);
  const std::int64_t changes_before = n_changes();
  end_interval(step);
  if (n_changes() != changes_before) last_change_ = step;
  const std::int64_t memory = std::max(tables_.memory_steps(), patience_) + 2 * rows_.longest_delay();
  for (Part& part : parts_) {
    part.posts.forget_before(step - memory);
    part.posts.set_now(step + 1);
  }
}

// Eligibilities as far as the gate is known at all synapses.
void PlasticProjection::follow_up(std::uint32_t source, std::int64_t step) {
  const std::int64_t until = gate_ ? step - rows_.longest_delay() : step;
  PlasticSource& silent = sources_[source];
  const PreSpike now = following(silent, until, 0);
  const bool is_over = !gate_ || until - silent.last >= tables_.memory_steps() + gate_->memory_steps();
  for (std::uint32_t delay = rows_.first_delay; delay <= rows_.longest_delay(); ++delay) {
    const PreSpike pre = delayed(now, delay);
    const std::size_t row = rows_.row(source, delay);
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      Part& part = parts_[p];
      const PlasticRows::OfPart& rows = rows_.parts[first_part_ + p];
      for (std::uint32_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
        float none = 0;
        float& trace = has_traces_ ? part.traces[i] : none;
        const PostHistory::OfNeuron posts(part.posts, rows.elements[i]);
        part.weights[i] = reach(posts, pre, delay, false, part.weights[i], trace, counts_);
        if (is_over) trace = 0;
      }
    }
  }
  if (is_over) {
    silent = {};
    return;
  }
  silent.since = until;
  silent_at(until + patience_).push_back(source);
}

}  // namespace sharpwave
