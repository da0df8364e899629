// The stock client through every call of the minimal surface, against a live server.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer} from '../live_server.js';

let server;
let client;

before(async () => {
    server = await LiveServer.start();
    client = new QdrantClient({url: server.url, checkCompatibility: false});
});
after(async () => server?.remove());

const rejected = (promise, status, text) =>
    assert.rejects(promise, (error) => {
        assert.equal(error.status, status, `${error.status}: ${JSON.stringify(error.data)}`);
        assert.match(error.data.status.error, text);
        return true;
    });
const close = (actual, wanted) => {
    assert.equal(actual.length, wanted.length);
    actual.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-5, `${actual} against ${wanted}`));
};
// For numbers beyond what JSON.stringify of older Node versions can say.
const put = async (path, text) => {
    const answer = await fetch(server.url + path, {method: 'PUT', headers: {'content-type': 'application/json'}, body: text});
    assert.equal(answer.status, 200, await answer.text());
};
const idsOf = (points) => points.map(({id}) => id);

describe('service', () => {
    test('says a version the client knows', async () => {
        const info = await client.versionInfo();
        assert.match(info.version, /^1\.19\.\d+$/);
        assert.match(info.commit, /^[0-9a-f]{40}$/);
    });

    test('telemetry, cluster, health and metrics answer', async () => {
        const {data} = await client.api().telemetry({});
        assert.equal(data.result.app.name, 'qdrant');
        const text = async (path) => (await fetch(server.url + path)).text();
        assert.equal(await text('/healthz'), 'healthz check passed');
        assert.equal(await text('/readyz'), 'all shards are ready');
        assert.equal((await (await fetch(server.url + '/cluster')).json()).result.status, 'disabled');
        assert.match(await text('/metrics'), /app_info\{name="qdrant",version="/);
        assert.deepEqual((await (await fetch(server.url + '/issues')).json()).result, {issues: []});
    });
});

describe('collections', () => {
    test('are created, described, changed and dropped', async () => {
        const name = 'life';
        assert.equal(await client.deleteCollection(name), false);
        const config = {vectors: {size: 4, distance: 'Dot'}, optimizers_config: {default_segment_number: 2}};
        assert.equal(await client.createCollection(name, {...config, replication_factor: 2}), true);
        await rejected(client.createCollection(name, config), 409, /^Wrong input: Collection `life` already exists!$/);
        assert.ok((await client.getCollections()).collections.some((c) => c.name === name));
        assert.deepEqual(await client.collectionExists(name), {exists: true});
        assert.deepEqual(await client.collectionExists('nothing'), {exists: false});

        let info = await client.getCollection(name);
        assert.ok(['green', 'yellow', 'grey'].includes(info.status));
        assert.equal(info.optimizer_status, 'ok');
        assert.equal(info.points_count, 0);
        assert.deepEqual(info.config.params.vectors, {size: 4, distance: 'Dot'});
        assert.equal(info.config.params.replication_factor, 2);
        assert.equal(info.config.hnsw_config.m, 16);
        assert.equal(info.config.optimizer_config.default_segment_number, 2);

        assert.equal(await client.updateCollection(name, {hnsw_config: {m: 24}, metadata: {owner: 'me'}}), true);
        info = await client.getCollection(name);
        assert.equal(info.config.hnsw_config.m, 24);
        assert.deepEqual(info.config.metadata, {owner: 'me'});

        const cluster = await client.collectionClusterInfo(name);
        assert.equal(cluster.local_shards.length, 1);
        assert.equal(typeof (await client.getOptimizations(name)).summary.queued_optimizations, 'number');
        assert.equal(await client.deleteCollection(name), true);
        await rejected(client.getCollection(name), 404, /^Not found: Collection `life` doesn't exist!$/);
    });

    test('refuse what they cannot be', async () => {
        const create = (vectors, rest = {}) => client.createCollection('bad', {vectors, ...rest});
        await rejected(create({size: 0, distance: 'Dot'}), 422, /^Validation error in JSON body: /);
        await rejected(create({size: 4, distance: 'Hamming'}), 400, /^Format error in JSON body: /);
        await rejected(create({size: 4, distance: 'Dot'}, {sparse_vectors: {s: {}}}), 400, /not supported yet/);
        assert.deepEqual(await client.collectionExists('bad'), {exists: false});
    });

    test('have aliases that change together', async () => {
        for (const name of ['old', 'new']) await client.createCollection(name, {vectors: {size: 2, distance: 'Dot'}});
        const create = (collection) => ({create_alias: {alias_name: 'live', collection_name: collection}});
        assert.equal(await client.updateCollectionAliases({actions: [create('old')]}), true);
        await client.upsert('live', {wait: true, points: [{id: 1, vector: [1, 0]}]});
        assert.equal((await client.count('old')).count, 1);
        await client.updateCollectionAliases({actions: [{delete_alias: {alias_name: 'live'}}, create('new')]});
        assert.equal((await client.count('live')).count, 0);
        assert.deepEqual(await client.getAliases(), {aliases: [{alias_name: 'live', collection_name: 'new'}]});
        await client.updateCollectionAliases({
            actions: [{rename_alias: {old_alias_name: 'live', new_alias_name: 'main'}}],
        });
        assert.deepEqual((await client.getCollectionAliases('new')).aliases[0].alias_name, 'main');
        await client.updateCollectionAliases({actions: [{delete_alias: {alias_name: 'main'}}]});
        for (const name of ['old', 'new']) await client.deleteCollection(name);
    });

    test('gain and lose named vectors and payload indexes', async () => {
        const name = 'named';
        await client.createCollection(name, {
            vectors: {a: {size: 2, distance: 'Cosine'}, b: {size: 3, distance: 'Euclid', datatype: 'float16'}},
        });
        await client.upsert(name, {wait: true, points: [{id: 1, vector: {a: [3, 4], b: [1, 2, 3]}, payload: {n: 5}}]});
        const [point] = await client.retrieve(name, {ids: [1], with_vector: true});
        close(point.vector.a, [0.6, 0.8]);
        assert.deepEqual(point.vector.b, [1, 2, 3]);

        await client.createVectorName(name, 'c', {dense: {size: 2, distance: 'Dot'}, wait: true});
        await client.updateVectors(name, {wait: true, points: [{id: 1, vector: {c: [7, 8]}}]});
        assert.deepEqual((await client.retrieve(name, {ids: [1], with_vector: ['c']}))[0].vector, {c: [7, 8]});
        await client.deleteVectors(name, {wait: true, points: [1], vector: ['c']});
        assert.deepEqual((await client.retrieve(name, {ids: [1], with_vector: ['c']}))[0].vector, {});
        await client.deleteVectorName(name, 'c', {wait: true});
        assert.deepEqual(Object.keys((await client.getCollection(name)).config.params.vectors), ['a', 'b']);

        const made = await client.createPayloadIndex(name, {field_name: 'n', field_schema: 'integer', wait: true});
        assert.equal(made.status, 'completed');
        assert.equal((await client.getCollection(name)).payload_schema.n.data_type, 'integer');
        await client.deletePayloadIndex(name, 'n', {wait: true});
        assert.deepEqual((await client.getCollection(name)).payload_schema, {});

        const found = await client.query(name, {query: [1, 2, 3], using: 'b'});
        assert.equal(found.points[0].score, 0);
        await rejected(client.query(name, {query: [1, 2], using: 'x'}), 400, /^Wrong input: Not existing vector name/);
        await client.deleteCollection(name);
    });
});

describe('points', () => {
    const name = 'points';
    const uuid = '98a9a4b1-4ef2-46fb-8315-a97d874fe1d7';
    const large = '18446744073709551615';
    before(async () => {
        await client.createCollection(name, {vectors: {size: 4, distance: 'Dot'}});
        for (const [field, schema] of [['city', 'keyword'], ['count', 'integer'], ['when', 'datetime']]) {
            await client.createPayloadIndex(name, {field_name: field, field_schema: schema, wait: true});
        }
        const result = await client.upsert(name, {
            wait: true,
            points: [
                {id: 1, vector: [0.05, 0.61, 0.76, 0.74], payload: {city: 'Berlin', count: 10, when: '2024-01-31'}},
                {id: 2, vector: [0.19, 0.81, 0.75, 0.11], payload: {city: ['Berlin', 'London'], count: 20}},
                {id: 3, vector: [0.36, 0.55, 0.47, 0.94], payload: {city: ['Berlin', 'Moscow'], a: {b: [{c: 1}]}}},
                {id: 4, vector: [0.18, 0.01, 0.85, 0.8], payload: {city: ['London', 'Moscow'], text: 'Red fox runs'}},
                {id: uuid.toUpperCase(), vector: [0.24, 0.18, 0.22, 0.44], payload: {count: [0, 7]}},
            ],
        });
        assert.equal(result.status, 'completed');
        await put(`/collections/${name}/points`, `{"points":[{"id":${large},"vector":[0.19,0.81,0.75,0.11]}]}`);
    });
    after(() => client.deleteCollection(name));

    const matching = async (filter) => idsOf((await client.scroll(name, {filter, limit: 100})).points);

    test('come back as they were sent', async () => {
        assert.equal((await client.count(name)).count, 6);
        const one = (await client.api().getPoint({collection_name: name, id: 2})).data.result;
        assert.deepEqual(one.payload, {city: ['Berlin', 'London'], count: 20});
        close(one.vector, [0.19, 0.81, 0.75, 0.11]);
        const found = await client.retrieve(name, {ids: [1, uuid, 99]});
        assert.equal(found.length, 2);
        assert.equal(found[0].vector, undefined);
        const [narrow] = await client.retrieve(name, {ids: [1], with_payload: ['city']});
        assert.deepEqual(narrow.payload, {city: 'Berlin'});
        const [rest] = await client.retrieve(name, {ids: [1], with_payload: {exclude: ['city', 'when']}});
        assert.deepEqual(rest.payload, {count: 10});
        await rejected(client.api().getPoint({collection_name: name, id: 77}), 404, /^Not found: Point with id 77/);
    });

    test('scroll by id, numbers before UUIDs, to the end', async () => {
        const seen = [];
        let offset;
        do {
            const page = await client.scroll(name, {limit: 2, offset});
            seen.push(...idsOf(page.points));
            offset = page.next_page_offset ?? undefined;
        } while (offset !== undefined && seen.length < 4);
        assert.deepEqual(seen, [1, 2, 3, 4]);
        const rest = await fetch(`${server.url}/collections/${name}/points/scroll`, {
            method: 'POST',
            headers: {'content-type': 'application/json'},
            body: '{"offset":5,"with_payload":false}',
        });
        const wanted = `{"points":[{"id":${large}},{"id":"${uuid}"}],"next_page_offset":null}`;
        assert.ok((await rest.text()).startsWith(`{"result":${wanted},"status":"ok","time":`));
        assert.equal((await client.scroll(name, {limit: 999999999})).points.length, 6);
    });

    test('scroll in the order of a payload key', async () => {
        const {points} = await client.scroll(name, {order_by: {key: 'count', direction: 'desc'}, limit: 10});
        assert.deepEqual(points.slice(0, 2).map(({id}) => id), [2, 1]);
        assert.equal(points[0].order_value, 20);
    });

    test('pass filters of every kind', async () => {
        const city = (match) => ({must: [{key: 'city', match}]});
        assert.deepEqual(await matching(city({value: 'London'})), [2, 4]);
        assert.deepEqual(await matching(city({any: ['Moscow']})), [3, 4]);
        assert.deepEqual(await matching(city({except: ['Berlin', 'London']})), [3, 4]);
        assert.deepEqual(await matching({must_not: [{key: 'city', match: {value: 'Berlin'}}, {has_id: [uuid]}]}), [4, Number(large)]);
        assert.deepEqual(await matching({must: [{key: 'count', range: {gte: 7, lt: 20}}]}), [1, uuid]);
        assert.deepEqual(await matching({must: [{key: 'when', range: {gt: '2024-01-01T00:00:00Z'}}]}), [1]);
        assert.deepEqual(await matching({must: [{is_empty: {key: 'city'}}, {key: 'count', values_count: {gte: 2}}]}), [uuid]);
        assert.deepEqual(await matching({must: [{has_id: [1, 2, 99]}]}), [1, 2]);
        assert.deepEqual(await matching({must: [{key: 'text', match: {text: 'fox red'}}]}), [4]);
        assert.deepEqual(await matching({must: [{key: 'a.b[].c', match: {value: 1}}]}), [3]);
        const nested = {key: 'a.b', filter: {must: [{key: 'c', match: {value: 1}}]}};
        assert.deepEqual(await matching({must: [{nested}]}), [3]);
        const conditions = [{key: 'city', match: {value: 'Berlin'}}, {key: 'count', match: {value: 20}}];
        assert.deepEqual(await matching({min_should: {conditions, min_count: 2}}), [2]);
        await rejected(matching({must: [{key: 'city', matches: 1}]}), 400, /^Format error in JSON body: /);
    });

    test('are found by vector, by id, and as diverse ones', async () => {
        const query = [0.2, 0.1, 0.9, 0.7];
        const {points} = await client.query(name, {query, limit: 3, with_payload: true, params: {exact: true}});
        assert.deepEqual(idsOf(points), [4, 1, 3]);
        assert.ok(points[0].score > points[1].score);
        assert.ok(points[0].payload.city);
        assert.equal((await client.query(name, {query, limit: 3})).points[0].payload, undefined);
        const filter = {should: [{key: 'city', match: {value: 'London'}}]};
        assert.deepEqual(idsOf((await client.query(name, {query, filter})).points), [4, 2]);
        const like = await client.query(name, {query: 4, limit: 10});
        assert.ok(!idsOf(like.points).includes(4));
        await rejected(client.query(name, {query: 4242}), 404, /^Not found: No point with id 4242 found/);
        const diverse = await client.query(name, {query: {nearest: query, mmr: {diversity: 0.9, candidates_limit: 6}}, limit: 3});
        assert.equal(diverse.points[0].id, 4);
        assert.equal(diverse.points.length, 3);
        assert.deepEqual(idsOf((await client.query(name, {limit: 2, offset: 1})).points), [2, 3]);
        assert.ok((await client.query(name, {query, score_threshold: 1.0, limit: 10})).points.every((p) => p.score >= 1.0));
        const batch = await client.queryBatch(name, {searches: [{query, limit: 1}, {query: 1, limit: 2}]});
        assert.deepEqual(batch.map(({points: list}) => list.length), [1, 2]);
    });

    test('are found by the older search too', async () => {
        const post = async (path, body) => {
            const answer = await fetch(`${server.url}/collections/${name}/points/${path}`, {
                method: 'POST',
                headers: {'content-type': 'application/json'},
                body: JSON.stringify(body),
            });
            assert.equal(answer.status, 200);
            return (await answer.json()).result;
        };
        const search = {vector: [0.2, 0.1, 0.9, 0.7], limit: 2, with_payload: true};
        assert.deepEqual(idsOf(await post('search', search)), [4, 1]);
        assert.deepEqual((await post('search/batch', {searches: [search, search]})).map(idsOf), [[4, 1], [4, 1]]);
    });

    test('refuse what does not fit', async () => {
        const upsert = (point) => client.upsert(name, {wait: true, points: [point]});
        await rejected(upsert({id: 50, vector: [1, 2, 3]}), 400, /^Wrong input: Vector dimension error: expected dim: 4, got 3$/);
        await rejected(upsert({id: 50, vector: {x: [1, 2, 3, 4]}}), 400, /^Wrong input: Not existing vector name error: x$/);
        await rejected(upsert({id: -1, vector: [1, 2, 3, 4]}), 400, /^Format error in JSON body: /);
        await rejected(client.query(name, {query: [1, 2, 3, 4], limit: 0}), 422, /limit: value 0 invalid, must be 1 or larger/);
        await rejected(client.count('nothing'), 404, /Collection `nothing` doesn't exist!/);
        assert.equal((await client.count(name)).count, 6);
    });
});

describe('changes', () => {
    const name = 'changes';
    before(() => client.createCollection(name, {vectors: {size: 2, distance: 'Euclid'}}));
    after(() => client.deleteCollection(name));
    const payloadOf = async (id) => (await client.retrieve(name, {ids: [id]}))[0]?.payload;

    test('columns, replacement and the last of equal ids', async () => {
        await client.upsert(name, {wait: true, batch: {ids: [1, 2], vectors: [[1, 1], [2, 2]], payloads: [{a: 1}, null]}});
        assert.deepEqual(await payloadOf(1), {a: 1});
        await client.upsert(name, {wait: true, points: [{id: 1, vector: [3, 3]}, {id: 1, vector: [4, 4], payload: {b: 2}}]});
        const [point] = await client.retrieve(name, {ids: [1], with_vector: true});
        assert.deepEqual([point.vector, point.payload], [[4, 4], {b: 2}]);
        assert.equal((await client.count(name)).count, 2);
    });

    test('payload: set, nested, overwrite, delete, clear', async () => {
        await client.setPayload(name, {wait: true, points: [1], payload: {c: {d: 1}}});
        assert.deepEqual(await payloadOf(1), {b: 2, c: {d: 1}});
        await client.setPayload(name, {wait: true, points: [1], payload: {e: 2}, key: 'c'});
        assert.deepEqual(await payloadOf(1), {b: 2, c: {d: 1, e: 2}});
        await client.deletePayload(name, {wait: true, points: [1], keys: ['b']});
        assert.deepEqual(await payloadOf(1), {c: {d: 1, e: 2}});
        await client.overwritePayload(name, {wait: true, filter: {must: [{has_id: [1]}]}, payload: {g: 1}});
        assert.deepEqual(await payloadOf(1), {g: 1});
        await put(`/collections/${name}/points/payload`, '{"points":[1],"payload":{"f":18446744073709551615}}');
        const text = await (await fetch(`${server.url}/collections/${name}/points/1`)).text();
        assert.match(text, /"f":18446744073709551615/);
        await client.clearPayload(name, {wait: true, points: [1]});
        assert.deepEqual(await payloadOf(1), {});
    });

    test('an ordered batch, and deletes seen at once without waiting', async () => {
        const results = await client.batchUpdate(name, {
            wait: true,
            operations: [
                {upsert: {points: [{id: 10, vector: [1, 0]}, {id: 11, vector: [0, 1]}]}},
                {set_payload: {payload: {x: 1}, points: [10]}},
                {delete: {points: [11]}},
            ],
        });
        assert.deepEqual(results.map(({status}) => status), ['completed', 'completed', 'completed']);
        assert.deepEqual(await payloadOf(10), {x: 1});
        assert.equal(await payloadOf(11), undefined);
        const gone = await client.delete(name, {points: [10]});
        assert.equal(gone.status, 'acknowledged');
        assert.equal(await payloadOf(10), undefined);
        await client.delete(name, {filter: {must_not: [{has_id: [1]}]}});
        assert.equal((await client.count(name)).count, 1);
    });
});
