// Saving what the CPU engine's next step depends on, going on from it, and looking whether it is sound.
//
// Input under way is not saved but flown again: delivery is exact, so the spikes of the last steps put the
// same integers into the accumulators, whatever the layout is.
#include <algorithm>
#include <cstring>
#include <functional>
#include <thread>

#include "host/base/error.hpp"
#include "host/engine/cpu_engine.hpp"
#include "kernels/soundness.hpp"

namespace sharpwave {
namespace {

// Calls visit(place, element) for each neuron of a segment: place in its population, element in the part.
template <class Visit>
void for_each_neuron(const Segment& segment, std::uint32_t n_parts, const Visit& visit) {
  for (std::uint32_t i = 0; i < segment.n; ++i) visit(segment.first_index + i * n_parts, segment.begin + i);
}

template <class State>
auto& state_of(State& state, const std::string& name) {
  return *std::find_if(state.populations.begin(), state.populations.end(),
                       [&](const PopulationState& p) { return p.name == name; });
}

}  // namespace

void CpuEngine::fill_neurons(EngineState& out) const {
  const std::uint32_t n_parts = net_.shape.n_parts();
  for (const ThreadState& t : threads_)
    for (const Part& part : t.parts)
      for (const Segment& segment : part.segments) {
        if (segment.parrots) continue;
        PopulationState& to = state_of(out, spec_.populations[segment.population].name);
        for (std::size_t k = 0; k < to.variables.size(); ++k)
          std::visit(
              [&]<class Real>(std::vector<Real>& values) {
                const auto* from = reinterpret_cast<const Real*>(part.state[k].data());
                for_each_neuron(segment, n_parts, [&](std::uint32_t place, std::uint32_t element) {
                  values[place] = from[element];
                });
              },
              to.variables[k].values);
        for_each_neuron(segment, n_parts, [&](std::uint32_t place, std::uint32_t element) {
          to.refractory_steps[place] = part.refractory[element];
        });
      }
}

EngineState CpuEngine::save_neurons() const {
  EngineState out{.step = step_, .populations = layout_.blank().populations};
  fill_neurons(out);
  return out;
}

EngineState CpuEngine::save() const {
  EngineState out = layout_.blank();
  out.step = step_;
  fill_neurons(out);
  out.under_way = under_way_;
  for (std::size_t k = 0; k < out.plastic.size(); ++k) {
    std::vector<const PlasticProjection*> shares;
    for (const ThreadState& t : threads_) shares.push_back(&t.plastic[k]);
    PlasticProjection::save(static_cast<std::int64_t>(step_), shares, out.plastic[k]);
  }
  out.regions = threads_[0].modulation->save(step_);
  out.presented = presented_;
  if (replay_.is_in_force(std::max<std::uint64_t>(step_, 1)) || replay_.is_in_force(step_ + 1))
    out.replay = replay_;
  return out;
}

// What was played until now ends with a step in which currents change: that of the next.
void CpuEngine::replay(Replay replay) {
  SHARPWAVE_ASSERT(spec_.replayed_into && replay.after == step_ && replay.until > step_ &&
                   replay.current_pA.size() == spec_.populations[*spec_.replayed_into].size);
  const bool is_played = replay_.is_in_force(step_);
  replay_ = std::move(replay);
  if (!is_played) return;  // what begins is seen by itself
  for (ThreadState& t : threads_)
    for (Part& part : t.parts)
      for (Segment& segment : part.segments)
        if (segment.population == *spec_.replayed_into) set_bias(segment, step_ + 1);
}

void CpuEngine::present(const Presented& presented) {
  const bool was_learning = is_learning(presented_);
  add_presented(presented_, presented, spec_, step_, net_.longest_delay);
  if (presented.learning == was_learning) return;
  for (ThreadState& t : threads_) set_learning(t, presented.learning);
}

// From the next step on.
void CpuEngine::set_learning(ThreadState& t, bool learning) const {
  for (PlasticProjection& plastic : t.plastic)
    plastic.set_learning(learning, static_cast<std::int64_t>(step_) + 1);
  for (Part& part : t.parts)
    for (Segment& segment : part.segments)
      if (!segment.parrots) set_theta(segment, learning);
}

void CpuEngine::set_theta(Segment& segment, bool adapts) const {
  const PopulationParameters& given = given_.parameters[segment.population];
  const std::uint32_t n_values = given.per_neuron ? segment.n : 1;
  for (const std::size_t k : theta_parameters(given.model))
    for (std::uint32_t i = 0; i < n_values; ++i) {
      const std::uint32_t index = segment.first_index + i * net_.shape.n_parts();
      store_real(segment.parameters[k], i, real_size_,
                 adapts ? PopulationParameters::at(given.values[k], index) : 0);
    }
}

template <class Visit>
void CpuEngine::for_each_share(std::uint32_t projection, const Visit& visit) const {
  const auto rows = std::ranges::find(net_.plastic, projection, &PlasticRows::projection);
  if (rows == net_.plastic.end()) return;
  const auto k = static_cast<std::size_t>(rows - net_.plastic.begin());
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < threads_.size(); ++thread)
    others.emplace_back([&, thread] { visit(threads_[thread].plastic[k], thread); });
  visit(threads_[0].plastic[k], std::size_t{0});
}

std::vector<PlasticityReading> CpuEngine::read_plasticity() const {
  std::vector<PlasticityReading> readings;
  for (const PlasticRows& rows : net_.plastic) {
    std::vector<PlasticityReading> of_threads(threads_.size());
    for_each_share(rows.projection, [&](const PlasticProjection& share, std::size_t thread) {
      share.read(static_cast<std::int64_t>(step_), of_threads[thread]);
    });
    PlasticityReading sum = of_threads[0];
    for (std::size_t thread = 1; thread < of_threads.size(); ++thread) sum += of_threads[thread];
    sum.projection = rows.projection;
    readings.push_back(sum);
  }
  return readings;
}

std::vector<LearningReading> CpuEngine::read_learning() const {
  std::vector<LearningReading> readings;
  for (std::size_t k = 0; k < net_.plastic.size(); ++k) {
    LearningReading& sum = readings.emplace_back(LearningReading{.projection = net_.plastic[k].projection});
    for (const ThreadState& t : threads_) sum.changed += t.plastic[k].changed();
    if (!threads_[0].plastic[k].has_eligibilities()) continue;
    std::vector<std::uint64_t> of_threads(threads_.size());
    for_each_share(sum.projection, [&](const PlasticProjection& share, std::size_t thread) {
      of_threads[thread] = share.eligibility(static_cast<std::int64_t>(step_));
    });
    for (const std::uint64_t of_thread : of_threads) sum.eligibility += of_thread;
  }
  return readings;
}

std::vector<float> CpuEngine::read_weights(std::uint32_t projection, std::uint32_t every) const {
  std::vector<float> weights;
  const auto rows = std::ranges::find(net_.plastic, projection, &PlasticRows::projection);
  if (rows != net_.plastic.end()) weights.resize((rows->n_synapses() + every - 1) / every);
  for_each_share(projection, [&](const PlasticProjection& share, std::size_t) {
    share.read_weights(static_cast<std::int64_t>(step_), every, weights);
  });
  return weights;
}

// All threads have the same.
std::vector<ModulatorLevels> CpuEngine::read_modulators() const {
  return threads_[0].modulation->levels();
}

PlasticSynapses CpuEngine::plastic_synapses(std::uint32_t projection, std::uint32_t every) const {
  PlasticSynapses synapses;
  const auto rows = std::ranges::find(net_.plastic, projection, &PlasticRows::projection);
  if (rows == net_.plastic.end()) return synapses;
  const std::size_t n = (rows->n_synapses() + every - 1) / every;
  synapses.sources.resize(n);
  synapses.targets.resize(n);
  synapses.delay_steps.resize(n);
  for_each_share(projection,
                 [&](const PlasticProjection& share, std::size_t) { share.list_synapses(every, synapses); });
  return synapses;
}

void CpuEngine::restore_part(Part& part, const EngineState& state) {
  const std::uint32_t n_parts = net_.shape.n_parts();
  for (Segment& segment : part.segments) {
    if (segment.parrots) continue;
    set_bias(segment, std::max<std::uint64_t>(state.step, 1));
    const PopulationState& from = state_of(state, spec_.populations[segment.population].name);
    for (std::size_t k = 0; k < from.variables.size(); ++k)
      std::visit(
          [&]<class Real>(const std::vector<Real>& values) {
            auto* to = reinterpret_cast<Real*>(part.state[k].data());
            for_each_neuron(segment, n_parts,
                            [&](std::uint32_t place, std::uint32_t element) { to[element] = values[place]; });
          },
          from.variables[k].values);
    for_each_neuron(segment, n_parts, [&](std::uint32_t place, std::uint32_t element) {
      part.refractory[element] = from.refractory_steps[place];
    });
  }
  for (Bytes& accumulators : part.accumulators) std::memset(accumulators.data(), 0, accumulators.size());
}

void CpuEngine::begin_flights(ThreadState& t, std::int64_t first_step) const {
  for (auto& queues : t.flying)
    for (FlightQueue& queue : queues) queue = {};
  for (auto& departures : t.departures) std::fill(departures.begin(), departures.end(), 0);
  for (auto& of_class : t.recent)
    for (auto& sources : of_class) sources.clear();
  for (Letter& letter : t.letters.both()) letter.clear();
  const auto before = [](const FileSpike& spike, std::uint64_t step) { return spike.step < step; };
  const auto first = static_cast<std::uint64_t>(std::max<std::int64_t>(first_step, 0));
  t.next_file_spike = static_cast<std::size_t>(
      std::lower_bound(file_spikes_.begin(), file_spikes_.end(), first, before) - file_spikes_.begin());
}

// What fired in `step`, to where the next step looks for it.
void CpuEngine::put_spikes(ThreadState& t, const EngineState& state, std::int64_t step) const {
  const SpikesUnderWay& under_way = state.under_way;
  const std::int64_t age = static_cast<std::int64_t>(state.step) - step;
  const std::int64_t row = static_cast<std::int64_t>(under_way.offsets.size()) - 2 - age;
  std::span<const std::uint32_t> ids;
  if (row >= 0) {
    const std::uint64_t* const bounds = under_way.offsets.data() + row;
    ids = std::span(under_way.ids).subspan(bounds[0], bounds[1] - bounds[0]);
  }
  for (Part& part : t.parts) {
    SpikeList& spikes = part.spikes[t.round];
    for (const std::uint32_t id : ids) {
      if (id % net_.shape.n_parts() != part.index) continue;
      *spikes.next(1) = id;
      spikes.add(1);
    }
    spikes.end_step();
  }
}

// What a step's update would have taken.
void CpuEngine::drop_input(ThreadState& t, std::uint64_t step) const {
  const std::uint32_t width = net_.shape.slot_width;
  const std::size_t bytes = net_.shape.cells_per_step * accumulator_size_;
  for (Part& part : t.parts)
    for (std::size_t r = 0; r < part.accumulators.size(); ++r) {
      const auto receptor = static_cast<int>(r);
      std::memset(accumulator(part, receptor, step % width, 0), 0, bytes);
      if (width > 1) std::memset(accumulator(part, receptor, step % width + width, 0), 0, bytes);
    }
}

// A step as run_steps() makes it, by itself a round, but that nobody fires and input is dropped.
void CpuEngine::fly(int thread, std::int64_t step) {
  ThreadState& t = threads_[static_cast<std::size_t>(thread)];
  // Steps may be negative here, as far back as plastic synapses know their sources' spikes; everything in the
  // air repeats after a period.
  const std::uint64_t period = 2 * depth_ * net_.shape.slot_width;
  const std::uint64_t turn = (net_.longest_delay / period + 1) * period;
  const std::uint64_t shifted = static_cast<std::uint64_t>(step) + turn;
  gather(t, shifted, Arrivals::known);
  deliver(t, shifted);
  deliver_bits(t, shifted, Arrivals::known);
  take_spikes(thread, t.round, shifted - 1);
  gather(t, shifted, Arrivals::urgent);
  deliver(t, shifted);
  deliver_bits(t, shifted, Arrivals::urgent);
  drop_input(t, shifted);
}

void CpuEngine::restore(const EngineState& state) {
  layout_.check(state);
  const auto last = static_cast<std::int64_t>(state.step);
  const auto first = last + 1 - static_cast<std::int64_t>(net_.longest_delay);
  presented_ = state.presented;
  replay_ = state.replay;
  pool_.run([&](int thread) {
    ThreadState& t = threads_[static_cast<std::size_t>(thread)];
    for (Part& part : t.parts) restore_part(part, state);
    begin_flights(t, first);
    t.modulation->restore(state.step, state.regions);
    for (std::size_t k = 0; k < t.plastic.size(); ++k) t.plastic[k].restore(last, state.plastic[k]);
    t.presented.emplace(spec_, net_, thread, static_cast<std::uint64_t>(pool_.size()));
  });
  for (std::int64_t step = first; step <= last; ++step) {
    if (step > first) pool_.run([&](int thread) { fly(thread, step); });
    pool_.run([&](int thread) {
      ThreadState& t = threads_[static_cast<std::size_t>(thread)];
      t.begin_round();
      put_spikes(t, state, step);
      // Those of step 0 fire when step 1 begins.
      if (step >= 0 && last > 0)
        fire_sources(t, thread, static_cast<std::uint64_t>(step));
      else
        t.sources[t.round].end_step();
    });
  }
  step_ = state.step;
  for (ThreadState& t : threads_)
    for (Letter& letter : t.letters.both()) letter.publish(step_);
  for (ThreadState& t : threads_) set_learning(t, is_learning(presented_));
  under_way_ = state.under_way;
  layout_.forget(under_way_);
}

// --- looking at it
// ------------------------------------------------------------------------------------------

bool CpuEngine::is_sound(const ThreadState& t, double bound_mV, int most_states) const {
  for (const Part& part : t.parts)
    for (const Segment& segment : part.segments) {
      const int n_states = std::min(
          most_states, static_cast<int>(std::ranges::count_if(segment.update.state, std::identity())));
      if (n_states > 0 && !kernels_.all_sound[real_size_ == sizeof(double) ? 1 : 0](
                              segment.update.state, n_states, segment.update.n, bound_mV))
        return false;
    }
  return true;
}

// V, the first variable, may come back from beyond the bound, so that it is looked at now and then; what is
// not finite stays so.
void CpuEngine::look(ThreadState& t, std::uint64_t step, bool last) const {
  if (bound_mV_ < largest_real_ && step % kBoundInterval == 0) t.unsound |= !is_sound(t, bound_mV_, 1);
  if (last) t.unsound |= !is_sound(t, largest_real_, kMaxStates);
}

}  // namespace sharpwave
