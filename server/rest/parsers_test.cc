#include <gtest/gtest.h>

#include "server/rest/envelope.h"
#include "server/rest/json_writer.h"
#include "server/rest/parse_collection.h"
#include "server/rest/parse_filter.h"
#include "server/rest/parse_points.h"
#include "server/rest/parse_query.h"
#include "server/rest/parse_update.h"
#include "server/rest/quantization.h"
#include "server/rest/write_collection.h"

namespace lineal::server {
namespace {

// Reads `text` with `read` and shows what came of it: "ok", or the HTTP status and text.
template <class Reader>
std::string Outcome(const std::string& text, Reader read) {
  JsonBody body(text);
  auto root = body.Root();
  absl::Status status = root.status();
  if (status.ok()) status = read(*root, JsonPlace()).status();
  if (status.ok()) return "ok";
  HttpError error = ErrorOf(status);
  return StrCat(error.status, " ", error.text);
}

struct Case {
  std::string body;
  std::string outcome;  // a beginning of it
};

template <class Reader>
void Check(const std::vector<Case>& cases, Reader read) {
  for (const Case& c : cases) {
    EXPECT_TRUE(Outcome(c.body, read).starts_with(c.outcome)) << c.body << "\n  gives " << Outcome(c.body, read);
  }
}

std::string Nested(int levels) {
  std::string text = R"({"must":[{"key":"a","match":{"value":1}}]})";
  for (int i = 1; i < levels; ++i) text = R"({"must":[)" + text + "]}";
  return text;
}

TEST(JsonBody, RefusesWhatIsNotJsonWithAReason) {
  auto any = [](JsonElement element, const JsonPlace& place) { return ReadValue(element, place); };
  Check(
      {
          {"", "400 Format error in JSON body: the body is empty"},
          {"{", "400 Format error in JSON body: not valid JSON"},
          {"{\"a\":NaN}", "400 Format error"},
          {"{\"a\":\"\xff\xfe\"}", "400 Format error"},
          {"{\"a\":18446744073709551616}", "400 Format error"},
          {"{} {}", "400 Format error"},
          {std::string(10'000, '['), "400 Format error"},
          {std::string(500, '[') + std::string(500, ']'), "400 Format error in JSON body: "},
          {"{\"a\":18446744073709551615}", "ok"},
      },
      any);
}

TEST(ParsePoints, TellsWhatIsWrongAndWhere) {
  Check(
      {
          {R"({"points":[{"id":1,"vector":[1,2]}]})", "ok"},
          {R"({"points":[{"id":"98a9a4b1-4ef2-46fb-8315-a97d874fe1d7","vector":{"a":[1]},"payload":null}]})", "ok"},
          {R"({"points":[],"unknown":1})", "ok"},
          {R"({})", "400 Format error in JSON body: missing field `points`"},
          {R"({"points":{}})", "400 Format error in JSON body: points: expected an array, found an object"},
          {R"({"points":[{"vector":[1]}]})", "400 Format error in JSON body: points[0]: missing field `id`"},
          {R"({"points":[{"id":1}]})", "400 Format error in JSON body: points[0]: missing field `vector`"},
          {R"({"points":[{"id":-1,"vector":[1]}]})", "400 Format error in JSON body: points[0].id: value -1 is not"},
          {R"({"points":[{"id":1.5,"vector":[1]}]})", "400 Format error in JSON body: points[0].id"},
          {R"({"points":[{"id":"x","vector":[1]}]})", "400 Format error in JSON body: points[0].id: value x is not"},
          {R"({"points":[{"id":18446744073709551616,"vector":[1]}]})", "400 Format error"},
          {R"({"points":[{"id":1,"vector":[1,"2"]}]})",
           "400 Format error in JSON body: points[0].vector[1]: expected a number, found a string"},
          {R"({"points":[{"id":1,"vector":[1e39]}]})", "422 Validation error in JSON body: [points[0].vector[0]"},
          {R"({"points":[{"id":1,"vector":[[1]]}]})", "400 Wrong input: points[0].vector: multi-vectors are not"},
          {R"({"points":[{"id":1,"vector":{"s":{"indices":[1],"values":[1]}}}]})", "400 Wrong input: points[0].vect"},
          {R"({"points":[{"id":1,"vector":[1],"payload":[1]}]})", "400 Format error in JSON body: points[0].payload"},
          {R"({"points":[],"shard_key":"a"})", "400 Wrong input: shard_key"},
          {R"({"points":[],"update_filter":{}})", "400 Wrong input: update_filter"},
          {R"({"batch":{"ids":[1,2],"vectors":[[1],[2]],"payloads":[{"a":1},null]}})", "ok"},
          {R"({"batch":{"ids":[1],"vectors":{"a":[[1]],"b":[[2]]}}})", "ok"},
          {R"({"batch":{"ids":[1,2],"vectors":[[1]]}})", "422 Validation error in JSON body: [batch.vectors: has 1"},
          {R"({"batch":{"ids":[1],"vectors":[[1]],"payloads":[]}})", "422 Validation error"},
      },
      ReadUpsert);
}

TEST(ParsePoints, ReadsColumnsAndLargeIds) {
  JsonBody body(R"({"batch":{"ids":[18446744073709551615,"{98A9A4B1-4EF2-46FB-8315-A97D874FE1D7}"],
                   "vectors":{"a":[[1,2],[3,4]]},"payloads":[{"k":1},null]}})");
  auto upsert = ReadUpsert(*body.Root(), JsonPlace());
  ASSERT_TRUE(upsert.ok());
  ASSERT_EQ(upsert->points.size(), 2u);
  EXPECT_EQ(upsert->points[0].id.ToString(), "18446744073709551615");
  EXPECT_EQ(upsert->points[1].id.ToString(), "98a9a4b1-4ef2-46fb-8315-a97d874fe1d7");
  EXPECT_EQ(upsert->points[1].vectors[0].name, "a");
  EXPECT_EQ(upsert->points[1].vectors[0].values, (std::vector<float>{3, 4}));
  EXPECT_TRUE(upsert->points[1].payload.is_null());
}

TEST(ParsePoints, BoundsBatchesAndPayloads) {
  std::string many = R"({"points":[)";
  for (int i = 0; i < 100'001; ++i) many += i ? ",1" : "1";
  EXPECT_TRUE(Outcome(many + "]}", ReadUpsert).starts_with("422 Validation error in JSON body: [points: more than"));
  std::string big = R"({"points":[{"id":1,"vector":[1],"payload":{"t":")" + std::string(1 << 20, 'x') + R"("}}]})";
  EXPECT_TRUE(Outcome(big, ReadUpsert).starts_with("413 Payload too large"));
}

TEST(ParseFilter, RefusesWhatItDoesNotKnow) {
  Check(
      {
          {"{}", "ok"},
          {R"({"must":null,"should":[]})", "ok"},
          {R"({"must":{"key":"a","match":{"value":"x"}}})", "ok"},
          {R"({"must":[{"key":"a","match":{"any":[1,2]}},{"is_empty":{"key":"b"}},{"has_id":[1]}]})", "ok"},
          {R"({"must":[{"key":"a","range":{"gte":"2024-01-31T00:00:00Z"}}]})", "ok"},
          {R"({"min_should":{"conditions":[{"is_null":{"key":"b"}}],"min_count":1}})", "ok"},
          {R"({"must":[{"nested":{"key":"a","filter":{"must":[{"key":"b","match":{"value":true}}]}}}]})", "ok"},
          {R"({"all":[]})", "400 Format error in JSON body: unknown field `all`"},
          {R"({"must":[{}]})", "400 Format error in JSON body: must[0]: a condition is empty"},
          {R"({"must":[{"key":"a"}]})", "400 Format error in JSON body: must[0]: a field condition needs"},
          {R"({"must":[{"key":"a","matches":{"value":1}}]})", "400 Format error in JSON body: must[0]: unknown field"},
          {R"({"must":[{"key":"a","match":{"value":1.5}}]})", "400 Format error"},
          {R"({"must":[{"key":"a","match":{"any":["x",1]}}]})", "400 Format error"},
          {R"({"must":[{"key":"a","range":{"gt":1,"lt":"2024-01-01"}}]})", "400 Format error"},
          {R"({"must":[{"key":"a","range":{"gt":"soon"}}]})", "400 Format error in JSON body: must[0].range.gt"},
          {R"({"must":[{"key":"a","geo_radius":{}}]})", "400 Wrong input: must[0].geo_radius"},
          {R"({"must":"x"})", "400 Format error"},
      },
      ReadFilter);
}

TEST(ParseFilter, BoundsDepthAndWidth) {
  EXPECT_EQ(Outcome(Nested(32), ReadFilter), "ok");
  EXPECT_TRUE(Outcome(Nested(33), ReadFilter).starts_with("422 Validation error in JSON body: [filter: nested deeper"));
  EXPECT_TRUE(Outcome(Nested(200), ReadFilter).starts_with("422 "));
  std::string wide = R"({"must":[)";
  for (int i = 0; i < 1025; ++i) wide += std::string(i ? "," : "") + R"({"is_null":{"key":"a"}})";
  EXPECT_TRUE(Outcome(wide + "]}", ReadFilter).starts_with("422 "));
  std::string values = R"({"must":[{"key":"a","match":{"any":[1)";
  for (int i = 0; i < 65'536; ++i) values += ",1";
  EXPECT_TRUE(Outcome(values + "]}}]}", ReadFilter).starts_with("422 "));
}

TEST(ParseFilter, SeveralTestsBesideAKeyAreAlternatives) {
  JsonBody body(R"({"must":[{"key":"a","match":{"value":1},"is_null":false}]})");
  auto filter = ReadFilter(*body.Root(), JsonPlace());
  ASSERT_TRUE(filter.ok());
  auto* group = std::get_if<std::shared_ptr<const engine::Filter>>(&filter->must[0].test);
  ASSERT_TRUE(group);
  EXPECT_EQ((*group)->should.size(), 2u);
}

TEST(ParseQuery, FollowsTheDialect) {
  Check(
      {
          {R"({"query":[1,2]})", "ok"},
          {R"({"query":7,"using":"a","params":{"hnsw_ef":64,"exact":true}})", "ok"},
          {R"({"params":{"quantization":{"ignore":true,"rescore":true,"oversampling":2.0}}})", "ok"},
          {R"({"params":{"quantization":{"ignore":1}}})", "400 Format error in JSON body: "},
          {R"({"params":{"quantization":{"rescore":null,"oversampling":null}}})", "ok"},
          {R"({"params":{"quantization":{"rescore":0}}})", "400 Format error in JSON body: "},
          {R"({"params":{"quantization":{"oversampling":0.5}}})",
           "422 Validation error in JSON body: [params.quantization: oversampling: value 0.5 invalid, must be 1.0 or"},
          {R"({"query":{"nearest":[1,2],"mmr":{"diversity":0.3}}})", "ok"},
          {R"({"query":{"nearest":[1,2],"mmr":{}},"limit":999999999})", "ok"},
          {R"({"query":{"order_by":"k"}})", "ok"},
          {R"({"limit":999999999})", "ok"},
          {R"({"prefetch":[]})", "ok"},
          {R"({"limit":0})",
           "422 Validation error in JSON body: [internal.limit: value 0 invalid, must be 1 or larger]"},
          {R"({"limit":-1})", "400 Format error in JSON body: limit: invalid value"},
          {R"({"offset":-1})", "400 Format error"},
          {R"({"query":"no-uuid"})", "400 Format error in JSON body: query: value no-uuid is not a valid point ID"},
          {R"({"query":{"recommend":{}}})", "400 Wrong input: query: recommend queries are not supported yet"},
          {R"({"query":{"fusion":"rrf"},"prefetch":[{"query":[1]}]})", "400 Wrong input: prefetch"},
          {R"({"query":{"nearest":[1],"mmr":{"diversity":1.5}}})", "422 Validation error"},
          {R"({"params":{"hnsw_ef":0}})", "422 Validation error in JSON body: [params: hnsw_ef: value 0"},
          {R"({"query":[1,2],"params":{"recall_target":0.95},"explain":true})", "ok"},
          {R"({"query":[1,2],"params":{"recall_target":1}})", "ok"},
          {R"({"query":[1,2],"params":{"recall_target":0}})",
           "422 Validation error in JSON body: [params.recall_target: value 0 invalid, must be above 0.0 and at most "
           "1.0]"},
          {R"({"query":[1,2],"params":{"recall_target":1.01}})",
           "422 Validation error in JSON body: [params.recall_target: "},
          {R"({"query":[1,2],"params":{"recall_target":"much"}})",
           "400 Format error in JSON body: params.recall_target"},
          {R"({"query":[1,2],"explain":1})", "400 Format error in JSON body: explain"},
          {R"({"with_payload":5})", "400 Format error in JSON body: with_payload"},
          {R"({"as_of_seq":[1,2]})", "ok"},
          {R"({"as_of_seq":"x"})", "400 Format error"},
          {R"([])", "400 Format error in JSON body: expected an object, found an array"},
      },
      ReadQuery);
  Check(
      {
          {R"({"vector":[1],"limit":3})", "ok"},
          {R"({"vector":{"name":"a","vector":[1]},"limit":3})", "ok"},
          {R"({"vector":[1]})", "400 Format error in JSON body: missing field `limit`"},
      },
      ReadSearch);
  Check(
      {
          {R"({"limit":0})", "422 "},
          {R"({"offset":5,"order_by":"k"})", "400 Wrong input"},
          {R"({"order_by":{"key":"k","direction":"up"}})", "400 Format error in JSON body: order_by.direction"},
      },
      ReadScroll);
}

TEST(ParseQuery, DefaultsAreTheDialects) {
  JsonBody body("{}");
  auto query = ReadQuery(*body.Root(), JsonPlace());
  ASSERT_TRUE(query.ok());
  auto& scroll = std::get<SkippingScroll>(*query).scroll;
  EXPECT_EQ(scroll.limit, 10u);
  EXPECT_EQ(scroll.with_payload.mode, engine::PayloadSelector::Mode::kNone);
  auto page = ReadScroll(*body.Root(), JsonPlace());
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->with_payload.mode, engine::PayloadSelector::Mode::kAll);
  EXPECT_EQ(page->with_vector.mode, engine::VectorSelector::Mode::kNone);
}

TEST(ParseQuery, DiversityIsTheOtherSideOfRelevance) {
  JsonBody body(R"({"query":{"nearest":[1],"mmr":{"diversity":0.25,"candidates_limit":50}},"limit":3})");
  auto query = ReadQuery(*body.Root(), JsonPlace());
  ASSERT_TRUE(query.ok());
  auto& search = std::get<engine::SearchRequest>(*query);
  EXPECT_DOUBLE_EQ(search.mmr->lambda, 0.75);
  EXPECT_EQ(search.mmr->candidates, 50u);
}

TEST(ParseUpdate, NeedsPointsOrAFilter) {
  auto read = [](std::string_view name) {
    return [name](JsonElement element, const JsonPlace& place) { return ReadWriteOp(name, element, place); };
  };
  Check({{R"({"points":[1,2]})", "ok"}, {R"({"filter":{}})", "ok"}, {"{}", "400 Format error"}}, read("delete"));
  Check({{R"({"payload":{"a":1},"points":[1],"key":"x.y"})", "ok"},
         {R"({"points":[1]})", "400 Format error in JSON body: missing field `payload`"},
         {R"({"payload":{"a":1}})", "400 Format error in JSON body: either"}},
        read("set_payload"));
  Check({{R"({"vector":["a"],"points":[1]})", "ok"}, {R"({"vector":[],"points":[1]})", "422 "}},
        read("delete_vectors"));
  Check({{R"({"points":[]})", "422 "}, {R"({"points":[{"id":1,"vector":[1]}]})", "ok"}}, read("update_vectors"));
  Check({{R"({"operations":[{"upsert":{"points":[]}},{"clear_payload":{"points":[1]}}]})", "ok"},
         {R"({"operations":[{"explode":{}}]})", "400 Format error in JSON body: operations[0].explode"},
         {R"({"operations":[{}]})", "400 Format error"}},
        ReadOperations);
}

TEST(ParseCollection, ChecksWhatItAccepts) {
  Check(
      {
          {R"({"vectors":{"size":4,"distance":"Dot"}})", "ok"},
          {R"({"vectors":{"a":{"size":4,"distance":"Dot","datatype":"uint8"},"b":{"size":2,"distance":"Cosine"}}})",
           "ok"},
          {R"({"vectors":{},"sparse_vectors":{}})", "ok"},
          {R"({"vectors":{"size":0,"distance":"Dot"}})",
           "422 Validation error in JSON body: [vectors.size: value 0 invalid, must be from 1 to 65536]"},
          {R"({"vectors":{"size":4000000000000,"distance":"Dot"}})", "422 "},
          {R"({"vectors":{"size":4,"distance":"Hamming"}})",
           "400 Format error in JSON body: vectors.distance: unknown"},
          {R"({"vectors":{"size":4,"distance":"Dot","multivector_config":{"comparator":"max_sim"}}})", "400 Wrong in"},
          {R"({"sparse_vectors":{"s":{}}})", "400 Wrong input: sparse_vectors: sparse vectors are not supported yet"},
          {R"({"shard_number":0})", "422 "},
          {R"({"replication_factor":2,"sharding_method":"auto"})", "ok"},
          {R"({"sharding_method":"custom"})", "400 Wrong input"},
          {R"({"hnsw_config":{"ef_construct":3}})", "422 "},
          {R"({"recall_target":0.9})", "ok"},
          {R"({"recall_target":-0.5})", "422 Validation error in JSON body: [recall_target: value -0.5 invalid"},
          {R"({"optimizers_config":{"deleted_threshold":2}})", "422 "},
          {R"({"quantization_config":{"scalar":{"type":"int8","always_ram":true}}})", "ok"},
          {R"({"quantization_config":"Off"})", "400 Format error in JSON body: quantization_config: unknown variant"},
          {R"({"quantization_config":5})", "400 Format error in JSON body: quantization_config"},
          {R"({"quantization_config":{"scalar":{}}})",
           "400 Format error in JSON body: quantization_config.scalar: missing field `type`"},
          {R"({"quantization_config":{"scalar":{"type":"int4"}}})",
           "400 Format error in JSON body: quantization_config.scalar.type: unknown variant `int4`"},
          {R"({"quantization_config":{"binary":{"encoding":"three_bits"}}})", "400 Format error in JSON body: "},
          {R"({"quantization_config":{"product":{"compression":"x3"}}})", "400 Format error in JSON body: "},
          {R"({"quantization_config":{"product":5}})", "400 Format error in JSON body: quantization_config.product"},
          {R"({"quantization_config":{"turbo":{}}})", "400 Wrong input: quantization_config.turbo: this kind of quant"},
          {R"({"quantization_config":{"rabitq":{"bits":3}}})", "422 "},
          {R"({"quantization_config":{"rabitq":{}}})", "400 Format error in JSON body: quantization_config.rabitq"},
          {R"({"vectors":{"size":4,"distance":"Dot","quantization_config":{"binary":{}}}})", "ok"},
          {R"({"vectors":{"size":4,"distance":"Dot","quantization_config":{"turbo":{}}}})",
           "400 Wrong input: vectors.quantization_config.turbo"},
      },
      ReadCreateCollection);
  Check(
      {
          {R"({"field_name":"a.b","field_schema":"keyword"})", "ok"},
          {R"({"field_name":"a","field_schema":{"type":"keyword","is_tenant":true}})", "ok"},
          {R"({"field_name":"a","field_schema":"geo"})", "400 Wrong input"},
          {R"({"field_name":"a","field_schema":"blob"})", "400 Format error"},
          {R"({"field_name":"a"})", "400 Format error"},
      },
      ReadFieldIndex);
  Check({{R"({"actions":[{"create_alias":{"alias_name":"a","collection_name":"c"}}]})", "ok"},
         {R"({"actions":[{"create_alias":{"alias_name":"a"}}]})", "400 Format error"},
         {R"({"actions":[{}]})", "400 Format error"}},
        ReadAliasChanges);
}

TEST(ParseCollection, KeepsSettingsThatChangeNothing) {
  JsonBody body(R"({"vectors":{"size":4,"distance":"Dot","on_disk":true},"wal_config":{"wal_capacity_mb":64},
                   "optimizers_config":{"indexing_threshold":0}})");
  auto schema = ReadCreateCollection(*body.Root(), JsonPlace());
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ(*schema->raw_config.Find("wal_config")->Find("wal_capacity_mb"), engine::Value(int64_t{64}));
  EXPECT_EQ(schema->optimizer.indexing_threshold_kb, UINT64_MAX);
  JsonBody patch(R"({"hnsw_config":{"m":32},"optimizers_config":{"indexing_threshold":500},
                    "params":{"replication_factor":3}})");
  auto change = ReadUpdateCollection(*patch.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->m, 32u);
  EXPECT_EQ(change->hnsw->ef_construct, 100u);
  EXPECT_EQ(change->optimizer->indexing_threshold_kb, 500u);
  EXPECT_TRUE(change->raw_config->Find("wal_config"));
  EXPECT_EQ(*change->raw_config->Find("replication_factor"), engine::Value(int64_t{3}));
}

TEST(ParseCollection, PutsVectorsOnDiskAndInMemory) {
  using engine::VectorMemory;
  const auto created = [](const std::string& settings) {
    JsonBody body(R"({"vectors":{"size":4,"distance":"Dot")" + settings + "}}");
    return ReadCreateCollection(*body.Root(), JsonPlace());
  };
  EXPECT_EQ(created("")->vectors.at("").memory, VectorMemory::kWarm);
  EXPECT_EQ(created(R"(,"on_disk":true)")->vectors.at("").memory, VectorMemory::kCold);
  EXPECT_EQ(created(R"(,"on_disk":false)")->vectors.at("").memory, VectorMemory::kWarm);
  EXPECT_EQ(created(R"(,"memory":"hot")")->vectors.at("").memory, VectorMemory::kHot);
  EXPECT_EQ(created(R"(,"memory":"cold","on_disk":true)")->vectors.at("").memory, VectorMemory::kCold);
  EXPECT_FALSE(created(R"(,"memory":"cold","on_disk":false)").ok());
  EXPECT_FALSE(created(R"(,"memory":"hot","on_disk":true)").ok());
  EXPECT_FALSE(created(R"(,"memory":"tepid")").ok());

  const auto changed = [](const engine::CollectionSchema& current, const std::string& settings) {
    JsonBody patch(R"({"vectors":{"":{)" + settings + "}}}");
    auto change = ReadUpdateCollection(*patch.Root(), JsonPlace(), current);
    EXPECT_TRUE(change.ok()) << change.status();
    return change->vector_memory;
  };
  const auto warm = *created(""), hot = *created(R"(,"memory":"hot")"), cold = *created(R"(,"on_disk":true)");
  using Change = std::map<std::string, VectorMemory>;
  EXPECT_EQ(changed(warm, R"("on_disk":true)"), (Change{{"", VectorMemory::kCold}}));
  EXPECT_EQ(changed(cold, R"("on_disk":false)"), (Change{{"", VectorMemory::kWarm}}));
  EXPECT_EQ(changed(hot, R"("on_disk":false)"), Change{});
  EXPECT_EQ(changed(cold, R"("memory":"hot")"), (Change{{"", VectorMemory::kHot}}));
  EXPECT_EQ(changed(cold, R"("hnsw_config":{})"), Change{});

  const auto told = [](const engine::CollectionSchema& schema) {
    engine::CollectionInfo info;
    info.schema = schema;
    JsonWriter out;
    WriteCollectionInfo(&out, info);
    return out.Take();
  };
  EXPECT_NE(told(cold).find(R"("memory":"cold","on_disk":true)"), std::string::npos) << told(cold);
  EXPECT_EQ(told(warm).find(R"("memory")"), std::string::npos) << told(warm);
}

TEST(ParseCollection, SetsAndTakesAwayARecallTarget) {
  JsonBody body(R"({"vectors":{"size":4,"distance":"Dot"},"recall_target":0.9})");
  auto schema = ReadCreateCollection(*body.Root(), JsonPlace());
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ(schema->search.recall_target, 0.9);
  const auto change_by = [&](std::string_view text) {
    JsonBody patch{std::string(text)};
    auto change = ReadUpdateCollection(*patch.Root(), JsonPlace(), *schema);
    EXPECT_TRUE(change.ok()) << change.status();
    return *std::move(change);
  };
  EXPECT_FALSE(change_by(R"({"params":{"replication_factor":1}})").search) << "not spoken of";
  EXPECT_EQ(change_by(R"({"params":{"recall_target":0.99}})").search->recall_target, 0.99);
  const auto taken_away = change_by(R"({"params":{"recall_target":null}})").search;
  ASSERT_TRUE(taken_away);
  EXPECT_FALSE(taken_away->recall_target);
}

TEST(ParseCollection, SwitchesCodesOffAndOn) {
  JsonBody body(R"({"vectors":{"size":4,"distance":"Dot"}})");
  auto schema = ReadCreateCollection(*body.Root(), JsonPlace());
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ(schema->hnsw.code_bits, 8u);
  JsonBody off(R"({"quantization_config":"Disabled"})");
  auto change = ReadUpdateCollection(*off.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->code_bits, 0u);
  schema->hnsw = *change->hnsw;
  JsonBody other(R"({"hnsw_config":{"m":8}})");
  change = ReadUpdateCollection(*other.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->code_bits, 0u) << "not spoken of";
  JsonBody on(R"({"quantization_config":{"scalar":{"type":"int8"}}})");
  change = ReadUpdateCollection(*on.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->code_bits, 8u);
}

TEST(ParseCollection, MakesBitsOfEveryKindOfQuantization) {
  const std::pair<const char*, uint32_t> cases[] = {
      {R"({"scalar":{"type":"int8","quantile":0.99,"always_ram":true}})", 8},
      {R"({"binary":{"always_ram":true}})", 1},
      {R"({"binary":{"encoding":"one_bit"}})", 1},
      {R"({"binary":{"encoding":"one_and_half_bits"}})", 2},
      {R"({"binary":{"encoding":"two_bits","query_encoding":"default"}})", 2},
      {R"({"product":{"compression":"x4"}})", 8},
      {R"({"product":{"compression":"x8"}})", 4},
      {R"({"product":{"compression":"x16"}})", 2},
      {R"({"product":{"compression":"x32"}})", 1},
      {R"({"product":{"compression":"x64"}})", 1},
      {R"({"rabitq":{"bits":4}})", 4},
      {R"({"scalar":null,"rabitq":{"bits":2}})", 2},
      {R"({})", 8},
      {R"("Disabled")", 0},
  };
  for (const auto& [config, bits] : cases) {
    const std::string setting = StrCat("\"quantization_config\":", config);
    JsonBody body(StrCat(R"({"vectors":{"a":{"size":4,"distance":"Dot",)", setting, "}},", setting, "}"));
    const auto schema = ReadCreateCollection(*body.Root(), JsonPlace());
    ASSERT_TRUE(schema.ok()) << schema.status();
    EXPECT_EQ(schema->hnsw.code_bits, bits) << config;
    EXPECT_EQ(schema->vectors.at("a").code_bits, bits) << config;
  }
}

TEST(ParseCollection, ChangesTheBitsOfAVector) {
  JsonBody body(R"({"vectors":{"a":{"size":4,"distance":"Dot"}},"quantization_config":{"binary":{}}})");
  auto schema = ReadCreateCollection(*body.Root(), JsonPlace());
  ASSERT_TRUE(schema.ok());
  EXPECT_FALSE(schema->vectors.at("a").code_bits);
  JsonBody vector(R"({"vectors":{"a":{"quantization_config":{"rabitq":{"bits":4}}}}})");
  auto change = ReadUpdateCollection(*vector.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->code_bits, (std::map<std::string, std::optional<uint32_t>>{{"a", 4}}));
  EXPECT_FALSE(change->hnsw);
  JsonBody other(R"({"vectors":{"a":{"on_disk":true}}})");
  EXPECT_TRUE(ReadUpdateCollection(*other.Root(), JsonPlace(), *schema)->code_bits.empty());
  JsonBody broken(R"({"vectors":{"a":{"quantization_config":{"turbo":{}}}}})");
  EXPECT_FALSE(ReadUpdateCollection(*broken.Root(), JsonPlace(), *schema).ok());
  JsonBody product(R"({"quantization_config":{"product":{"compression":"x8"}}})");
  change = ReadUpdateCollection(*product.Root(), JsonPlace(), *schema);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->hnsw->code_bits, 4u);
  EXPECT_EQ(change->raw_config->Find("quantization_config")->Find("binary"), nullptr) << "one kind at a time";
}

TEST(Quantization, IsEchoedAsGivenWhileItHolds) {
  JsonBody body(R"({"binary":{"always_ram":true}})");
  const engine::Value kept = *ReadValue(*body.Root(), JsonPlace());
  EXPECT_EQ(QuantizationOf(1, &kept), kept);
  EXPECT_EQ(*QuantizationOf(4, &kept).Find("rabitq")->Find("bits"), engine::Value::Unsigned(4)) << "changed elsewhere";
  EXPECT_NE(QuantizationOf(8, &kept).Find("scalar"), nullptr);
  EXPECT_EQ(*QuantizationOf(2, nullptr).Find("rabitq")->Find("bits"), engine::Value::Unsigned(2));
  EXPECT_TRUE(QuantizationOf(8, nullptr).is_null());
  EXPECT_TRUE(QuantizationOf(0, &kept).is_null());
}

TEST(ParseQuery, TakesHowCodesAreUsed) {
  JsonBody body(R"({"query":[1,2],"params":{"quantization":{"rescore":false,"oversampling":2.5}}})");
  const auto query = ReadQuery(*body.Root(), JsonPlace());
  ASSERT_TRUE(query.ok()) << query.status();
  const auto& search = std::get<engine::SearchRequest>(*query);
  EXPECT_TRUE(search.use_codes);
  EXPECT_FALSE(search.rescore);
  EXPECT_EQ(search.oversampling, 2.5);
}

TEST(Envelope, MapsEveryKindOfError) {
  const std::vector<std::pair<absl::Status, std::string>> cases = {
      {NotFound("Collection `x` doesn't exist!"), "404 Not found: Collection `x` doesn't exist!"},
      {AlreadyExists("Collection `x` already exists!"), "409 Wrong input: Collection `x` already exists!"},
      {InvalidArgument("Vector dimension error: expected dim: 4, got 3"),
       "400 Wrong input: Vector dimension error: expected dim: 4, got 3"},
      {MakeError(ErrorKind::kOutOfRange, "limit: value 0 invalid, must be 1 or larger"),
       "422 Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]"},
      {MakeError(ErrorKind::kIndexRequired, "Index required but not found for \"k\""),
       "400 Bad request: Index required but not found for \"k\""},
      {MakeError(ErrorKind::kDiskFull, "disk"), "507 Insufficient storage: disk"},
      {MakeError(ErrorKind::kOverload, "queue"), "429 Rate limiting exceeded: queue"},
      {absl::DeadlineExceededError("late"), "408 Timeout: late"},
      {absl::PermissionDeniedError("Forbidden: no"), "403 Forbidden: no"},
      {Unavailable("down"), "503 Service unavailable: down"},
      {DataLoss("bad"), "500 Service internal error: bad"},
      {FailedPrecondition("not so"), "400 Bad request: not so"},
  };
  for (const auto& [status, wanted] : cases) {
    HttpError error = ErrorOf(status);
    EXPECT_EQ(StrCat(error.status, " ", error.text), wanted);
  }
  EXPECT_EQ(ErrorOf(MakeError(ErrorKind::kOverload, "")).retry_after_s, 1);
}

}  // namespace
}  // namespace lineal::server
