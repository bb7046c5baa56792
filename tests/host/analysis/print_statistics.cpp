// print_statistics DIR: the statistics of the run in DIR as JSON, for reference_test.py.
#include <iostream>

#include "host/analysis/statistics_json.hpp"
#include "host/base/error.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return static_cast<int>(sharpwave::ExitCode::usage);
  try {
    std::cout << sharpwave::analysis::statistics_json(sharpwave::analysis::read_run(argv[1])).dump() << '\n';
    return 0;
  } catch (const sharpwave::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.code());
  }
}
