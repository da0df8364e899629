#include "server/grpc/convert_points.h"

#include <gtest/gtest.h>

#include <string>

#include "base/half.h"
#include "base/status.h"
#include "engine/api/schema.h"
#include "server/grpc/convert_vector.h"
#include "server/grpc/convert_write.h"

namespace lineal::server {
namespace {

using Floats = std::vector<float>;

v1::UpsertRequest Block(std::vector<uint64_t> ids, uint32_t dim, const Floats& values) {
  v1::UpsertRequest request;
  v1::PointBlock* block = request.add_blocks();
  for (uint64_t id : ids) block->mutable_ids()->add_numbers(id);
  v1::VectorBlock* vectors = block->add_vectors();
  vectors->set_dim(dim);
  vectors->set_data(PackFloats(values));
  return request;
}

std::string MessageFor(const v1::UpsertRequest& request) {
  auto upsert = UpsertFromWire(request);
  return upsert.ok() ? "OK" : std::string(MessageOf(upsert.status()));
}

TEST(ConvertPoints, UnpacksEveryElementType) {
  EXPECT_EQ(*UnpackVector(v1::ELEMENT_TYPE_F32, PackFloats(Floats{1.5, -2})), (Floats{1.5, -2}));
  EXPECT_EQ(*UnpackVector(v1::ELEMENT_TYPE_U8, std::string("\x00\x07\xff", 3)), (Floats{0, 7, 255}));
  std::string halves;
  for (float value : {0.5f, -65504.0f}) {
    const uint16_t half = HalfFromFloat(value);
    halves.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  EXPECT_EQ(*UnpackVector(v1::ELEMENT_TYPE_F16, halves), (Floats{0.5, -65504}));
  EXPECT_EQ(*UnpackVector(v1::ELEMENT_TYPE_BF16, std::string("\x00\x3f\x80\xbf", 4)), (Floats{0.5, -1}));
}

TEST(ConvertPoints, RefusesVectorsThatCannotBeUnpacked) {
  EXPECT_EQ(MessageOf(UnpackVector(v1::ELEMENT_TYPE_F32, "").status()), "vector is empty");
  EXPECT_EQ(MessageOf(UnpackVector(v1::ELEMENT_TYPE_F32, "12345").status()), "vector has 5 bytes, not a multiple of 4");
  EXPECT_EQ(MessageOf(UnpackVector(v1::ELEMENT_TYPE_F16, "1").status()), "vector has 1 bytes, not a multiple of 2");
  EXPECT_EQ(MessageOf(UnpackVector(v1::ELEMENT_TYPE_U8, std::string(engine::kDimMax + 1, 'x')).status()),
            "vector has 65537 components, the limit is 65536");
  EXPECT_EQ(MessageOf(UnpackVector(static_cast<v1::ElementType>(9), "1234").status()), "element type 9 is not known");
}

TEST(ConvertPoints, ReadsIdsInBothForms) {
  const PointId uuid = *PointId::ParseUuid("00112233-4455-6677-8899-aabbccddeeff");
  v1::PointId wire;
  IdToWire(uuid, &wire);
  EXPECT_EQ(wire.uuid(), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(*IdFromWire(wire), uuid);
  IdToWire(PointId::Number(UINT64_MAX), &wire);
  EXPECT_EQ(*IdFromWire(wire), PointId::Number(UINT64_MAX));

  v1::PackedIds packed;
  packed.set_uuids("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  std::vector<PointId> ids;
  ASSERT_TRUE(AppendIds(packed, &ids).ok());
  EXPECT_EQ(ids, std::vector<PointId>{uuid});
  packed.add_numbers(1);
  EXPECT_FALSE(CountIds(packed).ok());
  packed.clear_numbers();
  packed.mutable_uuids()->pop_back();
  EXPECT_EQ(MessageOf(CountIds(packed).status()), "packed uuids have 15 bytes, not a multiple of 16");
}

TEST(ConvertPoints, GivesAColumnBlockThePointsOfTheSameList) {
  v1::UpsertRequest list;
  for (uint64_t id : {7, 8}) {
    v1::Point* point = list.add_points();
    point->mutable_id()->set_number(id);
    v1::NamedVector* vector = point->add_vectors();
    vector->set_name("text");
    vector->set_data(PackFloats(id == 7 ? Floats{1, 2} : Floats{3, 4}));
    if (id == 8) point->set_payload_json(R"({"a":1})");
  }
  v1::UpsertRequest columns = Block({7, 8}, 2, {1, 2, 3, 4});
  columns.mutable_blocks(0)->mutable_vectors(0)->set_name("text");
  columns.mutable_blocks(0)->add_payloads_json();
  columns.mutable_blocks(0)->add_payloads_json(R"({"a":1})");
  auto a = UpsertFromWire(list);
  auto b = UpsertFromWire(columns);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  ASSERT_EQ(a->points.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(a->points[i].id, b->points[i].id);
    EXPECT_EQ(a->points[i].payload, b->points[i].payload);
    EXPECT_EQ(a->points[i].vectors[0].name, b->points[i].vectors[0].name);
    EXPECT_EQ(a->points[i].vectors[0].values, b->points[i].vectors[0].values);
  }
}

TEST(ConvertPoints, RefusesBlocksWhosePartsDoNotFit) {
  EXPECT_EQ(MessageFor(Block({1, 2}, 2, {1, 2, 3, 4})), "OK");
  EXPECT_EQ(MessageFor(Block({1, 2}, 2, {1, 2, 3})), "block 0: vector block `` has 12 bytes, 2 rows of dim 2 need 16");
  EXPECT_EQ(MessageFor(Block({1}, 2, {1, 2, 3, 4})), "block 0: vector block `` has 16 bytes, 1 rows of dim 2 need 8");
  EXPECT_EQ(MessageFor(Block({1}, 0, {})), "block 0: vector block `` has dim 0, the limits are 1 and 65536");
  EXPECT_EQ(MessageFor(Block({}, 4'000'000'000, {})),
            "block 0: vector block `` has dim 4000000000, the limits are 1 and 65536");
  v1::UpsertRequest payloads = Block({1, 2}, 1, {1, 2});
  payloads.mutable_blocks(0)->add_payloads_json("{}");
  EXPECT_EQ(MessageFor(payloads), "block 0: block has 1 payloads for 2 ids");
  payloads.mutable_blocks(0)->add_payloads_json("{");
  EXPECT_NE(MessageFor(payloads).find("block 0: row 1: "), std::string::npos) << MessageFor(payloads);
  v1::UpsertRequest twice = Block({1}, 1, {1});
  *twice.mutable_blocks(0)->add_vectors() = twice.blocks(0).vectors(0);
  EXPECT_EQ(MessageFor(twice), "block 0: vector name `` is given twice");
}

TEST(ConvertPoints, RefusesMorePointsThanABatchMayHave) {
  v1::UpsertRequest request;
  for (size_t i = 0; i <= engine::kBatchPointsMax; ++i) request.add_blocks()->mutable_ids()->add_numbers(i);
  EXPECT_EQ(MessageFor(request), "request has 100001 points, the limit is 100000");
}

TEST(ConvertPoints, NamesThePointThatIsBroken) {
  v1::UpsertRequest request;
  request.add_points()->mutable_id()->set_number(1);
  request.add_points()->mutable_id()->set_uuid("nonsense");
  EXPECT_EQ(MessageFor(request), "point 1: point id is not a UUID: `nonsense`");
  request.mutable_points(1)->mutable_id()->Clear();
  EXPECT_EQ(MessageFor(request), "point 1: point id has neither number nor uuid");
}

TEST(ConvertPoints, WantsASelectorThatSelects) {
  v1::PointSelector selector;
  EXPECT_FALSE(SelectorFromWire(selector).ok());
  selector.mutable_ids();
  EXPECT_TRUE(std::get<std::vector<PointId>>(*SelectorFromWire(selector)).empty());
  selector.mutable_filter()->add_must()->set_is_null("a");
  EXPECT_EQ(std::get<engine::Filter>(*SelectorFromWire(selector)).must.size(), 1u);
}

TEST(ConvertWrite, ReadsEveryOperationOfABatchInOrder) {
  v1::BatchRequest batch;
  auto select = [](v1::PointSelector* selector) { selector->mutable_ids()->mutable_packed()->add_numbers(5); };
  *batch.add_ops()->mutable_upsert() = Block({1}, 1, {1});
  select(batch.add_ops()->mutable_delete_()->mutable_points());
  *batch.add_ops()->mutable_update_vectors()->add_blocks() = Block({1}, 1, {1}).blocks(0);
  select(batch.add_ops()->mutable_delete_vectors()->mutable_points());
  batch.mutable_ops(3)->mutable_delete_vectors()->add_names("text");
  for (auto* set : {batch.add_ops()->mutable_set_payload(), batch.add_ops()->mutable_overwrite_payload()}) {
    select(set->mutable_points());
    set->set_payload_json(R"({"a":1})");
  }
  batch.mutable_ops(4)->mutable_set_payload()->set_key("inner");
  select(batch.add_ops()->mutable_delete_payload()->mutable_points());
  batch.mutable_ops(6)->mutable_delete_payload()->add_keys("a");
  select(batch.add_ops()->mutable_clear_payload()->mutable_points());
  auto ops = BatchFromWire(batch);
  ASSERT_TRUE(ops.ok()) << ops.status();
  ASSERT_EQ(ops->size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ((*ops)[i].index(), i);
  EXPECT_EQ(std::get<engine::SetPayload>((*ops)[4]).key, "inner");

  batch.mutable_ops(5)->mutable_overwrite_payload()->set_key("inner");
  EXPECT_EQ(MessageOf(BatchFromWire(batch).status()), "operation 5: an overwrite of payload has a key");
  batch.mutable_ops(0)->mutable_upsert()->set_collection("other");
  EXPECT_EQ(MessageOf(BatchFromWire(batch).status()),
            "operation 0: an operation in a batch has a collection or request_id of its own");
  batch.mutable_ops(0)->Clear();
  EXPECT_EQ(MessageOf(BatchFromWire(batch).status()), "operation 0: no operation is set");
}

TEST(ConvertWrite, RefusesPayloadsInAnUpdateOfVectors) {
  v1::UpdateVectorsRequest request;
  request.add_points()->set_payload_json("{}");
  EXPECT_EQ(MessageOf(UpdateVectorsFromWire(request).status()), "an update of vectors has a payload");
}

TEST(ConvertWrite, RefusesWritesThatSayNothing) {
  EXPECT_FALSE(DeleteFromWire({}).ok());
  EXPECT_EQ(MessageOf(DeleteVectorsFromWire({}).status()), "no vector names are given");
  EXPECT_EQ(MessageOf(DeletePayloadFromWire({}).status()), "no payload keys are given");
  v1::SetPayloadRequest set;
  set.mutable_points()->mutable_ids();
  EXPECT_EQ(MessageOf(SetPayloadFromWire(set).status()), "no payload is given");
  set.set_payload_json("\"" + std::string(engine::kPayloadBytesMax, 'a') + "\"");
  EXPECT_EQ(MessageOf(SetPayloadFromWire(set).status()), "payload has 1048578 bytes, the limit is 1048576");
}

}  // namespace
}  // namespace lineal::server
