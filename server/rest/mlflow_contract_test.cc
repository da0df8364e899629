// Every route of MLflow's registry, under both prefixes: what it answers when all is well, with a parameter missing,
// for what is not there and for what is in the way. A refusal changes nothing.
#include <gtest/gtest.h>

#include <set>

#include "server/rest/rest_test_server.h"
#include "server/rest/routes.h"

namespace lineal::server {
namespace {

using nlohmann::json;

constexpr int64_t kNow = 1'000'000'000'000;  // as FakeClock has it

json FirstVersion() {
  return {{"name", "m"},
          {"version", "1"},
          {"creation_timestamp", kNow},
          {"last_updated_timestamp", kNow},
          {"current_stage", "None"},
          {"status", "READY"},
          {"source", "s3://bucket/1"},
          {"run_id", "r1"},
          {"tags", {{{"key", "tier"}, {"value", "gold"}}}},
          {"aliases", {"live"}}};
}
json WithdrawnVersion() {
  return {{"name", "m"},
          {"version", "2"},
          {"creation_timestamp", kNow},
          {"last_updated_timestamp", kNow},
          {"current_stage", "None"},
          {"status", "FAILED_REGISTRATION"},
          {"status_message", "withdrawn: leaks"},
          {"source", "s3://bucket/2"}};
}
json Model() {
  return {{"name", "m"},
          {"creation_timestamp", kNow},
          {"last_updated_timestamp", kNow},
          {"tags", {{{"key", "lineal.guarded_aliases"}, {"value", "prod"}}}},
          {"latest_versions", {WithdrawnVersion()}},
          {"aliases", {{{"alias", "live"}, {"version", "1"}}}}};
}
json OtherModel() { return {{"name", "other"}, {"creation_timestamp", kNow}, {"last_updated_timestamp", kNow}}; }
json With(json object, const json& changes) {
  object.update(changes);
  return object;
}

// What there is when a case begins.
void Seed(engine::ModelRegistry* models) {
  LINEAL_CHECK(models->CreateModel({.name = "m", .tags = {{"lineal.guarded_aliases", "prod"}}}, "").ok());
  LINEAL_CHECK(models->CreateModel({.name = "other"}, "").ok());
  engine::ModelVersion first{.id = {"m"}, .source = "s3://bucket/1", .run_id = "r1", .tags = {{"tier", "gold"}}};
  LINEAL_CHECK(models->CreateVersion(first, "").ok());
  LINEAL_CHECK(models->CreateVersion({.id = {"m"}, .source = "s3://bucket/2"}, "").ok());
  LINEAL_CHECK(models->PointAlias({"m", 1}, "live", "").ok());
  LINEAL_CHECK(models->Withdraw({"m", 2}, "leaks", "").ok());
}

struct Refusal {
  json changes;  // of the request that succeeds
  int status;
  std::string code;
};

struct Case {
  std::string method;
  std::string path;
  json request;
  json answer;
  std::vector<std::string> required;
  std::vector<Refusal> refusals;
};

Refusal NotThere(json changes) { return {std::move(changes), 404, "RESOURCE_DOES_NOT_EXIST"}; }
Refusal Taken(json changes) { return {std::move(changes), 400, "RESOURCE_ALREADY_EXISTS"}; }
Refusal Conflict(json changes) { return {std::move(changes), 409, "RESOURCE_CONFLICT"}; }
Refusal Invalid(json changes) { return {std::move(changes), 400, "INVALID_PARAMETER_VALUE"}; }

std::vector<Case> Cases() {
  const json nothing = json::object();
  const json version = {{"name", "m"}, {"version", "1"}};
  const Refusal no_model = NotThere({{"name", "none"}});
  const Refusal no_version = NotThere({{"version", "9"}});
  const Refusal bad_version = Invalid({{"version", "one"}});
  const std::string m = "registered-models/";
  const std::string v = "model-versions/";
  return {
      {"POST",
       m + "create",
       {{"name", "new"}, {"description", "d"}, {"tags", {{{"key", "a"}, {"value", "b"}}}}},
       {{"registered_model",
         {{"name", "new"},
          {"description", "d"},
          {"tags", {{{"key", "a"}, {"value", "b"}}}},
          {"creation_timestamp", kNow},
          {"last_updated_timestamp", kNow}}}},
       {"name"},
       {Taken({{"name", "m"}}), Invalid({{"name", "a/b"}}), Invalid({{"name", "a:b"}}), Invalid({{"name", 7}}),
        Invalid({{"tags", {{{"value", "b"}}}}}), Invalid({{"tags", "a"}})}},
      {"POST",
       m + "rename",
       {{"name", "m"}, {"new_name", "n"}},
       {{"registered_model",
         With(Model(), {{"name", "n"}, {"latest_versions", {With(WithdrawnVersion(), {{"name", "n"}})}}})}},
       {"name", "new_name"},
       {no_model, Taken({{"new_name", "other"}}), Invalid({{"new_name", "a/b"}})}},
      {"PATCH",
       m + "update",
       {{"name", "m"}, {"description", "d"}},
       {{"registered_model", With(Model(), {{"description", "d"}})}},
       {"name"},
       {no_model, Invalid({{"description", std::string(5'001, 'x')}})}},
      {"DELETE", m + "delete", {{"name", "other"}}, nothing, {"name"}, {no_model, Conflict({{"name", "m"}})}},
      {"GET", m + "get", {{"name", "m"}}, {{"registered_model", Model()}}, {"name"}, {no_model}},
      {"GET",
       m + "search",
       nothing,
       {{"registered_models", {Model(), OtherModel()}}},
       {},
       {Invalid({{"filter", "size > 3"}}), Invalid({{"max_results", "0"}}), Invalid({{"max_results", "1001"}}),
        Invalid({{"page_token", "x"}}), Invalid({{"order_by", {"size"}}})}},
      {"POST",
       m + "get-latest-versions",
       {{"name", "m"}, {"stages", {"None"}}},
       {{"model_versions", {WithdrawnVersion()}}},
       {"name"},
       {no_model, Invalid({{"stages", {"Nowhere"}}})}},
      {"GET",
       m + "get-latest-versions",
       {{"name", "m"}},
       {{"model_versions", {WithdrawnVersion()}}},
       {"name"},
       {no_model, Invalid({{"stages", {"None", "Nowhere"}}})}},
      {"POST",
       m + "set-tag",
       {{"name", "m"}, {"key", "k"}, {"value", "v"}},
       nothing,
       {"name", "key"},
       {no_model, Invalid({{"key", "*"}}), Invalid({{"value", std::string(5'001, 'x')}})}},
      {"DELETE", m + "delete-tag", {{"name", "m"}, {"key", "k"}}, nothing, {"name", "key"}, {no_model}},
      {"POST",
       m + "alias",
       {{"name", "m"}, {"alias", "try"}, {"version", "1"}},
       nothing,
       {"name", "alias", "version"},
       {no_model, no_version, bad_version, Conflict({{"version", "2"}}), Conflict({{"alias", "prod"}}),
        Invalid({{"alias", "v1"}}), Invalid({{"alias", "latest"}})}},
      {"DELETE", m + "alias", {{"name", "m"}, {"alias", "live"}}, nothing, {"name", "alias"}, {no_model}},
      {"GET",
       m + "alias",
       {{"name", "m"}, {"alias", "live"}},
       {{"model_version", FirstVersion()}},
       {"name", "alias"},
       {no_model, Invalid({{"alias", "none"}})}},
      {"POST",
       v + "create",
       {{"name", "m"}, {"source", "s3://bucket/3"}, {"run_id", "r3"}, {"description", "d"}},
       {{"model_version",
         {{"name", "m"},
          {"version", "3"},
          {"creation_timestamp", kNow},
          {"last_updated_timestamp", kNow},
          {"current_stage", "None"},
          {"status", "READY"},
          {"source", "s3://bucket/3"},
          {"run_id", "r3"},
          {"description", "d"}}}},
       {"name", "source"},
       {no_model, NotThere({{"source", "models:/m/9"}}), Conflict({{"source", "models:/m/2"}}),
        Invalid({{"source", "/tmp/m"}}), Invalid({{"source", "file:///tmp/m"}}),
        Invalid({{"source", "s3://b/%2e%2e/x"}})}},
      {"PATCH",
       v + "update",
       With(version, {{"description", "d"}}),
       {{"model_version", With(FirstVersion(), {{"description", "d"}})}},
       {"name", "version"},
       {no_model, no_version, bad_version, Invalid({{"description", 1}})}},
      {"POST",
       v + "transition-stage",
       With(version, {{"stage", "production"}, {"archive_existing_versions", true}}),
       {{"model_version", With(FirstVersion(), {{"current_stage", "Production"}})}},
       {"name", "version", "stage"},
       {no_model, no_version, bad_version, Conflict({{"version", "2"}}), Invalid({{"stage", "Nowhere"}}),
        Invalid({{"stage", "Archived"}}), Invalid({{"archive_existing_versions", "perhaps"}})}},
      {"DELETE",
       v + "delete",
       version,
       nothing,
       {"name", "version"},
       {no_model, no_version, bad_version, Conflict({{"version", "2"}})}},
      {"GET",
       v + "get",
       version,
       {{"model_version", FirstVersion()}},
       {"name", "version"},
       {no_model, no_version, bad_version}},
      {"GET",
       v + "search",
       nothing,
       {{"model_versions", {WithdrawnVersion(), FirstVersion()}}},
       {},
       {Invalid({{"filter", "name = m"}}), Invalid({{"max_results", "200001"}}), Invalid({{"page_token", "-1"}}),
        Invalid({{"order_by", {"name", "name"}}})}},
      {"GET",
       v + "get-download-uri",
       version,
       {{"artifact_uri", "s3://bucket/1"}},
       {"name", "version"},
       {no_model, no_version, bad_version}},
      {"POST",
       v + "set-tag",
       With(version, {{"key", "k"}, {"value", "v"}}),
       nothing,
       {"name", "version", "key"},
       {no_model, no_version, bad_version, Invalid({{"value", 3}})}},
      {"DELETE",
       v + "delete-tag",
       With(version, {{"key", "tier"}}),
       nothing,
       {"name", "version", "key"},
       {no_model, no_version, bad_version}},
  };
}

std::string Escaped(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

// As MLflow's clients send it: a query string with GET, where lists repeat their name, and else a JSON body.
RawResponse Send(RawClient* client, const std::string& method, std::string target, const json& request,
                 std::string_view headers = "") {
  if (method != "GET") return client->Call(method, target, request.dump(), headers);
  const char* mark = "?";
  for (const auto& [name, value] : request.items()) {
    for (const json& one : value.is_array() ? value : json::array({value})) {
      StrAppend(&target, mark, name, "=", Escaped(one.is_string() ? one.get<std::string>() : one.dump()));
      mark = "&";
    }
  }
  return client->Call(method, target, "", headers);
}

struct SeededServer : RestTestServer {
  SeededServer() : client(server->port()) { Seed(models()); }
  engine::ModelRegistry* models() { return &(*database.lineage())->models(); }
  json Records() { return database.meta().records(); }
  RawClient client;
};

TEST(MlflowContract, Acceptance08TheTableHasEveryRoute) {
  constexpr std::string_view kPrefix = "/api/2.0/mlflow/";
  std::multiset<std::string> served;
  for (const Route& route : Routes()) {
    if (route.path.starts_with(kPrefix)) {
      served.insert(StrCat(NameOf(route.method), " ", route.path.substr(kPrefix.size())));
    }
  }
  std::multiset<std::string> tested;
  for (const Case& one : Cases()) tested.insert(one.method + " " + one.path);
  EXPECT_EQ(served, tested);
  EXPECT_EQ(served.size(), 22u);  // 21 endpoints, of which get-latest-versions is a GET and a POST
}

class MlflowRoutes : public testing::TestWithParam<std::string> {};

TEST_P(MlflowRoutes, Acceptance08AnswerAsMlflowDoes) {
  for (const Case& one : Cases()) {
    SCOPED_TRACE(one.method + " " + one.path);
    const std::string target = GetParam() + one.path;
    SeededServer server;
    const json before = server.Records();
    const auto refused = [&](const json& request, int status, const std::string& code) {
      const RawResponse response = Send(&server.client, one.method, target, request);
      EXPECT_EQ(response.status, status) << request.dump() << response.body;
      const json body = response.json();
      EXPECT_EQ(body.value("error_code", ""), code) << request.dump() << response.body;
      EXPECT_FALSE(body.value("message", "").empty()) << response.body;
      EXPECT_EQ(body.size(), 2u) << response.body;
      EXPECT_EQ(server.Records(), before) << request.dump();
      return body.value("message", "");
    };
    for (const std::string& name : one.required) {
      json request = one.request;
      request.erase(name);
      EXPECT_NE(refused(request, 400, "INVALID_PARAMETER_VALUE").find("'" + name + "'"), std::string::npos);
      request[name] = "";
      refused(request, 400, "INVALID_PARAMETER_VALUE");
    }
    for (const Refusal& refusal : one.refusals) {
      refused(With(one.request, refusal.changes), refusal.status, refusal.code);
    }
    const RawResponse response =
        Send(&server.client, one.method, target, With(one.request, {{"what_nobody_knows", "x"}}));
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.json(), one.answer) << response.body;
    EXPECT_NE(response.head.find("application/json"), std::string::npos);
  }
}

TEST_P(MlflowRoutes, Acceptance08RefuseInTheirOwnShape) {
  SeededServer server;
  const auto expect = [](const RawResponse& response, int status, const std::string& code) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.json().value("error_code", ""), code) << response.body;
  };
  expect(server.client.Call("GET", GetParam() + "runs/nothing"), 404, "ENDPOINT_NOT_FOUND");
  auto wrong = server.client.Call("PUT", GetParam() + "registered-models/alias");
  expect(wrong, 405, "ENDPOINT_NOT_FOUND");
  EXPECT_NE(wrong.head.find("Allow: POST, DELETE, GET"), std::string::npos) << wrong.head;
  for (const char* body : {"{", "[]", "3", "\"x\"", "{\"name\":\"\xff\"}", "{\"name\":{}}"}) {
    expect(server.client.Call("POST", GetParam() + "registered-models/create", body), 400, "INVALID_PARAMETER_VALUE");
  }
  expect(server.client.Call("GET", GetParam() + "registered-models/get?name=%FF"), 400, "INVALID_PARAMETER_VALUE");
  server.database.meta().Fail(absl::UnavailableError("not now"));
  auto unavailable = server.client.Call("POST", GetParam() + "registered-models/create", R"({"name":"x"})");
  expect(unavailable, 503, "TEMPORARILY_UNAVAILABLE");
  EXPECT_NE(unavailable.head.find("Retry-After"), std::string::npos);
  RawClient large(server.server->port());
  large.Send(
      StrCat("POST ", GetParam(), "registered-models/create HTTP/1.1\r\nHost: t\r\nContent-Length: 99000000\r\n\r\n"));
  expect(large.Read(), 413, "INVALID_PARAMETER_VALUE");
}

TEST_P(MlflowRoutes, Acceptance08AskForAKey) {
  RestTestServer server({}, {}, "admin", "reader");
  for (const Case& one : Cases()) {
    SCOPED_TRACE(one.method + " " + one.path);
    const std::string target = GetParam() + one.path;
    const auto code = [&](std::string_view headers) {
      RawClient client(server.server->port());
      const RawResponse response = Send(&client, one.method, target, one.request, headers);
      return StrCat(response.status, " ", response.json().value("error_code", ""));
    };
    EXPECT_EQ(code(""), "401 UNAUTHENTICATED");
    EXPECT_EQ(code("Authorization: Bearer wrong\r\n"), "401 UNAUTHENTICATED");
    const bool reads = one.method == "GET" || one.path.ends_with("get-latest-versions");
    EXPECT_EQ(code("Authorization: Bearer reader\r\n") == "403 PERMISSION_DENIED", !reads);
    EXPECT_NE(code("Authorization: Bearer admin\r\n"), "403 PERMISSION_DENIED");
  }
}

INSTANTIATE_TEST_SUITE_P(Prefixes, MlflowRoutes, testing::Values("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"),
                         [](const auto& info) { return info.param.starts_with("/api") ? "Api" : "AjaxApi"; });

// The calls of a client, one after another over one connection.
struct Calls {
  explicit Calls(SeededServer* server) : server(server) {}
  json operator()(const char* method, const std::string& path, const json& request, int status = 200) {
    const RawResponse response = Send(&server->client, method, "/api/2.0/mlflow/" + path, request);
    EXPECT_EQ(response.status, status) << method << " " << path << " " << response.body;
    return response.json();
  }
  SeededServer* server;
};

TEST(MlflowReplay, Acceptance09RegisterModel) {
  SeededServer server;
  Calls call(&server);
  for (const char* number : {"1", "2"}) {
    // The model is made if it is not there; that it is there is no failure.
    const bool first = number[0] == '1';
    const json created = call("POST", "registered-models/create", {{"name", "fresh"}}, first ? 200 : 400);
    if (!first) {
      EXPECT_EQ(created["error_code"], "RESOURCE_ALREADY_EXISTS");
    }
    const json made = call("POST", "model-versions/create",
                           {{"name", "fresh"},
                            {"source", "s3://bucket/fresh"},
                            {"run_id", ""},
                            {"tags", json::array()},
                            {"local_model_path", ""}})["model_version"];
    EXPECT_EQ(made["version"], number);
    EXPECT_EQ(made["status"], "READY");
  }
}

TEST(MlflowReplay, Acceptance09RegisterModelWaitsForTheEndpointsCheck) {
  SeededServer server;
  Calls call(&server);
  const json tags = {{{"key", "embedding.endpoint"}, {"value", "http://embed/v1/embeddings"}}};
  const auto make = [&] {
    return call("POST", "model-versions/create", {{"name", "m"}, {"source", "hf://org/model"}, {"tags", tags}});
  };
  const auto get = [&](const char* number) {
    return call("GET", "model-versions/get", {{"name", "m"}, {"version", number}})["model_version"];
  };
  EXPECT_EQ(make()["model_version"]["status"], "PENDING_REGISTRATION");
  EXPECT_EQ(make()["model_version"]["status"], "PENDING_REGISTRATION");
  EXPECT_EQ(get("3")["status"], "PENDING_REGISTRATION");
  ASSERT_TRUE(server.models()->SetState({"m", 3}, engine::VersionState::kReady, "", "canary").ok());
  ASSERT_TRUE(server.models()->SetState({"m", 4}, engine::VersionState::kFailed, "canary 2 has a NaN", "canary").ok());
  EXPECT_EQ(get("3")["status"], "READY");
  EXPECT_FALSE(get("3").contains("status_message"));
  EXPECT_EQ(get("4")["status"], "FAILED_REGISTRATION");
  EXPECT_EQ(get("4")["status_message"], "canary 2 has a NaN");
}

TEST(MlflowReplay, Acceptance09AliasIsSetReadLoadedAndDeleted) {
  SeededServer server;
  Calls call(&server);
  call("POST", "model-versions/create", {{"name", "m"}, {"source", "models:/m/1"}});
  EXPECT_EQ(call("POST", "registered-models/alias", {{"name", "m"}, {"alias", "champion"}, {"version", "3"}}),
            json::object());
  const json found = call("GET", "registered-models/alias", {{"name", "m"}, {"alias", "champion"}})["model_version"];
  EXPECT_EQ(found["version"], "3");
  EXPECT_EQ(found["aliases"], json({"champion"}));
  // What loading "models:/m@champion" asks next; the source is another version's.
  EXPECT_EQ(call("GET", "model-versions/get-download-uri", {{"name", "m"}, {"version", "3"}})["artifact_uri"],
            "s3://bucket/1");
  const json model = call("GET", "registered-models/get", {{"name", "m"}})["registered_model"];
  const json aliases = {{{"alias", "champion"}, {"version", "3"}}, {{"alias", "live"}, {"version", "1"}}};
  EXPECT_EQ(model["aliases"], aliases);
  EXPECT_EQ(call("DELETE", "registered-models/alias", {{"name", "m"}, {"alias", "champion"}}), json::object());
  const json gone = call("GET", "registered-models/alias", {{"name", "m"}, {"alias", "champion"}}, 400);
  EXPECT_EQ(gone["error_code"], "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(gone["message"], "Registered model alias champion not found.");
}

TEST(MlflowReplay, Acceptance09StageTransition) {
  SeededServer server;
  Calls call(&server);
  call("POST", "model-versions/create", {{"name", "m"}, {"source", "s3://bucket/3"}});
  const auto move = [&](const char* number, const char* stage, bool archive) {
    return call("POST", "model-versions/transition-stage",
                {{"name", "m"}, {"version", number}, {"stage", stage}, {"archive_existing_versions", archive}});
  };
  EXPECT_EQ(move("1", "Production", false)["model_version"]["current_stage"], "Production");
  EXPECT_EQ(move("3", "Production", true)["model_version"]["current_stage"], "Production");
  EXPECT_EQ(call("GET", "model-versions/get", {{"name", "m"}, {"version", "1"}})["model_version"]["current_stage"],
            "Archived");
  const json latest =
      call("POST", "registered-models/get-latest-versions", {{"name", "m"}, {"stages", {"Production"}}});
  ASSERT_EQ(latest["model_versions"].size(), 1u);
  EXPECT_EQ(latest["model_versions"][0]["version"], "3");
  EXPECT_EQ(call("GET", "registered-models/get-latest-versions", {{"name", "m"}, {"stages", {"Staging"}}}),
            json::object());
}

TEST(MlflowReplay, Acceptance11AGuardedAliasMovesOnlyWithAVerdict) {
  SeededServer server;
  Calls call(&server);
  const json move = {{"name", "m"}, {"alias", "prod"}, {"version", "1"}};
  const json before = server.Records();
  const json refused = call("POST", "registered-models/alias", move, 409);
  EXPECT_EQ(refused["error_code"], "RESOURCE_CONFLICT");
  EXPECT_NE(refused["message"].get<std::string>().find("lineal.verdict"), std::string::npos);
  EXPECT_EQ(server.Records(), before);
  const auto set_verdict = [&](const char* verdict) {
    call("POST", "model-versions/set-tag",
         {{"name", "m"}, {"version", "1"}, {"key", "lineal.verdict"}, {"value", verdict}});
  };
  set_verdict("fail");
  call("POST", "registered-models/alias", move, 409);
  set_verdict("pass");
  call("POST", "registered-models/alias", move);
  EXPECT_EQ(call("GET", "registered-models/alias", {{"name", "m"}, {"alias", "prod"}})["model_version"]["version"],
            "1");
  const json moves = server.client.Call("GET", "/v1/models/m/aliases/prod/moves").json()["result"]["moves"];
  EXPECT_EQ(moves, json({{{"to", 1}, {"wall_ms", kNow}}}));
}

TEST(MlflowSearch, FiltersOrdersAndPages) {
  SeededServer server;
  Calls call(&server);
  for (const char* name : {"alpha", "beta", "gamma"}) {
    call("POST", "registered-models/create", {{"name", name}, {"tags", {{{"key", "a b"}, {"value", name}}}}});
  }
  call("POST", "registered-models/create",
       {{"name", "a prompt"}, {"tags", {{{"key", "mlflow.prompt.is_prompt"}, {"value", "true"}}}}});
  const auto names = [&](json request) {
    std::vector<std::string> found;
    for (int pages = 0; pages < 10; ++pages) {
      const json page = call("GET", "registered-models/search", request);
      for (const json& model : page.value("registered_models", json::array())) found.push_back(model["name"]);
      if (!page.contains("next_page_token")) break;
      EXPECT_TRUE(page["next_page_token"].is_string());
      request["page_token"] = page["next_page_token"];
    }
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(json::object()), (Names{"alpha", "beta", "gamma", "m", "other"}));
  EXPECT_EQ(names({{"max_results", 2}, {"order_by", {"name DESC"}}}), (Names{"other", "m", "gamma", "beta", "alpha"}));
  EXPECT_EQ(names({{"max_results", 5}}), (Names{"alpha", "beta", "gamma", "m", "other"}));
  EXPECT_EQ(names({{"filter", "name ILIKE '%A' AND tags.`a b` != 'beta'"}}), (Names{"alpha", "gamma"}));
  // As clients ask for models and for prompts.
  EXPECT_EQ(names({{"filter", "name LIKE 'a%' AND tag.`mlflow.prompt.is_prompt` != 'true'"}}), Names{"alpha"});
  EXPECT_EQ(names({{"filter", "tag.`mlflow.prompt.is_prompt` = 'true'"}}), Names{"a prompt"});
  const json versions = call("GET", "model-versions/search", {{"filter", "name='m' AND run_id IN ('r1', 'r9')"}});
  ASSERT_EQ(versions["model_versions"].size(), 1u);
  EXPECT_EQ(versions["model_versions"][0], FirstVersion());
  const json first = call("GET", "model-versions/search", {{"max_results", 1}, {"order_by", {"version_number ASC"}}});
  EXPECT_EQ(first["model_versions"][0]["version"], "1");
  EXPECT_TRUE(first.contains("next_page_token"));
  EXPECT_EQ(call("GET", "model-versions/search", {{"filter", "name = 'none'"}}), json::object());
}

TEST(Models, AreServedInTheEnvelopeToo) {
  SeededServer server;
  auto& client = server.client;
  const json models = client.Call("GET", "/v1/models").json()["result"]["models"];
  const json m = {{"name", "m"},
                  {"tags", {{"lineal.guarded_aliases", "prod"}}},
                  {"aliases", {{"live", 1}}},
                  {"created_ms", kNow},
                  {"updated_ms", kNow}};
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0], m);
  const json version = client.Call("GET", "/v1/models/m/versions/2").json()["result"];
  EXPECT_EQ(version["state"], "withdrawn");
  EXPECT_EQ(version["reason"], "leaks");
  EXPECT_EQ(version["version"], 2);
  const json withdrawn =
      client.Call("POST", "/v1/models/m/versions/1/withdraw", R"({"reason":"wrong prefix"})").json()["result"];
  EXPECT_EQ(withdrawn["state"], "withdrawn");
  EXPECT_EQ(withdrawn["reason"], "wrong prefix");
  EXPECT_EQ(client.Call("POST", "/v1/models/m/versions/1/withdraw", R"({"reason":"another"})").status, 400);
  for (const auto& [body, status] : {std::pair("{}", 400), std::pair("", 400), std::pair(R"({"reason":3})", 400)}) {
    EXPECT_EQ(client.Call("POST", "/v1/models/m/versions/2/withdraw", body).status, status) << body;
  }
  EXPECT_EQ(client.Call("GET", "/v1/models/m/versions/9").status, 404);
  EXPECT_EQ(client.Call("GET", "/v1/models/none/versions/1").status, 404);
  EXPECT_EQ(client.Call("GET", "/v1/models/m/versions/one").status, 400);
  EXPECT_EQ(client.Call("GET", "/v1/models/none/aliases/live/moves").status, 404);
  EXPECT_EQ(client.Call("GET", "/v1/models/m/aliases/live/moves").json()["result"]["moves"].size(), 1u);
}

}  // namespace
}  // namespace lineal::server
