#include "tests/reference/stdp_reference.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::reference {
namespace {

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

}  // namespace

// Where the two meet: what an axonal delay makes late are the source's spikes, else the target's.
Course::Course(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post)
    : s_(setup), sources_(pre), targets_(post), w_(setup.initial) {
  for (int& t : s_.axonal ? sources_ : targets_) t += s_.delay;
  for (std::size_t i = 0; i < pre.size(); ++i)
    events_.push_back(
        {sources_[i], true, is_learning(s_, pre[i]), s_.minus_factor ? s_.minus_factor(pre[i]) : 1.0});
  for (std::size_t i = 0; i < post.size(); ++i)
    events_.push_back(
        {targets_[i], false, is_learning(s_, post[i]), s_.plus_factor ? s_.plus_factor(post[i]) : 1.0});
  std::sort(events_.begin(), events_.end(), [&](const Event& a, const Event& b) { return is_before(a, b); });
}

bool Course::is_before(const Event& a, const Event& b) const {
  if (a.time != b.time) return a.time < b.time;
  return s_.axonal ? a.is_pre && !b.is_pre : b.is_pre && !a.is_pre;
}

void Course::take(const Event& event) {
  const std::vector<int>& others = event.is_pre ? targets_ : sources_;
  const std::vector<int>& own = event.is_pre ? sources_ : targets_;
  const double tau = event.is_pre ? s_.tau_minus_ms : s_.tau_plus_ms;
  double sum = 0;
  for (const int t : others)
    if (t < event.time && counts(s_.pairs, t, others, event.time, own, event.is_pre))
      sum += std::exp(-(event.time - t) * s_.dt_ms / tau);
  const double slow =
      slow_trace(s_, own, event.time, event.is_pre ? s_.tau_slow_plus_ms : s_.tau_slow_minus_ms);
  const double before = w_;
  if (event.is_pre && event.learns) {
    const double amplitude = s_.minus + s_.triplet_minus * slow;
    w_ -= event.factor * (amplitude * std::pow(w_ / s_.w_max, s_.mu_minus) * sum + s_.per_pre);
  } else if (event.learns) {
    const double factor = s_.power_law ? std::pow(w_, s_.mu_plus) : std::pow(1 - w_ / s_.w_max, s_.mu_plus);
    w_ += event.factor * (s_.plus + s_.triplet_plus * slow) * factor * sum;
  }
  w_ = std::clamp(w_, s_.w_min, s_.w_max);
  moved_ += std::abs(w_ - before);
}

bool Course::next() {
  if (next_ == events_.size()) return false;
  const Event& event = events_[next_++];
  take(event);
  return event.is_pre;
}

void Course::until_arrival(int step) {
  const Event arrival{s_.axonal ? step : step - s_.delay, true, false};
  while (next_ < events_.size() && is_before(events_[next_], arrival)) take(events_[next_++]);
}

void Course::until_seen(int step) {
  // What a spike of the source does in the step itself is seen after the next one, where it acts before its
  // delay.
  while (next_ < events_.size() &&
         events_[next_].time <= (events_[next_].is_pre && !s_.axonal ? step - 1 : step))
    take(events_[next_++]);
}

std::vector<double> weights_of(const StdpSetup& setup, const std::vector<int>& pre,
                               const std::vector<int>& post) {
  std::vector<double> weights;
  Course course(setup, pre, post);
  while (!course.is_over())
    if (course.next()) weights.push_back(course.weight());
  return weights;
}

double weight_after(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post) {
  Course course(setup, pre, post);
  while (!course.is_over()) static_cast<void>(course.next());
  return course.weight();
}

std::vector<double> scaled_weights(const ScaledTarget& target, int until) {
  std::vector<Course> courses;
  for (const ScaledTarget::Synapse& synapse : target.synapses)
    courses.emplace_back(synapse.setup, synapse.pre, target.post);
  for (int step = target.interval; step <= until; step += target.interval) {
    if (!is_learning(target.synapses[0].setup, step)) continue;
    double sum = 0;
    for (Course& course : courses) {
      course.until_arrival(step + 1);
      sum += course.weight();
    }
    const auto n_spikes = std::count_if(target.post.begin(), target.post.end(),
                                        [&](int t) { return step - target.interval < t && t <= step; });
    const double rate = static_cast<double>(n_spikes) / target.interval;
    double factor = std::max(0.0, 1 + target.strength * (1 - rate / target.rate_per_step));
    if (target.total > 0) factor = sum > 0 ? target.total / sum : 1;
    for (Course& course : courses) {
      if (target.relax_to)
        course.relax(*target.relax_to, std::exp(-target.relaxation_per_step * target.interval));
      else
        course.multiply(factor);
    }
  }
  std::vector<double> weights;
  for (Course& course : courses) {
    course.until_seen(until);
    weights.push_back(course.weight());
  }
  return weights;
}

}  // namespace sharpwave::reference
