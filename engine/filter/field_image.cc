#include "engine/filter/field_image.h"

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kMagic = "LNLFIELD";
constexpr uint32_t kFormat = 1;
constexpr uint64_t kSectionsMax = 16;
constexpr size_t kAlignment = 8;
constexpr size_t kTrailerBytes = 8;
constexpr uint32_t kEnd = 0x444e4546;  // "FEND"

size_t PaddingAfter(uint64_t size) { return (kAlignment - size % kAlignment) % kAlignment; }

// Appends to the sink and carries the checksum on.
class Framer {
 public:
  explicit Framer(ByteSink* sink) : sink_(sink) {}
  absl::Status Append(std::string_view bytes) {
    crc_ = Crc32c(bytes, crc_);
    return sink_->Append(bytes);
  }
  absl::Status AppendPadded(std::string_view bytes) {
    LINEAL_RETURN_IF_ERROR(Append(bytes));
    return Append(std::string(PaddingAfter(bytes.size()), '\0'));
  }
  uint32_t crc() const { return crc_; }

 private:
  ByteSink* sink_;
  uint32_t crc_ = 0;
};

// A padded piece; the reader goes bad if the padding is not zero.
std::string_view ReadPadded(Reader* in, uint64_t size, bool* clean) {
  std::string_view piece = in->Bytes(size);
  std::string_view padding = in->Bytes(PaddingAfter(size));
  *clean &= padding.find_first_not_of('\0') == std::string_view::npos;
  return piece;
}

}  // namespace

absl::Status WriteFieldImage(const FieldImageHeader& header, const std::vector<std::string>& sections, ByteSink* sink) {
  std::string head(kMagic);
  PutFixed(&head, kFormat);
  PutFixed(&head, static_cast<uint32_t>(header.type));
  PutFixed(&head, header.rows);
  PutFixed(&head, header.rows_with_value);
  PutFixed(&head, static_cast<uint32_t>(header.key.size()));
  PutFixed(&head, static_cast<uint32_t>(sections.size()));
  for (const std::string& section : sections) PutFixed<uint64_t>(&head, section.size());
  Framer framer(sink);
  LINEAL_RETURN_IF_ERROR(framer.Append(head));
  LINEAL_RETURN_IF_ERROR(framer.AppendPadded(header.key));
  for (const std::string& section : sections) LINEAL_RETURN_IF_ERROR(framer.AppendPadded(section));
  std::string trailer;
  PutFixed(&trailer, framer.crc());
  PutFixed(&trailer, kEnd);
  return sink->Append(trailer);
}

absl::StatusOr<FieldImage> ReadFieldImage(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + kTrailerBytes || !bytes.starts_with(kMagic)) {
    return DataLoss("no payload index image: ", bytes.size(), " bytes");
  }
  std::string_view body = bytes.substr(0, bytes.size() - kTrailerBytes);
  Reader trailer(bytes.substr(body.size()));
  auto stored = trailer.Fixed<uint32_t>();
  if (trailer.Fixed<uint32_t>() != kEnd) return DataLoss("payload index image is cut off at ", bytes.size(), " bytes");
  Reader in(body.substr(kMagic.size()));
  auto format = in.Fixed<uint32_t>();
  if (format != kFormat) return DataLoss("payload index image has format ", format, ", known is ", kFormat);
  uint32_t computed = Crc32c(body);
  if (computed != stored) return DataLoss("payload index image has checksum ", computed, ", written was ", stored);

  FieldImage image;
  auto type = in.Fixed<uint32_t>();
  image.header.rows = in.Fixed<uint32_t>();
  image.header.rows_with_value = in.Fixed<uint32_t>();
  auto key_size = in.Fixed<uint32_t>();
  auto section_count = in.Fixed<uint32_t>();
  if (!in.ok() || section_count > kSectionsMax || type > static_cast<uint32_t>(FieldType::kText) ||
      image.header.rows_with_value > image.header.rows) {
    return DataLoss("payload index image has a broken header");
  }
  image.header.type = static_cast<FieldType>(type);
  std::vector<uint64_t> sizes(section_count);
  for (uint64_t& size : sizes) size = in.Fixed<uint64_t>();
  bool clean = true;
  image.header.key = ReadPadded(&in, key_size, &clean);
  for (uint64_t size : sizes) image.sections.push_back(ReadPadded(&in, size, &clean));
  if (!in.ok() || !in.AtEnd() || !clean) return DataLoss("payload index image has broken sections");
  return image;
}

}  // namespace lineal::engine
