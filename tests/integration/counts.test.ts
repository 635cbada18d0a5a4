/** Counts by file: what differs is seen before it is booked, and what moved since stays. */
import { beforeAll, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { event } from '../support/books.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';
import { foundSupply } from '../support/supply.ts';

type Count = {
  id: string;
  status: string;
  differing: number;
  surplus: number;
  missing: number;
  value: number;
  lines: { sku: string; book: number; counted: number; difference: number; value: number }[];
};

let server: TestServer;
let admin: Credentials;
let till: Credentials;
beforeAll(async () => {
  server = await startServer();
  await foundSupply(server.sql);
  admin = await person(server.sql, 'admin');
  till = await machine(server.sql, 'ingest');
  await send('r1', 'stock.received', -60, { location: 'S1', ref: 'x', lines: pieces({ A: 10, B: 10 }) });
});

const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const pieces = (list: Record<string, number>) => Object.entries(list).map(([sku, qty]) => ({ sku, qty }));
const send = (id: string, type: string, minutes: number, data: object) =>
  call(server, 'POST', '/api/v1/events', {
    as: till,
    body: event(id, type, at(minutes), data),
    headers: cloudEvent,
  });
const cloudEvent = { 'content-type': 'application/cloudevents+json' };
const post = (path: string, body?: object, as = admin) =>
  call<Count & Problem>(server, 'POST', `/api/v1/counts${path}`, { as, body });
const onHand = async () =>
  Object.fromEntries(
    (
      await server.sql<{ code: string; hand: number }[]>`
        select k.code, s.on_hand as hand from stock s join sku k on k.no = s.sku_no order by 1`
    ).map(({ code, hand }) => [code, hand]),
  );

it('a count shows its differences, and changes the book when somebody says so', async () => {
  const { status, body } = await post('', {
    location: 'S1',
    ref: '年终盘点',
    countedAt: at(-30),
    lines: [
      { sku: 'A', onHand: 4 },
      { sku: 'B', onHand: 10 },
      { sku: 'C', onHand: 3 },
      { sku: 'A', onHand: 2 },
    ],
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({ status: 'open', differing: 2, surplus: 3, missing: 4, value: -3_400 });
  expect(body.lines.map(({ sku, book, counted, value }) => [sku, book, counted, value])).toEqual([
    ['A', 10, 6, -4_000],
    ['C', 0, 3, 600],
    ['B', 10, 10, 0],
  ]);
  expect(await onHand()).toEqual({ A: 10, B: 10 });

  // Two pieces arrived after the count: they lie beside what was counted.
  await send('r2', 'stock.received', -10, { location: 'S1', ref: 'y', lines: pieces({ A: 2 }) });
  const booked = await Promise.all([post(`/${body.id}/book`), post(`/${body.id}/book`)]);
  expect(booked.map((answer) => [answer.status, answer.body.status])).toEqual([
    [200, 'booked'],
    [200, 'booked'],
  ]);
  expect(await onHand()).toEqual({ A: 8, B: 10, C: 3 });
  expect((await post(`/${body.id}/discard`)).status).toBe(409);
  const audit = await server.sql`select action from audit_log where action like 'count.%' order by no`;
  expect(audit.map(({ action }) => action)).toEqual(['count.draft', 'count.book']);
});

it('a count that was given up books nothing', async () => {
  const { body } = await post('', { location: 'S1', ref: 'slip', lines: [{ sku: 'B', onHand: 0 }] });
  expect((await post(`/${body.id}/discard`)).body.status).toBe('discarded');
  expect((await post(`/${body.id}/book`)).status).toBe(409);
  expect(await onHand()).toMatchObject({ B: 10 });
});

it('a count of what nobody knows, or of a store of others, is refused', async () => {
  const wrong = await post('', { location: 'S1', ref: 'x', lines: [{ sku: 'ZZ', onHand: 1 }] });
  expect(wrong.body.errors).toEqual([{ field: 'lines.ZZ', detail: 'there is no such SKU' }]);
  const manager = await person(server.sql, 'manager', { locations: ['S2'] });
  const foreign = await post('', { location: 'S1', ref: 'x', lines: [{ sku: 'A', onHand: 1 }] }, manager);
  expect(foreign.body.code).toBe('outside_scope');
});
