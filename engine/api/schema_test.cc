#include "engine/api/schema.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace lineal::engine {
namespace {

CollectionSchema Good() {
  CollectionSchema schema;
  schema.vectors[""].dim = 4;
  schema.vectors["title"].dim = kDimMax;
  schema.fields["a.b[]"] = {};
  return schema;
}

void ExpectOutOfRange(const CollectionSchema& schema, std::string_view in_message) {
  absl::Status status = ValidateSchema(schema);
  EXPECT_EQ(KindOf(status), ErrorKind::kOutOfRange) << status;
  EXPECT_NE(MessageOf(status).find(in_message), std::string_view::npos) << status;
}

TEST(ValidateSchema, AcceptsWhatIsWithinItsLimits) {
  EXPECT_TRUE(ValidateSchema(Good()).ok());
  EXPECT_TRUE(ValidateSchema(CollectionSchema()).ok());
  auto no_graph = Good();
  no_graph.hnsw.m = 0;
  EXPECT_TRUE(ValidateSchema(no_graph).ok());
}

TEST(ValidateSchema, NamesTheValueAndTheLimitItBreaks) {
  auto schema = Good();
  schema.vectors["title"].dim = 0;
  ExpectOutOfRange(schema, "vectors.title.size: value 0 invalid, must be from 1 to 65536");
  schema = Good();
  schema.vectors[""].dim = kDimMax + 1;
  ExpectOutOfRange(schema, "vectors.size: value 65537");
  schema = Good();
  schema.shard_count = 0;
  ExpectOutOfRange(schema, "shard_number: value 0");
  schema.shard_count = 257;
  ExpectOutOfRange(schema, "shard_number: value 257 invalid, must be from 1 to 256");
  schema = Good();
  schema.hnsw.m = 3;
  ExpectOutOfRange(schema, "hnsw_config.m: value 3");
  schema = Good();
  schema.hnsw.ef_construct = 3;
  ExpectOutOfRange(schema, "hnsw_config.ef_construct: value 3");
  schema = Good();
  schema.vectors["title"].m = 1000;
  ExpectOutOfRange(schema, "vectors.title.hnsw_config.m: value 1000");
  schema = Good();
  schema.optimizer.deleted_threshold = 1.5;
  ExpectOutOfRange(schema, "value 1.5");
  schema = Good();
  schema.vectors[std::string(256, 'v')].dim = 4;
  ExpectOutOfRange(schema, "256 bytes, the limit is 255");
  schema = Good();
  schema.fields[std::string(256, 'f')] = {};
  ExpectOutOfRange(schema, "256 bytes, the limit is 255");
}

TEST(ValidateSchema, RefusesBrokenKeysNamesAndShapes) {
  auto schema = Good();
  schema.fields["a..b"] = {};
  EXPECT_EQ(ValidateSchema(schema).code(), absl::StatusCode::kInvalidArgument);
  schema = Good();
  schema.vectors["\n"].dim = 4;
  EXPECT_EQ(ValidateSchema(schema).code(), absl::StatusCode::kInvalidArgument);
  schema = Good();
  schema.metadata = Value("text");
  EXPECT_EQ(ValidateSchema(schema).code(), absl::StatusCode::kInvalidArgument);
}

TEST(ValidateCollectionName, AcceptsTextAndRefusesPathsAndControls) {
  for (std::string_view name : {"docs", "Größe 2", "a.b", "x-y_z", "日本"})
    EXPECT_TRUE(ValidateCollectionName(name).ok());
  EXPECT_TRUE(ValidateCollectionName(std::string(255, 'n')).ok());
  for (std::string_view name :
       {"", "a/b", "a\\b", "a:b", "a*", "a?", "<", ">", "|", "\"", "a\nb", "\x7f", "\xff", ".", ".."}) {
    EXPECT_EQ(ValidateCollectionName(name).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(KindOf(ValidateCollectionName(std::string(256, 'n'))), ErrorKind::kOutOfRange);
}

TEST(Names, ReadBackAsWritten) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(MetricFromName(NameOf(static_cast<Metric>(i))), static_cast<Metric>(i));
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(FieldTypeFromName(NameOf(static_cast<FieldType>(i))), static_cast<FieldType>(i));
  }
  EXPECT_EQ(MetricFromName("cosine"), std::nullopt);
  EXPECT_EQ(FieldTypeFromName("geo"), std::nullopt);
}

}  // namespace
}  // namespace lineal::engine
