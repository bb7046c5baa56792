#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/base/error.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/memory/execute.hpp"
#include "host/cli/memory/opened.hpp"
#include "memory_store/memory_store.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::cli {
namespace {

using Wish = OpenedMemory::Wish;

constexpr std::size_t kPhaseColumns = 14;
constexpr std::size_t kMomentColumns = 20;
constexpr std::size_t kCountColumns = 11;

template <class Kind, std::size_t N>
std::string by_kind(const std::array<std::uint64_t, N>& counts) {
  std::string text;
  for (std::size_t i = 0; i < N; ++i)
    text += fmt::format("{}{} {}", i > 0 ? ", " : "", grouped(counts[i]), name_of(static_cast<Kind>(i)));
  return text;
}

/// A bar for each twentieth of κ.
std::string bars(const std::array<std::uint64_t, memory::SpaceStatus::kBins>& counts) {
  constexpr std::array kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::uint64_t most = std::max<std::uint64_t>(1, *std::max_element(counts.begin(), counts.end()));
  std::string text = "0 ";
  for (const std::uint64_t count : counts) text += kBars.at((count * 8 + most - 1) / most);
  return text.append(" 1");
}

std::string phase_table(const memory::SpaceStatus& status) {
  std::string text = left("phase", kPhaseColumns) + right("last", kMomentColumns);
  for (const char* head : {"runs", "took", "looked at", "changed", "made", "removed", "edges"})
    text += right(head, kCountColumns);
  text += "\n";
  for (const auto& [name, phase] : status.phases) {
    text += left(name, kPhaseColumns) + right(memory::moment(phase.when_us), kMomentColumns) +
            right(grouped(phase.runs), kCountColumns) + right(duration(phase.seconds), kCountColumns);
    for (const std::uint64_t count : {phase.counts.looked_at, phase.counts.changed, phase.counts.made,
                                      phase.counts.removed, phase.counts.edges})
      text += right(grouped(count), kCountColumns);
    text += "\n";
  }
  return text;
}

std::string stats_text(OpenedMemory& memory, const memory::RecoveryReport& recovery) {
  const memory::Space& space = memory.space();
  const memory::SpaceStatus status = status_of(space);
  std::string text =
      labelled("items", fmt::format("{} of {} dimensions", grouped(status.n_items), space.dimension()));
  text += labelled("by type", by_kind<memory::ItemType>(status.by_type));
  text += labelled("by band", by_kind<memory::Band>(status.by_band));
  if (status.n_items > 0)
    text += labelled("κ", fmt::format("{} ± {}  {}", figure(status.mean_kappa), figure(status.sd_kappa),
                                      bars(status.kappa)));
  text += labelled("cycles", fmt::format("{}, {} changes since", grouped(status.cycle),
                                         grouped(status.changes_since_cycle)));
  for (const auto& [reason, n] : status.rejected)
    text += labelled("refused", fmt::format("{} as {}", grouped(n), reason));
  if (status.gated > 0) text += labelled("gated", grouped(status.gated));
  text += labelled("storage",
                   fmt::format("{}, change {}", bytes(space.backend().bytes()), grouped(space.sequence())));
  text += labelled("sync", fmt::format("{}, of what commands write", name_of(memory.store().sync_mode())));
  text += labelled("index", index_text(space.index(), !cannot_be_changed(recovery)));
  text += labelled("start", fmt::format("{} in {}{}", name_of(recovery.start), duration(recovery.seconds),
                                        cannot_be_changed(recovery) ? "; read-only" : ""));
  text += labelled("replayed", fmt::format("{} writes from the log", grouped(recovery.replayed)));
  if (recovery.damaged > 0)
    text += labelled("damaged",
                     fmt::format("{} values or blocks, which are not served", grouped(recovery.damaged)));
  if (!status.phases.empty()) text.append("\n").append(phase_table(status));
  return text;
}

}  // namespace

ExitCode execute(const MemoryStats& arguments) {
  OpenedMemory memory(arguments, Wish::read);
  if (arguments.json)
    print(status_json(memory.store(), arguments.space, memory.space(), std::nullopt));
  else
    fmt::print("{}", stats_text(memory, memory.store().report(arguments.space)));
  return memory.code();
}

ExitCode execute(const MemoryConsolidate& arguments) {
  OpenedMemory memory(arguments, Wish::write);
  memory::Space& space = memory.space();
  const std::optional<std::string> options = memory::run_options_of(space);
  memory::ConsolidationParameters parameters;
  try {
    if (options) parameters = memory::parse_plugin_options(*options).consolidation;
  } catch (const Error& error) {  // of a newer program
    throw Error(error.code(),
                "the space has the options of the run that used it last, which this program does not know: " +
                    std::string(error.what()));
  }
  if (arguments.phase == "nrem") static_cast<void>(nrem(space, parameters.nrem));
  if (arguments.phase == "rem") static_cast<void>(rem(space, parameters.rem));
  if (arguments.phase == "prune") static_cast<void>(prune(space, parameters.prune));
  if (arguments.phase == "cycle") static_cast<void>(run_cycle(space, parameters));
  const memory::SpaceStatus status = status_of(space);
  if (arguments.json)
    print(status_json(memory.store(), arguments.space, memory.space(), memory.store().sync_mode()));
  else
    fmt::print("{}{}{}",
               labelled("numbers", options ? "of the run that used it last: " + printable(*options)
                                           : "those that a run has by default"),
               labelled("by band", by_kind<memory::Band>(status.by_band)), phase_table(status));
  return memory.code();
}

ExitCode execute(const MemorySpaces& arguments) {
  set_up_log(arguments.log, "info");
  if (arguments.verb != "create") expect_store(arguments.store);
  if (arguments.verb == "reset") return reset_space(arguments);
  memory::Store store(arguments.store, {.read_only = arguments.verb == "list"});
  if (arguments.verb == "create") store.create(arguments.name);
  if (arguments.verb == "drop") {
    expect_confirmation(arguments.confirmation, "drop " + arguments.name, "all that is in it is lost");
    store.drop(arguments.name);
  }
  if (arguments.json) {
    print({{"spaces", store.spaces()}});
    return ExitCode::ok;
  }
  for (const std::string& name : store.spaces()) fmt::print("{}\n", name);
  return ExitCode::ok;
}

ExitCode execute(const MemoryRebuildIndex& arguments) {
  OpenedMemory memory(arguments, Wish::write);
  const memory::IndexBuild build = memory.space().rebuild_index();
  if (arguments.json)
    print({{"vectors", build.n_vectors}, {"seconds", build.seconds}});
  else if (build.n_vectors == 0)
    fmt::print("no index: of {} items all are compared\n", grouped(memory.space().size()));
  else
    fmt::print("{} vectors in {}\n", grouped(build.n_vectors), duration(build.seconds));
  return memory.code();
}

}  // namespace sharpwave::cli
