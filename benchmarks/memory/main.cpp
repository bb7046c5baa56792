// How fast is the memory store? benchmarks/README.md has the questions.
#include <fmt/format.h>

#include <cxxopts.hpp>
#include <exception>
#include <fstream>

#include "benchmarks/memory/questions.hpp"

namespace {

using namespace sharpwave::bench_memory;
using sharpwave::Json;

cxxopts::Options options() {
  cxxopts::Options options("memory_bench", "Measures the memory store; TMPDIR says on which disk.\n");
  options.add_options()                                                                      //
      ("ingest", "signals a second")                                                         //
      ("seconds", "of each case of --ingest", cxxopts::value<double>()->default_value("3"))  //
      ("search", "recall, searches a second, times to open, bytes")                          //
      ("items", "of --search",
       cxxopts::value<std::vector<std::uint64_t>>()->default_value("1000,10000,100000"))  //
      ("dimensions", "of --search",
       cxxopts::value<std::vector<std::uint32_t>>()->default_value("128,784"))          //
      ("json", "also write the figures into this file", cxxopts::value<std::string>())  //
      ("help", "this text");
  return options;
}

Json measure(const cxxopts::ParseResult& arguments) {
  Json json;
  if (arguments.count("ingest") > 0) json["ingest"] = measure_ingest(arguments["seconds"].as<double>());
  if (arguments.count("search") == 0) return json;
  json["search"] = Json::array();
  fmt::print("\n{:<10}{:>6}{:>10}{:>11}{:>14}{:>14}{:>8}{:>10}{:>10}{:>10}{:>10}\n", "vectors", "dim",
             "items", "recall@10", "exact 1/s", "index 1/s", "x", "built, s", "open, s", "B/item", "index B");
  for (const std::uint64_t n_items : arguments["items"].as<std::vector<std::uint64_t>>())
    for (const std::uint32_t dimension : arguments["dimensions"].as<std::vector<std::uint32_t>>())
      for (const Shape shape : {Shape::clustered, Shape::uniform}) {
        json["search"].push_back(measure_search(shape, dimension, n_items));
        std::fflush(stdout);
      }
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    cxxopts::Options known = options();
    const cxxopts::ParseResult arguments = known.parse(argc, argv);
    if (arguments.count("help") > 0 || arguments.count("ingest") + arguments.count("search") == 0) {
      fmt::print("{}", known.help());
      return 0;
    }
    const Json json = measure(arguments);
    if (arguments.count("json") > 0)
      std::ofstream(arguments["json"].as<std::string>()) << json.dump(2) << '\n';
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "memory_bench: {}\n", error.what());
    return 1;
  }
}
