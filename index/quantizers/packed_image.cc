#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"
#include "index/quantizers/packed_codes.h"

namespace lineal::index {
namespace {

constexpr uint32_t kMagic = 0x31514258;  // "XBQ1"
constexpr size_t kHeaderBytes = 64;
constexpr size_t kBitsAt = 6, kSeedAt = 24, kErrorAt = 32;

}  // namespace

std::string PackedCodes::Header() const {
  std::string header;
  PutImageHead(&header, kMagic, format_, static_cast<uint16_t>(bits_));
  PutFixed(&header, count_);
  PutFixed(&header, static_cast<uint32_t>(stride_));
  PutFixed(&header, uint32_t{0});
  PutFixed(&header, seed_);
  PutFixed(&header, mean_square_error_);
  header.resize(kHeaderBytes, '\0');
  return header;
}

absl::Status PackedCodes::Save(ByteSink* sink) const {
  const std::string header = Header();
  const std::string_view parts[] = {header,
                                    {reinterpret_cast<const char*>(center_.data()), center_.size() * sizeof(float)},
                                    {codes_.as<char>(), count_ * stride_}};
  CheckedSink checked(sink);
  for (std::string_view part : parts) LINEAL_RETURN_IF_ERROR(checked.Append(part));
  return checked.Finish();
}

bool PackedCodes::IsImage(std::string_view image) {
  return image.size() >= sizeof kMagic && LoadFixed<uint32_t>(image.data()) == kMagic;
}

// What is no number would be neither near nor far.
absl::Status PackedCodes::CheckTerms() const {
  for (float value : center_) {
    if (!std::isfinite(value)) return DataLoss("codes file: a center that is not finite");
  }
  for (uint32_t id = 0; id < count_; ++id) {
    const Terms terms = TermsAt(at(id));
    if (!std::isfinite(terms.addend) || !std::isfinite(terms.factor) || !std::isfinite(terms.error)) {
      return DataLoss("codes file: row ", id, " has terms that are not finite");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PackedCodes>> PackedCodes::Load(std::string_view image, const RowFormat& format,
                                                                     uint32_t rows) {
  if (image.size() < kHeaderBytes + 4) return DataLoss("codes file has ", image.size(), " bytes, less than a header");
  const auto bits = LoadFixed<uint16_t>(image.data() + kBitsAt);
  if (bits != 2 && bits != 4 && bits != 8) return DataLoss("codes file: ", bits, " bits a component");
  const size_t center_bytes = format.dim * sizeof(float), code_bytes = rows * StrideOf(format.dim, bits);
  const size_t wanted = kHeaderBytes + center_bytes + code_bytes + 4;
  if (image.size() != wanted) {
    return DataLoss("codes file has ", image.size(), " bytes, ", rows, " rows want ", wanted);
  }
  std::shared_ptr<PackedCodes> codes(new PackedCodes(format, rows, bits, LoadFixed<uint64_t>(image.data() + kSeedAt)));
  codes->mean_square_error_ = LoadFixed<float>(image.data() + kErrorAt);
  if (image.substr(0, kHeaderBytes) != codes->Header()) return DataLoss("codes file is of another format");
  if (!(codes->mean_square_error_ > 0) || !std::isfinite(codes->mean_square_error_)) {
    return DataLoss("codes file: a mean square error of ", codes->mean_square_error_);
  }
  if (!ChecksumHolds(image)) return DataLoss("codes file: checksum differs");
  if (center_bytes > 0) std::memcpy(codes->center_.data(), image.data() + kHeaderBytes, center_bytes);
  if (code_bytes > 0) std::memcpy(codes->codes_.as<char>(), image.data() + kHeaderBytes + center_bytes, code_bytes);
  LINEAL_RETURN_IF_ERROR(codes->CheckTerms());
  return codes;
}

}  // namespace lineal::index
