// A sink of progress that says nothing; tests note what they ask for.
#pragma once

#include <string>
#include <vector>

#include "host/run/progress.hpp"

namespace sharpwave {

class SilentSink : public ProgressSink {
 public:
  void construction_begins(const NetworkPlan&) override {}
  void construction_ended(const ConstructionReport&) override {}
  void state_adopted(const std::vector<std::string>&) override {}
  void directory_taken() override {}
  void block_ended(const Progress&, const Block&) override {}
  void checkpoint_ended(const CheckpointOutcome&) override {}
  void watchdog_found(const Finding&) override {}
  void writing_begins() override {}
};

}  // namespace sharpwave
