// A gRPC door on a fake database, on a port of its own, for tests.
//
// Threads: the test's.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "server/grpc/fake_database.h"
#include "server/grpc/grpc_server.h"

namespace lineal::server {

struct TestServerOptions {
  std::string api_key;
  std::string read_only_key;
  WorkPoolOptions work{.read_threads = 2, .write_threads = 4, .queue_max = 64};
  int64_t request_timeout_ms = 10'000;
  GrpcOptions grpc;
};

class TestServer {
 public:
  explicit TestServer(TestServerOptions options = {})
      : access_(options.api_key, options.read_only_key), work_(options.work) {
    Service service;
    service.database = &database;
    service.access = &access_;
    service.metrics = &metrics;
    service.work = &work_;
    service.clock = SystemClock();
    service.request_timeout_ms = options.request_timeout_ms;
    options.grpc.port = 0;
    auto server = GrpcServer::Start(options.grpc, service);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~TestServer() {
    server_->Stop(0);
    work_.Stop();
  }

  GrpcServer& server() { return *server_; }
  // A connection of its own each time.
  std::shared_ptr<grpc::Channel> Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  void Create(const std::string& name) {
    engine::CollectionSchema schema;
    schema.vectors[""].dim = 2;
    ASSERT_TRUE(database.CreateCollection(name, schema).ok());
  }

  FakeDatabase database;
  ServerMetrics metrics;

 private:
  AccessControl access_;
  WorkPool work_;
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace lineal::server
