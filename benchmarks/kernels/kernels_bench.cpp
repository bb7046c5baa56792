// Question: does the compiler still vectorise the loops of the CPU engine? Each kernel is timed beside
// itself, compiled for the same processor without vectorisation; the ratio of the two, from one run, is the
// answer. ns of processor time per item, the least of all repetitions; the data lie in the cache. Exit status
// 1 if a kernel that has to vectorise is less than kLeastRatio times as fast, or computes anything else.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/kernels/scalar_kernels.hpp"
#include "host/base/error.hpp"
#include "host/base/huge_buffer.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "kernels/aeif_cond_exp.hpp"
#include "kernels/iaf_cond_exp.hpp"
#include "kernels/iaf_psc_alpha.hpp"
#include "kernels/iaf_psc_delta.hpp"
#include "kernels/iaf_psc_exp.hpp"
#include "kernels/izhikevich.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {
namespace {

// The narrowest vectors hold four doubles, and a loop does more than its arithmetic.
constexpr double kLeastRatio = 1.5;
constexpr std::uint32_t kItems = 20'000;
// Neurons with parameters of their own: up to 176 bytes each, which would leave a cache of 1 MiB otherwise.
constexpr std::uint32_t kOwnParameters = kItems / 4;
constexpr PhiloxKey kKey{0x243f6a88, 0x85a308d3};

// One kernel on data of its own, as often as asked, and the bits that came out so far, condensed: 0 if
// nothing.
struct Work {
  std::function<void(const CpuKernels&)> run;
  std::function<std::uint64_t()> result;
};

template <class T>
std::uint64_t digest(const T* values, std::size_t n) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &values[i], sizeof(T));
    sum = (sum ^ bits) * 0x100000001b3U;  // the prime of FNV-1
  }
  return sum;
}

struct Neurons {
  UpdateArguments a;
  std::uint64_t n_spikes = 0;
  std::vector<HugeBuffer<std::byte>> arrays;

  // Two dozen arrays that all begin at the same place of a page would fight for the same lines of the cache.
  template <class T>
  T* array(std::uint32_t n, T value) {
    const std::size_t offset = 320 * arrays.size();
    T* const data = reinterpret_cast<T*>(arrays.emplace_back(offset + n * sizeof(T)).data() + offset);
    std::fill_n(data, n, value);
    return data;
  }
};

// Neurons that a constant current makes fire, at about 38 Hz in the linear models.
struct Driven {
  NeuronConstants constants;
  double current = 0;
};
const Driven kLinear{
    {.dt_ms = 0.1, .C_m_pF = 250, .tau_m_ms = 10, .tau_syn_ex_ms = 2, .tau_syn_in_ms = 2, .V_th_mV = 15},
    412.5};
const Driven kConductance{{.dt_ms = 0.1,
                           .C_m_pF = 281,
                           .tau_syn_ex_ms = 2,
                           .tau_syn_in_ms = 2,
                           .V_th_mV = 15,
                           .g_L_nS = 30,
                           .E_ex_mV = 70,
                           .E_in_mV = -15,
                           .tau_theta_ms = 100,
                           .Delta_T_mV = 2,
                           .V_peak_mV = 60,
                           .tau_w_ms = 144,
                           .a = 4,
                           .b = 80,
                           .substeps = kAeifSubsteps},
                          1000};
const Driven kIzhikevich{
    {.dt_ms = 0.1, .V_th_mV = 30, .a = 0.02, .b = 0.2, .c = -65, .d = 8, .V_min_mV = -1e9}, 10};

// Steps of such a population.
template <class Neuron, class Real, class Acc>
Work update_work(UpdateModel model, Arithmetic arithmetic, bool per_neuron, const Driven& driven) {
  const NeuronConstants& constants = driven.constants;
  const auto parameters = Neuron::parameters(constants);
  const std::uint32_t n = per_neuron ? kOwnParameters : kItems;
  const std::uint32_t n_values = per_neuron ? n : 1;
  const auto neurons = std::make_shared<Neurons>();
  UpdateArguments& a = neurons->a;
  a.n = static_cast<std::int32_t>(n);
  for (std::size_t k = 0; k < Neuron::kState.size(); ++k) a.state[k] = neurons->array(n, Real{0});
  auto* const v = static_cast<Real*>(a.state[0]);
  const double highest_mV = std::max(constants.V_th_mV, constants.V_peak_mV);
  for (std::uint32_t i = 0; i < n; ++i) v[i] = static_cast<Real>(highest_mV * i / n);
  for (std::size_t k = 0; k < Neuron::kParameters.size(); ++k)
    a.parameters[k] = neurons->array(n_values, parameters.*Neuron::kParameters[k]);
  a.bias = neurons->array(n_values, static_cast<Real>(Neuron::bias_per_pA(constants) * driven.current));
  a.t_ref_steps = neurons->array(n_values, std::int32_t{20});
  a.refractory = neurons->array(n, std::int32_t{0});
  for (int k = 0; k < Neuron::kReceptors; ++k) {
    a.input[k] = neurons->array(n, Acc{7});
    a.input_scale[k] = 0.01;
  }
  a.substeps = constants.substeps;
  a.spikes = neurons->array(n, std::uint32_t{0});
  const auto run = [=](const CpuKernels& kernels) {
    const auto& of_model = kernels.update[static_cast<int>(model)];
    neurons->n_spikes += of_model[static_cast<int>(arithmetic)][per_neuron ? 1 : 0](neurons->a);
  };
  return {run, [=] { return neurons->n_spikes == 0 ? 0 : digest(v, n) + neurons->n_spikes; }};
}

Work philox_work() {
  const auto words = std::make_shared<HugeBuffer<std::uint32_t>>(std::size_t{4} * kItems);
  const auto run = [=, draw = std::uint64_t{0}](const CpuKernels& kernels) mutable {
    std::uint32_t* const w = words->data();
    kernels.philox_words(kKey, 1, draw, kItems, w, w + kItems, w + 2 * kItems, w + 3 * kItems);
    draw += kItems;
  };
  return {run, [=] { return digest(words->data(), words->size()); }};
}

Work draw_work() {
  const auto words = std::make_shared<HugeBuffer<std::uint32_t>>(kItems);
  const auto values = std::make_shared<HugeBuffer<double>>(kItems);
  for (std::uint32_t i = 0; i < kItems; ++i) (*words)[i] = philox4x32_10(kKey, i, 0).w0;
  const DrawParameters weights{
      .kind = DrawKind::normal, .a = 87.8, .b = 8.78, .clip_low = 0, .clip_high = 1000};
  const auto run = [=](const CpuKernels& kernels) {
    kernels.draw_values(weights, words->data(), kItems, values->data());
  };
  return {run, [=] { return digest(values->data(), kItems); }};
}

Work poisson_work() {
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  const auto n_thresholds = static_cast<std::uint32_t>(poisson_table(1.3, thresholds));
  const auto counts = std::make_shared<HugeBuffer<std::uint64_t>>(kItems);
  const auto run = [=, draw = std::uint64_t{0}](const CpuKernels& kernels) mutable {
    kernels.poisson_counts({.key = kKey,
                            .draw = draw++,
                            .thresholds = thresholds.data(),
                            .n_thresholds = n_thresholds,
                            .n = kItems,
                            .counts = counts->data()});
  };
  return {run, [=] { return digest(counts->data(), counts->size()); }};
}

// Weights of +1 and -1: no number of repetitions overflows. The cells of a chunk differ, as everywhere.
Work pull_work() {
  constexpr std::uint32_t kChunks = kItems / kChunk;
  const auto chunks = std::make_shared<HugeBuffer<std::uint32_t>>(kChunks + kPrefetchAhead);
  const auto synapses = std::make_shared<HugeBuffer<std::uint32_t>>(kItems);
  const auto cells = std::make_shared<HugeBuffer<std::int32_t>>(kItems);
  std::iota(chunks->data(), chunks->data() + kChunks, 0U);
  for (std::uint32_t i = 0; i < kItems; ++i) {
    const std::uint32_t first = philox4x32_10(kKey, i / kChunk, 0).w0 % kItems;
    const std::uint32_t cell = (first + i % kChunk * kChunks) % kItems;
    (*synapses)[i] = cell | (i % 3 == 0 ? 0xffff'0000U : 0x0001'0000U);
  }
  const auto run = [=](const CpuKernels& kernels) {
    kernels.pull_int32(chunks->data(), kChunks, synapses->data(), cells->data(), 0);
  };
  return {run, [=] { return digest(cells->data(), kItems); }};
}

// Forty rows, the spikes of a step of Brunel's network; the items are pairs.
constexpr std::uint32_t kBitRows = 40;
Work bits_work() {
  constexpr std::uint32_t kWords = (kItems + 511) / 512 * 8;
  const auto bits = std::make_shared<HugeBuffer<std::uint64_t>>(kBitRows * kWords);
  const auto acc = std::make_shared<HugeBuffer<std::int32_t>>(kItems);
  std::vector<const std::uint64_t*> rows;
  for (std::uint32_t r = 0; r < kBitRows; ++r) rows.push_back(bits->data() + std::size_t{r} * kWords);
  for (std::size_t i = 0; i < bits->size(); ++i) {
    const PhiloxBlock block = philox4x32_10(kKey, i, 0);
    (*bits)[i] = (std::uint64_t{block.w0} << 32 | block.w1) & (std::uint64_t{block.w2} << 32 | block.w3);
  }
  const auto run = [rows, bits, acc, weight = std::int32_t{3}](const CpuKernels& kernels) mutable {
    kernels.add_bits_int32(rows.data(), rows.size(), kItems, weight, acc->data());
    weight = 1 - weight;  // 3 and -2: a hundred million repetitions until it overflows
  };
  return {run, [=] { return digest(acc->data(), kItems); }};
}

struct Case {
  std::string name;
  std::function<Work()> make;
  std::uint32_t items;
  bool must_vectorise;
};

template <template <class> class Model>
void add_updates(const std::string& name, UpdateModel model, const Driven& driven, std::vector<Case>& cases) {
  for (const bool per_neuron : {false, true}) {
    const std::string end = per_neuron ? "/per_neuron" : "/shared";
    const auto add = [&]<class Real, class Acc>(const char* middle, Arithmetic arithmetic, Real, Acc) {
      const auto make = [=] {
        return update_work<Model<Real>, Real, Acc>(model, arithmetic, per_neuron, driven);
      };
      cases.push_back({"update/" + name + middle + end, make, per_neuron ? kOwnParameters : kItems, true});
    };
    add("/float_int32", Arithmetic::float_int32, float{}, std::int32_t{});
    add("/float_int64", Arithmetic::float_int64, float{}, std::int64_t{});
    add("/double_int64", Arithmetic::double_int64, double{}, std::int64_t{});
  }
}

template <class Real>
using Delta = IafPscDelta<Real, false>;
template <class Real>
using CondExp = IafCondExp<Real, false, kCondExpSubsteps>;
template <class Real>
using Aeif = AeifCondExp<Real, kAeifSubsteps>;
template <class Real>
using IzhikevichNest = Izhikevich<Real, true>;

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  add_updates<Delta>("delta", UpdateModel::delta, kLinear, cases);
  add_updates<IafPscExp>("exp", UpdateModel::exp, kLinear, cases);
  add_updates<IafPscAlpha>("alpha", UpdateModel::alpha, kLinear, cases);
  add_updates<CondExp>("cond_exp", UpdateModel::cond_exp, kConductance, cases);
  add_updates<Aeif>("aeif", UpdateModel::aeif, kConductance, cases);
  add_updates<IzhikevichNest>("izhikevich", UpdateModel::izhikevich, kIzhikevich, cases);
  cases.push_back({"philox_words", philox_work, kItems, false});
  cases.push_back({"draw_values/normal", draw_work, kItems, true});
  cases.push_back({"poisson_counts", poisson_work, 4 * kItems, false});
  cases.push_back({"pull_int32", pull_work, kItems, false});
  cases.push_back({"add_bits_int32", bits_work, kBitRows * kItems, false});
  return cases;
}

void measure(benchmark::State& bench, const Case& measured, const CpuKernels& kernels) {
  const Work work = measured.make();
  const Work scalar = measured.make();
  for (int i = 0; i < 20; ++i) {
    work.run(kernels);
    scalar.run(kCpuKernelsScalar);
  }
  if (scalar.result() == 0) bench.SkipWithError("nothing came out: this did not measure the kernel");
  if (work.result() != scalar.result()) bench.SkipWithError("computes other bits than its scalar form");
  for (auto _ : bench) {
    work.run(kernels);
    benchmark::ClobberMemory();
  }
  bench.SetItemsProcessed(bench.iterations() * std::int64_t{measured.items});
}

// Keeps the best of the repetitions, by name.
class Best : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    PrintBasicContext(&GetErrorStream(), context);
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) {
        failures.insert(run.run_name.function_name + ": " + run.error_message);
      } else if (run.run_type == Run::RT_Iteration) {
        const double item_ns = 1e9 / run.counters.at("items_per_second").value;
        const auto [place, is_new] = ns.try_emplace(run.run_name.function_name, item_ns);
        if (!is_new) place->second = std::min(place->second, item_ns);
      }
    }
  }

  std::map<std::string, double> ns;
  std::set<std::string> failures;
};

// Prints scalar, vectorised and ratio; true if every kernel that must vectorise does.
bool print_ratios(const std::vector<Case>& cases, const std::vector<const CpuKernels*>& variants,
                  const std::map<std::string, double>& ns) {
  bool all = true;
  std::printf("%-36s %-7s %10s %10s %7s\n", "kernel", "variant", "scalar ns", "ns", "ratio");
  for (const CpuKernels* variant : variants) {
    for (const Case& c : cases) {
      const auto scalar = ns.find(c.name + "/scalar");
      const auto vectorised = ns.find(c.name + "/" + variant->name);
      if (scalar == ns.end() || vectorised == ns.end()) continue;
      const double ratio = scalar->second / vectorised->second;
      const bool good = ratio >= kLeastRatio;
      const char* verdict = !c.must_vectorise ? "shown only" : good ? "vectorised" : "NOT VECTORISED?";
      std::printf("%-36s %-7s %10.3f %10.3f %7.2f  %s\n", c.name.c_str(), variant->name, scalar->second,
                  vectorised->second, ratio, verdict);
      all = all && (good || !c.must_vectorise);
    }
  }
  return all;
}

int run_all(std::vector<char*> arguments) {
  // The first ones give way to the user's. Interleaved, so that a disturbance meets all alike.
  std::string defaults[] = {"--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=7",
                            "--benchmark_min_time=0.02"};
  for (std::size_t i = 0; i < std::size(defaults); ++i)
    arguments.insert(arguments.begin() + 1 + static_cast<std::ptrdiff_t>(i), defaults[i].data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;

  std::vector<const CpuKernels*> variants{&kCpuKernelsAvx2};
  if (&select_cpu_kernels() != &kCpuKernelsAvx2) variants.push_back(&kCpuKernelsAvx512);
  const std::vector<Case> cases = all_cases();
  for (const Case& c : cases) {
    std::vector<const CpuKernels*> tables{&kCpuKernelsScalar};
    tables.insert(tables.end(), variants.begin(), variants.end());
    for (const CpuKernels* kernels : tables)
      benchmark::RegisterBenchmark((c.name + "/" + kernels->name).c_str(),
                                   [&c, kernels](benchmark::State& bench) { measure(bench, c, *kernels); });
  }
  Best best;
  benchmark::RunSpecifiedBenchmarks(&best);
  const bool all_vectorised = print_ratios(cases, variants, best.ns);
  for (const std::string& failure : best.failures) std::printf("%s\n", failure.c_str());
  return all_vectorised && best.failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sharpwave

int main(int argc, char** argv) try {
  return sharpwave::run_all({argv, argv + argc});
} catch (const sharpwave::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
