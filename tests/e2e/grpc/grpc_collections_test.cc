#include <algorithm>

#include "tests/e2e/grpc/live_server.h"

namespace lineal::e2e {
namespace {

class GrpcCollections : public LiveCollection {
 protected:
  v1::CollectionInfo Info() {
    v1::CollectionInfo info;
    const grpc::Status status = Call(*collections_, &Collections::Get, For<v1::CollectionRequest>(), &info);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return info;
  }
  bool Exists(const std::string& name) {
    v1::CollectionRequest request;
    request.set_collection(name);
    v1::ExistsResponse answer;
    EXPECT_TRUE(Call(*collections_, &Collections::Exists, request, &answer).ok());
    return answer.existed();
  }
  v1::Ack ack_;
};

TEST_F(GrpcCollections, LivesFromCreateToDrop) {
  EXPECT_FALSE(Exists(name_));
  auto create = For<v1::CreateCollectionRequest>();
  auto& vectors = *create.mutable_schema()->mutable_vectors();
  vectors["text"].set_dim(4);
  vectors["text"].set_metric(v1::METRIC_COSINE);
  vectors["image"].set_dim(8);
  vectors["image"].set_metric(v1::METRIC_MANHATTAN);
  vectors["image"].set_type(v1::ELEMENT_TYPE_U8);
  create.mutable_schema()->set_shard_count(2);
  (*create.mutable_schema()->mutable_metadata()->mutable_fields())["owner"].set_string_value("tests");
  ASSERT_TRUE(Call(*collections_, &Collections::Create, create, &ack_).ok());
  EXPECT_TRUE(Exists(name_));

  const grpc::Status again = Call(*collections_, &Collections::Create, create, &ack_);
  EXPECT_EQ(again.error_code(), grpc::ALREADY_EXISTS);

  v1::ListCollectionsResponse list;
  ASSERT_TRUE(Call(*collections_, &Collections::List, v1::ListCollectionsRequest(), &list).ok());
  EXPECT_NE(std::ranges::find(list.collections(), name_), list.collections().end());

  const v1::CollectionInfo info = Info();
  EXPECT_EQ(info.schema().vectors().at("image").type(), v1::ELEMENT_TYPE_U8);
  EXPECT_EQ(info.schema().vectors().at("text").metric(), v1::METRIC_COSINE);
  EXPECT_EQ(info.schema().shard_count(), 2u);
  EXPECT_EQ(info.schema().metadata().fields().at("owner").string_value(), "tests");
  EXPECT_EQ(info.seqs_size(), 2);
  EXPECT_EQ(info.points(), 0u);

  v1::ExistsResponse dropped;
  ASSERT_TRUE(Call(*collections_, &Collections::Drop, For<v1::CollectionRequest>(), &dropped).ok());
  EXPECT_TRUE(dropped.existed());
  ASSERT_TRUE(Call(*collections_, &Collections::Drop, For<v1::CollectionRequest>(), &dropped).ok());
  EXPECT_FALSE(dropped.existed());
  v1::CollectionInfo none;
  const grpc::Status gone = Call(*collections_, &Collections::Get, For<v1::CollectionRequest>(), &none);
  EXPECT_EQ(gone.error_code(), grpc::NOT_FOUND);
  EXPECT_NE(gone.error_message().find("doesn't exist"), std::string::npos) << gone.error_message();
}

TEST_F(GrpcCollections, RefusesSchemasOutsideTheirLimits) {
  auto create = For<v1::CreateCollectionRequest>();
  v1::VectorSchema& vector = (*create.mutable_schema()->mutable_vectors())[""];
  vector.set_metric(v1::METRIC_DOT);
  for (uint32_t dim : {0u, 65'537u, UINT32_MAX}) {
    vector.set_dim(dim);
    EXPECT_EQ(Call(*collections_, &Collections::Create, create, &ack_).error_code(), grpc::INVALID_ARGUMENT) << dim;
  }
  vector.set_dim(4);
  create.mutable_schema()->set_shard_count(1'000'000);
  EXPECT_EQ(Call(*collections_, &Collections::Create, create, &ack_).error_code(), grpc::INVALID_ARGUMENT);
  create.mutable_schema()->set_shard_count(1);
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(300, 'x')}) {
    create.set_collection(name);
    EXPECT_EQ(Call(*collections_, &Collections::Create, create, &ack_).error_code(), grpc::INVALID_ARGUMENT) << name;
  }
}

TEST_F(GrpcCollections, ChangesALiveCollection) {
  Create(2);
  auto alter = For<v1::AlterCollectionRequest>();
  alter.mutable_hnsw()->set_ef_construct(150);
  v1::VectorSchema& added = (*alter.mutable_add_vectors())["extra"];
  added.set_dim(3);
  added.set_metric(v1::METRIC_DOT);
  grpc::Status status = Call(*collections_, &Collections::Alter, alter, &ack_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Info().schema().vectors().at("extra").dim(), 3u);
  EXPECT_EQ(Info().schema().hnsw().ef_construct(), 150u);
  EXPECT_EQ(Info().schema().hnsw().m(), 16u);

  v1::UpsertRequest upsert = Upsert();
  v1::NamedVector* extra = AddPoint(1, {1, 2}, "", &upsert)->add_vectors();
  extra->set_name("extra");
  extra->set_data(Packed({1, 2, 3}));
  Put(upsert);
  EXPECT_EQ(Get(1).vectors_size(), 2);

  auto drop = For<v1::AlterCollectionRequest>();
  drop.add_drop_vectors("extra");
  status = Call(*collections_, &Collections::Alter, drop, &ack_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Get(1).vectors_size(), 1);
}

TEST_F(GrpcCollections, IndexesFieldsOfALiveCollection) {
  Create(2);
  v1::UpsertRequest upsert = Upsert();
  for (uint64_t i = 0; i < 10; ++i) AddPoint(i, {1, 2}, i % 2 == 0 ? R"({"lang":"en"})" : R"({"lang":"de"})", &upsert);
  Put(upsert);
  EXPECT_EQ(Count(Keyword("lang", "en")), 5u);
  auto index = For<v1::CreateFieldIndexRequest>();
  index.set_key("lang");
  EXPECT_EQ(Call(*collections_, &Collections::CreateFieldIndex, index, &ack_).error_code(), grpc::INVALID_ARGUMENT);
  index.mutable_schema()->set_type(v1::FIELD_TYPE_KEYWORD);
  const grpc::Status status = Call(*collections_, &Collections::CreateFieldIndex, index, &ack_);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Info().schema().fields().at("lang").type(), v1::FIELD_TYPE_KEYWORD);
  EXPECT_EQ(Count(Keyword("lang", "en")), 5u);
  auto drop = For<v1::DropFieldIndexRequest>();
  drop.set_key("lang");
  ASSERT_TRUE(Call(*collections_, &Collections::DropFieldIndex, drop, &ack_).ok());
  EXPECT_EQ(Info().schema().fields().count("lang"), 0u);
  EXPECT_EQ(Count(Keyword("lang", "de")), 5u);
}

TEST_F(GrpcCollections, ReachesACollectionByItsAlias) {
  Create(2);
  const std::string alias = name_ + "_alias";
  v1::ChangeAliasesRequest change;
  v1::Alias* create = change.add_changes()->mutable_create();
  create->set_alias(alias);
  create->set_collection(name_);
  ASSERT_TRUE(Call(*collections_, &Collections::ChangeAliases, change, &ack_).ok());
  EXPECT_TRUE(Exists(alias));
  v1::UpsertRequest upsert = Upsert();
  upsert.set_collection(alias);
  AddPoint(1, {1, 2}, "", &upsert);
  Put(upsert);
  EXPECT_EQ(Count(), 1u);

  v1::ListAliasesRequest mine;
  mine.set_collection(name_);
  v1::ListAliasesResponse list;
  ASSERT_TRUE(Call(*collections_, &Collections::ListAliases, mine, &list).ok());
  ASSERT_EQ(list.aliases_size(), 1);
  EXPECT_EQ(list.aliases(0).alias(), alias);

  // All or nothing: the second change cannot be made.
  v1::ChangeAliasesRequest broken;
  broken.add_changes()->set_drop(alias);
  broken.add_changes()->mutable_create()->set_alias("another");
  broken.mutable_changes(1)->mutable_create()->set_collection("no such collection");
  EXPECT_FALSE(Call(*collections_, &Collections::ChangeAliases, broken, &ack_).ok());
  EXPECT_TRUE(Exists(alias));

  v1::ChangeAliasesRequest drop;
  drop.add_changes()->set_drop(alias);
  ASSERT_TRUE(Call(*collections_, &Collections::ChangeAliases, drop, &ack_).ok());
  EXPECT_FALSE(Exists(alias));
}

TEST_F(GrpcCollections, ListsTheOptimizersTasks) {
  v1::ListTasksResponse tasks;
  EXPECT_TRUE(Call(*collections_, &Collections::ListTasks, v1::ListTasksRequest(), &tasks).ok());
}

}  // namespace
}  // namespace lineal::e2e
