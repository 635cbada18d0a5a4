import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import MemberView from './[id]/MemberView.svelte';
import type { Member, PointEntry } from './member.ts';

const member: Member = {
  id: 'M1',
  name: '王芳',
  phone: '138****8000',
  level: '金卡',
  tags: ['老街坊'],
  autoTags: ['frequent', 'jade'],
  orders: 12,
  net: 1_234_500,
  points: 900,
  lastOrderAt: '2026-11-20T04:00:00Z',
  lastSeenAt: '2026-11-20T04:00:00Z',
  forgottenAt: null,
  mail: 'w***@mail.example',
  joinedAt: null,
  birthday: '1990-02-28',
  consents: { sms: true, mail: false },
  units: 30,
  refunded: 0,
  averageTicket: 102_875,
  firstOrderAt: '2025-11-20T04:00:00Z',
  gapDays: 33,
  discountShare: 12,
  favouriteCategory: 'C1',
  favouriteChannel: 'live',
  favouriteStore: 'S1',
  lastVisitAt: null,
  recencyScore: 5,
  frequencyScore: 4,
  moneyScore: 4,
  ticketScore: 2,
  latestOrders: [
    {
      orderId: 'o1',
      placedAt: '2026-11-20T04:00:00Z',
      channel: 'live',
      store: 'S1',
      units: 2,
      total: 5_000,
      refunded: 1_000,
      state: 'paid',
    },
  ],
};

const entries: PointEntry[] = [
  {
    no: 3,
    kind: 'given',
    ref: 'desk-1f',
    delta: -50,
    reason: '发多了',
    at: '2026-11-22T04:00:00Z',
    createdBy: '王芳',
  },
  { no: 2, kind: 'order', ref: 'o9', delta: 40, reason: null, at: '2026-11-20T04:00:00Z', createdBy: null },
];

/** `spentElsewhere`: by a till, since the page was opened. */
function server(spentElsewhere = 0) {
  let now: Member = member;
  return new FakeApi(({ method, address, body }) => {
    if (method === 'PUT' && address.endsWith('/tags')) {
      now = { ...now, tags: (body as { tags: string[] }).tags };
      return { body: now };
    }
    if (method === 'PUT' && address.endsWith('/consents')) {
      const said = Object.entries({ ...now.consents, ...(body as { consents: object }).consents });
      now = { ...now, consents: Object.fromEntries(said.filter(([, given]) => given !== null)) };
      return { body: now };
    }
    if (method === 'POST' && address.endsWith('/forget')) {
      now = {
        ...now,
        name: null,
        phone: null,
        mail: null,
        birthday: null,
        tags: [],
        consents: {},
        forgottenAt: '2026-11-23T04:00:00Z',
      };
      return { status: 204 };
    }
    if (method === 'POST' && address.includes('/points/')) {
      const { points } = body as { points: number };
      const delta = address.endsWith('/spend') ? -points : points;
      now = { ...now, points: now.points - spentElsewhere };
      spentElsewhere = 0;
      if (now.points + delta < 0) return { status: 409, body: { code: 'insufficient_points' } };
      now = { ...now, points: now.points + delta };
      return { body: { points: now.points } };
    }
    if (address.startsWith('/api/v1/members/M1/points')) return { body: { rows: entries, nextCursor: null } };
    if (address === '/api/v1/members/M1') return { body: now };
    if (address.endsWith('/tag-rules'))
      return { body: { rows: [{ tag: 'jade', nameZh: '玉会员', nameEn: 'Jade' }] } };
    return { body: { rows: [], nextCursor: null } };
  });
}

describe('a member', () => {
  it('shows what they are worth, and takes a tag that can be taken back', async () => {
    const api = server();
    await drawDesk(api, MemberView, { id: 'M1' }, 'marketer');
    expect(await screen.findByRole('heading', { name: '王芳' })).toBeTruthy();
    expect(screen.getByText('138****8000', { exact: false })).toBeTruthy();
    expect(await screen.findByText('玉会员')).toBeTruthy();
    expect(screen.getByText('常来')).toBeTruthy();
    // Whoever may not forget is not offered it.
    expect(screen.queryByRole('button', { name: '遗忘此人' })).toBeNull();

    const input = screen.getByLabelText('加标签');
    await fireEvent.input(input, { target: { value: ' 茶友 ' } });
    await fireEvent.submit(input);
    expect(await screen.findByText('茶友')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: '去掉标签 老街坊' }));
    await expect
      .poll(() => api.sent('PUT').map(({ body }) => body))
      .toEqual([{ tags: ['老街坊', '茶友'] }, { tags: ['茶友'] }]);
    await fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
    await expect.poll(() => api.sent('PUT').at(-1)?.body).toEqual({ tags: ['老街坊', '茶友'] });
  });

  it('is asked what they agree to, medium by medium; who may not note it sees what they said', async () => {
    const api = server();
    const drawn = await drawDesk(api, MemberView, { id: 'M1' }, 'manager');
    const answer = async (medium: string, name: string) =>
      within(await screen.findByRole('radiogroup', { name: medium })).getByLabelText(name);
    expect(await answer('短信', '同意')).toHaveProperty('checked', true);
    expect(await answer('邮件', '不同意')).toHaveProperty('checked', true);
    expect(await answer('微信', '没问过')).toHaveProperty('checked', true);
    await fireEvent.click(await answer('微信', '同意'));
    await fireEvent.click(await screen.findByRole('button', { name: '撤销' }));
    await expect
      .poll(() => api.sent('PUT').map(({ body }) => body))
      .toEqual([{ consents: { wechat: true } }, { consents: { wechat: null } }]);
    expect(await answer('微信', '没问过')).toHaveProperty('checked', true);
    drawn.unmount();
    await drawDesk(server(), MemberView, { id: 'M1' }, 'viewer');
    expect(await screen.findByText('短信 同意')).toBeTruthy();
    expect(screen.queryByRole('radiogroup', { name: '短信' })).toBeNull();
  });

  it('is forgotten only after the question, and then has no name, but its numbers', async () => {
    const api = server();
    await drawDesk(api, MemberView, { id: 'M1' }, 'admin');
    await fireEvent.click(await screen.findByRole('button', { name: '遗忘此人' }));
    expect(api.sent('POST')).toEqual([]);
    await fireEvent.click(screen.getByRole('button', { name: '遗忘' }));
    expect(await screen.findByRole('heading', { name: '已遗忘' })).toBeTruthy();
    expect(screen.queryByText('王芳')).toBeNull();
    expect(screen.queryByLabelText('加标签')).toBeNull();
    expect(screen.getByText('o1')).toBeTruthy();
  });
});

describe('points of a member', () => {
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
  const dialog = () => within(screen.getByRole('dialog', { hidden: true }));
  const type = (label: string, value: string) =>
    fireEvent.input(dialog().getByLabelText(label), { target: { value } });
  const part = () => screen.getByRole('region', { name: '积分' });
  const yes = (name: string) => fireEvent.click(dialog().getByText(name, { selector: 'button' }));

  it('are listed with who booked them, given with a reason and taken back, never more than there are', async () => {
    const api = server();
    await drawDesk(api, MemberView, { id: 'M1' }, 'admin');
    await expect.poll(() => screen.queryByText('王芳 经手')).toBeTruthy();
    expect(part().textContent).toMatch(/收回\s*· 发多了/);
    expect(part().textContent).not.toContain('desk-');
    await press('发放或收回');
    await yes('发放');
    expect(dialog().getByText('请填 1 以上的整数')).toBeTruthy();
    expect(dialog().getByText('请填原因')).toBeTruthy();
    await type('多少分', '1,000');
    await type('原因', ' 补发 ');
    expect(dialog().getByText(/现有 900 分/).textContent).toContain('之后 1,900 分');
    // Twice at once is sent once; sent again it would have the same name.
    const button = dialog().getByText('发放', { selector: 'button' });
    void fireEvent.click(button);
    await fireEvent.click(button);
    expect(await screen.findByText('已发放 1,000 分')).toBeTruthy();
    expect(part().textContent).toContain('1,900');
    const [sent, ...more] = api.sent('POST');
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ address: '/api/v1/members/M1/points/give' });
    expect(sent?.body).toEqual({ points: 1000, ref: `desk-${sent?.key}`, reason: '补发' });

    await press('发放或收回');
    await fireEvent.click(dialog().getByLabelText('收回'));
    await type('多少分', '1901');
    await type('原因', '弄错了');
    expect(dialog().getByText('只有 1,900 分')).toBeTruthy();
    await yes('收回');
    expect(api.sent('POST')).toHaveLength(1);
    await type('多少分', '900');
    await yes('收回');
    expect(await screen.findByText('已收回 900 分')).toBeTruthy();
    expect(api.sent('POST')[1]?.body).toMatchObject({ points: -900, reason: '弄错了' });
    expect(api.sent('POST')[1]?.key).not.toBe(sent?.key);
  });

  it('are spent by a manager, who is told how many are left where a till was faster', async () => {
    const api = server(500);
    await drawDesk(api, MemberView, { id: 'M1' }, 'manager');
    await expect.poll(() => screen.queryByRole('button', { name: '使用积分' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: '发放或收回' })).toBeNull();
    await press('使用积分');
    await type('多少分', '600');
    await yes('使用');
    expect(await screen.findByText('只有 400 分')).toBeTruthy();
    await type('多少分', '400');
    await yes('使用');
    expect(await screen.findByText('已使用 400 分')).toBeTruthy();
    const sent = api.sent('POST');
    expect(sent.map(({ body }) => (body as { points: number }).points)).toEqual([600, 400]);
    expect(sent[1]).toMatchObject({ address: '/api/v1/members/M1/points/spend', key: sent[0]?.key });
    expect(sent[1]?.body).not.toHaveProperty('reason');
  });

  it('are only looked at by a marketer', async () => {
    await drawDesk(server(), MemberView, { id: 'M1' }, 'marketer');
    await expect.poll(() => screen.queryByText('王芳 经手')).toBeTruthy();
    for (const name of ['使用积分', '发放或收回']) expect(screen.queryByRole('button', { name })).toBeNull();
  });
});
