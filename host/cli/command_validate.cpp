#include <fmt/format.h>

#include "host/batch/batch_plan.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/load.hpp"
#include "host/cli/log.hpp"
#include "host/engine/engine.hpp"

namespace sharpwave::cli {

ExitCode validate_command(const ValidateArguments& arguments) {
  set_up_log(arguments.log, "info");
  ExitCode worst = ExitCode::ok;
  for (const std::filesystem::path& file : arguments.files) {
    try {
      const ConfigText config = config_text_of(file, parse_overrides(arguments.overrides));
      const ModelSpec spec = load(config);
      std::string batch;
      if (spec.batch) {
        const BatchRecord planned = plan_batch(config, spec, {}, 1);
        batch = fmt::format("; a batch of {} in {} group{}", grouped(planned.instances.size()),
                            planned.groups.size(), planned.groups.size() == 1 ? "" : "s");
      }
      const NetworkPlan plan = plan_network(spec, 1);
      fmt::print("{}: ok ({} neurons, {}{} synapses{})\n", file.string(), grouped(plan.n_neurons),
                 plan.synapses_exact ? "" : "about ", grouped(static_cast<std::uint64_t>(plan.n_synapses)),
                 batch);
    } catch (const Error& e) {
      std::fflush(stdout);  // in the order of the files also where both streams go to one place
      fmt::print(stderr, "{}\n", e.what());
      if (worst == ExitCode::ok) worst = e.code();
    }
  }
  return worst;
}

}  // namespace sharpwave::cli
