// Embedding spaces over a live server: with the stock client wherever it can say what is needed.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {QdrantClient} from '@qdrant/js-client-rest';
import {LiveServer} from '../live_server.js';

const folder = mkdtempSync(join(tmpdir(), 'lineal-spaces-'));
const keysFile = join(folder, 'keys.yaml');
let server;
let first;
let second;

const call = async (method, path, {body, space, key = 'boss', status = 200} = {}) => {
    const headers = {'api-key': key, ...(body && {'content-type': 'application/json'}), ...(space && {'lineal-space': space})};
    const answer = await fetch(server.url + path, {method, headers, body: body && JSON.stringify(body)});
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    const parsed = JSON.parse(text);
    return {result: parsed.result, error: parsed.status.error, warning: answer.headers.get('lineal-warning')};
};
const upsert = (id, options) =>
    call('PUT', '/collections/docs/points?wait=true', {body: {points: [{id, vector: [id, 1, 0]}]}, ...options});
const query = (options) => call('POST', '/collections/docs/points/query', {body: {query: [1, 1, 0]}, ...options});

before(async () => {
    // A key may name a space before anybody has registered it.
    writeFileSync(
        keysFile,
        '- {name: boss, key: boss, right: manage}\n- {name: embedder, key: embedder, right: write, space: first}\n' +
            '- {name: stray, key: stray, right: write, space: second}\n- {name: reader, key: reader, right: read}\n',
    );
    server = await LiveServer.start({flags: ['--api-keys-file', keysFile]});
    const recipe = {model: 'minilm', pooling: 'mean', dim: 3, metric: 'Euclid'};
    first = (await call('POST', '/v1/spaces', {body: {...recipe, model_version: '1', name: 'first'}})).result;
    second = (await call('POST', '/v1/spaces', {body: {...recipe, model_version: '2', name: 'second'}})).result;
    await call('PUT', '/collections/docs', {body: {vectors: {size: 3, distance: 'Euclid'}}});
    await call('PUT', '/v1/collections/docs/space', {body: {space: 'first'}});
});
after(async () => {
    await server?.remove();
    rmSync(folder, {recursive: true});
});

describe('a space', () => {
    test('is told by its recipe', async () => {
        assert.match(first.id, /^[0-9a-f]{32}$/);
        assert.notEqual(first.id, second.id);
        const again = await call('POST', '/v1/spaces', {body: {model: 'minilm', pooling: 'mean', dim: 3, metric: 'Euclid', model_version: '1'}});
        assert.equal(again.result.id, first.id);
        assert.equal((await call('GET', '/v1/spaces')).result.spaces.length, 2);
        assert.equal((await call('GET', '/v1/spaces/first')).result.pooling, 'mean');
        await call('GET', '/v1/spaces/third', {status: 404});
        await call('POST', '/v1/spaces', {body: {model: 'm', dim: 0}, status: 422});
        await call('POST', '/v1/spaces', {body: {model: 'm', dim: 3}, key: 'embedder', status: 403});
    });
});

describe('Acceptance14: vectors of another space', () => {
    test('are refused with both recipes in the message', async () => {
        await upsert(1, {space: 'first'});
        for (const refused of [upsert(2, {space: 'second', status: 409}), query({space: 'second', status: 409})]) {
            const {error} = await refused;
            assert.match(error, /model_version `1`/);
            assert.match(error, /model_version `2`/);
        }
        assert.equal((await query({space: first.id})).result.points.length, 1);
        await upsert(2, {space: 'nobody', status: 409});
    });

    test('are refused where nobody says their space', async () => {
        assert.match((await query({status: 409})).error, /Lineal-Space/);
    });

    test('are let pass with a warning while a collection moves over', async () => {
        await call('PUT', '/v1/collections/docs/space', {body: {guard: 'warn'}});
        const {result, warning} = await query({space: 'second'});
        assert.equal(result.points.length, 1);
        assert.match(warning, /cannot be compared/);
        await call('PUT', '/v1/collections/docs/space', {body: {guard: 'enforce'}});
        await query({space: 'second', status: 409});
    });
});

describe('Acceptance17: clients that only send vectors', () => {
    const client = (apiKey, name = 'docs') => {
        const stock = new QdrantClient({url: server.url, apiKey, checkCompatibility: false});
        return {
            upsert: (id) => stock.upsert(name, {wait: true, points: [{id, vector: [id, 1, 0]}]}),
            query: () => stock.query(name, {query: [1, 1, 0]}),
        };
    };

    test('are of the space of their key', async () => {
        await client('embedder').upsert(10);
        assert.ok((await client('embedder').query()).points.length > 0);
        await assert.rejects(client('stray').upsert(11), {status: 409});
        await assert.rejects(client('stray').query(), {status: 409});
        const {result} = await call('GET', '/v1/collections/docs/points/10/provenance');
        assert.equal(result.origin.space, first.id);
        assert.equal(result.origin.principal, 'embedder');
    });

    test('are of the space of the alias they use', async () => {
        await call('PUT', '/v1/aliases/library', {body: {collection: 'docs', space: 'first'}});
        assert.ok((await client('reader', 'library').query()).points.length > 0);
        await call('PUT', '/v1/aliases/library', {body: {collection: 'docs', space: 'second'}});
        await assert.rejects(client('reader', 'library').query(), {status: 409});
        const {moves} = (await call('GET', '/v1/aliases/library/moves')).result;
        assert.deepEqual(moves.map((move) => [move.from?.space, move.to.space, move.principal]), [
            [undefined, first.id, 'boss'],
            [first.id, second.id, 'boss'],
        ]);
    });

    test('are taken for the collection\'s where it says so', async () => {
        await call('PUT', '/v1/collections/docs/space', {body: {unlabelled: 'assume'}});
        await client('boss').upsert(12);
        const {result} = await call('GET', '/v1/collections/docs/points/12/provenance');
        assert.equal(result.origin.space, first.id);
        assert.ok((await call('GET', '/v1/collections/docs/space')).result.assumed > 0);
    });
});

describe('Acceptance32: a withdrawn model', () => {
    test('takes no more vectors, and readers are told', async () => {
        const headers = {'content-type': 'application/json', 'api-key': 'boss'};
        const mlflow = (path, body) =>
            fetch(`${server.url}/api/2.0/mlflow/${path}`, {method: 'POST', headers, body: JSON.stringify(body)});
        assert.equal((await mlflow('registered-models/create', {name: 'minilm'})).status, 200);
        assert.equal((await mlflow('model-versions/create', {name: 'minilm', source: 's3://models/minilm'})).status, 200);
        const impact = (await call('GET', '/v1/models/minilm/versions/1/impact')).result;
        assert.deepEqual(impact.vectors.map(({collection, bound}) => [collection, bound]), [['docs', true]]);
        assert.equal(impact.points, (await call('POST', '/collections/docs/points/count', {body: {}})).result.count);
        await call('POST', '/v1/models/minilm/versions/1/withdraw', {body: {reason: 'leaks its training data'}});
        assert.match((await upsert(20, {space: 'first', status: 409})).error, /leaks its training data/);
        assert.match((await query({space: 'first'})).warning, /leaks its training data/);
    });
});
