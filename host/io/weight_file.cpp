#include "host/io/weight_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/base/sha256.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const hdf5::Object& at, const std::string& what) {
  throw Error(ExitCode::damaged_data, at.where() + ": " + what);
}

std::string value_text(std::size_t i, double value) {
  return "value " + std::to_string(i) + " is " + number_text(value) + "; expected ";
}

/// The number of the sample.
std::size_t sample_at(const hdf5::Dataset& times, const std::vector<double>& times_ms,
                      std::optional<double> time_ms, double dt_ms) {
  if (times_ms.empty()) refuse(times, "has no sample; expected one at least");
  if (!time_ms) return times_ms.size() - 1;
  for (std::size_t i = 0; i < times_ms.size(); ++i)
    if (std::fabs(times_ms[i] - *time_ms) < 0.5 * dt_ms) return i;
  throw Error(ExitCode::invalid_config, times.where() + ": has no sample at " + number_text(*time_ms) +
                                            " ms; its " + std::to_string(times_ms.size()) + " are from " +
                                            number_text(times_ms.front()) + " to " +
                                            number_text(times_ms.back()) + " ms");
}

std::vector<std::uint32_t> read_delays(const hdf5::Dataset& delays, std::uint64_t n, double dt_ms) {
  constexpr double kMostSteps = 1u << 22;
  constexpr double kTolerance = 1e-6;  // of a step: what products of decimal numbers are off by is far less
  std::vector<std::uint32_t> steps;
  steps.reserve(n);
  delays.visit_doubles(n, [&](std::span<const double> block) {
    for (const double delay_ms : block) {
      const double nearest = std::nearbyint(delay_ms / dt_ms);
      if (!(nearest >= 1 && nearest <= kMostSteps && std::fabs(delay_ms / dt_ms - nearest) <= kTolerance))
        refuse(delays, value_text(steps.size(), delay_ms) + "a multiple of dt, " + number_text(dt_ms) +
                           " ms, above 0 and up to 2^22 of it");
      steps.push_back(static_cast<std::uint32_t>(nearest));
    }
  });
  return steps;
}

/// All of one sign, which a 0 has as well.
void take_sign(const hdf5::Dataset& from, WeightSample& sample) {
  std::vector<float>& weights = sample.weighted.magnitudes;
  const auto sets_sign = std::ranges::find_if(weights, [](float w) { return w != 0; });
  sample.is_negative =
      sets_sign != weights.end() ? *sets_sign < 0 : !weights.empty() && std::signbit(weights.front());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    float& w = weights[i];
    if (!std::isfinite(w)) refuse(from, value_text(i, double{w}) + "a finite weight");
    if (w != 0 && (w < 0) != sample.is_negative)
      refuse(from, value_text(i, double{w}) + "one of the sign that those before it have");
    w = std::fabs(w);
    if (w < weights[sample.least]) sample.least = i;
    if (w > weights[sample.most]) sample.most = i;
  }
}

std::string digest_of(const WeightSample& sample) {
  Sha256 hash;
  const auto add = [&](const auto& values) {
    hash.update(values.data(), values.size() * sizeof(values.front()));
  };
  const PlasticSynapses& synapses = sample.weighted.synapses;
  add(synapses.sources);
  add(synapses.targets);
  add(synapses.delay_steps);
  add(sample.weighted.magnitudes);
  const std::uint8_t sign = sample.is_negative ? 1 : 0;
  hash.update(&sign, sizeof sign);
  return to_hex(hash.finish());
}

}  // namespace

WeightSample read_weight_sample(const std::filesystem::path& path, std::optional<double> time_ms,
                                double dt_ms) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint32_t>::max();
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Group group = file.root().group("weights");
  const hdf5::Dataset times = group.dataset("time");
  const std::vector<double> times_ms = times.read_doubles();
  const std::size_t number = sample_at(times, times_ms, time_ms, dt_ms);
  WeightSample sample{.time_ms = times_ms[number]};
  PlasticSynapses& synapses = sample.weighted.synapses;
  synapses.sources = group.dataset("source").read_indices(kAny, "the index of a source");
  const std::uint64_t n = synapses.sources.size();
  synapses.targets = group.dataset("target").read_indices(kAny, "the index of a target", n);
  synapses.delay_steps = read_delays(group.dataset("delay"), n, dt_ms);
  if (n > 0) {
    const hdf5::Dataset weights = group.dataset("weight");
    const std::vector<std::uint64_t> shape = weights.shape();
    if (shape.size() != 2 || shape[0] != times_ms.size() || shape[1] != n)
      refuse(weights, "expected a table of " + std::to_string(times_ms.size()) + " samples of " +
                          std::to_string(n) + " weights");
    sample.weighted.magnitudes = weights.read_rows(number, 1);
    take_sign(weights, sample);
  }
  sample.digest = digest_of(sample);
  return sample;
}

}  // namespace sharpwave
