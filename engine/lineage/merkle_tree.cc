#include "engine/lineage/merkle_tree.h"

#include <bit>

#include "base/status.h"

namespace lineal::engine {
namespace {

// The greatest power of two below `n`, which is 2 or more: where a tree of n leaves divides.
uint64_t SplitOf(uint64_t n) { return std::bit_floor(n - 1); }

// The root over the leaves [begin, end), where `begin` is a multiple of the power of two that is not below their
// number.
absl::StatusOr<Digest> RangeRoot(const MerkleNodes& nodes, uint64_t begin, uint64_t end) {
  const uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<uint32_t>(std::countr_zero(size));
    return nodes.Node(level, begin >> level);
  }
  const uint64_t middle = begin + SplitOf(size);
  LINEAL_ASSIGN_OR_RETURN(const Digest left, RangeRoot(nodes, begin, middle));
  LINEAL_ASSIGN_OR_RETURN(const Digest right, RangeRoot(nodes, middle, end));
  return NodeHash(left, right);
}

struct Range {
  uint64_t begin, end;
};

// Adds the roots, last first in `ranges`, as a proof lists them: from the leaves up.
absl::StatusOr<std::vector<Digest>> RootsUpwards(const MerkleNodes& nodes, const std::vector<Range>& ranges) {
  std::vector<Digest> proof;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    LINEAL_ASSIGN_OR_RETURN(const Digest root, RangeRoot(nodes, range->begin, range->end));
    proof.push_back(root);
  }
  return proof;
}

}  // namespace

Digest EmptyTreeRoot() { return Sha256(""); }

Digest LeafHash(std::string_view leaf) { return Sha256(std::string_view("\x00", 1), leaf); }

Digest NodeHash(const Digest& left, const Digest& right) {
  Sha256Stream stream;
  stream.Add("\x01");
  stream.Add(BytesOf(left));
  stream.Add(BytesOf(right));
  return stream.Take();
}

absl::StatusOr<MerkleFrontier> MerkleFrontier::Load(const MerkleNodes& nodes, uint64_t size) {
  MerkleFrontier frontier;
  frontier.size_ = size;
  for (uint64_t begin = 0; begin < size;) {
    const uint64_t peak = std::bit_floor(size - begin);
    LINEAL_ASSIGN_OR_RETURN(const Digest hash, RangeRoot(nodes, begin, begin + peak));
    frontier.peaks_.push_back(hash);
    begin += peak;
  }
  return frontier;
}

Digest MerkleFrontier::Root() const {
  if (peaks_.empty()) return EmptyTreeRoot();
  Digest root = peaks_.back();
  for (size_t i = peaks_.size() - 1; i-- > 0;) root = NodeHash(peaks_[i], root);
  return root;
}

void MerkleFrontier::Append(const Digest& leaf, std::vector<MerkleNode>* made) {
  MerkleNode node{0, size_, leaf};
  made->push_back(node);
  // As in an addition by one: each set bit at the end of the size is a peak that the new one joins.
  for (uint64_t carry = size_; carry & 1; carry >>= 1) {
    node = {node.level + 1, node.index >> 1, NodeHash(peaks_.back(), node.hash)};
    peaks_.pop_back();
    made->push_back(node);
  }
  peaks_.push_back(node.hash);
  ++size_;
}

absl::StatusOr<Digest> RootOf(const MerkleNodes& nodes, uint64_t size) {
  if (size == 0) return EmptyTreeRoot();
  return RangeRoot(nodes, 0, size);
}

absl::StatusOr<std::vector<Digest>> InclusionProof(const MerkleNodes& nodes, uint64_t index, uint64_t size) {
  std::vector<Range> beside;
  for (Range at{0, size}; at.end - at.begin > 1;) {
    const uint64_t middle = at.begin + SplitOf(at.end - at.begin);
    if (index < middle) {
      beside.push_back({middle, at.end});
      at.end = middle;
    } else {
      beside.push_back({at.begin, middle});
      at.begin = middle;
    }
  }
  return RootsUpwards(nodes, beside);
}

absl::StatusOr<std::vector<Digest>> ConsistencyProof(const MerkleNodes& nodes, uint64_t from, uint64_t to) {
  std::vector<Range> ranges;
  if (from == 0 || from == to) return std::vector<Digest>();
  Range at{0, to};
  while (at.end != from) {
    const uint64_t middle = at.begin + SplitOf(at.end - at.begin);
    if (from <= middle) {
      ranges.push_back({middle, at.end});
      at.end = middle;
    } else {
      ranges.push_back({at.begin, middle});
      at.begin = middle;
    }
  }
  // The older root itself is known to who verifies; another subtree at its edge is not.
  if (at.begin != 0) ranges.push_back(at);
  return RootsUpwards(nodes, ranges);
}

bool VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size, const std::vector<Digest>& proof,
                     const Digest& root) {
  if (index >= size) return false;
  uint64_t at = index, last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      hash = NodeHash(sibling, hash);
      // Levels at which the node stands alone on the right edge have no sibling.
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      hash = NodeHash(hash, sibling);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && hash == root;
}

bool VerifyConsistency(const TreeHead& older, const TreeHead& newer, const std::vector<Digest>& proof) {
  if (older.size > newer.size) return false;
  if (older.size == 0) return proof.empty() && older.root == EmptyTreeRoot();
  if (older.size == newer.size) return proof.empty() && older.root == newer.root;
  uint64_t at = older.size - 1, last = newer.size - 1;
  while (at & 1) at >>= 1, last >>= 1;
  // An older tree that is one perfect subtree begins with its own root, which the proof leaves out.
  size_t next = 0;
  Digest old_hash = older.root;
  if (at != 0) {
    if (proof.empty()) return false;
    old_hash = proof[next++];
  }
  Digest new_hash = old_hash;
  for (; next < proof.size(); ++next) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_hash = NodeHash(proof[next], old_hash);
      new_hash = NodeHash(proof[next], new_hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      new_hash = NodeHash(new_hash, proof[next]);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && old_hash == older.root && new_hash == newer.root;
}

}  // namespace lineal::engine
