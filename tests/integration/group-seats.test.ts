/** Who gets a seat of a group-buy, and in which company: over HTTP, on real Postgres. */
import { describe, expect, it } from 'vitest';
import refreshMembers from '@zhanggui/workers/src/jobs/refresh-members.ts';
import { event } from '../support/books.ts';
import { groupCompany } from '../support/groups.ts';

const { at, get, running, opened, joins, member, post, tell, order, step, bought, work, expectSound } =
  groupCompany();

describe('commands that come at once', () => {
  it('and name the same order are decided one after the other, and hold up nobody beside them', async () => {
    await tell(
      event('in H', 'stock.received', Date.now(), {
        location: 'W01',
        ref: 'r',
        lines: [{ sku: 'H', qty: 50 }],
      }),
    );
    const id = await running('group', { location: 'W01', goods: [{ sku: 'H' }], size: 5 });
    const groups = await Promise.all([opened(id), opened(id), opened(id)]);
    const answers = await Promise.all([
      joins(groups[0]!.id, member(), { orderId: 'twice' }),
      joins(groups[1]!.id, member(), { orderId: 'twice' }),
      ...Array.from({ length: 6 }, (_, i) => joins(groups[i % 3]!.id)),
      post('/groups', { campaignId: id, memberId: member(), orderId: 'twice' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await get(`/groups/${groups[0]!.id}`)).members).toBe(4);
    await expectSound();
  });
});

describe('a group for newcomers', () => {
  const newcomers = async () => opened(await running('group', { newcomersOnly: true, size: 5 }));
  /** What is paid is in the profile, as it is some moments later. */
  const paid = async (who: string, ...events: object[]) => {
    await tell(...events);
    await work(refreshMembers);
    return (await at.server.sql<{ orders: number }[]>`select orders from member where id = ${who}`)[0]
      ?.orders;
  };

  it('lets in who has paid for this seat already, and nothing else', async () => {
    const one = await newcomers();
    const [byGroup, byOrder, regular, both] = [member(), member(), member(), member()];
    expect(await paid(byGroup, ...bought('n1', byGroup, one.id))).toBe(1);
    expect((await joins(one.id, byGroup)).status).toBe(201);
    expect(await paid(byOrder, order('n2', byOrder), step('n2', 'paid'))).toBe(1);
    expect((await joins(one.id, byOrder)).body.code).toBe('not_eligible');
    expect((await joins(one.id, byOrder, { orderId: 'n2' })).status).toBe(201);
    expect(await paid(regular, order('n3', regular), step('n3', 'paid'))).toBe(1);
    // Their order of this group is not counted yet, that of before is.
    await tell(...bought('n4', regular, one.id));
    expect((await joins(one.id, regular, { orderId: 'n4' })).body.code).toBe('not_eligible');
    expect(await paid(both, order('n5', both), step('n5', 'paid'), ...bought('n6', both, one.id))).toBe(2);
    expect((await joins(one.id, both)).body.code).toBe('not_eligible');
    await expectSound();
  });
});
