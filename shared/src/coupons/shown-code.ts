/** A code as people read it: groups of five. Apart from the rest of codes, which screens cannot load. */
export const shownCode = (code: string): string => code.match(/.{1,5}/g)?.join('-') ?? code;
