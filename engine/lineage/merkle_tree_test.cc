#include "engine/lineage/merkle_tree.h"

#include <map>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

// The definitions of RFC 6962 as they stand there, over all leaves each time.
Digest NaiveRoot(const std::vector<Digest>& leaves, size_t begin, size_t end) {
  if (begin == end) return Sha256("");
  if (end - begin == 1) return leaves[begin];
  size_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return NodeHash(NaiveRoot(leaves, begin, begin + split), NaiveRoot(leaves, begin + split, end));
}

class KeptNodes final : public MerkleNodes {
 public:
  absl::StatusOr<Digest> Node(uint32_t level, uint64_t index) const override {
    ++reads;
    const auto found = nodes.find({level, index});
    if (found == nodes.end()) return absl::NotFoundError("no such node");
    return found->second;
  }
  std::map<std::pair<uint32_t, uint64_t>, Digest> nodes;
  mutable size_t reads = 0;
};

struct Tree {
  explicit Tree(size_t size) {
    for (size_t i = 0; i < size; ++i) Append(LeafHash(StrCat("leaf ", i)));
  }
  void Append(const Digest& leaf) {
    std::vector<MerkleNode> made;
    frontier.Append(leaf, &made);
    for (const MerkleNode& node : made)
      EXPECT_TRUE(kept.nodes.emplace(std::pair(node.level, node.index), node.hash).second);
    leaves.push_back(leaf);
  }
  TreeHead Head(uint64_t size) const { return {size, NaiveRoot(leaves, 0, size)}; }

  std::vector<Digest> leaves;
  KeptNodes kept;
  MerkleFrontier frontier;
};

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// The leaves and roots that the reference of certificate transparency is tested with.
TEST(Acceptance28, TheTreeHasTheKnownRootsOfRfc6962) {
  const std::string_view leaves[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::string_view roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Tree tree(0);
  EXPECT_EQ(HexOf(BytesOf(tree.frontier.Root())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (size_t i = 0; i < 8; ++i) {
    tree.Append(LeafHash(FromHex(leaves[i])));
    EXPECT_EQ(HexOf(BytesOf(tree.frontier.Root())), roots[i]) << i;
    EXPECT_EQ(HexOf(BytesOf(*RootOf(tree.kept, i + 1))), roots[i]) << i;
  }
}

constexpr size_t kLeaves = 70;

TEST(MerkleTree, EverySizeHasTheRootOfTheDefinition) {
  const Tree tree(kLeaves);
  for (uint64_t size = 0; size <= kLeaves; ++size) {
    EXPECT_EQ(*RootOf(tree.kept, size), tree.Head(size).root) << size;
    const auto frontier = MerkleFrontier::Load(tree.kept, size);
    ASSERT_TRUE(frontier.ok());
    EXPECT_EQ(frontier->Root(), tree.Head(size).root) << size;
  }
}

TEST(MerkleTree, AFrontierThatWasLoadedGoesOnAsTheOneThatWasNot) {
  Tree tree(37);
  tree.frontier = *MerkleFrontier::Load(tree.kept, 37);
  for (size_t i = 37; i < kLeaves; ++i) {
    tree.Append(LeafHash(StrCat("leaf ", i)));
    EXPECT_EQ(tree.frontier.Root(), tree.Head(i + 1).root) << i;
  }
}

TEST(MerkleTree, EveryLeafIsProvedInEverySizeAndNowhereElse) {
  const Tree tree(kLeaves);
  for (uint64_t size = 1; size <= kLeaves; ++size) {
    const Digest root = tree.Head(size).root;
    for (uint64_t index = 0; index < size; ++index) {
      auto proof = *InclusionProof(tree.kept, index, size);
      const Digest& leaf = tree.leaves[index];
      ASSERT_TRUE(VerifyInclusion(leaf, index, size, proof, root)) << index << " of " << size;
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, tree.Head(size - 1).root));
      EXPECT_FALSE(VerifyInclusion(tree.leaves[(index + 1) % kLeaves], index, size, proof, root));
      for (uint64_t other = 0; other < size; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(VerifyInclusion(leaf, other, size, proof, root)) << other;
      }
      EXPECT_FALSE(VerifyInclusion(leaf, size, size, proof, root));
      proof.push_back(root);
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, root));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.back()[0] ^= 1;
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, root));
      proof.pop_back();
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, root));
    }
  }
}

TEST(MerkleTree, EverySizeIsProvedToBeTheBeginningOfEveryGreaterOne) {
  const Tree tree(kLeaves);
  Tree other(0);
  for (uint64_t i = 0; i < kLeaves; ++i) other.Append(LeafHash(StrCat("another ", i)));
  for (uint64_t to = 0; to <= kLeaves; ++to) {
    for (uint64_t from = 0; from <= to; ++from) {
      auto proof = *ConsistencyProof(tree.kept, from, to);
      const TreeHead older = tree.Head(from), newer = tree.Head(to);
      ASSERT_TRUE(VerifyConsistency(older, newer, proof)) << from << " to " << to;
      if (from > 0) {
        EXPECT_FALSE(VerifyConsistency({from, other.Head(from).root}, newer, proof)) << from << " to " << to;
        EXPECT_FALSE(VerifyConsistency(older, {to, other.Head(to).root}, proof)) << from << " to " << to;
        if (from < to) {
          EXPECT_FALSE(VerifyConsistency(newer, older, proof)) << from << " to " << to;
        }
      }
      proof.push_back(newer.root);
      EXPECT_FALSE(VerifyConsistency(older, newer, proof)) << from << " to " << to;
      proof.pop_back();
      for (size_t at = 0; at < proof.size(); ++at) {
        auto changed = proof;
        changed[at][31] ^= 1;
        EXPECT_FALSE(VerifyConsistency(older, newer, changed)) << from << " to " << to << " at " << at;
      }
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_FALSE(VerifyConsistency(older, newer, proof)) << from << " to " << to;
    }
  }
}

TEST(MerkleTree, ProofsReadFewNodesOfManyLeaves) {
  const Tree tree(100'000);
  for (const uint64_t index : {uint64_t{0}, uint64_t{65'535}, uint64_t{65'536}, uint64_t{99'999}}) {
    tree.kept.reads = 0;
    const auto proof = *InclusionProof(tree.kept, index, 100'000);
    EXPECT_LE(proof.size(), 17u);
    EXPECT_LE(tree.kept.reads, 34u);
  }
  tree.kept.reads = 0;
  ASSERT_TRUE(MerkleFrontier::Load(tree.kept, 100'000).ok());
  EXPECT_LE(tree.kept.reads, 17u);
}

}  // namespace
}  // namespace lineal::engine
