#include "host/operate/diagnosis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "host/operate/log_line.hpp"
#include "tests/host/operate/scratch.hpp"

namespace sharpwave::operate {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

void set(Observations& seen, const std::string& name, double value, const std::string& labels = "") {
  std::vector<MetricSample>& samples = seen.metrics.metrics->samples[name];
  for (MetricSample& sample : samples)
    if (sample.labels == labels) {
      sample.value = value;
      return;
    }
  samples.push_back({labels, value});
}

/// Of a service that is well.
Observations well() {
  Observations seen;
  seen.service_file.is_there = true;
  seen.service_file.file = ServiceFile{7, "127.0.0.1", 8080, false, 1'000'000};
  seen.process = ProcessFacts{true, true, "sharpwave", 999'000, kGiB, 30, 1024};
  seen.place = place_of(*seen.service_file.file);
  seen.health.status = seen.ready.status = seen.metrics_answer.status = 200;
  seen.response_s = {0.001, 0.002, 0.003, 0.004, 0.005};
  seen.metrics.metrics.emplace();
  for (const std::string& name : essential_metrics()) set(seen, name, 1);
  set(seen, "sharpwave_disk_size_bytes", 100);
  set(seen, "sharpwave_disk_free_bytes", 50);
  set(seen, "process_resident_memory_bytes", static_cast<double>(kGiB));
  set(seen, "process_open_fds", 30);
  set(seen, "process_max_fds", 1024);
  seen.disk = DiskFacts{100, 50};
  seen.memory.total_bytes = 16 * kGiB;
  seen.memory.available_bytes = 8 * kGiB;
  seen.errors.is_there = true;
  return seen;
}

const Check& check_of(const Diagnosis& diagnosis, const std::string& name) {
  for (const Check& check : diagnosis.checks)
    if (check.name == name) return check;
  ADD_FAILURE() << "there is no check " << name;
  return diagnosis.checks.front();
}

struct Case {
  const char* name;
  CheckState state;
  const char* anchor;
  ExitCode code;
  std::function<void(Observations&)> change;
};

TEST(Diagnosis, OfAServiceThatIsWellIsOk) {
  const Diagnosis diagnosis = diagnose(well());
  ASSERT_EQ(diagnosis.checks.size(), 10U);
  for (const Check& check : diagnosis.checks) {
    EXPECT_EQ(check.state, CheckState::ok) << check.name << ": " << check.found;
    EXPECT_TRUE(check.action.empty() && check.anchor.empty());
  }
  EXPECT_EQ(diagnosis.code(true), ExitCode::ok);
}

TEST(Diagnosis, EachCheckFails) {
  using enum CheckState;
  const auto no_service = [](Observations& s) {
    s.service_file = {};
    s.process.reset();
    s.place.reset();
    s.health.status = 0;
    s.metrics.metrics.reset();
  };
  const std::vector<Case> cases{
      {"process", failure, "will-not-start", ExitCode::unhealthy, no_service},
      {"process", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.process->is_there = false; }},
      {"process", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.process->is_sharpwave = false; }},
      {"process", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.process->started_ms = 2'000'000; }},
      {"process", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.service_file.file.reset(), s.service_file.fault = "expected JSON"; }},
      {"service", failure, "device-or-tls-failure", ExitCode::unhealthy,
       [](Observations& s) { s.health.fault = HttpFault::tls; }},
      {"service", failure, "high-latency", ExitCode::unhealthy,
       [](Observations& s) { s.health.fault = HttpFault::timeout; }},
      {"service", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.health.fault = HttpFault::unreachable; }},
      {"service", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.health.status = 500; }},
      {"service", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.ready.status = 503; }},
      {"device", failure, "device-or-tls-failure", ExitCode::no_device,
       [](Observations& s) { s.missing_cpu_features = {"avx2"}; }},
      {"device", failure, "device-or-tls-failure", ExitCode::no_device,
       [](Observations& s) {
         s.gpu = ProgramOutcome{ProgramOutcome::End::timed_out, 0, ""};
       }},
      {"device", warning, "device-or-tls-failure", ExitCode::no_device,
       [](Observations& s) {
         s.gpu = ProgramOutcome{ProgramOutcome::End::exited, 0, "GPU 0: A"};
         set(s, "sharpwave_device_available", 0);
       }},
      {"disk", warning, "memory-growth", ExitCode::no_room,
       [](Observations& s) { set(s, "sharpwave_disk_free_bytes", 19.9); }},
      {"disk", failure, "memory-growth", ExitCode::no_room,
       [](Observations& s) { set(s, "sharpwave_disk_free_bytes", 9.9); }},
      {"wal", warning, "wal-lag", ExitCode::unhealthy,
       [](Observations& s) { set(s, "sharpwave_memory_sequence", 10'002); }},
      {"wal", failure, "wal-lag", ExitCode::unhealthy,
       [](Observations& s) { set(s, "sharpwave_memory_sequence", 100'002); }},
      {"wal", failure, "data-corruption", ExitCode::damaged_data,
       [](Observations& s) { set(s, "sharpwave_memory_damaged", 1, "space=\"b\""); }},
      {"wal", warning, "data-corruption", ExitCode::unhealthy,
       [](Observations& s) { set(s, "sharpwave_memory_read_only", 1); }},
      {"wal", failure, "data-corruption", ExitCode::damaged_data,
       [&](Observations& s) {
         no_service(s), s.store = {StoreLook::State::damaged, "x"};
       }},
      {"memory", warning, "memory-growth", ExitCode::no_room,
       [](Observations& s) { set(s, "process_resident_memory_bytes", 13.0 * static_cast<double>(kGiB)); }},
      {"memory", failure, "memory-growth", ExitCode::no_room,
       [](Observations& s) { s.memory.group_limit_bytes = kGiB; }},
      {"memory", warning, "memory-growth", ExitCode::no_room,
       [](Observations& s) { s.memory.available_bytes = kGiB / 2; }},
      {"descriptors", failure, "memory-growth", ExitCode::unhealthy,
       [](Observations& s) { set(s, "process_open_fds", 820); }},
      {"recent errors", warning, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.errors.n_errors = 9; }},
      {"recent errors", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.errors.n_errors = 10; }},
      {"recent errors", failure, "data-corruption", ExitCode::unhealthy,
       [](Observations& s) { s.errors.n_errors = s.errors.n_critical = 1; }},
      {"response time", warning, "high-latency", ExitCode::unhealthy,
       [](Observations& s) {
         s.response_s = {0.01, 0.101, 0.2};
       }},
      {"response time", failure, "high-latency", ExitCode::unhealthy,
       [](Observations& s) {
         s.response_s = {0.01, 1.1, 1.2};
       }},
      {"metrics", warning, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.metrics_answer.status = 401; }},
      {"metrics", failure, "high-latency", ExitCode::unhealthy,
       [](Observations& s) { s.metrics_answer.status = 500; }},
      {"metrics", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.metrics.metrics.reset(), s.metrics.fault = "line 1"; }},
      {"metrics", failure, "will-not-start", ExitCode::unhealthy,
       [](Observations& s) { s.metrics.metrics->samples.erase("sharpwave_ready"); }},
  };
  std::set<std::string> failed;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    Observations seen = well();
    one.change(seen);
    const Diagnosis diagnosis = diagnose(seen);
    const Check& check = check_of(diagnosis, one.name);
    EXPECT_EQ(check.state, one.state) << i << ": " << one.name << ": " << check.found;
    EXPECT_EQ(check.anchor, one.anchor) << i << ": " << check.found;
    EXPECT_FALSE(check.action.empty()) << i;
    EXPECT_EQ(check.code, one.code) << i;
    EXPECT_NE(diagnosis.code(true), ExitCode::ok) << i;
    if (one.state == CheckState::failure) failed.insert(one.name);
  }
  EXPECT_EQ(failed.size(), 10U);
}

TEST(Diagnosis, CodeIsOfTheWorstFailureAndOfWarningsWhereStrict) {
  Observations seen = well();
  set(seen, "sharpwave_disk_free_bytes", 15);
  EXPECT_EQ(diagnose(seen).code(false), ExitCode::ok);
  EXPECT_EQ(diagnose(seen).code(true), ExitCode::no_room);
  EXPECT_EQ(diagnose(seen).worst(), CheckState::warning);
  set(seen, "process_open_fds", 1000);
  EXPECT_EQ(diagnose(seen).code(false), ExitCode::unhealthy);
  set(seen, "sharpwave_memory_damaged", 1);
  EXPECT_EQ(diagnose(seen).code(false), ExitCode::damaged_data);
}

TEST(Diagnosis, LimitsBelongToTheBetterSide) {
  Observations seen = well();
  set(seen, "sharpwave_disk_size_bytes", 1000);
  set(seen, "sharpwave_disk_free_bytes", 201);
  EXPECT_EQ(check_of(diagnose(seen), "disk").state, CheckState::ok);
  seen.response_s = {0.1};
  EXPECT_EQ(check_of(diagnose(seen), "response time").state, CheckState::ok);
}

TEST(Diagnosis, LagIsOfEachSpaceAlone) {
  Observations seen = well();
  Metrics& metrics = *seen.metrics.metrics;
  metrics.samples["sharpwave_memory_sequence"] = {
      {"space=\"a\"", 500'000}, {"space=\"b\"", 10}, {"space=\"c\"", 1e9}};
  metrics.samples["sharpwave_memory_synced_sequence"] = {{"space=\"b\"", 5}, {"space=\"a\"", 500'000}};
  EXPECT_EQ(check_of(diagnose(seen), "wal").state, CheckState::ok);
}

TEST(Diagnosis, WhatIsNoNumberFailsOrIsLeftOut) {
  Observations seen = well();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  set(seen, "process_max_fds", 0);
  set(seen, "process_open_fds", 0);
  EXPECT_EQ(check_of(diagnose(seen), "descriptors").state, CheckState::failure);  // 0 of 0
  set(seen, "sharpwave_disk_size_bytes", nan);
  EXPECT_EQ(check_of(diagnose(seen), "disk").state, CheckState::ok);  // what this machine says
  set(seen, "sharpwave_memory_sequence", nan);
  EXPECT_EQ(check_of(diagnose(seen), "wal").state, CheckState::skipped);
}

TEST(Diagnosis, WithoutAServiceItIsSaidOnce) {
  Observations seen;
  const Diagnosis diagnosis = diagnose(seen);
  EXPECT_EQ(check_of(diagnosis, "process").state, CheckState::failure);
  for (const char* name : {"service", "response time", "metrics", "descriptors"})
    EXPECT_EQ(check_of(diagnosis, name).state, CheckState::skipped) << name;
}

TEST(DiagnosisJson, HasTenChecks) {
  Observations seen = well();
  set(seen, "sharpwave_disk_free_bytes", 1);
  const Json json = diagnosis_json(diagnose(seen), seen, "data", 0.5, false);
  EXPECT_EQ(json["checks"].size(), 10U);
  EXPECT_EQ(json["checks"][3]["see"], "docs/operations/common_issues.md#memory-growth");
  EXPECT_TRUE(json["checks"][0]["action"].is_null());
  EXPECT_EQ(json["exit_code"], 6);
  EXPECT_EQ(json["worst"], "failure");
  EXPECT_EQ(json["url"], "http://127.0.0.1:8080");
}

TEST(RecentErrors, AreThoseSinceThen) {
  const Scratch scratch;
  const std::string text = R"({"time":"2026-01-31T09:00:00Z","level":"error","message":"old"}
garbage
{"time":"2026-01-31T10:00:00Z","level":"error","message":"token=abc failed"}
{"time":"2026-01-31T10:00:01Z","level":"error","message":"a block is corrupt"}
{"time":"2026-01-31T10:00:02Z","level":"warning","message":"slow"}
{"level":"error","message":"no time"}
)";
  const RecentErrors recent =
      recent_errors(scratch.write("log.jsonl", text), *parse_time("2026-01-31T10:00"));
  EXPECT_EQ(recent.n_errors, 2U);
  EXPECT_EQ(recent.n_critical, 1U);
  EXPECT_EQ(recent.n_warnings, 1U);
  EXPECT_EQ(recent.last, "a block is corrupt");
  EXPECT_FALSE(recent_errors(scratch / "none", 0).is_there);
  EXPECT_NE(recent_errors(scratch.folder(), 0).fault, "");
}

}  // namespace
}  // namespace sharpwave::operate
