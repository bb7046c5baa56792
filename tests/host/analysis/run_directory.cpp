#include "tests/host/analysis/run_directory.hpp"

#include "host/io/hdf5.hpp"

namespace sharpwave::analysis::test {
namespace {

constexpr std::uint64_t kChunkRows = 4;

}  // namespace

Json run_json(std::uint64_t n_spikes_E, std::uint64_t n_spikes_I) {
  return {{"version", "0.1.0"},
          {"title", "two populations"},
          {"dt_ms", 0.1},
          {"simulated_ms", 10.0},
          {"warm_up_ms", 5.0},
          {"interrupted", false},
          {"populations",
           {{{"name", "E"}, {"size", 4}, {"spikes", n_spikes_E}, {"rate_Hz", 0.0}, {"recorded", 4}},
            {{"name", "I"}, {"size", 2}, {"spikes", n_spikes_I}, {"rate_Hz", 0.0}, {"recorded", 2}}}},
          {"config", "title: two populations\n"}};
}

void write_run_json(const std::filesystem::path& directory, const Json& json) {
  write_text(directory / "run.json", json.dump(2) + "\n");
}

void write_network_json(const std::filesystem::path& directory) {
  const Json network = {{"omitted", 3},
                        {"connections", {{{"source", "E"}, {"target", "I"}, {"synapses", 8}}}}};
  write_text(directory / "network.json", network.dump() + "\n");
}

void write_spikes(const std::filesystem::path& directory, const std::vector<FiledSpikes>& spikes) {
  hdf5::File file = hdf5::File::create(directory / "spikes.h5");
  {
    hdf5::Group root = file.root();
    root.mark_as_sonata();
    hdf5::Group all = root.create_group("spikes");
    for (const FiledSpikes& of : spikes) {
      hdf5::Group group = all.create_group(of.population);
      group.set_enum_attribute("sorting", {"none", "by_id", "by_time"}, 2);
      hdf5::Dataset times = group.create_extendible("timestamps", hdf5::NumberType::f64, kChunkRows);
      times.set_attribute("units", "ms");
      times.append(of.times_ms);
      group.create_extendible("node_ids", hdf5::NumberType::u64, kChunkRows).append(of.node_ids);
    }
  }
  file.close();
}

void write_report(const std::filesystem::path& directory) {
  constexpr std::size_t kFrames = 20;
  hdf5::File file = hdf5::File::create(directory / "report_v.h5");
  {
    hdf5::Group root = file.root();
    root.mark_as_sonata();
    hdf5::Group group = root.create_group("report").create_group("E");
    hdf5::Dataset data = group.create_extendible("data", hdf5::NumberType::f32, kChunkRows, 2);
    data.set_attribute("units", "mV");
    data.set_attribute("variable_name", "V_m");
    std::vector<float> values;
    for (std::size_t frame = 0; frame < kFrames; ++frame) {
      values.push_back(static_cast<float>(frame));
      values.push_back(static_cast<float>(frame) + 0.5F);
    }
    data.append(values);
    hdf5::Group mapping = group.create_group("mapping");
    mapping.write("node_ids", std::vector<std::uint64_t>{1, 3});
    mapping.write("time", std::vector<double>{5.5, 15.5, 0.5});
  }
  file.close();
}

void write_example(const std::filesystem::path& directory) {
  write_run_json(directory, run_json(6, 0));
  write_network_json(directory);
  write_spikes(directory, {{"E", {5.1, 5.3, 5.3, 7.0, 9.9, 15.0}, {2, 0, 3, 2, 2, 0}}, {"I", {}, {}}});
  write_report(directory);
}

}  // namespace sharpwave::analysis::test
