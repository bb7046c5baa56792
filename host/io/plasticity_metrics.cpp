#include "host/io/plasticity_metrics.hpp"

#include <limits>
#include <numeric>

namespace sharpwave {
namespace {

double per(double sum, std::uint64_t n) {
  return n > 0 ? sum / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

PlasticityMetrics metrics_of(const LearningHeader& header, const PlasticityReading& r) {
  const double unit = PlasticityReading::kUnit * header.w_max;
  const auto weight = [&](std::uint64_t units) { return static_cast<double>(units) * unit; };
  const auto time_ms = [&](std::uint64_t steps) { return static_cast<double>(steps) * header.dt_ms; };
  const std::uint64_t n = std::accumulate(r.histogram.begin(), r.histogram.end(), std::uint64_t{0});
  return {.projection = header.projection,
          .weight_unit = header.weight_unit,
          .synapses = n,
          .updates = r.updates,
          .potentiations = r.potentiations,
          .depressions = r.depressions,
          .ratio = per(static_cast<double>(r.potentiations), r.depressions),
          .raised = weight(r.raised),
          .lowered = weight(r.lowered),
          .mean_change = per(weight(r.raised + r.lowered), r.updates),
          .mean_dt_plus_ms = per(time_ms(r.steps_plus), r.potentiations),
          .mean_dt_minus_ms = per(time_ms(r.steps_minus), r.depressions),
          .unchanged_for_ms = time_ms(r.unchanged_steps),
          .mean_weight = (header.is_negative ? -1 : 1) * per(weight(r.weight_sum), n),
          .share_at_min = per(static_cast<double>(r.at_min), n),
          .share_at_max = per(static_cast<double>(r.at_max), n),
          .w_min = header.w_min,
          .w_max = header.w_max,
          .histogram = r.histogram};
}

}  // namespace sharpwave
