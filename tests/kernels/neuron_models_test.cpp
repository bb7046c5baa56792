// The neuron models against an independent integrator, against published values, and against the rules of
// their reference (NEST) to the step.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/iaf_psc_alpha.hpp"
#include "kernels/iaf_psc_delta.hpp"
#include "kernels/iaf_psc_exp.hpp"
#include "tests/kernels/random_input.hpp"
#include "tests/reference/neuron_reference.hpp"

namespace sharpwave {
namespace {

using reference::NeuronSetup;
using reference::Trace;

template <class Model>
class Runner {
 public:
  using Real = decltype(Model::State::v);

  explicit Runner(const NeuronSetup& n) : setup_(n) {
    const NeuronConstants c{.dt_ms = n.dt_ms,
                            .C_m_pF = n.C_m_pF,
                            .tau_m_ms = n.tau_m_ms,
                            .tau_syn_ex_ms = n.tau_syn_ex_ms,
                            .tau_syn_in_ms = n.tau_syn_in_ms,
                            .V_th_mV = n.v_th_mV,
                            .V_reset_mV = n.v_reset_mV};
    parameters_ = Model::parameters(c);
    bias_mV_ = static_cast<Real>(Model::bias_per_pA(c) * n.current_pA);
    state.v = static_cast<Real>(n.initial_v_mV);
  }

  bool step(double ex, double in) {
    if constexpr (Model::kReceptors == 1) {
      return Model::step(state, refractory_steps, parameters_, setup_.t_ref_steps, bias_mV_,
                         static_cast<Real>(ex));
    } else {
      return Model::step(state, refractory_steps, parameters_, setup_.t_ref_steps, bias_mV_,
                         static_cast<Real>(ex), static_cast<Real>(in));
    }
  }

  typename Model::State state{};
  std::int32_t refractory_steps = 0;

 private:
  NeuronSetup setup_;
  typename Model::Parameters parameters_;
  Real bias_mV_;
};

template <class Model>
Trace run(const NeuronSetup& n, const std::vector<double>& ex, const std::vector<double>& in) {
  Runner<Model> runner(n);
  Trace trace;
  for (std::size_t k = 0; k < ex.size(); ++k) {
    if (runner.step(ex[k], in[k])) trace.spikes.push_back(static_cast<int>(k));
    trace.v_mV.push_back(static_cast<double>(runner.state.v));
  }
  return trace;
}

// `charge` is the largest event times its time constant.
template <class Model>
void expect_like_reference(const NeuronSetup& n, double charge, double tolerance_mV) {
  const bool jumps = n.model == reference::Model::delta;
  // Enough for some ten spikes.
  const SynapticInput input = random_input(11, 2000, 0.3, jumps ? charge : charge / n.tau_syn_ex_ms,
                                           jumps ? 0 : -charge / n.tau_syn_in_ms);
  const Trace expected = reference::simulate(n, input.ex, input.in);
  const Trace computed = run<Model>(n, input.ex, input.in);
  EXPECT_GT(expected.spikes.size(), 5U);
  EXPECT_EQ(computed.spikes, expected.spikes);
  for (std::size_t k = 0; k < expected.v_mV.size(); ++k)
    ASSERT_NEAR(computed.v_mV[k], expected.v_mV[k], tolerance_mV) << "step " << k;
}

// The integrator's own error: (h/64)^4 of the fastest time constant, 0.5 ms, sums to below 1e-10 mV.
constexpr double kDoubleTolerance_mV = 1e-9;
// Worst case for V up to 16 mV: half an ulp (4.8e-7) in every step, forgotten with tau_m = 100 steps, and as
// much again from the currents.
constexpr double kFloatTolerance_mV = 1e-4;

TEST(IafPscDelta, FollowsItsEquation) {
  const NeuronSetup n{.model = reference::Model::delta, .current_pA = 150};
  expect_like_reference<IafPscDelta<double>>(n, 3.0, kDoubleTolerance_mV);
  expect_like_reference<IafPscDelta<float>>(n, 3.0, kFloatTolerance_mV);
}

TEST(IafPscDelta, KeepsRefractoryInputWhereAsked) {
  const NeuronSetup n{.model = reference::Model::delta, .current_pA = 150, .refractory_input = true};
  expect_like_reference<IafPscDelta<double, true>>(n, 3.0, kDoubleTolerance_mV);
  expect_like_reference<IafPscDelta<float, true>>(n, 3.0, kFloatTolerance_mV);
}

TEST(IafPscExp, FollowsItsEquations) {
  for (const double tau_syn_ex : {0.5, 2.0, 10.0, 25.0}) {
    const NeuronSetup n{.model = reference::Model::exp,
                        .tau_syn_ex_ms = tau_syn_ex,
                        .tau_syn_in_ms = 3.0,
                        .v_reset_mV = -2,
                        .current_pA = 280};
    expect_like_reference<IafPscExp<double>>(n, 150, kDoubleTolerance_mV);
    expect_like_reference<IafPscExp<float>>(n, 150, kFloatTolerance_mV);
  }
}

TEST(IafPscAlpha, FollowsItsEquations) {
  for (const double tau_syn_ex : {0.5, 2.0, 10.0, 25.0}) {
    const NeuronSetup n{.model = reference::Model::alpha,
                        .tau_syn_ex_ms = tau_syn_ex,
                        .tau_syn_in_ms = 3.0,
                        .v_reset_mV = -2,
                        .current_pA = 280};
    expect_like_reference<IafPscAlpha<double>>(n, 80, kDoubleTolerance_mV);
    expect_like_reference<IafPscAlpha<float>>(n, 80, kFloatTolerance_mV);
  }
}

// NEST's test_iaf_psc_alpha: default neuron, DC of 1000 pA at dt 0.1. There the current acts from 0.2 ms on,
// so its times are two steps later than these. Relative tolerance of the source: 1e-6, of the absolute
// potential.
template <class Real>
void expect_alpha_dc_response() {
  Runner<IafPscAlpha<Real>> neuron({.model = reference::Model::alpha, .current_pA = 1000});
  std::vector<double> v_mV{-70};
  int spike_step = 0;
  for (int step = 1; step <= 50; ++step) {
    if (neuron.step(0, 0)) spike_step = step;
    v_mV.push_back(-70 + static_cast<double>(neuron.state.v));
  }
  EXPECT_NEAR(v_mV[1], -69.602, 69.602e-6);
  EXPECT_NEAR(v_mV[8], -66.9247, 66.9247e-6);
  EXPECT_NEAR(v_mV[47], -55.0001, 55.0001e-6);
  EXPECT_EQ(spike_step, 48);
  EXPECT_EQ(v_mV[48], -70.0);
}

TEST(IafPscAlpha, HasThePublishedResponseToDirectCurrent) {
  expect_alpha_dc_response<double>();
  expect_alpha_dc_response<float>();
}

// Potjans & Diesmann 2014: 87.81 pA make an EPSP of 0.15 mV; its largest sample on the grid is at step 16.
template <class Real>
void expect_microcircuit_epsp() {
  Runner<IafPscExp<Real>> neuron({.tau_syn_ex_ms = 0.5, .tau_syn_in_ms = 0.5});
  neuron.step(87.81, 0);
  double largest = 0;
  int at = 0;
  for (int step = 1; step <= 100; ++step) {
    neuron.step(0, 0);
    if (static_cast<double>(neuron.state.v) <= largest) continue;
    largest = static_cast<double>(neuron.state.v);
    at = step;
  }
  EXPECT_NEAR(largest, 0.14999, 1e-5);
  EXPECT_EQ(at, 16);
}

TEST(IafPscExp, HasTheEpspOfTheMicrocircuit) {
  expect_microcircuit_epsp<double>();
  expect_microcircuit_epsp<float>();
}

// An alpha current peaks at its weight, tau_syn after the event: 20 steps of 0.1 ms.
TEST(IafPscAlpha, PeaksAtTheWeightAfterTauSyn) {
  Runner<IafPscAlpha<double>> neuron({.model = reference::Model::alpha});
  neuron.step(100, -50);
  double largest = 0;
  int at = 0;
  for (int step = 1; step <= 100; ++step) {
    neuron.step(0, 0);
    EXPECT_NEAR(neuron.state.i_in, -neuron.state.i_ex / 2, 1e-12);
    if (neuron.state.i_ex <= largest) continue;
    largest = neuron.state.i_ex;
    at = step;
  }
  EXPECT_NEAR(largest, 100, 1e-12);
  EXPECT_EQ(at, 20);
}

template <class Model>
class EveryModel : public testing::Test {};

using CurrentBasedModels = testing::Types<IafPscDelta<float>, IafPscDelta<double>, IafPscDelta<float, true>,
                                          IafPscDelta<double, true>, IafPscExp<float>, IafPscExp<double>,
                                          IafPscAlpha<float>, IafPscAlpha<double>>;
TYPED_TEST_SUITE(EveryModel, CurrentBasedModels);

// A jump to 8 mV from 0 in a model without leak would be the simplest; with leak, V(1) = V0 e^(-h/tau) +
// bias, and the threshold is set to exactly what the model computes.
TYPED_TEST(EveryModel, SpikesWhenVEqualsTheThreshold) {
  Runner<TypeParam> below({.v_th_mV = 1000, .current_pA = 500, .initial_v_mV = 8});
  EXPECT_FALSE(below.step(0, 0));
  const double v = static_cast<double>(below.state.v);
  Runner<TypeParam> equal({.v_th_mV = v, .current_pA = 500, .initial_v_mV = 8});
  EXPECT_TRUE(equal.step(0, 0));
  EXPECT_EQ(static_cast<double>(equal.state.v), 0.0);
  using Real = typename Runner<TypeParam>::Real;
  const Real above_v = std::nextafter(static_cast<Real>(v), Real{1000});
  Runner<TypeParam> just_above(
      {.v_th_mV = static_cast<double>(above_v), .current_pA = 500, .initial_v_mV = 8});
  EXPECT_FALSE(just_above.step(0, 0));
}

// A current that fires the neuron in every free step shows the refractory period: t_ref/dt steps in which V
// is held, so spikes are t_ref/dt + 1 steps apart.
TYPED_TEST(EveryModel, HoldsVForExactlyTheRefractorySteps) {
  for (const int t_ref_steps : {0, 1, 2, 20}) {
    Runner<TypeParam> neuron({.v_reset_mV = -3, .t_ref_steps = t_ref_steps, .current_pA = 1e6});
    std::vector<int> spikes;
    for (int step = 0; step < 100; ++step) {
      if (neuron.step(0, 0)) spikes.push_back(step);
      ASSERT_EQ(static_cast<double>(neuron.state.v), -3.0);
    }
    ASSERT_EQ(spikes.size(), static_cast<std::size_t>((99 / (t_ref_steps + 1)) + 1));
    for (std::size_t k = 0; k < spikes.size(); ++k)
      EXPECT_EQ(spikes[k], static_cast<int>(k) * (t_ref_steps + 1));
  }
}

TYPED_TEST(EveryModel, DecaysToZeroWithoutDenormals) {
  Runner<TypeParam> neuron({.v_th_mV = 1000, .initial_v_mV = 10});
  neuron.step(100, -100);
  using State = typename TypeParam::State;
  bool all_zero = false;
  for (int step = 0; step < 20000 && !all_zero; ++step) {
    neuron.step(0, 0);
    all_zero = true;
    for (std::size_t k = 0; k < TypeParam::kState.size(); ++k) {
      const auto value = neuron.state.*TypeParam::kState[k];
      ASSERT_TRUE(value == 0 || std::fabs(value) >= kFlushBelow<typename Runner<TypeParam>::Real>) << value;
      all_zero = all_zero && value == 0;
    }
  }
  EXPECT_TRUE(all_zero);
  static_assert(sizeof(State) == TypeParam::kState.size() * sizeof(typename Runner<TypeParam>::Real));
}

TYPED_TEST(EveryModel, KeepsNaNVisible) {
  Runner<TypeParam> neuron({.initial_v_mV = std::nan("")});
  for (int step = 0; step < 3; ++step) EXPECT_FALSE(neuron.step(0, 0));
  EXPECT_TRUE(std::isnan(neuron.state.v));
}

// Delta input acts in the step in which it arrives; a current only from the next step on.
TEST(Arrival, ActsInTheStepOfItsModel) {
  Runner<IafPscDelta<double>> delta({});
  delta.step(3, 0);
  EXPECT_EQ(delta.state.v, 3.0);
  Runner<IafPscExp<double>> exponential({});
  exponential.step(3, -2);
  EXPECT_EQ(exponential.state.v, 0.0);
  EXPECT_EQ(exponential.state.i_ex, 3.0);
  EXPECT_EQ(exponential.state.i_in, -2.0);
  Runner<IafPscAlpha<double>> alpha({});
  alpha.step(2, 0);
  EXPECT_EQ(alpha.state.v, 0.0);
  EXPECT_EQ(alpha.state.i_ex, 0.0);
  EXPECT_NEAR(alpha.state.y_ex, 2.718281828459045, 1e-15);  // 2 pA * e / 2 ms
}

// tau_m 10, dt 0.1: an event with r refractory steps left counts e^(-0.01 r), in the first free step.
TEST(Arrival, DuringRefractorinessIsLostOrKeptAsAsked) {
  Runner<IafPscDelta<double>> loses({.t_ref_steps = 5, .initial_v_mV = 20});
  Runner<IafPscDelta<double, true>> keeps({.t_ref_steps = 5, .initial_v_mV = 20});
  ASSERT_TRUE(loses.step(0, 0));
  ASSERT_TRUE(keeps.step(0, 0));
  for (int step = 0; step < 5; ++step) {  // r = 5, 4, 3, 2, 1; an event at r = 4
    loses.step(step == 1 ? 2 : 0, 0);
    keeps.step(step == 1 ? 2 : 0, 0);
    EXPECT_EQ(keeps.state.v, 0.0);
  }
  loses.step(0, 0);
  keeps.step(0, 0);
  EXPECT_EQ(loses.state.v, 0.0);
  EXPECT_NEAR(keeps.state.v, 2 * std::exp(-0.04), 1e-14);
  EXPECT_EQ(keeps.state.kept, 0.0);
}

}  // namespace
}  // namespace sharpwave
