// From an UpdateModel to the type that holds its science.
#pragma once

#include <type_traits>

#include "host/base/error.hpp"
#include "host/engine/cpu_kernels.hpp"
#include "kernels/aeif_cond_exp.hpp"
#include "kernels/iaf_cond_exp.hpp"
#include "kernels/iaf_psc_alpha.hpp"
#include "kernels/iaf_psc_delta.hpp"
#include "kernels/iaf_psc_exp.hpp"
#include "kernels/izhikevich.hpp"
#include "kernels/lif_discrete.hpp"

namespace sharpwave {

/// Calls visit(std::type_identity<Model<double>>{}).
template <class Visit>
decltype(auto) with_model(UpdateModel model, Visit&& visit) {
  switch (model) {
    case UpdateModel::delta:
      return visit(std::type_identity<IafPscDelta<double, false>>{});
    case UpdateModel::delta_refractory_input:
      return visit(std::type_identity<IafPscDelta<double, true>>{});
    case UpdateModel::exp:
      return visit(std::type_identity<IafPscExp<double>>{});
    case UpdateModel::alpha:
      return visit(std::type_identity<IafPscAlpha<double>>{});
    case UpdateModel::cond_exp:
      return visit(std::type_identity<IafCondExp<double, false, kCondExpSubsteps>>{});
    case UpdateModel::cond_exp_any:
      return visit(std::type_identity<IafCondExp<double, true>>{});
    case UpdateModel::aeif:
      return visit(std::type_identity<AeifCondExp<double, kAeifSubsteps>>{});
    case UpdateModel::aeif_any:
      return visit(std::type_identity<AeifCondExp<double>>{});
    case UpdateModel::izhikevich:
      return visit(std::type_identity<Izhikevich<double, true>>{});
    case UpdateModel::izhikevich_2003:
      return visit(std::type_identity<Izhikevich<double, false>>{});
    case UpdateModel::lif_discrete:
      return visit(std::type_identity<LifDiscrete<double>>{});
  }
  fail_invariant("known update model", __FILE__, __LINE__);
}

}  // namespace sharpwave
