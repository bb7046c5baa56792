// The memory store in a program of one's own, without the simulator: three windows become two items, a cycle
// of consolidation raises their κ, and a cue finds the nearer one.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "memory_store/memory_store.hpp"

namespace memory = sharpwave::memory;

namespace {

memory::ConsolidationSignal window(std::uint64_t number, std::vector<float> embedding) {
  memory::ConsolidationSignal signal;
  signal.provenance = {.run = "example",
                       .population = "E",
                       .begin_ms = 100.0 * static_cast<double>(number - 1),
                       .end_ms = 100.0 * static_cast<double>(number),
                       .signal = number};
  signal.embedding = std::move(embedding);
  return signal;
}

void remember(const std::filesystem::path& directory) {
  memory::Store store(directory, {});
  const auto space = store.space(memory::kDefaultSpace);
  const memory::ConsolidationParameters parameters;
  const std::vector<memory::ConsolidationSignal> signals{window(1, {1, 0, 0}), window(2, {0, 1, 0}),
                                                         window(3, {0.9F, 0.1F, 0})};
  for (const memory::Taken& taken : memory::take(*space, parameters.take, signals))
    std::printf("%s: item %llu\n", name_of(taken.outcome), static_cast<unsigned long long>(taken.item));
  static_cast<void>(memory::run_cycle(*space, parameters));
  const std::vector<float> cue{0.8F, 0.3F, 0.1F};
  for (const memory::Neighbour& found : space->search(cue, {.k = 2}).neighbours)
    std::printf("item %llu: cosine %.3f, kappa %.2f\n", static_cast<unsigned long long>(found.id),
                double{found.similarity}, space->find(found.id)->kappa);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    remember(argc > 1 ? argv[1] : "memories");
    return 0;
  } catch (const sharpwave::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
