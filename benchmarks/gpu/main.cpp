// What can a GPU do that the executor's design rests on? benchmarks/README.md, "On a GPU", has the questions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxopts.hpp>
#include <exception>
#include <fstream>

#include "benchmarks/gpu/questions.hpp"
#include "benchmarks/gpu/report.hpp"

namespace {

using namespace sharpwave::gpu_limits;
using sharpwave::Json;

constexpr int kNoGpu = 77;
constexpr int kLeastRepeats = 5;

struct Question {
  const char* name;
  Answer (*measure)(const Device&, int repeats);
};
constexpr std::array kQuestions{
    Question{"barrier", measure_barriers}, Question{"kernel", measure_kernels},
    Question{"adds", measure_adds},        Question{"fetch", measure_fetches},
    Question{"copy", measure_copies},
};

cxxopts::Options options() {
  cxxopts::Options options(
      "gpu_limits",
      "Measures what the first visible GPU can do, and what follows for the microcircuit.\n\n"
      "Exit status: 0 all is well, 1 a check or CUDA failed, 2 a wrong command line, 77 there "
      "is no GPU here (1 with SHARPWAVE_REQUIRE_GPU=1).\n");
  options.add_options()                                                                           //
      ("only", "barrier, kernel, adds, fetch, copy", cxxopts::value<std::vector<std::string>>())  //
      ("repeats", "of each measurement, at least 5", cxxopts::value<int>()->default_value("7"))   //
      ("json", "also write the figures into this file", cxxopts::value<std::string>())            //
      ("help", "this text");
  return options;
}

std::vector<Question> chosen(const cxxopts::ParseResult& arguments) {
  std::vector<Question> questions;
  if (arguments.count("only") == 0) return {kQuestions.begin(), kQuestions.end()};
  for (const std::string& name : arguments["only"].as<std::vector<std::string>>()) {
    const auto* known = std::find_if(kQuestions.begin(), kQuestions.end(),
                                     [&](const Question& question) { return question.name == name; });
    if (known == kQuestions.end())
      throw cxxopts::exceptions::exception("--only " + name + ": no such question");
    questions.push_back(*known);
  }
  return questions;
}

/// A check that fails takes its question's figures with it, and leaves the others theirs.
bool ask(const Question& question, const Device& device, int repeats, std::vector<Answer>& answers,
         Json& report) {
  try {
    answers.push_back(question.measure(device, repeats));
    fmt::print("{}", text_of(answers.back()));
    std::fflush(stdout);
    report["answers"].push_back(json_of(answers.back()));
    return true;
  } catch (const CheckFailed& failed) {
    fmt::print(stderr, "gpu_limits: {}: no figures, for the work was not done: {}\n", question.name,
               failed.what());
    report["answers"].push_back({{"name", question.name}, {"error", failed.what()}});
    return false;
  }
}

/// After every question, so that what has been measured stays, whatever happens to the next.
void write(const cxxopts::ParseResult& arguments, const Json& report) {
  if (arguments.count("json") == 0) return;
  const auto& path = arguments["json"].as<std::string>();
  std::ofstream file(path);
  file << report.dump(1) << '\n';
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

/// Null unless all questions were answered.
Json predicted(const Device& device, const std::vector<Answer>& answers) {
  if (answers.size() != kQuestions.size()) return nullptr;
  const Limits limits = limits_of(device, answers);
  const std::vector<Prediction> predictions = predictions_of(limits);
  fmt::print("{}", text_of(limits, predictions));
  return json_of(limits, predictions);
}

int measure(const cxxopts::ParseResult& arguments) {
  const int repeats = arguments["repeats"].as<int>();
  if (repeats < kLeastRepeats)
    throw cxxopts::exceptions::exception(
        fmt::format("--repeats {}: expected at least {}", repeats, kLeastRepeats));
  const std::vector<Question> questions = chosen(arguments);
  const Device device = open_device();
  fmt::print("{}\nmin / median / max of {} repeats\n", text_of(device), repeats);
  Json report{{"device", json_of(device)},
              {"repeats", repeats},
              {"answers", Json::array()},
              {"microcircuit", nullptr}};
  std::vector<Answer> answers;
  bool all_is_well = true;
  for (const Question& question : questions) {
    all_is_well = ask(question, device, repeats, answers, report) && all_is_well;
    write(arguments, report);
  }
  report["microcircuit"] = predicted(device, answers);
  write(arguments, report);
  return all_is_well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    cxxopts::Options known = options();
    const cxxopts::ParseResult arguments = known.parse(argc, argv);
    if (arguments.count("help") > 0) {
      fmt::print("{}", known.help());
      return 0;
    }
    return measure(arguments);
  } catch (const cxxopts::exceptions::exception& wrong) {
    fmt::print(stderr, "gpu_limits: {}\n", wrong.what());
    return 2;
  } catch (const NoDevice& none) {
    fmt::print(stderr, "gpu_limits: NOT DONE, no GPU can be used here: {}\n", none.what());
    const char* required = std::getenv("SHARPWAVE_REQUIRE_GPU");
    return required != nullptr && std::string(required) == "1" ? 1 : kNoGpu;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gpu_limits: {}\n", error.what());
    return 1;
  }
}
