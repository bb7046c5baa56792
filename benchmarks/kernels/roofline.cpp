// Question: how far are the two loops that a step of a large network spends its time in, update and delivery,
// from what this processor can do with the same bytes? Each is timed at several sizes beside its limits: the
// same memory without the arithmetic, and the same arithmetic without the memory. ns of one thread, the least
// of kRepeats in turn. Exit status 1 if a loop has not done its work.
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/huge_buffer.hpp"
#include "host/base/stopwatch.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "kernels/iaf_psc_exp.hpp"
#include "kernels/philox.hpp"

namespace sharpwave {
namespace {

constexpr int kRepeats = 15;

/// One loop, how many items a call does, and whether it did them.
struct Loop {
  std::function<void()> run;
  double items = 0;
  std::function<bool()> is_done = [] { return true; };
};

/// Least ns an item of each, in turn.
std::vector<double> least_ns(const std::vector<Loop>& loops) {
  std::vector<double> best(loops.size(), std::numeric_limits<double>::infinity());
  for (int repeat = 0; repeat < kRepeats; ++repeat)
    for (std::size_t k = 0; k < loops.size(); ++k) {
      const Stopwatch watch;
      loops[k].run();
      best[k] = std::min(best[k], watch.seconds() * 1e9 / loops[k].items);
      if (!loops[k].is_done()) throw Error(ExitCode::internal, "a loop has not done its work");
    }
  return best;
}

// --- update -----------------------------------------------------------------------------------------------

/// A population of iaf_psc_exp in float32, which a constant current makes fire.
struct Population {
  static constexpr std::size_t kArrays = 6;            ///< V, I_ex, I_in, refractoriness, two accumulators
  static constexpr double kBytes = 2.0 * 4 * kArrays;  ///< of a neuron, read and written

  explicit Population(std::uint32_t n) : arrays(kArrays), spikes(n) {
    for (auto& array : arrays) array = HugeBuffer<std::int32_t>(n);
    const auto given = IafPscExp<float>::parameters({.dt_ms = 0.1,
                                                     .C_m_pF = 250,
                                                     .tau_m_ms = 10,
                                                     .tau_syn_ex_ms = 0.5,
                                                     .tau_syn_in_ms = 0.5,
                                                     .V_th_mV = 15});
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      parameters[k] = given.*IafPscExp<float>::kParameters[k];
      arguments.parameters[k] = &parameters[k];
    }
    arguments.n = static_cast<std::int32_t>(n);
    for (std::size_t k = 0; k < 3; ++k) arguments.state[k] = arrays[k].data();
    arguments.refractory = arrays[3].data();
    arguments.bias = &bias;
    arguments.t_ref_steps = &t_ref_steps;
    for (std::size_t k = 0; k < 2; ++k) {
      arguments.input[k] = arrays[4 + k].data();
      arguments.input_scale[k] = 0.01;
    }
    arguments.spikes = spikes.data();
  }

  std::vector<HugeBuffer<std::int32_t>> arrays;
  std::vector<std::uint32_t> spikes;
  std::vector<float> parameters = std::vector<float>(IafPscExp<float>::kParameters.size());
  float bias = 0.16f;  // mV a step: the first spike comes after some 300 steps
  std::int32_t t_ref_steps = 20;
  UpdateArguments arguments;
};

/// Reads and writes what an update does.
void touch(Population& population) {
  for (auto& array : population.arrays)
    for (std::int32_t& value : std::span(array.data(), array.size())) value += 1;
}

void show_updates(const CpuKernels& kernels) {
  const auto update =
      kernels.update[static_cast<int>(UpdateModel::exp)][static_cast<int>(Arithmetic::float_int32)][0];
  std::printf("update of iaf_psc_exp, %.0f bytes a neuron and step\n", Population::kBytes);
  std::printf("%10s %10s %14s %14s %8s\n", "neurons", "KiB", "ns a neuron", "bytes alone", "share");
  for (const std::uint32_t n : {1'000u, 10'000u, 20'000u, 40'000u, 160'000u, 1'000'000u}) {
    Population population(n);
    Population touched(n);
    std::uint64_t n_spikes = 0;
    const std::uint32_t steps = 4'000'000 / n;
    const double items = static_cast<double>(steps) * n;
    const auto step = [&] { n_spikes += update(population.arguments); };
    const auto repeat = [steps](const auto& work) {
      for (std::uint32_t i = 0; i < steps; ++i) work();
    };
    for (int i = 0; i < 400; ++i) step();
    const std::vector<double> ns = least_ns({{[&] { repeat(step); }, items, [&] { return n_spikes > 0; }},
                                             {[&] { repeat([&] { touch(touched); }); }, items}});
    std::printf("%10u %10.0f %14.3f %14.3f %7.0f%%\n", n, n * Population::kBytes / 2 / 1024, ns[0], ns[1],
                100 * ns[1] / ns[0]);
  }
}

// --- delivery ---------------------------------------------------------------------------------------------

/// Rows of synapses, and the chunks of them that steps deliver: of many rows that are under way the next
/// segment each, as a network with a thousand spikes in the air has it.
struct Rows {
  static constexpr std::uint32_t kUnderWay = 1'600;
  static constexpr std::uint32_t kSegment = 5;  ///< chunks
  static constexpr std::uint32_t kSegments = 64;
  static constexpr std::uint64_t kListed = std::uint64_t{1} << 20;

  /// @param n_chunks  in memory; at least a row.
  Rows(std::uint64_t n_chunks, std::uint32_t n_cells)
      : synapses(n_chunks * kChunk), chunks(kListed + kPrefetchAhead) {
    // Weights are 1. The cells of a chunk differ, as everywhere.
    for (std::uint64_t chunk = 0; chunk < n_chunks; ++chunk) {
      const std::uint32_t first = philox4x32_10({1, 2}, chunk, 0).w0 % n_cells;
      for (std::uint32_t k = 0; k < kChunk; ++k)
        synapses.data()[chunk * kChunk + k] = (1u << 16) | ((first + k * (n_cells / kChunk)) % n_cells);
    }
    const std::uint64_t n_rows = n_chunks / (kSegments * kSegment);
    std::vector<std::uint64_t> next(kUnderWay, 0);
    std::uint64_t drawn = 0;
    for (std::uint64_t i = 0; i < kListed; ++i) {
      std::uint64_t& at = next[i / kSegment % kUnderWay];
      if (at % (kSegments * kSegment) == 0)
        at = philox4x32_10({3, 4}, drawn++, 0).w0 % n_rows * kSegments * kSegment;
      chunks[i] = static_cast<std::uint32_t>(at++);
    }
    std::fill(chunks.begin() + static_cast<std::ptrdiff_t>(kListed), chunks.end(), chunks[kListed - 1]);
  }

  HugeBuffer<std::uint32_t> synapses;
  std::vector<std::uint32_t> chunks;
};

/// Reads the chunks that pull_int32() would, fetched as far ahead.
std::int32_t read_chunks(const Rows& rows) {
  __m256i sum = _mm256_setzero_si256();
  for (std::uint64_t i = 0; i < Rows::kListed; ++i) {
    __builtin_prefetch(rows.synapses.data() + std::size_t{rows.chunks[i + kPrefetchAhead]} * kChunk);
    const std::uint32_t* chunk = rows.synapses.data() + std::size_t{rows.chunks[i]} * kChunk;
    sum = _mm256_add_epi32(
        sum, _mm256_srli_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(chunk)), 16));
  }
  alignas(32) std::int32_t lanes[kChunk];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), sum);
  return std::accumulate(std::begin(lanes), std::end(lanes), 0);
}

void show_deliveries(const CpuKernels& kernels) {
  constexpr double kSynapses = static_cast<double>(Rows::kListed) * kChunk;
  constexpr std::uint64_t kInMemory = std::uint64_t{1} << 25;  // chunks: 1 GiB
  constexpr std::uint64_t kInCache = 4096;                     // 128 KiB, enough to reach most cells
  std::printf("\ndelivery of synapses of 4 bytes in segments of %u, %u rows under way\n",
              Rows::kSegment * kChunk, Rows::kUnderWay);
  std::printf("%10s %10s %14s %14s %14s\n", "cells", "KiB", "ns a synapse", "reading alone", "adding alone");
  for (const std::uint32_t n_cells : {1'000u, 10'000u, 20'000u, 40'000u, 64'000u}) {
    const Rows rows(kInMemory, n_cells);
    const Rows cached(kInCache, n_cells);
    HugeBuffer<std::int32_t> cells(n_cells);
    std::int64_t expected = 0;
    std::int32_t n_read = 0;
    const auto pull = [&](const Rows& from) {
      kernels.pull_int32(from.chunks.data(), Rows::kListed, from.synapses.data(), cells.data(), 0);
      expected += static_cast<std::int64_t>(kSynapses);
    };
    const auto is_pulled = [&] {
      return std::accumulate(cells.data(), cells.data() + n_cells, std::int64_t{0}) == expected;
    };
    const std::vector<double> ns = least_ns({{[&] { pull(rows); }, kSynapses, is_pulled},
                                             {[&] { n_read = read_chunks(rows); }, kSynapses,
                                              [&] { return n_read == static_cast<std::int32_t>(kSynapses); }},
                                             {[&] { pull(cached); }, kSynapses, is_pulled}});
    std::printf("%10u %10.0f %14.3f %14.3f %14.3f\n", n_cells, n_cells * 4.0 / 1024, ns[0], ns[1], ns[2]);
  }
}

}  // namespace
}  // namespace sharpwave

int main() try {
  const sharpwave::CpuKernels& kernels = sharpwave::select_cpu_kernels();
  std::printf("kernels: %s\n", kernels.name);
  sharpwave::show_updates(kernels);
  sharpwave::show_deliveries(kernels);
} catch (const sharpwave::Error& error) {
  std::fprintf(stderr, "roofline: %s\n", error.what());
  return static_cast<int>(error.code());
}
