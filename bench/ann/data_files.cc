#include <cstdlib>
#include <string_view>

#include "base/coding.h"
#include "base/file_system.h"
#include "base/status.h"
#include "bench/ann/data_set.h"

namespace lineal::bench {
namespace {

// Rows of 4-byte values, each after its own length.
template <class T>
absl::Status ReadVecs(std::string_view bytes, size_t* dim, std::vector<T>* values) {
  Reader reader(bytes);
  while (!reader.AtEnd()) {
    const auto length = reader.Fixed<uint32_t>();
    if (*dim == 0) *dim = length;
    const std::string_view row = reader.Bytes(uint64_t{length} * sizeof(T));
    if (!reader.ok() || length != *dim) return InvalidArgument("a row's length is not that of the first");
    for (size_t i = 0; i < length; ++i) values->push_back(LoadFixed<T>(row.data() + i * sizeof(T)));
  }
  return absl::OkStatus();
}

struct NpyHeader {
  std::string_view type;
  size_t rows = 0, columns = 0;
  std::string_view data;
};

absl::StatusOr<NpyHeader> ReadNpyHeader(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Bytes(6) != "\x93NUMPY") return InvalidArgument("not a .npy file");
  const auto major = reader.Fixed<uint8_t>();
  reader.Fixed<uint8_t>();
  const uint64_t length = major == 1 ? reader.Fixed<uint16_t>() : reader.Fixed<uint32_t>();
  const std::string header(reader.Bytes(length));
  const size_t type = header.find("'descr': '"), shape = header.find("'shape': (");
  if (!reader.ok() || type == header.npos || shape == header.npos ||
      header.find("'fortran_order': False") == header.npos) {
    return InvalidArgument("the .npy header is damaged or in Fortran order");
  }
  NpyHeader out;
  out.data = reader.rest();
  out.type = bytes.substr(static_cast<size_t>(out.data.data() - bytes.data()) - length + type + 10, 3);
  char* end = nullptr;
  out.rows = std::strtoull(header.c_str() + shape + 10, &end, 10);
  if (*end == ',') out.columns = std::strtoull(end + 1, &end, 10);
  if (out.rows == 0 || out.columns == 0) return InvalidArgument("the .npy array has not two dimensions");
  return out;
}

template <class T, class Out>
absl::Status CopyNpy(const NpyHeader& npy, std::vector<Out>* values) {
  const size_t count = npy.rows * npy.columns;
  if (npy.data.size() < count * sizeof(T)) return InvalidArgument("the .npy file is cut short");
  values->resize(count);
  for (size_t i = 0; i < count; ++i) (*values)[i] = static_cast<Out>(LoadFixed<T>(npy.data.data() + i * sizeof(T)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Matrix> ReadMatrix(const std::string& path) {
  LINEAL_ASSIGN_OR_RETURN(auto region, PosixFileSystem()->Map(path));
  Matrix matrix;
  if (path.ends_with(".fvecs")) {
    LINEAL_RETURN_IF_ERROR(Annotate(ReadVecs(region->bytes(), &matrix.dim, &matrix.values), path));
    return matrix;
  }
  LINEAL_ASSIGN_OR_RETURN(const NpyHeader npy, ReadNpyHeader(region->bytes()));
  if (npy.type != "<f4") return InvalidArgument(path, " holds ", npy.type, ", wanted is <f4");
  matrix.dim = npy.columns;
  LINEAL_RETURN_IF_ERROR((CopyNpy<float>(npy, &matrix.values)));
  return matrix;
}

absl::Status ReadTruth(const std::string& path, DataSet* data) {
  LINEAL_ASSIGN_OR_RETURN(auto region, PosixFileSystem()->Map(path));
  if (path.ends_with(".ivecs")) return ReadVecs(region->bytes(), &data->truth_k, &data->truth);
  LINEAL_ASSIGN_OR_RETURN(const NpyHeader npy, ReadNpyHeader(region->bytes()));
  data->truth_k = npy.columns;
  if (npy.type == "<i4") return CopyNpy<int32_t>(npy, &data->truth);
  if (npy.type == "<i8") return CopyNpy<int64_t>(npy, &data->truth);
  return InvalidArgument(path, " holds ", npy.type, ", wanted is <i4 or <i8");
}

}  // namespace lineal::bench
