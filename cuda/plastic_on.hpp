// What an instance has of a plastic projection on a device: weights, what its sources and targets have done,
// spikes on the way.
#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "cuda/network_on.hpp"
#include "cuda/regions_on.hpp"

namespace sharpwave::device {

template <class Backend>
class PlasticOn {
 public:
  PlasticOn(Backend& backend, const PlasticConnections& connections, const PlasticModel& model,
            const RegionsOn<Backend>& regions);

  [[nodiscard]] const Plastic& view() const { return view_; }
  /// For all spikes that the targets can fire in a graph of steps; true where view() is another one now.
  [[nodiscard]] bool make_room(Backend& backend);
  /// Whether it learns, beside what the rule says of its times; view() is another one then.
  void set_learning(bool learning) { view_.constants.learning = learning ? learning_ : LearningTimes{}; }
  /// As it is after `step`.
  void read(Backend& backend, std::uint64_t step, PlasticValues& out) const;
  void write(Backend& backend, std::uint64_t step, const PlasticValues& values);

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  template <class T>
  using Keep = Kept<Backend, T>;

  /// Of the spikes of targets, with room for those that come.
  [[nodiscard]] std::uint32_t size_for(std::uint64_t n_posts) const;
  [[nodiscard]] PostBounds bounds(Backend& backend) const;
  void allocate_posts(Backend& backend, std::uint32_t size);
  void make_scaling(Backend& backend);
  void write_posts(Backend& backend, const PlasticValues& values);
  void make_gate(Backend& backend, const Gate& given);
  void write_gate(Backend& backend, std::uint64_t step, const PlasticValues& values);

  Plastic view_;
  LearningTimes learning_;  ///< of the rule
  Keep<float> tables_;
  Keep<std::int64_t> switches_;
  Buffer<float> weights_, traces_;
  Buffer<PlasticSource> sources_;
  Buffer<PlasticFlight> flights_;
  Buffer<std::uint32_t> n_flights_;
  Buffer<Post> newest_, posts_;
  Buffer<std::uint32_t> newest_numbers_, post_neurons_;
  Buffer<PostBounds> bounds_;
  Buffer<std::int64_t> counts_, last_change_;
  Buffer<Gate> gate_;
  Buffer<double> gate_left_, gate_moved_;
  Buffer<GateProgress> gate_progress_;
  Buffer<std::int64_t> scaled_at_, sums_;
  Buffer<std::uint32_t> target_spikes_, interval_spikes_, flight_at_;
};

template <class Backend>
PlasticOn<Backend>::PlasticOn(Backend& backend, const PlasticConnections& connections,
                              const PlasticModel& model, const RegionsOn<Backend>& regions)
    : view_{.connections = connections,
            .constants = model.constants,
            .silent_steps = model.silent_steps,
            .pre_memory_steps = model.pre_memory_steps,
            .post_memory_steps = model.post_memory_steps,
            .modulating = regions.factors(model.modulating_region),
            .gating = regions.levels(model.gating_region)} {
  StdpConstants& c = view_.constants;
  for (DecayTable* table : {&c.decay_plus, &c.decay_minus, &c.decay_slow_plus, &c.decay_slow_minus})
    table->values = tables_.keep(backend, std::span(table->values, static_cast<std::size_t>(table->size)));
  c.learning.switches =
      switches_.keep(backend, std::span(c.learning.switches, static_cast<std::size_t>(c.learning.n)));
  learning_ = c.learning;

  weights_ = upload_joined(backend, model.weights);
  view_.weights = weights_.data();
  if (model.has_traces) traces_ = backend.template allocate<float>(weights_.size());
  view_.traces = traces_.data();
  sources_ =
      backend.upload(std::span<const PlasticSource>(std::vector<PlasticSource>(connections.n_sources)));
  view_.sources = sources_.data();
  flights_ =
      backend.template allocate<PlasticFlight>(std::size_t{connections.n_slots()} * connections.n_sources);
  view_.flights = flights_.data();
  n_flights_ = backend.template allocate<std::uint32_t>(connections.n_slots());
  view_.n_flights = n_flights_.data();
  newest_ = backend.upload(std::span<const Post>(std::vector<Post>(connections.n_targets)));
  view_.posts.newest = newest_.data();
  newest_numbers_ = backend.template allocate<std::uint32_t>(connections.n_targets);
  view_.posts.newest_number = newest_numbers_.data();
  bounds_ = backend.template allocate<PostBounds>(1);
  view_.posts.bounds = bounds_.data();
  allocate_posts(backend, size_for(std::uint64_t{kPostsAtFirst} * connections.n_noted()));
  counts_ = backend.template allocate<std::int64_t>(std::size(kStdpCounts));
  view_.counts = counts_.data();
  last_change_ = backend.upload(std::span(&kNeverFired, 1));
  view_.last_change = last_change_.data();
  make_scaling(backend);
  if (model.gating_region != kNone) make_gate(backend, model.gate);
}

template <class Backend>
void PlasticOn<Backend>::make_gate(Backend& backend, const Gate& given) {
  const auto n_entries = static_cast<std::size_t>(given.n_epochs * (given.epoch_steps + 1));
  gate_left_ = backend.upload(std::span<const double>(given.left, n_entries));
  gate_moved_ = backend.upload(std::span<const double>(given.moved, n_entries));
  gate_progress_ = backend.upload(std::span<const GateProgress>(given.progress, 1));
  Gate gate = given;
  gate.left = gate_left_.data();
  gate.moved = gate_moved_.data();
  gate.progress = gate_progress_.data();
  gate_ = backend.upload(std::span<const Gate>(&gate, 1));
  view_.gate = gate_.data();
}

template <class Backend>
void PlasticOn<Backend>::make_scaling(Backend& backend) {
  const PlasticConnections& c = view_.connections;
  PlasticScaling& scaling = view_.scaling;
  scaled_at_ = backend.upload(std::span(&kNeverFired, 1));
  scaling.scaled_at = scaled_at_.data();
  if (view_.constants.homeostasis.interval_steps == 0) return;
  sums_ = backend.template allocate<std::int64_t>(c.n_targets);
  scaling.sums = sums_.data();
  flight_at_ = backend.template allocate<std::uint32_t>(std::size_t{c.n_slots()} * c.n_sources);
  scaling.flight_at = flight_at_.data();
  if (!view_.constants.homeostasis.is_towards_rate()) return;
  target_spikes_ = backend.template allocate<std::uint32_t>(c.n_targets);
  scaling.spikes = target_spikes_.data();
  interval_spikes_ = backend.template allocate<std::uint32_t>(c.n_targets);
  scaling.interval_spikes = interval_spikes_.data();
}

template <class Backend>
std::uint32_t PlasticOn<Backend>::size_for(std::uint64_t n_posts) const {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;  // numbers have 32 bits
  const std::uint64_t n = n_posts + std::uint64_t{kStepsPerGraph} * view_.connections.n_noted();
  if (n > kMost) throw RuntimeError("more than 2^31 spikes of plastic synapses' targets to keep", true);
  return static_cast<std::uint32_t>(std::bit_ceil(n));
}

template <class Backend>
PostBounds PlasticOn<Backend>::bounds(Backend& backend) const {
  PostBounds bounds;
  backend.download(std::span(&bounds, 1), bounds_, 0);
  return bounds;
}

template <class Backend>
void PlasticOn<Backend>::allocate_posts(Backend& backend, std::uint32_t size) {
  posts_ = backend.template allocate<Post>(size);
  post_neurons_ = backend.template allocate<std::uint32_t>(size);
  view_.posts.spikes = posts_.data();
  view_.posts.neurons = post_neurons_.data();
  view_.posts.size = size;
}

// Numbers stay: where a spike lies follows from them.
template <class Backend>
bool PlasticOn<Backend>::make_room(Backend& backend) {
  const auto [first, next] = bounds(backend);
  const std::uint32_t before = view_.posts.size;
  const std::uint32_t size = size_for(next - first);
  if (size <= before) return false;
  std::vector<Post> posts(before), more_posts(size);
  std::vector<std::uint32_t> neurons(before), more_neurons(size);
  backend.download(std::span(posts), posts_, 0);
  backend.download(std::span(neurons), post_neurons_, 0);
  for (std::uint32_t number = first; number != next; ++number) {
    more_posts[number & (size - 1)] = posts[number & (before - 1)];
    more_neurons[number & (size - 1)] = neurons[number & (before - 1)];
  }
  allocate_posts(backend, size);
  backend.write(posts_, 0, std::span<const Post>(more_posts));
  backend.write(post_neurons_, 0, std::span<const std::uint32_t>(more_neurons));
  return true;
}

template <class Backend>
void PlasticOn<Backend>::read(Backend& backend, std::uint64_t step, PlasticValues& out) const {
  const PlasticConnections& c = view_.connections;
  const auto fetch = [&](auto& values, const auto& buffer) {
    values.resize(buffer.size());
    backend.download(std::span(values), buffer, 0);
  };
  fetch(out.weights, weights_);
  fetch(out.traces, traces_);
  fetch(out.sources, sources_);
  std::vector<std::uint32_t> n_flights;
  fetch(n_flights, n_flights_);
  out.flights.clear();
  for (std::uint32_t age = 1; age < c.longest_delay(); ++age) {
    const std::uint32_t slot = c.slot(step, age);
    const std::size_t first = out.flights.size();
    out.flights.resize(first + n_flights[slot]);
    backend.download(std::span(out.flights).subspan(first), flights_, std::size_t{slot} * c.n_sources);
  }
  std::vector<Post> posts;
  std::vector<std::uint32_t> neurons;
  fetch(posts, posts_);
  fetch(neurons, post_neurons_);
  out.posts.clear();
  out.post_neurons.clear();
  const auto [first, next] = bounds(backend);
  for (std::uint32_t number = first; number != next; ++number) {
    const std::uint32_t at = number & (view_.posts.size - 1);
    if (posts[at].step < view_.forgotten_after(step)) continue;
    out.posts.push_back(posts[at]);
    out.post_neurons.push_back(neurons[at]);
  }
  std::vector<std::int64_t> counts;
  fetch(counts, counts_);
  for (std::size_t k = 0; k < counts.size(); ++k) out.counts.*kStdpCounts[k] = counts[k];
  backend.download(std::span(&out.last_change, 1), last_change_, 0);
  fetch(out.gate_left, gate_left_);
  fetch(out.gate_moved, gate_moved_);
  std::vector<GateProgress> progress;
  fetch(progress, gate_progress_);
  out.gate_steps = progress.empty() ? 0 : progress.front().n_done;
  backend.download(std::span(&out.scaled_at, 1), scaled_at_, 0);
  fetch(out.target_spikes, target_spikes_);
}

template <class Backend>
void PlasticOn<Backend>::write(Backend& backend, std::uint64_t step, const PlasticValues& values) {
  const PlasticConnections& c = view_.connections;
  backend.write(weights_, 0, std::span<const float>(values.weights));
  backend.write(traces_, 0, std::span<const float>(values.traces));
  backend.write(sources_, 0, std::span<const PlasticSource>(values.sources));
  std::vector<std::vector<PlasticFlight>> flights(c.n_slots());
  for (const PlasticFlight& flight : values.flights) {
    const std::int64_t n_slots = c.n_slots();  // the step may be before the first
    flights[static_cast<std::size_t>((flight.spike.origin % n_slots + n_slots) % n_slots)].push_back(flight);
  }
  std::vector<std::uint32_t> n_flights;
  for (std::size_t slot = 0; slot < flights.size(); ++slot) {
    n_flights.push_back(static_cast<std::uint32_t>(flights[slot].size()));
    backend.write(flights_, slot * c.n_sources, std::span<const PlasticFlight>(flights[slot]));
  }
  backend.write(n_flights_, 0, std::span<const std::uint32_t>(n_flights));
  write_posts(backend, values);
  std::vector<std::int64_t> counts;
  for (const auto count : kStdpCounts) counts.push_back(values.counts.*count);
  backend.write(counts_, 0, std::span<const std::int64_t>(counts));
  backend.write(last_change_, 0, std::span(&values.last_change, 1));
  backend.write(scaled_at_, 0, std::span(&values.scaled_at, 1));
  backend.write(target_spikes_, 0, std::span<const std::uint32_t>(values.target_spikes));
  if (view_.gate != nullptr) write_gate(backend, step, values);
}

// Of what the time constant was stretched by last nothing has to be known.
template <class Backend>
void PlasticOn<Backend>::write_gate(Backend& backend, std::uint64_t step, const PlasticValues& values) {
  backend.write(gate_left_, 0, std::span<const double>(values.gate_left));
  backend.write(gate_moved_, 0, std::span<const double>(values.gate_moved));
  const GateProgress progress{.n_done = values.gate_steps,
                              .origin = static_cast<std::int64_t>(step) + 1 - values.gate_steps};
  backend.write(gate_progress_, 0, std::span(&progress, 1));
}

template <class Backend>
void PlasticOn<Backend>::write_posts(Backend& backend, const PlasticValues& values) {
  const auto n_posts = static_cast<std::uint32_t>(values.posts.size());
  const std::uint32_t size = size_for(n_posts);
  if (size > view_.posts.size) allocate_posts(backend, size);
  std::vector<Post> newest(view_.connections.n_targets);
  std::vector<std::uint32_t> numbers(newest.size());
  std::vector<Post> posts;
  for (std::uint32_t number = 0; number < n_posts; ++number) {
    const std::uint32_t neuron = values.post_neurons[number];
    posts.push_back(after(newest[neuron], numbers[neuron], values.posts[number]));
    newest[neuron] = posts.back();
    numbers[neuron] = number;
  }
  const PostBounds bounds{.first = 0, .next = n_posts};
  backend.write(posts_, 0, std::span<const Post>(posts));
  backend.write(post_neurons_, 0, std::span<const std::uint32_t>(values.post_neurons));
  backend.write(newest_, 0, std::span<const Post>(newest));
  backend.write(newest_numbers_, 0, std::span<const std::uint32_t>(numbers));
  backend.write(bounds_, 0, std::span(&bounds, 1));
}

}  // namespace sharpwave::device
