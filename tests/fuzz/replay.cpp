// Runs the inputs in the folders given once each: what replays corpora and crashers where libFuzzer is not
// linked. An input that is a finding ends the process; its name is the last one printed. One whose name
// begins with "whole" has to be accepted: a corpus that a new format has left behind would test the first
// check only.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

namespace {

constexpr std::string_view kAccepted = "whole";

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i])) continue;  // a target may have no past crashers
    for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
      files.push_back(std::filesystem::absolute(entry.path()));
  }
  std::sort(files.begin(), files.end());
  int n_accepted = 0;
  for (const std::filesystem::path& path : files) {
    std::fprintf(stderr, "%s\n", path.c_str());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    sharpwave::fuzz::require(file.good(), "cannot be read", path.string());
    sharpwave::fuzz::verdicts = {};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (!path.filename().string().starts_with(kAccepted)) continue;
    const sharpwave::fuzz::Verdicts& verdicts = sharpwave::fuzz::verdicts;
    sharpwave::fuzz::require(verdicts.accepted > 0, "an input that has to be accepted is refused",
                             verdicts.refusal);
    ++n_accepted;
  }
  sharpwave::fuzz::require(n_accepted > 0, "no input that has to be accepted was replayed");
  return 0;
}
