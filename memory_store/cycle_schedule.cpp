#include "memory_store/cycle_schedule.hpp"

namespace sharpwave::memory {

const char* name_of(Trigger trigger) {
  switch (trigger) {
    case Trigger::none:
      return "none";
    case Trigger::command:
      return "command";
    case Trigger::inserts:
      return "inserts";
    case Trigger::write_buffer:
      return "write_buffer";
    case Trigger::schedule:
      return "schedule";
  }
  return "";
}

Trigger due(const Load& load, const CycleParameters& p) {
  if (load.since_cycle_s < p.apart_s) return Trigger::none;
  if (load.is_commanded) return Trigger::command;
  if (!load.has_changed) return Trigger::none;
  if (load.inserts_per_minute > p.inserts_per_minute) return Trigger::inserts;
  if (load.write_buffer > p.write_buffer) return Trigger::write_buffer;
  return load.since_cycle_s >= p.every_s ? Trigger::schedule : Trigger::none;
}

void InsertRate::note(std::uint64_t now_s, std::uint64_t n_inserts) {
  Second& second = seconds_[now_s % seconds_.size()];
  if (second.number != now_s) second = {.number = now_s, .n_inserts = 0};
  second.n_inserts += n_inserts;
}

std::uint64_t InsertRate::last_minute(std::uint64_t now_s) const {
  std::uint64_t sum = 0;
  for (const Second& second : seconds_)
    if (second.number + seconds_.size() > now_s) sum += second.n_inserts;
  return sum;
}

}  // namespace sharpwave::memory
