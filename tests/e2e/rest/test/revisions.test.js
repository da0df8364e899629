// Versions of a collection, asked of a live server; read with the stock client wherever it can.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer} from '../live_server.js';

let server;
let client;

const call = async (method, path, {body, status = 200} = {}) => {
    const headers = body && {'content-type': 'application/json'};
    const answer = await fetch(server.url + path, {method, headers, body: body && JSON.stringify(body)});
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    const {result, status: said} = JSON.parse(text);
    return status === 200 ? result : said.error;
};
const put = (ids, x) => client.upsert('docs', {wait: true, points: ids.map((id) => ({id, vector: [x, id], payload: {x}}))});
const at = async (as_of = '') => {
    const {points} = await call('POST', `/collections/docs/points/scroll?as_of=${encodeURIComponent(as_of)}`, {body: {limit: 100}});
    return Object.fromEntries(points.map(({id, payload}) => [id, payload.x]));
};

before(async () => {
    server = await LiveServer.start();
    client = new QdrantClient({url: server.url, checkCompatibility: false});
    await client.createCollection('docs', {vectors: {size: 2, distance: 'Euclid'}, shard_number: 2});
});
after(async () => server?.remove());

describe('versions', () => {
    let between;
    test('are made, named and listed', async () => {
        await put([1, 2, 3], 1);
        const made = await call('POST', '/v1/collections/docs/revisions', {body: {message: 'three points'}});
        assert.equal(made.revision, 1);
        assert.equal(made.points, 3);
        between = new Date(Date.now() + 1).toISOString();
        while (Date.now() <= Date.parse(between)) await call('GET', '/healthz').catch(() => {});
        await put([2, 4], 2);
        await client.delete('docs', {wait: true, points: [3]});
        assert.equal((await call('PUT', '/v1/collections/docs/tags/v2')).revision, 2);
        assert.equal((await call('PUT', '/v1/collections/docs/tags/v1', {body: {revision: 1}})).revision, 1);
        await put([5], 3);
        const {revisions} = await call('GET', '/v1/collections/docs/revisions');
        assert.deepEqual(revisions.map(({revision, tags, readable}) => [revision, tags, readable]),
            [[2, ['v2'], true], [1, ['v1'], true]]);
        assert.equal(revisions[1].message, 'three points');
    });

    test('are read by number, tag and time, in the query string and in the body', async () => {
        assert.deepEqual(await at('1'), {1: 1, 2: 1, 3: 1});
        assert.deepEqual(await at('v2'), {1: 1, 2: 2, 4: 2});
        assert.deepEqual(await at(between), {1: 1, 2: 1, 3: 1});
        const near = await call('POST', '/collections/docs/points/query', {body: {query: [1, 3], limit: 1, params: {exact: true}, as_of: 'v1'}});
        assert.equal(near.points[0].id, 3);
        assert.equal((await call('POST', '/collections/docs/points/count', {body: {as_of: 1}})).count, 3);
        assert.equal((await call('POST', '/collections/docs/points/count', {body: {}})).count, 4);
    });

    test('differ by their points', async () => {
        const diff = await call('POST', '/v1/collections/docs/diff', {body: {from: 'v1', to: 'v2'}});
        assert.deepEqual([diff.added, diff.removed, diff.vectors], [1, 1, 1]);
        assert.deepEqual(diff.points, [{id: 2, change: 'vectors'}, {id: 3, change: 'removed'}, {id: 4, change: 'added'}]
            .sort((a, b) => diff.points.findIndex(({id}) => id === a.id) - diff.points.findIndex(({id}) => id === b.id)));
        assert.equal((await call('POST', '/v1/collections/docs/diff', {body: {from: 2}})).added, 1);
    });

    test('are gone back to, by a change that can be read like any other', async () => {
        const now = await at();
        const {revision} = await call('POST', '/v1/collections/docs/revisions');
        const plan = await call('POST', '/v1/collections/docs/rollback', {body: {to: 'v1', dry_run: true}});
        assert.deepEqual(await at(), now);
        const done = await call('POST', '/v1/collections/docs/rollback', {body: {to: 'v1', message: 'v2 was wrong'}});
        assert.deepEqual([done.restored, done.removed], [plan.restored, plan.removed]);
        assert.equal(done.revision.message, 'v2 was wrong');
        assert.deepEqual(await at(), await at('v1'));
        assert.deepEqual(await at(revision), now);
        await call('POST', '/v1/collections/docs/rollback', {body: {to: revision}});
        assert.deepEqual(await at(), now);
        await call('POST', '/v1/collections/docs/rollback', {body: {to: 'v9'}, status: 404});
        await call('POST', '/v1/collections/docs/rollback', {body: {}, status: 400});
    });

    test('are there after a kill', async () => {
        const {dataDir, home} = server;
        await server.stop('SIGKILL');
        server = await LiveServer.start({dataDir});
        server.home = home;
        client = new QdrantClient({url: server.url, checkCompatibility: false});
        assert.deepEqual(await at('v1'), {1: 1, 2: 1, 3: 1});
        assert.equal(await call('DELETE', '/v1/collections/docs/tags/v1'), true);
        assert.equal(await call('DELETE', '/v1/collections/docs/tags/v1'), false);
    });

    test('that are not there, or have a bad name, are refused', async () => {
        assert.match(await call('POST', '/collections/docs/points/count?as_of=v9', {body: {}, status: 404}), /has no tag `v9`/);
        assert.match(await call('POST', '/collections/docs/points/count', {body: {as_of: 9}, status: 404}), /has no revision 9/);
        assert.match(await call('PUT', '/v1/collections/docs/tags/v2', {status: 409}), /tags do not move/);
        await call('PUT', '/v1/collections/docs/tags/12', {status: 400});
        await call('PUT', '/v1/collections/docs/tags/v3', {body: {revision: 99}, status: 404});
        await call('PUT', '/v1/collections/docs/tags/v3', {body: {revision: 0}, status: 422});
        await call('POST', '/v1/collections/docs/diff', {body: {from: 'v2', to: 1}, status: 400});
        await call('GET', '/v1/collections/none/revisions', {status: 404});
    });
});
