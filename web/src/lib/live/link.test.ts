import { beforeEach, describe, expect, it } from 'vitest';
import { FakeServer } from '#lib/testing/fake-socket.ts';
import { HandTimers } from '#lib/testing/timers.ts';
import { LiveLink } from './link.svelte.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
let time: HandTimers;
let server: FakeServer;
let link: LiveLink;
const serverNow = () => START + time.now();
/** Pulses once a second, as a live server does. */
const live = (seconds: number) => {
  for (let i = 0; i < seconds; i++) {
    time.pass(1000);
    server.last.pulse(serverNow());
  }
};

beforeEach(() => {
  time = new HandTimers();
  server = new FakeServer();
  link = new LiveLink(server.open, time, () => 0.5);
});

describe('connecting', () => {
  it('asks for what is watched, also for what was watched before it was up', () => {
    link.watch('sales', 'all');
    link.start();
    link.watch('stores', 'all');
    expect(server.last.asked).toEqual([
      { topic: 'sales', scope: 'all' },
      { topic: 'stores', scope: 'all' },
    ]);
  });
  it('is neither online nor lost before the first pulse', () => {
    link.start();
    expect([link.online, link.everOnline, link.lostAt]).toEqual([false, false, null]);
  });
  it('gives up an attempt that hangs, and tries again', () => {
    server.door = 'silent';
    link.start();
    time.pass(6000);
    expect(server.sockets.length).toBeGreaterThan(1);
  });
  it('waits longer after each failure', () => {
    server.door = 'closed';
    link.start();
    time.pass(60_000);
    expect(server.sockets.length).toBeGreaterThan(5);
    expect(server.sockets.length).toBeLessThan(20);
  });
  it('stops when nobody is signed in: only a person can help', () => {
    server.door = 'unauthenticated';
    link.start();
    time.pass(60_000);
    expect(link.ended).toBe('unauthenticated');
    expect(server.sockets).toHaveLength(1);
  });
});

describe('a link on which nothing is heard', () => {
  it('is offline within three seconds although nothing closed it, and connects anew', () => {
    link.start();
    live(5);
    expect(link.online).toBe(true);
    const heard = serverNow();
    time.pass(3400);
    expect(link.online).toBe(false);
    expect(Math.abs(link.lostAt! - heard)).toBeLessThan(10);
    expect(server.sockets.length).toBeGreaterThan(1);
  });
  it('keeps the last values, and knows how old they are', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', data: { 'curve:1': 7 } });
    live(3);
    const asOf = topic.asOf;
    server.door = 'closed';
    server.last.drop();
    time.pass(20_000);
    expect(topic.get('curve:1')).toBe(7);
    expect(topic.asOf).toBe(asOf);
  });
  it('is online again with the right numbers', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', seq: 40, data: { 'curve:1': 7, 'curve:2': 8 } });
    live(2);
    server.last.drop();
    time.pass(2000);
    server.last.snapshot({ topic: 'sales', epoch: 'b', seq: 0, data: { 'curve:1': 9 } });
    live(1);
    time.pass(200);
    expect([topic.get('curve:1'), topic.get('curve:2')]).toEqual([9, undefined]);
    expect([link.online, link.lostAt]).toEqual([true, null]);
  });
  it('hears nothing from a socket that was given up', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    const old = server.last;
    live(1);
    old.drop();
    time.pass(2000);
    old.snapshot({ topic: 'sales', data: { 'curve:1': 1 } });
    time.pass(200);
    expect(topic.arrived).toBe(false);
  });
});

describe('a topic', () => {
  it('shows the headline of a sale at once, and the rest soon after', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', data: { today: 1, 'curve:1': 1 } });
    live(1);
    server.last.delta({ topic: 'sales', from: 0, to: 1, put: { today: 2, 'curve:1': 2 } });
    expect([topic.get('today'), topic.get('curve:1')]).toEqual([2, 1]);
    time.pass(500);
    expect([topic.get('today'), topic.get('curve:1')]).toEqual([2, 2]);
  });
  it('that missed a delta asks once for a snapshot, and takes it', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', data: { 'curve:1': 1 } });
    live(4);
    server.last.delta({ topic: 'sales', from: 1, to: 2, put: { 'curve:1': 3 } });
    server.last.delta({ topic: 'sales', from: 2, to: 3, put: { 'curve:1': 4 } });
    expect(server.last.asked).toHaveLength(2);
    const asOf = topic.asOf;
    live(1);
    expect(topic.asOf).toBe(asOf);
    server.last.snapshot({ topic: 'sales', seq: 3, data: { 'curve:1': 4 } });
    live(1);
    expect(topic.get('curve:1')).toBe(4);
    expect(topic.asOf).toBe(serverNow());
  });
  it('asks again when the snapshot does not come', () => {
    link.watch('sales', 'all');
    link.start();
    live(8);
    expect(server.last.asked.length).toBeGreaterThan(1);
  });
  it('is confirmed by every pulse: nothing changed, and that is known', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', data: {} });
    live(30);
    expect(topic.asOf).toBe(serverNow());
  });
  it('grows old while the server cannot read the ledger', () => {
    const { topic } = link.watch('sales', 'all');
    link.start();
    server.last.snapshot({ topic: 'sales', data: {} });
    live(2);
    const looked = serverNow();
    for (let i = 0; i < 10; i++) {
      time.pass(1000);
      server.last.pulse(serverNow(), { looked: new Date(looked).toISOString() });
    }
    expect(link.online).toBe(true);
    expect(topic.asOf).toBe(looked);
  });
  it('is left when the last of its watchers goes', () => {
    const first = link.watch('sales', 'store:SH01');
    const second = link.watch('sales', 'store:SH01');
    link.start();
    first.release();
    first.release();
    expect(server.last.left).toEqual([]);
    second.release();
    expect(server.last.left).toEqual([{ topic: 'sales', scope: 'store:SH01' }]);
  });
  it('that may not be seen says why', () => {
    link.start();
    server.last.answer = { ok: false, code: 'outside_scope' };
    expect(link.watch('sales', 'store:BJ01').topic.refused).toBe('outside_scope');
  });
});

it('asks anew for everything after sleep', () => {
  link.watch('sales', 'all');
  link.start();
  server.last.snapshot({ topic: 'sales', data: {} });
  live(2);
  time.sleep(60_000);
  link.check();
  time.pass(1000);
  expect(server.sockets).toHaveLength(2);
  expect(server.last.asked).toHaveLength(1);
});

it('ends when it is revoked', () => {
  link.start();
  live(1);
  server.last.say('revoked');
  server.last.drop();
  time.pass(60_000);
  expect(link.ended).toBe('revoked');
  expect(server.sockets).toHaveLength(1);
});

it('leaves no timer behind when it is stopped', () => {
  link.start();
  live(1);
  link.stop();
  expect(time.waiting).toBe(0);
});
