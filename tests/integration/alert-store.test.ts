import { beforeEach, describe, expect, it } from 'vitest';
import {
  groupAlerts,
  openAlerts,
  resolveAlerts,
  type AlertDraft,
} from '@zhanggui/shared/alerts/alert-store.ts';
import type { AlertKind } from '@zhanggui/shared/contract/words.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
beforeEach(() => sql`truncate alert_event, alert restart identity`);

const START = Date.parse('2026-11-25T02:00:00Z');
const at = (minute: number) => new Date(START + minute * 60_000);
const stock = (kind: AlertKind, locationNo = 1, skuNo = 1): AlertDraft => ({
  family: 'stock',
  kind,
  severity: kind === 'low_stock' ? 'warning' : 'critical',
  skuNo,
  locationNo,
  supplyOrderNo: 0,
  params: { available: 0 },
});
const alerts = () =>
  sql<
    { id: string; kind: string; status: string; raisedAt: Date; toldAt: Date | null; owner: string | null }[]
  >`
    select id, kind, status, raised_at as "raisedAt", told_at as "toldAt", owner_name as owner from alert order by opened_at, id`;
const tell = () => sql`update alert set told_at = now()`;
const history = async () =>
  (await sql<{ what: string }[]>`select what from alert_event order by no`).map((e) => e.what);

describe('an alert', () => {
  it('is one for a balance, and is raised again only when it gets worse', async () => {
    const [first] = await openAlerts(
      sql,
      [stock('low_stock'), stock('sold_out'), stock('low_stock', 2)],
      at(0),
    );
    expect([first?.isNew, first?.worse]).toEqual([true, true]);
    await sql`update alert set told_at = now(), status = 'acknowledged', owner_name = 'Li' where location_no = 1`;

    const [milder] = await openAlerts(sql, [stock('low_stock')], at(1));
    expect(milder).toMatchObject({ id: first?.id, isNew: false, worse: false });
    // Back where it was ten minutes ago: no news.
    const [back] = await openAlerts(sql, [stock('sold_out')], at(10));
    expect(back).toMatchObject({ id: first?.id, worse: false });
    expect((await alerts())[0]).toMatchObject({
      kind: 'sold_out',
      status: 'acknowledged',
      owner: 'Li',
      raisedAt: at(0),
    });

    const [worse] = await openAlerts(sql, [stock('oversold')], at(11));
    expect(worse).toMatchObject({ id: first?.id, isNew: false, worse: true });
    expect((await alerts())[0]).toMatchObject({
      kind: 'oversold',
      status: 'open',
      owner: null,
      raisedAt: at(11),
      toldAt: null,
    });
    expect(await alerts()).toHaveLength(2);
    expect(await history()).toEqual(['opened', 'opened', 'changed', 'changed', 'worse']);
  });

  it('that comes back within half an hour is the same one, told again only when worse', async () => {
    const [first] = await openAlerts(sql, [stock('low_stock')], at(0));
    await tell();
    expect(await resolveAlerts(sql, [stock('low_stock')], 'cause', at(5))).toMatchObject([
      { id: first?.id, skuNo: 1 },
    ]);
    expect(await resolveAlerts(sql, [stock('low_stock')], 'cause', at(5))).toEqual([]);

    expect(await openAlerts(sql, [stock('low_stock')], at(34))).toMatchObject([
      { id: first?.id, isNew: false, worse: false },
    ]);
    expect((await alerts())[0]).toMatchObject({ status: 'open', raisedAt: at(34), toldAt: expect.any(Date) });

    await resolveAlerts(sql, [stock('low_stock')], 'cause', at(35));
    expect(await openAlerts(sql, [stock('sold_out')], at(36))).toMatchObject([
      { id: first?.id, isNew: false, worse: true },
    ]);
    expect((await alerts())[0]?.toldAt).toBeNull();

    await resolveAlerts(sql, [stock('low_stock')], 'cause', at(40));
    expect(await openAlerts(sql, [stock('sold_out')], at(71))).toMatchObject([{ isNew: true, worse: true }]);
    expect(await alerts()).toHaveLength(2);
  });

  it('that comes back keeps an owner who is still on it', async () => {
    await openAlerts(sql, [stock('low_stock')], at(0));
    await sql`update alert set status = 'acknowledged', owner_name = 'Li', due_at = ${at(20)}, told_at = now()`;
    await resolveAlerts(sql, [stock('low_stock')], 'cause', at(5));
    await openAlerts(sql, [stock('low_stock')], at(10));
    expect((await alerts())[0]).toMatchObject({ status: 'acknowledged', owner: 'Li' });
    await resolveAlerts(sql, [stock('low_stock')], 'cause', at(15));
    await openAlerts(sql, [stock('low_stock')], at(25));
    expect((await alerts())[0]).toMatchObject({ status: 'open', owner: null });
  });

  it('is one when two workers open it at the same time', async () => {
    const both = await Promise.all(
      [1, 2, 3].map(() => openAlerts(sql, [stock('sold_out', 1), stock('sold_out', 2)], at(0))),
    );
    expect(both.flat().filter(({ isNew }) => isNew)).toHaveLength(2);
    expect(await alerts()).toHaveLength(2);
  });
});

describe('alerts of one SKU in many stores', () => {
  const many = (count: number, from = 1) =>
    Array.from({ length: count }, (_, i) => stock('sold_out', i + from));
  const state = async () =>
    (
      await sql<[{ wide: number; stores: number | null; grouped: number }]>`
      select count(*) filter (where kind = 'widespread' and resolved_at is null) as wide,
        max((params->>'stores')::int) filter (where kind = 'widespread' and resolved_at is null) as stores,
        count(*) filter (where group_id is not null and resolved_at is null) as grouped from alert`
    )[0];

  it('are stood for by one from five stores on, until fewer than three are left', async () => {
    await openAlerts(sql, many(4), at(0));
    expect(await groupAlerts(sql, [1], at(0))).toBe(false);
    expect(await state()).toEqual({ wide: 0, stores: null, grouped: 0 });
    await openAlerts(sql, many(36, 5), at(1));
    expect(await groupAlerts(sql, [1, 2], at(1))).toBe(true);
    expect(await state()).toEqual({ wide: 1, stores: 40, grouped: 40 });
    expect(await groupAlerts(sql, [1], at(1))).toBe(false);

    // What sells out within hours is its own matter, though its store lacks the SKU no more than the others.
    await openAlerts(sql, [{ ...stock('sellout_soon', 40) }], at(2));
    await groupAlerts(sql, [1], at(2));
    expect(await state()).toEqual({ wide: 1, stores: 39, grouped: 39 });

    await resolveAlerts(sql, many(36), 'cause', at(3));
    await groupAlerts(sql, [1], at(3));
    expect(await state()).toEqual({ wide: 1, stores: 3, grouped: 3 });
    await resolveAlerts(sql, many(1, 37), 'cause', at(4));
    await groupAlerts(sql, [1], at(4));
    expect(await state()).toEqual({ wide: 0, stores: null, grouped: 0 });
  });

  it('are one group when many workers look at once, and none of them waits for ever', async () => {
    // They are there already: each worker holds its own rows while another one groups.
    await openAlerts(sql, many(40), at(0));
    const everyone = Promise.withResolvers<void>();
    let ready = 0;
    const workers = Array.from({ length: 8 }, (_, i) =>
      sql.begin(async (tx) => {
        await openAlerts(tx, many(5, i * 5 + 1), at(0));
        if ((ready += 1) === 8) everyone.resolve();
        await everyone.promise;
        await groupAlerts(tx, [1], at(0));
      }),
    );
    await Promise.all(workers);
    await groupAlerts(sql, [1], at(1));
    expect(await state()).toEqual({ wide: 1, stores: 40, grouped: 40 });
  });
});
