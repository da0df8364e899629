#include <sys/wait.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/e2e/grpc/live_server.h"

namespace lineal::e2e {
namespace {

constexpr char kAdmin[] = "an-admin-key-of-the-tests";
constexpr char kReader[] = "a-read-only-key-of-the-tests";

bench::ServerProcessOptions OptionsIn(const TemporaryDirectory& directory) {
  bench::ServerProcessOptions options;
  options.data_dir = directory.path() + "/data";
  return options;
}

v1::CreateCollectionRequest Docs() {
  v1::CreateCollectionRequest create;
  create.set_collection("docs");
  v1::VectorSchema& vector = (*create.mutable_schema()->mutable_vectors())[""];
  vector.set_dim(2);
  vector.set_metric(v1::METRIC_DOT);
  return create;
}

TEST(GrpcProcess, AsksForAKeyWhenOneIsConfigured) {
  TemporaryDirectory directory;
  bench::ServerProcessOptions options = OptionsIn(directory);
  options.environment = {{"LINEAL_API_KEY", kAdmin}, {"LINEAL_READ_ONLY_API_KEY", kReader}};
  auto server = bench::ServerProcess::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  auto channel = ConnectTo((*server)->grpc_address());
  auto collections = v1::Collections::NewStub(channel);
  v1::Ack ack;
  v1::ListCollectionsResponse list;
  EXPECT_EQ(Call(*collections, &Collections::Create, Docs(), &ack).error_code(), grpc::UNAUTHENTICATED);
  EXPECT_EQ(Call(*collections, &Collections::Create, Docs(), &ack, "wrong").error_code(), grpc::UNAUTHENTICATED);
  EXPECT_EQ(Call(*collections, &Collections::Create, Docs(), &ack, kReader).error_code(), grpc::PERMISSION_DENIED);
  EXPECT_TRUE(Call(*collections, &Collections::Create, Docs(), &ack, kAdmin).ok());
  EXPECT_TRUE(Call(*collections, &Collections::List, v1::ListCollectionsRequest(), &list, kReader).ok());
  EXPECT_EQ(list.collections_size(), 1);

  auto health = grpc::health::v1::Health::NewStub(channel);
  grpc::health::v1::HealthCheckResponse answer;
  grpc::ClientContext context;
  ASSERT_TRUE(health->Check(&context, {}, &answer).ok());
  EXPECT_EQ(answer.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST(GrpcProcess, KeepsAcknowledgedPointsOverACrashAndStopsCleanly) {
  TemporaryDirectory directory;
  constexpr uint64_t kPoints = 50;
  {
    auto server = bench::ServerProcess::Start(OptionsIn(directory));
    ASSERT_TRUE(server.ok()) << server.status();
    auto channel = ConnectTo((*server)->grpc_address());
    auto collections = v1::Collections::NewStub(channel);
    auto points = v1::Points::NewStub(channel);
    v1::Ack ack;
    ASSERT_TRUE(Call(*collections, &Collections::Create, Docs(), &ack).ok());
    for (uint64_t i = 0; i < kPoints; ++i) {
      v1::UpsertRequest upsert;
      upsert.set_collection("docs");
      upsert.add_points()->mutable_id()->set_number(i);
      upsert.mutable_points(0)->add_vectors()->set_data(Packed({1, static_cast<float>(i)}));
      v1::WriteResponse written;
      ASSERT_TRUE(Call(*points, &Points::Upsert, upsert, &written).ok());
    }
    (*server)->Kill();
  }
  auto server = bench::ServerProcess::Start(OptionsIn(directory));
  ASSERT_TRUE(server.ok()) << server.status();
  auto points = v1::Points::NewStub(ConnectTo((*server)->grpc_address()));
  v1::CountRequest count;
  count.set_collection("docs");
  v1::CountResponse counted;
  ASSERT_TRUE(Call(*points, &Points::Count, count, &counted).ok());
  EXPECT_EQ(counted.count(), kPoints);
  v1::SearchRequest search;
  search.set_collection("docs");
  search.mutable_vector()->set_data(Packed({0, 1}));
  search.set_limit(1);
  v1::SearchResponse found;
  ASSERT_TRUE(Call(*points, &Points::Search, search, &found).ok());
  ASSERT_EQ(found.points_size(), 1);
  EXPECT_EQ(found.points(0).point().id().number(), kPoints - 1);
  const int status = (*server)->Stop();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace lineal::e2e
