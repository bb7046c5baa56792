// Sources that fire what a protocol presents to them: one thread's share on the CPU.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "host/engine/presented.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"
#include "kernels/philox.hpp"

namespace sharpwave {

class PresentedSources {
 public:
  /// @param thread  of `n_threads`.
  PresentedSources(const ModelSpec& spec, const Network& net, std::uint64_t thread, std::uint64_t n_threads);

  /// Appends what fires in `step` (> 0): a population's ascending, one population after the other. It depends
  /// on the step, the sources and their rates alone: how often or in which order steps are asked for changes
  /// nothing.
  /// @param presented  as in EngineState, with what is in force in that step.
  void fire(const std::vector<Presented>& presented, std::uint64_t step, std::vector<std::uint32_t>& fired);

 private:
  /// Of a poisson_source.
  struct Share {
    std::uint32_t population = 0;
    std::uint32_t begin = 0;  ///< positions of this thread
    std::uint32_t end = 0;
    std::uint32_t first_id = 0;
    PhiloxKey key{};
  };
  struct Active {  ///< a source with a rate
    std::uint32_t id = 0;
    std::uint32_t index = 0;
    std::uint32_t table = 0;
    std::array<std::uint16_t, 4> counts{};  ///< of the steps that one draw is for
  };

  void change_to(const Presented& presented);
  void count(std::uint64_t draw);
  std::uint32_t table_of(double rate_Hz);
  void fire_spikes(std::uint64_t step, std::vector<std::uint32_t>& fired) const;

  const ProtocolSpec* protocol_;
  const Network& net_;
  double dt_ms_;
  bool fires_spikes_;           // one thread does, for all
  std::vector<bool> is_heard_;  ///< by population
  std::vector<Share> shares_;
  Presented now_{};
  bool is_set_ = false;
  const Share* share_ = nullptr;  // that rates are presented to
  std::vector<Active> active_;
  std::uint64_t counted_draw_ = ~std::uint64_t{0};
  std::map<double, std::uint32_t> known_rates_;
  std::vector<std::vector<std::uint32_t>> tables_;
};

}  // namespace sharpwave
