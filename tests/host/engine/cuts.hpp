// Runs that are cut at random steps and go on, on other numbers of threads.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {

/// Of a run that is cut.
inline constexpr std::uint64_t kCutSteps = 600;
/// On which it goes on.
inline constexpr int kCutThreads[] = {1, 2, 4};

inline std::vector<Spike> after(const std::vector<Spike>& spikes, std::uint64_t step) {
  std::vector<Spike> later;
  std::copy_if(spikes.begin(), spikes.end(), std::back_inserter(later),
               [&](const Spike& spike) { return spike.step > step; });
  return later;
}

/// `n` different steps below `steps`, ascending; others for each network, the same everywhere. Printed.
inline std::vector<std::uint64_t> random_cuts(const NamedNetwork& network, std::size_t n,
                                              std::uint64_t steps) {
  constexpr unsigned kSeed = 20240611;
  std::vector<unsigned> seeds{kSeed};
  seeds.insert(seeds.end(), network.name.begin(), network.name.end());
  std::seed_seq sequence(seeds.begin(), seeds.end());
  std::mt19937 random(sequence);
  std::vector<std::uint64_t> all(steps);
  for (std::uint64_t step = 0; step < steps; ++step) all[step] = step;
  for (std::size_t i = 0; i < n; ++i) std::swap(all[i], all[i + random() % (steps - i)]);
  all.resize(n);
  std::sort(all.begin(), all.end());
  std::cout << "seed " << kSeed << " and '" << network.name << "': cut after steps";
  for (const std::uint64_t cut : all) std::cout << ' ' << cut;
  std::cout << '\n';
  return all;
}

/// Runs `network` without a break, and saves it at each of the cuts on `before` threads. On each of the
/// numbers of threads in `after_cut` an engine, which has run on from the cut before, goes on from there:
/// expects the spikes and the state of the run without a break.
/// @param carry  what a state goes through between the two: nothing, or a file.
template <class Carry>
void expect_to_go_on(const NamedNetwork& network, std::span<const std::uint64_t> cuts, std::uint64_t steps,
                     std::span<const int> before, std::span<const int> after_cut, Carry carry) {
  const ModelSpec& spec = network.spec;
  const auto whole = make_cpu_engine(spec, 2);
  const std::vector<Spike> expected = simulate(*whole, steps, 100);
  ASSERT_GT(expected.size(), 100u) << "the network is too quiet to show anything";
  const EngineState last = whole->save();
  std::vector<std::unique_ptr<Engine>> engines;
  for (const int threads : after_cut) engines.push_back(make_cpu_engine(spec, threads));
  for (const int threads : before) {
    const auto source = make_cpu_engine(spec, threads);
    for (const std::uint64_t cut : cuts) {
      if (cut > source->step()) simulate(*source, cut - source->step(), 50);
      const EngineState state = source->save();
      const EngineState carried = carry(state);
      for (std::size_t i = 0; i < engines.size(); ++i) {
        SCOPED_TRACE(::testing::Message() << "cut after step " << cut << " on " << threads
                                          << " threads, goes on with " << after_cut[i]);
        engines[i]->restore(carried);
        EXPECT_EQ(engines[i]->save(), state);
        EXPECT_EQ(simulate(*engines[i], steps - cut, 50), after(expected, cut));
        EXPECT_EQ(engines[i]->save(), last);
      }
    }
  }
}

}  // namespace sharpwave::testing
