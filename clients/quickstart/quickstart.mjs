// The main job on real input: a server, an embedding server, thousands of package descriptions from apt, and questions.
// What it made is kept, so that the next time it only asks.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { aptText, select, stanzas } from "./debian_packages.mjs";
import { freePort, run, startServer, stopServer } from "./processes.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const COLLECTION = "debian_packages";
const POINTS_MIN = 4000;
const FIELDS = "name,section,description";

const { values: flags } = parseArgs({
  options: {
    program: { type: "string", default: path.join(root, "build/release/bin/lineal") },
    data: { type: "string", default: path.join(root, "data/quickstart") },
    count: { type: "string", default: "5000" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const say = (text = "") => console.log(text);
const title = (text) => say(`\n\x1b[1m${text}\x1b[0m`);

async function writeRecords(file) {
  const records = await select(stanzas(aptText()), Number(flags.count)).catch((error) => {
    throw new Error(`cannot read apt's package lists: ${error.message}`);
  });
  if (records.length < POINTS_MIN) {
    throw new Error(
      `apt knows only ${records.length} packages of the wanted kind, at least ${POINTS_MIN} are needed; ` +
        "run `apt-get update` as root, then this again",
    );
  }
  fs.writeFileSync(`${file}.part`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  fs.renameSync(`${file}.part`, file);
  return records.length;
}

// Points of the collection; 0 when it is not there.
async function pointsThere(lineal) {
  const list = JSON.parse(await lineal(["collections", "list", "--json"]));
  return list.find((item) => item.name === COLLECTION)?.points_count ?? 0;
}

async function fill(lineal, embedUrl) {
  const file = path.join(flags.data, "packages.jsonl");
  // Once an ingestion has begun, its file must stay as it is for the rest of it to be gone on with.
  const count = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").length - 1 : await writeRecords(file);
  const there = await pointsThere(lineal);
  if (there >= count) {
    say(`Collection ${COLLECTION} has ${there} packages from the last time.`);
    return;
  }
  title(`Embedding the descriptions of ${count} Debian packages and putting them into ${COLLECTION}`);
  say(
    (
      await lineal([
        "ingest", file, "--collection", COLLECTION, "--create", "--metric", "cosine",
        "--id", "hash:name", "--embed-field", "description", "--embed-url", embedUrl,
        "--index", "section:keyword", "--index", "size:integer", "--batch", "128", "--parallel", "4",
      ])
    ).trim(),
  );
}

async function ask(lineal, embedUrl, text, how, more = []) {
  title(`"${text}"  ${how}`);
  const started = performance.now();
  const out = await lineal([
    "search", "--collection", COLLECTION, "--text", text, "--embed-url", embedUrl, "--limit", "5", "--fields", FIELDS, ...more,
  ]);
  say(out.trimEnd());
  if (!/\d\.\d/.test(out)) throw new Error(`no answer to "${text}"`);
  return performance.now() - started;
}

async function answers(lineal, embedUrl, grpcAddress) {
  const filter = JSON.stringify({ must: [{ key: "section", match: { value: "games" } }] });
  await ask(lineal, embedUrl, "play music from the terminal", "over REST");
  await ask(lineal, embedUrl, "back up a disk over ssh", "over gRPC", ["--grpc", grpcAddress]);
  await ask(lineal, embedUrl, "fly a plane over real landscapes", "over REST, only section games", ["--filter", filter]);
  await ask(lineal, embedUrl, "solve a puzzle with numbers", "over gRPC, only section games", ["--grpc", grpcAddress, "--filter", filter]);
}

function howToGoOn(restUrl, embedUrl) {
  title("How to go on");
  const kept = flags.keep ? "while this runs" : "after `./dev quickstart --keep`";
  say(`  ${kept}:
    curl -s ${restUrl}/collections/${COLLECTION}
    curl -s ${restUrl}/collections/${COLLECTION}/points/scroll -H 'content-type: application/json' \\
      -d '{"limit":2,"filter":{"must":[{"key":"section","match":{"value":"sound"}}]}}'
    build/release/bin/lineal search -c ${COLLECTION} --text "draw a map" --embed-url ${embedUrl} --fields ${FIELDS} --url ${restUrl}
    npm install @qdrant/js-client-rest     # existing clients work: new QdrantClient({ url: "${restUrl}" })
  on your own data:
    build/release/bin/lineal serve --data-dir ./data/mine
    build/release/bin/lineal ingest records.jsonl -c mine --create --embed-field text --embed-url http://your-model/v1
  more: docs/cli.md, docs/configuration.md; metrics at ${restUrl}/metrics`);
}

async function main() {
  if (!fs.existsSync(flags.program)) throw new Error(`there is no ${flags.program}; \`./dev build\` makes it`);
  if (!fs.existsSync(path.join(root, "clients/embedding_server/node_modules"))) {
    throw new Error("the embedding server's packages are missing; `./dev setup` installs them");
  }
  fs.mkdirSync(flags.data, { recursive: true });
  const [restPort, grpcPort] = [await freePort(6333), await freePort(6334)];
  const started = performance.now();
  const servers = [];
  const stop = async () => {
    await Promise.all(servers.splice(0).map(stopServer));
  };
  let interrupted = () => {};
  const interruption = new Promise((resolve) => (interrupted = resolve));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interrupted(signal));
  try {
    const work = (async () => {
      title("Starting lineal and the embedding server");
      const starts = [
        startServer(
          "lineal", flags.program,
          ["serve", "--data-dir", path.join(flags.data, "db"), "--rest-port", restPort, "--grpc-port", grpcPort].map(String),
          /ready .*rest=(\S+)\s+grpc=(\S+)/,
        ),
        startServer("the embedding server", "node", [path.join(root, "clients/embedding_server/server.js"), "--port", "0"], /ready\s+(\S+)/),
      ];
      for (const result of await Promise.allSettled(starts)) {
        if (result.status === "fulfilled") servers.push(result.value);
      }
      const [database, embedding] = await Promise.all(starts);
      const [, restUrl, grpcAddress] = database.match;
      const embedUrl = embedding.match[1];
      say(`  REST ${restUrl}   gRPC ${grpcAddress}   embeddings ${embedUrl}   data ${path.relative(process.cwd(), flags.data) || "."}`);
      const lineal = (args) => run(flags.program, ["--url", restUrl, ...args]);
      await fill(lineal, embedUrl);
      await answers(lineal, embedUrl, grpcAddress);
      howToGoOn(restUrl, embedUrl);
      say(`\nDone in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
      if (flags.keep) {
        say("Both servers keep running; Ctrl-C stops them.");
        await new Promise(() => {});
      }
    })();
    const signal = await Promise.race([work, interruption]);
    if (signal) say(`\nStopping.`);
    return signal && !flags.keep ? 130 : 0;
  } finally {
    await stop();
  }
}

if (flags.help) {
  say("usage: quickstart [--program build/release/bin/lineal] [--data data/quickstart] [--count 5000] [--keep]");
} else {
  main().then(
    (code) => process.exit(code),
    (error) => {
      console.error(`quickstart: ${error.message}`);
      process.exit(1);
    },
  );
}
