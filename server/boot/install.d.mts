/** Types of install.mjs, which is plain JavaScript because it runs on Nodes that know no types. */
export const root: string;
export function ready(): Promise<string>;
export function takeTurn(name: string): Promise<() => void>;
