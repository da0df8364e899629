// An append-only Merkle tree with the hashes of RFC 6962: a leaf is SHA-256 of 0x00 and its bytes, a node SHA-256 of
// 0x01 and its two children. What is kept are the perfect subtrees; each is written once, and every root and proof of
// every size is made from O(log n) of them.
//
// Threads: a frontier belongs to one thread; the functions may be called from any.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"

namespace lineal::engine {

Digest EmptyTreeRoot();
Digest LeafHash(std::string_view leaf);
Digest NodeHash(const Digest& left, const Digest& right);

// The perfect subtree over the 2^level leaves from index × 2^level on.
struct MerkleNode {
  uint32_t level = 0;
  uint64_t index = 0;
  Digest hash{};
};

class MerkleNodes {
 public:
  virtual ~MerkleNodes() = default;
  virtual absl::StatusOr<Digest> Node(uint32_t level, uint64_t index) const = 0;
};

// The right edge of a tree: all that appending needs.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  static absl::StatusOr<MerkleFrontier> Load(const MerkleNodes& nodes, uint64_t size);

  uint64_t size() const { return size_; }
  Digest Root() const;
  // Adds to `made` the perfect subtrees that the leaf completes, itself first.
  void Append(const Digest& leaf, std::vector<MerkleNode>* made);

 private:
  uint64_t size_ = 0;
  std::vector<Digest> peaks_;  // one for each bit of the size, the greatest first
};

// Of a tree of at least `size` leaves; `index` < `size`, `from` <= `to` <= its size.
absl::StatusOr<Digest> RootOf(const MerkleNodes& nodes, uint64_t size);
absl::StatusOr<std::vector<Digest>> InclusionProof(const MerkleNodes& nodes, uint64_t index, uint64_t size);
absl::StatusOr<std::vector<Digest>> ConsistencyProof(const MerkleNodes& nodes, uint64_t from, uint64_t to);

// Whether the proof says that the leaf of that hash is at `index` of the tree of that size and root.
bool VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size, const std::vector<Digest>& proof,
                     const Digest& root);

struct TreeHead {
  uint64_t size = 0;
  Digest root{};
};
// Whether the proof says that the older tree's leaves are the first ones of the newer.
bool VerifyConsistency(const TreeHead& older, const TreeHead& newer, const std::vector<Digest>& proof);

}  // namespace lineal::engine
