#include "server/grpc/grpc_server.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "lineal/v1/collections.grpc.pb.h"
#include "lineal/v1/points.grpc.pb.h"
#include "server/grpc/convert_vector.h"
#include "server/grpc/test_server.h"

namespace lineal::server {
namespace {

void AddPoint(uint64_t number, std::vector<float> values, v1::UpsertRequest* request) {
  v1::Point* point = request->add_points();
  point->mutable_id()->set_number(number);
  point->add_vectors()->set_data(PackFloats(values));
}

v1::UpsertRequest OnePoint(uint64_t number) {
  v1::UpsertRequest request;
  request.set_collection("docs");
  AddPoint(number, {1, 2}, &request);
  return request;
}

v1::SearchRequest SearchFor(std::vector<float> values) {
  v1::SearchRequest request;
  request.set_collection("docs");
  request.mutable_vector()->set_data(PackFloats(values));
  return request;
}

// Holds whatever passes until it is opened.
class Barrier {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST(GrpcServer, WritesAndFindsPoints) {
  TestServer server;
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());

  v1::UpsertRequest upsert;
  upsert.set_collection("docs");
  upsert.set_request_id("once");
  AddPoint(1, {1, 0}, &upsert);
  AddPoint(2, {0, 1}, &upsert);
  upsert.mutable_points(1)->set_payload_json(R"({"n":18446744073709551615})");
  v1::WriteResponse written;
  grpc::ClientContext upsert_call;
  ASSERT_TRUE(points->Upsert(&upsert_call, upsert, &written).ok());
  EXPECT_EQ(written.operation_id(), 1u);
  EXPECT_EQ(written.positions(0).seq(), 1u);
  EXPECT_EQ(server.database.collection("docs").last_write().request_id, "once");

  v1::SearchRequest search = SearchFor({0, 1});
  search.mutable_with_payload()->set_mode(v1::PayloadSelector::MODE_ALL);
  search.mutable_with_vector()->set_mode(v1::VectorSelector::MODE_ALL);
  v1::SearchResponse found;
  grpc::ClientContext search_call;
  ASSERT_TRUE(points->Search(&search_call, search, &found).ok());
  ASSERT_EQ(found.points_size(), 2);
  EXPECT_EQ(found.points(0).point().id().number(), 2u);
  EXPECT_EQ(found.points(0).score(), 1.0f);
  EXPECT_EQ(found.points(0).point().payload().fields().at("n").u64_value(), UINT64_MAX);
  EXPECT_EQ(found.points(0).point().vectors(0).data(), PackFloats(std::vector<float>{0, 1}));
  EXPECT_FALSE(found.has_explain());
  EXPECT_NE(server.metrics.Render(server.database).find("\nlineal_searches_total 1\n"), std::string::npos);

  search.set_explain(true);
  search.set_recall_target(0.75);
  grpc::ClientContext explained_call;
  ASSERT_TRUE(points->Search(&explained_call, search, &found).ok());
  EXPECT_EQ(found.explain().recall_target(), 0.75);
  ASSERT_EQ(found.explain().segments_size(), 1);
  EXPECT_EQ(found.explain().segments(0).plan(), "scan_all");
  EXPECT_EQ(found.explain().segments(0).rescored(), 3u);
  EXPECT_FALSE(found.explain().segments(0).has_predicted_recall());
  EXPECT_EQ(found.explain().advice(0), "less");
}

TEST(GrpcServer, SaysWhoHoldsWhatMemory) {
  TestServer server;
  server.Create("docs");
  auto collections = v1::Collections::NewStub(server.Connect());
  v1::CollectionRequest request;
  request.set_collection("docs");
  v1::MemoryResponse memory;
  grpc::ClientContext call;
  ASSERT_TRUE(collections->Memory(&call, request, &memory).ok());
  ASSERT_EQ(memory.held_size(), 2);
  EXPECT_EQ(memory.held(0).segment(), "1-2");
  EXPECT_EQ(memory.held(0).kind(), "codes");
  EXPECT_EQ(memory.held(0).bytes(), 700u);
  ASSERT_EQ(memory.mapped_size(), 1);
  EXPECT_EQ(memory.mapped(0).bytes(), 4'000u);
  EXPECT_EQ(memory.mapped(0).resident_bytes(), 1'000u);
  EXPECT_GT(memory.process().rss_anon_bytes(), 0u);
}

TEST(GrpcServer, ManagesCollections) {
  TestServer server;
  auto collections = v1::Collections::NewStub(server.Connect());
  v1::CreateCollectionRequest create;
  create.set_collection("docs");
  v1::VectorSchema& vector = (*create.mutable_schema()->mutable_vectors())[""];
  vector.set_dim(4);
  vector.set_metric(v1::METRIC_DOT);
  v1::Ack ack;
  {
    grpc::ClientContext call;
    ASSERT_TRUE(collections->Create(&call, create, &ack).ok());
  }
  {
    grpc::ClientContext call;
    EXPECT_EQ(collections->Create(&call, create, &ack).error_code(), grpc::ALREADY_EXISTS);
  }
  v1::CreateFieldIndexRequest index;
  index.set_collection("docs");
  index.set_key("lang");
  index.mutable_schema()->set_type(v1::FIELD_TYPE_KEYWORD);
  {
    grpc::ClientContext call;
    ASSERT_TRUE(collections->CreateFieldIndex(&call, index, &ack).ok());
  }
  v1::CollectionRequest name;
  name.set_collection("docs");
  v1::CollectionInfo info;
  {
    grpc::ClientContext call;
    ASSERT_TRUE(collections->Get(&call, name, &info).ok());
  }
  EXPECT_EQ(info.schema().vectors().at("").dim(), 4u);
  EXPECT_EQ(info.schema().vectors().at("").metric(), v1::METRIC_DOT);
  EXPECT_EQ(info.schema().fields().at("lang").type(), v1::FIELD_TYPE_KEYWORD);
  v1::ExistsResponse existed;
  {
    grpc::ClientContext call;
    ASSERT_TRUE(collections->Drop(&call, name, &existed).ok());
    EXPECT_TRUE(existed.existed());
  }
  {
    grpc::ClientContext call;
    ASSERT_TRUE(collections->Exists(&call, name, &existed).ok());
    EXPECT_FALSE(existed.existed());
  }
  grpc::ClientContext call;
  grpc::Status gone = collections->Get(&call, name, &info);
  EXPECT_EQ(gone.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(gone.error_message(), "Collection `docs` doesn't exist!");
}

TEST(GrpcServer, AcknowledgesStreamedMessagesInOrder) {
  TestServer server;
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  auto stream = points->UpsertStream(&call);
  constexpr uint64_t kMessages = 50;
  for (uint64_t i = 0; i < kMessages; ++i) {
    v1::UpsertRequest request = OnePoint(i);
    if (i != 0) request.clear_collection();
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  v1::UpsertStreamResponse answer;
  for (uint64_t i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.message_index(), i);
    EXPECT_EQ(answer.points(), 1u);
    EXPECT_EQ(answer.result().operation_id(), i + 1);
  }
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(server.database.collection("docs").Info()->points, kMessages);
}

TEST(GrpcServer, EndsAStreamAtItsFirstBadMessageAndNamesIt) {
  TestServer server;
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  auto stream = points->UpsertStream(&call);
  stream->Write(OnePoint(0));
  stream->Write(OnePoint(1));
  v1::UpsertRequest bad = OnePoint(2);
  bad.mutable_points(0)->mutable_vectors(0)->set_data("abc");
  stream->Write(bad);
  stream->Write(OnePoint(3));
  stream->WritesDone();
  v1::UpsertStreamResponse answer;
  EXPECT_TRUE(stream->Read(&answer));
  EXPECT_TRUE(stream->Read(&answer));
  EXPECT_FALSE(stream->Read(&answer));
  grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "message 2: point 0: vector has 3 bytes, not a multiple of 4");
  EXPECT_EQ(server.database.collection("docs").Info()->points, 2u);
}

TEST(GrpcServer, CancelsTheWriteOfACancelledStreamAndDropsTheRest) {
  TestServer server;
  server.Create("docs");
  std::atomic<int> begun{0};
  server.database.collection("docs").before = [&](const Deadline& deadline) {
    ++begun;
    while (!deadline.Expired()) std::this_thread::yield();
    return deadline.Check();
  };
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  auto stream = points->UpsertStream(&call);
  for (uint64_t i = 0; i < 8; ++i) ASSERT_TRUE(stream->Write(OnePoint(i)));
  while (begun == 0) std::this_thread::yield();
  call.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  server.server().Stop(1000);
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(server.database.collection("docs").Info()->points, 0u);
}

TEST(GrpcServer, GivesTheEngineTheClientsDeadlineAndCancellation) {
  TestServer server;
  server.Create("docs");
  server.database.collection("docs").before = [](const Deadline& deadline) {
    while (!deadline.Expired()) std::this_thread::yield();
    return deadline.Check();
  };
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  call.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(50, GPR_TIMESPAN)));
  v1::SearchResponse found;
  EXPECT_EQ(points->Search(&call, SearchFor({1, 2}), &found).error_code(), grpc::DEADLINE_EXCEEDED);
}

TEST(GrpcServer, AnswersDeadlineExceededAfterTheServersOwnTimeout) {
  TestServerOptions options;
  options.request_timeout_ms = 50;
  TestServer server(options);
  server.Create("docs");
  server.database.collection("docs").before = [](const Deadline& deadline) {
    while (!deadline.Expired()) std::this_thread::yield();
    return deadline.Check();
  };
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  v1::SearchResponse found;
  EXPECT_EQ(points->Search(&call, SearchFor({1, 2}), &found).error_code(), grpc::DEADLINE_EXCEEDED);
}

TEST(GrpcServer, RefusesWithRetryAfterWhenTheQueueIsFull) {
  TestServerOptions options;
  options.work = {.read_threads = 1, .write_threads = 1, .queue_max = 1};
  TestServer server(options);
  server.Create("docs");
  Barrier barrier;
  server.database.collection("docs").before = [&](const Deadline&) {
    barrier.Pass();
    return absl::OkStatus();
  };
  auto points = v1::Points::NewStub(server.Connect());
  struct Pending {
    grpc::ClientContext call;
    v1::SearchResponse answer;
  };
  std::vector<std::unique_ptr<Pending>> pending;
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SearchResponse>>> readers;
  std::vector<grpc::Status> statuses(4);
  for (size_t i = 0; i < 4; ++i) {
    pending.push_back(std::make_unique<Pending>());
    readers.push_back(points->AsyncSearch(&pending[i]->call, SearchFor({1, 2}), &queue));
    readers[i]->Finish(&pending[i]->answer, &statuses[i], reinterpret_cast<void*>(i));
    if (i == 0) barrier.AwaitWaiting(1);
  }
  // One runs, one is queued: the two others are refused while those wait.
  for (int refused = 0; refused < 2; ++refused) {
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    auto i = reinterpret_cast<size_t>(tag);
    EXPECT_EQ(statuses[i].error_code(), grpc::RESOURCE_EXHAUSTED);
    auto retry = pending[i]->call.GetServerTrailingMetadata().find("retry-after");
    ASSERT_NE(retry, pending[i]->call.GetServerTrailingMetadata().end());
    EXPECT_EQ(retry->second, "1");
  }
  barrier.Open();
  for (int done = 0; done < 2; ++done) {
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_TRUE(statuses[reinterpret_cast<size_t>(tag)].ok());
  }
}

TEST(GrpcServer, MapsAFullDiskToResourceExhaustedWithoutRetryAfter) {
  TestServer server;
  server.Create("docs");
  server.database.collection("docs").before = [](const Deadline&) {
    return MakeError(ErrorKind::kDiskFull, "no room on the data disk");
  };
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  v1::WriteResponse written;
  EXPECT_EQ(points->Upsert(&call, OnePoint(1), &written).error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(call.GetServerTrailingMetadata().count("retry-after"), 0u);
}

TEST(GrpcServer, RefusesMessagesOverTheSizeLimit) {
  TestServerOptions options;
  options.grpc.max_message_bytes = 1 << 20;
  TestServer server(options);
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  v1::UpsertRequest request = OnePoint(1);
  request.mutable_points(0)->mutable_vectors(0)->set_data(std::string(2 << 20, '\0'));
  grpc::ClientContext call;
  v1::WriteResponse written;
  EXPECT_EQ(points->Upsert(&call, request, &written).error_code(), grpc::RESOURCE_EXHAUSTED);
}

TEST(GrpcServer, TakesGzipAndRefusesABomb) {
  TestServerOptions options;
  options.grpc.max_message_bytes = 4 << 20;
  TestServer server(options);
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  v1::UpsertRequest request = OnePoint(1);
  request.mutable_points(0)->set_payload_json("{\"text\":\"" + std::string(4096, 'a') + "\"}");
  v1::WriteResponse written;
  {
    grpc::ClientContext call;
    call.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    EXPECT_TRUE(points->Upsert(&call, request, &written).ok());
  }
  request.mutable_points(0)->mutable_vectors(0)->set_data(std::string(64 << 20, '\0'));
  grpc::ClientContext call;
  call.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  grpc::Status status = points->Upsert(&call, request, &written);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "request inflates to more than 4194304 bytes");
}

TEST(GrpcServer, RefusesAnAnswerOverItsBudget) {
  TestServer server;
  server.Create("docs");
  engine::WriteRequest write;
  engine::UpsertPoints upsert;
  for (uint64_t i = 0; i < 70; ++i) {
    engine::PointInput point;
    point.id = PointId::Number(i);
    point.vectors.push_back({"", {1, 2}});
    point.payload.Set("text", std::string(1 << 19, 'a'));
    upsert.points.push_back(std::move(point));
  }
  write.ops.emplace_back(std::move(upsert));
  ASSERT_TRUE(server.database.collection("docs").Write(std::move(write)).ok());
  auto points = v1::Points::NewStub(server.Connect());
  v1::ScrollRequest scroll;
  scroll.set_collection("docs");
  scroll.set_limit(70);
  v1::ScrollResponse page;
  {
    grpc::ClientContext call;
    grpc::Status status = points->Scroll(&call, scroll, &page);
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    EXPECT_NE(status.error_message().find("33554432 bytes"), std::string::npos) << status.error_message();
  }
  scroll.set_limit(60);
  grpc::ClientContext call;
  EXPECT_TRUE(points->Scroll(&call, scroll, &page).ok());
  EXPECT_EQ(page.points_size(), 60);
  EXPECT_EQ(page.next_offset().number(), 60u);
}

TEST(GrpcServer, ReportsHealthFromTheDatabase) {
  TestServerOptions options;
  options.api_key = "secret";
  TestServer server(options);
  auto health = grpc::health::v1::Health::NewStub(server.Connect());
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse answer;
  {
    grpc::ClientContext call;
    ASSERT_TRUE(health->Check(&call, request, &answer).ok());
    EXPECT_EQ(answer.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  }
  server.database.SetReady(Unavailable("replaying"));
  {
    grpc::ClientContext call;
    ASSERT_TRUE(health->Check(&call, request, &answer).ok());
    EXPECT_EQ(answer.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  }
  request.set_service("no.such.Service");
  grpc::ClientContext call;
  EXPECT_EQ(health->Check(&call, request, &answer).error_code(), grpc::NOT_FOUND);
}

TEST(GrpcServer, CancelsCallsThatNeverSendTheirMessage) {
  TestServerOptions options;
  options.request_timeout_ms = 100;
  TestServer server(options);
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  grpc::ClientContext call;
  auto stream = points->UpsertStream(&call);
  v1::UpsertStreamResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
}

TEST(GrpcServer, CountsRequestsInTheMetrics) {
  TestServer server;
  server.Create("docs");
  auto points = v1::Points::NewStub(server.Connect());
  v1::CountRequest request;
  request.set_collection("nothing");
  v1::CountResponse answer;
  grpc::ClientContext call;
  EXPECT_EQ(points->Count(&call, request, &answer).error_code(), grpc::NOT_FOUND);
  server.server().Stop(1000);
  const std::string text = server.metrics.Render(server.database);
  EXPECT_NE(text.find("/lineal.v1.Points/Count"), std::string::npos) << text;
}

TEST(GrpcServer, SaysWhenThePortIsTaken) {
  TestServer first;
  GrpcOptions options;
  options.port = first.server().port();
  Service service;
  service.clock = SystemClock();
  EXPECT_TRUE(absl::IsUnavailable(GrpcServer::Start(options, service).status()));
}

}  // namespace
}  // namespace lineal::server
