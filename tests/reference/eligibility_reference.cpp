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

EligibleCourse eligible_course_until(const EligibilitySetup& setup, const std::vector<int>& pre,
                                     const std::vector<int>& post, int now) {
  const StdpSetup& s = setup.pairs;
  std::vector<int> sources = pre;
  std::vector<int> targets = post;
  for (int& t : s.axonal ? sources : targets) t += s.delay;
  EligibleCourse course{.weight = s.initial};
  double c = 0;
  double of_one_sign = 0;
  for (int step = 0; step < now; ++step) {
    if (std::ranges::binary_search(targets, step)) {
      const double gain = gained(s, sources, step, s.plus, s.tau_plus_ms);
      c += gain;
      of_one_sign += gain;
    }
    if (std::ranges::binary_search(sources, step)) {
      const double loss = gained(s, targets, step, s.minus, s.tau_minus_ms);
      c -= loss;
      of_one_sign += loss;
    }
    const double tau_ms = setup.tau_ms * (setup.stretch ? setup.stretch(step) : 1.0);
    const GateOfStep gate = setup.gate(step);
    const auto left = [&](double part) { return std::exp(-part * s.dt_ms / tau_ms); };
    // Simpson's rule within the step.
    const double sixth = setup.rate_per_ms * s.dt_ms / 6;
    const double middle = 4 * left(0.5) * gate.middle;
    course.weight += c * sixth * (gate.begin + middle + left(1) * gate.end);
    course.moved += of_one_sign * sixth * std::abs(gate.begin + middle + left(1) * gate.end);
    course.bent += of_one_sign * sixth * std::abs(middle - 2 * left(0.5) * (gate.begin + gate.end));
    c *= left(1);
    of_one_sign *= left(1);
  }
  return course;
}

double eligible_weight_at(const EligibilitySetup& setup, const std::vector<int>& pre,
                          const std::vector<int>& post, int now) {
  return eligible_course_until(setup, pre, post, now).weight;
}

}  // namespace sharpwave::reference
