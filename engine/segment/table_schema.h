// A shard's schema as the segments use it: vectors and fields with the numbers that files and rows name them by, so
// that a name that is dropped and made anew is another thing. Immutable once published.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/schema.h"
#include "index/hnsw/hnsw_index.h"
#include "index/vectors/row_format.h"

namespace lineal::engine {

struct VectorDef {
  uint32_t number = 0;  // never reused within a collection
  std::string name;
  VectorSchema schema;
  index::RowFormat format;
};
struct FieldDef {
  uint32_t number = 0;
  std::string key;
  FieldSchema schema;
};

struct TableSchema {
  std::vector<VectorDef> vectors;
  std::vector<FieldDef> fields;
  std::map<std::string, FieldSchema> field_schemas;  // the same, as filters are compiled with
  HnswConfig hnsw;
  OptimizerConfig optimizer;
  SearchConfig search;

  const VectorDef* FindVector(std::string_view name) const;
  const VectorDef* FindVector(uint32_t number) const;
  const FieldDef* FindField(std::string_view key) const;
  // What a sealed segment's rows of that vector are searched by: never kAuto.
  IndexKind KindOf(const VectorDef& vector) const;
  // How a graph over that vector is to be built.
  index::HnswParams GraphParams(const VectorDef& vector) const;
  // Whether a graph over that vector was built otherwise.
  bool GraphDiffers(const VectorDef& vector, const index::HnswIndex& graph) const;
  // Whether that many rows are worth an index.
  bool WantsIndex(const VectorDef& vector, uint64_t rows) const;
  // Bits a component of the codes that rows of that vector are to be judged by: 8, 4 or 2; 0 for none.
  uint32_t CodeBits(const VectorDef& vector) const;
  bool WantsCodes(const VectorDef& vector) const { return CodeBits(vector) != 0; }
  // Whether its lists are to read rows from a file in their own order.
  bool WantsListedRows(const VectorDef& vector) const;
  // The fields whose values are to have lists of their own over that vector (engine/segment/tenant_lists.h).
  std::vector<const FieldDef*> TenantFields(const VectorDef& vector) const;

 private:
  // The same with 1 where one-bit codes are all that is wanted.
  uint32_t BitsWanted(const VectorDef& vector) const;
};

index::RowFormat FormatOf(const VectorSchema& schema);

}  // namespace lineal::engine
