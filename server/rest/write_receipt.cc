#include "server/rest/write_receipt.h"

#include <algorithm>

#include "base/base64.h"
#include "server/rest/write_lineage.h"
#include "server/rest/write_points.h"

namespace lineal::server {
namespace {

// Proxies and clients take headers of 8 KiB together.
constexpr size_t kHeaderBytesMax = 4'096;

void WriteHit(JsonWriter* out, const engine::ReceiptHit& hit) {
  out->Key("id");
  WritePointId(out, hit.id);
  out->Field("version", hit.version);
  out->Key("score");
  out->Float(hit.score);
}

void WriteHits(JsonWriter* out, std::string_view name, const std::vector<engine::ReceiptHit>& hits) {
  out->Key(name);
  out->BeginArray();
  for (const engine::ReceiptHit& hit : hits) {
    out->BeginObject();
    WriteHit(out, hit);
    out->EndObject();
  }
  out->EndArray();
}

void WriteIds(JsonWriter* out, std::string_view name, const std::vector<PointId>& ids) {
  out->Key(name);
  out->BeginArray();
  for (const PointId& id : ids) WritePointId(out, id);
  out->EndArray();
}

}  // namespace

void WriteReceipt(JsonWriter* out, const engine::Receipt& receipt) {
  out->BeginObject();
  out->Field("namespace", receipt.name_space);
  out->Field("collection", receipt.state.collection);
  out->Field("collection_number", receipt.state.number);
  out->Key("as_of_seq");
  out->BeginArray();
  for (const Seq seq : receipt.state.seqs) out->Uint(Raw(seq));
  out->EndArray();
  if (!receipt.as_of.empty()) out->Field("as_of", receipt.as_of);
  if (!receipt.space.empty()) out->Field("space", receipt.space);
  out->Key("params");
  out->BeginObject();
  out->Field("exact", receipt.exact);
  out->Field("limit", receipt.limit);
  out->Field("offset", receipt.offset);
  out->Field("use_codes", receipt.use_codes);
  out->Field("rescore", receipt.rescore);
  if (receipt.ef_search != 0) out->Field("hnsw_ef", receipt.ef_search);
  if (receipt.recall_target != 0) out->Field("recall_target", receipt.recall_target);
  out->EndObject();
  out->Field("query_digest", Base64(BytesOf(receipt.query)));
  if (receipt.filter) out->Field("filter_digest", Base64(BytesOf(*receipt.filter)));
  WriteHits(out, "hits", receipt.hits);
  out->Field("time_ms", static_cast<uint64_t>(receipt.wall_ms));
  out->Field("request_id", receipt.request_id);
  out->Field("build", receipt.build);
  out->EndObject();
}

void WriteExplainedHits(JsonWriter* out, const std::vector<engine::ExplainedHit>& hits) {
  out->BeginArray();
  for (const engine::ExplainedHit& one : hits) {
    out->BeginObject();
    WriteHit(out, one.hit);
    out->Field("readable", one.origin.has_value());
    if (one.origin) {
      out->Key("origin");
      WriteOrigin(out, *one.origin);
    }
    if (one.vectors) {
      out->Key("vectors_origin");
      WriteOrigin(out, *one.vectors);
    }
    out->EndObject();
  }
  out->EndArray();
}

void WriteReplay(JsonWriter* out, const engine::ReceiptReplay& replay) {
  out->BeginObject();
  out->Field("level", "R1");
  out->Field("readable", replay.readable);
  if (!replay.readable) out->Field("reason", replay.reason);
  WriteIds(out, "gone", replay.gone);
  if (replay.readable) {
    out->Field("same", replay.same);
    WriteIds(out, "only_then", replay.only_then);
    WriteIds(out, "only_now", replay.only_now);
    out->Field("score_difference_max", replay.score_difference_max);
    WriteHits(out, "hits", replay.hits);
  }
  out->EndObject();
}

std::string ReceiptMember(const RestCall& call) {
  const auto given = [](const std::string& receipt) { return !receipt.empty(); };
  if (std::none_of(call.receipts.begin(), call.receipts.end(), given)) return "";
  JsonWriter out(",\"receipt\":");
  if (!call.batch) {
    out.String(Base64Url(call.receipts.front()));
    return out.Take();
  }
  out.BeginArray();
  for (const std::string& receipt : call.receipts) {
    if (given(receipt)) {
      out.String(Base64Url(receipt));
    } else {
      out.Null();
    }
  }
  out.EndArray();
  return out.Take();
}

void AddReceiptHeader(const RestCall& call, HttpResponse* response) {
  if (call.batch || call.receipts.empty() || call.receipts.front().empty()) return;
  std::string text = Base64Url(call.receipts.front());
  if (text.size() > kHeaderBytesMax) return;
  response->headers.emplace_back("Lineal-Receipt", std::move(text));
  response->headers.emplace_back("Access-Control-Expose-Headers", "Lineal-Receipt");
}

}  // namespace lineal::server
