#include "engine/lineage/receipt_codec.h"

#include <algorithm>

#include "base/coding.h"
#include "base/status.h"
#include "engine/filter/filter_codec.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kMagic = "LRC1";
// Stands before what is signed, so that no signature of a checkpoint is one of a receipt.
constexpr std::string_view kPurpose = "lineal receipt\n";
constexpr size_t kKeyIdBytes = 4;

enum Flag : uint8_t { kExact = 1, kUseCodes = 2, kRescore = 4, kFiltered = 8 };

std::string KeyId(const PublicKey& key) {
  const Digest digest = Sha256(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
  return std::string(BytesOf(digest).substr(0, kKeyIdBytes));
}

void PutId(std::string* out, const PointId& id) {
  std::string key;
  id.AppendKey(&key);
  PutString(out, key);
}

PointId ReadId(Reader* reader, bool* ok) {
  const auto id = PointId::FromKey(reader->String());
  *ok &= id.has_value();
  return id.value_or(PointId());
}

Digest ReadDigest(Reader* reader) {
  Digest digest{};
  const std::string_view bytes = reader->Bytes(digest.size());
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

std::string Encode(const Receipt& receipt) {
  std::string out;
  PutString(&out, receipt.name_space);
  PutString(&out, receipt.state.collection);
  PutVarint(&out, receipt.state.number);
  PutVarint(&out, receipt.state.seqs.size());
  for (const Seq seq : receipt.state.seqs) PutVarint(&out, Raw(seq));
  PutString(&out, receipt.as_of);
  PutString(&out, receipt.space);
  PutFixed(&out, static_cast<uint8_t>((receipt.exact ? kExact : 0) | (receipt.use_codes ? kUseCodes : 0) |
                                      (receipt.rescore ? kRescore : 0) | (receipt.filter ? kFiltered : 0)));
  PutVarint(&out, receipt.limit);
  PutVarint(&out, receipt.offset);
  PutVarint(&out, receipt.ef_search);
  PutFixed(&out, receipt.recall_target);
  out.append(BytesOf(receipt.query));
  if (receipt.filter) out.append(BytesOf(*receipt.filter));
  PutVarint(&out, receipt.hits.size());
  for (const ReceiptHit& hit : receipt.hits) {
    PutId(&out, hit.id);
    PutVarint(&out, hit.version);
    PutFixed(&out, hit.score);
  }
  PutFixed(&out, receipt.wall_ms);
  PutString(&out, receipt.request_id);
  PutString(&out, receipt.build);
  return out;
}

absl::StatusOr<Receipt> Decode(std::string_view bytes) {
  Reader reader(bytes);
  Receipt out;
  bool ids_ok = true;
  out.name_space = std::string(reader.String());
  out.state.collection = std::string(reader.String());
  out.state.number = static_cast<uint32_t>(reader.Varint());
  for (uint64_t left = reader.Varint(); left > 0 && reader.ok(); --left) out.state.seqs.push_back(Seq{reader.Varint()});
  out.as_of = std::string(reader.String());
  out.space = std::string(reader.String());
  const uint8_t flags = reader.Fixed<uint8_t>();
  out.exact = (flags & kExact) != 0;
  out.use_codes = (flags & kUseCodes) != 0;
  out.rescore = (flags & kRescore) != 0;
  out.limit = reader.Varint();
  out.offset = reader.Varint();
  out.ef_search = static_cast<uint32_t>(reader.Varint());
  out.recall_target = reader.Fixed<double>();
  out.query = ReadDigest(&reader);
  if ((flags & kFiltered) != 0) out.filter = ReadDigest(&reader);
  for (uint64_t left = reader.Varint(); left > 0 && reader.ok(); --left) {
    ReceiptHit& hit = out.hits.emplace_back();
    hit.id = ReadId(&reader, &ids_ok);
    hit.version = reader.Varint();
    hit.score = reader.Fixed<float>();
  }
  out.wall_ms = reader.Fixed<int64_t>();
  out.request_id = std::string(reader.String());
  out.build = std::string(reader.String());
  if (!reader.ok() || !reader.AtEnd() || !ids_ok) return InvalidArgument("the receipt has an unknown form");
  return out;
}

}  // namespace

std::string SignReceipt(const Receipt& receipt, const SigningKey& key) {
  std::string out = StrCat(kMagic, KeyId(key.public_key()), Encode(receipt));
  out.append(key.Sign(StrCat(kPurpose, out)));
  return out;
}

absl::StatusOr<Receipt> OpenReceipt(std::string_view bytes, const PublicKey& key) {
  const size_t head = kMagic.size() + kKeyIdBytes;
  if (bytes.size() < head + kSignatureBytes || !bytes.starts_with(kMagic)) return InvalidArgument("this is no receipt");
  if (bytes.substr(kMagic.size(), kKeyIdBytes) != KeyId(key)) return DataLoss("the receipt is signed by another key");
  const std::string_view body = bytes.substr(0, bytes.size() - kSignatureBytes);
  if (!VerifySignature(key, StrCat(kPurpose, body), bytes.substr(body.size()))) {
    return DataLoss("the signature is not of this receipt: it was changed");
  }
  return Decode(body.substr(head));
}

Digest QueryDigest(const SearchRequest& request, const SigningKey& key) {
  std::string bytes;
  PutString(&bytes, request.vector_name);
  if (const auto* vector = std::get_if<std::vector<float>>(&request.query)) {
    PutFixed(&bytes, uint8_t{0});
    PutVarint(&bytes, vector->size());
    for (const float value : *vector) PutFixed(&bytes, value);
  } else {
    PutFixed(&bytes, uint8_t{1});
    PutId(&bytes, std::get<PointId>(request.query));
  }
  PutVarint(&bytes, request.limit);
  PutVarint(&bytes, request.offset);
  PutFixed(&bytes, static_cast<uint8_t>(request.score_threshold.has_value()));
  if (request.score_threshold) PutFixed(&bytes, *request.score_threshold);
  PutFixed(&bytes, static_cast<uint8_t>(request.mmr.has_value()));
  if (request.mmr) {
    PutFixed(&bytes, request.mmr->lambda);
    PutVarint(&bytes, request.mmr->candidates);
  }
  return Hmac(key.Secret("receipt query"), bytes);
}

std::optional<Digest> FilterDigest(const Filter& filter, const SigningKey& key) {
  if (filter.empty()) return std::nullopt;
  std::string bytes;
  AppendFilter(&bytes, filter);
  return Hmac(key.Secret("receipt filter"), bytes);
}

}  // namespace lineal::engine
