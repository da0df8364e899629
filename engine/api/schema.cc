#include "engine/api/schema.h"

#include <array>
#include <string_view>

#include "base/status.h"
#include "engine/payload/path.h"
#include "simdjson.h"

namespace lineal::engine {
namespace {

constexpr std::array<std::string_view, 4> kMetricNames = {"Cosine", "Dot", "Euclid", "Manhattan"};
constexpr std::array<std::string_view, 7> kFieldTypeNames = {"keyword",  "integer", "float", "bool",
                                                             "datetime", "uuid",    "text"};
constexpr std::array<std::string_view, 4> kIndexNames = {"auto", "hnsw", "ivf", "flat"};
constexpr std::array<std::string_view, 3> kMemoryNames = {"hot", "warm", "cold"};
constexpr std::string_view kForbiddenInNames = "/\\<>:\"|?*";

constexpr uint32_t kMMin = 4;
constexpr uint32_t kMMax = 256;
constexpr uint32_t kEfConstructMin = 4;
constexpr uint32_t kEfConstructMax = 65'536;
constexpr uint32_t kIvfDimMax = 8'192;
constexpr size_t kVectorsMax = 256;
constexpr size_t kFieldsMax = 256;
constexpr uint64_t kRowsMax = 1ull << 31;  // rows of one segment are numbered in 32 bits

template <class T>
absl::Status CheckWithin(std::string_view what, T value, T low, T high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return OutOfRange(what, ": value ", value, " invalid, must be from ", low, " to ", high);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

absl::Status CheckVectorName(std::string_view name) {
  if (name.size() > kNameMax) {
    return OutOfRange("vector name has ", name.size(), " bytes, the limit is ", kNameMax);
  }
  if (!simdjson::validate_utf8(name.data(), name.size())) return InvalidArgument("vector name is not valid UTF-8");
  for (char c : name) {
    if (IsControl(c)) return InvalidArgument("vector name contains a control character");
  }
  return absl::OkStatus();
}

absl::Status CheckGraph(std::string_view of, uint32_t m, uint32_t ef_construct) {
  // m 0 asks for no graph.
  if (m != 0) LINEAL_RETURN_IF_ERROR(CheckWithin(StrCat(of, ".m"), m, kMMin, kMMax));
  return CheckWithin(StrCat(of, ".ef_construct"), ef_construct, kEfConstructMin, kEfConstructMax);
}

absl::Status CheckCodeBits(std::string_view of, uint32_t bits) {
  if (bits == 0 || bits == 1 || bits == 2 || bits == 4 || bits == 8) return absl::OkStatus();
  return OutOfRange(of, ".code_bits: value ", bits, " invalid, must be 0, 1, 2, 4 or 8");
}

absl::Status CheckVector(const std::string& name, const VectorSchema& vector, const HnswConfig& hnsw) {
  LINEAL_RETURN_IF_ERROR(CheckVectorName(name));
  std::string of = name.empty() ? "vectors" : StrCat("vectors.", name);
  LINEAL_RETURN_IF_ERROR(CheckWithin(StrCat(of, ".size"), vector.dim, 1u, kDimMax));
  const bool can_have_lists =
      vector.metric != Metric::kManhattan && vector.type != ElementType::kU8 && vector.dim <= kIvfDimMax;
  if (vector.index.value_or(hnsw.index) == IndexKind::kIvf && !can_have_lists) {
    return InvalidArgument(of, ": index `ivf` is for float vectors of at most ", kIvfDimMax,
                           " components under Cosine, Dot or Euclid");
  }
  if (vector.code_bits) LINEAL_RETURN_IF_ERROR(CheckCodeBits(of, *vector.code_bits));
  return CheckGraph(StrCat(of, ".hnsw_config"), vector.m.value_or(hnsw.m),
                    vector.ef_construct.value_or(hnsw.ef_construct));
}

absl::Status CheckField(const std::string& key) {
  if (key.size() > kNameMax) return OutOfRange("payload key has ", key.size(), " bytes, the limit is ", kNameMax);
  return PayloadPath::Parse(key).status();
}

absl::Status CheckOptimizer(const OptimizerConfig& optimizer) {
  LINEAL_RETURN_IF_ERROR(CheckWithin("optimizers_config.deleted_threshold", optimizer.deleted_threshold, 0.0, 1.0));
  LINEAL_RETURN_IF_ERROR(
      CheckWithin<uint64_t>("optimizers_config.growing_rows_max", optimizer.growing_rows_max, 1, kRowsMax));
  LINEAL_RETURN_IF_ERROR(
      CheckWithin<uint64_t>("optimizers_config.segment_rows_max", optimizer.segment_rows_max, 1, kRowsMax));
  if (optimizer.history_window_s < 0) {
    return OutOfRange("optimizers_config.history_window_s: value ", optimizer.history_window_s,
                      " invalid, must be 0 or larger");
  }
  return absl::OkStatus();
}

absl::Status CheckSearch(const SearchConfig& search) {
  return search.recall_target ? ValidateRecallTarget("recall_target", *search.recall_target) : absl::OkStatus();
}

absl::Status CheckOpenObject(std::string_view what, const Value& value) {
  if (value.is_null() || value.is_object()) return absl::OkStatus();
  return InvalidArgument(what, " must be an object");
}

template <size_t n>
std::optional<size_t> PlaceOf(std::string_view name, const std::array<std::string_view, n>& names) {
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

}  // namespace

absl::Status ValidateCollectionName(std::string_view name) {
  if (name.empty()) return OutOfRange("collection name is empty, must be 1 to ", kNameMax, " bytes long");
  if (name.size() > kNameMax) {
    return OutOfRange("collection name has ", name.size(), " bytes, the limit is ", kNameMax);
  }
  if (!simdjson::validate_utf8(name.data(), name.size())) return InvalidArgument("collection name is not valid UTF-8");
  for (char c : name) {
    if (IsControl(c)) return InvalidArgument("collection name contains a control character");
    if (kForbiddenInNames.find(c) != std::string_view::npos) {
      return InvalidArgument("collection name cannot contain \"", c, "\" char");
    }
  }
  if (name == "." || name == "..") return InvalidArgument("collection name cannot be \"", name, "\"");
  return absl::OkStatus();
}

absl::Status ValidateSchema(const CollectionSchema& schema) {
  if (schema.vectors.size() > kVectorsMax) {
    return OutOfRange("collection has ", schema.vectors.size(), " vectors, the limit is ", kVectorsMax);
  }
  if (schema.fields.size() > kFieldsMax) {
    return OutOfRange("collection has ", schema.fields.size(), " payload indexes, the limit is ", kFieldsMax);
  }
  LINEAL_RETURN_IF_ERROR(CheckWithin("shard_number", schema.shard_count, 1u, kShardsMax));
  LINEAL_RETURN_IF_ERROR(CheckGraph("hnsw_config", schema.hnsw.m, schema.hnsw.ef_construct));
  LINEAL_RETURN_IF_ERROR(CheckCodeBits("hnsw_config", schema.hnsw.code_bits));
  for (const auto& [name, vector] : schema.vectors) LINEAL_RETURN_IF_ERROR(CheckVector(name, vector, schema.hnsw));
  for (const auto& [key, field] : schema.fields) LINEAL_RETURN_IF_ERROR(CheckField(key));
  LINEAL_RETURN_IF_ERROR(CheckOptimizer(schema.optimizer));
  LINEAL_RETURN_IF_ERROR(CheckSearch(schema.search));
  LINEAL_RETURN_IF_ERROR(CheckOpenObject("metadata", schema.metadata));
  return CheckOpenObject("raw_config", schema.raw_config);
}

absl::Status ValidateRecallTarget(std::string_view name, double target) {
  if (target > 0 && target <= 1) return absl::OkStatus();
  return OutOfRange(name, ": value ", target, " invalid, must be above 0.0 and at most 1.0");
}

std::string_view NameOf(Metric metric) { return kMetricNames.at(static_cast<size_t>(metric)); }
std::string_view NameOf(FieldType type) { return kFieldTypeNames.at(static_cast<size_t>(type)); }

std::string_view NameOf(IndexKind kind) { return kIndexNames.at(static_cast<size_t>(kind)); }

std::string_view NameOf(VectorMemory memory) { return kMemoryNames.at(static_cast<size_t>(memory)); }

std::optional<Metric> MetricFromName(std::string_view name) {
  auto place = PlaceOf(name, kMetricNames);
  return place ? std::optional(static_cast<Metric>(*place)) : std::nullopt;
}
std::optional<FieldType> FieldTypeFromName(std::string_view name) {
  auto place = PlaceOf(name, kFieldTypeNames);
  return place ? std::optional(static_cast<FieldType>(*place)) : std::nullopt;
}
std::optional<IndexKind> IndexKindFromName(std::string_view name) {
  auto place = PlaceOf(name, kIndexNames);
  return place ? std::optional(static_cast<IndexKind>(*place)) : std::nullopt;
}
std::optional<VectorMemory> VectorMemoryFromName(std::string_view name) {
  auto place = PlaceOf(name, kMemoryNames);
  return place ? std::optional(static_cast<VectorMemory>(*place)) : std::nullopt;
}

}  // namespace lineal::engine
