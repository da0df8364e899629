// Where the audit log lies in the catalogue, and how its records are read.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lineage/merkle_tree.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

std::string AuditPrefix();
std::string LeafPrefix();
std::string LeafKey(uint64_t index);
std::string OpeningPrefix();
std::string OpeningKey(uint64_t index);
std::string NodePrefix();
std::string NodeKey(uint32_t level, uint64_t index);

struct AuditHead {
  uint64_t size = 0;
  int64_t wall_ms = 0;  // of the last entry: times never go back
  std::string origin;   // the log's name, made with the first entry
  std::string key;      // the public key that was last said to sign; empty before the first
};
// An empty one where there is none.
absl::StatusOr<AuditHead> ReadHead(storage::MetaStore* meta);
storage::MetaStore::Change HeadChange(const AuditHead& head);

// DATA_LOSS naming what is not there.
absl::StatusOr<std::string> ReadLeaf(storage::MetaStore* meta, uint64_t index);

class StoredNodes final : public MerkleNodes {
 public:
  explicit StoredNodes(storage::MetaStore* meta) : meta_(meta) {}
  absl::StatusOr<Digest> Node(uint32_t level, uint64_t index) const override;

 private:
  storage::MetaStore* const meta_;
};

}  // namespace lineal::engine
