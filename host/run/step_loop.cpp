#include "host/run/step_loop.hpp"

#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/run/block_length.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/spike_digest.hpp"

namespace sharpwave {
namespace {

std::uint64_t bytes_of(const Block& block) {
  std::uint64_t bytes = block.ids.size() * sizeof(block.ids[0]);
  for (const Block::ReportSamples& samples : block.reports) {
    bytes += samples.values.size() * sizeof(samples.values[0]);
  }
  return bytes;
}

class Loop {
 public:
  Loop(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
       const std::function<bool()>& stop)
      : engine_(engine),
        spec_(spec),
        recorder_(recorder),
        sink_(sink),
        stop_(stop),
        populations_(spec),
        out_degrees_(engine.construction().out_degrees) {
    result_.spikes.resize(populations_.count());
  }

  LoopResult run() {
    result_.warm_up_steps = advance(spec_.simulation.warm_up_steps, true);
    engine_.reset_phases();
    digest_s_ = 0;
    const Stopwatch watch;
    result_.steps = advance(spec_.simulation.steps, false);
    result_.wall_s = watch.seconds();
    result_.spike_digest = digest_.hex();
    result_.phases = engine_.phases();
    result_.phases.push_back({"digest", digest_s_});
    result_.phases.push_back({"recording", recording_s_});
    return std::move(result_);
  }

 private:
  /// Returns the steps done, fewer than `steps` only if stopped.
  std::uint64_t advance(std::uint64_t steps, bool warm_up) {
    const Stopwatch watch;
    Progress progress{.warm_up = warm_up, .steps = steps};
    while (progress.steps_done < steps) {
      if (stop_()) {
        result_.interrupted = true;
        break;
      }
      const Stopwatch block_watch;
      const std::uint64_t n = length_.next(steps - progress.steps_done);
      {
        const ProfileRange range("steps");
        engine_.advance(n, block_);
      }
      digest();
      if (!warm_up) record();
      progress.steps_done += n;
      progress.spikes += block_.ids.size();
      progress.wall_s = watch.seconds();
      length_.finished(n, block_watch.seconds(), bytes_of(block_));
      sink_.block_ended(progress, block_);
    }
    return progress.steps_done;
  }

  void digest() {
    const ProfileRange range("digest");
    const Stopwatch watch;
    digest_.add_block(block_);
    digest_s_ += watch.seconds();
  }

  void record() {
    const ProfileRange range("recording");
    const Stopwatch watch;
    const std::span<const std::uint32_t> ids(block_.ids);
    for (std::uint64_t i = 0; i < block_.n_steps; ++i) {
      populations_.split(ids.subspan(block_.offsets[i], block_.offsets[i + 1] - block_.offsets[i]),
                         [&](std::size_t rank, std::span<const std::uint32_t> of_population) {
                           result_.spikes[rank] += of_population.size();
                         });
    }
    for (const std::uint32_t id : ids) result_.synaptic_events += out_degrees_[id];
    recorder_.record(block_);
    recording_s_ += watch.seconds();
  }

  Engine& engine_;
  const ModelSpec& spec_;
  Recorder& recorder_;
  ProgressSink& sink_;
  const std::function<bool()>& stop_;
  PopulationIds populations_;
  const std::vector<std::uint32_t>& out_degrees_;  // [id]
  BlockLength length_;
  SpikeDigest digest_;
  Block block_;
  LoopResult result_;
  double digest_s_ = 0;
  double recording_s_ = 0;
};

}  // namespace

LoopResult simulate(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
                    const std::function<bool()>& stop) {
  return Loop(engine, spec, recorder, sink, stop).run();
}

}  // namespace sharpwave
