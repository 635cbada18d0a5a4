import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradeMembers } from '@zhanggui/shared/members/grade-store.ts';
import {
  choiceFields,
  dayFields,
  fits,
  numberFields,
  ruleSchema,
  setFields,
  type Condition,
  type MemberFacts,
  type NumberField,
  type Rule,
} from '@zhanggui/shared/members/rule.ts';
import { countSegment, ruleWhere } from '@zhanggui/shared/members/segment-store.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { onDay } from '../support/members.ts';

/** The day before a 29 February that does not come. */
const TODAY = '2027-02-20';
const DAY = 86_400_000;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.sql`insert into location (code, name_zh, name_en) select c, c, c from unnest(${['S1', 'S2', "S'3"]}::text[]) c`;
});

const words = ['gold', "O'Neil", '贵宾', 'a,b', '{x}'];
const some = (list: readonly string[]) => fc.subarray([...list]);
const chosen = (list: readonly string[]) => fc.option(fc.constantFrom(...list));
/** A moment near the present, often at the very start of a business day. */
const moment = fc.option(
  fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 1, DAY - 1, 5_000_000))
    .map(([days, into]) => onDay(TODAY).start(onDay(TODAY).shift(TODAY, -days)) + into),
);

type Member = Record<NumberField, number | null> & {
  level: string | null;
  favouriteCategory: string | null;
  favouriteChannel: string | null;
  favouriteStore: string | null;
  lastOrderAt: number | null;
  firstOrderAt: number | null;
  lastVisitAt: number | null;
  joinedAt: number | null;
  birthday: string | null;
  tags: string[];
  autoTags: string[];
  categories: string[];
  channels: string[];
  stores: string[];
  consents: Record<string, boolean>;
};

const numbers = Object.fromEntries(
  Object.keys(numberFields).map((name) => [
    name,
    ['orders', 'units', 'net', 'points'].includes(name)
      ? fc.integer({ min: -1, max: 6 })
      : fc.option(fc.integer({ min: 0, max: 6 })),
  ]),
) as Record<NumberField, fc.Arbitrary<number | null>>;

const member: fc.Arbitrary<Member> = fc.record({
  ...numbers,
  level: chosen(words),
  favouriteCategory: chosen(words),
  favouriteChannel: chosen(['pos', 'mall']),
  favouriteStore: chosen(['S1', 'S2', "S'3"]),
  lastOrderAt: moment,
  firstOrderAt: moment,
  lastVisitAt: moment,
  joinedAt: moment,
  birthday: fc.option(fc.constantFrom('1990-02-20', '1992-02-29', '1980-02-28', '2001-12-31', '1970-01-01')),
  tags: some(words),
  autoTags: some(words),
  categories: some(words),
  channels: some(['pos', 'mall']),
  stores: some(['S1', 'S2', "S'3"]),
  consents: fc.dictionary(fc.constantFrom('sms', 'mail'), fc.boolean()),
});

const bounds = (arbitrary: fc.Arbitrary<number>) =>
  fc
    .record({ min: arbitrary, max: arbitrary }, { requiredKeys: [] })
    .filter(({ min, max }) => min !== undefined || max !== undefined);
const wanted = (list: readonly string[]) => fc.subarray([...list, 'nowhere'], { minLength: 1 });
const valuesOf = (field: string) =>
  field.includes('hannel') ? ['pos', 'mall'] : field.includes('tore') ? ['S1', 'S2', "S'3"] : words;

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...(Object.keys(numberFields) as NumberField[])),
      bounds(fc.integer({ min: -1, max: 6 })),
    )
    .map(([field, range]) => ({ field, ...range })),
  fc
    .tuple(fc.constantFrom(...dayFields), bounds(fc.integer({ min: 0, max: 41 })))
    .map(([field, range]) => ({ field, ...range })),
  fc.integer({ min: 0, max: 366 }).map((max) => ({ field: 'birthdayInDays' as const, max })),
  fc
    .constantFrom(...choiceFields)
    .chain((field) => wanted(valuesOf(field)).map((list) => ({ field, in: list }))),
  fc
    .constantFrom(...setFields)
    .chain((field) =>
      fc
        .tuple(field === 'consents' ? wanted(['sms', 'mail']) : wanted(valuesOf(field)), fc.boolean())
        .map(([list, any]) => (any ? { field, anyOf: list } : { field, allOf: list })),
    ),
);

const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.array(tie('rule'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('rule'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('rule').map((not) => ({ not })),
  ),
}));

const dayOf = (at: number | null) =>
  at === null ? null : new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

const factsOf = (m: Member): MemberFacts => ({
  ...m,
  lastOrderDay: dayOf(m.lastOrderAt),
  firstOrderDay: dayOf(m.firstOrderAt),
  lastSeenDay: dayOf(
    m.lastOrderAt === null && m.lastVisitAt === null
      ? null
      : Math.max(m.lastOrderAt ?? 0, m.lastVisitAt ?? 0),
  ),
  joinedDay: dayOf(m.joinedAt),
  tags: [...m.tags, ...m.autoTags],
  consents: Object.entries(m.consents).flatMap(([name, given]) => (given ? [name] : [])),
});

async function insert(members: readonly Member[]): Promise<void> {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const rows = members.map((m, i) => ({
    ...m,
    id: `m${i}`,
    lastOrderAt: iso(m.lastOrderAt),
    firstOrderAt: iso(m.firstOrderAt),
    lastVisitAt: iso(m.lastVisitAt),
    joinedAt: iso(m.joinedAt),
  }));
  await db.sql`truncate member restart identity cascade`;
  await db.sql`
    insert into member (id, orders, units, net, average_ticket, discount_share, gap_days, recency_score, frequency_score,
      money_score, ticket_score, points, level, favourite_category, favourite_channel, favourite_location_no, last_order_at,
      first_order_at, last_visit_at, joined_at, birthday, tags, auto_tags, categories, channels, location_nos, consents)
    select id, orders, units, net, "averageTicket", "discountShare", "gapDays", "recencyScore", "frequencyScore",
      "moneyScore", "ticketScore", points, level, "favouriteCategory", "favouriteChannel",
      (select no from location where code = "favouriteStore"), "lastOrderAt", "firstOrderAt", "lastVisitAt", "joinedAt",
      birthday, tags, "autoTags", categories, channels,
      coalesce((select array_agg(no) from location where code = any(stores)), '{}'), consents
    from jsonb_to_recordset(${db.sql.json(rows as never)}) as r (id text, orders int, units int, net bigint,
      "averageTicket" bigint, "discountShare" smallint, "gapDays" int, "recencyScore" smallint, "frequencyScore" smallint,
      "moneyScore" smallint, "ticketScore" smallint, points bigint, level text, "favouriteCategory" text,
      "favouriteChannel" text, "favouriteStore" text, "lastOrderAt" timestamptz, "firstOrderAt" timestamptz,
      "lastVisitAt" timestamptz, "joinedAt" timestamptz, birthday date, tags text[], "autoTags" text[], categories text[],
      channels text[], stores text[], consents jsonb)`;
}

describe('a rule', () => {
  it('asked of the database fits whom it fits by itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { minLength: 1, maxLength: 25 }),
        fc.array(rule, { minLength: 4, maxLength: 4 }),
        async (members, rules) => {
          await insert(members);
          for (const asked of rules) {
            expect(ruleSchema.parse(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
            const found = await db.sql<{ id: string }[]>`
              select id from member m where ${ruleWhere(db.sql, asked, onDay(TODAY))}`;
            const expected = members.flatMap((m, i) => (fits(asked, factsOf(m), TODAY) ? [`m${i}`] : []));
            expect({ asked, found: found.map(({ id }) => id).sort() }).toEqual({
              asked,
              found: expected.sort(),
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('that is too large, too deep or of unknown fields is refused', () => {
    const deep = (levels: number) =>
      Array.from({ length: levels }).reduce<unknown>((not) => ({ not }), { field: 'orders', min: 1 });
    const wide = { all: Array.from({ length: 51 }, () => ({ field: 'orders', min: 1 })) };
    for (const bad of [
      deep(6),
      deep(10_000),
      wide,
      { any: [wide, wide] },
      { field: 'orders' },
      { field: 'phone', in: ['138'] },
      { field: 'orders; drop table member', min: 1 },
      { all: [], any: [] },
      null,
    ])
      expect(ruleSchema.safeParse(bad).success).toBe(false);
    expect(ruleSchema.safeParse(deep(5)).success).toBe(true);
    expect(ruleSchema.safeParse({ all: [] }).success).toBe(true);
  });

  it('never fits who wished to be forgotten', async () => {
    await db.sql`truncate member restart identity cascade`;
    await db.sql`insert into member (id, forgotten_at) values ('a', null), ('b', now())`;
    expect(await countSegment(db.sql, { all: [] }, onDay(TODAY))).toBe(1);
    expect(await countSegment(db.sql, { not: { any: [] } }, onDay(TODAY))).toBe(1);
  });
});

describe('grading', () => {
  it('puts members into fifths, equals together, and marks them with the tags that they fit', async () => {
    const { sql } = db;
    await sql`truncate member restart identity cascade`;
    const start = new Date(onDay(TODAY).start('2026-01-01')).toISOString();
    // Of ten members, six bought once.
    await sql`
      insert into member (id, orders, net, average_ticket, discount_share, first_order_at, last_order_at)
      select 'm' || n, greatest(1, n - 5), n * 1000, n * 100, 90, ${start}, ${start}::timestamptz + n * interval '30 days'
      from generate_series(1, 10) n`;
    await sql`insert into member (id) values ('idle')`;
    const first = await gradeMembers(sql, onDay(TODAY));
    expect(first).toEqual({ last: 11, changed: 10 });
    const rows = await sql<{ id: string; scores: string; tags: string[] }[]>`
      select id, concat(recency_score, frequency_score, money_score, ticket_score) as scores, auto_tags as tags from member order by no`;
    expect(rows.map(({ scores }) => scores)).toEqual([
      '1111',
      '1111',
      '2122',
      '2122',
      '3133',
      '3133',
      '4444',
      '4444',
      '5555',
      '5555',
      '',
    ]);
    expect(rows[0]).toMatchObject({ tags: ['lapsed', 'rare'] });
    expect(rows[9]).toMatchObject({ tags: ['old', 'price-minded'] });
    expect(rows[10]).toMatchObject({ tags: [] });
    // Nothing changed: nothing is written.
    expect(await gradeMembers(sql, onDay(TODAY))).toEqual({ last: 11, changed: 0 });
    // A day goes by without anybody doing anything.
    await sql`update member set first_order_at = last_order_at where id = 'm1'`;
    await gradeMembers(sql, onDay('2026-02-28'));
    expect(await sql`select auto_tags as tags from member where id = 'm1'`).toEqual([{ tags: ['new'] }]);
  });

  it('reaches every member, whatever their numbers', async () => {
    const { sql } = db;
    await sql`truncate member restart identity cascade`;
    // At the ends of what one statement takes, and of what the turns go round.
    const ends = [1, 2, 2_000, 10_000, 10_001, 99_999, 100_000, 100_001, 104_999, 200_000, 210_003];
    await sql`
      insert into member (no, id, orders, net, average_ticket, last_order_at) overriding system value
      select no, 'm' || no, 1, 100, 100, now() from unnest(${ends}::int[]) no`;
    expect(await gradeMembers(sql, onDay(TODAY))).toEqual({ last: 210_003, changed: ends.length });
    expect(await sql`select from member where recency_score is null`).toHaveLength(0);
  });
});
