/** Which orders of a group-buy are paid back: over HTTP, with the workers' own jobs, on real Postgres. */
import { describe, expect, it } from 'vitest';
import chaseRefunds from '@zhanggui/workers/src/jobs/chase-refunds.ts';
import expireGroups from '@zhanggui/workers/src/jobs/expire-groups.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import { groupCompany, type Group, type Refund } from '../support/groups.ts';

const { get, running, opened, joins, leaves, member, tell, order, step, bought, work, expectSound } =
  groupCompany();

const refunds = async ({ id }: { id: string }) =>
  (await get<{ rows: Refund[] }>(`/refund-requests?groupId=${id}`)).rows
    .map(({ orderId, reason, amount }) => `${orderId} ${reason} ${amount}`)
    .sort();
const seats = async ({ id }: { id: string }, of: string) =>
  (await get(`/groups/${id}`)).seats
    .filter(({ memberId }) => memberId === of)
    .map(({ orderId, leftAt }) => [orderId, leftAt === null ? 'in' : 'left']);
/** What the workers do every few seconds. */
const settle = async () => {
  await work(foldGroups);
  await work(chaseRefunds);
};
/** A group whose leader is somebody else, and a member who is not in yet. */
async function group(size = 3): Promise<{ one: Group; who: string }> {
  return { one: await opened(await running('group', { size })), who: member() };
}

describe('an order belongs to one seat', () => {
  it('to the one that its member is in, not to one that they left before they paid', async () => {
    const { one, who } = await group();
    await joins(one.id, who);
    await leaves(one.id, who);
    await joins(one.id, who);
    await tell(...bought('a1', who, one.id));
    await settle();
    expect(await seats(one, who)).toEqual([
      [null, 'left'],
      ['a1', 'in'],
    ]);
    await joins(one.id);
    expect(await get(`/groups/${one.id}`)).toMatchObject({ state: 'formed' });
    await settle();
    expect(await refunds(one)).toEqual([]);
    await expectSound();
  });

  it('also where it was placed for the seat that was left, and is paid when its member is in again', async () => {
    const { one, who } = await group();
    await joins(one.id, who, { orderId: 'b1' });
    await tell(order('b1', who, { groupId: one.id }));
    await work(foldGroups);
    await leaves(one.id, who);
    await joins(one.id, who);
    await tell(step('b1', 'paid'));
    // Whichever job sees it first.
    await work(chaseRefunds);
    await settle();
    expect(await seats(one, who)).toEqual([
      [null, 'left'],
      ['b1', 'in'],
    ]);
    expect(await refunds(one)).toEqual([]);
    await expectSound();
  });

  it('and to the newer one where both seats name it', async () => {
    const { one, who } = await group();
    await joins(one.id, who, { orderId: 'c1' });
    await leaves(one.id, who);
    await joins(one.id, who, { orderId: 'c1' });
    await tell(order('c1', who), step('c1', 'paid'));
    await settle();
    expect(await refunds(one)).toEqual([]);
    await leaves(one.id, who);
    await settle();
    expect(await refunds(one)).toEqual(['c1 left 990']);
    await expectSound();
  });

  it('each of its own: what was paid for the seat that was left is paid back, what was paid for the new one is not', async () => {
    const { one, who } = await group();
    await joins(one.id, who);
    await tell(...bought('d1', who, one.id));
    await leaves(one.id, who);
    await joins(one.id, who);
    await tell(...bought('d2', who, one.id, 880));
    await settle();
    expect(await seats(one, who)).toEqual([
      ['d1', 'left'],
      ['d2', 'in'],
    ]);
    expect(await refunds(one)).toEqual(['d1 left 990']);
    await expectSound();
  });
});

describe('a payment that came before its member joined', () => {
  it('is of the seat that they take then', async () => {
    const { one, who } = await group(5);
    await tell(...bought('i1', who, one.id));
    await work(foldGroups);
    await joins(one.id, who);
    await work(foldGroups);
    expect(await seats(one, who)).toEqual([['i1', 'in']]);
    await leaves(one.id, who);
    await settle();
    expect(await refunds(one)).toEqual(['i1 left 990']);
    // They are in again, with an order that is paid back already: that one is not of the new seat.
    await joins(one.id, who);
    await settle();
    expect(await seats(one, who)).toEqual([
      ['i1', 'left'],
      [null, 'in'],
    ]);
    await expectSound();
  });

  it('a second one is paid back too when they leave, though no seat has it', async () => {
    const { one, who } = await group(5);
    await joins(one.id, who, { orderId: 'j1' });
    await tell(order('j1', who, { groupId: one.id }), ...bought('j2', who, one.id, 880));
    await settle();
    await leaves(one.id, who);
    await settle();
    expect(await refunds(one)).toEqual(['j2 left 880']);
    await expectSound();
  });
});

describe('a group that expires pays back', () => {
  it('the order that took the place of one that was called off, or never placed', async () => {
    const { one, who } = await group(4);
    await joins(one.id, who);
    await tell(order('e1', who, { groupId: one.id }));
    await settle();
    await tell(step('e1', 'cancelled'), ...bought('e2', who, one.id));
    const other = member();
    await joins(one.id, other, { orderId: 'never' });
    await tell(...bought('f1', other, one.id, 880));
    // Also where nobody has looked at the orders before it ends.
    await work(expireGroups, 25);
    expect(await refunds(one)).toEqual(['e2 expired 990', 'f1 expired 880']);
    await settle();
    expect(await seats(one, who)).toEqual([['e2', 'in']]);
    expect(await seats(one, other)).toEqual([['f1', 'in']]);
    expect(await refunds(one)).toEqual(['e2 expired 990', 'f1 expired 880']);
    await expectSound();
  });

  it('each order that was paid, also the second one of a member, once', async () => {
    const { one, who } = await group();
    await joins(one.id, who, { orderId: 'g1' });
    await tell(order('g1', who), step('g1', 'paid'), ...bought('g2', who, one.id, 880));
    await settle();
    expect(await refunds(one)).toEqual([]);
    await work(expireGroups, 25);
    await settle();
    expect(await refunds(one)).toEqual(['g1 expired 990', 'g2 expired 880']);
    // The seat shows what it holds; the list has all.
    expect((await get(`/groups/${one.id}`)).seats).toHaveLength(2);
    await tell(...bought('g3', who, one.id, 770));
    await settle();
    expect(await refunds(one)).toEqual(['g1 expired 990', 'g2 expired 880', 'g3 expired 770']);
    await expectSound();
  });

  it('also to who left it, and nobody who never was in', async () => {
    const { one, who } = await group();
    await joins(one.id, who);
    await tell(...bought('h1', who, one.id), ...bought('h2', who, one.id, 880));
    await tell(...bought('h3', member(), one.id));
    await settle();
    await leaves(one.id, who);
    await settle();
    expect(await refunds(one)).toEqual(['h1 left 990', 'h2 left 880']);
    await work(expireGroups, 25);
    await settle();
    expect(await refunds(one)).toHaveLength(2);
    await expectSound();
  });
});
