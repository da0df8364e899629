#include "clients/cli/npy_header.h"

#include <charconv>
#include <vector>

#include "base/coding.h"
#include "base/status.h"
#include "clients/cli/record_reader.h"

namespace lineal::cli {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kWrittenBytes = 128;

// What follows `'key':` in the dictionary, spaces passed over; empty if the key is not there.
std::string_view After(std::string_view dictionary, std::string_view key) {
  size_t at = dictionary.find(StrCat("'", key, "'"));
  if (at == std::string_view::npos) return {};
  at = dictionary.find_first_not_of(" :", at + key.size() + 2);
  return at == std::string_view::npos ? std::string_view() : dictionary.substr(at);
}

absl::Status ParseType(std::string_view text, NpyHeader* header) {
  const size_t close = text.size() > 1 ? text.find('\'', 1) : std::string_view::npos;
  if (!text.starts_with('\'') || close == std::string_view::npos)
    return InvalidArgument("the head names no element type");
  const std::string_view type = text.substr(1, close - 1);
  for (std::string_view known : {"<f2", "<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"}) {
    if (type != known) continue;
    header->kind = type[1];
    header->item_bytes = static_cast<uint32_t>(type[2] - '0');
    return absl::OkStatus();
  }
  return InvalidArgument("elements are ", type.substr(0, 40),
                         "; wanted are float16, float32, float64 or integers, little-endian: array.astype('<f4')");
}

absl::Status ParseShape(std::string_view text, NpyHeader* header) {
  const size_t close = text.find(')');
  if (!text.starts_with('(') || close == std::string_view::npos) return InvalidArgument("the head has no shape");
  std::vector<uint64_t> shape;
  for (const char* at = text.data() + 1; at < text.data() + close;) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    uint64_t size = 0;
    const auto [stop, error] = std::from_chars(at, text.data() + close, size);
    if (error != std::errc() || shape.size() > 8) return InvalidArgument("the shape cannot be read");
    shape.push_back(size);
    at = stop;
  }
  if (shape.size() != 2)
    return InvalidArgument("the array has ", shape.size(), " dimensions, wanted are 2 (rows, components)");
  if (shape[1] == 0 || shape[1] > kReadDimMax) {
    return InvalidArgument("rows have ", shape[1], " components, allowed are 1 to ", kReadDimMax);
  }
  header->rows = shape[0];
  header->dim = static_cast<uint32_t>(shape[1]);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view bytes) {
  if (bytes.size() < 12 || !bytes.starts_with(kMagic))
    return InvalidArgument("is no .npy file: its first bytes are others");
  const int version = bytes[6];
  if (version < 1 || version > 3) return InvalidArgument("has .npy version ", version, ", known are 1 to 3");
  const size_t length = version == 1 ? LoadFixed<uint16_t>(bytes.data() + 8) : LoadFixed<uint32_t>(bytes.data() + 8);
  const size_t begin = version == 1 ? 10 : 12;
  if (length > bytes.size() - begin)
    return InvalidArgument("its head is cut off or over ", kNpyHeaderBytesMax, " bytes");
  const std::string_view dictionary = bytes.substr(begin, length);
  NpyHeader header;
  header.data_offset = begin + length;
  LINEAL_RETURN_IF_ERROR(ParseType(After(dictionary, "descr"), &header));
  if (!After(dictionary, "fortran_order").starts_with("False")) {
    return InvalidArgument("is stored by columns; numpy.ascontiguousarray(array) stores it by rows");
  }
  LINEAL_RETURN_IF_ERROR(ParseShape(After(dictionary, "shape"), &header));
  return header;
}

std::string FormatNpyHeader(uint64_t rows, uint32_t dim) {
  std::string head(kMagic);
  head.append({1, 0});
  PutFixed(&head, static_cast<uint16_t>(kWrittenBytes - 10));
  StrAppend(&head, "{'descr': '<f4', 'fortran_order': False, 'shape': (", rows, ", ", dim, "), }");
  head.resize(kWrittenBytes - 1, ' ');
  head.push_back('\n');
  return head;
}

}  // namespace lineal::cli
