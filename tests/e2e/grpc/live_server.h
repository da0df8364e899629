// The real server, shared by the tests of this program, and calls to it.
//
// Threads: the test's.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "bench/load/server_process.h"
#include "lineal/v1/collections.grpc.pb.h"
#include "lineal/v1/points.grpc.pb.h"

namespace lineal::e2e {

inline std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Starts with the first test that asks for it and lives as long as the program.
inline bench::ServerProcess& SharedServer() {
  static TemporaryDirectory directory;
  static std::unique_ptr<bench::ServerProcess> server = [] {
    bench::ServerProcessOptions options;
    options.data_dir = directory.path() + "/data";
    options.quiet = false;
    options.flags = {"--log-level", "warning"};
    auto started = bench::ServerProcess::Start(options);
    if (!started.ok()) {
      ADD_FAILURE() << started.status();
      std::abort();
    }
    return *std::move(started);
  }();
  return *server;
}

// One call with a context of its own: Call(*stub, &Stub::Search, request, &answer).
template <class Stub, class Request, class Answer>
grpc::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
                  const Request& request, Answer* answer, const std::string& api_key = "") {
  grpc::ClientContext context;
  if (!api_key.empty()) context.AddMetadata("api-key", api_key);
  return (stub.*method)(&context, request, answer);
}

inline std::string Packed(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}
inline std::vector<float> Unpacked(const std::string& data) {
  std::vector<float> values(data.size() / sizeof(float));
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

using Points = v1::Points::Stub;
using Collections = v1::Collections::Stub;

// A collection of its own for each test, on the shared server.
class LiveCollection : public testing::Test {
 protected:
  LiveCollection()
      : channel_(ConnectTo(SharedServer().grpc_address())),
        points_(v1::Points::NewStub(channel_)),
        collections_(v1::Collections::NewStub(channel_)),
        name_(StrCat("e2e_", testing::UnitTest::GetInstance()->current_test_info()->name())) {}

  void Create(uint32_t dim, v1::Metric metric = v1::METRIC_EUCLID, uint32_t shard_count = 1) {
    v1::CreateCollectionRequest request;
    request.set_collection(name_);
    v1::VectorSchema& vector = (*request.mutable_schema()->mutable_vectors())[""];
    vector.set_dim(dim);
    vector.set_metric(metric);
    request.mutable_schema()->set_shard_count(shard_count);
    v1::Ack ack;
    const grpc::Status status = Call(*collections_, &Collections::Create, request, &ack);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  v1::UpsertRequest Upsert() const { return For<v1::UpsertRequest>(); }
  template <class Request>
  Request For() const {
    Request request;
    request.set_collection(name_);
    return request;
  }
  static v1::Point* AddPoint(uint64_t id, const std::vector<float>& values, const std::string& payload_json,
                             v1::UpsertRequest* request) {
    v1::Point* point = request->add_points();
    point->mutable_id()->set_number(id);
    if (!values.empty()) point->add_vectors()->set_data(Packed(values));
    point->set_payload_json(payload_json);
    return point;
  }
  void Put(const v1::UpsertRequest& request) {
    v1::WriteResponse written;
    const grpc::Status status = Call(*points_, &Points::Upsert, request, &written);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_GT(written.operation_id(), 0u);
  }
  uint64_t Count(const v1::Filter& filter = {}) {
    auto request = For<v1::CountRequest>();
    *request.mutable_filter() = filter;
    v1::CountResponse answer;
    const grpc::Status status = Call(*points_, &Points::Count, request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.count();
  }
  // The point of that number with its payload as JSON and its vectors, or one without an id.
  v1::PointRecord Get(uint64_t id) {
    auto request = For<v1::RetrieveRequest>();
    request.mutable_packed()->add_numbers(id);
    request.mutable_with_payload()->set_as_json(true);
    request.mutable_with_vector()->set_mode(v1::VectorSelector::MODE_ALL);
    v1::RetrieveResponse answer;
    const grpc::Status status = Call(*points_, &Points::Retrieve, request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.points_size() == 1 ? answer.points(0) : v1::PointRecord();
  }
  static void Select(std::vector<uint64_t> ids, v1::PointSelector* selector) {
    selector->mutable_ids()->mutable_packed()->mutable_numbers()->Assign(ids.begin(), ids.end());
  }
  static v1::Filter Keyword(const std::string& key, const std::string& value) {
    v1::Filter filter;
    v1::FieldCondition* field = filter.add_must()->mutable_field();
    field->set_key(key);
    field->mutable_match()->set_keyword(value);
    return filter;
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Points> points_;
  std::unique_ptr<Collections> collections_;
  const std::string name_;
};

}  // namespace lineal::e2e
