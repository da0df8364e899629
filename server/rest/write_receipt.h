// Receipts as JSON, and as what stands beside a result.
#pragma once

#include <string>
#include <vector>

#include "engine/api/receipt.h"
#include "server/http/http_message.h"
#include "server/rest/json_writer.h"
#include "server/rest/rest_call.h"

namespace lineal::server {

void WriteReceipt(JsonWriter* out, const engine::Receipt& receipt);
void WriteExplainedHits(JsonWriter* out, const std::vector<engine::ExplainedHit>& hits);
void WriteReplay(JsonWriter* out, const engine::ReceiptReplay& replay);

// ,"receipt": the text of one, or of a batch a list with null where there is none. Empty if none was asked for.
std::string ReceiptMember(const RestCall& call);
// The header Lineal-Receipt, of a single search whose receipt is not too long for one.
void AddReceiptHeader(const RestCall& call, HttpResponse* response);

}  // namespace lineal::server
