// Every RPC against every credential. The RPCs come from the descriptors, so that a new one cannot be forgotten here.
#include <google/protobuf/descriptor.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <set>

#include "lineal/v1/collections.pb.h"
#include "lineal/v1/points.pb.h"
#include "server/grpc/method_table.h"
#include "server/grpc/test_server.h"

namespace lineal::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kAdmin[] = "the-admin-key";
constexpr char kReader[] = "the-read-only-key";

// What a read-only key may call; all else changes something.
const std::set<std::string> kReads = {
    "/lineal.v1.Collections/Get",         "/lineal.v1.Collections/List",      "/lineal.v1.Collections/Exists",
    "/lineal.v1.Collections/ListAliases", "/lineal.v1.Collections/ListTasks", "/lineal.v1.Collections/Memory",
    "/lineal.v1.Points/Retrieve",         "/lineal.v1.Points/Scroll",         "/lineal.v1.Points/Count",
    "/lineal.v1.Points/Search",           "/lineal.v1.Points/SearchBatch"};

std::vector<std::string> MethodsOf(const char* service_name) {
  // Naming a message links the file in.
  (void)v1::CollectionRequest::default_instance();
  (void)v1::UpsertStreamResponse::default_instance();
  const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(service_name);
  EXPECT_NE(service, nullptr) << service_name;
  std::vector<std::string> paths;
  for (int i = 0; i < service->method_count(); ++i) {
    paths.push_back(StrCat("/", service->full_name(), "/", service->method(i)->name()));
  }
  return paths;
}

std::vector<std::string> AllPaths() {
  std::vector<std::string> paths = MethodsOf("lineal.v1.Collections");
  for (std::string& path : MethodsOf("lineal.v1.Points")) paths.push_back(std::move(path));
  return paths;
}

struct Credential {
  std::string header;
  std::string value;
};

class AuthorizationTest : public testing::Test {
 protected:
  AuthorizationTest() : server_(Keys()), channel_(server_.Connect()) {}

  static TestServerOptions Keys() {
    TestServerOptions options;
    options.api_key = kAdmin;
    options.read_only_key = kReader;
    return options;
  }

  // The outcome of the call with an empty message.
  grpc::StatusCode Call(const std::string& path, const Credential& credential) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(20, GPR_TIMESPAN)));
    if (!credential.header.empty()) context.AddMetadata(credential.header, credential.value);
    grpc::CompletionQueue queue;
    grpc::Status status;
    grpc::ByteBuffer response;
    auto call = stub.PrepareCall(&context, path, &queue);
    auto await = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    call->StartCall(nullptr);
    if (await()) {
      grpc::Slice empty;
      call->WriteLast(grpc::ByteBuffer(&empty, 1), grpc::WriteOptions(), nullptr);
      await();
      call->Read(&response, nullptr);
      await();
    }
    call->Finish(&status, nullptr);
    await();
    return status.error_code();
  }

  TestServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST(MethodTable, HasEveryRpcOfTheProtos) {
  MethodTable table = AllMethods();
  for (const std::string& path : AllPaths()) {
    const Method* method = table.Find(path);
    ASSERT_NE(method, nullptr) << path;
    EXPECT_TRUE(method->right.has_value()) << path;
  }
}

TEST(MethodTable, LeavesNothingOpenButHealth) {
  const MethodTable table = AllMethods();
  for (const Method* method : table.methods()) {
    EXPECT_EQ(!method->right.has_value(), method->path == "/grpc.health.v1.Health/Check") << method->path;
  }
}

TEST_F(AuthorizationTest, RefusesEveryRpcWithoutAValidKey) {
  const Credential invalid[] = {{"", ""},
                                {"api-key", ""},
                                {"api-key", "wrong"},
                                {"api-key", StrCat(kAdmin, "x")},
                                {"api-key", "the-admin-ke"},
                                {"authorization", kAdmin},
                                {"authorization", StrCat("bearer ", "wrong")},
                                {"authorization", StrCat("Basic ", kAdmin)},
                                {"x-api-key", kAdmin}};
  for (const std::string& path : AllPaths()) {
    for (const Credential& credential : invalid) {
      EXPECT_EQ(Call(path, credential), grpc::UNAUTHENTICATED) << path << " " << credential.header;
    }
  }
}

TEST_F(AuthorizationTest, LetsTheReadOnlyKeyReadAndNothingElse) {
  for (const std::string& path : AllPaths()) {
    const grpc::StatusCode code = Call(path, {"api-key", kReader});
    if (kReads.contains(path)) {
      EXPECT_TRUE(code != grpc::UNAUTHENTICATED && code != grpc::PERMISSION_DENIED) << path << " " << code;
    } else {
      EXPECT_EQ(code, grpc::PERMISSION_DENIED) << path;
    }
  }
}

TEST_F(AuthorizationTest, LetsTheAdminKeyDoEverything) {
  for (const std::string& path : AllPaths()) {
    for (const Credential& credential :
         {Credential{"api-key", kAdmin}, Credential{"authorization", StrCat("Bearer ", kAdmin)}}) {
      const grpc::StatusCode code = Call(path, credential);
      EXPECT_TRUE(code != grpc::UNAUTHENTICATED && code != grpc::PERMISSION_DENIED) << path << " " << code;
      EXPECT_NE(code, grpc::UNIMPLEMENTED) << path;
    }
  }
}

TEST_F(AuthorizationTest, AnswersUnimplementedToWhatIsNotThere) {
  for (const char* path : {"/lineal.v1.Points/Nothing", "/lineal.v1.Points", "/x", "/lineal.v1.Points/search"}) {
    EXPECT_EQ(Call(path, {"api-key", kAdmin}), grpc::UNIMPLEMENTED) << path;
  }
}

TEST_F(AuthorizationTest, GuardsReflectionToo) {
  for (const char* version : {"v1", "v1alpha"}) {
    const std::string path = StrCat("/grpc.reflection.", version, ".ServerReflection/ServerReflectionInfo");
    EXPECT_EQ(Call(path, {"", ""}), grpc::UNAUTHENTICATED);
    EXPECT_EQ(Call(path, {"api-key", kReader}), grpc::OK);
  }
}

// The message is never sent, and the refusal comes all the same: it does not wait for a body.
TEST_F(AuthorizationTest, RefusesBeforeTheMessageIsRead) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::Status status;
  auto call = stub.PrepareCall(&context, "/lineal.v1.Points/Upsert", &queue);
  call->StartCall(nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::UNAUTHENTICATED);
}

}  // namespace
}  // namespace lineal::server
