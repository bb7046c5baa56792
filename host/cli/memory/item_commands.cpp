#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/cli/format.hpp"
#include "host/cli/memory/cue.hpp"
#include "host/cli/memory/execute.hpp"
#include "host/cli/memory/opened.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::cli {
namespace {

using Wish = OpenedMemory::Wish;

std::optional<memory::Range<double>> range_of(const Between& between) {
  if (!between.from && !between.to) return std::nullopt;
  constexpr double kMost = std::numeric_limits<double>::max();
  return memory::Range<double>{.from = between.from.value_or(-kMost), .until = between.to.value_or(kMost)};
}

memory::Query query_of(const MemoryFilter& filter) {
  memory::Query query{.kappa = range_of(filter.kappa), .event_ms = range_of(filter.time_ms)};
  if (filter.type) query.type = memory::item_type_named(*filter.type);
  return query;
}

[[noreturn]] void no_such_item(std::uint64_t id, const MemoryPlace& place) {
  throw Error(ExitCode::usage, fmt::format("there is no item {} in the space '{}'", id, place.space));
}

memory::Item item_of(const memory::Space& space, std::uint64_t id, const MemoryPlace& place) {
  std::optional<memory::Item> item = space.find(id);
  if (!item) no_such_item(id, place);
  return *std::move(item);
}

std::vector<float> embedding_of(const MemoryCue& cue, const memory::Space& space, const MemoryPlace& place) {
  if (cue.numbers) return numbers_of(*cue.numbers, "--embedding");
  if (cue.file) return numbers_in(*cue.file);
  std::vector<float> embedding = space.vector_of(*cue.like);
  if (embedding.empty() && space.find(*cue.like))
    throw Error(ExitCode::damaged_data, fmt::format("the embedding of item {} is damaged", *cue.like));
  if (embedding.empty()) no_such_item(*cue.like, place);
  return embedding;
}

ExitCode list_refused(const MemoryList& arguments, OpenedMemory& memory) {
  std::vector<memory::Quarantined> all = memory::quarantined(memory.space());
  std::erase_if(all, [&](const memory::Quarantined& refused) { return refused.number <= arguments.after; });
  const std::size_t n_meant = all.size();
  all.resize(std::min(all.size(), arguments.limit));
  Json json = Json::array();
  for (const memory::Quarantined& refused : all) {
    json.push_back(refused_json(refused));
    if (!arguments.json)
      fmt::print("{:>8}  {:<18}{}\n", refused.number, refused.reason, printable(refused.from));
  }
  if (arguments.json)
    print(json);
  else
    fmt::print("{} of {} refused inputs that are kept\n", grouped(all.size()), grouped(n_meant));
  return memory.code();
}

void print_answer(const memory::Answer& answer, const memory::Space& space) {
  fmt::print("{}{}", right("cosine", 9), item_head());
  for (const memory::Neighbour& neighbour : answer.neighbours)
    if (const std::optional<memory::Item> item = space.find(neighbour.id))
      fmt::print("{:>9.4f}{}", neighbour.similarity, item_row(*item));
  memory::IndexReport index = space.index();
  index.state = answer.index_state;  // it may be another by now
  fmt::print("{} in {}: {}, {} {}; the index: {}\n", answer.neighbours.size(), duration(answer.seconds),
             name_of(answer.plan), grouped(answer.n_looked_at),
             answer.plan == memory::Plan::index ? "candidates" : "compared",
             index_text(index, !space.is_read_only()));
}

}  // namespace

ExitCode execute(const MemoryList& arguments) {
  OpenedMemory memory(arguments, Wish::read);
  if (arguments.refused) return list_refused(arguments, memory);
  const memory::Query query = query_of(arguments.filter);
  check(query);
  Json json = Json::array();
  std::size_t n_shown = 0;
  std::size_t n_meant = 0;
  if (!arguments.json) fmt::print("{}", item_head());
  for (const auto& [id, summary] : memory.space().summaries()) {
    if (id <= arguments.after || !is_meant(summary, query)) continue;
    if (++n_meant > arguments.limit) continue;
    const memory::Item item = item_of(memory.space(), id, arguments);
    ++n_shown;
    if (arguments.json)
      json.push_back(item_json(item));
    else
      fmt::print("{}", item_row(item));
  }
  if (arguments.json)
    print(json);
  else
    fmt::print("{} of {} items\n", grouped(n_shown), grouped(n_meant));
  return memory.code();
}

ExitCode execute(const MemoryShow& arguments) {
  OpenedMemory memory(arguments, Wish::count);
  const memory::Item item = item_of(memory.space(), arguments.id, arguments);
  if (arguments.json)
    print(whole_item_json(memory.space(), item));
  else
    fmt::print("{}", item_text(item, memory.space().edges_of(arguments.id)));
  memory.count_accesses({arguments.id});
  return memory.code();
}

ExitCode execute(const MemoryAdd& arguments) {
  OpenedMemory memory(arguments, Wish::write);
  const memory::Added added = memory::add(memory.space(),
                                          {.type = memory::item_type_named(arguments.type).value(),
                                           .event_ms = arguments.event_ms,
                                           .metadata = arguments.metadata},
                                          embedding_of(arguments.embedding, memory.space(), arguments));
  if (added.refusal)
    throw Error(ExitCode::usage,
                fmt::format("refused as {}: {}{}", name_of(added.refusal->reason), added.refusal->what,
                            added.id != memory::kNoItem ? fmt::format(" (item {})", added.id) : ""));
  if (arguments.json)
    print({{"id", added.id}});
  else
    fmt::print("item {}\n", added.id);
  return memory.code();
}

ExitCode execute(const MemoryDelete& arguments) {
  OpenedMemory memory(arguments, Wish::write);
  // A slip of the pen in one of them is told before any is gone.
  for (const std::uint64_t id : arguments.ids) static_cast<void>(item_of(memory.space(), id, arguments));
  for (const std::uint64_t id : arguments.ids) memory::remove(memory.space(), id);
  if (arguments.json)
    print({{"deleted", arguments.ids}});
  else
    fmt::print("deleted {}\n", grouped(arguments.ids.size()));
  return memory.code();
}

ExitCode execute(const MemorySearch& arguments) {
  OpenedMemory memory(arguments, Wish::count);
  memory::Query query = query_of(arguments.filter);
  // The item that others are to be like is its own nearest.
  query.k = arguments.k + (arguments.cue.like ? 1 : 0);
  query.exact = arguments.exact;
  memory::Answer answer =
      memory.space().search(embedding_of(arguments.cue, memory.space(), arguments), query);
  std::erase_if(answer.neighbours, [&](const memory::Neighbour& n) { return n.id == arguments.cue.like; });
  answer.neighbours.resize(std::min(answer.neighbours.size(), arguments.k));
  if (arguments.json)
    print(answer_json(answer, memory.space()));
  else
    print_answer(answer, memory.space());
  std::vector<memory::ItemId> found;
  for (const memory::Neighbour& neighbour : answer.neighbours) found.push_back(neighbour.id);
  memory.count_accesses(found);
  return memory.code();
}

}  // namespace sharpwave::cli
