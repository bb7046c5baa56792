// The network of configs/izhikevich_2007.yaml as the paper's program daspnet.m has it (ModelDB 84167), of
// which it shares every rule and no code: in each millisecond spikes, traces, currents, neurons, and every
// ten the weights. Random numbers are not MATLAB's. What it printed stands in docs/validation.md.
//
//   izhikevich_2007_reference SEED SECONDS
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace {

constexpr int kExcitatory = 800;
constexpr int kNeurons = 1000;
constexpr int kSynapses = 100;  // of each
constexpr double kMost = 4;     // mV
constexpr int kSource = 0;
constexpr int kTarget = 400;  // of its first synapse, the one in question

class Network {
 public:
  explicit Network(unsigned seed) : random_(seed) {
    for (int i = 0; i < kNeurons; ++i)
      for (int& target : targets_[i])
        target = static_cast<int>(random_() % (i < kExcitatory ? kNeurons : kExcitatory));
    targets_[kSource][0] = kTarget;
    for (int i = 0; i < kExcitatory; ++i)
      for (int k = 0; k < kSynapses; ++k) incoming_[targets_[i][k]].push_back({i, k});
    for (auto& row : weights_) row.fill(1);
    weights_[kSource][0] = 0;
    v_.fill(-65);
    u_.fill(-13);
  }

  void step(long t) {
    std::array<double, kNeurons> current;
    for (double& c : current) c = 13 * (uniform_(random_) - 0.5);
    const auto before = trace_;
    for (double& x : trace_) x *= 0.95;
    fired_.clear();
    for (int i = 0; i < kNeurons; ++i)
      if (v_[i] >= 30) fired_.push_back(i);
    for (const int i : fired_) {
      v_[i] = -65;
      u_[i] += i < kExcitatory ? 8 : 2;
      trace_[i] = 0.1;
      for (const auto& [source, k] : incoming_[i]) eligibility_[source][k] += before[source];
    }
    for (const int i : fired_)
      for (int k = 0; k < kSynapses; ++k) {
        const int target = targets_[i][k];
        current[target] += i < kExcitatory ? weights_[i][k] : -1;
        if (i < kExcitatory) eligibility_[i][k] -= 1.5 * trace_[target];
      }
    for (int i = 0; i < kNeurons; ++i) {
      for (int half = 0; half < 2; ++half)
        v_[i] += 0.5 * ((0.04 * v_[i] + 5) * v_[i] + 140 - u_[i] + current[i]);
      u_[i] += (i < kExcitatory ? 0.02 : 0.1) * (0.2 * v_[i] - u_[i]);
    }
    n_spikes_ += static_cast<long>(fired_.size());
    dopamine_ *= 0.995;
    if (t % 10 == 0) learn();
    reward(t);
  }

  void print(long t) const {
    std::vector<double> sorted;
    for (const auto& row : weights_) sorted.insert(sorted.end(), row.begin(), row.end());
    std::sort(sorted.begin(), sorted.end());
    const double own = weights_[kSource][0];
    const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), own);
    double sum = 0;
    for (const double w : sorted) sum += w;
    std::printf("%5ld s: %.3f mV, %ld of 80000 above it, mean %.3f, %.3f Hz, %ld rewards\n", t / 1000, own,
                static_cast<long>(above), sum / 80000,
                1e3 * static_cast<double>(n_spikes_) / kNeurons / static_cast<double>(t), n_rewards_);
    std::fflush(stdout);
  }

 private:
  struct Synapse {
    int source;
    int k;
  };

  void learn() {
    for (int i = 0; i < kExcitatory; ++i)
      for (int k = 0; k < kSynapses; ++k) {
        double& c = eligibility_[i][k];
        weights_[i][k] = std::clamp(weights_[i][k] + (0.002 + dopamine_) * c, 0.0, kMost);
        c *= 0.99;
      }
  }

  void reward(long t) {
    const auto has_fired = [&](int i) { return std::find(fired_.begin(), fired_.end(), i) != fired_.end(); };
    if (has_fired(kSource)) last_of_source_ = t;
    if (has_fired(kTarget) && t - last_of_source_ < 20 && t > last_of_source_)
      rewards_.insert(t + 1000 + static_cast<long>(std::ceil(2000 * uniform_(random_))));
    if (rewards_.erase(t) == 0) return;
    dopamine_ += 0.5;
    ++n_rewards_;
  }

  std::mt19937_64 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
  std::array<std::array<int, kSynapses>, kNeurons> targets_{};
  std::array<std::vector<Synapse>, kNeurons> incoming_;
  std::array<std::array<double, kSynapses>, kExcitatory> weights_{};
  std::array<std::array<double, kSynapses>, kExcitatory> eligibility_{};
  std::array<double, kNeurons> v_{}, u_{}, trace_{};
  std::vector<int> fired_;
  std::set<long> rewards_;
  double dopamine_ = 0;
  long last_of_source_ = -100;
  long n_spikes_ = 0;
  long n_rewards_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto network = std::make_unique<Network>(static_cast<unsigned>(std::atoi(argv[1])));
  const long end = 1000 * std::atol(argv[2]);
  for (long t = 1; t <= end; ++t) {
    network->step(t);
    if (t % 300'000 == 0 || t == end) network->print(t);
  }
  return 0;
}
