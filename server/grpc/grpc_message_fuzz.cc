// Fuzzes what a client can send: the first byte picks a request, the rest are its bytes as they come off the wire.
// Parsing (gzip included) and conversion to domain types must end without a crash, and what converts must hold to the
// limits the converters promise. Answers made of it must serialise.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/status.h"
#include "engine/api/schema.h"
#include "lineal/v1/points.pb.h"
#include "server/grpc/convert_answer.h"
#include "server/grpc/convert_read.h"
#include "server/grpc/convert_schema.h"
#include "server/grpc/convert_value.h"
#include "server/grpc/convert_write.h"
#include "server/grpc/reflection_call.h"
#include "server/grpc/wire_message.h"

namespace lineal::server {
namespace {

constexpr size_t kMessageBytesMax = 1 << 20;

template <class Message>
bool Parse(const std::string& bytes, Message* message) {
  grpc::Slice slice(bytes);
  return ParseMessage(grpc::ByteBuffer(&slice, 1), kMessageBytesMax, message).ok();
}

template <class Message, class Converted>
void Convert(const std::string& bytes, absl::StatusOr<Converted> (*convert)(const Message&)) {
  Message message;
  if (Parse(bytes, &message)) (void)convert(message);
}

void Upsert(const std::string& bytes) {
  v1::UpsertRequest request;
  if (!Parse(bytes, &request)) return;
  auto upsert = UpsertFromWire(request);
  if (!upsert.ok()) return;
  LINEAL_CHECK(upsert->points.size() <= engine::kBatchPointsMax);
  AnswerBudget budget;
  for (const engine::PointInput& point : upsert->points) {
    engine::PointRecord record;
    record.id = point.id;
    record.payload = point.payload;
    record.vectors = point.vectors;
    v1::PointRecord wire;
    if (!RecordToWire(record, false, &budget, &wire).ok()) return;
    if (!point.payload.is_object()) continue;
    auto again = ObjectFromWire(wire.payload());
    LINEAL_CHECK(again.ok() && *again == point.payload);
  }
}

void Search(const std::string& bytes) {
  v1::SearchRequest request;
  if (!Parse(bytes, &request)) return;
  auto search = SearchFromWire(request);
  if (!search.ok()) return;
  LINEAL_CHECK(search->limit >= 1 && search->limit <= engine::kLimitMax);
  if (const auto* vector = std::get_if<std::vector<float>>(&search->query)) {
    LINEAL_CHECK(!vector->empty() && vector->size() <= engine::kDimMax);
  }
}

void Schema(const std::string& bytes) {
  v1::CreateCollectionRequest request;
  if (!Parse(bytes, &request)) return;
  auto schema = SchemaFromWire(request.schema());
  if (!schema.ok()) return;
  v1::CollectionSchema wire;
  SchemaToWire(*schema, &wire);
  LINEAL_CHECK(SchemaFromWire(wire).ok());
}

void Reflect(const std::string& bytes) {
  static const MethodTable methods = AllMethods();
  wire::ReflectionRequest request;
  if (Parse(bytes, &request)) (void)AnswerReflection(methods, request).SerializeAsString();
}

void Run(uint8_t which, const std::string& bytes) {
  switch (which % 14) {
    case 0:
      return Upsert(bytes);
    case 1:
      return Search(bytes);
    case 2:
      return Schema(bytes);
    case 3:
      return Reflect(bytes);
    case 4:
      return Convert(bytes, DeleteFromWire);
    case 5:
      return Convert(bytes, UpdateVectorsFromWire);
    case 6:
      return Convert(bytes, DeleteVectorsFromWire);
    case 7:
      return Convert(bytes, SetPayloadFromWire);
    case 8:
      return Convert(bytes, DeletePayloadFromWire);
    case 9:
      return Convert(bytes, BatchFromWire);
    case 10:
      return Convert(bytes, RetrieveFromWire);
    case 11:
      return Convert(bytes, ScrollFromWire);
    case 12:
      return Convert(bytes, CountFromWire);
    case 13:
      return Convert(bytes, AliasChangesFromWire);
  }
}

}  // namespace
}  // namespace lineal::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  lineal::server::Run(data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
