import { describe, expect, it } from 'vitest';
import { topics } from '../contract/board.ts';
import { scenes } from '../contract/words.ts';
import {
  isScope,
  may,
  maySee,
  maySeeMoney,
  maySubscribe,
  permissions,
  sceneTopics,
  scopesOf,
  sightOf,
  type Permission,
  type UserIdentity,
  type WallIdentity,
  type Who,
} from './permissions.ts';

const user = (role: UserIdentity['role'], locations: string[] = [], regions: string[] = []): Who => ({
  kind: 'user',
  id: '1',
  email: 'a@b',
  name: 'a',
  role,
  locations,
  regions,
});
const key = (...scopes: ('ingest' | 'read' | 'command')[]): Who => ({
  kind: 'key',
  id: '1',
  name: 'k',
  scopes,
});
const wall = (more: Partial<WallIdentity> = {}): Who => ({
  kind: 'wall',
  id: '1',
  name: 'w',
  scenes: ['overview'],
  scope: 'all',
  hideMoney: false,
  locale: 'en',
  rotateSeconds: 30,
  sound: false,
  ...more,
});
const anonymous: Who = { kind: 'anonymous' };
const all = Object.keys(permissions) as Permission[];

describe('the table', () => {
  it('gives strangers nothing but what is public', () => {
    expect(all.filter((permission) => may(anonymous, permission))).toEqual(['public']);
  });

  it('gives walls nothing but the board', () => {
    expect(all.filter((permission) => may(wall(), permission))).toEqual([
      'public',
      'company.read',
      'board.read',
    ]);
  });

  it('gives a key what its scopes give, together and no more', () => {
    const of = (...scopes: ('ingest' | 'read' | 'command')[]) =>
      all.filter((permission) => may(key(...scopes), permission));
    expect(of('ingest')).toEqual(['public', 'company.read', 'events.write']);
    expect(new Set(of('ingest', 'read', 'command'))).toEqual(
      new Set([...of('ingest'), ...of('read'), ...of('command')]),
    );
  });

  it('lets administrators manage, and nobody else, no key either', () => {
    // A rule about approvals is the company's business, not the system's: its own software may set it.
    const managing = all.filter(
      (permission) =>
        (permission.endsWith('.manage') && permission !== 'approvals.manage') || permission === 'audit.read',
    );
    expect(managing).toHaveLength(6);
    for (const permission of managing) {
      expect(may(user('admin'), permission)).toBe(true);
      for (const who of [
        user('viewer'),
        user('manager', ['S1']),
        user('marketer'),
        key('ingest', 'read', 'command'),
        wall(),
      ])
        expect(may(who, permission)).toBe(false);
    }
  });
});

describe('what a manager sees', () => {
  const manager = user('manager', ['S1'], ['EAST']);

  it('are their stores and all of their regions', () => {
    expect(maySee(manager, { code: 'S1', region: 'WEST' })).toBe(true);
    expect(maySee(manager, { code: 'S2', region: 'EAST' })).toBe(true);
    expect(maySee(manager, { code: 'S2', region: 'WEST' })).toBe(false);
    expect(maySee(manager, { code: 'S2', region: null })).toBe(false);
    expect(maySee(manager, { code: 'EAST', region: null })).toBe(false);
    expect(scopesOf(manager)).toEqual(['region:EAST', 'store:S1']);
  });

  it('is nothing without any', () => {
    expect(sightOf(user('manager'))).toEqual({ locations: [], regions: [] });
    expect(scopesOf(user('manager'))).toEqual([]);
  });

  it('does not limit other roles, whatever is written there', () => {
    expect(sightOf(user('viewer', ['S1']))).toBe('all');
  });

  it('is nothing for a key that only sends facts', () => {
    expect(maySee(key('ingest'), { code: 'S1', region: null })).toBe(false);
    expect(maySee(key('read'), { code: 'S1', region: null })).toBe(true);
  });
});

describe('subscribing', () => {
  it('follows what someone sees', () => {
    const manager = user('manager', ['S1'], ['EAST']);
    expect(maySubscribe(manager, 'sales', 'all', null)).toBe(false);
    expect(maySubscribe(manager, 'sales', 'region:EAST', null)).toBe(true);
    expect(maySubscribe(manager, 'sales', 'region:WEST', null)).toBe(false);
    expect(maySubscribe(manager, 'sales', 'store:S1', 'WEST')).toBe(true);
    expect(maySubscribe(manager, 'sales', 'store:S2', 'EAST')).toBe(true);
    expect(maySubscribe(manager, 'sales', 'store:S2', 'WEST')).toBe(false);
    expect(maySubscribe(user('viewer'), 'sales', 'store:S2', null)).toBe(true);
  });

  it('gives a region’s wall the region’s stores, and not the company', () => {
    const east = wall({ scope: 'region:EAST' });
    expect(maySubscribe(east, 'stores', 'region:EAST', null)).toBe(true);
    expect(maySubscribe(east, 'stores', 'store:S2', 'EAST')).toBe(true);
    expect(maySubscribe(east, 'stores', 'all', null)).toBe(false);
  });

  it('gives health, which is about no store, to every board reader, as a whole', () => {
    for (const who of [user('manager', ['S1']), wall({ scope: 'store:S1' }), key('read')]) {
      expect(maySubscribe(who, 'health', 'all', null)).toBe(true);
      expect(maySubscribe(who, 'health', 'store:S1', null)).toBe(false);
    }
    expect(maySubscribe(key('ingest'), 'health', 'all', null)).toBe(false);
    expect(maySubscribe(anonymous, 'health', 'all', null)).toBe(false);
  });

  it('gives a wall the topics of its scenes only', () => {
    expect(maySubscribe(wall({ scenes: [] }), 'sales', 'all', null)).toBe(false);
    for (const scene of scenes)
      for (const topic of topics)
        expect(maySubscribe(wall({ scenes: [scene] }), topic, 'all', null)).toBe(
          sceneTopics[scene].includes(topic),
        );
  });
});

describe('scopes and money', () => {
  it('are well formed or not', () => {
    for (const good of ['all', 'region:EAST', 'store:S:1', 'store:人民广场'])
      expect(isScope(good)).toBe(true);
    for (const bad of ['', 'ALL', 'store:', 'shop:1', 'store:a\nb', `store:${'x'.repeat(65)}`])
      expect(isScope(bad)).toBe(false);
  });

  it('hides money on the walls that hide it, and from strangers', () => {
    expect(maySeeMoney(wall())).toBe(true);
    expect(maySeeMoney(wall({ hideMoney: true }))).toBe(false);
    expect(maySeeMoney(user('viewer'))).toBe(true);
    expect(maySeeMoney(anonymous)).toBe(false);
  });
});
