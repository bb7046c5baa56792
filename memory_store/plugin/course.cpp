#include "memory_store/plugin/course.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostMoments = 999;

}  // namespace

void Course::note(double time_ms, const SpaceStatus& status) {
  last_ = {.number = n_noted_++, .time_ms = time_ms, .status = status};
  if (last_.number % stride_ != 0) return;
  moments_.push_back(last_);
  if (moments_.size() <= kMostMoments) return;
  stride_ *= 2;
  std::erase_if(moments_, [this](const Moment& moment) { return moment.number % stride_ != 0; });
}

Json Course::json() const {
  Json course = Json::array();
  const auto add = [&](const Moment& moment) {
    course.push_back(
        {{"time_ms", moment.time_ms},
         {"cycle", moment.status.cycle},
         {"items", moment.status.n_items},
         {"mean_kappa", moment.status.n_items > 0 ? Json(moment.status.mean_kappa) : Json(nullptr)},
         {"by_band", moment.status.by_band},
         {"histogram", moment.status.kappa}});
  };
  for (const Moment& moment : moments_) add(moment);
  if (!moments_.empty() && moments_.back().number != last_.number) add(last_);
  return course;
}

}  // namespace sharpwave::memory
