// A test of the test: owners with a fault that the digest has to show, a barrier that nobody waits at.
//   planted_owner_faults none|barrier
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/simt/simt.hpp"

namespace {

bool waits_for_nobody = false;

template <class T>
T faulty_load(T* value, std::memory_order order, int scope) {
  return waits_for_nobody ? ~T{0} : __nv_atomic_load_n(value, order, scope);
}

}  // namespace

#define __nv_atomic_load_n faulty_load
// After it:
#include "host/engine/device_engine.hpp"
#include "tests/simt/simt_backend.hpp"
#include "tests/support/networks.hpp"

namespace {

using namespace sharpwave;
using namespace sharpwave::testing;

/// Many fire at once and reach the same neurons in the same step.
ModelSpec volleys() {
  ModelSpec spec;
  spec.populations = {population("A", 97, NeuronModel::iaf_psc_exp)};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::I_e] = Distribution{.a = 500};
  ProjectionSpec p = projection(spec, 0, 0, ConnectionRule::fixed_indegree, 0, 0.5);
  p.degree = {30};
  p.weight = Distribution{.kind = Distribution::Kind::uniform, .a = 1, .b = 9};
  p.delay_ms = Distribution{.kind = Distribution::Kind::uniform, .a = 0.1, .b = 0.4};
  spec.projections = {p};
  return spec;
}

}  // namespace

int main(int argc, char** argv) {
  const char* fault = argc == 2 ? argv[1] : "";
  waits_for_nobody = std::strcmp(fault, "barrier") == 0;
  setenv("SHARPWAVE_GPU_KERNEL", "persistent", 1);
  const ModelSpec spec = volleys();
  const auto engine = make_device_engine(spec, 1,
                                         {.make = device::make_executor_on<simt::SimtBackend>,
                                          .owners = {.n_owners = 5, .shared_bytes = 227 << 10}});
  if (engine->construction().layout.find("5 owners with") == std::string::npos) {
    std::printf("expected 5 owners: %s\n", engine->construction().layout.c_str());
    return 2;
  }
  constexpr std::uint64_t kSteps = 600;
  const std::vector<Spike> expected = simulate(spec, 1, kSteps);
  if (expected.size() < 97) {
    std::printf("expected more than %zu spikes\n", expected.size());
    return 2;
  }
  try {
    const bool is_same = digest_of(simulate(*engine, kSteps, kSteps)) == digest_of(expected);
    std::printf("%s\n", is_same ? "the digests are the same" : "the digests differ");
  } catch (const std::logic_error& error) {
    std::printf("%s\n", error.what());
  }
  return 0;
}
