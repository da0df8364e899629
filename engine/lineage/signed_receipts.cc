#include "engine/lineage/signed_receipts.h"

#include "base/status.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/receipt_codec.h"
#include "engine/lineage/receipt_replay.h"

namespace lineal::engine {

absl::StatusOr<std::string> SignedReceipts::Issue(const SearchRequest& request, const SearchState& state,
                                                  const std::vector<ScoredPoint>& answer,
                                                  const ReceiptOccasion& occasion) {
  LINEAL_ASSIGN_OR_RETURN(const SigningKey key, log_->Signer());
  Receipt receipt;
  receipt.name_space = std::string(kDefaultNamespace);
  receipt.state = state;
  receipt.as_of = request.read.as_of;
  receipt.space = occasion.space;
  receipt.exact = request.exact;
  receipt.use_codes = request.use_codes;
  receipt.rescore = request.rescore;
  receipt.limit = request.limit;
  receipt.offset = request.offset;
  receipt.ef_search = request.ef_search.value_or(0);
  receipt.recall_target = request.recall_target.value_or(0);
  receipt.query = QueryDigest(request, key);
  receipt.filter = FilterDigest(request.filter, key);
  for (const ScoredPoint& point : answer) receipt.hits.push_back({point.point.id, point.point.version, point.score});
  receipt.wall_ms = clock_->WallMs();
  receipt.request_id = occasion.request_id;
  receipt.build = occasion.build;
  return SignReceipt(receipt, key);
}

absl::StatusOr<Receipt> SignedReceipts::Verify(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const SigningKey key, log_->Signer());
  return OpenReceipt(bytes, key.public_key());
}

absl::StatusOr<std::vector<ExplainedHit>> SignedReceipts::Explain(const Receipt& receipt, Collection* collection,
                                                                  const Deadline& deadline) {
  return ExplainReceipt(receipt, collection, deadline);
}

absl::StatusOr<ReceiptReplay> SignedReceipts::Replay(const Receipt& receipt, const SearchRequest& question,
                                                     Collection* collection) {
  LINEAL_ASSIGN_OR_RETURN(const SigningKey key, log_->Signer());
  if (QueryDigest(question, key) != receipt.query) {
    return InvalidArgument("this is not the query of the receipt: its vector, limit, offset, threshold or mmr differ");
  }
  if (FilterDigest(question.filter, key) != receipt.filter) {
    return InvalidArgument("this is not the filter of the receipt");
  }
  return ReplayReceipt(receipt, question, collection);
}

}  // namespace lineal::engine
