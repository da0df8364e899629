// Where points come from, asked of a live server; written with the stock client wherever it can.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer} from '../live_server.js';

let server;

const call = async (method, path, {body, session, status = 200} = {}) => {
    const headers = {...(body && {'content-type': 'application/json'}), ...(session && {'lineal-session': session})};
    const answer = await fetch(server.url + path, {method, headers, body: body && JSON.stringify(body)});
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    const {result, status: said} = JSON.parse(text);
    return status === 200 ? result : said.error;
};
const provenance = (id, query = '') => call('GET', `/v1/collections/notes/points/${id}/provenance${query}`);
const open = (body) => call('POST', '/v1/lineage/sessions', {body});
const upsert = (points, options) => call('PUT', '/collections/notes/points?wait=true', {body: {points}, ...options});
const point = (id, source) => ({id, vector: [id, 1, 2, 3], payload: {id}, ...(source && {source})});

before(async () => {
    server = await LiveServer.start();
    await call('PUT', '/collections/notes', {body: {vectors: {size: 4, distance: 'Euclid'}}});
});
after(async () => server?.remove());

describe('a session', () => {
    test('says of what is written in it which run, transform and space it is from', async () => {
        const session = await open({job: 'nightly', transform: 'chunks of 200', space: 'use-lite', parameters: {size: 200}});
        assert.equal(session.state, 'open');
        assert.equal(session.run, session.id);
        await upsert([point(1, {namespace: 'file', name: 'a.md', version: 'v1', ordinal: 4})], {session: session.id});
        const {origin} = await provenance(1);
        assert.equal(origin.run, session.id);
        assert.equal(origin.transform, 'chunks of 200');
        assert.equal(origin.space, 'use-lite');
        assert.equal(origin.attributed, true);
        assert.deepEqual(origin.source, {namespace: 'file', name: 'a.md', version: 'v1', ordinal: 4});
        const closed = await call('POST', `/v1/lineage/sessions/${session.id}/close`);
        assert.equal(closed.state, 'complete');
        assert.match(await upsert([point(1)], {session: session.id, status: 400}), /is complete: open another/);
        assert.deepEqual((await call('GET', `/v1/lineage/sessions/${session.id}`)).parameters, {size: 200});
        assert.ok((await call('GET', '/v1/lineage/sessions')).sessions.some(({id}) => id === session.id));
    });

    test('is named by a header that the stock client sends', async () => {
        const session = await open({run: 'from-the-client'});
        const client = new QdrantClient({url: server.url, checkCompatibility: false, headers: {'lineal-session': session.id}});
        await client.upsert('notes', {wait: true, points: [point(2)]});
        await client.setPayload('notes', {wait: true, points: [2], payload: {seen: true}});
        const {origin, history} = await provenance(2, '?history=true');
        assert.equal(origin.run, 'from-the-client');
        assert.equal(origin.change, 'payload');
        assert.deepEqual(history.map(({change}) => change), ['payload', 'point']);
    });

    test('that is not there is refused and nothing is written', async () => {
        const missing = '00000000-0000-4000-8000-000000000000';
        assert.match(await upsert([point(3)], {session: missing, status: 404}), /No ingest session/);
        assert.match(await upsert([point(3)], {session: 'x y', status: 404}), /No ingest session/);
        await call('GET', '/v1/collections/notes/points/3/provenance', {status: 404});
    });
});

describe('points', () => {
    test('of a source, of its versions and of a run are found page by page', async () => {
        const session = await open({run: 'pages'});
        for (const version of ['1', '2']) {
            const ids = version === '1' ? [10, 11, 12, 13, 14] : [13, 14, 15];
            await upsert(ids.map((id, ordinal) => point(id, {name: 'book', version, ordinal})), {session: session.id});
        }
        const all = async (body) => {
            const ids = [];
            for (let offset; ; ) {
                const page = await call('POST', '/v1/collections/notes/origins/points', {body: {...body, limit: 2, offset}});
                assert.ok(page.points.length <= 2);
                ids.push(...page.points.map(({id}) => id));
                offset = page.next_page_offset;
                if (!offset) return ids.sort();
            }
        };
        assert.deepEqual(await all({source: 'book'}), [10, 11, 12, 13, 14, 15]);
        assert.deepEqual(await all({source: {name: 'book', version: '1'}}), [10, 11, 12]);
        assert.deepEqual(await all({run: 'pages'}), [10, 11, 12, 13, 14, 15]);
        assert.deepEqual(await all({source: 'no such book'}), []);
    });

    test('are counted by what wrote them, those of nobody apart', async () => {
        await upsert([point(20), point(21)]);
        const {contexts, points, unattributed} = await call('GET', '/v1/collections/notes/origins');
        assert.equal(unattributed, 2);
        assert.equal(contexts.find(({run}) => run === 'pages').points, 6);
        const {count} = await call('POST', '/collections/notes/points/count', {body: {exact: true}});
        assert.equal(points, count);
    });

    test('keep what they came from over a kill', async () => {
        const {dataDir} = server;
        await server.stop('SIGKILL');
        const home = server.home;
        server = await LiveServer.start({dataDir});
        server.home = home;
        assert.equal((await provenance(1)).origin.source.name, 'a.md');
        assert.equal((await call('GET', '/v1/collections/notes/origins')).unattributed, 2);
    });
});

describe('what cannot be read', () => {
    for (const [what, body, text] of [
        ['a source without a name', {points: [{id: 1, vector: [1, 2, 3, 4], source: {version: '1'}}]}, /points\[0\].source: .*name/],
        ['an ordinal that is none', {points: [{id: 1, vector: [1, 2, 3, 4], source: {name: 'a', ordinal: -1}}]}, /ordinal/],
        ['a source that is too long', {points: [{id: 1, vector: [1, 2, 3, 4], source: 'x'.repeat(5000)}]}, /5000 bytes, the limit is 4096/],
    ]) {
        test(`${what} is refused`, async () => {
            assert.match(await call('PUT', '/collections/notes/points', {body, status: 400}), text);
        });
    }
    test('a question for points of nothing is refused', async () => {
        assert.match(await call('POST', '/v1/collections/notes/origins/points', {body: {}, status: 400}), /name a source, a run/);
        await call('POST', '/v1/collections/notes/origins/points', {body: {run: 'a', offset: 'zz'}, status: 400});
        await call('POST', '/v1/collections/notes/origins/points', {body: {run: 'a', limit: 0}, status: 422});
        await call('GET', '/v1/collections/none/origins', {status: 404});
        await call('POST', '/v1/lineage/sessions/x/close', {body: {state: 'odd'}, status: 400});
    });
});
