#include "benchmarks/gpu/prediction.hpp"

#include <algorithm>
#include <functional>

namespace sharpwave::gpu_limits {
namespace {

constexpr double kSharedBytesPerClock = 128;     // 32 banks of 4 bytes
constexpr std::int64_t kRingOfAnSm = 160 << 10;  // the microcircuit needs 150 KB an SM
constexpr std::int64_t kRingOfAll = 32'000'000;  // 77,169 neurons x 2 receptors x 46 steps x 4 bytes
constexpr std::int64_t kRowsAtOnce = 25;         // an SM has a row of every spike

const char* const kRateOfAll = "G/s";

using Test = std::function<bool(const Figure&)>;

/// The least median, or the largest, of the figures of an answer that pass.
double median_of(const std::vector<Answer>& answers, const std::string& name, bool largest,
                 const Test& passes) {
  double found = -1;
  for (const Answer& answer : answers) {
    if (answer.name != name) continue;
    for (const Figure& figure : answer.figures) {
      const double median = figure.value.median;
      if (passes(figure) && (found < 0 || (largest ? median > found : median < found))) found = median;
    }
  }
  if (found < 0) throw CheckFailed("a prediction needs " + name + ", which was not measured, or not so");
  return found;
}

/// The largest `key` of the figures named `name` that is at most `most`.
std::int64_t largest_place(const std::vector<Answer>& answers, const std::string& name,
                           const std::string& key, std::int64_t most) {
  std::int64_t largest = 0;
  for (const Answer& answer : answers)
    for (const Figure& figure : answer.figures)
      if (figure.name == name && figure.at(key) <= most) largest = std::max(largest, figure.at(key));
  return largest;
}

}  // namespace

Limits limits_of(const Device& device, const std::vector<Answer>& answers) {
  const std::int64_t ring = largest_place(answers, "shared, random", "bytes", kRingOfAnSm);
  const std::int64_t global_ring = largest_place(answers, "global, random", "bytes", kRingOfAll);
  Limits limits;
  limits.barrier_us = median_of(answers, "barrier", false, [&](const Figure& f) {
    return f.at("blocks") == device.n_sms && f.at("words_read") == 1;
  });
  limits.kernel_us =
      median_of(answers, "kernel", false, [&](const Figure& f) { return f.at("blocks") == device.n_sms; });
  limits.rows_us = median_of(answers, "fetch", false, [](const Figure& f) {
    return f.name == "round of rows" && f.at("warps") * f.at("in_flight") >= kRowsAtOnce;
  });
  limits.shared_adds_per_us =
      1e3 * median_of(answers, "adds", true, [&](const Figure& f) {
        return f.name == "shared, random" && f.unit == kRateOfAll && f.at("bytes") == ring;
      });
  limits.global_adds_per_us =
      1e3 * median_of(answers, "adds", true, [&](const Figure& f) {
        return f.name == "global, random" && f.unit == kRateOfAll && f.at("bytes") == global_ring;
      });
  limits.shared_bytes_per_us = kSharedBytesPerClock * device.n_sms * device.sm_clock_MHz;
  limits.global_bytes_per_us =
      1e3 * median_of(answers, "copy", true, [](const Figure& f) { return f.name != "read"; });
  return limits;
}

std::vector<Prediction> predictions_of(const Limits& l, const Step& step) {
  const double bytes = step.neurons * step.bytes_per_neuron;
  const double update = bytes / l.shared_bytes_per_us;
  const double deliver = l.rows_us + step.synaptic_events / l.shared_adds_per_us;
  const double graph = step.graph_kernels * l.kernel_us + l.rows_us +
                       step.synaptic_events / l.global_adds_per_us + bytes / l.global_bytes_per_us;
  std::vector<Prediction> predictions{
      {"persistent kernel, one after the other", "barrier + rows + events / shared adds + update",
       l.barrier_us + deliver + update},
      {"persistent kernel, delivery beside the barrier", "max(barrier + update, rows + events / shared adds)",
       std::max(l.barrier_us + update, deliver)},
      {"graph of kernels, ring in global memory",
       "2 kernels + rows + events / global adds + bytes of neurons / copy", graph}};
  for (Prediction& prediction : predictions)
    prediction.real_time_factor = prediction.step_us / step.microseconds;
  return predictions;
}

}  // namespace sharpwave::gpu_limits
