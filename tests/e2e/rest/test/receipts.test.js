// Receipts of searches, asked of a live server.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createPublicKey, verify as verifySignature} from 'node:crypto';
import {after, before, describe, test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer, program} from '../live_server.js';

let server;

const ask = async (method, path, {body, status = 200, headers = {}} = {}) => {
    const answer = await fetch(server.url + path, {
        method, body: body && JSON.stringify(body), headers: {...(body && {'content-type': 'application/json'}), ...headers},
    });
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    return {...JSON.parse(text), header: answer.headers.get('lineal-receipt')};
};
const call = async (...args) => (await ask(...args)).result;
const vector = (i) => [Math.cos(i), Math.sin(i), Math.cos(2 * i)];
const question = {query: vector(7.3), limit: 5, filter: {must_not: [{has_id: [3]}]}, params: {exact: true}};
const search = (body, headers) => ask('POST', '/collections/docs/points/query', {body, headers});

before(async () => {
    server = await LiveServer.start();
    await call('PUT', '/collections/docs', {body: {vectors: {size: 3, distance: 'Dot'}, shard_number: 2}});
    for (const run of ['first', 'second']) {
        const {id} = await call('POST', '/v1/lineage/sessions', {body: {run, transform: 'commit abc', space: 'use-lite'}});
        const from = run === 'first' ? 1 : 51;
        const points = Array.from({length: 50}, (_, i) => from + i)
            .map((id) => ({id, vector: vector(id), source: {namespace: 'file', name: `${id % 10}.md`, version: 'v1', ordinal: id}}));
        await call('PUT', '/collections/docs/points', {body: {points}, headers: {'lineal-session': id}});
    }
});
after(async () => server?.remove());

describe('Acceptance26', () => {
    test('a receipt comes when the body or a header asks for it, and not otherwise', async () => {
        assert.equal((await search(question)).receipt, undefined);
        const asked = await search({...question, with_receipt: true});
        assert.match(asked.receipt, /^[\w-]{200,}$/);
        assert.equal(asked.header, asked.receipt);
        assert.ok((await search(question, {'lineal-receipt': 'true'})).receipt);
        const older = {vector: question.query, limit: 5, with_receipt: true};
        assert.ok((await ask('POST', '/collections/docs/points/search', {body: older})).receipt);
    });

    test('a stock client that sends the header is answered as ever', async () => {
        const client = new QdrantClient({url: server.url, checkCompatibility: false, headers: {'lineal-receipt': 'true'}});
        const {points} = await client.query('docs', {query: question.query, limit: 3});
        assert.equal(points.length, 3);
    });

    test('a batch has a list of them', async () => {
        const searches = [{...question, with_receipt: true}, question];
        const {receipt, header} = await ask('POST', '/collections/docs/points/query/batch', {body: {searches}});
        assert.equal(receipt.length, 2);
        assert.ok(receipt[0]);
        assert.equal(receipt[1], null);
        assert.equal(header, null);
    });

    test('it verifies and says what was answered', async () => {
        const {result, receipt} = await search({...question, with_receipt: true}, {'x-request-id': 'r-17', 'lineal-space': 'use-lite'});
        const said = await call('POST', '/v1/receipts/verify', {body: {receipt}});
        assert.ok(said.genuine);
        assert.deepEqual(said.receipt.hits.map(({id, version, score}) => ({id, version, score})),
            result.points.map(({id, version, score}) => ({id, version, score})));
        const {collection, namespace, request_id, space, params, as_of_seq} = said.receipt;
        assert.deepEqual({collection, namespace, request_id, space},
            {collection: 'docs', namespace: 'default', request_id: 'r-17', space: 'use-lite'});
        assert.equal(params.exact, true);
        assert.equal(params.limit, 5);
        assert.equal(as_of_seq.length, 2);
    });

    test('its signature is that of the key of the log, over its bytes', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        const {pem} = await call('GET', '/v1/log/key');
        const bytes = Buffer.from(receipt, 'base64url');
        const of = (body, signature) => verifySignature(null, Buffer.concat([Buffer.from('lineal receipt\n'), body]), createPublicKey(pem), signature);
        assert.ok(of(bytes.subarray(0, -64), bytes.subarray(-64)));
        assert.ok(!of(bytes.subarray(0, -65), bytes.subarray(-64)));
    });

    test('no flipped letter verifies', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        for (let at = 0; at < receipt.length; ++at) {
            const changed = receipt.slice(0, at) + (receipt[at] === 'A' ? 'B' : 'A') + receipt.slice(at + 1);
            const said = await call('POST', '/v1/receipts/verify', {body: {receipt: changed}});
            assert.equal(said.genuine, false, `letter ${at}`);
            assert.ok(said.reason);
        }
        await call('POST', '/v1/receipts/explain', {body: {receipt: receipt.slice(1)}, status: 400});
        await call('POST', '/v1/receipts/verify', {body: {}, status: 400});
        await call('POST', '/v1/receipts/verify', {body: {receipt: 7}, status: 400});
    });

    test('explain leads from every hit to its document, run, code and space', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        const {hits} = await call('POST', '/v1/receipts/explain', {body: {receipt}});
        assert.equal(hits.length, 5);
        for (const {id, readable, origin} of hits) {
            assert.ok(readable);
            assert.equal(origin.run, id <= 50 ? 'first' : 'second');
            assert.equal(origin.transform, 'commit abc');
            assert.equal(origin.space, 'use-lite');
            assert.deepEqual(origin.source, {namespace: 'file', name: `${id % 10}.md`, version: 'v1', ordinal: id});
        }
    });

    test('a replay is the same, before and after everything has changed', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        const replay = () => call('POST', '/v1/receipts/replay', {body: {receipt, ...question}});
        assert.deepEqual((({readable, same, only_then, only_now, gone}) => ({readable, same, only_then, only_now, gone}))(await replay()),
            {readable: true, same: true, only_then: [], only_now: [], gone: []});
        const points = Array.from({length: 100}, (_, i) => ({id: i + 1, vector: vector(i * 3.7)}));
        await call('PUT', '/collections/docs/points', {body: {points}});
        await call('POST', '/collections/docs/points/delete', {body: {points: [1, 2, 3, 7, 51]}});
        assert.equal((await replay()).same, true);
    });

    test('the program verifies, explains and replays it', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        const run = (...args) => spawnSync(program, ['--url', server.url, 'receipt', ...args], {encoding: 'utf8'});
        assert.match(run('verify', '--receipt', receipt).stdout, /^Genuine: .* collection docs/);
        const forged = run('verify', '--receipt', `A${receipt.slice(1)}`);
        assert.equal(forged.status, 5);
        assert.match(forged.stderr, /not genuine/);
        assert.match(run('explain', '--receipt', receipt).stdout, /readable/);
        assert.match(run('replay', '--receipt', receipt, JSON.stringify(question)).stdout, /is the same/);
        assert.equal(run('replay', '--receipt', receipt, JSON.stringify({...question, limit: 2})).status, 2);
    });

    test('another question, another level or a scroll is refused', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        const refused = (body) => ask('POST', '/v1/receipts/replay', {body: {receipt, ...body}, status: 400});
        await refused({...question, query: vector(1)});
        await refused({...question, limit: 6});
        await refused({...question, filter: undefined});
        await refused({...question, level: 'R2'});
        await refused({limit: 5});
        await ask('POST', '/collections/docs/points/query', {body: {limit: 1, with_receipt: true}, status: 400});
    });

    test('after the collection is gone it verifies, and says that nothing can be read', async () => {
        const {receipt} = await search({...question, with_receipt: true});
        await call('DELETE', '/collections/docs');
        assert.ok((await call('POST', '/v1/receipts/verify', {body: {receipt}})).genuine);
        const replay = await call('POST', '/v1/receipts/replay', {body: {receipt, ...question}});
        assert.equal(replay.readable, false);
        assert.equal(replay.gone.length, 5);
        const {hits} = await call('POST', '/v1/receipts/explain', {body: {receipt}});
        assert.ok(hits.every(({readable}) => !readable));
    });
});
