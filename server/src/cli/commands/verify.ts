import type { AddCommand } from '../program.ts';
export const verifyCommand: AddCommand = () => undefined;
