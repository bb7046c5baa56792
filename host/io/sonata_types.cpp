#include "host/io/sonata_types.hpp"

#include <charconv>
#include <cmath>
#include <sstream>

#include "host/base/error.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave::sonata {
namespace {

constexpr std::uint64_t kMostTypesBytes = std::uint64_t{64} << 20;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// What pandas, with which SONATA's tools read these files, takes for a missing value.
bool stands_for_nothing(const std::string& field) {
  return field.empty() || field == "NULL" || field == "NaN" || field == "nan" || field == "NA" ||
         field == "N/A" || field == "None";
}

template <typename T>
std::optional<T> parse_whole(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (text.empty() || failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_number(const std::string& text) {
  const std::optional<double> value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::uint64_t> parse_unsigned(const std::string& text) {
  return parse_whole<std::uint64_t>(text);
}

std::vector<std::string> split_fields(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    std::string field;
    bool quoted = false;
    for (; i < line.size() && (quoted || !is_blank(line[i])); ++i) {
      if (line[i] == '"') {
        quoted = !quoted;
      } else {
        field += line[i];
      }
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

TypeTable TypeTable::read(const std::filesystem::path& file) {
  TypeTable table;
  table.file_ = file.string();
  std::istringstream text(read_text_file(file, kMostTypesBytes));
  std::string line;
  for (std::size_t number = 1; std::getline(text, line); ++number) {
    std::vector<std::string> fields = split_fields(line);
    if (fields.empty()) continue;
    const std::string place = table.file_ + ":" + std::to_string(number);
    if (table.column_of_.empty()) {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!table.column_of_.emplace(fields[i], i).second) {
          throw Error(ExitCode::invalid_config, place + ": column '" + fields[i] + "' stands there twice");
        }
      }
    } else if (fields.size() != table.column_of_.size()) {
      throw Error(ExitCode::invalid_config,
                  place + ": read " + std::to_string(fields.size()) + " fields; expected " +
                      std::to_string(table.column_of_.size()) + ", as in the header, separated by blanks");
    } else {
      table.rows_.push_back({number, std::move(fields)});
    }
  }
  if (table.column_of_.empty()) {
    throw Error(ExitCode::invalid_config, table.file_ + ": is empty; expected a header line");
  }
  return table;
}

std::optional<std::string> TypeTable::field(const Row& row, const std::string& column) const {
  const auto position = column_of_.find(column);
  if (position == column_of_.end()) return std::nullopt;
  const std::string& field = row.fields[position->second];
  return stands_for_nothing(field) ? std::nullopt : std::optional(field);
}

std::optional<double> TypeTable::number(const Row& row, const std::string& column, Problems& problems) const {
  const std::optional<std::string> text = field(row, column);
  if (!text) return std::nullopt;
  const std::optional<double> value = parse_number(*text);
  if (!value) problems.add(place(row, column) + ": read '" + *text + "'; expected a finite number");
  return value;
}

std::string TypeTable::place(const Row& row, const std::string& column) const {
  return file_ + ":" + std::to_string(row.line) + ": column '" + column + "'";
}

std::map<std::uint64_t, const TypeTable::Row*> TypeTable::rows_of(const std::string& id_column,
                                                                  const std::string& population,
                                                                  Problems& problems) const {
  std::map<std::uint64_t, const Row*> rows;
  if (!has_column(id_column)) {
    problems.add(file_ + ":1: expected a column '" + id_column + "'");
    return rows;
  }
  for (const Row& row : rows_) {
    if (field(row, "population").value_or(population) != population) continue;
    const std::string text = field(row, id_column).value_or("");
    const std::optional<std::uint64_t> id = parse_unsigned(text);
    if (!id) {
      problems.add(place(row, id_column) + ": read '" + text + "'; expected an integer, 0 or above");
    } else if (!rows.emplace(*id, &row).second) {
      problems.add(place(row, id_column) + ": " + text + " stands there twice; expected it once");
    }
  }
  return rows;
}

}  // namespace sharpwave::sonata
