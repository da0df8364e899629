#include "engine/segment/recall_table.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr double kErrors = 1.65;
// What is missed is not thought to be less than this, whatever was measured.
constexpr double kMissedMin = 1e-4;
constexpr size_t kSmallK = 10, kLargeK = 100;

double MissedBy(const RecallPoint& point, double errors) {
  return std::clamp(1 - (point.recall - errors * point.error), kMissedMin, 1.0);
}

// The least width at which the curve, less its error, reaches the target.
std::optional<double> WidthOn(const RecallCurve& curve, double target) {
  const double allowed = 1 - target;
  double before_missed = 1, before_width = 1;
  for (const RecallPoint& point : curve) {
    // A wider walk that happened to find less does not make the narrower one worse, or better.
    const double missed = std::min(before_missed, MissedBy(point, kErrors));
    const double width = point.ef_search;
    if (missed <= allowed) {
      if (before_width <= 1) return width;
      if (missed >= before_missed) return before_width;
      const double along = (std::log(before_missed) - std::log(allowed)) / (std::log(before_missed) - std::log(missed));
      return std::exp(std::log(before_width) + along * (std::log(width) - std::log(before_width)));
    }
    before_missed = missed;
    before_width = width;
  }
  return std::nullopt;
}

std::optional<double> RecallOn(const RecallCurve& curve, double width) {
  if (curve.empty()) return std::nullopt;
  const auto behind =
      std::find_if(curve.begin(), curve.end(), [&](const RecallPoint& point) { return point.ef_search >= width; });
  if (behind == curve.begin()) return curve.front().recall;
  if (behind == curve.end()) return curve.back().recall;
  const RecallPoint& before = *(behind - 1);
  const double along =
      (std::log(width) - std::log(before.ef_search)) / (std::log(behind->ef_search) - std::log(before.ef_search));
  return 1 - std::exp((1 - along) * std::log(MissedBy(before, 0)) + along * std::log(MissedBy(*behind, 0)));
}

// Where `top_k` lies between 10 and 100 answers: 0 to 1.
double Between(size_t top_k) {
  const auto k = static_cast<double>(std::clamp(top_k, kSmallK, kLargeK));
  return std::log(k / kSmallK) / std::log(double{kLargeK} / kSmallK);
}

double Stretch(size_t top_k) { return std::max(1.0, static_cast<double>(top_k) / kLargeK); }

}  // namespace

FilterBand BandOf(uint64_t matches, uint64_t rows) {
  if (matches * 2 >= rows) return FilterBand::kMost;
  return matches * 10 >= rows ? FilterBand::kSome : FilterBand::kFew;
}

std::optional<size_t> RecallTable::WidthFor(double target, size_t top_k, FilterBand band) const {
  const Band& curves = bands.at(static_cast<size_t>(band));
  const double between = Between(top_k);
  std::optional<double> width;
  if (between < 1) {
    width = WidthOn(curves.at_10, target);
    if (!width) return std::nullopt;
  }
  if (between > 0) {
    const std::optional<double> large = WidthOn(curves.at_100, target);
    if (!large) return std::nullopt;
    width = width ? std::exp((1 - between) * std::log(*width) + between * std::log(*large)) : *large;
  }
  return static_cast<size_t>(std::ceil(*width * Stretch(top_k)));
}

std::optional<double> RecallTable::ExpectedAt(size_t ef_search, size_t top_k, FilterBand band) const {
  const Band& curves = bands.at(static_cast<size_t>(band));
  const double width = static_cast<double>(ef_search) / Stretch(top_k);
  const double between = Between(top_k);
  const std::optional<double> small = RecallOn(curves.at_10, width), large = RecallOn(curves.at_100, width);
  if (between <= 0) return small;
  if (between >= 1) return large;
  if (!small || !large) return std::nullopt;
  return (1 - between) * *small + between * *large;
}

namespace {

constexpr uint32_t kMagic = 0x324c4352;  // "RCL2"
constexpr uint32_t kPointsMax = 64;

void PutFloat(std::string* out, float value) { PutFixed(out, std::bit_cast<uint32_t>(value)); }
float FloatOf(Reader* reader) { return std::bit_cast<float>(reader->Fixed<uint32_t>()); }

void PutCurve(std::string* out, const RecallCurve& curve) {
  PutFixed(out, static_cast<uint32_t>(curve.size()));
  for (const RecallPoint& point : curve) {
    PutFixed(out, point.ef_search);
    PutFloat(out, point.recall);
    PutFloat(out, point.error);
  }
}

bool ReadCurve(Reader* reader, RecallCurve* curve) {
  const auto count = reader->Fixed<uint32_t>();
  if (count > kPointsMax) return false;
  uint32_t before = 0;
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    RecallPoint& point = curve->emplace_back();
    point.ef_search = reader->Fixed<uint32_t>();
    point.recall = FloatOf(reader);
    point.error = FloatOf(reader);
    if (point.ef_search <= before || !(point.recall >= 0 && point.recall <= 1) ||
        !(point.error > 0 && point.error <= 1)) {
      return false;
    }
    before = point.ef_search;
  }
  return reader->ok();
}

}  // namespace

std::string EncodeRecallTable(const RecallTable& table) {
  std::string out;
  PutFixed(&out, kMagic);
  for (const uint32_t number : {table.rows, table.m, table.ef_construct, table.by_codes ? table.code_bits : 0,
                                table.dead_rows, table.queries, table.recent_queries}) {
    PutFixed(&out, number);
  }
  PutFloat(&out, table.scan_recall);
  for (const RecallTable::Band& band : table.bands) {
    PutCurve(&out, band.at_10);
    PutCurve(&out, band.at_100);
  }
  AppendChecksum(&out);
  return out;
}

absl::StatusOr<RecallTable> DecodeRecallTable(std::string_view image) {
  if (image.size() < 8 || !ChecksumHolds(image)) return DataLoss("recall file: checksum differs");
  Reader reader(image.substr(0, image.size() - 4));
  if (reader.Fixed<uint32_t>() != kMagic) return DataLoss("recall file is of another format");
  RecallTable table;
  uint32_t bits = 0;  // 1 in files from before there was a choice
  for (uint32_t* number :
       {&table.rows, &table.m, &table.ef_construct, &bits, &table.dead_rows, &table.queries, &table.recent_queries}) {
    *number = reader.Fixed<uint32_t>();
  }
  table.by_codes = bits != 0;
  if (bits > 1) table.code_bits = bits;
  table.scan_recall = FloatOf(&reader);
  bool sound = (bits <= 2 || bits == 4 || bits == 8) && table.scan_recall >= 0 && table.scan_recall <= 1;
  for (RecallTable::Band& band : table.bands) {
    sound = sound && ReadCurve(&reader, &band.at_10) && ReadCurve(&reader, &band.at_100);
  }
  if (!sound || !reader.ok() || !reader.AtEnd()) return DataLoss("recall file holds what cannot be");
  return table;
}

}  // namespace lineal::engine
