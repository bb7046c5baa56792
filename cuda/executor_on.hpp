// The executor, on a backend that allocates, copies and launches: CUDA's (cuda_backend.cuh), or one that runs
// the same kernels with threads (tests/simt).
//
// A step is: what neuromodulators hear, plastic synapses, currents, spikes from outside into the ring,
// samples of what arrives, neurons, sources without a state, delivery, neuromodulators, what plastic synapses
// will ask for, scaling of their weights where it is due, samples of the state; of all instances that have it
// to do. All of it is enqueued without a look at what it computes; who fired, and in which order, is in lists
// with room for all. What plastic synapses have to know of their targets grows with their rates: where the
// next steps may find no room for it, an instance pauses and goes on when there is more.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "cuda/owners_on.hpp"
#include "kernels/add_spike_inputs.cuh"
#include "kernels/advance_clocks.cuh"
#include "kernels/advance_modulators.cuh"
#include "kernels/begin_scaling.cuh"
#include "kernels/deliver_plastic_spikes.cuh"
#include "kernels/deliver_spikes.cuh"
#include "kernels/drain_log.cuh"
#include "kernels/fire_sources.cuh"
#include "kernels/hear_spikes.cuh"
#include "kernels/let_go.cuh"
#include "kernels/note_targets.cuh"
#include "kernels/sample_input.cuh"
#include "kernels/sample_state.cuh"
#include "kernels/scale_weights.cuh"
#include "kernels/set_bias.cuh"
#include "kernels/sum_weights.cuh"
#include "kernels/take_plastic_spikes.cuh"
#include "kernels/update_neurons.cuh"

namespace sharpwave::device {

inline constexpr std::uint32_t kFileSpikeBlocks = 16;

template <class Backend, class Real, class Acc>
class ExecutorOn final : public Executor {
 public:
  ExecutorOn(const NetworkModel& network, std::uint32_t n_seats);
  ~ExecutorOn() override;

  void place(std::uint32_t seat, const InstanceModel& instance) override;
  void vacate(std::uint32_t seat) override;
  [[nodiscard]] std::uint64_t allocated_bytes(std::uint32_t seat) const override {
    return network_bytes_ + seats_[seat]->bytes();
  }
  [[nodiscard]] std::uint64_t most_steps(std::uint32_t seat) const override {
    return seats_[seat]->most_steps();
  }
  [[nodiscard]] std::string kernels(std::uint32_t seat) const override {
    return owners_ ? owners_->description(*seats_[seat]) : "graph of kernels";
  }
  void start(std::span<const SeatSteps> stretch) override;
  void wait() override;
  void drain(std::uint32_t seat, Drained& out) override;
  void record(std::uint32_t seat, const std::vector<Report>& reports) override;
  void present(std::uint32_t seat, const PresentedModel& presented) override;
  void read_state(std::uint32_t seat, NeuronValues& out) override;
  void read_plastic(std::uint32_t seat, std::vector<PlasticValues>& out) override;
  void read_regions(std::uint32_t seat, std::span<const Region> into) override {
    seats_[seat]->regions.read(backend_, into);
  }
  void read_levels(std::uint32_t seat, std::span<const Region> into) override {
    seats_[seat]->regions.read_levels(backend_, into);
  }
  void give(std::uint32_t seat, std::span<const Region> regions) override {
    seats_[seat]->regions.give(backend_, regions);
  }
  void restore(std::uint32_t seat, std::uint64_t step, const NeuronValues& state,
               const std::vector<FiredInStep>& fired, const std::vector<PlasticValues>& plastic,
               std::span<const Region> regions, const PresentedModel& presented) override;

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  using Seated = InstanceOn<Backend, Real, Acc>;

  static constexpr std::uint32_t kThreads = Backend::kBlockThreads;
  static constexpr std::uint32_t kWordsPerBlock = kThreads / kWarp;
  static_assert(kThreads % kWarp == 0 && kThreads <= kMaxBlockThreads);

  // A step.
  [[nodiscard]] std::uint32_t n_seats() const { return static_cast<std::uint32_t>(seats_.size()); }
  void enqueue_step(std::uint32_t offset);
  void enqueue_update(std::uint32_t offset);
  void enqueue_sources(std::uint32_t offset, BlockIds blocks);
  void enqueue_delivery(std::uint32_t offset);
  void enqueue_bias(std::uint32_t offset, bool always);
  void enqueue_hearing(std::uint32_t offset);
  void enqueue_modulators(std::uint32_t offset);
  void enqueue_plastic_arrivals(std::uint32_t offset);
  void enqueue_plastic_end(std::uint32_t offset);
  void enqueue_steps(std::uint32_t n);
  void make_graphs();
  void replay(std::uint64_t n_steps);
  [[nodiscard]] Clock begin_stretch(std::uint32_t seat, std::uint64_t n_steps);
  void start_owners(const Clock& clock);
  [[nodiscard]] std::uint64_t end_pauses();
  void set_clocks() { backend_.write(clocks_, 0, std::span<const Clock>(clock_values_)); }
  void set_only_clock(std::uint32_t seat, Clock clock);

  // What it produces, and its state.
  void show(std::uint32_t seat);
  void show_view(std::uint32_t seat);
  void put_fired(Seated& instance, const FiredInStep& fired);
  void fly(std::uint32_t seat, std::uint64_t step, bool virtual_sources_fire, const FiredInStep& fired);
  std::uint64_t fetch_spikes(Seated& instance, LogShape shape, std::uint64_t begin, Drained& out);

  Backend backend_;
  NetworkOn<Backend> network_;
  std::uint64_t network_bytes_;
  std::vector<std::optional<Seated>> seats_;
  Buffer<Instance<Acc>> views_;
  Buffer<Clock> clocks_;
  std::vector<Clock> clock_values_;  ///< as they are to be written
  Instances<Acc> instances_;

  /// Large enough for all that are seated; that of the graphs, where there are any.
  StepGrids grids_;
  std::optional<StepGrids> captured_;
  typename Backend::Graph one_step_, many_steps_;

  std::optional<OwnersOn<Backend, Real, Acc>> owners_;  ///< where rows are cut for them; of seat 0
  bool biases_are_old_ = false;                         ///< owners have currents of their own

  Buffer<std::uint32_t> log_first_, log_rows_, ids_;  ///< used by one drain after the other
};

template <class Backend, class Real, class Acc>
ExecutorOn<Backend, Real, Acc>::ExecutorOn(const NetworkModel& network, std::uint32_t n_seats)
    : network_(backend_, network),
      network_bytes_(backend_.bytes() + network_.drawn_bytes()),
      seats_(n_seats),
      views_(backend_.template allocate<Instance<Acc>>(n_seats)),
      clocks_(backend_.template allocate<Clock>(n_seats)),
      clock_values_(n_seats, kWaitingClock),
      instances_{views_.data(), clocks_.data()},
      ids_(backend_.template allocate<std::uint32_t>(std::max(kIdsAtOnce, network.n_neurons))) {
  if (network.owners.is_wanted && n_seats == 1) {
    const std::uint64_t bytes_before = backend_.bytes();
    owners_.emplace(backend_, network_, network);
    network_bytes_ += backend_.bytes() - bytes_before;
  }
  set_clocks();
}

// Rows that were drawn are freed on another stream than the one whose kernels may still read them.
template <class Backend, class Real, class Acc>
ExecutorOn<Backend, Real, Acc>::~ExecutorOn() {
  try {
    backend_.wait();
  } catch (const std::exception&) {  // nothing runs on a device that has failed
  }
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::place(std::uint32_t seat, const InstanceModel& instance) {
  seats_[seat].emplace(backend_, network_, instance, kLogBytes / n_seats());
  if (owners_) owners_->place(backend_, network_, instance, seats_[seat]->variables.size());
  show(seat);
  // Spikes of files at or before time 0 are in step 0: they are delivered before the first step.
  set_only_clock(seat, {.steps_done = 0, .last_step = 0});
  enqueue_delivery(0);
  backend_.wait();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::vacate(std::uint32_t seat) {
  backend_.wait();
  seats_[seat].reset();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::record(std::uint32_t seat, const std::vector<Report>& reports) {
  backend_.wait();
  seats_[seat]->record(backend_, network_, reports);
  show(seat);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::present(std::uint32_t seat, const PresentedModel& presented) {
  Seated& instance = *seats_[seat];
  instance.present(backend_, presented);
  instance.present_rates(backend_, presented.rates, instance.steps_done + 1);
  show_view(seat);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::show_view(std::uint32_t seat) {
  const Instance<Acc>& view = seats_[seat]->view();
  backend_.write(views_, seat, std::span(&view, 1));
}

// Makes it known to the kernels, and room for its steps.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::show(std::uint32_t seat) {
  show_view(seat);
  grids_ = {};
  std::size_t most_words = 0;
  std::size_t most_rows = 0;
  for (const auto& instance : seats_) {
    if (!instance) continue;
    grids_.cover(instance->grids());
    most_words = std::max(most_words, instance->log_bits.size());
    most_rows = std::max<std::size_t>(most_rows, instance->most_steps());
  }
  if (log_first_.size() < most_words + 1)
    log_first_ = backend_.template allocate<std::uint32_t>(most_words + 1);
  if (log_rows_.size() < most_rows + 1) log_rows_ = backend_.template allocate<std::uint32_t>(most_rows + 1);
}

// --- a step -----------------------------------------------------------------------------------------------

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_update(std::uint32_t offset) {
  for (std::size_t k = 0; k < grids_.of_model.size(); ++k)
    with_model(static_cast<UpdateModel>(k), [&](auto kind) {
      backend_.launch("update_neurons", update_neurons<decltype(kind)::value, Real, Acc>,
                      Grid{grids_.of_model[k], 1, n_seats()}, instances_, offset);
    });
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_sources(std::uint32_t offset, BlockIds blocks) {
  backend_.launch("fire_sources", fire_sources<Acc>, Grid{blocks.n, 1, n_seats()}, instances_, offset,
                  blocks);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_delivery(std::uint32_t offset) {
  if (!network_.has_connections()) return;
  const std::uint32_t file_blocks = grids_.hears_files ? kFileSpikeBlocks : 0;
  backend_.launch("deliver_spikes", deliver_spikes<Acc>,
                  Grid{network_.lists().n_blocks + file_blocks, Backend::kSharesOfARow, n_seats()},
                  instances_, offset, network_.connections());
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_bias(std::uint32_t offset, bool always) {
  backend_.launch("set_bias", set_bias<Real, Acc>, Grid{grids_.driven.x, grids_.driven.y, n_seats()},
                  instances_, offset, always);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_hearing(std::uint32_t offset) {
  if (!grids_.is_modulated) return;
  const std::uint32_t file_blocks = grids_.hears_files ? 1 : 0;
  backend_.launch("hear_spikes", hear_spikes<Acc>,
                  Grid{network_.lists().n_blocks + file_blocks, 1, n_seats()}, instances_, offset);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_modulators(std::uint32_t offset) {
  if (!grids_.is_modulated) return;
  backend_.launch("advance_modulators", advance_modulators<Acc>, Grid{1, 1, n_seats()}, instances_, offset);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_plastic_arrivals(std::uint32_t offset) {
  if (network_.plastic().empty()) return;
  std::uint32_t most_delays = 0;
  for (const PlasticConnections& c : network_.plastic()) most_delays = std::max(most_delays, c.n_delays);
  const std::uint32_t workers = std::max(Backend::kPlasticBlocks / most_delays, 1u);
  const std::uint32_t file_blocks = grids_.hears_files ? 1 : 0;
  backend_.launch("take_plastic_spikes", take_plastic_spikes<Acc>,
                  Grid{network_.lists().n_blocks + file_blocks, 1, n_seats()}, instances_, offset);
  backend_.launch("deliver_plastic_spikes", deliver_plastic_spikes<Acc>,
                  Grid{workers, most_delays, n_seats()}, instances_, offset);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_plastic_end(std::uint32_t offset) {
  if (network_.plastic().empty()) return;
  std::uint32_t most_sources = 0;
  for (const PlasticConnections& c : network_.plastic()) most_sources = std::max(most_sources, c.n_sources);
  const auto n_plastic = static_cast<std::uint32_t>(network_.plastic().size());
  backend_.launch("note_targets", note_targets<Acc>, Grid{network_.lists().n_logged_blocks, 1, n_seats()},
                  instances_, offset);
  backend_.launch("let_go", let_go<Acc>, Grid{blocks_for<Backend>(most_sources), n_plastic, n_seats()},
                  instances_, offset);
  if (!grids_.scales_weights) return;
  const Grid synapses{std::max(Backend::kPlasticBlocks / n_plastic, 1u), n_plastic, n_seats()};
  backend_.launch("begin_scaling", begin_scaling<Acc>, synapses, instances_, offset);
  backend_.launch("sum_weights", sum_weights<Acc>, synapses, instances_, offset);
  backend_.launch("scale_weights", scale_weights<Acc>, synapses, instances_, offset);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_step(std::uint32_t offset) {
  const Grid reports{grids_.reports.x, grids_.reports.y, n_seats()};
  enqueue_hearing(offset);
  enqueue_plastic_arrivals(offset);
  enqueue_bias(offset, false);
  backend_.launch("add_spike_inputs", add_spike_inputs<Acc>, Grid{grids_.input_blocks, 1, n_seats()},
                  instances_, offset);
  if (grids_.samples_input)
    backend_.launch("sample_input", sample_input<Real, Acc>, reports, instances_, offset);
  enqueue_update(offset);
  enqueue_sources(offset, network_.source_blocks());
  enqueue_delivery(offset);
  enqueue_modulators(offset);
  enqueue_plastic_end(offset);
  backend_.launch("sample_state", sample_state<Real, Acc>, reports, instances_, offset);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_steps(std::uint32_t n) {
  for (std::uint32_t k = 1; k <= n; ++k) enqueue_step(k);
  backend_.launch("advance_clocks", advance_clocks<Acc>, Grid{1, 1, n_seats()}, instances_, n,
                  kStepsPerGraph);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_graphs() {
  if (captured_ == grids_) return;
  one_step_ = backend_.capture([this] { enqueue_steps(1); });
  many_steps_ = backend_.capture([this] { enqueue_steps(kStepsPerGraph); });
  captured_ = grids_;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::start(std::span<const SeatSteps> stretch) {
  std::fill(clock_values_.begin(), clock_values_.end(), kWaitingClock);
  std::uint64_t most = 0;
  for (const auto& [seat, n_steps] : stretch) {
    clock_values_[seat] = begin_stretch(seat, n_steps);
    most = std::max(most, n_steps);
  }
  if (owners_ && most > 0 && owners_->can_run(*seats_[0])) return start_owners(clock_values_[0]);
  make_graphs();
  set_clocks();
  if (std::exchange(biases_are_old_, false)) enqueue_bias(1, true);
  replay(most);
}

// Returns the clock that it begins with.
template <class Backend, class Real, class Acc>
Clock ExecutorOn<Backend, Real, Acc>::begin_stretch(std::uint32_t seat, std::uint64_t n_steps) {
  Seated& instance = *seats_[seat];
  if (instance.undrained == 0) backend_.clear(instance.n_unsound, 0, instance.n_unsound.size());
  const Clock clock{.steps_done = instance.steps_done,
                    .last_step = instance.steps_done + n_steps,
                    .log_first = instance.steps_done + 1 - instance.undrained};
  instance.undrained += n_steps;
  instance.steps_done += n_steps;
  return clock;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::start_owners(const Clock& clock) {
  owners_->run(backend_, network_, *seats_[0],
               {.first = clock.steps_done + 1, .last = clock.last_step, .log_first = clock.log_first});
  biases_are_old_ = true;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::replay(std::uint64_t n_steps) {
  for (; n_steps >= kStepsPerGraph; n_steps -= kStepsPerGraph) backend_.replay(many_steps_);
  for (; n_steps > 0; --n_steps) backend_.replay(one_step_);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::wait() {
  backend_.wait();
  while (const std::uint64_t n_steps = end_pauses()) {
    replay(n_steps);
    backend_.wait();
  }
}

// Makes room where a stretch has taken it; returns the most steps that an instance has left.
template <class Backend, class Real, class Acc>
std::uint64_t ExecutorOn<Backend, Real, Acc>::end_pauses() {
  if (network_.plastic().empty()) return 0;
  std::vector<Clock> reached(seats_.size());
  backend_.download(std::span(reached), clocks_, 0);
  std::uint64_t most = 0;
  for (std::size_t seat = 0; seat < seats_.size(); ++seat) {
    Clock& asked = clock_values_[seat];
    if (asked.steps_done >= asked.last_step) continue;
    seats_[seat]->make_room(backend_);
    asked.steps_done = reached[seat].last_step;
    most = std::max(most, asked.last_step - asked.steps_done);
  }
  if (most > 0) set_clocks();
  return most;
}

// The spikes of as many rows as their list has room for, at least one; returns the next row.
template <class Backend, class Real, class Acc>
std::uint64_t ExecutorOn<Backend, Real, Acc>::fetch_spikes(Seated& instance, LogShape shape,
                                                           std::uint64_t begin, Drained& out) {
  std::uint64_t end = begin + 1;
  while (end < shape.n_rows && out.rows[end + 1] - out.rows[begin] <= ids_.size()) ++end;
  const std::uint32_t n_ids = out.rows[end] - out.rows[begin];
  const std::uint64_t word = begin * shape.words_per_row;
  shape.n_rows = end - begin;
  backend_.launch("write_spikes", write_spikes, Grid{blocks_for<Backend>(shape.n_rows * shape.words_per_row)},
                  shape, instance.log_bits.data() + word, log_first_.data() + word, network_.lists().blocks,
                  ids_.data());
  backend_.download(std::span(out.ids).subspan(out.rows[begin], n_ids), ids_, 0);
  return end;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::drain(std::uint32_t seat, Drained& out) {
  Seated& instance = *seats_[seat];
  const std::uint64_t n_rows = std::exchange(instance.undrained, 0);
  const LogShape shape{.n_rows = n_rows,
                       .words_per_block = kWordsPerBlock,
                       .words_per_row = network_.lists().n_logged_blocks * kWordsPerBlock};
  const std::uint64_t n_words = n_rows * shape.words_per_row;
  std::uint32_t n_unsound = 0;
  backend_.download(std::span(&n_unsound, 1), instance.n_unsound, 0);
  out.unsound = n_unsound > 0;
  out.rows.assign(n_rows + 1, 0);
  out.ids.clear();
  if (n_words > 0) {
    backend_.count_bits(instance.log_bits.data(), n_words, log_first_.data());
    backend_.launch("begin_rows", begin_rows, Grid{blocks_for<Backend>(n_rows + 1)}, shape, log_first_.data(),
                    log_rows_.data());
    backend_.download(std::span(out.rows), log_rows_, 0);
    out.ids.resize(out.rows.back());
    for (std::uint64_t begin = 0; begin < n_rows;) begin = fetch_spikes(instance, shape, begin, out);
  }
  out.parrot_counts.resize(n_rows * network_.lists().n_parrots);
  backend_.download(std::span(out.parrot_counts), instance.log_counts, 0);
  out.samples.resize(instance.reports.size());
  for (std::size_t r = 0; r < instance.reports.size(); ++r) {
    const Report& report = instance.reports[r];
    const std::uint64_t frames =
        report.times.until(instance.steps_done) - report.times.until(instance.steps_done - n_rows);
    out.samples[r].resize(frames * report.n_variables * report.n_elements);
    backend_.download(std::span(out.samples[r]), instance.samples[r], 0);
  }
}

/// @tparam Backend  default-constructible.
template <class Backend>
std::unique_ptr<Executor> make_executor_on(const NetworkModel& network, std::uint32_t n_seats) {
  switch (network.arithmetic) {
    case Arithmetic::float_int32:
      return std::make_unique<ExecutorOn<Backend, float, std::int32_t>>(network, n_seats);
    case Arithmetic::float_int64:
      return std::make_unique<ExecutorOn<Backend, float, std::int64_t>>(network, n_seats);
    case Arithmetic::double_int64:
      return std::make_unique<ExecutorOn<Backend, double, std::int64_t>>(network, n_seats);
  }
  return nullptr;
}

}  // namespace sharpwave::device

#include "cuda/executor_on_state.hpp"
