#include "host/cli/memory/items.hpp"

#include <fmt/format.h>

#include "host/cli/format.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kIdColumns = 10;
constexpr std::size_t kTypeColumns = 12;
constexpr std::size_t kBandColumns = 14;
constexpr std::size_t kFigureColumns = 9;
constexpr std::size_t kTimeColumns = 14;
constexpr std::size_t kMostMetadata = 40;

std::string provenance_text(const memory::Provenance& p) {
  if (p.run.empty()) return "by hand";
  return printable(fmt::format("{}, instance {}, {} to {} of run {} (signal {}, config {}{})", p.population,
                               p.instance, milliseconds(p.begin_ms), milliseconds(p.end_ms), p.run, p.signal,
                               p.config_digest.substr(0, 12),
                               p.branch > 0 ? fmt::format(", branch {}", p.branch) : ""));
}

}  // namespace

std::string item_head() {
  return right("id", kIdColumns) + "  " + left("type", kTypeColumns) + left("band", kBandColumns) +
         right("κ", kFigureColumns) + right("importance", kFigureColumns + 2) + right("event", kTimeColumns) +
         right("replays", kFigureColumns) + right("accesses", kFigureColumns) + "  whence\n";
}

std::string item_row(const memory::Item& item) {
  const memory::Provenance& p = item.provenance;
  const std::string whence =
      p.run.empty() ? first_characters(item.metadata, kMostMetadata)
                    : fmt::format("{}[{}] {}", p.population, p.instance, first_characters(p.run, 12));
  return right(std::to_string(item.id), kIdColumns) + "  " + left(name_of(item.type), kTypeColumns) +
         left(name_of(memory::band_of(item.kappa)), kBandColumns) +
         right(figure(item.kappa), kFigureColumns) + right(figure(item.importance), kFigureColumns + 2) +
         right(milliseconds(item.event_ms), kTimeColumns) + right(grouped(item.replays), kFigureColumns) +
         right(grouped(item.accesses), kFigureColumns) + "  " + printable(whence) + "\n";
}

std::string item_text(const memory::Item& item, const std::vector<memory::Edge>& edges) {
  const memory::WindowStatistics& s = item.statistics;
  const memory::Modulators& m = item.modulators;
  std::string text = labelled("item", fmt::format("{}, {}", item.id, name_of(item.type)));
  text += labelled("κ", fmt::format("{} ({})", figure(item.kappa), name_of(memory::band_of(item.kappa))));
  text += labelled("importance", figure(item.importance));
  text += labelled("event", milliseconds(item.event_ms) + " of simulated time");
  text += labelled("recorded", memory::moment(item.recorded_us));
  text += labelled("replays", grouped(item.replays));
  text += labelled("accesses",
                   fmt::format("{}, last used in cycle {}", grouped(item.accesses), item.last_used_cycle));
  text += labelled("whence", provenance_text(item.provenance));
  text += labelled("window",
                   fmt::format("{} spikes, {} Hz, synchrony {}, burst {}, sum of |Δw| {}, eligibility {}",
                               figure(s.n_spikes), figure(s.mean_rate_Hz), figure(s.synchrony),
                               figure(s.burst_strength), figure(s.weight_change), figure(s.eligibility)));
  text += labelled("modulators",
                   fmt::format("DA {}, 5-HT {}, NE {}, ACh {}", figure(m.dopamine), figure(m.serotonin),
                               figure(m.noradrenaline), figure(m.acetylcholine)));
  if (!item.metadata.empty()) text += labelled("metadata", printable(item.metadata));
  for (const memory::Edge& edge : edges)
    text +=
        labelled("edge", fmt::format("{} -> {}, {}, {}", edge.from, edge.to,
                                     edge.type == memory::EdgeType::abstracts ? "abstracts" : "co-replayed",
                                     figure(edge.weight)));
  return text;
}

}  // namespace sharpwave::cli
