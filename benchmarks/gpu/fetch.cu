#include "benchmarks/gpu/fetch.cuh"

#include "benchmarks/gpu/device.cuh"
#include "benchmarks/gpu/questions.hpp"

namespace sharpwave::gpu_limits {
namespace {

constexpr unsigned kHops = 32'768;
constexpr unsigned kRounds = 256;
constexpr unsigned kMostLog2Rows =
    23;  // 1.07 GB; the microcircuit has 10 million rows, a source's for each SM
constexpr std::uint64_t kChased[] = {1ull << 20, 1ull << 23, 1ull << 25, 1ull << 27, 1ull << 30, 1ull << 32};

/// Each repeat goes on where the last ended: what it then reads is in L2 only where all of it is.
void measure_hops(Answer& answer, std::uint64_t bytes, int repeats) {
  const auto n_lines = static_cast<unsigned>(bytes / (kLineWords * sizeof(unsigned)));
  const Stream stream;
  const Buffer<unsigned> lines(bytes / sizeof(unsigned));
  const Buffer<unsigned> end(1);
  link_lines<<<1024, 256, 0, stream.get()>>>(lines.data(), n_lines);
  SHARPWAVE_CUDA(cudaGetLastError());
  SHARPWAVE_CUDA(cudaDeviceSynchronize());
  unsigned line = 0;
  const std::vector<double> seconds = repeated(repeats, [&](unsigned) {
    const double taken =
        seconds_of(stream, [&] { chase<<<1, 1, 0, stream.get()>>>(lines.data(), line, kHops, end.data()); });
    line = line_after(line, n_lines, kHops);
    expect_equal("line at the end of the chase", end.download()[0], line);
    return taken;
  });
  answer.figures.push_back(
      {"hop", {{"bytes", static_cast<std::int64_t>(bytes)}}, "ns", spread_of(shares(seconds, 1e-9 * kHops))});
}

template <unsigned in_flight>
void measure_rows(Answer& answer, const Device& device, const Rows& rows, unsigned warps, int repeats) {
  const auto n_blocks = static_cast<unsigned>(device.n_sms);
  const unsigned n_warps = n_blocks * warps;
  const Stream stream;
  Buffer<unsigned long long> sums(n_warps);
  const std::vector<double> seconds = repeated(repeats, [&](unsigned repeat) {
    sums.clear();
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    const double taken = seconds_of(stream, [&] {
      fetch_rows<in_flight><<<n_blocks, warps * kWarp, 0, stream.get()>>>(rows, kRounds, repeat, sums.data());
    });
    std::uint64_t read = 0;
    for (const unsigned long long sum : sums.download()) read += sum;
    expect_equal("sum over the rows", read, sum_of_rows(n_warps, in_flight, rows.log2_n, kRounds, repeat));
    return taken;
  });
  const std::vector<std::pair<std::string, std::int64_t>> where{{"warps", warps}, {"in_flight", in_flight}};
  const double n_rows = static_cast<double>(warps) * in_flight;
  answer.figures.push_back({"round of rows", where, "us", spread_of(shares(seconds, 1e-6 * kRounds))});
  answer.figures.push_back(
      {"row, of an SM", where, "ns", spread_of(shares(seconds, 1e-9 * kRounds * n_rows))});
}

void measure_all_rows(Answer& answer, const Device& device, int repeats) {
  unsigned log2_n = kMostLog2Rows;
  constexpr std::uint64_t kBytesOfRow = sizeof(std::uint64_t) + kRowLength * sizeof(std::uint32_t);
  while ((kBytesOfRow << log2_n) > device.free_bytes / 2) --log2_n;
  if (log2_n < kMostLog2Rows)
    answer.left_out.push_back("rows in 1 GB, there are " + std::to_string(device.free_bytes >> 20) +
                              " MiB free: in " + std::to_string(kBytesOfRow << log2_n >> 20) + " MiB");
  const std::uint64_t n_rows = std::uint64_t{1} << log2_n;
  const Buffer<std::uint64_t> offsets(n_rows);
  const Buffer<std::uint32_t> synapses(n_rows * kRowLength);
  fill_rows<<<1024, 256>>>(offsets.data(), synapses.data(), n_rows);
  SHARPWAVE_CUDA(cudaGetLastError());
  SHARPWAVE_CUDA(cudaDeviceSynchronize());
  const Rows rows{offsets.data(), synapses.data(), log2_n};
  for (const unsigned warps : {1u, 8u, 32u}) {
    measure_rows<1>(answer, device, rows, warps, repeats);
    measure_rows<2>(answer, device, rows, warps, repeats);
    measure_rows<4>(answer, device, rows, warps, repeats);
    measure_rows<8>(answer, device, rows, warps, repeats);
    measure_rows<16>(answer, device, rows, warps, repeats);
    measure_rows<32>(answer, device, rows, warps, repeats);
  }
}

}  // namespace

Answer measure_fetches(const Device& device, int repeats) {
  Answer answer{
      "fetch",
      "what does a load cost that waits for another (hop: a cache line, one thread), and what the offset "
      "of a row and then its 30 synapses, on all SMs?",
      {},
      {}};
  for (const std::uint64_t bytes : kChased) {
    if (bytes > device.free_bytes / 2) {
      answer.left_out.push_back("hops over " + std::to_string(bytes >> 20) + " MiB, there are " +
                                std::to_string(device.free_bytes >> 20) + " MiB free");
      continue;
    }
    measure_hops(answer, bytes, repeats);
  }
  measure_all_rows(answer, device, repeats);
  return answer;
}

}  // namespace sharpwave::gpu_limits
