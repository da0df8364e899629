#include "engine/lineage/receipt_replay.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/status.h"
#include "engine/api/database.h"

namespace lineal::engine {
namespace {

// Kernels add up the same products in another order when a row has moved to another segment.
constexpr double kScoreTolerance = 1e-4;

bool IsGone(const absl::Status& status) { return absl::IsNotFound(status); }
bool IsTooOld(const absl::Status& status) { return KindOf(status) == ErrorKind::kOutOfRange; }

// Whether it is the collection of the receipt and not a later one of its name.
absl::StatusOr<bool> IsIt(const Receipt& receipt, Collection* collection) {
  if (collection == nullptr) return false;
  auto info = collection->Info();
  if (!info.ok() && IsGone(info.status())) return false;
  LINEAL_RETURN_IF_ERROR(info.status());
  return info->number == receipt.state.number;
}

absl::StatusOr<ExplainedHit> ExplainHit(const Receipt& receipt, const ReceiptHit& hit, Collection* collection,
                                        const Deadline& deadline) {
  ProvenanceRequest request{.id = hit.id, .history = true};
  request.read.as_of_seq = receipt.state.seqs;
  request.read.deadline = deadline;
  auto states = collection->Provenance(request);
  if (!states.ok() && IsTooOld(states.status())) {
    // The state is no longer kept as a whole; this point may be.
    request.read.as_of_seq.clear();
    states = collection->Provenance(request);
  }
  ExplainedHit out{.hit = hit};
  if (!states.ok()) {
    if (IsGone(states.status())) return out;
    return states.status();
  }
  const auto at = std::find_if(states->begin(), states->end(),
                               [&](const PointOrigin& state) { return state.version == hit.version; });
  if (at == states->end()) return out;
  out.origin = *at;
  if (!at->payload_only) return out;
  const auto born = std::find_if(at, states->end(), [](const PointOrigin& state) { return !state.payload_only; });
  if (born != states->end()) out.vectors = *born;
  return out;
}

void Compare(const Receipt& receipt, ReceiptReplay* replay) {
  std::unordered_map<std::string, float> then;
  for (const ReceiptHit& hit : receipt.hits) then.emplace(hit.id.ToString(), hit.score);
  std::unordered_map<std::string, float> now;
  bool close = true;
  for (const ReceiptHit& hit : replay->hits) {
    now.emplace(hit.id.ToString(), hit.score);
    const auto known = then.find(hit.id.ToString());
    if (known == then.end()) {
      replay->only_now.push_back(hit.id);
      continue;
    }
    const double difference = std::abs(static_cast<double>(hit.score) - known->second);
    replay->score_difference_max = std::max(replay->score_difference_max, difference);
    close &= difference <= kScoreTolerance * std::max(1.0, std::abs(static_cast<double>(hit.score)));
  }
  for (const ReceiptHit& hit : receipt.hits) {
    if (!now.contains(hit.id.ToString())) replay->only_then.push_back(hit.id);
  }
  replay->same = close && std::equal(receipt.hits.begin(), receipt.hits.end(), replay->hits.begin(), replay->hits.end(),
                                     [](const ReceiptHit& a, const ReceiptHit& b) {
                                       return a.id == b.id && a.version == b.version;
                                     });
}

}  // namespace

absl::StatusOr<std::vector<ExplainedHit>> ExplainReceipt(const Receipt& receipt, Collection* collection,
                                                         const Deadline& deadline) {
  LINEAL_ASSIGN_OR_RETURN(const bool there, IsIt(receipt, collection));
  std::vector<ExplainedHit> explained;
  for (const ReceiptHit& hit : receipt.hits) {
    if (!there) {
      explained.push_back({.hit = hit});
      continue;
    }
    LINEAL_RETURN_IF_ERROR(deadline.Check());
    LINEAL_ASSIGN_OR_RETURN(ExplainedHit one, ExplainHit(receipt, hit, collection, deadline));
    explained.push_back(std::move(one));
  }
  return explained;
}

absl::StatusOr<ReceiptReplay> ReplayReceipt(const Receipt& receipt, const SearchRequest& question,
                                            Collection* collection) {
  ReceiptReplay replay;
  LINEAL_ASSIGN_OR_RETURN(const auto explained, ExplainReceipt(receipt, collection, question.read.deadline));
  for (const ExplainedHit& one : explained) {
    if (!one.origin) replay.gone.push_back(one.hit.id);
  }
  LINEAL_ASSIGN_OR_RETURN(const bool there, IsIt(receipt, collection));
  if (!there) {
    replay.reason = StrCat("collection `", receipt.state.collection, "` of the receipt is no longer there");
    return replay;
  }
  SearchRequest exact = question;
  exact.exact = true;
  exact.use_codes = false;
  exact.rescore = true;
  exact.oversampling = 0;
  exact.ef_search.reset();
  exact.recall_target.reset();
  exact.explain = nullptr;
  exact.state = nullptr;
  exact.with_payload = {};
  exact.with_vector = {};
  exact.read.as_of.clear();
  exact.read.as_of_seq = receipt.state.seqs;
  auto answer = collection->Search(exact);
  if (!answer.ok() && (IsTooOld(answer.status()) || IsGone(answer.status()))) {
    replay.reason = std::string(MessageOf(answer.status()));
    return replay;
  }
  LINEAL_RETURN_IF_ERROR(answer.status());
  replay.readable = true;
  for (const ScoredPoint& point : *answer) replay.hits.push_back({point.point.id, point.point.version, point.score});
  Compare(receipt, &replay);
  return replay;
}

}  // namespace lineal::engine
