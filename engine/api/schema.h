// What a collection is made of. Plain data, validated by ValidateSchema before anything is created.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "engine/api/space.h"
#include "engine/payload/value.h"
#include "index/vectors/row_format.h"

namespace lineal::engine {

enum class Metric : uint8_t { kCosine, kDot, kEuclid, kManhattan };
using index::ElementType;

// What sealed segments are searched by.
enum class IndexKind : uint8_t {
  kAuto,  // lists where the format allows them, else a graph
  kHnsw,
  kIvf,   // lists with one-bit codes: f32 and f16 under L2, dot and cosine, of at most 8,192 components
  kFlat,  // nothing: every search scans
};

// Where what is searched of a vector lies, in sealed segments.
enum class VectorMemory : uint8_t {
  kHot,   // in memory, vectors included
  kWarm,  // the vectors in mapped files, of which the system keeps what it has room for
  kCold,  // the vectors on disk, read a few a search; lists with one-bit codes in memory
};

struct HnswConfig {
  IndexKind index = IndexKind::kAuto;
  uint32_t m = 16;
  uint32_t ef_construct = 100;
  uint64_t full_scan_threshold_kb = 10'000;  // segments with fewer vector bytes than this have no graph
  // Bits a component of the codes that rows are judged by, where the format has them: 8, 4 or 2; 1: only those that
  // lists are scanned by; 0: none at all.
  uint32_t code_bits = 8;
};

struct VectorSchema {
  uint32_t dim = 0;
  Metric metric = Metric::kCosine;
  ElementType type = ElementType::kF32;
  std::optional<IndexKind> index;  // instead of the collection's, as what follows
  std::optional<uint32_t> m;
  std::optional<uint32_t> ef_construct;
  std::optional<uint32_t> code_bits;
  VectorMemory memory = VectorMemory::kWarm;
  std::string space;  // the id of the embedding space that its vectors lie in; empty: nobody has said
  friend bool operator==(const VectorSchema&, const VectorSchema&) = default;
};

enum class FieldType : uint8_t { kKeyword, kInteger, kFloat, kBool, kDatetime, kUuid, kText };
struct FieldSchema {
  FieldType type = FieldType::kKeyword;
  bool is_tenant = false;
  Value params;  // what the client gave, echoed in the collection's info; null if nothing but the type
  friend bool operator==(const FieldSchema&, const FieldSchema&) = default;
};

struct OptimizerConfig {
  double deleted_threshold = 0.2;           // a sealed segment above this share of dead rows is rebuilt
  uint64_t growing_rows_max = 65'536;       // the growing segment is sealed at this many rows
  uint64_t segment_rows_max = 4'000'000;    // merges stop at this size
  uint64_t indexing_threshold_kb = 10'000;  // below this many KB of vectors no graph is built
  int64_t history_window_s = 3'600;         // how long dead rows stay readable with as_of_seq
};

struct SearchConfig {
  std::optional<double> recall_target;  // of searches that name neither one nor a width: above 0, at most 1
};

// The vector named "" is the collection's unnamed one.
struct CollectionSchema {
  std::map<std::string, VectorSchema> vectors;
  std::map<std::string, FieldSchema> fields;  // payload indexes by key path
  uint32_t shard_count = 1;
  HnswConfig hnsw;
  OptimizerConfig optimizer;
  SearchConfig search;
  SpacePolicy spaces;  // of the vectors that have one
  Value metadata;      // the user's own, object or null
  Value raw_config;    // accepted settings that change nothing here, echoed back (object or null)
};

inline constexpr uint32_t kDimMax = 65'536;
inline constexpr size_t kNameMax = 255;
inline constexpr uint32_t kShardsMax = 256;
inline constexpr size_t kPayloadBytesMax = 1 << 20;
inline constexpr size_t kBatchPointsMax = 100'000;
inline constexpr uint64_t kLimitMax = 16'384;

// INVALID_ARGUMENT (kind out of range where it is a value's) with the value and the limit.
absl::Status ValidateSchema(const CollectionSchema& schema);
// `name` is what the message calls it.
absl::Status ValidateRecallTarget(std::string_view name, double target);
// Collection names: 1..255 bytes of UTF-8 without control characters and none of / \ < > : " | ? *.
absl::Status ValidateCollectionName(std::string_view name);

std::string_view NameOf(Metric metric);        // "Cosine", "Dot", "Euclid", "Manhattan"
std::string_view NameOf(FieldType type);       // "keyword", ...
std::string_view NameOf(IndexKind kind);       // "auto", "hnsw", "ivf", "flat"
std::string_view NameOf(VectorMemory memory);  // "hot", "warm", "cold"
std::optional<IndexKind> IndexKindFromName(std::string_view name);
std::optional<VectorMemory> VectorMemoryFromName(std::string_view name);
std::optional<Metric> MetricFromName(std::string_view name);
std::optional<FieldType> FieldTypeFromName(std::string_view name);

}  // namespace lineal::engine
