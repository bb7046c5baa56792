#include "host/cli/memory/opened.hpp"

#include <fmt/format.h>

#include "host/base/error.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"

namespace sharpwave::cli {
namespace {

std::unique_ptr<memory::Store> open(const MemoryPlace& place, bool read_only) {
  return std::make_unique<memory::Store>(place.store, memory::StoreOptions{.read_only = read_only});
}

std::unique_ptr<memory::Store> open(const MemoryPlace& place, OpenedMemory::Wish wish) {
  expect_store(place.store);
  if (wish != OpenedMemory::Wish::count) return open(place, wish == OpenedMemory::Wish::read);
  try {
    return open(place, false);
  } catch (const Error& error) {
    if (error.code() != ExitCode::io) throw;
    log_of(Module::memory).info("{}; reading beside it, without counting", error.what());
    return open(place, true);
  }
}

}  // namespace

void expect_store(const std::filesystem::path& directory) {
  if (!memory::is_store(directory))
    throw Error(ExitCode::io,
                fmt::format("{}: there is no memory store; a run with `memory`, or `sharpwave memory "
                            "spaces create`, makes one",
                            directory.string()));
}

OpenedMemory::OpenedMemory(const MemoryPlace& place, Wish wish) {
  set_up_log(place.log, "info");
  store_ = open(place, wish);
  space_ = store_->space(place.space);
  spdlog::logger& log = log_of(Module::memory);
  const memory::RecoveryReport report = store_->report(place.space);
  is_damaged_ = report.is_damaged || report.is_incomplete;
  log_findings(place.space, report);
  for (const memory::Damage& damage : space_->damage())
    log.error("{}: {}: {}", place.space, damage.where, damage.what);
}

ExitCode OpenedMemory::code() const {
  return space_->damage().empty() && !is_damaged_ ? ExitCode::ok : ExitCode::damaged_data;
}

void OpenedMemory::count_accesses(const std::vector<memory::ItemId>& ids) {
  if (space_->is_read_only()) return;
  memory::AccessCounts counts;
  counts.note(ids);
  counts.write(*space_);
}

void log_findings(const std::string& space, const memory::RecoveryReport& report) {
  for (const std::string& note : report.notes) log_of(Module::memory).warn("{}: {}", space, note);
}

std::string index_text(const memory::IndexReport& index, bool can_be_changed) {
  std::string text = name_of(index.state);
  if (index.n_vectors > 0) text += fmt::format(", {} vectors", grouped(index.n_vectors));
  if (!index.note.empty()) text += fmt::format("; {}", index.note);
  const bool is_missing =
      index.state == memory::IndexState::rebuilding || index.state == memory::IndexState::failed;
  if (is_missing && can_be_changed) text += "; `sharpwave memory rebuild-index` makes it at once";
  return text;
}

void expect_confirmation(const std::optional<std::string>& given, const std::string& words,
                         const std::string& consequence) {
  if (given == words) return;
  throw Error(ExitCode::usage, fmt::format("{}: confirm it with --confirm \"{}\"{}", consequence, words,
                                           given ? fmt::format("; read \"{}\"", *given) : ""));
}

void print(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace sharpwave::cli
