#include "host/bench/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "host/base/error.hpp"
#include "host/base/huge_buffer.hpp"
#include "host/base/stopwatch.hpp"
#include "host/run/resources.hpp"

namespace sharpwave::bench {
namespace {

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// The part of [0, n) that is a thread's.
struct Part {
  Part(std::size_t n, int thread, int n_threads)
      : begin(n * static_cast<std::size_t>(thread) / static_cast<std::size_t>(n_threads)),
        end(n * (static_cast<std::size_t>(thread) + 1) / static_cast<std::size_t>(n_threads)) {}
  std::size_t begin;
  std::size_t end;
};

double least_seconds(int times, double at_least_s, const std::function<void()>& work) {
  double least = 1e300;
  double all = 0;
  for (int i = 0; i < times || all < at_least_s; ++i) {
    const Stopwatch watch;
    work();
    const double seconds = watch.seconds();
    least = std::min(least, seconds);
    all += seconds;
  }
  return least;
}

HugeBuffer<std::uint64_t> written(ThreadPool& pool, std::size_t n) {
  HugeBuffer<std::uint64_t> buffer(n);
  pool.run([&](int thread) {
    const Part part(n, thread, pool.size());
    for (std::size_t i = part.begin; i < part.end; ++i) buffer[i] = i;
  });
  return buffer;
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.processor = processor_name();
  machine.processors = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.allowed = allowed_processors();
  machine.memory_bytes =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  utsname system{};
  if (uname(&system) == 0) machine.system = std::string(system.sysname) + " " + system.release;
#ifdef __clang__
  machine.compiler = std::string("clang ") + __clang_version__;
#else
  machine.compiler = std::string("g++ ") + __VERSION__;
#endif
  return machine;
}

std::optional<ProcessorTime> processor_time(const std::filesystem::path& root) {
  std::ifstream in(root / "proc/stat");
  std::string line;
  if (!std::getline(in, line)) return {};
  std::istringstream words(line);
  std::string cpu;
  words >> cpu;
  // user nice system idle iowait irq softirq steal; guests are in user already.
  std::array<double, 8> ticks{};
  for (double& t : ticks) words >> t;
  if (!words || cpu != "cpu") return {};
  const double per_s = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessorTime time;
  for (const double t : ticks) time.total_s += t * per_s;
  time.busy_s = time.total_s - (ticks[3] + ticks[4]) * per_s;
  if (!(time.total_s > 0)) return {};
  return time;
}

double share_of_others(const ProcessorTime& before, const ProcessorTime& after, double own_s) {
  const double total = after.total_s - before.total_s;
  if (!(total > 0)) return 0;
  return std::clamp((after.busy_s - before.busy_s - own_s) / total, 0.0, 1.0);
}

double copy_bytes_per_s(ThreadPool& pool) {
  constexpr std::size_t kWords = (std::size_t{128} << 20) / sizeof(std::uint64_t);
  const HugeBuffer<std::uint64_t> from = written(pool, kWords);
  HugeBuffer<std::uint64_t> to = written(pool, kWords);
  const double seconds = least_seconds(5, 0, [&] {
    pool.run([&](int thread) {
      const Part part(kWords, thread, pool.size());
      std::memcpy(to.data() + part.begin, from.data() + part.begin,
                  (part.end - part.begin) * sizeof(std::uint64_t));
    });
  });
  return 2.0 * static_cast<double>(kWords * sizeof(std::uint64_t)) / seconds;
}

double read_pass_s(ThreadPool& pool, std::uint64_t bytes) {
  const std::size_t n = std::max<std::size_t>(1, bytes / sizeof(std::uint64_t));
  const HugeBuffer<std::uint64_t> buffer = written(pool, n);
  std::atomic<std::uint64_t> sum{0};  // without a use of it nothing would have to be read
  const double seconds = least_seconds(3, 0.05, [&] {
    sum = 0;
    pool.run([&](int thread) {
      const Part part(n, thread, pool.size());
      std::uint64_t of_thread = 0;
      for (std::size_t i = part.begin; i < part.end; ++i) of_thread += buffer[i];
      sum += of_thread;
    });
  });
  // The sum of 0 .. n-1, modulo 2^64.
  const std::uint64_t expected = n % 2 == 0 ? (n / 2) * (n - 1) : n * ((n - 1) / 2);
  SHARPWAVE_ASSERT(sum == expected);
  return seconds;
}

}  // namespace sharpwave::bench
