#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "clients/cli/collection_admin.h"
#include "clients/cli/command.h"
#include "clients/cli/server_client.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

std::string TextOf(const Value* value) {
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? value->string() : engine::ToJson(*value);
}

// A value by the names on the way to it.
const Value* At(const Value* value, std::initializer_list<std::string_view> path) {
  for (std::string_view name : path) {
    if (value == nullptr) return nullptr;
    value = value->Find(name);
  }
  return value;
}

// "512 Cosine", or "title:512 Cosine, body:768 Dot" for named ones.
std::string VectorsText(const Value& info) {
  const Value* vectors = At(&info, {"config", "params", "vectors"});
  if (vectors == nullptr || !vectors->is_object()) return "";
  const auto describe = [](const Value& vector) {
    const std::string type = TextOf(vector.Find("datatype"));
    return StrCat(TextOf(vector.Find("size")), " ", TextOf(vector.Find("distance")), type.empty() ? "" : " ", type);
  };
  if (vectors->Find("size") != nullptr) return describe(*vectors);
  std::string out;
  for (const auto& [name, vector] : vectors->object()) {
    StrAppend(&out, out.empty() ? "" : ", ", name, ":", describe(vector));
  }
  return out;
}

class CollectionsCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("collections", "List, create, show and drop collections");
    app->require_subcommand(1);
    list_ = app->add_subcommand("list", "Names, points and states of all collections");
    show_ = app->add_subcommand("show", "Everything about one collection");
    show_->add_option("name", name_, "The collection or an alias of it")->required();
    create_ = app->add_subcommand("create", "Make a collection with one vector");
    create_->add_option("name", name_, "Its name")->required();
    create_->add_option("--dim", spec_.dim, "Components of a vector")->required()->check(CLI::Range(1, 65536));
    AddSpecOptions(create_, &spec_);
    create_->add_flag("--if-missing", if_missing_, "It is no error if the collection is there already");
    drop_ = app->add_subcommand("drop", "Delete a collection and all its points");
    drop_->add_option("name", name_, "Its name")->required();
    drop_->add_flag("--yes", yes_, "Do it; without this, only say what would be lost");
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    if (list_->parsed()) return List(client, globals.json);
    if (show_->parsed()) return Show(client, globals.json);
    if (create_->parsed()) return Create(client, globals.json);
    return Drop(client, globals.json);
  }

 private:
  absl::Status List(ServerClient& client, bool json) {
    LINEAL_ASSIGN_OR_RETURN(const Value result, client.Call("GET", "/collections"));
    const Value* collections = result.Find("collections");
    if (collections == nullptr || !collections->is_array()) return Internal("the server's list has another form");
    TextTable table({"collection", "points", "state", "vectors"});
    Value::Array infos;
    for (const Value& item : collections->array()) {
      const std::string name = TextOf(item.Find("name"));
      absl::StatusOr<Value> info = client.Call("GET", CollectionPath(name));
      if (info.status().code() == absl::StatusCode::kNotFound) continue;  // dropped meanwhile
      LINEAL_RETURN_IF_ERROR(info.status());
      table.Add({name, TextOf(info->Find("points_count")), TextOf(info->Find("status")), VectorsText(*info)});
      info->Set("name", Value(name));
      infos.push_back(*std::move(info));
    }
    if (json) {
      std::printf("%s\n", engine::ToJson(Value(std::move(infos))).c_str());
    } else if (table.empty()) {
      std::printf("No collections yet. `lineal ingest FILE --collection NAME --create` makes one from a file.\n");
    } else {
      std::printf("%s", table.Render(TerminalWidth()).c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Show(ServerClient& client, bool json) {
    LINEAL_ASSIGN_OR_RETURN(const Value info, client.Call("GET", CollectionPath(name_)));
    if (json) {
      std::printf("%s\n", engine::ToJson(info).c_str());
      return absl::OkStatus();
    }
    std::printf("collection  %s\nstate       %s\npoints      %s\nindexed     %s\nsegments    %s\nvectors     %s\n",
                name_.c_str(), TextOf(info.Find("status")).c_str(), TextOf(info.Find("points_count")).c_str(),
                TextOf(info.Find("indexed_vectors_count")).c_str(), TextOf(info.Find("segments_count")).c_str(),
                VectorsText(info).c_str());
    if (const Value* fields = info.Find("payload_schema"); fields != nullptr && fields->is_object()) {
      for (const auto& [field, schema] : fields->object()) {
        std::printf("index       %s: %s (%s points)\n", field.c_str(), TextOf(schema.Find("data_type")).c_str(),
                    TextOf(schema.Find("points")).c_str());
      }
    }
    return absl::OkStatus();
  }

  absl::Status Create(ServerClient& client, bool json) {
    absl::Status status = CreateCollection(client, name_, spec_);
    const bool existed = status.code() == absl::StatusCode::kAlreadyExists;
    if (existed && if_missing_) status = absl::OkStatus();
    LINEAL_RETURN_IF_ERROR(status);
    if (json) {
      std::printf("{\"created\":%s}\n", existed ? "false" : "true");
    } else {
      std::printf(existed ? "Collection %s is there already.\n" : "Created collection %s.\n", name_.c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Drop(ServerClient& client, bool json) {
    if (!yes_) {
      LINEAL_ASSIGN_OR_RETURN(const Value info, client.Call("GET", CollectionPath(name_)));
      return FailedPrecondition("collection ", name_, " has ", TextOf(info.Find("points_count")),
                                " points; --yes deletes it for good");
    }
    LINEAL_ASSIGN_OR_RETURN(const Value result, client.Call("DELETE", CollectionPath(name_)));
    const bool* dropped = result.get_if<bool>();
    if (dropped == nullptr || !*dropped) return NotFound("there is no collection ", name_);
    if (json) {
      std::printf("{\"dropped\":true}\n");
    } else {
      std::printf("Dropped collection %s.\n", name_.c_str());
    }
    return absl::OkStatus();
  }

  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* create_ = nullptr;
  CLI::App* drop_ = nullptr;
  std::string name_;
  CollectionSpec spec_;
  bool if_missing_ = false;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeCollectionsCommand() { return std::make_unique<CollectionsCommand>(); }

}  // namespace lineal::cli
