/**
 * Groups and bargains as facts tell of them. What is touched is told anew from all of its facts, in a transaction that also takes the
 * touches: a worker that dies gives them back, and twice the same ends in the same.
 */
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { bargainTemplate, groupTemplate } from '@zhanggui/shared/groups/template.ts';
import { toldBargain, toldGroup, toldOfOurBargain, toldOfOurs } from '@zhanggui/shared/groups/told.ts';
import {
  dueTold,
  flagOurBargains,
  flagOurs,
  keepTold,
  linkBargainOrders,
  lockOurBargains,
  lockOurs,
  readOrderFlags,
  readTold,
  refsOfOrders,
  setAside,
  takeGroupTouches,
  writeTheirBargains,
  writeTheirs,
  type ToldRef,
} from '@zhanggui/shared/groups/told-store.ts';
import { isDataError, type Sql } from '@zhanggui/shared/platform/database.ts';
import { takeOver } from '@zhanggui/shared/stock/reservation-store.ts';
import { settleOrders } from '../groups/settle-orders.ts';
import { bookFreed } from '../stock/book-freed.ts';
import { handle } from '../job.ts';

const HOUR = 3_600_000;
/** Touches in one transaction, and groups and bargains whose time is up. */
const CHUNK = 200;

type Done = { groups: number; bargains: number; signals: number };
/** Touches of a transaction, as it goes on. */
type Taken = { nos: readonly number[] };

export default handle('fold-groups', async ({ sql, hints, queues, log, now }) => {
  const done: Done = { groups: 0, bargains: 0, signals: 0 };
  let most = CHUNK;
  for (let more = true; more;) {
    const taken: Taken = { nos: [] };
    try {
      more = await sql.begin((tx) => fold(tx, now, most, taken, done));
    } catch (error) {
      // What one fact makes impossible must not hold up all others: it is looked for, and set aside.
      if (!isDataError(error) || taken.nos.length === 0) throw error;
      if (taken.nos.length > 1) {
        most = taken.nos.length >> 1;
        continue;
      }
      const [no] = taken.nos;
      if (await setAside(sql, no!, error.message))
        log.error({ err: error, touch: no }, 'what is told of a group cannot be folded: set aside');
      most = CHUNK;
    }
  }
  if (done.groups + done.bargains === 0) return;
  hints.publish('groups', 'stock');
  if (done.signals > 0) await queues.add('assess-stock', { payload: {} });
  log.debug(done, 'groups and bargains told');
});

/** Folds what waits, `most` touches of it. Answers whether there may be more. */
async function fold(tx: Sql, now: Date, most: number, taken: Taken, done: Done): Promise<boolean> {
  const touches = await takeGroupTouches(tx, most);
  if (touches === null) return false;
  taken.nos = touches.nos;
  const refs = [
    ...(await keepTold(tx, touches.factSeqs)),
    ...(touches.orderIds.length > 0 ? await refsOfOrders(tx, touches.orderIds) : []),
    ...(await dueTold(tx, now, CHUNK)),
  ];
  const of = (kind: ToldRef['kind']) => [
    ...new Set(refs.filter((ref) => ref.kind === kind).map(({ ref }) => ref)),
  ];
  const [groups, bargains] = [of('group'), of('bargain')];
  const signals = (await foldGroups(tx, groups, now)) + (await foldBargains(tx, bargains, now));
  if (refs.length > 0) await noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] });
  done.groups += groups.length;
  done.bargains += bargains.length;
  done.signals += signals;
  return touches.nos.length === most || refs.length >= CHUNK;
}

/** Answers how many signals freed pieces left. */
async function foldGroups(tx: Sql, refs: readonly string[], now: Date): Promise<number> {
  if (refs.length === 0) return 0;
  const ours = await lockOurs(tx, refs);
  const known = new Map(ours.map((row) => [row.id, row]));
  const about = await readTold(tx, 'group', refs);
  await flagOurs(
    tx,
    about.flatMap(({ ref, facts }) => {
      const own = known.get(ref);
      return own ? [{ no: own.no, flags: toldOfOurs(facts, own) }] : [];
    }),
  );
  await writeTheirs(
    tx,
    about
      .filter(({ ref }) => !known.has(ref))
      .map((each) => {
        const terms = groupTemplate.safeParse(each.template).data;
        const told = { size: terms?.size ?? null, lifeMs: terms ? Math.round(terms.hours * HOUR) : null };
        return { about: each, told: toldGroup(each.facts, told, now.getTime()) };
      }),
  );
  // Also what was paid after the group was over.
  const { signals } = await settleOrders(
    tx,
    ours.map(({ no }) => no),
  );
  return signals;
}

async function foldBargains(tx: Sql, refs: readonly string[], now: Date): Promise<number> {
  if (refs.length === 0) return 0;
  const ours = await lockOurBargains(tx, refs);
  const known = new Map(ours.map((row) => [row.id, row]));
  const about = await readTold(tx, 'bargain', refs);
  await writeTheirBargains(
    tx,
    about
      .filter(({ ref }) => !known.has(ref))
      .map((each) => {
        const terms = bargainTemplate.safeParse(each.template).data;
        const told = terms ? { ...terms, lifeMs: Math.round(terms.hours * HOUR) } : null;
        return { about: each, told: toldBargain(each.facts, told, now.getTime()), terms: terms ?? null };
      }),
  );
  const nos = ours.map(({ no }) => no);
  const held = await linkBargainOrders(tx, nos);
  const ordered = await readOrderFlags(tx, nos);
  const facts = new Map(about.map((each) => [each.ref, each.facts]));
  await flagOurBargains(
    tx,
    ours.map(({ no, id, helpers }) => ({
      no,
      flags: [...toldOfOurBargain(facts.get(id) ?? [], helpers), ...(ordered.get(no) ?? [])].sort(),
    })),
  );
  return bookFreed(tx, await takeOver(tx, held));
}
