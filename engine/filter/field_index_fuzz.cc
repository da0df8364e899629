// Feeds arbitrary bytes to the payload index loader. The first byte picks the field type; the last eight are replaced
// by a right trailer, so that the search gets behind the checksum. Whatever loads must answer every kind of question
// within its rows, without a crash.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/coding.h"
#include "base/hash.h"
#include "engine/filter/field_index.h"

namespace {

using namespace lineal;
using namespace lineal::engine;

struct Region : MappedRegion {
  std::string held;
  std::string_view bytes() const override { return held; }
};

// Questions cost by the rows that an image claims; a search needs no large claims.
constexpr size_t kRowsOffset = 16;
constexpr uint32_t kRowsMax = 1 << 16;

void Ask(const FieldIndex& index, const FieldCondition& condition) {
  auto match = index.Match(condition, kRowsMax);
  if (match) LINEAL_CHECK(match->isEmpty() || match->maximum() < kRowsMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 + kRowsOffset + 4) return 0;
  FieldSchema schema;
  schema.type = static_cast<FieldType>(data[0] % 7);
  auto region = std::make_shared<Region>();
  region->held.assign(reinterpret_cast<const char*>(data + 1), size - 1);
  if (LoadFixed<uint32_t>(region->held.data() + kRowsOffset) > kRowsMax) return 0;
  PutFixed(&region->held, Crc32c(region->held));
  region->held.append("FEND");
  auto index = LoadFieldIndex(region, "a", schema);
  if (!index.ok()) return 0;
  (*index)->Empty(kRowsMax);
  (*index)->Null(10);
  for (bool except : {false, true}) {
    for (const MatchScalar& scalar : {MatchScalar("red"), MatchScalar(int64_t{5}), MatchScalar(true)}) {
      if (except) {
        Ask(**index, {"a", MatchExcept{{scalar}}});
      } else {
        Ask(**index, {"a", MatchValue{scalar}});
      }
    }
  }
  Ask(**index, {"a", Range{.gt = 1}});
  Ask(**index, {"a", DatetimeRange{.lt = 1}});
  Ask(**index, {"a", MatchText{"red fox"}});
  return 0;
}
