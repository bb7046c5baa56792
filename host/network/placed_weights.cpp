#include "host/network/placed_weights.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/network/given_weights.hpp"
#include "host/network/plastic_order.hpp"
#include "host/network/row_builder.hpp"
#include "host/network/step_times.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

class WeightPlacer {
 public:
  WeightPlacer(const Network& net, const ProjectionSpec& projection, double dt_ms, PlasticRows& rows,
               const std::array<int, 2>& exponent)
      : net_(net),
        projection_(projection),
        dt_ms_(dt_ms),
        rows_(rows),
        exponent_(exponent),
        gain_(projection.given_weights->gain),
        w_min_(static_cast<float>(projection.plasticity->w_min)),
        w_max_(static_cast<float>(projection.plasticity->w_max)),
        given_(projection.given_weights->read()) {
    begin_.push_back(0);
    for (std::uint32_t source = 0; source < rows.source.size(); ++source)
      begin_.push_back(begin_.back() + n_of_source(source));
  }

  [[nodiscard]] std::uint64_t n_built() const { return begin_.back(); }
  [[nodiscard]] const WeightedSynapses& given() const { return given_; }

  /// @return the position of the first synapse of the source that differs; kNone: its weights are set.
  std::uint64_t place(std::uint32_t source, std::vector<PlasticSynapsePlace>& places, SynapseSum& sum) {
    places_of_source(rows_, net_.shape.n_parts(), source, places);
    std::uint64_t position = begin_[source];
    for (const PlasticSynapsePlace& at : places) {
      if (position >= given_.magnitudes.size() || !is_given(at, position)) return position;
      const float weight = weight_of(given_.magnitudes[position]);
      rows_.parts[at.part].weights[at.index] = weight;
      const double sign = rows_.units_per_weight < 0 ? -1 : 1;
      sum.add(at.target, static_cast<std::int32_t>(at.delay),
              to_grid(sign * double{weight}, exponent_[sign < 0 ? 1 : 0]));
      ++position;
    }
    return kNone;
  }

  [[nodiscard]] std::string built_text(std::uint64_t position) const {
    const auto after = std::ranges::upper_bound(begin_, position);
    const auto source = static_cast<std::uint32_t>(after - begin_.begin() - 1);
    std::vector<PlasticSynapsePlace> places;
    places_of_source(rows_, net_.shape.n_parts(), source, places);
    const PlasticSynapsePlace& at = places[position - begin_[source]];
    return text(rows_.source[source], at.target - first_target(), at.delay);
  }

  [[nodiscard]] std::string given_text(std::uint64_t position) const {
    const PlasticSynapses& s = given_.synapses;
    return text(s.sources[position], s.targets[position], s.delay_steps[position]);
  }

 private:
  [[nodiscard]] std::uint64_t n_of_source(std::uint32_t source) const {
    std::uint64_t n = 0;
    const std::size_t first = rows_.row(source, rows_.first_delay);
    for (const PlasticRows::OfPart& part : rows_.parts)
      n += part.begin[first + rows_.n_delays] - part.begin[first];
    return n;
  }

  [[nodiscard]] std::uint32_t first_target() const {
    return net_.places[projection_.target.population].first_source;
  }

  [[nodiscard]] bool is_given(const PlasticSynapsePlace& at, std::uint64_t position) const {
    const PlasticSynapses& s = given_.synapses;
    return s.sources[position] == rows_.source[at.source] &&
           s.targets[position] == at.target - first_target() &&
           (s.delay_steps[position] == at.delay || s.delay_steps[position] == 0);
  }

  [[nodiscard]] float weight_of(float magnitude) const {
    if (gain_ == 1) return magnitude;
    return std::clamp(static_cast<float>(magnitude * gain_), w_min_, w_max_);
  }

  [[nodiscard]] std::string text(std::uint32_t source, std::uint32_t target, std::uint32_t delay) const {
    const std::string pair = "from " + std::to_string(source) + " to " + std::to_string(target);
    return delay == 0 ? pair : pair + " after " + number_text(time_of_step_ms(delay, dt_ms_)) + " ms";
  }

  const Network& net_;
  const ProjectionSpec& projection_;
  double dt_ms_;
  PlasticRows& rows_;
  const std::array<int, 2>& exponent_;
  double gain_;
  float w_min_, w_max_;
  WeightedSynapses given_;
  std::vector<std::uint64_t> begin_;  // positions of each source's synapses
};

[[noreturn]] void refuse(const WeightPlacer& placer, const ProjectionSpec& projection,
                         std::uint64_t position) {
  const std::uint64_t n_given = placer.given().magnitudes.size();
  std::string text = projection.given_weights->where + ": has weights of other synapses than projection '" +
                     projection.name + "' has: ";
  if (position < std::min(n_given, placer.n_built()))
    text += "of the two lists the first to differ is synapse " + std::to_string(position) + ", " +
            placer.given_text(position) + " in the file, " + placer.built_text(position) + " in the network";
  else if (n_given > placer.n_built())
    text += "synapse " + std::to_string(position) + " of the file, " + placer.given_text(position) +
            ", is one too many";
  else
    text += "synapse " + std::to_string(position) + " of the network, " + placer.built_text(position) +
            ", is not in the file";
  throw Error(ExitCode::invalid_config,
              text + "; expected all " + std::to_string(placer.n_built()) + " of them, and the file has " +
                  std::to_string(n_given) +
                  " (of a network with this network_seed, and if recorded, with `every: 1`?)");
}

}  // namespace

void place_given_weights(const Network& net, const ProjectionSpec& projection, double dt_ms,
                         PlasticRows& rows, const std::array<int, 2>& exponent, ThreadPool& pool,
                         std::atomic<std::uint64_t>& connectivity_sum) {
  WeightPlacer placer(net, projection, dt_ms, rows, exponent);
  const std::uint32_t first_source = net.places[projection.source.population].first_source;
  std::vector<std::vector<PlasticSynapsePlace>> places(static_cast<std::size_t>(pool.size()));
  std::atomic<std::uint64_t> first_other{kNone};
  const auto note = [&](std::uint64_t position) {
    std::uint64_t known = first_other.load();
    while (position < known && !first_other.compare_exchange_weak(known, position)) continue;
  };
  pool.parallel_for(rows.source.size(), 16, [&](int thread, std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t source = begin; source < end; ++source) {
      SynapseSum sum;
      note(placer.place(static_cast<std::uint32_t>(source), places[static_cast<std::size_t>(thread)], sum));
      connectivity_sum.fetch_add(
          sum.of(first_source + rows.source[static_cast<std::uint32_t>(source)], exponent),
          std::memory_order_relaxed);
    }
  });
  if (placer.given().magnitudes.size() > placer.n_built()) note(placer.n_built());
  if (first_other != kNone) refuse(placer, projection, first_other);
}

}  // namespace sharpwave
