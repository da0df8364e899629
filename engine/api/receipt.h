// What a search answered, said in a statement that can be held against us later. docs/format/receipt.md has every byte.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "base/ids.h"
#include "engine/api/origin.h"
#include "engine/api/read.h"

namespace lineal::engine {

class Collection;

struct ReceiptHit {
  PointId id;
  uint64_t version = 0;  // of the point: the seq that last changed it
  float score = 0;
  friend bool operator==(const ReceiptHit&, const ReceiptHit&) = default;
};

struct Receipt {
  std::string name_space;
  SearchState state;
  std::string as_of;  // as it was asked for; empty for the newest
  std::string space;  // of the query, as the caller named it
  // How it was searched; what was searched for is in the digests.
  bool exact = false;
  bool use_codes = true;
  bool rescore = true;
  uint64_t limit = 0;
  uint64_t offset = 0;
  uint32_t ef_search = 0;    // 0: none was given
  double recall_target = 0;  // the same
  Digest query{};            // keyed: who has not the key cannot guess
  std::optional<Digest> filter;
  std::vector<ReceiptHit> hits;
  int64_t wall_ms = 0;
  std::string request_id;
  std::string build;
};

// Of a request, what is neither in the search nor in its answer.
struct ReceiptOccasion {
  std::string space;
  std::string request_id;
  std::string build;
};

struct ExplainedHit {
  ReceiptHit hit;
  std::optional<PointOrigin> origin;   // of the point at that version; nothing: no longer readable
  std::optional<PointOrigin> vectors;  // of its vectors, where that version changed the payload alone
};

struct ReceiptReplay {
  bool readable = false;         // whether the state is kept
  std::string reason;            // why not
  bool same = false;             // the same points in the same order, with the same scores
  std::vector<ReceiptHit> hits;  // the exact answer
  std::vector<PointId> only_then, only_now;
  double score_difference_max = 0;  // of points in both
  std::vector<PointId> gone;        // of the receipt, and no longer readable
};

class Receipts {
 public:
  virtual ~Receipts() = default;

  // Signed bytes.
  virtual absl::StatusOr<std::string> Issue(const SearchRequest& request, const SearchState& state,
                                            const std::vector<ScoredPoint>& answer,
                                            const ReceiptOccasion& occasion) = 0;
  // INVALID_ARGUMENT for what is no receipt; DATA_LOSS for one that this database did not sign, or not so.
  virtual absl::StatusOr<Receipt> Verify(std::string_view bytes) = 0;

  // Where the hits of a verified receipt came from. `collection` is null when there is none of that name.
  virtual absl::StatusOr<std::vector<ExplainedHit>> Explain(const Receipt& receipt, Collection* collection,
                                                            const Deadline& deadline) = 0;
  // The exact answer to the same question in the same state. INVALID_ARGUMENT when it is another question.
  virtual absl::StatusOr<ReceiptReplay> Replay(const Receipt& receipt, const SearchRequest& question,
                                               Collection* collection) = 0;
};

}  // namespace lineal::engine
