import { render } from '@testing-library/svelte';
import { flushSync, type Component } from 'svelte';
import type { BoardValue, Topic } from '@zhanggui/shared/contract/board.ts';
import type { Hello } from '@zhanggui/shared/contract/socket.ts';
import { Format } from '#lib/format/format.svelte.ts';
import { I18n } from '#lib/i18n/i18n.svelte.ts';
import { LiveLink } from '#lib/live/link.svelte.ts';
import type { Screen } from '#lib/screen.ts';
import { FakeServer } from './fake-socket.ts';
import { HandTimers } from './timers.ts';
import OnScreen from './OnScreen.svelte';

/** What the server's clock says when the test begins: 20:41:07 in Shanghai. */
export const NOW = Date.parse('2026-11-23T12:41:07Z');

const wall: Extract<Hello, { kind: 'wall' }> = {
  kind: 'wall',
  company: { currency: 'CNY', timeZone: 'Asia/Shanghai', demo: false },
  name: '总部一楼',
  scenes: ['overview'],
  scope: 'all',
  hideMoney: false,
  locale: 'zh-CN',
  rotateSeconds: 30,
  sound: false,
};

/** A screen with its server's end in the test's hand, and time that moves only when told. */
export class TestScreen implements Screen {
  readonly time = new HandTimers();
  readonly server = new FakeServer();
  readonly link = new LiveLink(this.server.open, this.time, () => 0.5);
  readonly i18n = new I18n();
  readonly format = new Format(this.i18n, () => this.link.hello?.company ?? null);
  hideMoney = false;
  #began = this.time.now();

  constructor(hello: Partial<Extract<Hello, { kind: 'wall' }>> = {}, door: FakeServer['door'] = 'open') {
    this.hideMoney = hello.hideMoney ?? false;
    this.server.door = door;
    this.link.start();
    if (door !== 'open') return;
    this.server.last.say('hello', { ...wall, ...hello });
    this.pulse();
  }

  /** The server's clock. */
  get now(): number {
    return NOW + this.time.now() - this.#began;
  }
  pulse(looked = this.now): void {
    this.server.last.pulse(this.now, { looked: new Date(looked).toISOString() });
    flushSync();
  }
  /** A live server, for so long. */
  live(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.time.pass(1000);
      this.pulse();
    }
  }
  /** Nothing is heard, for so long. */
  silence(seconds: number): void {
    this.server.door = 'silent';
    for (let i = 0; i < seconds; i++) this.time.pass(1000);
    flushSync();
  }
  snapshot(topic: Topic, data: Record<string, BoardValue>): void {
    this.server.last.snapshot({ topic, data, at: new Date(this.now).toISOString() });
    this.time.pass(200);
    flushSync();
  }
  draw<Props extends Record<string, unknown>>(of: Component<Props>, props: Props) {
    const drawn = render(OnScreen<Props>, { props: { screen: this, of, given: props } });
    flushSync();
    return drawn;
  }
}
