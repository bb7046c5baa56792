// The CSV files of a SONATA network: node types and edge types. Columns are separated by blanks; a field
// with blanks stands in double quotes; NULL, NA and NaN stand for no value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/io/problems.hpp"

namespace sharpwave::sonata {

class TypeTable {
 public:
  struct Row {
    std::size_t line;  ///< in the file, from 1
    std::vector<std::string> fields;
  };

  /// @throws Error(io); Error(invalid_config) for a missing header, or a row of another length, with its
  /// line.
  [[nodiscard]] static TypeTable read(const std::filesystem::path& file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] bool has_column(const std::string& column) const { return column_of_.contains(column); }
  /// None where the column is missing or the field stands for no value.
  [[nodiscard]] std::optional<std::string> field(const Row& row, const std::string& column) const;
  /// As field(), read as a number; a problem where it is none.
  [[nodiscard]] std::optional<double> number(const Row& row, const std::string& column,
                                             Problems& problems) const;
  /// "types.csv:3: column 'delay'"
  [[nodiscard]] std::string place(const Row& row, const std::string& column) const;

  /// Rows by their id; rows of other populations are left out where there is a column `population`.
  [[nodiscard]] std::map<std::uint64_t, const Row*> rows_of(const std::string& id_column,
                                                            const std::string& population,
                                                            Problems& problems) const;

 private:
  std::string file_;
  std::map<std::string, std::size_t> column_of_;
  std::vector<Row> rows_;
};

/// Splits at blanks outside double quotes.
[[nodiscard]] std::vector<std::string> split_fields(const std::string& line);

/// The whole of `text` as a number, or none; NaN and infinities are none as well.
[[nodiscard]] std::optional<double> parse_number(const std::string& text);
[[nodiscard]] std::optional<std::uint64_t> parse_unsigned(const std::string& text);

}  // namespace sharpwave::sonata
