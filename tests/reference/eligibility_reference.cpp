#include "tests/reference/eligibility_reference.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::reference {
namespace {

/// What pairs that end at `now` add to the trace.
double gained(const StdpSetup& s, const std::vector<int>& firsts, int now, double amplitude, double tau_ms) {
  double sum = 0;
  for (const int t : firsts) {
    if (t >= now) continue;
    const double pair = amplitude * std::exp(-(now - t) * s.dt_ms / tau_ms);
    sum = s.pairs == Pairs::all_to_all ? sum + pair : pair;  // else the last one before
  }
  return sum;
}

}  // namespace

double eligible_weight_at(const EligibilitySetup& setup, const std::vector<int>& pre,
                          const std::vector<int>& post, int now) {
  const StdpSetup& s = setup.pairs;
  std::vector<int> sources = pre;
  std::vector<int> targets = post;
  for (int& t : s.axonal ? sources : targets) t += s.delay;
  double w = s.initial;
  double c = 0;
  for (int step = 0; step < now; ++step) {
    if (std::ranges::binary_search(targets, step)) c += gained(s, sources, step, s.plus, s.tau_plus_ms);
    if (std::ranges::binary_search(sources, step)) c -= gained(s, targets, step, s.minus, s.tau_minus_ms);
    const double tau_ms = setup.tau_ms * (setup.stretch ? setup.stretch(step) : 1.0);
    // Simpson's rule within the step. Just before its end, where the gate may jump.
    const auto slope = [&](double part) {
      return c * std::exp(-part * s.dt_ms / tau_ms) * setup.gate((step + part) * s.dt_ms);
    };
    w += setup.rate_per_ms * s.dt_ms / 6 * (slope(0) + 4 * slope(0.5) + slope(1 - 1e-9));
    c *= std::exp(-s.dt_ms / tau_ms);
  }
  return w;
}

}  // namespace sharpwave::reference
