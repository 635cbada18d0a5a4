import { currencyOf } from '@zhanggui/shared/board/numbers.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { SettingsMessages } from '#lib/i18n/settings.zh-CN.ts';

/** How much one person decides about, in words. No 分 where there are none. */
export const limitText = (m: SettingsMessages['limit'], format: Format, minor: number): string =>
  minor === 0
    ? m.none
    : m.says(
        format.money(minor, minor % 10 ** currencyOf(format.currency).minorDigits === 0 ? 'whole' : 'exact'),
      );
