#include "host/operate/debug_bundle.hpp"

#include <chrono>
#include <system_error>

#include "host/base/json.hpp"
#include "host/operate/bundle_parts.hpp"
#include "host/operate/log_line.hpp"

namespace sharpwave::operate {
namespace {

Json manifest_json(const BundleReport& report, const Surroundings& surroundings, const std::string& version) {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  Json json{{"format", 1},
            {"version", version},
            {"created", time_text(std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count())},
            {"data_dir", surroundings.data_directory.string()},
            {"seconds", report.seconds},
            {"entries", Json::array()},
            {"missing", Json::array()}};
  for (const BundleReport::Entry& entry : report.entries)
    json["entries"].push_back({{"name", entry.name},
                               {"bytes", entry.bytes},
                               {"source", entry.source},
                               {"note", entry.note.empty() ? Json() : Json(entry.note)}});
  for (const BundleReport::Missing& one : report.missing)
    json["missing"].push_back({{"name", one.name}, {"why", one.why}});
  return json;
}

}  // namespace

BundleReport write_debug_bundle(const Surroundings& surroundings, const std::filesystem::path& file,
                                const std::string& version) {
  const auto begin = std::chrono::steady_clock::now();
  expect_data_directory(surroundings.data_directory);
  const ServiceFileOutcome service = read_service_file(surroundings.data_directory);
  const std::optional<HttpPlace> place = service_place(surroundings, service);
  const std::int64_t pid = service.file ? service.file->pid : 0;
  Archive archive(file);
  BundleParts parts(archive, {});
  if (place) parts.also_mask(place->token);
  collect_environment(parts, pid);  // first: what is a secret there is one everywhere
  collect_service(parts, surroundings, service);
  collect_data_directory(parts, surroundings.data_directory);
  collect_system(parts, surroundings.data_directory, pid);
  BundleReport& report = parts.report();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::string manifest =
      manifest_json(report, surroundings, version).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  parts.add("manifest.json", manifest, "this program");
  archive.publish();
  return report;
}

}  // namespace sharpwave::operate
