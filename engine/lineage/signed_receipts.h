// Receipts, signed by the key of the audit log.
//
// Threads: any.
#pragma once

#include "engine/api/receipt.h"
#include "engine/lineage/signed_log.h"

namespace lineal::engine {

class SignedReceipts final : public Receipts {
 public:
  // Both outlive this.
  SignedReceipts(SignedLog* log, const Clock* clock) : log_(log), clock_(clock) {}

  absl::StatusOr<std::string> Issue(const SearchRequest& request, const SearchState& state,
                                    const std::vector<ScoredPoint>& answer, const ReceiptOccasion& occasion) override;
  absl::StatusOr<Receipt> Verify(std::string_view bytes) override;
  absl::StatusOr<std::vector<ExplainedHit>> Explain(const Receipt& receipt, Collection* collection,
                                                    const Deadline& deadline) override;
  absl::StatusOr<ReceiptReplay> Replay(const Receipt& receipt, const SearchRequest& question,
                                       Collection* collection) override;

 private:
  SignedLog* const log_;
  const Clock* const clock_;
};

}  // namespace lineal::engine
