// A step's input from outside, and its neurons.
#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"
#include "host/engine/cpu_engine.hpp"
#include "kernels/gains.hpp"

namespace sharpwave {

void CpuEngine::count_poisson(PoissonTargets& targets, const PoissonRate& rate, std::uint64_t stride,
                              std::uint64_t step) const {
  const std::uint64_t draw = (step - 1) / 4;
  const std::size_t piece = rate.piece_at(step);
  if (targets.counted_draw == draw && targets.counted_piece == piece) return;
  targets.counted_draw = draw;
  targets.counted_piece = piece;
  const std::span<const std::uint32_t> thresholds = rate.thresholds_of(piece);
  kernels_.poisson_counts({.key = rate.key,
                           .first_index = targets.first_index,
                           .index_stride = stride,
                           .draw = draw,
                           .thresholds = thresholds.data(),
                           .n_thresholds = static_cast<std::uint32_t>(thresholds.size()),
                           .n = targets.n,
                           .counts = targets.counts.data()});
}

// False where the mother train has no event in this step.
bool CpuEngine::count_copies(PoissonTargets& targets, const SpikeInput& input, std::uint64_t step) const {
  const std::span<const std::uint32_t> thresholds = input.rate.thresholds_of(input.rate.piece_at(step));
  const std::int32_t n_events =
      mip_mother_count(input.rate.key, step, thresholds.data(), static_cast<std::int32_t>(thresholds.size()));
  if (n_events == 0) return false;
  kernels_.mip_counts({.copies = *input.copies,
                       .first_index = targets.first_index,
                       .index_stride = net_.shape.n_parts(),
                       .step = step,
                       .n_events = n_events,
                       .n = targets.n,
                       .counts = targets.counts.data()});
  return true;
}

std::int64_t CpuEngine::input_units(const Neuromodulation& modulation, std::uint32_t input,
                                    std::uint64_t step) const {
  const std::uint32_t population = spec_.inputs[input].target.population;
  const auto region = spec_.populations[population].external_gain;
  const std::int64_t units =
      gained_units(given_.input_weights[input].units, region ? &modulation.factors(*region) : nullptr);
  const Replay* replay = replay_into(population, step);
  return replay == nullptr ? units : blended_units(units, replay->live);
}

void CpuEngine::add_poisson(Part& part, const Neuromodulation& modulation, std::uint64_t step,
                            std::size_t row) {
  for (PoissonTargets& targets : part.poisson) {
    const SpikeInput& input = given_.spike_inputs[targets.input];
    const PoissonRate& rate = input.rate;
    if (rate.thresholds_of(rate.piece_at(step)).empty()) continue;
    if (!input.copies)
      count_poisson(targets, rate, net_.shape.n_parts(), step);
    else if (!count_copies(targets, input, step))
      continue;
    const std::uint64_t* counts = targets.counts.data();
    const auto of_four = input.copies ? 0 : static_cast<std::uint32_t>((step - 1) % 4);
    const std::int64_t units = input_units(modulation, targets.input, step);
    void* acc = accumulator(part, given_.input_weights[targets.input].receptor, row, targets.begin);
    const bool narrow = arithmetic_ == Arithmetic::float_int32;
    for (const std::uint32_t i : targets.chosen) {
      if (narrow)
        static_cast<std::int32_t*>(acc)[i] +=
            poisson_count_of(counts[i], of_four) * static_cast<std::int32_t>(units);
      else
        static_cast<std::int64_t*>(acc)[i] += poisson_count_of(counts[i], of_four) * units;
    }
    if (!targets.all) continue;
    if (narrow)
      kernels_.add_poisson_int32(counts, of_four, targets.n, static_cast<std::int32_t>(units),
                                 static_cast<std::int32_t*>(acc));
    else
      kernels_.add_poisson_int64(counts, of_four, targets.n, units, static_cast<std::int64_t*>(acc));
  }
}

void CpuEngine::update_parrots(Part& part, const Segment& segment, SpikeList& spikes, std::size_t row) const {
  void* acc = accumulator(part, 0, row, segment.begin);
  for (std::uint32_t i = 0; i < segment.n; ++i) {
    std::int64_t count = 0;
    if (arithmetic_ == Arithmetic::float_int32)
      count = std::exchange(static_cast<std::int32_t*>(acc)[i], 0);
    else
      count = std::exchange(static_cast<std::int64_t*>(acc)[i], 0);
    if (count == 0) continue;
    const auto repeats = static_cast<std::size_t>(count);
    std::fill_n(spikes.next(repeats), repeats, segment.update.first_id + i * segment.update.id_stride);
    spikes.add(repeats);
  }
}

void CpuEngine::set_input_scale(Segment& segment, const Neuromodulation& modulation) const {
  const auto region = spec_.populations[segment.population].input_gain;
  if (!region) return;
  for (int r = 0; r < net_.places[segment.population].n_receptors; ++r)
    segment.update.input_scale[r] =
        gained_scale(power_of_two(-net_.exponents[segment.population][static_cast<std::size_t>(r)]),
                     &modulation.factors(*region));
}

void CpuEngine::update_part(Part& part, const ThreadState& t, std::uint64_t step, Block& out) {
  const Neuromodulation& modulation = *t.modulation;
  const std::uint32_t width = net_.shape.slot_width;
  const std::size_t row = step % width;
  if (width > 1)  // what was delivered from before the ring's end lies one turn further
    for (std::size_t r = 0; r < part.accumulators.size(); ++r) {
      void* into = accumulator(part, static_cast<int>(r), row, 0);
      void* from = accumulator(part, static_cast<int>(r), row + width, 0);
      if (arithmetic_ == Arithmetic::float_int32)
        kernels_.merge_int32(static_cast<std::int32_t*>(into), static_cast<std::int32_t*>(from), part.size);
      else
        kernels_.merge_int64(static_cast<std::int64_t*>(into), static_cast<std::int64_t*>(from), part.size);
    }
  add_poisson(part, modulation, step, row);
  if (records_input_) sample_input(part, step, row, out);
  SpikeList& spikes = part.spikes[t.round];
  for (Segment& segment : part.segments) {
    if (segment.parrots) {
      update_parrots(part, segment, spikes, row);
      continue;
    }
    UpdateArguments& u = segment.update;
    for (int r = 0; r < net_.places[segment.population].n_receptors; ++r)
      u.input[r] = accumulator(part, r, row, segment.begin);
    set_input_scale(segment, modulation);
    u.spikes = spikes.next(segment.n);
    const PopulationParameters& given = given_.parameters[segment.population];
    spikes.add(kernels_.update[static_cast<int>(given.model)][static_cast<int>(arithmetic_)]
                              [given.per_neuron ? 1 : 0](u));
  }
  spikes.end_step();
}

void CpuEngine::set_bias(Segment& segment, std::uint64_t step) const {
  const PopulationParameters& given = given_.parameters[segment.population];
  const std::uint32_t n_values = given.per_neuron ? segment.n : 1;
  const std::uint32_t n_parts = net_.shape.n_parts();
  constexpr std::uint32_t kTile = 512;
  double current_pA[kTile];
  for (std::uint32_t begin = 0; begin < n_values; begin += kTile) {
    const std::uint32_t n = std::min(kTile, n_values - begin);
    const std::uint32_t first = segment.first_index + begin * n_parts;
    for (std::uint32_t i = 0; i < n; ++i)
      current_pA[i] = PopulationParameters::at(given.I_e_pA, first + i * n_parts);
    const Replay* replay = replay_into(segment.population, step);
    double input_pA[kTile] = {};
    double* const into = replay == nullptr ? current_pA : input_pA;
    for (const CurrentSource& source : given_.currents.of(segment.population))
      kernels_.add_current(source, first, n_parts, step, n, into);
    for (std::uint32_t i = 0; replay != nullptr && i < n; ++i)
      current_pA[i] += replay->live * input_pA[i] + replay->current_pA[first + i * n_parts];
    for (std::uint32_t i = 0; i < n; ++i)
      store_real(segment.bias, begin + i, real_size_,
                 current_pA[i] * PopulationParameters::at(given.v_bias, first + i * n_parts));
  }
}

void CpuEngine::apply_currents(ThreadState& t, std::uint64_t step) {
  for (Part& part : t.parts)
    for (Segment& segment : part.segments)
      if (!segment.parrots && (given_.currents.change_at(segment.population, step) ||
                               (spec_.replayed_into == segment.population && replay_.changes_at(step))))
        set_bias(segment, step);
}

// Virtual sources of this thread: its share of the Poisson populations, and of what is presented; the files'
// spikes on thread 0.
void CpuEngine::fire_sources(ThreadState& t, int thread, std::uint64_t step) {
  std::vector<std::uint32_t>& fired = t.fired_sources;
  fired.clear();
  for (PoissonTargets& share : t.poisson_sources) {
    if (step == 0) break;
    count_poisson(share, given_.source_rates[share.input], 1, step);
    const auto of_four = static_cast<std::uint32_t>((step - 1) % 4);
    for (std::uint32_t i = 0; i < share.n; ++i)
      fired.insert(fired.end(), poisson_count_of(share.counts[i], of_four),
                   net_.places[share.input].first_source + share.begin + i);
  }
  const std::size_t poisson_spikes = fired.size();
  if (step > 0) t.presented->fire(presented_, step, fired);
  for (;
       thread == 0 && t.next_file_spike < file_spikes_.size() && file_spikes_[t.next_file_spike].step <= step;
       ++t.next_file_spike)
    fired.push_back(file_spikes_[t.next_file_spike].source);
  if (fired.size() > poisson_spikes) std::sort(fired.begin(), fired.end());
  SpikeList& sources = t.sources[t.round];
  std::ranges::copy(fired, sources.next(fired.size()));
  sources.add(fired.size());
  sources.end_step();
}

void CpuEngine::update(ThreadState& t, std::uint64_t step, Block& out) {
  apply_currents(t, step);
  for (Part& part : t.parts) update_part(part, t, step, out);
}

}  // namespace sharpwave
