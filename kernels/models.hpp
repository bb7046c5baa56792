// The neuron models as the executors know them: from a name to the type that holds the science.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/aeif_cond_exp.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/iaf_cond_exp.hpp"
#include "kernels/iaf_psc_alpha.hpp"
#include "kernels/iaf_psc_delta.hpp"
#include "kernels/iaf_psc_exp.hpp"
#include "kernels/izhikevich.hpp"
#include "kernels/lif_discrete.hpp"

namespace sharpwave {

inline constexpr int kMaxReceptors = 2;
inline constexpr int kMaxStates = 5;
inline constexpr int kMaxParameters = 16;

/// The conductance models are compiled for their usual number of substeps, and once more for any (`_any`;
/// cond: with theta).
enum class UpdateModel {
  delta,
  delta_refractory_input,
  exp,
  alpha,
  cond_exp,
  cond_exp_any,
  aeif,
  aeif_any,
  izhikevich,
  izhikevich_2003,
  lif_discrete,
};
inline constexpr int kUpdateModelCount = 11;
inline constexpr int kCondExpSubsteps = 1;
inline constexpr int kAeifSubsteps = 4;

/// Type of the state, and of the sums of synaptic input.
enum class Arithmetic { float_int32, float_int64, double_int64 };
inline constexpr int kArithmeticCount = 3;

namespace detail {

template <UpdateModel kModel, class Real>
constexpr auto model_type() {
  if constexpr (kModel == UpdateModel::delta) return std::type_identity<IafPscDelta<Real, false>>{};
  if constexpr (kModel == UpdateModel::delta_refractory_input)
    return std::type_identity<IafPscDelta<Real, true>>{};
  if constexpr (kModel == UpdateModel::exp) return std::type_identity<IafPscExp<Real>>{};
  if constexpr (kModel == UpdateModel::alpha) return std::type_identity<IafPscAlpha<Real>>{};
  if constexpr (kModel == UpdateModel::cond_exp)
    return std::type_identity<IafCondExp<Real, false, kCondExpSubsteps>>{};
  if constexpr (kModel == UpdateModel::cond_exp_any) return std::type_identity<IafCondExp<Real, true>>{};
  if constexpr (kModel == UpdateModel::aeif) return std::type_identity<AeifCondExp<Real, kAeifSubsteps>>{};
  if constexpr (kModel == UpdateModel::aeif_any) return std::type_identity<AeifCondExp<Real>>{};
  if constexpr (kModel == UpdateModel::izhikevich) return std::type_identity<Izhikevich<Real, true>>{};
  if constexpr (kModel == UpdateModel::izhikevich_2003) return std::type_identity<Izhikevich<Real, false>>{};
  if constexpr (kModel == UpdateModel::lif_discrete) return std::type_identity<LifDiscrete<Real>>{};
}

}  // namespace detail

/// @tparam Real  float or double.
template <UpdateModel kModel, class Real>
using ModelType = typename decltype(detail::model_type<kModel, Real>())::type;

/// Whether a neuron spikes in a step does not depend on what arrives in it. A model says so; those that do
/// not are taken for others.
template <class Model>
constexpr bool input_acts_later() {
  if constexpr (requires { Model::kInputActsLater; }) return Model::kInputActsLater;
  return false;
}

/// Calls visit(std::integral_constant<UpdateModel, model>{}).
template <class Visit, UpdateModel kModel = UpdateModel::delta>
decltype(auto) with_model(UpdateModel model, Visit&& visit) {
  constexpr auto kNext = static_cast<UpdateModel>(static_cast<int>(kModel) + 1);
  if constexpr (static_cast<int>(kNext) < kUpdateModelCount)
    if (model != kModel) return with_model<Visit, kNext>(model, static_cast<Visit&&>(visit));
  return visit(std::integral_constant<UpdateModel, kModel>{});
}

/// Sums of input as a neuron's arithmetic takes them.
template <class Real>
SHARPWAVE_HD Real to_real(std::int32_t units) {
  return static_cast<Real>(units);
}
template <class Real>
SHARPWAVE_HD Real to_real(std::int64_t units) {
  return static_cast<Real>(grid_to_double(units));
}

}  // namespace sharpwave
