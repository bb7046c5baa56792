#include "tests/reference/stdp_reference.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::reference {
namespace {

struct Event {
  int time;
  bool is_pre;
  bool learns;
};

bool is_learning(const StdpSetup& s, int step) {
  const auto n = std::count_if(s.switches.begin(), s.switches.end(), [&](int at) { return at <= step; });
  return n % 2 == 1;
}

/// What is left of a side's own spikes before `now`: of all, or of the last one.
double slow_trace(const StdpSetup& s, const std::vector<int>& own, int now, double tau_ms) {
  double sum = 0;
  for (const int t : own) {
    if (t >= now) continue;
    const double left = std::exp(-(now - t) * s.dt_ms / tau_ms);
    sum = s.pairs == Pairs::all_to_all ? sum + left : std::max(sum, left);
  }
  return sum;
}

bool any_between(const std::vector<int>& times, int low, int high) {
  return std::any_of(times.begin(), times.end(), [&](int t) { return low < t && t < high; });
}

/// Does the pair of a spike at `other` and a later one of the other side at `now` count?
/// @param others, own  all spikes of the side of either.
bool counts(Pairs pairs, int other, const std::vector<int>& others, int now, const std::vector<int>& own,
            bool now_is_pre) {
  const bool nearest_other = !any_between(others, other, now);
  const bool nearest_own = !any_between(own, other, now);
  switch (pairs) {
    case Pairs::all_to_all:
      return true;
    case Pairs::symmetric:
      return nearest_other;
    case Pairs::presynaptic:
      return now_is_pre ? nearest_other : nearest_own;
    case Pairs::restricted:
      return nearest_other && nearest_own;
  }
  return false;
}

/// The weight after each presynaptic spike, and last after all.
std::vector<double> course_of(const StdpSetup& s, const std::vector<int>& pre, const std::vector<int>& post) {
  // Where the two meet: what an axonal delay makes late are the source's spikes, else the target's.
  std::vector<int> sources = pre;
  std::vector<int> targets = post;
  for (int& t : s.axonal ? sources : targets) t += s.delay;
  std::vector<Event> events;
  for (std::size_t i = 0; i < pre.size(); ++i) events.push_back({sources[i], true, is_learning(s, pre[i])});
  for (std::size_t i = 0; i < post.size(); ++i)
    events.push_back({targets[i], false, is_learning(s, post[i])});
  std::sort(events.begin(), events.end(), [&](const Event& a, const Event& b) {
    if (a.time != b.time) return a.time < b.time;
    return s.axonal ? a.is_pre && !b.is_pre : b.is_pre && !a.is_pre;
  });
  std::vector<double> weights;
  double w = s.initial;
  for (const Event& event : events) {
    const std::vector<int>& others = event.is_pre ? targets : sources;
    const std::vector<int>& own = event.is_pre ? sources : targets;
    const double tau = event.is_pre ? s.tau_minus_ms : s.tau_plus_ms;
    double sum = 0;
    for (const int t : others)
      if (t < event.time && counts(s.pairs, t, others, event.time, own, event.is_pre))
        sum += std::exp(-(event.time - t) * s.dt_ms / tau);
    const double slow =
        slow_trace(s, own, event.time, event.is_pre ? s.tau_slow_plus_ms : s.tau_slow_minus_ms);
    if (event.is_pre && event.learns) {
      const double amplitude = s.minus + s.triplet_minus * slow;
      w -= amplitude * std::pow(w / s.w_max, s.mu_minus) * sum + s.per_pre;
    } else if (event.learns) {
      const double factor = s.power_law ? std::pow(w, s.mu_plus) : std::pow(1 - w / s.w_max, s.mu_plus);
      w += (s.plus + s.triplet_plus * slow) * factor * sum;
    }
    w = std::clamp(w, s.w_min, s.w_max);
    if (event.is_pre) weights.push_back(w);
  }
  weights.push_back(w);
  return weights;
}

}  // namespace

std::vector<double> weights_of(const StdpSetup& setup, const std::vector<int>& pre,
                               const std::vector<int>& post) {
  std::vector<double> weights = course_of(setup, pre, post);
  weights.pop_back();
  return weights;
}

double weight_after(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post) {
  return course_of(setup, pre, post).back();
}

}  // namespace sharpwave::reference
