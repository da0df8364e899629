// What became of the answer that a receipt tells of: where its hits came from, and what an exact search of the same
// state finds today.
//
// Threads: any.
#pragma once

#include "engine/api/receipt.h"

namespace lineal::engine {

// As Receipts::Explain, and Receipts::Replay of what is known to be the receipt's question.
absl::StatusOr<std::vector<ExplainedHit>> ExplainReceipt(const Receipt& receipt, Collection* collection,
                                                         const Deadline& deadline);
absl::StatusOr<ReceiptReplay> ReplayReceipt(const Receipt& receipt, const SearchRequest& question,
                                            Collection* collection);

}  // namespace lineal::engine
