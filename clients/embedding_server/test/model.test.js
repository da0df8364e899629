import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DIMENSIONS } from "../api.js";
import { Batcher } from "../batcher.js";

let batcher;
before(async () => {
  batcher = await Batcher.start(1);
});
after(() => batcher.stop());

const dot = (a, b) => a.reduce((sum, component, i) => sum + component * b[i], 0);

test("vectors have 512 components and length 1, and are the same each time", async () => {
  const [a, b] = await batcher.embed(["a cat", "a cat"]);
  assert.equal(a.length, DIMENSIONS);
  assert.ok(Math.abs(dot(a, a) - 1) < 1e-3);
  assert.ok(dot(a, b) > 0.9999);
});

test("what means alike lies near", async () => {
  const [cat, kitten, stock] = await batcher.embed(["a cat", "a kitten", "the stock market"]);
  assert.ok(dot(cat, kitten) > dot(cat, stock) + 0.3);
});

test("a text gives the same vector alone and in a batch", async () => {
  const [alone] = await batcher.embed(["back up a disk over ssh"]);
  const many = await batcher.embed([...Array(20).fill("something much longer than the other one is, in many words"), "back up a disk over ssh"]);
  assert.ok(dot(alone, many[20]) > 0.999);
});
