#include "host/service/memory_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/base/log.hpp"
#include "host/service/api_error.hpp"

namespace sharpwave::service {

using memory::kDefaultSpace;

bool is_of_storage(const Error& error) {
  return error.code() == ExitCode::io || error.code() == ExitCode::no_room ||
         error.code() == ExitCode::damaged_data;
}

MemoryService::MemoryService(const std::filesystem::path& directory, const memory::StoreOptions& options)
    : directory_(directory), store_(std::make_unique<memory::Store>(directory, options)) {
  const std::string name(kDefaultSpace);
  try {
    static_cast<void>(consolidator_of(name));
    for (const std::string& note : store_->report(name).notes)
      logger_named("memory")->warn("{}: {}", name, note);
  } catch (const Error& error) {
    logger_named("memory")->error("the space '{}' cannot be opened: {}", name, error.what());
  }
}

MemoryService::~MemoryService() = default;

void MemoryService::begin(CircuitBreaker::Permission permission) {
  if (permission == CircuitBreaker::Permission::granted) return;
  if (permission == CircuitBreaker::Permission::trial) return open_anew();
  throw ApiError({.status = 503,
                  .kind = "breaker_open",
                  .family = Family::persistence,
                  .message = "the storage has failed again and again, and is left alone for a while",
                  .expected = "storage that works",
                  .to_do = "try again later; POST /system/reset-breaker tries at once",
                  .retry_after_s = static_cast<unsigned>(std::ceil(breaker_.status().retry_after_s)) + 1});
}

void MemoryService::end(Operation operation, Outcome outcome, Storage storage, double seconds) {
  operations_.note(operation, outcome, seconds);
  if (storage == Storage::works) return breaker_.succeeded();
  breaker_.failed();
  if (breaker_.status().state == BreakerState::open)
    logger_named("memory")->error("the storage has failed again and again: it is left alone for a while");
}

// A space that has failed to write is read-only until it is opened again.
void MemoryService::open_anew() {
  const std::lock_guard lock(mutex_);
  consolidators_.clear();
  store_->close_idle();
}

void MemoryService::mend() {
  open_anew();
  breaker_.reset();
}

std::shared_ptr<memory::Space> MemoryService::space(const std::string& name) {
  if (!memory::is_space_name(name))
    throw ApiError({.status = 400,
                    .kind = "invalid",
                    .family = Family::space,
                    .message = "that is no name of a memory space",
                    .expected = "3 to 64 characters of a-z, 0-9, _ and -"});
  const std::vector<std::string> known = store_->spaces();
  if (name != kDefaultSpace && !std::ranges::binary_search(known, name))
    throw ApiError({.status = 404,
                    .kind = "no_such_space",
                    .family = Family::space,
                    .message = fmt::format("there is no memory space '{}'", name),
                    .expected = fmt::format("one of: {}", fmt::join(known, ", ")),
                    .to_do = "POST /api/v1/spaces makes one"});
  return store_->space(name);
}

memory::ConsolidationParameters MemoryService::parameters_of(const memory::Space& space) const {
  const std::optional<std::string> options = memory::run_options_of(space);
  try {
    if (options) return memory::parse_plugin_options(*options).consolidation;
  } catch (const Error& error) {  // of a newer program
    logger_named("memory")->warn("consolidation goes by the defaults: {}", error.what());
  }
  return {};
}

std::shared_ptr<memory::Consolidator> MemoryService::consolidator_of(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = consolidators_.find(name);
    if (at != consolidators_.end()) return at->second;
  }
  return consolidator(name, parameters_of(*space(name)));
}

std::shared_ptr<memory::Consolidator> MemoryService::consolidator(
    std::string_view name, const memory::ConsolidationParameters& parameters) {
  const std::shared_ptr<memory::Space> used = space(std::string(name));
  const std::lock_guard lock(mutex_);
  auto& consolidator = consolidators_[std::string(name)];
  consolidator.reset();  // it stops before another one begins
  consolidator =
      std::make_shared<memory::Consolidator>(used, parameters, memory::ConsolidationMode::background);
  return consolidator;
}

void MemoryService::let_go(const std::string& name) {
  const std::lock_guard lock(mutex_);
  consolidators_.erase(name);
}

void MemoryService::sync() {
  for (const std::string& name : store_->open_spaces())
    if (const std::shared_ptr<memory::Space> open = store_->space(name); !open->is_read_only()) open->sync();
}

std::vector<std::string> MemoryService::why_not_ready() {
  std::vector<std::string> reasons;
  if (breaker_.status().state != BreakerState::closed)
    reasons.emplace_back("the storage has failed, and is left alone");
  const std::vector<std::string> open = store_->open_spaces();
  if (std::ranges::find(open, kDefaultSpace) == open.end()) {
    reasons.emplace_back("the space 'default' is not open");
    return reasons;
  }
  const std::shared_ptr<memory::Space> space = store_->space(kDefaultSpace);
  if (space->is_read_only()) reasons.emplace_back("the space 'default' is read-only");
  if (space->index().state == memory::IndexState::failed)
    reasons.emplace_back("the index of the space 'default' could not be made: searches scan");
  return reasons;
}

}  // namespace sharpwave::service
