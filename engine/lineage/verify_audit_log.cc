#include "engine/lineage/verify_audit_log.h"

#include <algorithm>
#include <map>

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/audit_leaf.h"
#include "engine/lineage/audit_records.h"
#include "engine/lineage/lineage_keys.h"

namespace lineal::engine {
namespace {

using Problem = std::function<void(const std::string&)>;

// Records of these kinds do not change without an entry.
constexpr std::string_view kAlwaysLogged[] = {"alias/", "collection/", "version/"};

// Keys have numbers in them.
std::string Printable(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c >= ' ' && c <= '~') {
      out.push_back(c);
    } else {
      StrAppend(&out, "\\x", HexOf(std::string_view(&c, 1)));
    }
  }
  return out;
}

struct KnownRecord {
  std::optional<Digest> value;
  std::string said_by;  // the leaf, in words
};

class Verifier {
 public:
  Verifier(storage::MetaStore* meta, const std::vector<AuditCheckpoint>& kept, const Problem& problem)
      : meta_(meta), nodes_(meta), kept_(kept), problem_(problem) {
    std::sort(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
  }

  absl::StatusOr<AuditVerification> Run() {
    auto head = ReadHead(meta_);
    if (!head.ok() && head.status().code() != absl::StatusCode::kDataLoss) return head.status();
    if (!head.ok()) problem_(std::string(MessageOf(head.status())));
    if (head.ok()) head_ = *std::move(head);
    LINEAL_RETURN_IF_ERROR(CheckLeaves());
    CheckEnd();
    LINEAL_RETURN_IF_ERROR(CheckNodes());
    CheckTheRestOfKept();
    LINEAL_RETURN_IF_ERROR(CheckRecords());
    out_.entries = tree_.size();
    out_.records = records_.size();
    out_.origin = head_.origin;
    out_.root = tree_.Root();
    out_.key = head_.key;
    return out_;
  }

 private:
  absl::Status CheckLeaves() {
    absl::Status failure;
    const size_t prefix = LeafPrefix().size();
    LINEAL_RETURN_IF_ERROR(meta_->List(LeafPrefix(), [&](std::string_view key, std::string_view bytes) {
      if (!failure.ok()) return;
      const uint64_t index = key.size() == prefix + 8 ? GetBig64(key.data() + prefix) : UINT64_MAX;
      if (missing_from_) return;
      if (index != tree_.size()) {
        missing_from_ = tree_.size();
        problem_(StrCat("audit log: leaf ", tree_.size(), " is missing"));
        return;
      }
      failure = CheckLeaf(index, bytes);
    }));
    return failure;
  }

  absl::Status CheckLeaf(uint64_t index, std::string_view bytes) {
    absl::StatusOr<AuditLeaf> leaf = DecodeLeaf(bytes);
    const std::string name =
        leaf.ok() ? StrCat("leaf ", index, " (", leaf->kind, leaf->subject.empty() ? "" : " ", leaf->subject, ")")
                  : StrCat("leaf ", index);
    const Digest hash = LeafHash(bytes);
    const auto stored = nodes_.Node(0, index);
    if (!stored.ok()) {
      problem_(StrCat("audit log: the hash of ", name, " is missing"));
    } else if (*stored != hash) {
      if (first_bad_.empty()) first_bad_ = name;
      problem_(StrCat("audit log: ", HashIsConfirmed(index) ? "" : "the stored hash of ", name, " was changed"));
    } else if (!leaf.ok()) {
      problem_(StrCat("audit log: ", name, " cannot be read: ", MessageOf(leaf.status())));
    }
    tree_.Append(hash, &made_);
    made_.clear();
    CompareWithKept();
    if (!leaf.ok()) return absl::OkStatus();
    if (leaf->wall_ms < last_ms_) problem_(StrCat("audit log: ", name, " is older than the leaf before it"));
    last_ms_ = std::max(last_ms_, leaf->wall_ms);
    if (index == 0 && leaf->subject != head_.origin) {
      problem_(StrCat("audit log: its head names it ", head_.origin, ", and ", name, " does not"));
    }
    return CheckOpening(index, *leaf, name);
  }

  // Whether the node above was made from the hash that is stored for the leaf, so that the leaf is what changed.
  bool HashIsConfirmed(uint64_t index) const {
    const auto left = nodes_.Node(0, index & ~uint64_t{1}), right = nodes_.Node(0, index | 1);
    const auto above = nodes_.Node(1, index >> 1);
    // The last leaf of an odd number has none above it.
    if (!right.ok() || !above.ok()) return true;
    return left.ok() && NodeHash(*left, *right) == *above;
  }

  absl::Status CheckOpening(uint64_t index, const AuditLeaf& leaf, const std::string& name) {
    LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(OpeningKey(index)));
    if (!bytes) {
      ++out_.erased;
      return absl::OkStatus();
    }
    if (Sha256(*bytes) != leaf.opening) {
      problem_(StrCat("audit log: the body of ", name, " was changed"));
      return absl::OkStatus();
    }
    LINEAL_ASSIGN_OR_RETURN(AuditOpening opening, DecodeOpening(*bytes));
    for (RecordDigest& record : opening.records) {
      records_[std::move(record.key)] = {record.value, name};
    }
    return absl::OkStatus();
  }

  void CheckEnd() {
    if (missing_from_) return;
    if (head_.size > tree_.size()) {
      problem_(StrCat("audit log: leaves ", tree_.size(), " to ", head_.size - 1, " are missing"));
    } else if (head_.size < tree_.size()) {
      problem_(StrCat("audit log: leaf ", head_.size, " lies behind the end"));
    }
  }

  // Each node against its children as they are stored: a changed leaf does not make all above it look changed.
  absl::Status CheckNodes() {
    for (uint32_t level = 1; level < 64 && tree_.size() >> level > 0; ++level) {
      for (uint64_t index = 0; index < tree_.size() >> level; ++index) {
        const auto node = nodes_.Node(level, index);
        const auto left = nodes_.Node(level - 1, index * 2), right = nodes_.Node(level - 1, index * 2 + 1);
        if (!node.ok()) {
          problem_(StrCat("audit log: node ", index, " of level ", level, " is missing"));
        } else if (left.ok() && right.ok() && NodeHash(*left, *right) != *node) {
          problem_(StrCat("audit log: node ", index, " of level ", level, " is not the hash of its children"));
        }
      }
    }
    return absl::OkStatus();
  }

  // Of the checkpoints that were kept, those of the tree's size as it grows.
  void CompareWithKept() {
    for (; next_kept_ < kept_.size() && kept_[next_kept_].size <= tree_.size(); ++next_kept_) {
      const AuditCheckpoint& kept = kept_[next_kept_];
      if (!IsOfThisLog(kept) || kept.size == 0) continue;
      if (kept.root == tree_.Root()) {
        held_ = kept.size;
        continue;
      }
      const std::string first = first_bad_.empty() ? "" : StrCat("; the first that does is ", first_bad_);
      problem_(StrCat("audit log: one of the leaves ", held_, " to ", kept.size - 1,
                      " differs from those that the checkpoint of time ", kept.wall_ms, " was made of", first));
    }
  }
  void CheckTheRestOfKept() {
    for (; next_kept_ < kept_.size(); ++next_kept_) {
      const AuditCheckpoint& kept = kept_[next_kept_];
      if (!IsOfThisLog(kept)) continue;
      problem_(StrCat("audit log: the checkpoint of time ", kept.wall_ms, " has ", kept.size, " leaves, and there are ",
                      tree_.size(), ": the last ", kept.size - tree_.size(), " were dropped"));
    }
  }
  bool IsOfThisLog(const AuditCheckpoint& kept) {
    if (kept.origin == head_.origin) return true;
    problem_(StrCat("audit log: the checkpoint is of the log ", kept.origin, ", and this is ",
                    head_.origin.empty() ? "an empty one" : head_.origin));
    return false;
  }

  absl::Status CheckRecords() {
    for (const auto& [key, known] : records_) {
      LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> value, meta_->Get(key));
      const std::string name = StrCat("catalogue: the record ", Printable(key));
      if (known.value && !value) {
        problem_(StrCat(name, " is missing, which ", known.said_by, " of the audit log has"));
      } else if (!known.value && value) {
        problem_(StrCat(name, " is there, which ", known.said_by, " of the audit log removed"));
      } else if (value && Sha256(*value) != *known.value) {
        problem_(StrCat(name, " is not what ", known.said_by, " of the audit log says"));
      }
    }
    // A log that was never begun knows of nothing, and one with an erased body may have forgotten some.
    if (tree_.size() == 0 || out_.erased > 0) return absl::OkStatus();
    for (const std::string_view prefix : kAlwaysLogged) {
      LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view) {
        if (records_.contains(std::string(key))) return;
        problem_(StrCat("catalogue: the record ", Printable(key), " is in no entry of the audit log"));
      }));
    }
    return absl::OkStatus();
  }

  storage::MetaStore* const meta_;
  const StoredNodes nodes_;
  std::vector<AuditCheckpoint> kept_;
  const Problem& problem_;
  size_t next_kept_ = 0;
  uint64_t held_ = 0;  // leaves that a checkpoint vouches for
  AuditHead head_;
  MerkleFrontier tree_;
  std::vector<MerkleNode> made_;
  int64_t last_ms_ = 0;
  std::string first_bad_;
  std::optional<uint64_t> missing_from_;
  std::map<std::string, KnownRecord> records_;
  AuditVerification out_;
};

}  // namespace

absl::StatusOr<AuditVerification> VerifyAuditLog(storage::MetaStore* meta, const std::vector<AuditCheckpoint>& kept,
                                                 const std::function<void(const std::string&)>& problem) {
  return Verifier(meta, kept, problem).Run();
}

}  // namespace lineal::engine
