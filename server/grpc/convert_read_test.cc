#include "server/grpc/convert_read.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "base/status.h"
#include "server/grpc/convert_answer.h"
#include "server/grpc/convert_schema.h"
#include "server/grpc/convert_vector.h"

namespace lineal::server {
namespace {

v1::SearchRequest Search() {
  v1::SearchRequest request;
  request.mutable_vector()->set_data(PackFloats(std::vector<float>{1, 2}));
  return request;
}

TEST(ConvertRead, HasTheDefaultsOfTheDialect) {
  auto search = SearchFromWire(Search());
  ASSERT_TRUE(search.ok());
  EXPECT_EQ(search->limit, 10u);
  EXPECT_FALSE(search->recall_target || search->explain);
  EXPECT_TRUE(search->use_codes && search->rescore);
  EXPECT_EQ(search->oversampling, 0);
  EXPECT_FALSE(search->exact || search->ef_search || search->mmr || search->score_threshold);
  EXPECT_EQ(search->with_payload.mode, engine::PayloadSelector::Mode::kNone);
  EXPECT_EQ(search->with_vector.mode, engine::VectorSelector::Mode::kNone);
  EXPECT_EQ(ScrollFromWire({})->with_payload.mode, engine::PayloadSelector::Mode::kAll);
  EXPECT_EQ(RetrieveFromWire({})->with_payload.mode, engine::PayloadSelector::Mode::kAll);
  EXPECT_TRUE(CountFromWire({})->exact);
}

TEST(ConvertRead, ReadsAllOfASearch) {
  v1::SearchRequest wire = Search();
  wire.set_vector_name("text");
  wire.mutable_point_id()->set_number(9);
  wire.mutable_filter()->add_must()->set_is_null("k");
  wire.set_limit(16'384);
  wire.set_offset(3);
  wire.set_score_threshold(0);
  wire.set_exact(true);
  wire.set_ef_search(64);
  wire.set_recall_target(0.95);
  wire.mutable_codes()->set_ignore(true);
  wire.mutable_codes()->set_rescore(false);
  wire.mutable_codes()->set_oversampling(3);
  wire.set_explain(true);
  wire.mutable_mmr()->set_lambda(0);
  wire.mutable_with_payload()->set_mode(v1::PayloadSelector::MODE_INCLUDE);
  wire.mutable_with_payload()->add_keys("a.b");
  wire.mutable_with_vector()->set_mode(v1::VectorSelector::MODE_NAMES);
  wire.mutable_with_vector()->add_names("text");
  wire.add_as_of_seq(4);
  auto search = SearchFromWire(wire);
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_EQ(search->vector_name, "text");
  EXPECT_EQ(std::get<PointId>(search->query), PointId::Number(9));
  EXPECT_EQ(search->filter.must.size(), 1u);
  EXPECT_EQ(search->limit, 16'384u);
  EXPECT_EQ(search->offset, 3u);
  EXPECT_EQ(search->score_threshold, 0.0f);
  EXPECT_TRUE(search->exact);
  EXPECT_EQ(search->ef_search, 64u);
  EXPECT_FALSE(search->use_codes || search->rescore);
  EXPECT_EQ(search->oversampling, 3);
  EXPECT_EQ(search->recall_target, 0.95);
  EXPECT_TRUE(search->explain != nullptr);
  EXPECT_EQ(search->mmr->lambda, 0.0);
  EXPECT_EQ(search->mmr->candidates, 100u);
  EXPECT_EQ(search->with_payload.keys, std::vector<std::string>{"a.b"});
  EXPECT_EQ(search->with_vector.names, std::vector<std::string>{"text"});
  EXPECT_EQ(search->read.as_of_seq, std::vector<Seq>{Seq{4}});
}

TEST(ConvertRead, RefusesWhatIsOutsideItsLimits) {
  const std::pair<std::function<void(v1::SearchRequest*)>, std::string> cases[] = {
      {[](auto* r) { r->set_limit(0); }, "limit is 0, the limits are 1 and 16384"},
      {[](auto* r) { r->set_limit(999'999'999); }, "limit is 999999999, the limits are 1 and 16384"},
      {[](auto* r) { r->set_offset(UINT64_MAX); }, "offset is 18446744073709551615, the limits are 0 and 4294967295"},
      {[](auto* r) { r->mutable_codes()->set_oversampling(0.5); },
       "codes.oversampling: value 0.5 invalid, must be 1.0 or larger"},
      {[](auto* r) { r->set_ef_search(0); }, "ef_search is 0, the limits are 1 and 65536"},
      {[](auto* r) { r->set_ef_search(70'000); }, "ef_search is 70000, the limits are 1 and 65536"},
      {[](auto* r) { r->set_recall_target(0); }, "recall_target: value 0 invalid, must be above 0.0 and at most 1.0"},
      {[](auto* r) { r->set_recall_target(1.5); },
       "recall_target: value 1.5 invalid, must be above 0.0 and at most 1.0"},
      {[](auto* r) { r->set_recall_target(NAN); },
       "recall_target: value nan invalid, must be above 0.0 and at most 1.0"},
      {[](auto* r) { r->set_score_threshold(NAN); }, "score_threshold is not a number"},
      {[](auto* r) { r->mutable_mmr()->set_lambda(1.5); }, "mmr.lambda is 1.5, the limits are 0 and 1"},
      {[](auto* r) { r->mutable_mmr()->set_lambda(NAN); }, "mmr.lambda is nan, the limits are 0 and 1"},
      {[](auto* r) { r->mutable_mmr()->set_candidates(0); }, "mmr.candidates is 0, the limits are 1 and 16384"},
      {[](auto* r) { r->clear_query(); }, "search has neither vector nor point_id"},
      {[](auto* r) { r->mutable_vector()->clear_data(); }, "vector is empty"},
      {[](auto* r) { r->mutable_with_payload()->add_keys("a"); },
       "with_payload has keys but neither include nor exclude"},
      {[](auto* r) { r->mutable_with_vector()->add_names("a"); }, "with_vector has names but another mode"},
      {[](auto* r) { r->mutable_with_vector()->set_mode(static_cast<v1::VectorSelector::Mode>(7)); },
       "with_vector has the unknown mode 7"},
  };
  for (const auto& [change, message] : cases) {
    v1::SearchRequest request = Search();
    change(&request);
    auto search = SearchFromWire(request);
    ASSERT_TRUE(absl::IsInvalidArgument(search.status())) << message;
    EXPECT_EQ(MessageOf(search.status()), message);
  }
}

TEST(ConvertRead, ReadsAnOrderedScroll) {
  v1::ScrollRequest wire;
  wire.mutable_order_by()->set_key("year");
  wire.mutable_order_by()->set_descending(true);
  wire.mutable_order_by()->mutable_start_from()->set_i64_value(1999);
  auto scroll = ScrollFromWire(wire);
  ASSERT_TRUE(scroll.ok());
  EXPECT_EQ(scroll->order_by->key, "year");
  EXPECT_TRUE(scroll->order_by->descending);
  EXPECT_EQ(scroll->order_by->start_from, engine::Value(int64_t{1999}));
  wire.mutable_offset()->set_number(1);
  EXPECT_EQ(MessageOf(ScrollFromWire(wire).status()), "scroll has both offset and order_by");
}

TEST(ConvertAnswer, WritesWhatARecordHas) {
  engine::PointRecord record;
  record.id = PointId::Number(3);
  record.version = 17;
  record.payload = engine::Value::EmptyObject();
  record.payload->Set("a", "b");
  record.vectors.push_back({"text", {1, 2}});
  record.order_value = engine::Value(2.5);
  AnswerBudget budget;
  v1::PointRecord wire;
  ASSERT_TRUE(RecordToWire(record, false, &budget, &wire).ok());
  EXPECT_EQ(wire.id().number(), 3u);
  EXPECT_EQ(wire.version(), 17u);
  EXPECT_EQ(wire.payload().fields().at("a").string_value(), "b");
  EXPECT_EQ(wire.vectors(0).name(), "text");
  EXPECT_EQ(wire.vectors(0).data().size(), 8u);
  EXPECT_EQ(wire.order_value().f64_value(), 2.5);
  v1::PointRecord json;
  ASSERT_TRUE(RecordToWire(record, true, &budget, &json).ok());
  EXPECT_EQ(json.payload_json(), R"({"a":"b"})");
  EXPECT_FALSE(json.has_payload());
}

TEST(ConvertAnswer, KeepsWithinItsBudget) {
  engine::PointRecord record;
  record.vectors.push_back({"", std::vector<float>(100)});
  AnswerBudget budget(1000);
  v1::PointRecord wire;
  EXPECT_TRUE(RecordToWire(record, false, &budget, &wire).ok());
  EXPECT_TRUE(RecordToWire(record, false, &budget, &wire).ok());
  absl::Status third = RecordToWire(record, false, &budget, &wire);
  EXPECT_EQ(KindOf(third), ErrorKind::kOutOfRange);
  EXPECT_EQ(MessageOf(third), "answer is larger than 1000 bytes; ask for fewer points or select less of them");
}

v1::CollectionSchema WireSchema() {
  v1::CollectionSchema schema;
  v1::VectorSchema& vector = (*schema.mutable_vectors())["text"];
  vector.set_dim(8);
  vector.set_metric(v1::METRIC_MANHATTAN);
  vector.set_type(v1::ELEMENT_TYPE_U8);
  vector.set_m(24);
  vector.set_code_bits(2);
  vector.set_on_disk(true);
  (*schema.mutable_fields())["when"].set_type(v1::FIELD_TYPE_DATETIME);
  schema.set_shard_count(3);
  schema.mutable_hnsw()->set_ef_construct(200);
  schema.mutable_hnsw()->set_code_bits(4);
  schema.mutable_optimizer()->set_history_window_s(0);
  schema.mutable_search()->set_recall_target(0.9);
  (*schema.mutable_metadata()->mutable_fields())["owner"].set_string_value("me");
  return schema;
}

TEST(ConvertSchema, AColdVectorIsOneOnDisk) {
  const auto convert = [](const std::function<void(v1::VectorSchema&)>& set) {
    v1::CollectionSchema wire = WireSchema();
    set((*wire.mutable_vectors())["text"]);
    auto schema = SchemaFromWire(wire);
    EXPECT_TRUE(schema.ok()) << schema.status();
    return schema.ok() ? schema->vectors.at("text").memory : engine::VectorMemory::kHot;
  };
  EXPECT_EQ(convert([](v1::VectorSchema&) {}), engine::VectorMemory::kCold);
  EXPECT_EQ(convert([](v1::VectorSchema& vector) { vector.clear_on_disk(); }), engine::VectorMemory::kWarm);
  EXPECT_EQ(convert([](v1::VectorSchema& vector) { vector.set_memory(v1::VECTOR_MEMORY_COLD); }),
            engine::VectorMemory::kCold);
  v1::CollectionSchema torn = WireSchema();
  (*torn.mutable_vectors())["text"].set_memory(v1::VECTOR_MEMORY_HOT);
  EXPECT_TRUE(absl::IsInvalidArgument(SchemaFromWire(torn).status()));
  (*torn.mutable_vectors())["text"].set_memory(static_cast<v1::VectorMemory>(9));
  EXPECT_TRUE(absl::IsInvalidArgument(SchemaFromWire(torn).status()));

  v1::AlterCollectionRequest alter;
  (*alter.mutable_vector_memory())["text"] = v1::VECTOR_MEMORY_HOT;
  const auto change = ChangeFromWire(alter, {});
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->vector_memory.at("text"), engine::VectorMemory::kHot);
}

TEST(ConvertSchema, KeepsASchemaThroughTheDomain) {
  auto schema = SchemaFromWire(WireSchema());
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->hnsw.m, 16u);
  EXPECT_EQ(schema->hnsw.ef_construct, 200u);
  v1::CollectionSchema wire;
  SchemaToWire(*schema, &wire);
  auto again = SchemaFromWire(wire);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->vectors, schema->vectors);
  EXPECT_EQ(again->vectors.at("text").code_bits, 2u);
  EXPECT_EQ(again->hnsw.code_bits, 4u);
  EXPECT_EQ(again->fields, schema->fields);
  EXPECT_EQ(again->shard_count, 3u);
  EXPECT_EQ(again->optimizer.history_window_s, 0);
  EXPECT_EQ(again->search.recall_target, 0.9);
  EXPECT_EQ(again->metadata, schema->metadata);
}

TEST(ConvertSchema, NamesWhatIsNotSet) {
  v1::CollectionSchema schema = WireSchema();
  (*schema.mutable_vectors())["text"].clear_metric();
  EXPECT_EQ(MessageOf(SchemaFromWire(schema).status()), "vector `text`: metric is not set or not known: 0");
  schema = WireSchema();
  (*schema.mutable_fields())["when"].clear_type();
  EXPECT_EQ(MessageOf(SchemaFromWire(schema).status()), "field `when`: field type is not set or not known: 0");
}

TEST(ConvertSchema, ChangesOnlyWhatAnAlterNames) {
  engine::CollectionSchema current;
  current.hnsw.m = 48;
  v1::AlterCollectionRequest wire;
  wire.mutable_hnsw()->set_ef_construct(300);
  wire.add_drop_fields("old");
  (*wire.mutable_change_vectors())["text"].set_code_bits(4);
  (*wire.mutable_change_vectors())["image"];
  auto change = ChangeFromWire(wire, current);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->m, 48u);
  EXPECT_EQ(change->hnsw->ef_construct, 300u);
  EXPECT_EQ(change->hnsw->code_bits, 8u);
  EXPECT_EQ(change->code_bits, (std::map<std::string, std::optional<uint32_t>>{{"text", 4}, {"image", std::nullopt}}));
  EXPECT_FALSE(change->optimizer || change->metadata || change->search);
  wire.mutable_search();
  const auto taken_away = ChangeFromWire(wire, current);
  ASSERT_TRUE(taken_away.ok() && taken_away->search);
  EXPECT_FALSE(taken_away->search->recall_target);
  EXPECT_EQ(change->drop_fields, std::vector<std::string>{"old"});
}

TEST(ConvertSchema, ReadsAliasChangesInOrder) {
  v1::ChangeAliasesRequest wire;
  wire.add_changes()->set_drop("a");
  wire.mutable_changes()->Add()->mutable_create()->set_alias("b");
  wire.add_changes()->mutable_rename()->set_to("c");
  auto changes = AliasChangesFromWire(wire);
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(std::get<engine::DeleteAlias>((*changes)[0]).alias, "a");
  EXPECT_EQ(std::get<engine::CreateAlias>((*changes)[1]).alias, "b");
  EXPECT_EQ(std::get<engine::RenameAlias>((*changes)[2]).to, "c");
  wire.add_changes();
  EXPECT_EQ(MessageOf(AliasChangesFromWire(wire).status()), "alias change 3 has nothing set");
}

}  // namespace
}  // namespace lineal::server
