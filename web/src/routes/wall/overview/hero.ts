export type HeroNumber =
  /** Net sales in minor units. */
  | { kind: 'money'; value: number | null }
  /** Share of the target reached, where amounts are withheld. */
  | { kind: 'reached'; value: number | null }
  /** 100 is yesterday at the same time, where amounts are withheld and there is no target. */
  | { kind: 'index'; value: number | null };

/** What stands largest on the wall. Money withheld is replaced by what can be told without it, never by zero. */
export function heroNumber(of: {
  hideMoney: boolean;
  net: number | null;
  reached: number | null;
  vsYesterday: number | null;
}): HeroNumber {
  if (!of.hideMoney) return { kind: 'money', value: of.net };
  if (of.reached !== null) return { kind: 'reached', value: of.reached };
  return { kind: 'index', value: of.vsYesterday === null ? null : Math.round((of.vsYesterday + 1) * 100) };
}
