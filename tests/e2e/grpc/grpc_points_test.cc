#include <cmath>

#include "tests/e2e/grpc/live_server.h"

namespace lineal::e2e {
namespace {

class GrpcPoints : public LiveCollection {
 protected:
  v1::WriteResponse written_;

  void PutThree() {
    Create(2);
    v1::UpsertRequest upsert = Upsert();
    for (uint64_t i = 1; i <= 3; ++i) {
      AddPoint(i, {static_cast<float>(i), 0}, StrCat(R"({"n":)", i, R"(,"inner":{"a":1}})"), &upsert);
    }
    Put(upsert);
  }
};

TEST_F(GrpcPoints, ReplacesAPointWhole) {
  PutThree();
  v1::UpsertRequest upsert = Upsert();
  AddPoint(2, {9, 9}, R"({"other":true})", &upsert);
  Put(upsert);
  const v1::PointRecord point = Get(2);
  EXPECT_EQ(point.payload_json(), R"({"other":true})");
  EXPECT_EQ(Unpacked(point.vectors(0).data()), (std::vector<float>{9, 9}));
  EXPECT_EQ(Count(), 3u);
}

TEST_F(GrpcPoints, TakesColumnsWithUuidsAndHalfFloats) {
  Create(2);
  v1::UpsertRequest upsert = Upsert();
  v1::PointBlock* block = upsert.add_blocks();
  block->mutable_ids()->set_uuids(std::string("0123456789abcdeffedcba9876543210", 32));
  v1::VectorBlock* vectors = block->add_vectors();
  vectors->set_dim(2);
  vectors->set_type(v1::ELEMENT_TYPE_F16);
  // 1.0, 0.5, -2.0, 0.0 as halves.
  vectors->set_data(std::string("\x00\x3c\x00\x38\x00\xc0\x00\x00", 8));
  block->add_payloads_json(R"({"row":0})");
  block->add_payloads_json("");
  Put(upsert);
  auto request = For<v1::RetrieveRequest>();
  request.add_ids()->set_uuid("66656463-6261-3938-3736-353433323130");
  request.add_ids()->set_uuid("30313233-3435-3637-3839-616263646566");
  request.add_ids()->set_number(5);
  request.mutable_with_vector()->set_mode(v1::VectorSelector::MODE_ALL);
  v1::RetrieveResponse answer;
  ASSERT_TRUE(Call(*points_, &Points::Retrieve, request, &answer).ok());
  ASSERT_EQ(answer.points_size(), 2);
  EXPECT_EQ(answer.points(0).id().uuid(), "66656463-6261-3938-3736-353433323130");
  EXPECT_EQ(Unpacked(answer.points(0).vectors(0).data()), (std::vector<float>{-2, 0}));
  EXPECT_EQ(answer.points(1).payload().fields().at("row").i64_value(), 0);
}

TEST_F(GrpcPoints, StreamsABulkLoad) {
  Create(4);
  grpc::ClientContext context;
  auto stream = points_->UpsertStream(&context);
  constexpr uint64_t kMessages = 20;
  constexpr uint64_t kRows = 100;
  for (uint64_t m = 0; m < kMessages; ++m) {
    v1::UpsertRequest message;
    if (m == 0) message.set_collection(name_);
    v1::PointBlock* block = message.add_blocks();
    std::vector<float> values;
    for (uint64_t r = 0; r < kRows; ++r) {
      block->mutable_ids()->add_numbers(m * kRows + r);
      for (int d = 0; d < 4; ++d) values.push_back(static_cast<float>(m * kRows + r));
    }
    block->add_vectors()->set_dim(4);
    block->mutable_vectors(0)->set_data(Packed(values));
    ASSERT_TRUE(stream->Write(message));
  }
  stream->WritesDone();
  v1::UpsertStreamResponse answer;
  uint64_t last_operation = 0;
  for (uint64_t m = 0; m < kMessages; ++m) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.message_index(), m);
    EXPECT_EQ(answer.points(), kRows);
    EXPECT_GT(answer.result().operation_id(), last_operation);
    last_operation = answer.result().operation_id();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(Count(), kMessages * kRows);
}

TEST_F(GrpcPoints, EndsAStreamAtAWrongDimensionAndKeepsWhatCameBefore) {
  Create(2);
  grpc::ClientContext context;
  auto stream = points_->UpsertStream(&context);
  for (size_t dim : {2, 2, 3, 2}) {
    v1::UpsertRequest message = Upsert();
    AddPoint(1 + dim, std::vector<float>(dim, 1.0f), "", &message);
    stream->Write(message);
  }
  stream->WritesDone();
  v1::UpsertStreamResponse answer;
  int acknowledged = 0;
  while (stream->Read(&answer)) ++acknowledged;
  EXPECT_EQ(acknowledged, 2);
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_TRUE(status.error_message().starts_with("message 2: ")) << status.error_message();
  EXPECT_EQ(Count(), 1u);
}

TEST_F(GrpcPoints, DeletesByIdsAndByFilter) {
  PutThree();
  auto by_id = For<v1::DeleteRequest>();
  Select({1, 99}, by_id.mutable_points());
  ASSERT_TRUE(Call(*points_, &Points::Delete, by_id, &written_).ok());
  EXPECT_EQ(Count(), 2u);
  auto by_filter = For<v1::DeleteRequest>();
  v1::FieldCondition* field = by_filter.mutable_points()->mutable_filter()->add_must()->mutable_field();
  field->set_key("n");
  field->mutable_range()->set_gte(3);
  ASSERT_TRUE(Call(*points_, &Points::Delete, by_filter, &written_).ok());
  EXPECT_EQ(Count(), 1u);
  EXPECT_TRUE(Get(2).has_id());
  EXPECT_FALSE(Get(3).has_id());
}

TEST_F(GrpcPoints, UpdatesAndDeletesVectors) {
  PutThree();
  auto update = For<v1::UpdateVectorsRequest>();
  v1::Point* point = update.add_points();
  point->mutable_id()->set_number(2);
  point->add_vectors()->set_data(Packed({7, 7}));
  grpc::Status status = Call(*points_, &Points::UpdateVectors, update, &written_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Unpacked(Get(2).vectors(0).data()), (std::vector<float>{7, 7}));
  EXPECT_EQ(Get(2).payload_json(), R"({"inner":{"a":1},"n":2})");
  point->mutable_id()->set_number(99);
  EXPECT_EQ(Call(*points_, &Points::UpdateVectors, update, &written_).error_code(), grpc::NOT_FOUND);

  auto erase = For<v1::DeleteVectorsRequest>();
  Select({2}, erase.mutable_points());
  erase.add_names("");
  status = Call(*points_, &Points::DeleteVectors, erase, &written_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get(2).vectors_size(), 0);
  EXPECT_EQ(Count(), 3u);
}

TEST_F(GrpcPoints, ChangesPayloads) {
  PutThree();
  auto set = For<v1::SetPayloadRequest>();
  Select({1}, set.mutable_points());
  set.set_payload_json(R"({"b":18446744073709551615})");
  set.set_key("inner");
  grpc::Status status = Call(*points_, &Points::SetPayload, set, &written_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get(1).payload_json(), R"({"inner":{"a":1,"b":18446744073709551615},"n":1})");

  auto overwrite = For<v1::SetPayloadRequest>();
  Select({1}, overwrite.mutable_points());
  (*overwrite.mutable_payload()->mutable_fields())["x"].set_f64_value(0.5);
  ASSERT_TRUE(Call(*points_, &Points::OverwritePayload, overwrite, &written_).ok());
  EXPECT_EQ(Get(1).payload_json(), R"({"x":0.5})");

  auto erase = For<v1::DeletePayloadRequest>();
  Select({2}, erase.mutable_points());
  erase.add_keys("inner.a");
  erase.add_keys("nothing");
  ASSERT_TRUE(Call(*points_, &Points::DeletePayload, erase, &written_).ok());
  EXPECT_EQ(Get(2).payload_json(), R"({"inner":{},"n":2})");

  auto clear = For<v1::ClearPayloadRequest>();
  *clear.mutable_points()->mutable_filter() = v1::Filter();
  ASSERT_TRUE(Call(*points_, &Points::ClearPayload, clear, &written_).ok());
  for (uint64_t i = 1; i <= 3; ++i) {
    const std::string payload = Get(i).payload_json();
    EXPECT_TRUE(payload.empty() || payload == "{}") << payload;
  }
}

TEST_F(GrpcPoints, AppliesABatchInOrderAndAllOrNothing) {
  PutThree();
  auto batch = For<v1::BatchRequest>();
  v1::UpsertRequest upsert;
  AddPoint(4, {4, 4}, R"({"n":4})", &upsert);
  *batch.add_ops()->mutable_upsert() = upsert;
  v1::SetPayloadRequest* set = batch.add_ops()->mutable_set_payload();
  Select({4}, set->mutable_points());
  set->set_payload_json(R"({"m":1})");
  Select({1}, batch.add_ops()->mutable_delete_()->mutable_points());
  grpc::Status status = Call(*points_, &Points::Batch, batch, &written_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get(4).payload_json(), R"({"m":1,"n":4})");
  EXPECT_FALSE(Get(1).has_id());

  auto broken = For<v1::BatchRequest>();
  Select({2, 3, 4}, broken.add_ops()->mutable_delete_()->mutable_points());
  v1::UpsertRequest wrong;
  AddPoint(5, {1, 2, 3}, "", &wrong);
  *broken.add_ops()->mutable_upsert() = wrong;
  EXPECT_EQ(Call(*points_, &Points::Batch, broken, &written_).error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(Count(), 3u);
}

TEST_F(GrpcPoints, GivesARepeatedRequestItsFirstOutcome) {
  Create(2);
  v1::UpsertRequest upsert = Upsert();
  upsert.set_request_id("the-same");
  AddPoint(1, {1, 1}, "", &upsert);
  v1::WriteResponse first;
  ASSERT_TRUE(Call(*points_, &Points::Upsert, upsert, &first).ok());
  auto erase = For<v1::DeleteRequest>();
  Select({1}, erase.mutable_points());
  ASSERT_TRUE(Call(*points_, &Points::Delete, erase, &written_).ok());
  v1::WriteResponse second;
  ASSERT_TRUE(Call(*points_, &Points::Upsert, upsert, &second).ok());
  EXPECT_EQ(second.operation_id(), first.operation_id());
  EXPECT_EQ(Count(), 0u);
}

TEST_F(GrpcPoints, RefusesBadVectorsAndChangesNothing) {
  Create(2, v1::METRIC_COSINE);
  const std::vector<std::vector<float>> bad = {{1}, {1, 2, 3}, {0, 0}, {NAN, 1}, {1, INFINITY}, {-INFINITY, 0}};
  for (const std::vector<float>& values : bad) {
    v1::UpsertRequest upsert = Upsert();
    AddPoint(1, {1, 1}, "", &upsert);
    AddPoint(2, values, "", &upsert);
    EXPECT_EQ(Call(*points_, &Points::Upsert, upsert, &written_).error_code(), grpc::INVALID_ARGUMENT)
        << values.size() << " " << values[0];
  }
  v1::UpsertRequest unknown = Upsert();
  AddPoint(1, {1, 1}, "", &unknown)->mutable_vectors(0)->set_name("unknown");
  EXPECT_EQ(Call(*points_, &Points::Upsert, unknown, &written_).error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(Count(), 0u);
}

}  // namespace
}  // namespace lineal::e2e
