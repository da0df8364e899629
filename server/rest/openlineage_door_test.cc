#include "server/rest/openlineage_door.h"

#include <gtest/gtest.h>

#include <latch>

#include "base/status.h"
#include "server/rest/rest_test_server.h"

namespace lineal::server {
namespace {

constexpr std::string_view kEvent =
    R"({"eventType":"START","eventTime":"t","producer":"p","schemaURL":"s","run":{"runId":"r"},"job":{"namespace":"n","name":"j"}})";

// Fills a queue of the work pool until it is let go.
class FullQueue {
 public:
  FullQueue(WorkPool* pool, WorkKind kind, int threads)
      : pool_(pool), kind_(kind), latches_(std::make_shared<Latches>(threads)) {
    for (int i = 0; i < threads; ++i) {
      const absl::Status taken = pool->Submit(kind, [latches = latches_] {
        latches->begun.count_down();
        latches->let_go.wait();
      });
      LINEAL_CHECK(taken.ok());
      // One waits at a time: the next has room once this one has begun.
      while (pool->queued(kind) > 0) std::this_thread::yield();
    }
    latches_->begun.wait();
    LINEAL_CHECK(pool->Submit(kind, [] {}).ok());
  }
  ~FullQueue() {
    latches_->let_go.count_down();
    while (pool_->queued(kind_) > 0) std::this_thread::yield();
  }

 private:
  // Outlive this for the threads that wait.
  struct Latches {
    explicit Latches(int threads) : begun(threads) {}
    std::latch begun, let_go{1};
  };
  WorkPool* const pool_;
  const WorkKind kind_;
  const std::shared_ptr<Latches> latches_;
};

TEST(OpenLineageDoor, Acceptance04OverloadIs503WithRetryAfterAndNever429) {
  RestTestServer server({}, {.read_threads = 1, .write_threads = 1, .queue_max = 1});
  RawClient client(server.server->port());
  {
    FullQueue events(&server.work, WorkKind::kManage, 2);
    for (const char* path : {"/api/v1/lineage", "/api/v1/lineage/batch"}) {
      const RawResponse refused = client.Call("POST", path, kEvent);
      EXPECT_EQ(refused.status, 503) << path;
      EXPECT_NE(refused.head.find("Retry-After: 1\r\n"), std::string::npos) << refused.head;
      EXPECT_EQ(refused.json()["code"], 503);
    }
    FullQueue reads(&server.work, WorkKind::kRead, 1);
    EXPECT_EQ(client.Call("GET", "/api/v1/namespaces").status, 503);
  }
  const RawResponse taken = client.Call("POST", "/api/v1/lineage", kEvent);
  EXPECT_EQ(taken.status, 200) << taken.body;
}

TEST(OpenLineageDoor, Acceptance04NoStatusBecomes429AndWhatMayPassIs503) {
  for (int code = 1; code <= 16; ++code) {
    const auto response = OpenLineageErrorResponse(absl::Status(static_cast<absl::StatusCode>(code), "why"));
    EXPECT_NE(response.status, 429) << code;
    EXPECT_EQ(response.status == 503, !response.headers.empty()) << code;
  }
  EXPECT_EQ(OpenLineageErrorResponse(MakeError(ErrorKind::kOverload, "full")).status, 503);
  EXPECT_EQ(OpenLineageErrorResponse(absl::DeadlineExceededError("late")).status, 503);
  EXPECT_EQ(OpenLineageErrorResponse(absl::UnavailableError("loading")).status, 503);
  EXPECT_EQ(OpenLineageErrorResponse(MakeError(ErrorKind::kDiskFull, "full")).status, 507);
  EXPECT_EQ(OpenLineageErrorResponse(MakeError(ErrorKind::kPayloadTooLarge, "large")).status, 413);
}

TEST(OpenLineageDoor, AFailingCatalogueIs503AndTheEventCanBeSentAgain) {
  RestTestServer server;
  RawClient client(server.server->port());
  server.database.meta().Fail(absl::UnavailableError("no disk"));
  EXPECT_EQ(client.Call("POST", "/api/v1/lineage", kEvent).status, 503);
  const RawResponse batch = client.Call("POST", "/api/v1/lineage/batch", StrCat("[", kEvent, "]"));
  EXPECT_EQ(batch.status, 200);
  EXPECT_EQ(batch.json()["failed_events"][0]["retriable"], true);
  server.database.meta().Fail(absl::OkStatus());
  EXPECT_EQ(client.Call("POST", "/api/v1/lineage", kEvent).status, 200);
  EXPECT_EQ(client.Call("GET", "/api/v1/jobs/runs/r").json()["state"], "RUNNING");
}

TEST(OpenLineageDoor, AnswersUnknownPathsAndMethodsInItsOwnShape) {
  RestTestServer server;
  RawClient client(server.server->port());
  EXPECT_EQ(client.Call("GET", "/api/v1/nothing").json()["code"], 404);
  const RawResponse method = client.Call("DELETE", "/api/v1/lineage");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.json()["code"], 405);
  EXPECT_NE(method.head.find("Allow: POST, GET"), std::string::npos) << method.head;
}

}  // namespace
}  // namespace lineal::server
