import assert from "node:assert/strict";
import { test } from "node:test";
import { recordOf, select, stanzas } from "../debian_packages.mjs";

const text = `Package: moc
Section: sound
Size: 200
Maintainer: Some One <one@example.org>
Tag: role::program, uitoolkit::ncurses
Description-en: ncurses based console audio player
 MOC plays music.
 .
 And more.

Package: libmoc
Section: sound
Description: a library

Package: base
Section: utils
Description: second
Version: 1

Package: base
Section: utils
Description: the same again

Package: ghc
Section: haskell
Description: a compiler`;

async function* pieces(whole, size) {
  for (let i = 0; i < whole.length; i += size) yield whole.slice(i, i + size);
}

test("stanzas are the same however the text is cut", async () => {
  for (const size of [1, 7, 64, 10_000]) {
    const all = [];
    for await (const fields of stanzas(pieces(text, size))) all.push(fields);
    assert.equal(all.length, 5);
    assert.equal(all[0]["description-en"], "ncurses based console audio player\nMOC plays music.\n.\nAnd more.");
    assert.equal(all[4].package, "ghc");
  }
});

test("programs become records, libraries and language packages do not", async () => {
  const records = await select(stanzas(pieces(text, 50)), 10);
  assert.deepEqual(records.map((record) => record.name), ["base", "moc"]);
  assert.deepEqual(records[1], {
    name: "moc", section: "sound", description: "ncurses based console audio player", size: 200,
    maintainer: "Some One", version: "", details: "MOC plays music.\n\nAnd more.",
  });
  assert.equal(recordOf({ package: "x", section: "utils" }), null);
});

test("programs come first when there are too many", async () => {
  const records = await select(stanzas(pieces(text, 50)), 1);
  assert.deepEqual(records.map((record) => record.name), ["moc"]);
});
