#include "bench/sets/data_files.h"

#include <cmath>
#include <cstdlib>
#include <string_view>

#include "base/coding.h"
#include "base/file_system.h"
#include "base/status.h"

namespace lineal::bench {
namespace {

// Where the values of a file are.
struct Table {
  size_t rows = 0, columns = 0;
  std::string type;    // as numpy has it: "<f4", "<i4", "<i8"
  size_t first = 0;    // of row 0, in bytes
  size_t between = 0;  // bytes from a row's beginning to the next one's
};

absl::Status CheckCounts(const Table& table) {
  if (table.rows < 1 || table.rows > kRowsMax) {
    return InvalidArgument("has ", table.rows, " rows, allowed are 1 to ", kRowsMax);
  }
  if (table.columns < 1 || table.columns > kColumnsMax) {
    return InvalidArgument("has ", table.columns, " columns, allowed are 1 to ", kColumnsMax);
  }
  return absl::OkStatus();
}

absl::Status WrongSize(const Table& table, size_t expected, size_t found) {
  return InvalidArgument("has ", found, " bytes, expected are ", expected, " for ", table.rows, " × ", table.columns,
                         found < expected ? ": it is cut short" : "");
}

absl::StatusOr<Table> BinTable(std::string_view bytes, bool ids) {
  Reader reader(bytes);
  Table table;
  table.rows = reader.Fixed<uint32_t>();
  table.columns = reader.Fixed<uint32_t>();
  if (!reader.ok()) return InvalidArgument("has ", bytes.size(), " bytes, expected are 8 or more");
  LINEAL_RETURN_IF_ERROR(CheckCounts(table));
  table.type = ids ? "<i4" : "<f4";
  table.first = 8;
  table.between = table.columns * 4;
  const size_t values = table.rows * table.between;
  const bool has_distances = ids && bytes.size() == 8 + 2 * values;
  if (bytes.size() != 8 + values && !has_distances) return WrongSize(table, 8 + values, bytes.size());
  return table;
}

absl::StatusOr<Table> VecsTable(std::string_view bytes, bool ids) {
  if (bytes.size() < 4) return InvalidArgument("has ", bytes.size(), " bytes, expected are 4 or more");
  Table table;
  table.columns = LoadFixed<uint32_t>(bytes.data());
  table.first = 4;
  table.between = 4 + table.columns * 4;
  table.rows = (bytes.size() + table.between - 1) / table.between;
  table.type = ids ? "<i4" : "<f4";
  LINEAL_RETURN_IF_ERROR(CheckCounts(table));
  for (size_t i = 0; i < table.rows; ++i) {
    const size_t at = i * table.between;
    if (at + 4 > bytes.size()) return WrongSize(table, table.rows * table.between, bytes.size());
    const auto length = LoadFixed<uint32_t>(bytes.data() + at);
    if (length != table.columns) {
      return InvalidArgument("has ", length, " values in row ", i, ", expected are the ", table.columns, " of row 0");
    }
  }
  if (bytes.size() != table.rows * table.between) {
    return WrongSize(table, table.rows * table.between, bytes.size());
  }
  return table;
}

absl::StatusOr<Table> NpyTable(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Bytes(6) != "\x93NUMPY") return InvalidArgument("does not begin as a .npy file does");
  const auto major = reader.Fixed<uint8_t>();
  reader.Fixed<uint8_t>();
  const uint64_t length = major == 1 ? reader.Fixed<uint16_t>() : reader.Fixed<uint32_t>();
  const std::string header(reader.Bytes(length));
  const size_t type = header.find("'descr': '"), shape = header.find("'shape': (");
  if (!reader.ok() || type == header.npos || shape == header.npos ||
      header.find("'fortran_order': False") == header.npos) {
    return InvalidArgument("has a damaged .npy header, or is in Fortran order");
  }
  Table table;
  table.type = header.substr(type + 10, 3);
  char* end = nullptr;
  table.rows = std::strtoull(header.c_str() + shape + 10, &end, 10);
  if (*end == ',') table.columns = std::strtoull(end + 1, &end, 10);
  LINEAL_RETURN_IF_ERROR(CheckCounts(table));
  table.first = bytes.size() - reader.rest().size();
  table.between = table.columns * (table.type == "<i8" ? 8 : 4);
  const size_t expected = table.first + table.rows * table.between;
  if (bytes.size() != expected) return WrongSize(table, expected, bytes.size());
  return table;
}

absl::StatusOr<Table> TableOf(const std::string& path, std::string_view bytes, bool ids) {
  if (path.ends_with(ids ? ".ibin" : ".fbin")) return BinTable(bytes, ids);
  if (path.ends_with(ids ? ".ivecs" : ".fvecs")) return VecsTable(bytes, ids);
  if (path.ends_with(".npy")) return NpyTable(bytes);
  return InvalidArgument("ends in none of ", ids ? ".ibin, .ivecs" : ".fbin, .fvecs", ", .npy");
}

absl::StatusOr<Matrix> Vectors(const std::string& path, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Table table, TableOf(path, bytes, false));
  if (table.type != "<f4") return InvalidArgument("holds values of type ", table.type, ", wanted is <f4");
  Matrix matrix{table.columns, std::vector<float>(table.rows * table.columns)};
  for (size_t i = 0; i < table.rows; ++i) {
    float* row = matrix.values.data() + i * table.columns;
    std::memcpy(row, bytes.data() + table.first + i * table.between, table.columns * sizeof(float));
    for (size_t j = 0; j < table.columns; ++j) {
      if (!std::isfinite(row[j])) return InvalidArgument("has no finite number in row ", i, ", column ", j);
    }
  }
  return matrix;
}

absl::Status FillTruth(const std::string& path, std::string_view bytes, size_t k, DataSet* data) {
  LINEAL_ASSIGN_OR_RETURN(const Table table, TableOf(path, bytes, true));
  if (table.type != "<i4" && table.type != "<i8") {
    return InvalidArgument("holds values of type ", table.type, ", wanted is <i4 or <i8");
  }
  if (table.rows != data->queries.rows()) {
    return InvalidArgument("answers ", table.rows, " queries, there are ", data->queries.rows());
  }
  if (table.columns < k) return InvalidArgument("has ", table.columns, " answers for each query, wanted are ", k);
  data->truth_k = table.columns;
  data->truth.resize(table.rows * table.columns);
  for (size_t i = 0; i < table.rows; ++i) {
    const char* row = bytes.data() + table.first + i * table.between;
    for (size_t j = 0; j < table.columns; ++j) {
      const int64_t id = table.type == "<i4" ? LoadFixed<int32_t>(row + 4 * j) : LoadFixed<int64_t>(row + 8 * j);
      if (id < 0 || static_cast<uint64_t>(id) >= data->base.rows()) {
        return InvalidArgument("has the id ", id, " for query ", i, ", allowed are 0 to ", data->base.rows() - 1);
      }
      data->truth[i * table.columns + j] = static_cast<uint32_t>(id);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Matrix> ReadMatrix(const std::string& path) {
  LINEAL_ASSIGN_OR_RETURN(auto region, PosixFileSystem()->Map(path));
  absl::StatusOr<Matrix> matrix = Vectors(path, region->bytes());
  if (!matrix.ok()) return Annotate(matrix.status(), path);
  return matrix;
}

absl::Status ReadTruth(const std::string& path, size_t k, DataSet* data) {
  LINEAL_ASSIGN_OR_RETURN(auto region, PosixFileSystem()->Map(path));
  return Annotate(FillTruth(path, region->bytes(), k, data), path);
}

absl::Status WriteMatrix(const std::string& path, const Matrix& matrix) {
  LINEAL_ASSIGN_OR_RETURN(auto file, PosixFileSystem()->Create(path));
  std::string head;
  PutFixed(&head, static_cast<uint32_t>(matrix.rows()));
  PutFixed(&head, static_cast<uint32_t>(matrix.dim));
  LINEAL_RETURN_IF_ERROR(file->Append(head));
  LINEAL_RETURN_IF_ERROR(
      file->Append({reinterpret_cast<const char*>(matrix.values.data()), matrix.values.size() * sizeof(float)}));
  return file->Finish();
}

}  // namespace lineal::bench
