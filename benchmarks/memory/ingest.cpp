#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "benchmarks/memory/questions.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::bench_memory {

namespace {

constexpr std::uint32_t kDimension = 128;

/// Seconds of one fdatasync behind 4 KiB that are appended.
Range time_fdatasync(const Folder& folder) {
  const std::string name = (folder / "fdatasync").string();
  const int file = open(name.c_str(), O_CREAT | O_WRONLY, 0600);
  if (file < 0) throw std::runtime_error("cannot open " + name);
  const std::vector<char> block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto begin = Clock::now();
    if (write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) || fdatasync(file) != 0)
      throw std::runtime_error("cannot write " + name);
    times.push_back(seconds_since(begin));
  }
  close(file);
  return range_of(times);
}

std::vector<memory::ConsolidationSignal> signals_of(Vectors& vectors, std::uint32_t thread,
                                                    std::uint64_t first, std::size_t n) {
  std::vector<memory::ConsolidationSignal> signals(n);
  for (std::size_t i = 0; i < n; ++i) {
    memory::ConsolidationSignal& signal = signals[i];
    const double begin_ms = 100 * static_cast<double>(first + i);
    signal.provenance = {.run = "bench",
                         .config_digest = "0",
                         .population = "E",
                         .instance = thread,
                         .branch = 0,
                         .begin_ms = begin_ms,
                         .end_ms = begin_ms + 100,
                         .signal = first + i};
    signal.embedding = vectors.next();
  }
  return signals;
}

/// Signals a second, for about so many seconds. All of them have to have become items.
double ingest(memory::Store& store, std::uint32_t n_threads, std::size_t at_once, double seconds) {
  const auto space = store.space(memory::kDefaultSpace);
  std::atomic<std::uint64_t> n_taken = 0;
  std::atomic<std::uint64_t> n_formed = 0;
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < n_threads; ++t)
      threads.emplace_back([&, t] {
        Vectors vectors(Shape::uniform, kDimension, 1000 + t);
        for (std::uint64_t first = 1; seconds_since(begin) < seconds; first += at_once)
          for (const memory::Taken& taken : take(*space, {}, signals_of(vectors, t, first, at_once))) {
            ++n_taken;
            if (taken.outcome == memory::Outcome::formed) ++n_formed;
          }
      });
  }
  const double rate = static_cast<double>(n_taken) / seconds_since(begin);
  if (n_taken == 0 || n_formed != n_taken || space->size() != n_formed)
    throw std::runtime_error("not every signal has become an item: this did not measure what it says");
  return rate;
}

struct Mode {
  const char* name;
  memory::SyncMode sync;
};

}  // namespace

Json measure_ingest(double seconds) {
  const Folder folder;
  const Range sync = time_fdatasync(folder);
  Json json = {{"dimension", kDimension},
               {"fdatasync_s", {{"min", sync.min}, {"median", sync.median}, {"max", sync.max}}},
               {"rows", Json::array()}};
  fmt::print("one fdatasync of 4 KiB: {:.3f} / {:.3f} / {:.3f} ms\n\n{:<10}{:>8}{:>9}{:>12}{:>20}\n",
             1e3 * sync.min, 1e3 * sync.median, 1e3 * sync.max, "sync", "threads", "at once", "signals/s",
             "x of one fdatasync");
  int n = 0;
  for (const Mode mode : {Mode{"always", memory::SyncMode::always},
                          Mode{"interval", memory::SyncMode::interval}, Mode{"none", memory::SyncMode::none}})
    for (const std::uint32_t n_threads : {1U, 4U, 16U})
      for (const std::size_t at_once : {std::size_t{1}, std::size_t{64}}) {
        memory::Store store(folder / fmt::format("store_{}", n++), {.sync = mode.sync});
        const double rate = ingest(store, n_threads, at_once, seconds);
        fmt::print("{:<10}{:>8}{:>9}{:>12.0f}{:>20.2f}\n", mode.name, n_threads, at_once, rate,
                   rate * sync.median);
        json["rows"].push_back({{"sync", mode.name},
                                {"threads", n_threads},
                                {"at_once", at_once},
                                {"signals_per_s", rate},
                                {"per_fdatasync", rate * sync.median}});
      }
  return json;
}

}  // namespace sharpwave::bench_memory
