#include "host/engine/cpu_engine.hpp"

#include <x86intrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"

namespace sharpwave {

void ChunkList::reserve(std::uint64_t count) {
  const std::uint64_t needed = size_ + count + std::max<std::uint64_t>(kPrefetchAhead, kChunk);
  if (needed <= capacity_) return;
  capacity_ = 2 * needed;
  auto larger = std::make_unique_for_overwrite<std::uint32_t[]>(capacity_);
  std::copy_n(chunks_.get(), size_, larger.get());
  chunks_ = std::move(larger);
}

const std::uint32_t* ChunkList::finish() {
  reserve(0);
  std::fill_n(chunks_.get() + size_, kPrefetchAhead, size_ > 0 ? chunks_[size_ - 1] : 0);
  return chunks_.get();
}

void* CpuEngine::accumulator(Part& part, int receptor, std::size_t row, std::size_t element) const {
  return part.accumulators[static_cast<std::size_t>(receptor)].data() +
         (row * net_.shape.cells_per_step + element) * accumulator_size_;
}

// --- delivery ---------------------------------------------------------------------------------------------

// Writes first, first + 1, ... to `out` and returns the end. Eight are written whatever the count, so that
// short segments, empty ones included, cost no mispredicted branch; what is too many is overwritten.
inline std::uint32_t* append_chunks(std::uint32_t* out, std::uint32_t first, std::uint32_t count) {
  using Eight = std::uint32_t __attribute__((vector_size(32)));
  Eight next = Eight{0, 1, 2, 3, 4, 5, 6, 7} + first;
  std::memcpy(out, &next, sizeof next);
  for (std::uint32_t done = 8; done < count; done += 8) {
    next += 8;
    std::memcpy(out + done, &next, sizeof next);
  }
  return out + count;
}

// Lists the next slot of each row and moves the row on.
template <class Offset>
void list_slots(FlyingRow* row, const FlyingRow* end, std::uint32_t per_slot, std::uint32_t** cursors) {
  for (; row != end; ++row) {
    const auto* offset = static_cast<const Offset*>(row->next);
    std::uint32_t first = offset[0];
    for (std::uint32_t i = 0; i < per_slot; ++i) {
      const std::uint32_t next = offset[i + 1];
      cursors[i] = append_chunks(cursors[i], row->first_chunk + first, next - first);
      first = next;
    }
    row->next = offset + per_slot;
  }
}

// Urgent is what arrives in a round's first step and left in the first step that the last round may have had;
// all else that arrives in it had been told before.
bool CpuEngine::is_among(Arrivals arrivals, std::uint64_t delay) const {
  return arrivals == Arrivals::all || (delay == round_steps_) == (arrivals == Arrivals::urgent);
}

// Slot k of a spike is due slot_width * k + 1 steps after it, when the first of its delays is.
void CpuEngine::gather_class(ThreadState& t, std::size_t class_index, std::uint64_t step, Arrivals arrivals) {
  const SourceClass& c = net_.classes[class_index];
  const std::uint64_t width = net_.shape.slot_width;
  FlightQueue& queue = t.flying[class_index][(step - 1) % width];
  const auto departed = [&](std::uint64_t slot) -> std::size_t {  // when that slot is due in this step
    return t.departures[class_index][(step + depth_ - 1 - slot * width) % depth_];
  };
  const bool takes_off = is_among(arrivals, c.slots.front() * width + 1);
  std::size_t begin = queue.due;
  if (takes_off) queue.due += departed(c.slots.front());
  if (arrivals != Arrivals::urgent) {
    queue.landed = begin = queue.landed + departed(c.slots.back() + std::uint64_t{1});
    if (queue.landed > 1024 && 2 * queue.landed > queue.rows.size()) {
      queue.rows.erase(queue.rows.begin(), queue.rows.begin() + static_cast<std::ptrdiff_t>(queue.landed));
      queue.due -= queue.landed;
      queue.landed = begin = 0;
    }
  }
  if (begin == queue.due) return;
  const auto n_channels = static_cast<std::uint32_t>(c.channels.size());
  const std::uint32_t per_slot = c.segments_per_slot(net_.shape);
  const auto list = [&](std::uint32_t i) -> ChunkList& {
    return t.lists[i / n_channels][c.channels[i % n_channels]];
  };
  for (std::uint32_t i = 0; i < per_slot; ++i) {
    list(i).reserve((queue.due - begin) * c.max_slot_chunks);
    t.cursors[i] = list(i).next();
  }
  FlyingRow* const rows = queue.rows.data();
  if (c.offsets32.size() > 0)
    list_slots<std::uint32_t>(rows + begin, rows + queue.due, per_slot, t.cursors.data());
  else
    list_slots<std::uint16_t>(rows + begin, rows + queue.due, per_slot, t.cursors.data());
  for (std::uint32_t i = 0; i < per_slot; ++i) list(i).end(t.cursors[i]);
}

void CpuEngine::gather(ThreadState& t, std::uint64_t step, Arrivals arrivals) {
  for (auto& sub_block : t.lists)
    for (ChunkList& list : sub_block) list.clear();
  for (std::size_t k = 0; k < net_.classes.size(); ++k) gather_class(t, k, step, arrivals);
}

// Pulls what gather() has listed, one sub-block after the other, so that its accumulator stays in cache.
void CpuEngine::deliver(ThreadState& t, std::uint64_t step) {
  const std::size_t row = step % net_.shape.slot_width;
  for (std::size_t s = 0; s < t.lists.size(); ++s)
    for (std::size_t channel = 0; channel < net_.channels.size(); ++channel) {
      ChunkList& list = t.lists[s][channel];
      if (list.size() == 0) continue;
      const Channel& c = net_.channels[channel];
      void* acc = accumulator(t.parts[s], c.receptor, row, 0);
      const std::uint32_t* chunks = list.finish();
      switch (arithmetic_) {
        case Arithmetic::float_int32:
          kernels_.pull_int32(chunks, list.size(), net_.synapses.data(), static_cast<std::int32_t*>(acc),
                              c.shift);
          break;
        case Arithmetic::float_int64:
          kernels_.pull_int64(chunks, list.size(), net_.synapses.data(), static_cast<std::int64_t*>(acc),
                              c.shift);
          break;
        case Arithmetic::double_int64:
          kernels_.pull_wide(chunks, list.size(), net_.wide_cells.data(), net_.wide_weights.data(),
                             static_cast<std::int64_t*>(acc));
          break;
      }
    }
}

// The rows in `part` of the sources whose spikes arrive in `step`.
void CpuEngine::list_bit_rows(ThreadState& t, const PairBits& pairs, std::uint32_t part, std::uint64_t step) {
  t.bit_rows.clear();
  const Slice& source = pairs.source;
  for (const std::uint32_t index : t.recent[pairs.source_class][(step + depth_ - pairs.delay) % depth_]) {
    if (index < source.start || index >= source.stop) continue;
    std::size_t position = index - source.start;
    if (source.stride > 1) {  // divisions would take longer than all else here
      if (position % source.stride != 0) continue;
      position /= source.stride;
    }
    const auto* row = pairs.bits.data() + (position * net_.shape.n_parts() + part) * pairs.words();
    for (std::uint32_t word = 0; word < pairs.words(); word += 8) __builtin_prefetch(row + word);
    t.bit_rows.push_back(row);
  }
}

// Counts how many of the sources that fired reach each neuron.
void CpuEngine::deliver_bits(ThreadState& t, std::uint64_t step, Arrivals arrivals) {
  for (const PairBits& pairs : net_.pair_bits) {
    if (!is_among(arrivals, pairs.delay)) continue;
    for (Part& part : t.parts) {
      list_bit_rows(t, pairs, part.index, step);
      if (t.bit_rows.empty()) break;
      void* acc = accumulator(part, pairs.receptor, step % net_.shape.slot_width, pairs.first_element);
      if (arithmetic_ == Arithmetic::float_int32)
        kernels_.add_bits_int32(t.bit_rows.data(), t.bit_rows.size(), pairs.n_elements,
                                static_cast<std::int32_t>(pairs.units), static_cast<std::int32_t*>(acc));
      else
        kernels_.add_bits_int64(t.bit_rows.data(), t.bit_rows.size(), pairs.n_elements, pairs.units,
                                static_cast<std::int64_t*>(acc));
    }
  }
}

// Puts the rows of `ids` (ascending) into the air for this thread's group.
void CpuEngine::add_rows(ThreadState& t, int thread, std::span<const std::uint32_t> ids, std::uint64_t step) {
  std::size_t k = 0;
  for (const std::uint32_t id : ids) __builtin_prefetch(net_.row_begin.data() + id);
  for (const std::uint32_t id : ids) {
    while (k < net_.classes.size() && id >= net_.classes[k].first_source + net_.classes[k].n_sources) ++k;
    if (k == net_.classes.size()) return;
    const SourceClass& c = net_.classes[k];
    if (id < c.first_source) continue;  // nothing leaves its population
    const std::size_t per_group = c.slots.size() * c.segments_per_slot(net_.shape);
    const std::size_t at =
        std::size_t{id - c.first_source} * c.stride + static_cast<std::size_t>(thread) * per_group;
    const bool narrow = c.offsets32.size() == 0;
    const void* offsets =
        narrow ? static_cast<const void*>(c.offsets16.data() + at) : c.offsets32.data() + at;
    const auto* line = static_cast<const char*>(offsets);
    for (std::size_t byte = 0; byte <= per_group * (narrow ? 2 : 4); byte += 64)
      __builtin_prefetch(line + byte);
    t.flying[k][step % net_.shape.slot_width].rows.push_back({offsets, net_.row_begin[id]});
    ++t.departures[k][step % depth_];
    if (!t.recent[k].empty()) t.recent[k][step % depth_].push_back(id - c.first_source);
  }
}

namespace {

void write_letter(ThreadState& t) {
  Letter& letter = t.letters[t.round];
  const SpikeList& sources = t.sources[t.round];
  if (t.parts.size() == 1 && sources.n_steps() == 1)
    letter.write(t.parts.front().spikes[t.round].of_step(0), sources.of_step(0));
  else
    letter.clear();
}

std::size_t steps_in_round(const ThreadState& t, std::uint64_t round) {
  return t.sources[round].n_steps();
}

// Calls visit(ids, ascending) for each list of the neurons and parrots of `from` that fired in the k-th step
// of a round.
template <class Visit>
void for_each_fired(const ThreadState& from, std::uint64_t round, std::size_t k, const Visit& visit) {
  const Letter& letter = from.letters[round];
  if (letter.has_spikes()) return visit(letter.neurons());
  for (const Part& part : from.parts) visit(part.spikes[round].of_step(k));
}

std::span<const std::uint32_t> fired_sources(const ThreadState& from, std::uint64_t round, std::size_t k) {
  const Letter& letter = from.letters[round];
  if (letter.has_spikes()) return letter.virtual_sources();
  return from.sources[round].of_step(k);
}

}  // namespace

void CpuEngine::take_spikes(int thread, std::uint64_t round, std::uint64_t first_step) {
  ThreadState& t = threads_[static_cast<std::size_t>(thread)];
  for (std::size_t k = 0; k < steps_in_round(t, round); ++k) {
    const std::uint64_t step = first_step + k;
    for (auto& departures : t.departures) departures[step % depth_] = 0;
    for (auto& recent : t.recent)
      if (!recent.empty()) recent[step % depth_].clear();
    for (const ThreadState& other : threads_) {
      const auto take = [&](std::span<const std::uint32_t> ids) { add_rows(t, thread, ids, step); };
      for_each_fired(other, round, k, take);
      take(fired_sources(other, round, k));
    }
  }
}

// --- plastic synapses -------------------------------------------------------------------------------------

void CpuEngine::deliver_plastic(ThreadState& t, std::uint64_t step, Arrivals arrivals) {
  const std::uint64_t from = arrivals == Arrivals::known ? round_steps_ + 1 : round_steps_;
  const std::uint64_t until = arrivals == Arrivals::urgent ? round_steps_ + 1 : net_.longest_delay + 1;
  for (PlasticProjection& plastic : t.plastic) {
    t.plastic_targets.clear();
    for (Part& part : t.parts) {
      void* acc = accumulator(part, plastic.receptor(), 0, 0);
      if (arithmetic_ == Arithmetic::float_int32)
        t.plastic_targets.push_back({.narrow = static_cast<std::int32_t*>(acc)});
      else
        t.plastic_targets.push_back({.wide = static_cast<std::int64_t*>(acc)});
    }
    plastic.deliver(static_cast<std::int64_t>(step), from, until, t.plastic_targets);
  }
}

void CpuEngine::take_plastic_spikes(ThreadState& t, std::uint64_t round, std::uint64_t first_step) {
  for (std::size_t k = 0; k < steps_in_round(t, round); ++k) {
    const auto step = static_cast<std::int64_t>(first_step + k);
    for (PlasticProjection& plastic : t.plastic)
      if (k > 0) plastic.follow_up_silent(step);
    const auto take = [&](std::span<const std::uint32_t> ids) {
      for (const std::uint32_t id : ids) {
        for (PlasticProjection& plastic : t.plastic) plastic.fire(id, step, *t.modulation);
        t.modulation->fire(id);
      }
    };
    for (const ThreadState& other : threads_) {
      for_each_fired(other, round, k, take);
      take(fired_sources(other, round, k));
    }
  }
}

// What fired before this step is known where the step is the first of its round.
void CpuEngine::note_plastic(ThreadState& t, std::uint64_t step, bool begins_round) {
  t.modulation->advance(step);
  for (PlasticProjection& plastic : t.plastic) {
    for (const Part& part : t.parts) {
      const SpikeList& spikes = part.spikes[t.round];
      plastic.note(part.index, spikes.of_step(spikes.n_steps() - 1), static_cast<std::int64_t>(step),
                   *t.modulation);
    }
    plastic.end_step(static_cast<std::int64_t>(step), begins_round, *t.modulation);
  }
}

// --- recording --------------------------------------------------------------------------------------------

// Lists are merged with their neighbours, two, four, eight of them at a time.
void CpuEngine::log_spikes(std::uint64_t round, Block& out) {
  for (std::size_t k = 0; k < steps_in_round(threads_[0], round); ++k) {
    bounds_.assign(1, static_cast<std::ptrdiff_t>(out.ids.size()));
    for (const ThreadState& t : threads_)
      for_each_fired(t, round, k, [&](std::span<const std::uint32_t> ids) {
        if (ids.empty()) return;
        out.ids.insert(out.ids.end(), ids.begin(), ids.end());
        bounds_.push_back(static_cast<std::ptrdiff_t>(out.ids.size()));
      });
    const std::size_t n_lists = bounds_.size() - 1;
    const auto bound = [&](std::size_t i) { return out.ids.begin() + bounds_[std::min(i, n_lists)]; };
    for (std::size_t n = 1; n < n_lists; n *= 2)
      for (std::size_t i = 0; i + n < n_lists; i += 2 * n)
        std::inplace_merge(bound(i), bound(i + n), bound(i + 2 * n));
    out.offsets.push_back(out.ids.size());
  }
}

// --- the loop ---------------------------------------------------------------------------------------------

// Rounds with one meeting each. Listing and pulling what was told in earlier rounds needs nothing of the
// last one, and so overlaps the arrival of the other threads. The last step of all is a round by itself, so
// that between calls all spikes but its own have been taken.
void CpuEngine::run_steps(int thread, std::uint64_t n_steps, Block& out) {
  ThreadState& t = threads_[static_cast<std::size_t>(thread)];
  ThreadProfile* const profile =
      profile_ == nullptr ? nullptr : &profile_->threads[static_cast<std::size_t>(thread)];
  const std::uint64_t last_step = step_ + n_steps;
  std::uint64_t step = step_ + 1;
  std::uint64_t last_round = step_;  // its first step
  std::uint64_t last = __rdtsc();
  const auto timed = [&](Phase phase, const auto& work) {
    const ProfileRange range(kPhaseNames[static_cast<int>(phase)]);
    work();
    const std::uint64_t now = __rdtsc();
    t.ticks[static_cast<int>(phase)] += now - last;
    if (profile != nullptr) profile->add(step, static_cast<std::uint32_t>(phase), last, now);
    if (profile != nullptr && thread == 0) ++profile_->counts[static_cast<std::size_t>(phase)];
    last = now;
  };
  const auto arrive = [&](Arrivals arrivals) {
    timed(Phase::gather, [&] { gather(t, step, arrivals); });
    timed(Phase::deliver, [&] {
      deliver(t, step);
      deliver_bits(t, step, arrivals);
    });
    if (learns_) timed(Phase::plasticity, [&] { deliver_plastic(t, step, arrivals); });
  };
  const auto update_all = [&](bool begins_round) {
    timed(Phase::update, [&] {
      update(t, step, out);
      fire_sources(t, thread, step);
      for (const Part& part : t.parts) sample_state(part, step, out);
      look(t, step, step == last_step);
    });
    if (learns_) timed(Phase::plasticity, [&] { note_plastic(t, step, begins_round); });
  };
  std::uint64_t begin = last;
  const auto end_step = [&] {
    // Threads meet in each round: over one all take as long.
    if (profile != nullptr && thread == 0) profile_->steps.add(last - begin);
    begin = last;
    ++step;
  };
  while (step <= last_step) {
    const std::uint64_t first_step = step;
    arrive(Arrivals::known);
    timed(Phase::wait, [&] {
      for (const ThreadState& other : threads_)
        if (&other != &t) other.letters[t.round].wait_for(step - 1);
    });
    if (failed_.load(std::memory_order_acquire)) return release(thread);
    t.begin_round();
    timed(Phase::urgent, [&] {
      take_spikes(thread, t.round - 1, last_round);
      if (thread == 0 && last_round > step_) log_spikes(t.round - 1, out);
      gather(t, step, Arrivals::urgent);
      deliver(t, step);
      deliver_bits(t, step, Arrivals::urgent);
    });
    if (learns_)
      timed(Phase::plasticity, [&] {
        take_plastic_spikes(t, t.round - 1, last_round);
        deliver_plastic(t, step, Arrivals::urgent);
      });
    update_all(true);
    end_step();
    const std::uint64_t end = std::min(first_step + round_steps_, last_step);
    while (step < end) {
      arrive(Arrivals::all);
      update_all(false);
      end_step();
    }
    write_letter(t);
    t.letters[t.round].publish(step - 1);
    last_round = first_step;
  }
}

// Lets nobody wait for this thread any more.
void CpuEngine::release(int thread) {
  for (Letter& letter : threads_[static_cast<std::size_t>(thread)].letters.both())
    letter.publish(step_ + (std::uint64_t{1} << 30));
}

void CpuEngine::advance(std::uint64_t n_steps, Block& out) {
  SHARPWAVE_ASSERT(n_steps > 0);
  out.begin(step_ + 1, n_steps, spec_.reports);
  for (std::size_t r = 0; r < spec_.reports.size(); ++r) {
    const ReportSpec& report = spec_.reports[r];
    Block::ReportSamples& samples = out.reports[r];
    samples.values.resize(samples.steps.size() * report.variables.size() * report.slice.size());
  }
  const Stopwatch watch;
  const std::uint64_t first_tick = __rdtsc();
  // Spikes of files at or before time 0 are in step 0.
  for (int thread = 0; step_ == 0 && thread < pool_.size(); ++thread) {
    ThreadState& t = threads_[static_cast<std::size_t>(thread)];
    t.sources[t.round].begin_round();
    fire_sources(t, thread, 0);
  }
  SHARPWAVE_ASSERT(!failed_.load());  // after an exception the state is that of no step
  pool_.run([&](int thread) {
    try {
      run_steps(thread, n_steps, out);
    } catch (...) {
      failed_.store(true, std::memory_order_release);
      release(thread);
      throw;
    }
  });
  const std::uint64_t ticks = __rdtsc() - first_tick;
  seconds_per_tick_ = watch.seconds() / static_cast<double>(ticks);
  if (profile_ != nullptr) profile_->seconds_per_tick = seconds_per_tick_;
  step_ += n_steps;
  log_spikes(threads_[0].round, out);
  layout_.remember(out, under_way_);
  for (ThreadState& t : threads_) out.unsound |= std::exchange(t.unsound, false);
}

std::vector<PhaseTime> CpuEngine::phases() const {
  std::vector<PhaseTime> result;
  for (int p = 0; p < n_phases(); ++p) {
    std::uint64_t slowest = 0;
    for (const ThreadState& t : threads_) slowest = std::max(slowest, t.ticks[p]);
    result.push_back({kPhaseNames[p], static_cast<double>(slowest) * seconds_per_tick_});
  }
  return result;
}

void CpuEngine::reset_phases() {
  for (ThreadState& t : threads_) std::fill(std::begin(t.ticks), std::end(t.ticks), 0);
  profile(profile_);
}

void CpuEngine::profile(StepProfile* into) {
  profile_ = into;
  if (into == nullptr) return;
  *into = {.phases = {std::begin(kPhaseNames), std::begin(kPhaseNames) + n_phases()},
           .threads = std::vector<ThreadProfile>(threads_.size()),
           .counts = std::vector<std::uint64_t>(static_cast<std::size_t>(n_phases())),
           .first_tick = __rdtsc()};
}

}  // namespace sharpwave
