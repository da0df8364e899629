// The audit log, checked from outside: proofs and signatures by an implementation of their own, of nothing but the
// documents of the formats.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash, createPublicKey, verify as verifySignature} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {LiveServer, program} from '../live_server.js';

let server;

const call = async (method, path, {body, status = 200, headers = {}} = {}) => {
    const answer = await fetch(server.url + path, {
        method, body: body && JSON.stringify(body), headers: {...(body && {'content-type': 'application/json'}), ...headers},
    });
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    const {result, status: said} = JSON.parse(text);
    return status === 200 ? result : said.error;
};

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = (leaf) => sha256(Buffer.of(0), leaf);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const bytes = (text) => Buffer.from(text, 'base64');

// Section 2.1 of RFC 6962, read as recursions over what a proof stands for.
const splitOf = (n) => 2 ** Math.ceil(Math.log2(n) - 1);
function rootOf(hashes) {
    if (hashes.length === 0) return sha256('');
    if (hashes.length === 1) return hashes[0];
    const k = splitOf(hashes.length);
    return nodeHash(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}
function rootFromPath(leaf, index, size, path) {
    if (size === 1) {
        assert.equal(path.length, 0);
        return leaf;
    }
    const k = splitOf(size), beside = path.at(-1), rest = path.slice(0, -1);
    return index < k ? nodeHash(rootFromPath(leaf, index, k, rest), beside)
                     : nodeHash(beside, rootFromPath(leaf, index - k, size - k, rest));
}
// Both roots that a consistency proof leads to, given the older one.
function rootsFromProof(from, to, older, path, whole = true) {
    if (from === to) {
        if (whole) assert.equal(path.length, 0);
        return whole ? [older, older] : [path[0], path[0]];
    }
    const k = splitOf(to), beside = path.at(-1), rest = path.slice(0, -1);
    if (from <= k) {
        const [a, b] = rootsFromProof(from, k, older, rest, whole);
        return [a, nodeHash(b, beside)];
    }
    const [a, b] = rootsFromProof(from - k, to - k, older, rest, false);
    return [nodeHash(beside, a), nodeHash(beside, b)];
}

// A signed note: text, an empty line, "— name base64(id + signature)".
function openNote(note, verifier) {
    // The key may have a plus in it.
    const [, name, id, key] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(verifier);
    const raw = bytes(key);
    assert.equal(raw[0], 1);
    assert.equal(sha256(name, Buffer.of(10), raw).subarray(0, 4).toString('hex'), id);
    const end = note.lastIndexOf('\n\n');
    const text = note.slice(0, end + 1);
    const [, signer, signature] = /^— (\S+) (\S+)\n$/.exec(note.slice(end + 2));
    assert.equal(signer, name);
    assert.equal(bytes(signature).subarray(0, 4).toString('hex'), id);
    const jwk = {kty: 'OKP', crv: 'Ed25519', x: raw.subarray(1).toString('base64url')};
    const genuine = verifySignature(null, Buffer.from(text), createPublicKey({key: jwk, format: 'jwk'}), bytes(signature).subarray(4));
    const [origin, size, root, time] = text.split('\n');
    return {genuine, origin, size: Number(size), root: bytes(root), time};
}

async function checkpoint() {
    const {verifier} = await call('GET', '/v1/log/key');
    const answer = await call('GET', '/v1/log/checkpoint');
    const opened = openNote(answer.note, verifier);
    assert.ok(opened.genuine);
    assert.equal(opened.size, answer.size);
    assert.equal(opened.origin, answer.origin);
    assert.deepEqual(opened.root, bytes(answer.root));
    assert.equal(opened.time, `time ${answer.time_ms}`);
    return {...opened, note: answer.note, verifier};
}

// Strings after their length as a varint.
const stringsFrom = (buffer, at) => () => {
    let size = 0;
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
        byte = buffer[at++];
        size += (byte & 127) * 2 ** shift;
    }
    return buffer.subarray(at, at += size).toString();
};
// The format of a leaf: u8, time, kind, subject, principal, digest of the opening.
function readLeaf(leaf) {
    assert.equal(leaf[0], 1);
    const string = stringsFrom(leaf, 9);
    return {time: Number(leaf.readBigInt64LE(1)), kind: string(), subject: string(), principal: string(), opening: leaf.subarray(-32)};
}

before(async () => { server = await LiveServer.start(); });
after(async () => server?.remove());

describe('Acceptance28', () => {
    const kept = [];
    test('the known roots come out of this implementation', () => {
        const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
        const root = rootOf(leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex'))));
        assert.equal(root.toString('hex'), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
    });

    test('what happens to collections, aliases, versions and sessions is in the log', async () => {
        kept.push(await checkpoint());
        await call('PUT', '/collections/docs', {body: {vectors: {size: 2, distance: 'Dot'}}});
        await call('POST', '/collections/aliases', {body: {actions: [{create_alias: {collection_name: 'docs', alias_name: 'prod'}}]}});
        kept.push(await checkpoint());
        const {id} = await call('POST', '/v1/lineage/sessions', {body: {job: 'nightly'}});
        await call('POST', `/v1/lineage/sessions/${id}/close`);
        await call('PUT', '/v1/collections/docs/tags/v1');
        await call('DELETE', '/v1/collections/docs/tags/v1');
        await call('PATCH', '/collections/docs', {body: {params: {recall_target: 0.9}}});
        kept.push(await checkpoint());
        await call('POST', '/collections/aliases', {body: {actions: [{rename_alias: {old_alias_name: 'prod', new_alias_name: 'live'}}]}});
        await call('DELETE', '/collections/docs');
        const {entries} = await call('GET', '/v1/log/entries?from=2');
        assert.deepEqual(entries.map(({kind, subject}) => `${kind} ${subject}`), [
            'collection.create docs', 'alias.set prod', `session.open ${id}`, `session.close ${id}`, 'revision.make docs',
            'tag.set docs/v1', 'tag.remove docs/v1', 'collection.alter docs', 'alias.remove prod', 'alias.set live',
            'alias.remove live', 'collection.drop docs']);
        assert.equal(entries[1].body.collection, 'docs');
        assert.equal(entries[2].body.job, 'nightly');
        assert.equal(entries[0].body.vectors[''].dim, 2);
    });

    test('leaves make the root, and bodies what leaves say', async () => {
        for (let i = 0; i < 50; ++i) await call('POST', '/v1/lineage/sessions', {body: {job: `job ${i}`}});
        kept.push(await checkpoint());
        const now = kept.at(-1);
        const {entries} = await call('GET', '/v1/log/entries?limit=1000');
        assert.equal(entries.length, now.size);
        const hashes = entries.map(({leaf}) => leafHash(bytes(leaf)));
        for (const {size, root} of kept) assert.deepEqual(rootOf(hashes.slice(0, size)), root);
        for (const entry of entries) {
            const leaf = readLeaf(bytes(entry.leaf)), opening = bytes(entry.opening);
            assert.deepEqual([leaf.time, leaf.kind, leaf.subject, leaf.principal],
                [entry.time_ms, entry.kind, entry.subject, entry.principal]);
            assert.deepEqual(sha256(opening), leaf.opening);
            assert.deepEqual(JSON.parse(stringsFrom(opening, 32)()), entry.body);
        }
    });

    test('proofs of inclusion lead to the signed root, for every leaf and every kept size', async () => {
        const {entries} = await call('GET', '/v1/log/entries?limit=1000');
        for (const {size, root} of kept) {
            for (let index = 0; index < size; ++index) {
                const proof = await call('GET', `/v1/log/proof?index=${index}&size=${size}`);
                assert.deepEqual(bytes(proof.leaf_hash), leafHash(bytes(entries[index].leaf)));
                assert.deepEqual(rootFromPath(bytes(proof.leaf_hash), index, size, proof.hashes.map(bytes)), root);
            }
        }
    });

    test('proofs of consistency lead from every kept root to every later one', async () => {
        const {entries} = await call('GET', '/v1/log/entries?limit=1000');
        const hashes = entries.map(({leaf}) => leafHash(bytes(leaf)));
        const {size: to, root} = kept.at(-1);
        for (let from = 1; from <= to; ++from) {
            const older = rootOf(hashes.slice(0, from));
            const {hashes: proof} = await call('GET', `/v1/log/consistency?from=${from}&to=${to}`);
            assert.deepEqual(rootsFromProof(from, to, older, proof.map(bytes)), [older, root]);
        }
    });

    test('a signature is of its text and of no other', async () => {
        const {note, verifier} = await checkpoint();
        assert.ok(!openNote(note.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`), verifier).genuine);
    });

    test('a checkpoint is plain text for who asks', async () => {
        const answer = await fetch(`${server.url}/v1/log/checkpoint`, {headers: {accept: 'text/plain'}});
        assert.match(answer.headers.get('content-type'), /^text\/plain/);
        const {verifier} = await call('GET', '/v1/log/key');
        assert.ok(openNote(await answer.text(), verifier).genuine);
    });

    test('what is not in the log is not proved', async () => {
        const {size} = await checkpoint();
        assert.match(await call('GET', `/v1/log/proof?index=${size}`, {status: 422}), /^Validation error in query parameters: \[index/);
        await call('GET', `/v1/log/proof?index=0&size=${size + 1}`, {status: 422});
        await call('GET', '/v1/log/proof', {status: 422});
        await call('GET', '/v1/log/proof?index=x', {status: 400});
        await call('GET', '/v1/log/consistency?from=5&to=4', {status: 422});
        await call('GET', '/v1/log/entries?limit=0', {status: 422});
        assert.deepEqual((await call('GET', `/v1/log/entries?from=${size}`)).entries, []);
    });

    test('the program proves the same, live and offline', async () => {
        const folder = mkdtempSync(path.join(tmpdir(), 'lineal-audit-'));
        const run = (...args) => {
            const {status, stdout, stderr} = spawnSync(program, ['--url', server.url, 'audit', ...args], {encoding: 'utf8'});
            return {status, said: stdout + stderr};
        };
        const file = (name, text) => {
            writeFileSync(path.join(folder, name), text);
            return path.join(folder, name);
        };
        const key = file('key', run('key').said), kept = file('checkpoint', run('checkpoint').said);
        const forged = file('forged', run('checkpoint').said.replace(/\n\d+\n/, '\n5\n'));
        assert.equal(run('proof', '3', '--key', key).status, 0);
        await call('POST', '/v1/lineage/sessions', {body: {job: 'later'}});
        assert.match(run('consistency', kept, '--key', key).said, /are those of the checkpoint/);
        assert.equal(run('consistency', forged, '--key', key).status, 5);
        const offline = (...args) => run('verify', '--data-dir', server.dataDir, '--key', key, ...args);
        assert.equal(offline().status, 1, 'a server has it');
        const {dataDir, home} = server;
        await server.stop();
        assert.match(offline('--checkpoint', kept).said, /is sound/);
        assert.equal(offline('--checkpoint', forged).status, 5);
        server = await LiveServer.start({dataDir});
        server.home = home;
        rmSync(folder, {recursive: true});
    });

    test('it goes on after a kill, with the same key', async () => {
        const older = await checkpoint();
        const {dataDir, home} = server;
        await server.stop('SIGKILL');
        server = await LiveServer.start({dataDir});
        server.home = home;
        await call('POST', '/v1/lineage/sessions', {body: {job: 'after'}});
        const newer = await checkpoint();
        assert.equal(newer.verifier, older.verifier);
        assert.equal(newer.size, older.size + 1);
        const {hashes} = await call('GET', `/v1/log/consistency?from=${older.size}`);
        assert.deepEqual(rootsFromProof(older.size, newer.size, older.root, hashes.map(bytes)), [older.root, newer.root]);
    });

    test('a kill amid changes leaves no entry without its change, and no change without its entry', async () => {
        const {dataDir, home} = server;
        await call('PUT', '/collections/live', {body: {vectors: {size: 2, distance: 'Dot'}}});
        for (let kill = 0; kill < 5; ++kill) {
            let acknowledged = 0, ended = false;
            const enough = new Promise((resolve) => {
                const change = async (writer) => {
                    for (let i = 0; !ended; ++i) {
                        const actions = [{create_alias: {collection_name: 'live', alias_name: `a${writer}-${i % 3}`}}];
                        await call('POST', '/collections/aliases', {body: {actions}});
                        await call('POST', '/v1/lineage/sessions', {body: {job: `writer ${writer}`}});
                        if (++acknowledged === 20 + 7 * kill) resolve();
                    }
                };
                for (let writer = 0; writer < 4; ++writer) change(`${kill}-${writer}`).catch(() => {});
            });
            await enough;
            await server.stop('SIGKILL');
            ended = true;
            const {status, stdout, stderr} = spawnSync(program, ['verify', '--data-dir', dataDir], {encoding: 'utf8'});
            assert.equal(status, 0, stdout + stderr);
            server = await LiveServer.start({dataDir});
            server.home = home;
        }
    });
});
