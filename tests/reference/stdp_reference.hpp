// A slow account of spike-timing-dependent plasticity of one synapse, pair by pair from the definitions, in
// double and without traces. It shares no code and no formula with the product.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace sharpwave::reference {

enum class Pairs { all_to_all, symmetric, presynaptic, restricted };

/// Times in steps of dt.
struct StdpSetup {
  Pairs pairs = Pairs::all_to_all;
  int delay = 1;
  bool axonal = false;  ///< else all of the delay is dendritic
  double dt_ms = 0.1;
  double tau_plus_ms = 20;
  double tau_minus_ms = 20;
  double plus = 0;
  double minus = 0;
  double mu_plus = 0;
  double mu_minus = 0;
  bool power_law = false;  ///< potentiation by `plus` w^mu_plus instead
  double w_min = 0;
  double w_max = 1;
  double initial = 0.5;
  double triplet_plus = 0;   ///< added to `plus` for each spike of the target before, decaying
  double triplet_minus = 0;  ///< likewise to `minus`, of the source
  double tau_slow_plus_ms = 101;
  double tau_slow_minus_ms = 125;
  double per_pre = 0;               ///< by which each spike of the source weakens
  std::vector<int> switches = {0};  ///< steps at which learning begins, ends, begins ...
  /// By which what a spike changes is multiplied, by the spike's own step: of the target, of the source.
  std::function<double(int step)> plus_factor = nullptr;
  std::function<double(int step)> minus_factor = nullptr;
};

/// A synapse from event to event, in the order of time. Both lists ascend, without repetitions.
class Course {
 public:
  Course(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post);

  [[nodiscard]] bool is_over() const { return next_ == events_.size(); }
  /// True if the event is a spike of the source.
  bool next();
  /// All that is before a spike of the source that arrives in this step.
  void until_arrival(int step);
  /// All that is seen of it at the end of this step.
  void until_seen(int step);
  [[nodiscard]] double weight() const { return w_; }
  /// The magnitudes of all changes until now: what errors are a share of.
  [[nodiscard]] double moved() const { return moved_; }
  void multiply(double factor) { w_ = std::clamp(w_ * factor, s_.w_min, s_.w_max); }
  void relax(double rest, double keeps) { w_ = std::clamp(rest + (w_ - rest) * keeps, s_.w_min, s_.w_max); }

 private:
  struct Event {
    int time;
    bool is_pre;
    bool learns;
    double factor = 1;
  };
  [[nodiscard]] bool is_before(const Event& a, const Event& b) const;
  void take(const Event& event);

  StdpSetup s_;
  std::vector<int> sources_, targets_;  ///< where they meet
  std::vector<Event> events_;
  std::size_t next_ = 0;
  double w_;
  double moved_ = 0;
};

/// A target whose incoming weights are scaled at the ends of the steps that `interval` divides.
struct ScaledTarget {
  struct Synapse {
    StdpSetup setup;
    std::vector<int> pre;
  };
  std::vector<Synapse> synapses;
  std::vector<int> post;
  int interval = 1;
  double total = 0;  ///< 0: towards a rate
  double rate_per_step = 1;
  double strength = 0;
  std::optional<double> relax_to{};  ///< instead
  double relaxation_per_step = 0;
};
/// The weights as they are seen at the end of step `until`.
std::vector<double> scaled_weights(const ScaledTarget& target, int until);

/// The weight after each presynaptic spike has acted. Both lists ascend, without repetitions.
std::vector<double> weights_of(const StdpSetup& setup, const std::vector<int>& pre,
                               const std::vector<int>& post);

/// The weight after all of them.
double weight_after(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post);

}  // namespace sharpwave::reference
