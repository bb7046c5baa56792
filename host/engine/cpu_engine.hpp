// The CPU executor: one thread per group of parts, one meeting per round.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/base/stopwatch.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/construction.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/letter.hpp"
#include "host/engine/neuromodulation.hpp"
#include "host/engine/part.hpp"
#include "host/engine/plasticity.hpp"
#include "host/engine/presented_sources.hpp"
#include "host/engine/state_layout.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// A row in the air.
struct FlyingRow {
  const void* next = nullptr;  ///< offsets of its next slot for this thread's group, 16 or 32 bits
  std::uint32_t first_chunk = 0;
};

/// The rows of one class in the air, oldest first. With slots of G steps a row has a slot due in every G-th
/// step, so there is a queue for each step modulo G, and all that is due in a step stands in a row.
struct FlightQueue {
  std::vector<FlyingRow> rows;
  std::size_t landed = 0;  ///< rows before this have delivered their last slot
  std::size_t due = 0;     ///< rows before this have reached their first slot
};

/// Chunks to be pulled, in any order; readable kPrefetchAhead beyond its end.
class ChunkList {
 public:
  void clear() { size_ = 0; }
  /// Makes room for `count` further chunks, and for what a writer of whole vectors spills over.
  void reserve(std::uint64_t count);
  /// Where to write the next chunk; end() says how far was written.
  [[nodiscard]] std::uint32_t* next() { return chunks_.get() + size_; }
  void end(const std::uint32_t* next) { size_ = static_cast<std::uint64_t>(next - chunks_.get()); }
  /// Makes the list readable beyond its end and returns it.
  const std::uint32_t* finish();
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::unique_ptr<std::uint32_t[]> chunks_;
  std::uint64_t size_ = 0;
  std::uint64_t capacity_ = 0;
};

/// What arrives in a step, seen from the round that the step is in: all; or, where the step is the first of
/// it, what has been known for longer, and what the last round has just told.
enum class Arrivals { all, known, urgent };

enum class Phase { gather, deliver, wait, urgent, update, plasticity };
inline constexpr int kPhaseCount = 6;
/// The last of networks that learn only.
inline constexpr const char* kPhaseNames[kPhaseCount] = {"gather", "deliver", "wait",
                                                         "urgent", "update",  "plasticity"};

/// What one thread has for itself.
struct alignas(128) ThreadState {
  std::vector<Part> parts;                             ///< the sub-blocks of its group
  std::vector<std::vector<FlightQueue>> flying;        ///< [class][step of the spike mod G]
  std::vector<std::vector<std::uint32_t>> departures;  ///< [class][step mod depth_] rows that took off
  std::vector<std::vector<ChunkList>> lists;           ///< [sub-block][channel]
  std::vector<std::uint32_t*> cursors;                 ///< of gather_class, one per segment of a slot
  /// [class][step mod depth_] sources that fired, counted within the class; only for classes with pair bits
  std::vector<std::vector<std::vector<std::uint32_t>>> recent;
  std::vector<const std::uint64_t*> bit_rows;   ///< of deliver_bits
  std::vector<std::uint32_t> fired_sources;     ///< scratch: in one step
  ByRound<SpikeList> sources;                   ///< virtual sources that fired
  std::vector<PoissonTargets> poisson_sources;  ///< this thread's share of Poisson populations
  ByRound<Letter> letters;
  std::uint64_t round = 0;  ///< the present one, or the last
  std::size_t next_file_spike = 0;
  std::optional<PresentedSources> presented;
  std::optional<Neuromodulation> modulation;
  std::vector<PlasticProjection> plastic;      ///< this thread's share of each
  std::vector<PlasticTarget> plastic_targets;  ///< scratch, one per part
  bool unsound = false;                        ///< a neuron's state was, in this block
  std::uint64_t ticks[kPhaseCount] = {};

  void begin_round() {
    ++round;
    for (Part& part : parts) part.spikes[round].begin_round();
    sources[round].begin_round();
  }
};

class CpuEngine final : public Engine {
 public:
  CpuEngine(const ModelSpec& spec, const BuiltNetwork& built);

  [[nodiscard]] const ConstructionReport& construction() const override { return report_; }
  [[nodiscard]] std::uint64_t step() const override { return step_; }
  void advance(std::uint64_t n_steps, Block& out) override;
  void present(const Presented& presented) override;
  void record(std::vector<ReportSpec> reports) override;
  [[nodiscard]] EngineState save() const override;
  [[nodiscard]] EngineState save_neurons() const override;
  void restore(const EngineState& state) override;
  [[nodiscard]] std::vector<PlasticityReading> read_plasticity() const override;
  [[nodiscard]] std::vector<LearningReading> read_learning() const override;
  [[nodiscard]] std::vector<float> read_weights(std::uint32_t projection, std::uint32_t every) const override;
  [[nodiscard]] std::vector<ModulatorLevels> read_modulators() const override;
  [[nodiscard]] PlasticSynapses plastic_synapses(std::uint32_t projection,
                                                 std::uint32_t every) const override;
  void give_reward(std::uint32_t region, double reward) override {
    for (ThreadState& t : threads_) t.modulation->give_reward(region, reward);
  }
  void give_novelty(std::uint32_t region, double novelty, double uncertainty) override {
    for (ThreadState& t : threads_) t.modulation->give_novelty(region, novelty, uncertainty);
  }
  void replay(Replay replay) override;
  [[nodiscard]] std::vector<PhaseTime> phases() const override;
  void reset_phases() override;
  void profile(StepProfile* into) override;

 private:
  struct ReportPlace {  // one recorded element within a part
    std::uint32_t element;
    std::uint32_t position;
  };

  [[nodiscard]] int n_phases() const { return learns_ ? kPhaseCount : kPhaseCount - 1; }

  // Set-up (cpu_engine_setup.cpp).
  void make_part(Part& part, std::uint32_t index);
  void add_segment(Part& part, std::uint32_t population);
  void add_poisson_targets(Part& part);
  void make_thread(int thread);
  void describe();

  // A step (cpu_engine.cpp).
  void run_steps(int thread, std::uint64_t n_steps, Block& out);
  void release(int thread);
  [[nodiscard]] bool is_among(Arrivals arrivals, std::uint64_t delay) const;
  void gather(ThreadState& t, std::uint64_t step, Arrivals arrivals);
  void gather_class(ThreadState& t, std::size_t class_index, std::uint64_t step, Arrivals arrivals);
  void deliver(ThreadState& t, std::uint64_t step);
  void list_bit_rows(ThreadState& t, const PairBits& pairs, std::uint32_t part, std::uint64_t step);
  void deliver_bits(ThreadState& t, std::uint64_t step, Arrivals arrivals);
  void take_spikes(int thread, std::uint64_t round, std::uint64_t first_step);
  void deliver_plastic(ThreadState& t, std::uint64_t step, Arrivals arrivals);
  void take_plastic_spikes(ThreadState& t, std::uint64_t round, std::uint64_t first_step);
  void note_plastic(ThreadState& t, std::uint64_t step, bool begins_round);
  void add_rows(ThreadState& t, int thread, std::span<const std::uint32_t> ids, std::uint64_t step);
  // Of which the neurons (cpu_engine_update.cpp).
  void update(ThreadState& t, std::uint64_t step, Block& out);
  void update_part(Part& part, const ThreadState& t, std::uint64_t step, Block& out);
  void set_input_scale(Segment& segment, const Neuromodulation& modulation) const;
  void update_parrots(Part& part, const Segment& segment, SpikeList& spikes, std::size_t row) const;
  void add_poisson(Part& part, const Neuromodulation& modulation, std::uint64_t step, std::size_t row);
  /// The weight of an input of spikes, now.
  [[nodiscard]] std::int64_t input_units(const Neuromodulation& modulation, std::uint32_t input,
                                         std::uint64_t step) const;
  /// What is played into a population in a step; null: nothing.
  [[nodiscard]] const Replay* replay_into(std::uint32_t population, std::uint64_t step) const {
    return spec_.replayed_into == population && replay_.is_in_force(step) ? &replay_ : nullptr;
  }
  void count_poisson(PoissonTargets& targets, const PoissonRate& rate, std::uint64_t stride,
                     std::uint64_t step) const;
  [[nodiscard]] bool count_copies(PoissonTargets& targets, const SpikeInput& input, std::uint64_t step) const;
  void fire_sources(ThreadState& t, int thread, std::uint64_t step);
  [[nodiscard]] bool is_sound(const ThreadState& t, double bound_mV, int most_states) const;
  void look(ThreadState& t, std::uint64_t step, bool last) const;
  void apply_currents(ThreadState& t, std::uint64_t step);
  void set_bias(Segment& segment, std::uint64_t step) const;
  void log_spikes(std::uint64_t round, Block& out);
  /// Calls visit(share, its thread) for each thread's of a plastic projection, all at once; for none where
  /// the projection has no synapse.
  template <class Visit>
  void for_each_share(std::uint32_t projection, const Visit& visit) const;
  // Recording (cpu_engine_record.cpp).
  void prepare_reports();
  template <class Chosen, class Value>
  void sample(const Part& part, std::uint64_t step, Block& out, const Chosen& chosen,
              const Value& value) const;
  void sample_state(const Part& part, std::uint64_t step, Block& out) const;
  void sample_input(Part& part, std::uint64_t step, std::size_t row, Block& out) const;
  [[nodiscard]] double arriving(Part& part, int receptor, std::size_t row, std::uint32_t element,
                                int exponent) const;
  [[nodiscard]] double current_pA(std::uint32_t population, std::uint32_t index, std::uint64_t step) const;
  // State (cpu_engine_state.cpp).
  void fill_neurons(EngineState& out) const;
  void restore_part(Part& part, const EngineState& state);
  void set_learning(ThreadState& t, bool learning) const;
  void set_theta(Segment& segment, bool adapts) const;
  void begin_flights(ThreadState& t, std::int64_t first_step) const;
  void fly(int thread, std::int64_t step);
  void put_spikes(ThreadState& t, const EngineState& state, std::int64_t step) const;
  void drop_input(ThreadState& t, std::uint64_t step) const;

  [[nodiscard]] void* accumulator(Part& part, int receptor, std::size_t row, std::size_t element) const;

  ModelSpec spec_;
  ThreadPool pool_;
  const CpuKernels& kernels_;
  std::shared_ptr<const Network> network_;
  const Network& net_;
  EvaluatedModel given_;
  StateLayout layout_;
  SpikesUnderWay under_way_;
  std::vector<Presented> presented_;
  Replay replay_;
  Arithmetic arithmetic_ = Arithmetic::float_int32;
  std::size_t real_size_ = 4;
  std::size_t accumulator_size_ = 4;
  double bound_mV_ = 0;      // that a V may be from E_L
  double largest_real_ = 0;  // so much where nothing is said
  std::size_t depth_ = 2;    // steps that a row stays in the air, at most
  std::uint64_t round_steps_ = 1;
  std::vector<FileSpike> file_spikes_;
  std::vector<std::vector<std::vector<ReportPlace>>> report_places_;  // [report][part]
  std::vector<std::vector<std::uint32_t>> report_quantities_;  // [report][variable] recorded_quantity.hpp
  bool learns_ = false;         // are there plastic projections, or neuromodulators?
  bool records_input_ = false;  // is one of them to be taken before the update?
  std::vector<ThreadState> threads_;
  std::vector<std::ptrdiff_t> bounds_;  // scratch of log_spikes()
  std::atomic<bool> failed_{false};     ///< a thread has thrown
  ConstructionReport report_;
  std::uint64_t step_ = 0;
  double seconds_per_tick_ = 0;
  StepProfile* profile_ = nullptr;
};

}  // namespace sharpwave
