import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeServer } from "../api.js";
import { BATCH_MAX, Batcher } from "../batcher.js";

// Answers with the length of each text, a batch at a time.
class FakeWorker {
  #listener = {};
  batches = [];
  constructor() {
    queueMicrotask(() => this.#listener.message({ ready: true }));
  }
  on(event, listener) {
    this.#listener[event] = listener;
  }
  postMessage({ job, texts }) {
    this.batches.push(texts);
    setImmediate(() => {
      if (texts.includes("break")) this.#listener.message({ job, error: "the model broke" });
      else this.#listener.message({ job, vectors: texts.map((text) => [text.length, 0.5]) });
    });
  }
  async terminate() {}
}

let worker, batcher, server, url;
before(async () => {
  worker = new FakeWorker();
  batcher = await Batcher.start(1, () => worker);
  server = makeServer(batcher);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

const post = (body) => fetch(`${url}/v1/embeddings`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

test("a text or a list of texts becomes a list of embeddings in order", async () => {
  const one = await (await post({ input: "abc", model: "m" })).json();
  assert.deepEqual(one.data, [{ object: "embedding", index: 0, embedding: [3, 0.5] }]);
  assert.equal(one.model, "m");
  const many = await (await post({ input: ["a", "bb c"] })).json();
  assert.deepEqual(many.data.map((item) => item.embedding[0]), [1, 4]);
  assert.deepEqual(many.usage, { prompt_tokens: 3, total_tokens: 3 });
});

test("base64 is little-endian float32", async () => {
  const answer = await (await post({ input: "abc", encoding_format: "base64" })).json();
  const bytes = Buffer.from(answer.data[0].embedding, "base64");
  assert.deepEqual([bytes.readFloatLE(0), bytes.readFloatLE(4)], [3, 0.5]);
});

test("texts of concurrent requests share batches", async () => {
  worker.batches = [];
  await Promise.all(Array.from({ length: 50 }, (_, i) => post({ input: [`t${i}`, `u${i}`] }).then((reply) => reply.json())));
  assert.equal(worker.batches.flat().length, 100);
  assert.ok(worker.batches.length < 100);
  assert.ok(worker.batches.every((batch) => batch.length <= BATCH_MAX));
});

test("what cannot be embedded is an error in OpenAI's form", async () => {
  const cases = [
    ["{", 400, /no JSON/],
    ["[]", 400, /no JSON object/],
    [{}, 400, /no text/],
    [{ input: [] }, 400, /0 texts/],
    [{ input: [[1, 2]] }, 400, /tokens/],
    [{ input: "  " }, 400, /empty/],
    [{ input: "x".repeat(40_000) }, 400, /40000 characters/],
    [{ input: Array(2049).fill("x") }, 400, /2049 texts/],
    [{ input: "x", dimensions: 3 }, 400, /512/],
    [{ input: "x", encoding_format: "int8" }, 400, /float or base64/],
    ["x".repeat(17 << 20), 413, /bytes/],
    [{ input: "break" }, 500, /the model broke/],
  ];
  for (const [body, status, message] of cases) {
    const reply = await post(body);
    assert.equal(reply.status, status);
    assert.match((await reply.json()).error.message, message);
  }
});

test("health, models and unknown paths", async () => {
  assert.deepEqual(await (await fetch(`${url}/health`)).json(), { status: "ok" });
  assert.equal((await (await fetch(`${url}/v1/models`)).json()).data.length, 1);
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  assert.equal((await fetch(`${url}/v1/embeddings`)).status, 405);
});
